//! Reading what runs below an instance: sub-journeys and the items of a for-each.

use super::variable;
use crate::{
    check::{fields::Fields, names::INSTANCE},
    expr::{Expression, Type},
    limits,
    settings::{Body, ForEach, Kind, SubJourney},
};
use serde_json::Value;

/// What the mapping of a sub-journey's output reads.
const OUTPUT: &[&str] = &["input", "vars", "account", "nodes", "now", "output"];

pub(super) fn journey(fields: &Fields<'_>) -> Option<Kind> {
    let journey = fields.needed_text("journey", "it names the journey that is called");
    let version = match fields.get("version") {
        None => Some(None),
        Some(Value::String(word)) if word == "latest" => Some(None),
        Some(version) => version.as_u64().filter(|version| *version > 0).map(Some),
    };
    if version.is_none() {
        fields.error("bad-value", "version", "'version' is \"latest\" or a version's number.");
    }
    let input = fields.mapping("input", INSTANCE);
    let output = fields.mapping("output", OUTPUT);
    let is_writable = output.iter().all(|(name, _)| variable(fields, "output", name).is_some());
    let waits = fields.flag("wait").unwrap_or(true);
    let (journey, version) = (journey?, version?);
    fields.names.journey(journey, version, fields.spot("/journey", &[]));
    let journey = journey.to_owned();
    is_writable
        .then(|| Kind::Journey(Box::new(SubJourney { journey, version, input, output, waits })))
}

pub(super) fn for_each(fields: &Fields<'_>) -> Option<Kind> {
    let items = fields.needed_expression("items", "it gives the list to go through", INSTANCE);
    if let Some(items) = &items {
        let spot = fields.spot("/items", INSTANCE);
        fields.names.types.setting("items", items, spot, Type::list(Type::Dyn));
    }
    let name = fields.needed_text("as", "it names the item, such as location");
    let name = name.and_then(|name| variable(fields, "as", name));
    let body = body(fields);
    let modes = [("sequence", true), ("parallel", false)];
    let in_sequence = fields.choice("mode", &modes).unwrap_or(true);
    let max = fields.count("max");
    let max = max.map_or(Some(limits::CHILDREN_UNLESS_SAID), |max| usize::try_from(max).ok());
    let max = max.filter(|max| (1..=limits::CHILDREN).contains(max));
    if max.is_none() {
        let message =
            format!("'max' is the most items there may be, between 1 and {}.", limits::CHILDREN);
        fields.error("bad-value", "max", message);
    }
    let need = need(fields);
    let cancel_rest = fields.flag("cancel_rest").unwrap_or(false);
    let (items, name, body, max) = (items?, name?, body?, max?);
    let each = ForEach { items, name, body, in_sequence, max, need: need?, cancel_rest };
    Some(Kind::ForEach(Box::new(each)))
}

/// How many are enough: a number, or an expression that gives one. The outer `None` when it cannot be read.
#[expect(clippy::option_option, reason = "what cannot be read is not what is not said")]
fn need(fields: &Fields<'_>) -> Option<Option<Expression>> {
    match fields.get("need") {
        None => Some(None),
        Some(Value::Number(number)) if number.as_u64().is_some_and(|need| need > 0) => {
            Expression::parse(&number.to_string()).ok().map(Some)
        }
        Some(Value::String(_)) => {
            let need = fields.expression("need", INSTANCE)?;
            fields.names.types.setting("need", &need, fields.spot("/need", INSTANCE), Type::Number);
            Some(Some(need))
        }
        Some(_) => {
            let message = "'need' is how many items are enough: a number above 0, or an expression that gives one.";
            fields.error("bad-value", "need", message);
            None
        }
    }
}

fn body(fields: &Fields<'_>) -> Option<Body> {
    match fields.get("body") {
        Some(Value::String(journey)) if !journey.is_empty() => {
            fields.names.journey(journey, None, fields.spot("/body", &[]));
            Some(Body::Journey(journey.clone()))
        }
        Some(Value::Object(_)) => {
            let range = fields.object("body")?;
            let from = range.needed_text("from", "it is the node each item begins at");
            let to = range.needed_text("to", "it is the node each item is over at");
            range.finish();
            let (from, to) = (from?, to?);
            for (member, node) in [("from", from), ("to", to)] {
                if !fields.names.nodes.contains_key(node) {
                    range.error(
                        "unknown-node",
                        member,
                        format!("The journey has no node '{node}'; write the id of one."),
                    );
                    return None;
                }
            }
            fields.names.writes("index");
            Some(Body::Range { from: from.to_owned(), to: to.to_owned() })
        }
        Some(_) => {
            fields.error(
                "wrong-type",
                "body",
                "'body' is a journey's id or name, or {\"from\": node, \"to\": node}.",
            );
            None
        }
        None => {
            fields.error(
                "missing-member",
                "body",
                "'body' is missing: it says what runs for each item.",
            );
            None
        }
    }
}

/// The nodes a for-each runs its items through, first and last; `None` when it calls a journey.
pub(crate) fn range(node: &crate::draft::Node) -> Option<(&str, &str)> {
    let body = node.settings.get("body").filter(|_| node.kind == "for_each")?;
    Some((body.get("from")?.as_str()?, body.get("to")?.as_str()?))
}
