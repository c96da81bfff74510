//! What would have to be different for an operation to be true, or to be false.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what cannot be changed by one field is said of the part as a whole"
)]

use super::{Change, Explainer, asked, in_words};
use crate::expr::{
    code::{Comparison, Function, Macro, MacroKind, Op},
    eval::Evaluated,
    print,
    value::Val,
};
use serde_json::{Value, json};

/// How a part stands to what would have to change.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Rank {
    /// A field.
    Field,
    /// Computed of fields.
    Computed,
    /// The time.
    Clock,
    /// Always the same.
    Constant,
}

impl<'a> Explainer<'a> {
    /// The fewest changes after which an operation is `wanted`; none when it is already.
    pub(super) fn changes(&mut self, op: &'a Op, wanted: bool) -> Vec<Change> {
        if self.holds(op) == Ok(wanted) {
            return Vec::new();
        }
        match op {
            Op::Not(of) => self.changes(of, !wanted),
            Op::And(pair) => self.decided(pair, wanted, wanted),
            Op::Or(pair) => self.decided(pair, wanted, !wanted),
            Op::Choose(three) => self.chosen(three, wanted),
            Op::Compare(how, pair) => self.compared(op, *how, pair, wanted),
            Op::In(pair) => self.contained(op, pair, wanted),
            Op::Has(..) => {
                let to = if wanted { "there" } else { "absent" };
                let is = if wanted { "missing" } else { "there" };
                let path = asked(op);
                let sentence = format!("{path} would have to be {to} (it is {is}).");
                vec![Change { path, from: None, to: to.to_owned(), example: None, sentence }]
            }
            Op::Call(function, arguments) => self.searched(op, *function, arguments, wanted),
            Op::Macro(it) => self.gone_through(op, it, wanted),
            _ => vec![self.is_bool(op, wanted)],
        }
    }

    /// A row of `&&` or `||`: `every` side must change, or the one for which the fewest changes do.
    fn decided(&mut self, pair: &'a [Op; 2], wanted: bool, every: bool) -> Vec<Change> {
        let (mut a, b) = (self.changes(&pair[0], wanted), self.changes(&pair[1], wanted));
        if every {
            a.extend(b);
            return a;
        }
        if b.len() < a.len() { b } else { a }
    }

    /// The way that is taken, or the other when it takes fewer changes.
    fn chosen(&mut self, three: &'a [Op; 3], wanted: bool) -> Vec<Change> {
        let ways = [(true, &three[1]), (false, &three[2])].map(|(way, then)| {
            let mut changes = self.changes(&three[0], way);
            changes.extend(self.changes(then, wanted));
            changes
        });
        let [then, otherwise] = ways;
        if otherwise.len() < then.len() { otherwise } else { then }
    }

    fn compared(
        &mut self,
        op: &'a Op,
        how: Comparison,
        pair: &'a [Op; 2],
        wanted: bool,
    ) -> Vec<Change> {
        let sides = [(&pair[0], &pair[1], how), (&pair[1], &pair[0], mirrored(how))];
        let sides = if rank(&pair[1]) < rank(&pair[0]) { [sides[1], sides[0]] } else { sides };
        for (subject, other, how) in sides {
            if rank(subject) == Rank::Constant {
                continue;
            }
            if let Ok(bound) = self.value(other) {
                let how = if wanted { how } else { opposite(how) };
                let to = standing(how, &bound);
                let example = if is_plain(subject) { example(how, &bound) } else { None };
                return vec![self.change(subject, to, example)];
            }
        }
        vec![as_a_whole(op, wanted)]
    }

    fn contained(&mut self, op: &'a Op, pair: &'a [Op; 2], wanted: bool) -> Vec<Change> {
        let [item, among] = pair;
        if rank(item) <= rank(among)
            && rank(item) != Rank::Constant
            && let Ok(list) = self.value(among)
        {
            let to = format!("{} of {}", if wanted { "one" } else { "none" }, in_words(&list));
            let first = match &list {
                Val::List(list) if wanted && is_plain(item) => list.get(0),
                _ => None,
            };
            let example = first.and_then(|first| self.copy(&first));
            return vec![self.change(item, to, example)];
        }
        match self.value(item) {
            Ok(value) if rank(among) != Rank::Constant => {
                let not = if wanted { "" } else { "not " };
                vec![self.does(among, format!("{not}contain {}", in_words(&value)), None)]
            }
            _ => vec![as_a_whole(op, wanted)],
        }
    }

    fn searched(
        &mut self,
        op: &'a Op,
        function: Function,
        arguments: &'a [Op],
        wanted: bool,
    ) -> Vec<Change> {
        let verb = match function {
            Function::Contains => "contain",
            Function::StartsWith => "start with",
            Function::EndsWith => "end with",
            _ => return vec![as_a_whole(op, wanted)],
        };
        let [of, part] = arguments else { return vec![as_a_whole(op, wanted)] };
        match self.value(part) {
            Ok(part) if rank(of) != Rank::Constant => {
                let not = if wanted { "" } else { "not " };
                let example = if wanted && is_plain(of) { self.copy(&part) } else { None };
                vec![self.does(of, format!("{not}{verb} {}", in_words(&part)), example)]
            }
            _ => vec![as_a_whole(op, wanted)],
        }
    }

