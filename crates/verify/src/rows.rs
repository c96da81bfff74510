//! I4, the other way: no work, open task or wait for an event that its instance does not wait for.

use crate::{
    kept::Kept,
    limits,
    report::{Findings, Invariant::I4},
};
use journey::{Timestamp, Wait, effect::Timer, instance::On};
use store::{inventory::Pending, work::Job};

/// Looks at every row there is of an instance; when work may be taken up is compared if it is known what time it is.
pub(crate) fn check(kept: &Kept, now: Option<Timestamp>, findings: &mut Findings) {
    for pending in kept.work.values() {
        findings.looked(I4);
        work(kept, pending, findings);
        if let Some(now) = now {
            taken_up(pending, now, findings);
        }
    }
    for position in kept.tasks.keys() {
        findings.looked(I4);
        let wait = kept.stored.state.wait(*position);
        if kept.stored.life.shadow.is_some() {
            findings.found_at(I4, *position, "a task of a shadow run is before people");
        } else if !wait.is_some_and(|wait| matches!(wait.on, On::Task { .. })) {
            findings.found_at(I4, *position, "its task is open, and it waits for no person there");
        }
    }
    for listening in &kept.listens {
        findings.looked(I4);
        let wait = kept.stored.state.wait(listening.position);
        let is_waiting = wait.is_some_and(|wait| match &wait.on {
            On::Event { name, key, .. } => *name == listening.ear.name && *key == listening.key,
            // What the wait was for is heard and passed by until a person decides.
            On::Incident { .. } => true,
            _ => false,
        });
        if !is_waiting {
            let (name, key) = (&listening.ear.name, &listening.key);
            findings.found_at(
                I4,
                listening.position,
                format_args!(
                    "it hears the event '{name}' with the key '{key}', and does not wait for it"
                ),
            );
        }
    }
}

fn work(kept: &Kept, pending: &Pending, findings: &mut Findings) {
    let state = &kept.stored.state;
    let (position, name) = (pending.key.position, &pending.key.name);
    if *name != pending.job.name() {
        let job = pending.job.name();
        return findings.found_at(I4, position, format_args!("its work '{name}' is '{job}'"));
    }
    let is_wanted = match &pending.job {
        Job::StopChildren { .. } => true,
        Job::Report { .. } => state.is_over() && state.parent().is_some(),
        Job::Call(_) | Job::Timer(_) | Job::Send(_) | Job::StartChild(_) | Job::Assume(_) => {
            state.wait(position).is_some_and(|wait| is_for(&pending.job, wait))
        }
    };
    if !is_in_lane(pending) {
        findings.found_at(I4, position, format_args!("its work '{name}' waits in another's lane"));
    }
    if !is_wanted {
        findings.found_at(I4, position, format_args!("it does not wait for its work '{name}'"));
    }
}

/// Whether it is taken with others of its kind. What an older release wrote is in the lane of its kind for all journeys, or in one of its own.
fn is_in_lane(pending: &Pending) -> bool {
    let Pending { lane, job, .. } = pending;
    let name = job.name();
    let connection = match job {
        Job::Call(call) => Some(call.connection.as_str()),
        _ => None,
    };
    let is_kind = name.split(':').next() == Some(lane.kind());
    lane.kind() == "other" || (is_kind && lane.connection() == connection)
}

/// What is due is taken up at once, or when whoever holds it is gone.
fn taken_up(pending: &Pending, now: Timestamp, findings: &mut Findings) {
    let latest = pending.due.max(now.plus(limits::HELD_MS + limits::SET_BACK_MS));
    if pending.available > latest {
        let (name, due) = (&pending.key.name, pending.due.to_rfc3339());
        let at = pending.available.to_rfc3339();
        findings.found_at(
            I4,
            pending.key.position,
            format_args!("its work '{name}' is due at {due}, and nobody takes it up before {at}"),
        );
    }
}

/// Whether a wait is of the kind that work is for. A timer that a migration took away is left to find nothing when it comes.
fn is_for(job: &Job, wait: &Wait) -> bool {
    let is_incident = matches!(wait.on, On::Incident { .. });
    match job {
        Job::Call(_) | Job::Send(_) => matches!(wait.on, On::Call { .. } | On::Undo { .. }),
        Job::Assume(_) => {
            is_incident || matches!(wait.on, On::Call { .. } | On::Undo { .. } | On::Task { .. })
        }
        Job::StartChild(start) => match &wait.on {
            On::Children { children } => (start.index as usize) < children.len(),
            _ => is_incident,
        },
        Job::Timer(timer) => is_incident || is_timed_by(wait, timer),
        Job::StopChildren { .. } | Job::Report { .. } => true,
    }
}

fn is_timed_by(wait: &Wait, timer: &Timer) -> bool {
    match timer {
        Timer::Wait => matches!(wait.on, On::Timer { .. }),
        Timer::Timeout => matches!(wait.on, On::Event { .. } | On::Condition { .. }),
        Timer::Recheck => matches!(wait.on, On::Condition { .. }),
        Timer::Warning | Timer::Due | Timer::Escalation { .. } | Timer::Boundary { .. } => {
            matches!(wait.on, On::Task { .. })
        }
    }
}
