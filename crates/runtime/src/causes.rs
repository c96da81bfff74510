//! What a stored event moved, as it is written down with the step it brings about.

use crate::moves::Brought;
use journey::{Event, Fact, Instance, Position, Step};
use store::{
    InstanceId,
    commits::Cause,
    events::{NewReaction, ReactionKind},
    instances::Life,
};

/// Where an event finds an instance; `None` when that shows only in what it did.
pub(crate) fn place(state: &Instance, event: &Event) -> Option<(Position, String)> {
    if let Event::Started { trigger, .. } = event {
        return Some((Position::default(), trigger.clone()));
    }
    let Event::Received { position, .. } = event else { return None };
    state.wait(*position).map(|wait| (*position, wait.node.clone()))
}

/// The cause of a step, with what came of the event there.
pub(crate) fn cause(
    brought: Brought,
    (instance, life): (InstanceId, &Life),
    before: &Instance,
    at: Option<(Position, String)>,
    step: &Step,
) -> Cause {
    let is_start = before.sequence() == 0;
    let (position, node) = at.or_else(|| condition(before, step)).unwrap_or_default();
    let reaction = NewReaction {
        event: Some(brought.event),
        journey: life.journey,
        version: life.version,
        node,
        account: life.account,
        instance: Some((instance, position)),
        kind: if is_start { ReactionKind::Started } else { ReactionKind::Woke },
        reason: None,
    };
    Cause { event: brought.event, depth: brought.depth, reaction: Some(reaction) }
}

/// The wait whose condition came to hold; without one an exit did, which is the whole journey's.
fn condition(before: &Instance, step: &Step) -> Option<(Position, String)> {
    let position = step.records.iter().find_map(|record| {
        let Fact::ConditionHeld { position } = &record.fact else { return None };
        Some(*position)
    })?;
    let node = before.wait(position).map(|wait| wait.node.clone());
    Some((position, node.unwrap_or_default()))
}
