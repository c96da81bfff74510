//! A milestone: progress that is measured from the start, and that may set the account's lifecycle stage.

use super::{Ask, Fact, Position, Turn};
use crate::journey::Node;
use serde_json::{Map, Value};

/// The account field a stage is written to.
const STAGE: &str = "lifecycle_stage";

impl<'a> Turn<'a> {
    pub(super) fn reach(
        &mut self,
        node: &'a Node,
        position: Position,
        milestone: &str,
        stage: Option<&str>,
    ) {
        let elapsed_ms = self.now.0.saturating_sub(self.instance.started.0);
        self.record(Fact::MilestoneReached {
            position,
            milestone: milestone.to_owned(),
            elapsed_ms,
        });
        if let Some(stage) = stage {
            let mut fields = Map::new();
            let value = Value::String(stage.to_owned());
            if !self.write_field(position, STAGE, value, &mut fields) {
                return;
            }
            self.ask(position, Ask::WriteAccount { fields });
        }
        self.leave(node, position, "out");
    }
}
