//! What stands in for a world that nobody described.

use super::{Case, World};
use crate::{Journey, effect::Call, sample};
use serde_json::{Map, Value, json};

/// An account in which usual conditions find something, with what the case says of it.
pub(super) fn account(case: &Case) -> Value {
    let mut account = json!({
        "id": "example", "external_id": "EX-1", "name": "Example Ltd", "segment": "standard",
        "owner": "csm@example.com", "arr": 10_000,
    });
    if let (Value::Object(fields), Some(said)) = (&mut account, &case.account) {
        fields.extend(said.clone());
    }
    account
}

/// The trigger a case is opened by: the one it names, or else the one people start by hand, or else the first.
///
/// # Errors
///
/// A sentence: there is no such trigger.
pub(super) fn trigger(journey: &Journey, case: &Case) -> Result<String, String> {
    match &case.trigger {
        Some(named) if journey.trigger(named).is_some() => Ok(named.clone()),
        Some(named) => Err(format!("There is no trigger '{named}'.")),
        None => {
            let trigger = journey.manual_trigger().or_else(|| journey.triggers().next());
            trigger.map(|trigger| trigger.id().to_owned()).ok_or("It has no trigger.".to_owned())
        }
    }
}

/// What the trigger gets.
pub(super) fn input(journey: &Journey, case: &Case, trigger: &str) -> Value {
    if let Some(input) = &case.input {
        return input.clone();
    }
    let schema = journey.trigger(trigger).and_then(|trigger| trigger.input_schema());
    schema.map_or_else(|| json!({}), sample::input)
}

/// What a call gives: what the draft assumes at its node, or else an example of what the connector declares.
pub(super) fn output(journey: &Journey, world: &World, node: &str, call: &Call) -> Value {
    if let Some(said) = journey.assumed(node).and_then(|assume| assume.output.clone()) {
        return said;
    }
    let connection = world.workspace.connections.get(&call.connection);
    let operation = connection.and_then(|held| held.operations.get(&call.operation));
    operation.map_or_else(|| Value::Object(Map::new()), |held| sample::output(&held.output))
}

/// What a message gives.
pub(super) fn sent(journey: &Journey, node: &str) -> Value {
    let said = journey.assumed(node).and_then(|assume| assume.output.clone());
    said.unwrap_or_else(sample::sent)
}
