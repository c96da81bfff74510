//! A trigger: opens an instance when its input fits and its entry condition holds.

use super::{Rejection, Turn, payload};
use crate::{
    Fact,
    effect::{Parent, Seed},
    expr::Scope,
    settings::Kind,
};
use serde_json::Value;

impl Turn<'_> {
    pub(super) fn started(&mut self, trigger: &str, input: Value) -> Result<(), Rejection> {
        if self.instance.sequence != 0 {
            return Err(Rejection::AlreadyStarted);
        }
        let node = self.journey.find(trigger).filter(|node| matches!(node.kind, Kind::Trigger(_)));
        let Some(node) = node else { return Err(Rejection::UnknownTrigger(trigger.to_owned())) };
        let settings = self.journey.trigger(trigger);
        let schema = settings.and_then(|trigger| trigger.input_schema()).unwrap_or(&Value::Null);
        payload::fits(&input, schema).map_err(|wrong| Rejection::InvalidInput {
            pointer: wrong.pointer,
            message: wrong.message,
        })?;
        if let Some(condition) = settings.and_then(|trigger| trigger.condition()) {
            let account = self.account.as_deref().unwrap_or(&Value::Null);
            let scope =
                Scope::new(&[("input", &input), ("account", account)]).with_time("now", self.now);
            let refused = match condition.holds(&scope) {
                Ok(true) => None,
                Ok(false) => {
                    Some(format!("the entry condition does not hold: {}", condition.source()))
                }
                Err(error) => Some(format!("the entry condition has no answer: {error}")),
            };
            if let Some(message) = refused {
                return Err(Rejection::NotAdmitted { message });
            }
        }
        self.record(Fact::Started { trigger: trigger.to_owned(), input: input.into() });
        self.enter(node, None)
    }

    /// Opens an instance for another one. Entry conditions are for those who come from outside, so they are not asked.
    pub(super) fn started_below(
        &mut self,
        node: &str,
        input: Value,
        parent: Parent,
        seed: Option<Box<Seed>>,
    ) -> Result<(), Rejection> {
        if self.instance.sequence != 0 {
            return Err(Rejection::AlreadyStarted);
        }
        let drawn = self.journey.find(node);
        let drawn = drawn.ok_or_else(|| Rejection::UnknownTrigger(node.to_owned()))?;
        let schema = self.journey.trigger(node).and_then(|trigger| trigger.input_schema());
        payload::fits(&input, schema.unwrap_or(&Value::Null)).map_err(|wrong| {
            Rejection::InvalidInput { pointer: wrong.pointer, message: wrong.message }
        })?;
        let (node, input) = (node.to_owned(), input.into());
        self.record(Fact::StartedBelow { node, input, parent, seed });
        self.enter(drawn, None)
    }
}
