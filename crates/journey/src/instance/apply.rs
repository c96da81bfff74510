//! How each record changes an instance.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each function is given the facts of one kind of node"
)]

use super::{Corrupt, Entered, Instance, On, Status, Task, Wait};
use crate::{
    Position,
    effect::{Failure, Owner, Timer},
    record::{Fact, Record},
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
        Fact::Started { input, .. } => {
            instance.input = input.clone();
            Ok(())
        }
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
        Fact::VariableSet { name, value } => {
            instance.vars.insert(name.clone(), value.clone());
            Ok(())
        }
        Fact::AccountFieldSet { .. } => Ok(()),
        Fact::Ended { outcome } => {
            instance.outcome = Some(outcome.clone());
            over(instance, Status::Ended);
            Ok(())
        }
        Fact::Cancelled { .. } => {
            over(instance, Status::Cancelled);
            Ok(())
        }
        Fact::EndReached { outcome, .. } => {
            instance.reached.get_or_insert_with(|| outcome.clone());
            Ok(())
        }
        Fact::Migrated(migrated) => super::migrated::apply(instance, migrated),
        Fact::Arrived { .. } | Fact::Joined { .. } | Fact::Absorbed { .. } => {
            join(instance, &record.fact)
        }
        Fact::CallSucceeded { .. } | Fact::CallFailed { .. } | Fact::CallRetried { .. } => {
            call(instance, &record.fact)
        }
        Fact::IncidentRaised { .. }
        | Fact::IncidentRetried { .. }
        | Fact::IncidentSkipped { .. } => incident(instance, &record.fact),
        Fact::TaskClaimed { .. }
        | Fact::TaskReleased { .. }
        | Fact::TaskCompleted { .. }
        | Fact::TaskReassigned { .. }
        | Fact::TaskEscalated { .. }
        | Fact::SlaWarned { .. }
        | Fact::SlaBreached { .. }
        | Fact::TimerFired { .. } => task(instance, &record.fact),
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
        Fact::CallRetried { position, attempt, .. } => match &mut wait(instance, *position)?.on {
            On::Call { attempt: current, .. } => {
                *current = *attempt;
                Ok(())
            }
            _ => Err(OTHER_WAIT),
        },
        _ => Err("it is no record of a call"),
    }
}

/// The node whose call waits at a position.
fn calling(instance: &mut Instance, position: Position) -> Result<String, &'static str> {
    let wait = wait(instance, position)?;
    if matches!(wait.on, On::Call { .. }) { Ok(wait.node.clone()) } else { Err(OTHER_WAIT) }
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
            let attempt = if let On::Call { attempt, .. } = wait.on { attempt } else { 0 };
            wait.on = On::Incident { failure: failure.clone(), attempt };
            Ok(())
        }
        Fact::IncidentRetried { position, .. } => {
            if !matches!(wait(instance, *position)?.on, On::Incident { .. }) {
                return Err(OTHER_WAIT);
            }
            let Wait { position, node, since, .. } = remove(instance, *position)?;
            instance.entered = Some(Entered { position, node, since });
            Ok(())
        }
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

fn task(instance: &mut Instance, fact: &Fact) -> Applied {
    match fact {
        Fact::TaskClaimed { position, by } => {
            *open_task(instance, *position)?.0 = Task::Claimed { assignee: by.clone() };
        }
        Fact::TaskReleased { position, .. } => *open_task(instance, *position)?.0 = Task::Offered,
        Fact::TaskReassigned { position, to } => *open_task(instance, *position)?.0 = held_by(to),
        Fact::SlaWarned { position } => open_task(instance, *position)?.1.push(Timer::Warning),
        Fact::SlaBreached { position, .. } => open_task(instance, *position)?.1.push(Timer::Due),
        Fact::TaskEscalated { position, step } => {
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
