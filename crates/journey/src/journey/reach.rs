//! What can be reached in a journey's drawing.

use super::Journey;
use crate::settings::Kind;
use std::collections::HashSet;

impl Journey {
    /// The nodes from which an end can be reached, ends included.
    pub(crate) fn finishing(&self) -> HashSet<usize> {
        let ends = self.nodes.iter().enumerate();
        let ends = ends.filter(|(_, node)| matches!(node.kind, Kind::End { .. }));
        let mut open: Vec<usize> = ends.map(|(place, _)| place).collect();
        let mut finishing = HashSet::new();
        while let Some(at) = open.pop() {
            if finishing.insert(at) {
                open.extend(self.nodes[at].incoming.iter().map(|(_, from)| *from));
            }
        }
        finishing
    }

    /// The nodes that branches at these may be at, now or later, without passing through `goal`.
    pub(crate) fn ahead(
        &self,
        places: impl IntoIterator<Item = usize>,
        goal: Option<usize>,
    ) -> HashSet<usize> {
        let mut ahead = HashSet::new();
        let mut open: Vec<usize> = places.into_iter().collect();
        while let Some(at) = open.pop() {
            if ahead.insert(at) {
                let next = self.nodes[at].ways.iter().map(|way| way.to);
                open.extend(next.filter(|to| Some(*to) != goal));
            }
        }
        ahead
    }
}
