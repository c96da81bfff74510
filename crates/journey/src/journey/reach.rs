//! What can be reached in a journey's drawing.

use super::Journey;
use crate::settings::{Body, Kind};
use std::collections::HashSet;

impl Journey {
    /// The nodes from which an end can be reached, ends included. The last node of a for-each's part is an end of it.
    pub(crate) fn finishing(&self) -> HashSet<usize> {
        let ends = self.nodes.iter().enumerate();
        let ends = ends.filter(|(_, node)| matches!(node.kind, Kind::End { .. }));
        let mut open: Vec<usize> = ends.map(|(place, _)| place).collect();
        open.extend(self.parts().filter_map(|(_, to)| self.place(to)));
        let mut finishing = HashSet::new();
        while let Some(at) = open.pop() {
            if finishing.insert(at) {
                open.extend(self.nodes[at].incoming.iter().map(|(_, from)| *from));
            }
        }
        finishing
    }

    /// The first and the last node of every part of the drawing that runs for each item of a list.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().filter_map(|node| {
            let Kind::ForEach(each) = &node.kind else { return None };
            let Body::Range { from, to } = &each.body else { return None };
            Some((from.as_str(), to.as_str()))
        })
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
