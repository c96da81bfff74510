//! Reading the flat settings of a node, one member at a time, with every problem at its JSON pointer.

use super::{
    Diagnostic,
    names::{Names, Spot},
    report::Place,
};
use crate::{
    calendar::{self, Business, Duration, Elapsed},
    expr::Expression,
    template::Template,
};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// The members of one object of a draft.
pub(super) struct Fields<'a> {
    pub(super) names: &'a Names<'a>,
    pub(super) place: Place<'a>,
    /// The node whose turn it is when these settings are read.
    pub(super) node: Option<&'a str>,
    pointer: String,
    map: &'a Map<String, Value>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    pub(super) fn of_node(names: &'a Names<'a>, node: &'a crate::draft::Node) -> Self {
        let (place, pointer) = (Place::Node(&node.id), String::new());
        let known = RefCell::default();
        Self { names, place, node: Some(&node.id), pointer, map: &node.settings, known }
    }

    pub(super) fn of_draft(
        names: &'a Names<'a>,
        member: &str,
        map: &'a Map<String, Value>,
    ) -> Self {
        let pointer = format!("/{member}");
        Self { names, place: Place::Draft, node: None, pointer, map, known: RefCell::default() }
    }

    pub(super) fn pointer(&self, member: &str) -> String {
        format!("{}/{}", self.pointer, member.replace('~', "~0").replace('/', "~1"))
    }

    pub(super) fn spot<'s>(&'s self, field: &'s str, roots: &'s [&'s str]) -> Spot<'s> {
        Spot { place: self.place, node: self.node, field, roots }
    }

    pub(super) fn error(&self, code: &str, member: &str, message: impl Into<String>) {
        let field = self.pointer(member);
        self.names.report.add(Diagnostic::error(code, self.place, message).on(field));
    }

    pub(super) fn warning(&self, code: &str, member: &str, message: impl Into<String>) {
        let field = self.pointer(member);
        self.names.report.add(Diagnostic::warning(code, self.place, message).on(field));
    }

    /// The member's value; null is as good as absent.
    pub(super) fn get(&self, member: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().push(member);
        self.map.get(member).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &self,
        member: &'static str,
        what: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(member)?;
        let read = read(value);
        if read.is_none() {
            self.error("wrong-type", member, format!("'{member}' must be {what}."));
        }
        read
    }

    pub(super) fn text(&self, member: &'static str) -> Option<&'a str> {
        self.typed(member, "text", Value::as_str)
    }

    /// A text that must be there and not be empty.
    pub(super) fn needed_text(&self, member: &'static str, why: &str) -> Option<&'a str> {
        let text = self.text(member);
        if self.map.get(member).is_none_or(Value::is_null) || text == Some("") {
            self.error("missing-member", member, format!("'{member}' is missing: {why}."));
            return None;
        }
        text
    }

    pub(super) fn flag(&self, member: &'static str) -> Option<bool> {
        self.typed(member, "true or false", Value::as_bool)
    }

    pub(super) fn number(&self, member: &'static str) -> Option<f64> {
        self.typed(member, "a number", Value::as_f64)
    }

    pub(super) fn count(&self, member: &'static str) -> Option<u64> {
        self.typed(member, "a whole number", Value::as_u64)
    }

    /// A JSON Schema: an object.
    pub(super) fn schema(&self, member: &'static str) -> Option<Value> {
        self.typed(member, "a JSON Schema object", |value| value.is_object().then(|| value.clone()))
    }

    pub(super) fn object(&self, member: &'static str) -> Option<Fields<'a>> {
        let map = self.typed(member, "an object", Value::as_object)?;
        Some(self.within(member, map))
    }

    fn within(&self, member: &str, map: &'a Map<String, Value>) -> Fields<'a> {
        let pointer = self.pointer(member);
        Fields { pointer, map, known: RefCell::default(), ..*self }
    }

    /// The objects of a list; what is no object is reported and left out.
    pub(super) fn objects(&self, member: &'static str) -> Option<Vec<Fields<'a>>> {
        let items = self.typed(member, "a list", Value::as_array)?;
        let mut objects = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let at = format!("{member}/{place}");
            if let Some(map) = item.as_object() {
                let pointer = format!("{}/{at}", self.pointer);
                objects.push(Fields { pointer, map, known: RefCell::default(), ..*self });
            } else {
                let field = format!("{}/{at}", self.pointer);
                let message = format!("Each of '{member}' must be an object.");
                self.names
                    .report
                    .add(Diagnostic::error("wrong-type", self.place, message).on(field));
            }
        }
        Some(objects)
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, member: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let word = self.text(member)?;
        let chosen = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.error(
                "bad-value",
                member,
                format!("'{member}' cannot be '{word}'; it is one of {}.", words.join(", ")),
            );
        }
        chosen
    }

    pub(super) fn expression(&self, member: &'static str, roots: &[&str]) -> Option<Expression> {
        let source = self.text(member)?;
        self.names.expression(source, self.spot(&self.pointer(member), roots))
    }

    /// An expression that must be there.
    pub(super) fn needed_expression(
        &self,
        member: &'static str,
        why: &str,
        roots: &[&str],
    ) -> Option<Expression> {
        self.needed_text(member, why)?;
        self.expression(member, roots)
    }

    /// The texts of a list.
    pub(super) fn texts(&self, member: &'static str) -> Option<Vec<&'a str>> {
        let all = |items: &'a Vec<Value>| items.iter().map(Value::as_str).collect();
        self.typed(member, "a list of texts", |value| value.as_array().and_then(all))
    }

    /// The expressions of a list.
    pub(super) fn expressions(
        &self,
        member: &'static str,
        roots: &[&str],
    ) -> Option<Vec<Expression>> {
        let sources = self.texts(member)?;
        let pointer = self.pointer(member);
        let read = |(place, source): (usize, &&str)| {
            self.names.expression(source, self.spot(&format!("{pointer}/{place}"), roots))
        };
        let read: Vec<_> = sources.iter().enumerate().map(read).collect();
        read.into_iter().collect()
    }

    pub(super) fn condition(&self, member: &'static str, roots: &[&str]) -> Option<Expression> {
        let source = self.text(member)?;
        self.names.condition(source, self.spot(&self.pointer(member), roots))
    }

    pub(super) fn template(&self, member: &'static str, roots: &[&str]) -> Option<Template> {
        let source = self.text(member)?;
        self.names.template(source, self.spot(&self.pointer(member), roots))
    }

    /// A mapping from names to expressions.
    pub(super) fn mapping(
        &self,
        member: &'static str,
        roots: &[&str],
    ) -> Vec<(String, Expression)> {
        let Some(map) = self.typed(member, "an object of expressions", Value::as_object) else {
            return Vec::new();
        };
        let inner = self.within(member, map);
        let mut mapping = Vec::with_capacity(map.len());
        for (name, source) in map {
            let field = inner.pointer(name);
            if let Some(source) = source.as_str() {
                let spot = inner.spot(&field, roots);
                mapping.extend(self.names.expression(source, spot).map(|it| (name.clone(), it)));
            } else {
                let message = format!(
                    "'{name}' must be an expression in text; write a literal as \"'text'\" or \"42\"."
                );
                self.names
                    .report
                    .add(Diagnostic::error("wrong-type", self.place, message).on(field));
            }
        }
        mapping
    }

    /// Elapsed time as ISO 8601, in milliseconds, with days of 24 hours: for time-outs and retries.
    pub(super) fn elapsed(&self, member: &'static str) -> Option<i64> {
        self.elapsed_days(member).map(Elapsed::as_milliseconds)
    }

    /// Elapsed time as ISO 8601.
    fn elapsed_days(&self, member: &'static str) -> Option<Elapsed> {
        let text = self.text(member)?;
        match calendar::read_elapsed(text) {
            Ok(elapsed) => Some(elapsed),
            Err(why) => {
                self.error("bad-duration", member, format!("'{text}' is no duration: {why}."));
                None
            }
        }
    }

    /// Elapsed or business time.
    pub(super) fn duration(&self, member: &'static str) -> Option<Duration> {
        match self.get(member)? {
            Value::String(_) => self.elapsed_days(member).map(Duration::Elapsed),
            Value::Object(map) => {
                let fields = self.within(member, map);
                let business = fields.business();
                fields.finish();
                business.map(Duration::Business)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                self.error(
                    "wrong-type",
                    member,
                    format!(
                        "'{member}' must be a duration: \"PT8H\" or {{\"business\": \"P2D\"}}."
                    ),
                );
                None
            }
        }
    }

    fn business(&self) -> Option<Business> {
        let text = self.needed_text("business", "it says how much business time, such as P2D");
        let by = self.text("by");
        let calendar = self.text("calendar");
        if let Some(name) = calendar {
            self.names.calendar(name, self.spot(&self.pointer("calendar"), &[]));
        }
        let time = by.map(|by| {
            let time = calendar::read_time_of_day(by);
            if time.is_none() {
                self.error(
                    "bad-duration",
                    "by",
                    format!("'{by}' is no time of day such as 16:00."),
                );
            }
            time
        });
        let by = match time {
            Some(None) => return None,
            Some(time) => time,
            None => None,
        };
        match calendar::read_business(text?) {
            Ok((days, milliseconds)) => {
                Some(Business { days, milliseconds, by, calendar: calendar.map(str::to_owned) })
            }
            Err(why) => {
                self.error(
                    "bad-duration",
                    "business",
                    format!("This is no business duration: {why}."),
                );
                None
            }
        }
    }

    /// An id: a lower-case letter, then lower-case letters, digits and underscores.
    pub(super) fn id(&self, member: &'static str, why: &str) -> Option<&'a str> {
        let id = self.needed_text(member, why)?;
        if !is_id(id) {
            self.error("bad-id", member, bad_id(id));
            return None;
        }
        Some(id)
    }

    /// Reports the members nobody asked for; they are kept in the draft.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for member in self.map.keys().filter(|member| !known.contains(&member.as_str())) {
            self.warning("unknown-member", member, unknown_member(member));
        }
    }
}

pub(crate) fn is_id(id: &str) -> bool {
    id.len() <= 64
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub(super) fn bad_id(id: &str) -> String {
    let shown: String = id.chars().take(80).collect();
    format!(
        "'{shown}' is no id: start with a lower-case letter, then use lower-case letters, digits and underscores, 64 at most."
    )
}

pub(super) fn unknown_member(member: &str) -> String {
    format!("'{member}' is not known here; it is kept but does nothing. Check its spelling.")
}
