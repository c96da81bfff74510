//! Reading the settings of each kind of node.

use super::{
    Diagnostic,
    fields::Fields,
    names::{ENTRY, INPUT, INSTANCE, Names},
    report::Place,
    task,
};
use crate::{
    draft::Node,
    expr::Expression,
    limits,
    ports::{self, Port},
    settings::{Action, Assign, Entry, Kind, Need, On, Retry, Target, Trigger, Until},
    workspace::Operation,
};
use serde_json::Value;

/// Every kind of node of the file format; the first ten are run, the rest is drawn and saved.
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

/// A node's settings, as far as they could be read; `ports` is `None` when its kind cannot be run.
pub(super) struct Read<'a> {
    pub(super) kind: Option<Kind>,
    pub(super) ports: Option<Vec<Port<'a>>>,
}

pub(super) fn read<'a>(names: &Names<'_>, node: &'a Node) -> Read<'a> {
    let fields = Fields::of_node(names, node);
    let kind = match node.kind.as_str() {
        "trigger" => trigger(&fields),
        "task" => task::read(&fields, node),
        "action" => action(&fields),
        "decision" => decision(&fields),
        "parallel" => Some(Kind::Parallel),
        "join" => join(&fields),
        "wait" => wait(&fields),
        "set" => set(&fields),
        "end" => end(&fields),
        "note" => {
            fields.text("text");
            Some(Kind::Note)
        }
        other => {
            unknown_kind(names, node, other);
            return Read { kind: None, ports: None };
        }
    };
    fields.finish();
    Read { kind, ports: Some(ports::ports(node)) }
}

fn unknown_kind(names: &Names<'_>, node: &Node, kind: &str) {
    let place = Place::Node(&node.id);
    let (code, message) = if KINDS.contains(&kind) {
        (
            "kind-unavailable",
            format!(
                "Nodes of kind '{kind}' can be drawn and saved but not run yet; remove it before publishing."
            ),
        )
    } else {
        ("unknown-kind", format!("There is no kind of node called '{kind}'; check its spelling."))
    };
    names.report.add(Diagnostic::error(code, place, message).on("/kind"));
}

fn trigger(fields: &Fields<'_>) -> Option<Kind> {
    let on = if fields.get("on").is_some() {
        fields.object("on").and_then(|on| trigger_on(&on))
    } else {
        fields.error(
            "missing-member",
            "on",
            "'on' is missing: it says what opens an instance, such as {\"type\": \"manual\"}.",
        );
        None
    };
    let account = fields.expression("account", INPUT);
    let input = fields.schema("input");
    let entry = fields.object("entry").map(|entry| entry_rules(&entry)).unwrap_or_default();
    Some(Kind::Trigger(Box::new(Trigger { on: on?, account, input, entry })))
}

fn trigger_on(fields: &Fields<'_>) -> Option<On> {
    let on = match fields.needed_text("type", "it is manual or webhook")? {
        "manual" => Some(On::Manual),
        "webhook" => {
            let hook = fields.needed_text("hook", "it names the address the webhook is called at");
            let signed = fields.flag("signed").unwrap_or(true);
            let dedupe = fields.expression("dedupe", INPUT);
            if hook.is_some_and(|hook| !is_slug(hook)) {
                fields.error(
                    "bad-id",
                    "hook",
                    "A hook is written in lower-case letters, digits and hyphens, 64 at most.",
                );
            }
            hook.map(|hook| On::Webhook { hook: hook.to_owned(), signed, dedupe })
        }
        known @ ("event" | "change" | "schedule" | "date" | "segment" | "health" | "journey") => {
            fields.error(
                "not-available",
                "type",
                format!("Triggers of type '{known}' are not available yet; use manual or webhook."),
            );
            return None;
        }
        other => {
            fields.error(
                "bad-value",
                "type",
                format!("There is no trigger of type '{other}'; use manual or webhook."),
            );
            return None;
        }
    };
    fields.finish();
    on
}

