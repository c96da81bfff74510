//! How a move to another version changes an instance: names, due times, and nothing else.

use super::{Instance, On, Wait};
use crate::migrate::{Migrated, Moved};
use std::collections::{BTreeMap, BTreeSet};

/// Applies a move. Whether it fits is seen before anything changes.
pub(super) fn apply(instance: &mut Instance, migrated: &Migrated) -> Result<(), &'static str> {
    if migrated.waits.len() != instance.waits.len() {
        return Err("it does not move every wait");
    }
    let moved = |wait: &Wait| {
        let moved = migrated.waits.iter().find(|moved| moved.position == wait.position);
        moved.filter(|moved| moved.from == wait.node)
    };
    let waits = instance.waits.iter().map(|wait| Some(go_on(wait, moved(wait)?, migrated)));
    let waits = waits.collect::<Option<Vec<_>>>().ok_or("it moves a wait that is not there")?;
    if clashes(instance.vars.keys(), &migrated.variables) {
        return Err("two variables would have one name");
    }
    if clashes(instance.nodes.keys(), &migrated.nodes) {
        return Err("what two nodes left would have one name");
    }
    if clashes(instance.owed.keys(), &migrated.nodes) {
        return Err("two joins would have one name");
    }
    instance.waits = waits;
    for (from, to) in taken(&migrated.variables, |name| instance.vars.remove(name)) {
        instance.vars.insert(from, to);
    }
    for (from, to) in taken(&migrated.nodes, |name| instance.nodes.remove(name)) {
        instance.nodes.insert(from, to);
    }
    for (from, to) in taken(&migrated.nodes, |name| instance.owed.remove(name)) {
        instance.owed.insert(from, to);
    }
    for undo in &mut instance.undo {
        rename(&mut undo.node, &migrated.nodes);
    }
    for edge in instance.owed.values_mut().flatten() {
        rename(edge, &migrated.edges);
    }
    Ok(())
}

fn go_on(wait: &Wait, moved: &Moved, migrated: &Migrated) -> Wait {
    let mut wait = Wait { node: moved.to.clone(), ..wait.clone() };
    match &mut wait.on {
        On::Task { due, fired, clock, .. } => {
            *due = moved.due.from(Some(*due)).unwrap_or(*due);
            if let (Some(clock), Some(terms)) = (clock, &moved.clock) {
                clock.take(terms);
            }
            if let Some(refired) = &moved.fired {
                fired.clone_from(refired);
            }
        }
        On::Timer { due } => *due = moved.due.from(Some(*due)).unwrap_or(*due),
        On::Event { due, .. } | On::Condition { due } => *due = moved.due.from(*due),
        On::Join { arrived } => {
            for edge in arrived {
                rename(edge, &migrated.edges);
            }
        }
        On::Call { .. }
        | On::Children { .. }
        | On::Turn
        | On::Undo { .. }
        | On::Incident { .. } => {}
    }
    wait
}

fn rename(id: &mut String, names: &BTreeMap<String, String>) {
    if let Some(to) = names.get(id) {
        id.clone_from(to);
    }
}

/// Whether two of these would have one name.
fn clashes<'a>(
    names: impl Iterator<Item = &'a String>,
    renames: &BTreeMap<String, String>,
) -> bool {
    let mut seen = BTreeSet::new();
    names.map(|name| renames.get(name).unwrap_or(name).clone()).any(|name| !seen.insert(name))
}

/// Takes all that get another name out before any is put back, for names may change places.
fn taken<T>(
    renames: &BTreeMap<String, String>,
    mut take: impl FnMut(&str) -> Option<T>,
) -> Vec<(String, T)> {
    renames.iter().filter_map(|(from, to)| Some((to.clone(), take(from)?))).collect()
}