    /// A condition on items: the list would have to have others.
    fn gone_through(&mut self, op: &'a Op, it: &'a Macro, wanted: bool) -> Vec<Change> {
        let Some(filter) = &it.filter else { return vec![as_a_whole(op, wanted)] };
        let is = print::text(filter, &[&it.variable]);
        let what = match (it.kind, wanted) {
            (MacroKind::All, true) => format!("only items for which {is}"),
            (MacroKind::All, false) => format!("an item for which not {is}"),
            (MacroKind::Exists, true) => format!("an item for which {is}"),
            (MacroKind::Exists, false) => format!("no item for which {is}"),
            (MacroKind::ExistsOne, true) => format!("exactly one item for which {is}"),
            (MacroKind::ExistsOne, false) => format!("none or several items for which {is}"),
            (MacroKind::Filter | MacroKind::Map, _) => return vec![as_a_whole(op, wanted)],
        };
        vec![self.does(&it.range, format!("have {what}"), None)]
    }

    fn is_bool(&mut self, op: &'a Op, wanted: bool) -> Change {
        match rank(op) {
            Rank::Field => self.change(op, wanted.to_string(), Some(json!(wanted))),
            Rank::Computed | Rank::Clock | Rank::Constant => as_a_whole(op, wanted),
        }
    }

    fn change(&mut self, subject: &'a Op, to: String, example: Option<Value>) -> Change {
        let phrase = format!("be {to}");
        Change { to, ..self.does(subject, phrase, example) }
    }

    /// A change that is said with a verb of its own.
    fn does(&mut self, subject: &'a Op, to: String, example: Option<Value>) -> Change {
        let subject = unwrapped(subject);
        let value: Evaluated<'a> = self.value(subject);
        let text = print::text(subject, &[]);
        let is = value.as_ref().map_or_else(|_| "missing".to_owned(), in_words);
        let from = value.ok().and_then(|value| self.copy(&value));
        let path = match subject.paths().as_slice() {
            [only] if rank(subject) == Rank::Computed => print::text(only, &[]),
            _ => text.clone(),
        };
        let sentence = format!("{text} would have to {to} (it is {is}).");
        Change { path, from, to, example, sentence }
    }
}

/// What can only be said of a part as a whole.
fn as_a_whole(op: &Op, wanted: bool) -> Change {
    let path = print::text(op, &[]);
    let sentence = format!("'{path}' would have to be {wanted}.");
    Change { path, from: None, to: wanted.to_string(), example: None, sentence }
}

fn rank(op: &Op) -> Rank {
    let clock = |op: &Op| matches!(op, Op::Root(name) if name.text == "now");
    if unwrapped(op).path().is_some() {
        return if clock(op) { Rank::Clock } else { Rank::Field };
    }
    let paths = op.paths();
    match paths.iter().all(|path| clock(path)) {
        true if paths.is_empty() => Rank::Constant,
        true => Rank::Clock,
        false => Rank::Computed,
    }
}

/// Whether an operation is a field as it stands, or read as a time.
fn is_plain(op: &Op) -> bool {
    let of = match op {
        Op::Call(Function::ToTimestamp, arguments) => arguments.first().unwrap_or(op),
        _ => op,
    };
    of.path().is_some()
}

/// What a conversion is made from: a field as a time is still the field.
fn unwrapped(op: &Op) -> &Op {
    match op {
        Op::Call(
            Function::ToTimestamp
            | Function::ToDuration
            | Function::ToInt
            | Function::ToDouble
            | Function::ToUint
            | Function::ToString
            | Function::Dyn,
            arguments,
        ) => match arguments.as_slice() {
            [only] if only.path().is_some() => only,
            _ => op,
        },
        _ => op,
    }
}

/// The same comparison from the other side.
fn mirrored(how: Comparison) -> Comparison {
    match how {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Equal | Comparison::NotEqual => how,
    }
}

fn opposite(how: Comparison) -> Comparison {
    match how {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

fn standing(how: Comparison, bound: &Val<'_>) -> String {
    let is_time = matches!(bound, Val::Time(_));
    let bound = in_words(bound);
    match (how, is_time) {
        (Comparison::Equal, _) => bound,
        (Comparison::NotEqual, _) => format!("anything but {bound}"),
        (Comparison::Less, true) => format!("before {bound}"),
        (Comparison::LessOrEqual, true) => format!("{bound} or before"),
        (Comparison::Greater, true) => format!("after {bound}"),
        (Comparison::GreaterOrEqual, true) => format!("{bound} or after"),
        (Comparison::Less, false) => format!("below {bound}"),
        (Comparison::LessOrEqual, false) => format!("{bound} or less"),
        (Comparison::Greater, false) => format!("above {bound}"),
        (Comparison::GreaterOrEqual, false) => format!("{bound} or more"),
    }
}

/// A value that stands so to the bound.
fn example(how: Comparison, bound: &Val<'_>) -> Option<Value> {
    let near = match how {
        Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual => 0,
        Comparison::Less => -1,
        Comparison::NotEqual | Comparison::Greater => 1,
    };
    match bound {
        Val::Int(it) => it.checked_add(near).map(Value::from),
        Val::UInt(it) => it.checked_add_signed(near).map(Value::from),
        Val::Double(it) => {
            let near = [-1.0, 0.0, 1.0][usize::try_from(near + 1).ok()?];
            serde_json::Number::from_f64(it + near).map(Value::Number)
        }
        Val::Bool(it) => Some(json!(*it != (how == Comparison::NotEqual))),
        Val::Text(it) if near == 0 => Some(json!(&**it)),
        Val::Time(it) => {
            it.checked_add(near * 1_000).map(|at| Value::String(crate::Timestamp(at).to_rfc3339()))
        }
        Val::Null if how == Comparison::Equal => Some(Value::Null),
        _ => None,
    }
}
