//! How each record changes an instance.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each function is given the facts of one kind of node"
)]

use super::{
    Cancelling, Child, ChildState, Corrupt, Entered, Instance, On, Status, Task, Undo, Wait,
};
use crate::{
    Position,
    effect::{Call, Failure, Owner, Timer},
    record::{Fact, Record},
    sla::{self, What},
};
use serde_json::json;

type Applied = Result<(), &'static str>;

const NOT_WAITING: &str = "nothing waits at its position";
const OTHER_WAIT: &str = "what waits at its position waits for something else";

pub(super) fn apply(instance: &mut Instance, record: &Record) -> Result<(), Corrupt> {
    let corrupt = |why| Corrupt { sequence: record.sequence, why };
    if record.sequence != instance.sequence {
        return Err(corrupt("its number is not the next one"));
    }
    if instance.is_over() {
        return Err(corrupt("the instance is over"));
    }
    fact(instance, record).map_err(corrupt)?;
    instance.sequence += 1;
    if !instance.is_over() {
        let failed = instance.waits.iter().any(|wait| matches!(wait.on, On::Incident { .. }));
        instance.status = if failed { Status::Incident } else { Status::Running };
    }
    Ok(())
}

fn fact(instance: &mut Instance, record: &Record) -> Applied {
    match &record.fact {
        Fact::Started { .. } | Fact::StartedBelow { .. } => begin(instance, record),
        Fact::Entered { .. }
        | Fact::Waiting { .. }
        | Fact::Left { .. }
        | Fact::Withdrawn { .. }
        | Fact::TurnCame { .. } => visit(instance, record),
        Fact::VariableSet { name, value } => {
            instance.vars.insert(name.clone(), value.clone());
            Ok(())
        }
        Fact::Migrated(migrated) => super::migrated::apply(instance, migrated),
        Fact::AccountFieldSet { .. }
        | Fact::ConditionHeld { .. }
        | Fact::TimedOut { .. }
        | Fact::RulesHeld { .. }
        | Fact::Told { .. }
        | Fact::MilestoneReached { .. } => Ok(()),
        Fact::EndReached { .. } | Fact::Ended { .. } | Fact::Cancelled { .. } => {
            end(instance, &record.fact);
            Ok(())
        }
        Fact::CancelBegan { .. } | Fact::UndoKept { .. } | Fact::Undone { .. } => {
            undo(instance, &record.fact)
        }
        Fact::Received { .. }
        | Fact::Returned { .. }
        | Fact::Judged { .. }
        | Fact::HandedOver { .. } => left(instance, &record.fact),
        Fact::ChildAsked { .. }
        | Fact::ChildStarted { .. }
        | Fact::ChildEnded { .. }
        | Fact::ItemAdded { .. } => children(instance, &record.fact),
        Fact::Arrived { .. } | Fact::Joined { .. } | Fact::Absorbed { .. } => {
            join(instance, &record.fact)
        }
        Fact::CallSucceeded { .. } | Fact::CallFailed { .. } | Fact::CallRetried { .. } => {
            call(instance, &record.fact)
        }
        Fact::IncidentRaised { .. }
        | Fact::IncidentRetried { .. }
        | Fact::IncidentSkipped { .. }
        | Fact::IncidentEnded { .. } => incident(instance, &record.fact),
        Fact::TaskClaimed { .. }
        | Fact::TaskDelegated { .. }
        | Fact::Approved { .. }
        | Fact::TaskReleased { .. }
        | Fact::TaskCompleted { .. }
        | Fact::TaskReassigned { .. }
        | Fact::TaskEscalated { .. }
        | Fact::SlaWarned { .. }
        | Fact::SlaBreached { .. }
        | Fact::SlaChanged { .. }
        | Fact::TimerFired { .. } => task(instance, record),
    }
}

fn begin(instance: &mut Instance, record: &Record) -> Applied {
    instance.started = record.at;
    match &record.fact {
        Fact::Started { input, .. } => instance.input = input.clone(),
        Fact::StartedBelow { input, parent, seed, .. } => {
            instance.input = input.clone();
            instance.parent = Some(parent.clone());
            if let Some(seed) = seed.as_deref() {
                instance.vars.clone_from(&seed.vars);
                instance.nodes.clone_from(&seed.nodes);
            }
        }
        _ => return Err("it is no record of a beginning"),
    }
    Ok(())
}

