//! Writing a variable: within the limits, and as the journey's own schema of its variables says.

use super::{Fact, Position, Turn, failure, payload, schema::misfit};
use serde_json::Value;

impl Turn<'_> {
    /// Writes a variable; whether it could. Otherwise an incident says why not, and the variable stays as it was.
    pub(super) fn set_variable(&mut self, position: Position, name: &str, value: Value) -> bool {
        if let Err(why) = payload::is_bounded(&value) {
            let message = format!("the value of '{name}': {why}");
            self.raise(position, failure("limit.value", message));
            return false;
        }
        if let Some(why) = self.journey.variables.as_ref().and_then(|all| misfit(all, name, &value))
        {
            let message = format!("the variable '{name}' {why}");
            self.raise(position, failure("variable.misfit", message));
            return false;
        }
        self.record(Fact::VariableSet { name: name.to_owned(), value });
        true
    }

    /// Writes variables in order, up to the first that cannot be written; whether all could.
    pub(super) fn set_variables(
        &mut self,
        position: Position,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> bool {
        values.into_iter().all(|(name, value)| self.set_variable(position, &name, value))
    }
}
