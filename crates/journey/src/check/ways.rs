//! From where each way into a join can still be taken.

use super::bits::Bits;
use petgraph::{algo::kosaraju_scc, graph::DiGraph};

/// For each place the ways into a goal that a branch there can still take without passing it.
///
/// `ways` are the places the ways leave, by number. What leads from one place to another is gathered knot by knot, the last one
/// first, so that the cost is that of the arcs and not that of the walks.
pub(super) fn into(
    goal: usize,
    ways: &[(usize, usize)],
    count: usize,
    arcs: &[Vec<usize>],
) -> Vec<Bits> {
    let mut taken = vec![Bits::none(count); arcs.len()];
    for (from, way) in ways {
        taken[*from].set(*way);
    }
    let leads_on = |from: usize| arcs[from].iter().copied().filter(|to| *to != goal);
    let mut graph = DiGraph::<(), ()>::with_capacity(arcs.len(), arcs.len());
    let places: Vec<_> = arcs.iter().map(|_| graph.add_node(())).collect();
    for (from, place) in places.iter().enumerate() {
        for to in leads_on(from) {
            graph.add_edge(*place, places[to], ());
        }
    }
    for knot in kosaraju_scc(&graph) {
        let mut all = Bits::none(count);
        for place in &knot {
            all.add(&taken[place.index()]);
            for to in leads_on(place.index()) {
                all.add(&taken[to]);
            }
        }
        for place in knot {
            taken[place.index()] = all.clone();
        }
    }
    taken
}