/// Nodes entered, waiting and left.
fn visit(instance: &mut Instance, record: &Record) -> Applied {
    match &record.fact {
        Fact::Entered { position, node, .. } => {
            enter(instance, Entered { position: *position, node: node.clone(), since: record.at })
        }
        Fact::Waiting { position, on } => {
            let Entered { position, node, since } = entered(instance, *position)?;
            instance.waits.push(Wait { position, node, since, on: on.clone() });
            Ok(())
        }
        Fact::Left { position, .. } => {
            if entered(instance, *position).is_err() {
                remove(instance, *position)?;
            }
            Ok(())
        }
        Fact::Withdrawn { position, .. } => remove(instance, *position).map(drop),
        Fact::TurnCame { position } => again(instance, *position, |on| matches!(on, On::Turn)),
        _ => Err("it is no record of a visit"),
    }
}

fn end(instance: &mut Instance, fact: &Fact) {
    match fact {
        Fact::EndReached { outcome, .. } => {
            instance.reached.get_or_insert_with(|| outcome.clone());
        }
        Fact::Ended { outcome } => {
            instance.outcome = Some(outcome.clone());
            over(instance, Status::Ended);
        }
        _ => over(instance, Status::Cancelled),
    }
}

fn enter(instance: &mut Instance, node: Entered) -> Applied {
    if node.position != instance.next || instance.entered.is_some() {
        return Err("positions are handed out in order, one at a time");
    }
    instance.next = Position(node.position.0.saturating_add(1));
    instance.entered = Some(node);
    Ok(())
}

fn over(instance: &mut Instance, status: Status) {
    instance.status = status;
    instance.waits.clear();
    instance.owed.clear();
    instance.entered = None;
    instance.undo.clear();
    instance.cancelling = None;
}

/// What waits goes back to being entered, so that it acts again.
fn again(instance: &mut Instance, position: Position, fits: fn(&On) -> bool) -> Applied {
    if !fits(&wait(instance, position)?.on) {
        return Err(OTHER_WAIT);
    }
    let Wait { position, node, since, .. } = remove(instance, position)?;
    instance.entered = Some(Entered { position, node, since });
    Ok(())
}

/// The node that was entered, or waits, at a position.
fn node_at(instance: &mut Instance, position: Position) -> Result<String, &'static str> {
    match &instance.entered {
        Some(entered) if entered.position == position => Ok(entered.node.clone()),
        _ => wait(instance, position).map(|wait| wait.node.clone()),
    }
}

/// What a node leaves behind for expressions to read.
fn left(instance: &mut Instance, fact: &Fact) -> Applied {
    let (Fact::Received { position, .. }
    | Fact::Returned { position, .. }
    | Fact::Judged { position, .. }
    | Fact::HandedOver { position, .. }) = fact
    else {
        return Err("it is no record of what a node left");
    };
    let node = node_at(instance, *position)?;
    let left = instance.nodes.entry(node).or_default();
    match fact {
        Fact::Received { received, .. } => {
            left.output = Some(received.get("data").cloned().unwrap_or_default().into());
        }
        Fact::Returned { output, .. } => left.output = Some(output.clone()),
        Fact::Judged { outcome, .. } => left.outcome = Some(outcome.clone()),
        Fact::HandedOver { form, .. } => left.form = Some(form.clone()),
        _ => {}
    }
    Ok(())
}

fn children(instance: &mut Instance, fact: &Fact) -> Applied {
    let (Fact::ChildAsked { position, .. }
    | Fact::ChildStarted { position, .. }
    | Fact::ChildEnded { position, .. }
    | Fact::ItemAdded { position, .. }) = fact
    else {
        return Err("it is no record of an instance below");
    };
    let On::Children { children } = &mut wait(instance, *position)?.on else {
        return Err(OTHER_WAIT);
    };
    let mut set = |index: u32, state: ChildState| {
        let child = children.get_mut(index as usize).ok_or("there is no such instance below")?;
        child.state = state;
        Ok(())
    };
    match fact {
        Fact::ChildAsked { index, .. } => set(*index, ChildState::Asked),
        Fact::ChildStarted { index, instance, .. } => {
            set(*index, ChildState::Running { instance: instance.clone() })
        }
        Fact::ChildEnded { index, ending, .. } => {
            set(*index, ChildState::Over { ending: ending.clone() })
        }
        Fact::ItemAdded { item, .. } => {
            children.push(Child { item: item.clone(), state: ChildState::Ahead });
            Ok(())
        }
        _ => Err("it is no record of an instance below"),
    }
}

