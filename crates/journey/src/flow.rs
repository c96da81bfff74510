//! How many instances went where through a drawing, and how long they stayed: the sum of their passages.

use crate::passage::{Passage, Visit};
use std::collections::BTreeMap;

/// The sum of passages.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    nodes: BTreeMap<String, Figures>,
    edges: BTreeMap<String, u64>,
}

/// What was seen at one node.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub visits: u64,
    /// Visits that last.
    pub here: u64,
    /// Of those, the ones that need a person, since something failed.
    pub failing: u64,
    /// Visits in which something failed so that a person had to decide.
    pub failed: u64,
    /// Visits in which the promise of a task was broken.
    pub breached: u64,
    /// How long each took that is over, in milliseconds.
    took: Vec<u64>,
}

impl Flow {
    pub fn add(&mut self, passage: &Passage) {
        for visit in &passage.visits {
            match self.nodes.get_mut(&visit.node) {
                Some(figures) => figures.add(visit),
                None => self.nodes.entry(visit.node.clone()).or_default().add(visit),
            }
        }
        for edge in &passage.edges {
            match self.edges.get_mut(edge) {
                Some(passed) => *passed += 1,
                None => drop(self.edges.insert(edge.clone(), 1)),
            }
        }
    }

    /// By node id.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Figures)> {
        self.nodes.iter().map(|(node, figures)| (node.as_str(), figures))
    }

    /// How often each edge was taken, by edge id.
    pub fn edges(&self) -> impl Iterator<Item = (&str, u64)> {
        self.edges.iter().map(|(edge, passed)| (edge.as_str(), *passed))
    }
}

impl Figures {
    fn add(&mut self, visit: &Visit) {
        let is_here = visit.left_at.is_none();
        self.visits += 1;
        self.here += u64::from(is_here);
        self.failing += u64::from(visit.is_failing);
        self.failed += u64::from(visit.has_failed);
        self.breached += u64::from(visit.is_breached);
        self.took.extend(visit.took_ms());
    }

    /// How long half of the visits that are over and nine of ten of them took at most, in milliseconds; `None` when none is over.
    pub fn median_and_p90_ms(&self) -> (Option<u64>, Option<u64>) {
        let mut took = self.took.clone();
        took.sort_unstable();
        (quantile(&took, 50), quantile(&took, 90))
    }
}

/// The smallest of sorted values that so many per cent of them do not exceed (nearest rank); `None` of nothing.
fn quantile(sorted: &[u64], per_cent: usize) -> Option<u64> {
    let rank = (sorted.len() * per_cent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_one_of_the_values_that_so_many_do_not_exceed() {
        assert_eq!(quantile(&[], 50), None);
        assert_eq!((quantile(&[7], 50), quantile(&[7], 90)), (Some(7), Some(7)));
        let ten: Vec<u64> = (1..=10).collect();
        assert_eq!((quantile(&ten, 50), quantile(&ten, 90)), (Some(5), Some(9)));
        let eleven: Vec<u64> = (1..=11).collect();
        assert_eq!((quantile(&eleven, 50), quantile(&eleven, 90)), (Some(6), Some(10)));
    }
}
