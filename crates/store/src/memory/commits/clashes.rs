//! What of an accepted group would be there twice.

use crate::{
    TaskId,
    commits::{Commit, Guard, TaskChange},
    memory::{Kept, notices},
};
use std::collections::BTreeSet;

/// Whether anything of a group that must be unique is there before it, or in it twice.
pub(super) fn are_there(kept: &Kept, group: &[&Commit]) -> bool {
    let mut places = BTreeSet::new();
    group.iter().any(|commit| {
        records(kept, commit) || tasks(kept, commit) || told(kept, commit) || {
            let place = place(commit);
            place.is_some_and(|place| {
                let (above, at) = place;
                !places.insert(place) || kept.instances.at_place(above, at).is_some()
            })
        }
    })
}

fn records(kept: &Kept, commit: &Commit) -> bool {
    let mut seen = BTreeSet::new();
    let mut numbers = commit.records.iter().map(|record| record.sequence);
    numbers.any(|number| !seen.insert(number) || kept.instances.has_record(commit.instance, number))
}

fn tasks(kept: &Kept, commit: &Commit) -> bool {
    let mut seen = BTreeSet::new();
    commit.tasks.iter().any(|change| {
        let TaskChange::Offer { position, .. } = change else { return false };
        let id = TaskId { instance: commit.instance, position: *position };
        !seen.insert(id) || kept.tasks.get(id).is_some()
    })
}

fn told(kept: &Kept, commit: &Commit) -> bool {
    notices::ids(commit).any(|id| kept.notices.is_there(id))
}

/// The place below another instance that a new one takes.
fn place(commit: &Commit) -> Option<(crate::InstanceId, (journey::Position, u32))> {
    let is_new = match commit.guard {
        Guard::New { .. } | Guard::Below { .. } => true,
        Guard::At { .. } => false,
    };
    let place = commit.state.parent().filter(|_| is_new)?;
    Some((commit.life.parent?, (place.position, place.index)))
}