fn undo(instance: &mut Instance, fact: &Fact) -> Applied {
    match fact {
        Fact::CancelBegan { reason, by } => {
            instance.waits.clear();
            instance.owed.clear();
            instance.cancelling = Some(Cancelling { reason: reason.clone(), by: by.clone() });
            Ok(())
        }
        Fact::UndoKept { position, undo } => {
            let node = node_at(instance, *position)?;
            instance.undo.push(Undo { node, call: undo.clone() });
            Ok(())
        }
        Fact::Undone { position } => {
            remove(instance, *position)?;
            instance.undo.pop().map(drop).ok_or("there is nothing to undo")
        }
        _ => Err("it is no record of undoing"),
    }
}

fn entered(instance: &mut Instance, position: Position) -> Result<Entered, &'static str> {
    instance
        .entered
        .take_if(|entered| entered.position == position)
        .ok_or("its position was not the last one entered")
}

fn wait(instance: &mut Instance, position: Position) -> Result<&mut Wait, &'static str> {
    instance.waits.iter_mut().find(|wait| wait.position == position).ok_or(NOT_WAITING)
}

fn remove(instance: &mut Instance, position: Position) -> Result<Wait, &'static str> {
    let place = instance.waits.iter().position(|wait| wait.position == position);
    place.map(|place| instance.waits.remove(place)).ok_or(NOT_WAITING)
}

fn join(instance: &mut Instance, fact: &Fact) -> Applied {
    match fact {
        Fact::Arrived { position, edge } => match &mut wait(instance, *position)?.on {
            On::Join { arrived } => {
                arrived.push(edge.clone());
                Ok(())
            }
            _ => Err(OTHER_WAIT),
        },
        Fact::Joined { node, owed, .. } => {
            instance.owed.entry(node.clone()).or_default().extend(owed.iter().cloned());
            Ok(())
        }
        Fact::Absorbed { node, edge } => {
            let owed = instance.owed.get_mut(node).ok_or("the join is owed nothing")?;
            let place = owed
                .iter()
                .position(|other| other == edge)
                .ok_or("the join is not owed this edge")?;
            owed.remove(place);
            if owed.is_empty() {
                instance.owed.remove(node);
            }
            Ok(())
        }
        _ => Err("it is no record of a join"),
    }
}

fn call(instance: &mut Instance, fact: &Fact) -> Applied {
    match fact {
        Fact::CallSucceeded { position, output } => {
            let node = calling(instance, *position)?;
            let left = instance.nodes.entry(node).or_default();
            left.output = Some(output.clone());
            left.error = None;
            Ok(())
        }
        Fact::CallFailed { position, failure, .. } => {
            let node = calling(instance, *position)?;
            instance.nodes.entry(node).or_default().error = Some(error(failure));
            Ok(())
        }
        Fact::CallRetried { position, attempt, due: again } => {
            match &mut wait(instance, *position)?.on {
                On::Call { attempt: current, due, .. } => {
                    (*current, *due) = (*attempt, Some(*again));
                }
                On::Undo { call: Call { attempt: current, .. } } => *current = *attempt,
                _ => return Err(OTHER_WAIT),
            }
            Ok(())
        }
        _ => Err("it is no record of a call"),
    }
}

/// The node whose call waits at a position.
fn calling(instance: &mut Instance, position: Position) -> Result<String, &'static str> {
    let wait = wait(instance, position)?;
    match wait.on {
        On::Call { .. } | On::Undo { .. } => Ok(wait.node.clone()),
        _ => Err(OTHER_WAIT),
    }
}

fn error(failure: &Failure) -> serde_json::Value {
    json!({ "kind": failure.kind, "code": failure.code, "message": failure.message })
}

