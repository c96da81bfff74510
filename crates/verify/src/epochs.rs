//! I5: what a node wrote, it wrote while it lived.

use crate::{
    limits,
    report::{Findings, Invariant::I5},
};
use std::collections::BTreeSet;
use store::{Failure, InstanceId, NodeId, Paging, Store};

/// The nodes there ever were, asked for again when a record names another.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    known: BTreeSet<NodeId>,
}

impl Grants {
    async fn was_granted(&mut self, store: &dyn Store, node: NodeId) -> Result<bool, Failure> {
        if !self.known.contains(&node) {
            let nodes = store.nodes(u32::MAX).await?;
            self.known = nodes.into_iter().map(|node| node.id).collect();
        }
        Ok(self.known.contains(&node))
    }

    /// Looks at who wrote the records of an instance, and at what was taken over of it.
    pub(crate) async fn check(
        &mut self,
        store: &dyn Store,
        id: InstanceId,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        let taken_over = store.takeovers_of(id).await?;
        let mut paging = Paging::first(limits::PAGE);
        loop {
            let page = store.writers_of(id, paging).await?;
            for (sequence, node) in page.items {
                findings.looked(I5);
                let Some(node) = node else { continue };
                if !self.was_granted(store, node).await? {
                    findings.found(
                        I5,
                        format_args!("record {sequence} was written by {node}, which never was"),
                    );
                }
                let late =
                    taken_over.iter().find(|over| over.node == node && sequence >= over.sequence);
                if let Some(over) = late {
                    let (position, name) = (over.position, &over.name);
                    findings.found_at(
                        I5,
                        position,
                        format_args!("record {sequence} was written by {node} after its '{name}' was taken over from it"),
                    );
                }
            }
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::PAGE);
        }
    }
}
