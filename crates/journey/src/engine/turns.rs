//! Turns: nodes that share one are at work one at a time; the others wait in the order they came.

use super::{Fact, On, Position, Turn};
use crate::journey::Node;

impl<'a> Turn<'a> {
    /// Whether a node must wait for its turn.
    pub(super) fn must_queue(&self, node: &Node) -> bool {
        node.turn.as_deref().is_some_and(|turn| self.holders(turn).next().is_some())
    }

    /// Gives one node its turn; whether there was one.
    pub(super) fn settle_turns(&mut self) -> bool {
        let Some((node, position)) = self.next_in_turn() else { return false };
        self.record(Fact::TurnCame { position });
        self.act(node, position);
        true
    }

    fn next_in_turn(&self) -> Option<(&'a Node, Position)> {
        let queued = self.instance.waits.iter().filter(|wait| matches!(wait.on, On::Turn));
        queued.filter_map(|wait| Some((self.journey.find(&wait.node)?, wait.position))).find(
            |(node, _)| {
                let turn = node.turn.as_deref().unwrap_or_default();
                self.holders(turn).all(|on| matches!(on, On::Turn))
            },
        )
    }

    /// What the waits at nodes with this turn wait for, those in the queue included.
    fn holders(&self, turn: &str) -> impl Iterator<Item = &On> {
        self.instance.waits.iter().filter_map(move |wait| {
            let node = self.journey.find(&wait.node)?;
            (node.turn.as_deref() == Some(turn)).then_some(&wait.on)
        })
    }
}
