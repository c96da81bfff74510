//! A handoff: the sending team fills in what the receiving team needs, which accepts it or sends it back with a reason.

use super::{Fact, Position, Rejection, Turn, payload, schema, task::Completion};
use crate::{
    effect::Outcome,
    instance::Half,
    journey::Node,
    settings::{Handoff, Task},
};
use serde_json::{Map, Value, json};

pub(super) const SEND: &str = "send";
pub(super) const SENT_BACK: &str = "sent_back";
const ACCEPTED: &str = "accepted";

impl Half {
    pub(super) fn team(self, handoff: &Handoff) -> &str {
        match self {
            Self::Sending => &handoff.from_team,
            Self::Accepting => &handoff.to_team,
        }
    }

    /// How its task can be completed.
    pub fn outcomes(self) -> Vec<Outcome> {
        let outcome =
            |id: &str, label: &str| Outcome { id: id.to_owned(), label: label.to_owned() };
        match self {
            Self::Sending => vec![outcome(SEND, "Hand over")],
            Self::Accepting => vec![outcome(ACCEPTED, "Accept"), outcome(SENT_BACK, "Send back")],
        }
    }

    pub(super) fn form(self, handoff: &Handoff) -> Value {
        match self {
            Self::Sending => handoff.fields.clone(),
            Self::Accepting => json!({
                "type": "object",
                "properties": {"reason": {"type": "string", "title": "Reason, when it is sent back"}},
            }),
        }
    }
}

impl<'a> Turn<'a> {
    /// Which half comes first; what is there already is handed over without asking. What was sent back is looked over.
    pub(super) fn half(&mut self, node: &Node, position: Position, handoff: &Handoff) -> Half {
        let left = self.instance.nodes.get(&node.id);
        if left.and_then(|left| left.outcome.as_deref()) == Some(SENT_BACK) {
            return Half::Sending;
        }
        let form = Value::Object(self.known_fields(handoff));
        if payload::fits(&form, &handoff.fields).is_err() {
            return Half::Sending;
        }
        self.record(Fact::HandedOver { position, form: form.into() });
        Half::Accepting
    }

    /// What the team of a half is asked. Fields whose values are known need not be given again, and can be changed.
    pub(super) fn asked(&self, node: &Node, half: Half, handoff: &Handoff) -> Value {
        let mut form = half.form(handoff);
        if half == Half::Accepting {
            return form;
        }
        let known = self.known_before(node, handoff);
        if let Some(required) = form.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_none_or(|name| !known.contains_key(name)));
        }
        let fields = form.get_mut("properties").and_then(Value::as_object_mut);
        for (name, field) in fields.into_iter().flatten() {
            if let (Some(value), Some(field)) = (known.get(name), field.as_object_mut()) {
                field.insert("default".to_owned(), value.clone());
            }
        }
        form
    }

    /// Adds to what was filled in what is known and was not.
    pub(super) fn fill_in(&self, node: &Node, handoff: &Handoff, form: &mut Value) {
        let Some(form) = form.as_object_mut() else { return };
        for (name, value) in self.known_before(node, handoff) {
            form.entry(name).or_insert(value);
        }
    }

    /// The fields that have a value: what was handed over before it was sent back, else what is known.
    fn known_before(&self, node: &Node, handoff: &Handoff) -> Map<String, Value> {
        let mut known = self.known_fields(handoff);
        let before = self.instance.nodes.get(&node.id).and_then(|left| left.form.as_deref());
        known.extend(before.and_then(Value::as_object).cloned().unwrap_or_default());
        known
    }

    /// The fields that have a value which fits: as mapped, or from a variable of the same name. What cannot be reckoned, or does not fit, is asked.
    fn known_fields(&self, handoff: &Handoff) -> Map<String, Value> {
        let mut known = Map::new();
        let names = handoff.fields.get("properties").and_then(Value::as_object);
        for name in names.into_iter().flat_map(Map::keys) {
            if let Some(value) = self.instance.vars.get(name) {
                known.insert(name.clone(), value.clone());
            }
        }
        let scope = self.scope();
        for (name, expression) in &handoff.values {
            match expression.evaluate(&scope) {
                Ok(value) => drop(known.insert(name.clone(), value)),
                Err(_) => drop(known.remove(name)),
            }
        }
        known.retain(|name, value| {
            !value.is_null() && schema::misfit(&handoff.fields, name, value).is_none()
        });
        known
    }

    /// What was handed over, a line for each field.
    pub(super) fn handed_over(&self, node: &Node) -> String {
        let form = self.instance.nodes.get(&node.id).and_then(|left| left.form.as_deref());
        let fields = form.and_then(Value::as_object);
        let lines = fields.into_iter().flatten().map(|(name, value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            other => format!("{name}: {other}"),
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(super) fn handoff_completed(
        &mut self,
        (node, task): (&'a Node, &'a Task),
        position: Position,
        done: Completion,
    ) -> Result<(), Rejection> {
        let outcome = done.outcome.clone();
        let reason = done.form.get("reason").and_then(Value::as_str).unwrap_or_default().trim();
        if outcome == SENT_BACK && reason.is_empty() {
            return Err(Rejection::InvalidForm {
                pointer: "/reason".to_owned(),
                message: "say why it is sent back".to_owned(),
            });
        }
        if outcome == SEND {
            self.close_completed(position, done);
            self.leave_by(position, Vec::new());
            // The other half is a task of its own, for another team.
            let position = self.enter_position(node, None)?;
            self.offer_as(node, position, task, Some(Half::Accepting));
            return Ok(());
        }
        // What was handed over stays to be read; what the receiving team says of it is the output.
        let output = json!({ "reason": reason });
        let form = self.instance.nodes.get(&node.id).and_then(|left| left.form.clone());
        self.close_completed(
            position,
            Completion { form: form.map(|form| (*form).clone()).unwrap_or_default(), ..done },
        );
        self.record(Fact::Returned { position, output: output.into() });
        self.leave(node, position, &outcome);
        Ok(())
    }
}
