//! A set: computes values and writes them to variables or account fields, in order.

use super::{Ask, Fact, Position, Turn, failure, payload};
use crate::{
    journey::Node,
    settings::{Assign, Target},
};
use serde_json::{Map, Value};

impl<'a> Turn<'a> {
    pub(super) fn assign(&mut self, node: &'a Node, position: Position, assigns: &'a [Assign]) {
        let mut fields = Map::new();
        let mut failed = false;
        for assign in assigns {
            if !self.assign_one(position, assign, &mut fields) {
                failed = true;
                break;
            }
        }
        if !fields.is_empty() {
            self.ask(position, Ask::WriteAccount { fields });
        }
        if !failed {
            self.leave(node, position, "out");
        }
    }

    /// Whether it succeeded; otherwise the incident is raised.
    fn assign_one(
        &mut self,
        position: Position,
        assign: &Assign,
        fields: &mut Map<String, Value>,
    ) -> bool {
        let (Target::Variable(name) | Target::AccountField(name)) = &assign.to;
        let value = match assign.value.evaluate(&self.scope()) {
            Ok(value) => value,
            Err(error) => {
                self.raise_error(position, &format!("the value of '{name}'"), &error);
                return false;
            }
        };
        match &assign.to {
            Target::Variable(name) => self.set_variable(position, name, value),
            Target::AccountField(name) => self.write_field(position, name, value, fields),
        }
    }

    /// Writes a field of the account as this step reads it, and notes it in `fields`; whether there is an account.
    pub(super) fn write_field(
        &mut self,
        position: Position,
        name: &str,
        value: Value,
        fields: &mut Map<String, Value>,
    ) -> bool {
        if let Err(why) = payload::is_bounded(&value) {
            self.raise(position, failure("limit.value", format!("the value of '{name}': {why}")));
            return false;
        }
        let Some(Value::Object(account)) = self.account.as_mut().map(std::borrow::Cow::to_mut)
        else {
            let message = format!("there is no account to write '{name}' to");
            self.raise(position, failure("account.missing", message));
            return false;
        };
        account.insert(name.to_owned(), value.clone());
        fields.insert(name.to_owned(), value.clone());
        self.record(Fact::AccountFieldSet { field: name.to_owned(), value });
        true
    }
}
