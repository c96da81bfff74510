//! Why a trigger opens an instance or does not: its conditions, clause by clause.

use super::Trigger;
use crate::{
    Timestamp,
    expr::{Explanation, Scope},
    settings::On,
};
use serde_json::Value;

impl Trigger<'_> {
    /// Why the trigger's condition on an event holds or does not; `None` when it has none. `event` is as
    /// [`super::event_scope`] makes it.
    pub fn explain_when(
        &self,
        event: &Value,
        account: &Value,
        now: Timestamp,
    ) -> Option<Explanation> {
        let On::Event { when: Some(when), .. } = &self.settings.on else { return None };
        let roots = [("input", event), ("event", event), ("account", account)];
        Some(when.explain(&Scope::new(&roots).with_time("now", now)))
    }

    /// Why the entry condition holds or does not; `None` when there is none.
    pub fn explain_condition(
        &self,
        input: &Value,
        account: &Value,
        now: Timestamp,
    ) -> Option<Explanation> {
        let scope = Scope::new(&[("input", input), ("account", account)]).with_time("now", now);
        Some(self.condition()?.explain(&scope))
    }

    /// Whether who enters is asked a condition.
    pub fn has_condition(&self) -> bool {
        self.condition().is_some()
    }

    /// The values a field must change from and to; `None` where any will do, or the trigger waits for no change.
    pub fn wanted_change(&self) -> (Option<&Value>, Option<&Value>) {
        match &self.settings.on {
            On::Change { from, to, .. } => (from.as_ref(), to.as_ref()),
            _ => (None, None),
        }
    }
}
