//! From where every branch can come to its end.
//!
//! A join never keeps a branch for ever (it goes on as soon as nothing else can arrive), so branches finish one by one: a place
//! lets an instance finish when by some choice all that leaves it comes to places that let it finish. Least fixed point, in time
//! linear in the edges.

use super::net::{Arc, Does, Net};

/// For each place whether an instance that stands there alone can end.
pub(super) fn finishable(net: &Net) -> Vec<bool> {
    let mut groups: Vec<Group> = Vec::new();
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); net.places.len()];
    let mut open = Vec::new();
    for (at, place) in net.places.iter().enumerate() {
        for arcs in choices(&place.does) {
            if arcs.is_empty() {
                open.push(at);
            }
            for arc in arcs {
                into[arc.to].push(groups.len());
            }
            groups.push(Group { of: at, missing: arcs.len() });
        }
        if matches!(place.does, Does::Stop) {
            open.push(at);
        }
    }
    let mut finishable = vec![false; net.places.len()];
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut finishable[at], true) {
            continue;
        }
        for number in &into[at] {
            let group = &mut groups[*number];
            group.missing -= 1;
            if group.missing == 0 {
                open.push(group.of);
            }
        }
    }
    finishable
}

struct Group {
    of: usize,
    /// Arcs that do not yet lead to where an instance can end.
    missing: usize,
}

/// What a place can leave by, each with all that leaves at once.
fn choices(does: &Does) -> Vec<&[Arc]> {
    match does {
        Does::One { groups, .. } => groups.iter().map(Vec::as_slice).collect(),
        Does::Some { ways, otherwise } => {
            let one_each = ways.iter().map(std::slice::from_ref);
            one_each.chain([otherwise.as_slice()].into_iter().filter(|it| !it.is_empty())).collect()
        }
        Does::Join { out, .. } => vec![out],
        Does::Stop => Vec::new(),
    }
}

/// Places that send one branch to its end and another to where it can never end.
pub(super) fn torn(net: &Net, finishable: &[bool]) -> Vec<usize> {
    let is_torn =
        |at: &usize| !finishable[*at] && net.places[*at].does.arcs().any(|arc| finishable[arc.to]);
    (0..net.places.len()).filter(is_torn).collect()
}
