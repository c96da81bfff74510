//! Reading the settings of each kind of node.

use super::{Diagnostic, fields::Fields, names::Names, report::Place, task};
use crate::{
    draft::Node,
    journey::Assume,
    ports::{self, Port},
    settings::{Join, Kind, Need},
};
use serde_json::Value;

mod action;
mod assume;
mod below;
mod decision;
mod notify;
mod set;
mod trigger;
mod wait;

pub(crate) use below::range;
pub(crate) use decision::table_ports;

/// Every kind of node of the file format.
pub const KINDS: [&str; 17] = [
    "trigger",
    "task",
    "action",
    "decision",
    "parallel",
    "join",
    "wait",
    "set",
    "end",
    "note",
    "approval",
    "handoff",
    "ai_check",
    "for_each",
    "journey",
    "milestone",
    "notify",
];

/// A node's settings, as far as they could be read; `ports` is `None` when nobody knows its kind.
pub(super) struct Read<'a> {
    pub(super) kind: Option<Kind>,
    /// Nodes that share one are at work one at a time.
    pub(super) turn: Option<String>,
    pub(super) assume: Option<Assume>,
    pub(super) ports: Option<Vec<Port<'a>>>,
}

pub(super) fn read<'a>(names: &Names<'_>, node: &'a Node) -> Read<'a> {
    let fields = Fields::of_node(names, node);
    let kind = match node.kind.as_str() {
        "trigger" => trigger::read(&fields),
        "task" => task::read(&fields, node),
        "approval" => task::approval(&fields, node),
        "handoff" => task::handoff(&fields, node),
        "action" => action::read(&fields),
        "ai_check" => action::ai_check(&fields),
        "decision" => decision::read(&fields),
        "parallel" => Some(Kind::Parallel),
        "join" => join(&fields),
        "for_each" => below::for_each(&fields),
        "wait" => wait::read(&fields),
        "journey" => below::journey(&fields),
        "set" => set::read(&fields),
        "milestone" => milestone(&fields),
        "notify" => notify::read(&fields),
        "end" => end(&fields),
        "note" => {
            fields.text("text");
            Some(Kind::Note)
        }
        other => {
            let message = format!("There is no kind of node called '{other}'; check its spelling.");
            let place = Place::Node(&node.id);
            names.report.add(Diagnostic::error("unknown-kind", place, message).on("/kind"));
            return Read { kind: None, turn: None, assume: None, ports: None };
        }
    };
    let turn = match kind {
        Some(Kind::Task(_) | Kind::Action(_) | Kind::ForEach(_) | Kind::Journey(_)) => {
            fields.text("turn").map(str::to_owned)
        }
        _ => None,
    };
    if ports::holds(&node.kind) {
        // Nobody goes by it: it is what people want to see met.
        fields.elapsed("target");
    }
    let assume = kind.as_ref().and_then(|kind| assume::read(&fields, kind));
    fields.finish();
    Read { kind, turn, assume, ports: Some(ports::ports(node)) }
}

/// A variable's name: a plain word, so that expressions can read it.
fn variable(fields: &Fields<'_>, member: &'static str, name: &str) -> Option<String> {
    let plain = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if !plain {
        fields.error("bad-id", member, "A name to write to is one word of letters, digits and underscores that does not start with a digit.");
        return None;
    }
    fields.names.writes(name);
    Some(name.to_owned())
}

fn join(fields: &Fields<'_>) -> Option<Kind> {
    let need = match fields.get("need") {
        None => Some(Need::All),
        Some(Value::String(word)) if word == "all" => Some(Need::All),
        Some(Value::String(word)) if word == "any" => Some(Need::Any),
        Some(Value::Number(count)) => {
            count.as_u64().and_then(|count| usize::try_from(count).ok()).map(Need::Count)
        }
        Some(_) => None,
    };
    if need.is_none() {
        fields.error(
            "bad-value",
            "need",
            "'need' is \"all\", \"any\" or how many ways must arrive.",
        );
    }
    let cancel_rest = fields.flag("cancel_rest").unwrap_or(false);
    need.map(|need| Kind::Join(Join { need, cancel_rest }))
}

fn milestone(fields: &Fields<'_>) -> Option<Kind> {
    let milestone = fields.needed_text("milestone", "it names the progress that is reached");
    let stage = fields.text("stage").map(str::to_owned);
    Some(Kind::Milestone { milestone: milestone?.to_owned(), stage })
}

fn end(fields: &Fields<'_>) -> Option<Kind> {
    let outcome = fields.id("outcome", "it says how the instance ended, such as success");
    let everything = fields.flag("everything").unwrap_or(false);
    Some(Kind::End { outcome: outcome?.to_owned(), everything })
}