fn incident(instance: &mut Instance, fact: &Fact) -> Applied {
    match fact {
        Fact::IncidentRaised { position, failure } => {
            if let Ok(Entered { position, node, since }) = entered(instance, *position) {
                let on = On::Incident { failure: failure.clone(), attempt: 0 };
                instance.waits.push(Wait { position, node, since, on });
                return Ok(());
            }
            let wait = wait(instance, *position)?;
            let attempt = match &wait.on {
                On::Call { attempt, .. } => *attempt,
                On::Undo { call } => call.attempt,
                _ => 0,
            };
            wait.on = On::Incident { failure: failure.clone(), attempt };
            Ok(())
        }
        Fact::IncidentRetried { position, .. } => {
            again(instance, *position, |on| matches!(on, On::Incident { .. }))
        }
        Fact::IncidentEnded { position, .. } => match wait(instance, *position)?.on {
            On::Incident { .. } => Ok(()),
            _ => Err(OTHER_WAIT),
        },
        Fact::IncidentSkipped { position, outcome, .. } => {
            let wait = wait(instance, *position)?;
            if !matches!(wait.on, On::Incident { .. }) {
                return Err(OTHER_WAIT);
            }
            let node = wait.node.clone();
            instance.nodes.entry(node).or_default().outcome = Some(outcome.clone());
            Ok(())
        }
        _ => Err("it is no record of an incident"),
    }
}

fn task(instance: &mut Instance, record: &Record) -> Applied {
    match &record.fact {
        Fact::TaskClaimed { position, by } => {
            *open_task(instance, *position)?.0 = Task::Claimed { assignee: by.clone() };
        }
        Fact::TaskDelegated { position, to, .. } => {
            *open_task(instance, *position)?.0 = Task::Claimed { assignee: to.clone() };
        }
        Fact::TaskReleased { position, .. } => *open_task(instance, *position)?.0 = Task::Offered,
        Fact::Approved { position, by, .. } => match &mut wait(instance, *position)?.on {
            On::Task { task, approved, .. } => {
                *task = Task::Offered;
                approved.push(by.clone());
            }
            _ => return Err(OTHER_WAIT),
        },
        Fact::TaskReassigned { position, to } => *open_task(instance, *position)?.0 = held_by(to),
        Fact::SlaWarned { .. } | Fact::SlaBreached { .. } | Fact::SlaChanged { .. } => {
            sla(instance, record)?;
        }
        Fact::TaskEscalated { position, step, .. } => {
            open_task(instance, *position)?.1.push(Timer::Escalation { step: *step });
        }
        Fact::TimerFired { position, timer } => {
            open_task(instance, *position)?.1.push(Timer::Boundary { id: timer.clone() });
        }
        Fact::TaskCompleted { position, outcome, form, .. } => {
            open_task(instance, *position)?;
            let node = wait(instance, *position)?.node.clone();
            let left = instance.nodes.entry(node).or_default();
            left.outcome = Some(outcome.clone());
            left.form = Some(form.clone());
        }
        _ => return Err("it is no record of a task"),
    }
    Ok(())
}

/// The clock of a task's promise, and which of its timers have fired.
fn sla(instance: &mut Instance, record: &Record) -> Applied {
    let (position, what) = match &record.fact {
        Fact::SlaWarned { position } => (position, What::Warned { warning: record.at }),
        Fact::SlaBreached { position, due } => (position, What::Breached { due: *due }),
        Fact::SlaChanged { position, change, .. } => (position, change.clone()),
        _ => return Err("it is no record of a promise"),
    };
    let On::Task { due, fired, clock, .. } = &mut wait(instance, *position)?.on else {
        return Err(OTHER_WAIT);
    };
    match what {
        What::Warned { .. } => fired.push(Timer::Warning),
        What::Breached { .. } => fired.push(Timer::Due),
        What::Reset { .. } => fired.retain(|timer| !matches!(timer, Timer::Warning | Timer::Due)),
        _ => {}
    }
    if let Some(clock) = clock {
        // A clock that runs back is taken at the last change, as whoever decided took it.
        let fact = sla::Fact { at: record.at.max(clock.last_change()), what };
        clock.apply(&fact).map_err(|_| "the clock of the promise does not stand like that")?;
        *due = clock.due();
    }
    Ok(())
}

fn open_task(
    instance: &mut Instance,
    position: Position,
) -> Result<(&mut Task, &mut Vec<Timer>), &'static str> {
    match &mut wait(instance, position)?.on {
        On::Task { task, fired, .. } => Ok((task, fired)),
        _ => Err(OTHER_WAIT),
    }
}

fn held_by(owner: &Owner) -> Task {
    match &owner.user {
        Some(user) => Task::Claimed { assignee: user.clone() },
        None => Task::Offered,
    }
}