fn is_slug(hook: &str) -> bool {
    hook.len() <= 64
        && hook
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

fn entry_rules(fields: &Fields<'_>) -> Entry {
    let entry = Entry {
        condition: fields.condition("condition", ENTRY),
        one_per_account: fields.flag("one_per_account").unwrap_or(false),
        cool_down: fields.duration("cool_down"),
        cap_per_day: fields.count("cap_per_day"),
    };
    fields.finish();
    entry
}

fn action(fields: &Fields<'_>) -> Option<Kind> {
    let connection =
        fields.needed_text("connection", "it says which configured connector is called");
    let operation = fields.needed_text("operation", "it says what the connector is to do");
    let input = fields.mapping("input", INSTANCE);
    let output = fields.text("output").and_then(|name| variable(fields, "output", name));
    let timeout = fields.elapsed("timeout").unwrap_or(30_000);
    if !(1..=3_600_000).contains(&timeout) {
        fields.error("bad-value", "timeout", "A call takes between a millisecond and an hour.");
    }
    let retry = fields.object("retry").map(|retry| retry_policy(&retry)).unwrap_or_default();
    fields.flag("repeat_acknowledged");
    if fields.get("undo").is_some() {
        fields.error(
            "not-available",
            "undo",
            "Undoing an action is not available yet; leave 'undo' out.",
        );
    }
    if let Some(connection) = connection {
        fields.names.connection(connection, fields.spot("/connection", &[]));
        if let Some(operation) = operation
            && let Some(known) =
                fields.names.operation(connection, operation, fields.spot("/operation", &[]))
        {
            check_input(fields, &input, known);
            fields.names.types.inputs(&input, &known.input, fields.spot("/input", INSTANCE));
            if let Some(output) = &output {
                fields.names.types.output(output, &known.output);
            }
        }
    }
    let action = Action {
        connection: connection?.to_owned(),
        operation: operation?.to_owned(),
        input,
        output,
        timeout_ms: u64::try_from(timeout).unwrap_or_default(),
        retry,
    };
    Some(Kind::Action(Box::new(action)))
}

fn retry_policy(fields: &Fields<'_>) -> Retry {
    let standard = Retry::default();
    let attempts = fields.count("attempts");
    let attempts = match attempts.map(u32::try_from) {
        Some(Ok(attempts)) if (1..=limits::ATTEMPTS).contains(&attempts) => attempts,
        Some(_) => {
            fields.error(
                "bad-value",
                "attempts",
                format!("An action is tried between 1 and {} times.", limits::ATTEMPTS),
            );
            standard.attempts
        }
        None => standard.attempts,
    };
    let backoff_ms = fields.elapsed("backoff").unwrap_or(standard.backoff_ms);
    let max_ms = fields.elapsed("max").unwrap_or(standard.max_ms);
    fields.finish();
    Retry { attempts, backoff_ms, max_ms }
}

/// Names the mapping leaves out or the operation does not take.
fn check_input(fields: &Fields<'_>, input: &[(String, Expression)], operation: &Operation) {
    let required = operation.input.get("required").and_then(Value::as_array);
    let drawn = |name: &str| {
        input.iter().any(|(mapped, _)| mapped == name)
            || fields.get("input").is_some_and(|it| it.get(name).is_some())
    };
    for name in required.into_iter().flatten().filter_map(Value::as_str).filter(|name| !drawn(name))
    {
        fields.error(
            "missing-input",
            "input",
            format!("The operation needs '{name}'; map an expression to it."),
        );
    }
    let Some(properties) = operation.input.get("properties").and_then(Value::as_object) else {
        return;
    };
    // A schema that says nothing of other names lets them pass, but rarely means to.
    let closed = match operation.input.get("additionalProperties") {
        Some(Value::Bool(false)) => true,
        None => false,
        Some(_) => return,
    };
    for (name, _) in input.iter().filter(|(name, _)| !properties.contains_key(name)) {
        let known: Vec<_> = properties.keys().map(String::as_str).collect();
        let message = format!("The operation takes no '{name}'; it takes {}.", known.join(", "));
        let place = fields.place;
        let found = if closed {
            Diagnostic::error("unknown-input", place, message)
        } else {
            Diagnostic::warning("unknown-input", place, message)
        };
        let name = name.replace('~', "~0").replace('/', "~1");
        fields.names.report.add(found.on(format!("/input/{name}")));
    }
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

fn decision(fields: &Fields<'_>) -> Option<Kind> {
    if fields.get("table").is_some() {
        fields.error(
            "not-available",
            "table",
            "Decision tables are not available yet; put a condition on each way instead.",
        );
        return None;
    }
    let modes = [("exclusive", false), ("inclusive", true)];
    let inclusive = fields.choice("mode", &modes);
    if inclusive.is_none() && fields.get("mode").is_some() {
        return None;
    }
    Some(Kind::Decision { inclusive: inclusive.unwrap_or(false) })
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
    need.map(|need| Kind::Join { need })
}

fn wait(fields: &Fields<'_>) -> Option<Kind> {
    let written: Vec<_> = ["for", "until", "event", "condition"]
        .into_iter()
        .filter(|member| fields.get(member).is_some())
        .collect();
    for member in ["event", "condition"] {
        if fields.get(member).is_some() {
            fields.error("not-available", member, format!("Waiting for an {member} is not available yet; wait 'for' a time or 'until' one."));
        }
    }
    if fields.get("timeout").is_some()
        && written.iter().all(|member| matches!(*member, "for" | "until"))
    {
        fields.error(
            "bad-value",
            "timeout",
            "A wait for plain time ends by itself; leave 'timeout' out.",
        );
    }
    match written.as_slice() {
        ["for"] => fields.duration("for").map(|it| Kind::Wait(Until::Elapsed(it))),
        ["until"] => fields.expression("until", INSTANCE).map(|it| Kind::Wait(Until::Moment(it))),
        [_] => None,
        [] => {
            fields.error(
                "missing-member",
                "for",
                "The wait waits for nothing; give it 'for' or 'until'.",
            );
            None
        }
        [_, second, ..] => {
            fields.error(
                "bad-value",
                second,
                "A wait waits for one thing; keep one of for, until, event and condition.",
            );
            None
        }
    }
}

fn set(fields: &Fields<'_>) -> Option<Kind> {
    let Some(assigns) = fields.objects("assign") else {
        if fields.get("assign").is_none() {
            fields.error("missing-member", "assign", "'assign' is missing: it lists what is set.");
        }
        return None;
    };
    if assigns.is_empty() {
        fields.warning(
            "missing-member",
            "assign",
            "Nothing is set here; add an assignment or remove the node.",
        );
    }
    let count = assigns.len();
    let assigns: Vec<_> = assigns.iter().filter_map(assign).collect();
    (assigns.len() == count).then_some(Kind::Set(assigns))
}

fn assign(fields: &Fields<'_>) -> Option<Assign> {
    let to = fields.needed_text("to", "it says what is set, such as vars.tier");
    let value = fields.expression("value", INSTANCE);
    if fields.get("value").is_none() {
        fields.error(
            "missing-member",
            "value",
            "'value' is missing: the expression whose value is set.",
        );
    }
    fields.finish();
    let to = match to?.split_once('.') {
        Some(("vars", name)) => Target::Variable(variable(fields, "to", name)?),
        Some(("account", name)) if super::fields::is_id(name) => {
            Target::AccountField(name.to_owned())
        }
        _ => {
            fields.error(
                "bad-value",
                "to",
                "Set 'vars.name' or 'account.field'; nothing else can be written.",
            );
            return None;
        }
    };
    let value = value?;
    fields.names.types.set(&to, &value, fields.spot(&fields.pointer("value"), INSTANCE));
    Some(Assign { to, value })
}

fn end(fields: &Fields<'_>) -> Option<Kind> {
    let outcome = fields.id("outcome", "it says how the instance ended, such as success")?;
    Some(Kind::End { outcome: outcome.to_owned() })
}
