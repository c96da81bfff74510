//! Taking a move back: the same instance, on the version it came from, at the nodes it came from.

use super::{Mapping, Migrated, Migration, Moved, NewDue, Plan, Reason, Version};
use crate::{Context, Fact, Instance, Record, effect::Timer, instance::On};
use std::collections::{BTreeMap, HashSet};

/// Plans to take back the last move of an instance. `from` is the version it follows now, `to` the one it came from.
///
/// What has happened since stays, so nothing since may depend on a node that only the newer version has. The waits that were
/// moved and have not changed since are what they were, with the due times they had.
///
/// # Errors
///
/// Why the move cannot be taken back.
pub fn roll_back(
    (from, to): (Version<'_>, Version<'_>),
    records: &[Record],
    context: Context<'_>,
    by: &str,
) -> Result<Plan, Vec<Reason>> {
    let (migrated, before, after) = last_move(records)?;
    if (migrated.from, migrated.to) != (to.number, from.number) {
        let sentence =
            format!("The last move was from version {} to version {}.", migrated.from, migrated.to);
        return Err(vec![Reason::of("other-move", None, sentence)]);
    }
    let mapping = back(migrated);
    let migration = Migration::new(from, to, &mapping)?;
    let entered = since(&migration, records, after.sequence);
    if !entered.is_empty() {
        return Err(entered);
    }
    let now = fold(records)?;
    if now.is_over() {
        let sentence = "The instance is over; there is nothing left to take back.".to_owned();
        return Err(vec![Reason::of("over", None, sentence)]);
    }
    let mut plan = migration.plan(&now, records, context, by);
    match &mut plan.migrated {
        Some(back) => restore(back, (&before, &after), &now),
        None => return Err(plan.reasons),
    }
    Ok(plan)
}

/// The last move, and the instance before and after it.
fn last_move(records: &[Record]) -> Result<(&Migrated, Instance, Instance), Vec<Reason>> {
    let last = records.iter().enumerate().rev().find_map(|(at, record)| match &record.fact {
        Fact::Migrated(migrated) => Some((at, migrated)),
        _ => None,
    });
    let Some((at, migrated)) = last else {
        let sentence = "The instance was never moved to another version.".to_owned();
        return Err(vec![Reason::of("never-moved", None, sentence)]);
    };
    Ok((migrated, fold(&records[..at])?, fold(&records[..=at])?))
}

fn fold(records: &[Record]) -> Result<Instance, Vec<Reason>> {
    let mut instance = Instance::new();
    for record in records {
        instance.apply(record).map_err(|corrupt| {
            vec![Reason::of("corrupt", None, format!("The history is corrupt: {corrupt}."))]
        })?;
    }
    Ok(instance)
}

/// The mapping that undoes a move.
fn back(migrated: &Migrated) -> Mapping {
    let turned = |map: &BTreeMap<String, String>| {
        map.iter().map(|(from, to)| (to.clone(), from.clone())).collect()
    };
    let mut nodes: BTreeMap<String, String> = turned(&migrated.nodes);
    let waits = migrated.waits.iter().filter(|moved| moved.from != moved.to);
    nodes.extend(waits.map(|moved| (moved.to.clone(), moved.from.clone())));
    Mapping { nodes, variables: turned(&migrated.variables) }
}

/// Nodes entered since that the version it came from does not have.
fn since(migration: &Migration<'_>, records: &[Record], sequence: u64) -> Vec<Reason> {
    let mut told = HashSet::new();
    let later = records.iter().filter(|record| record.sequence >= sequence);
    let entered = later.filter_map(|record| match &record.fact {
        Fact::Entered { node, .. } if migration.names.node(node).is_none() => Some(node),
        _ => None,
    });
    let reason = |node: &String| {
        let drawn = migration.from.draft.node(node);
        let name = drawn.map_or_else(|| crate::diff::quoted(node), crate::diff::node_in_words);
        let sentence = format!(
            "Since the move the instance has been at {name}, which version {} does not have.",
            migration.to.number
        );
        Reason::of("new-node-entered", Some(node), sentence)
    };
    entered.filter(|node| told.insert((*node).clone())).map(reason).collect()
}

/// Gives the waits back what the other way round cannot tell: times that were read from values, and timers that fired once.
fn restore(back: &mut Migrated, (before, after): (&Instance, &Instance), now: &Instance) {
    for moved in &mut back.waits {
        let position = moved.position;
        let (Some(was), Some(became), Some(is)) =
            (before.wait(position), after.wait(position), now.wait(position))
        else {
            continue;
        };
        match (&was.on, &is.on) {
            (On::Timer { due: was }, On::Timer { due: is }) if became.due() == Some(*is) => {
                moved.due = if was == is { NewDue::Kept } else { NewDue::At(*was) };
                for timer in &mut moved.timers {
                    timer.due = *was;
                }
            }
            (On::Task { fired: was, .. }, On::Task { fired: is, .. }) => {
                restore_clock(moved, [before, after, now]);
                let mut fired = moved.fired.take().unwrap_or_else(|| is.clone());
                let lost: Vec<_> =
                    was.iter().filter(|timer| !fired.contains(timer)).cloned().collect();
                moved.timers.retain(|timer| !lost.contains(&timer.timer));
                fired.extend(lost);
                fired.sort_by_key(|timer| {
                    was.iter().position(|other| other == timer).unwrap_or(usize::MAX)
                });
                moved.fired = (fired != *is).then_some(fired);
            }
            _ => {}
        }
    }
}

/// A clock that runs by what the move gave it runs by what it had before.
fn restore_clock(moved: &mut Moved, [before, after, now]: [&Instance; 3]) {
    let terms = |instance: &Instance| Some(instance.wait(moved.position)?.clock()?.terms());
    let (Some(was), Some(became), Some(is)) = (terms(before), terms(after), terms(now)) else {
        return;
    };
    if became != is {
        return;
    }
    moved.due =
        if was.times.due == is.times.due { NewDue::Kept } else { NewDue::At(was.times.due) };
    for timer in &mut moved.timers {
        match timer.timer {
            Timer::Warning => timer.due = was.times.warning,
            Timer::Due => timer.due = was.times.due,
            _ => {}
        }
    }
    moved.clock = (was != is).then_some(was);
}
