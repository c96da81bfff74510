//! Reading the settings of what a connector does: actions and AI checks.

use super::variable;
use crate::{
    check::{Diagnostic, fields::Fields, names::INSTANCE},
    expr::Expression,
    limits,
    settings::{Action, Judge, Kind, Retry, Undo},
    workspace::Operation,
};
use serde_json::Value;

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    let undo = fields.object("undo");
    let action = call(fields)?;
    let undo = match undo {
        Some(undo) => Some(read_undo(fields, &undo, &action.connection)?),
        None => None,
    };
    fields.flag("repeat_acknowledged");
    Some(Kind::Action(Box::new(Action { undo, ..action })))
}

pub(super) fn ai_check(fields: &Fields<'_>) -> Option<Kind> {
    let verdict = fields.schema("verdict").unwrap_or(Value::Null);
    let threshold = fields.number("threshold");
    if threshold.is_none() && fields.get("threshold").is_none() {
        fields.error(
            "missing-member",
            "threshold",
            "'threshold' is missing: it says how sure the check must be, between 0 and 1; below it a person decides.",
        );
    }
    if threshold.is_some_and(|threshold| !(0.0..=1.0).contains(&threshold)) {
        fields.error("bad-value", "threshold", "'threshold' is a confidence between 0 and 1.");
    }
    fields.flag("repeat_acknowledged");
    let action = call(fields)?;
    let judge = Some(Judge { verdict, threshold: threshold? });
    Some(Kind::Action(Box::new(Action { judge, ..action })))
}

fn call(fields: &Fields<'_>) -> Option<Action> {
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
    Some(Action {
        connection: connection?.to_owned(),
        operation: operation?.to_owned(),
        input,
        output,
        timeout_ms: u64::try_from(timeout).unwrap_or_default(),
        retry,
        undo: None,
        judge: None,
    })
}

fn read_undo(fields: &Fields<'_>, undo: &Fields<'_>, connection: &str) -> Option<Undo> {
    let operation = undo.needed_text("operation", "it says what takes back what the action did");
    let input = undo.mapping("input", INSTANCE);
    undo.finish();
    let operation = operation?;
    let spot = fields.spot("/undo/operation", &[]);
    if let Some(known) = fields.names.operation(connection, operation, spot) {
        check_input(undo, &input, known);
        fields.names.types.inputs(&input, &known.input, undo.spot("/undo/input", INSTANCE));
    }
    Some(Undo { operation: operation.to_owned(), input })
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
        fields.names.report.add(found.on(format!("{}/{name}", fields.pointer("input"))));
    }
}
