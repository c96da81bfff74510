//! From a step of the engine to a commit of the store.

use crate::{
    limits,
    shadow::{self, Reach},
};
use journey::{Ask, Document, Fact, Instance, Journey, Position, Step, Timestamp, instance::On};
use serde_json::{Map, Value};
use store::{
    InstanceId, LeaseId,
    audit::Deed,
    commits::{Cause, Commit, Guard, NewListen, Notice, TaskChange},
    instances::Life,
    work::{Claimed, Job, Lease, NewWork, WorkKey},
};

/// What a commit is made from, beside the step.
pub(crate) struct Before<'a> {
    pub(crate) id: InstanceId,
    pub(crate) journey: &'a Journey,
    pub(crate) life: Life,
    /// Fields of the account as a shadow instance would have written them.
    pub(crate) overlay: Map<String, Value>,
    pub(crate) guard: Guard,
    pub(crate) state: &'a Instance,
    pub(crate) done: Option<(WorkKey, LeaseId)>,
    pub(crate) deed: Option<Deed>,
    pub(crate) cause: Option<Cause>,
    pub(crate) now: Timestamp,
}

/// Everything a step changes, as one commit.
pub(crate) fn commit(before: Before<'_>, step: Step, reach: &Reach) -> Commit {
    let answers = |position: Position| {
        step.records.iter().find_map(|record| {
            let Fact::TaskCompleted { position: at, form, .. } = &record.fact else { return None };
            (*at == position).then(|| form.clone())
        })
    };
    let mut commit = Commit {
        instance: before.id,
        life: before.life,
        guard: before.guard,
        state: step.instance,
        records: Vec::new(),
        work: Vec::new(),
        done: before.done,
        left: Vec::new(),
        deaf: Vec::new(),
        tasks: Vec::new(),
        account_fields: Map::new(),
        notices: Vec::new(),
        would_have: Vec::new(),
        overlay: before.overlay,
        listens: Vec::new(),
        watches_account: false,
        // Where something is started, its own key finds it again.
        asked: before.deed.as_ref().and_then(|_| store::idempotency::asked()),
        deed: before.deed,
        cause: before.cause,
        at: before.now,
    };
    if let Reach::Notes(_) = reach {
        shadow::add_start(&mut commit, &step.records);
    }
    for effect in step.effects {
        match reach {
            Reach::World => {
                let answers = answers(effect.position);
                add(&mut commit, effect, answers);
            }
            Reach::Notes(outputs) => {
                shadow::add(&mut commit, (before.journey, &step.records), effect, outputs);
            }
        }
    }
    commit.records = step.records;
    commit.watches_account = commit.state.watches_account(before.journey);
    let gone =
        before.state.waits().iter().filter(|wait| commit.state.wait(wait.position).is_none());
    let (left, deaf) = (gone.clone(), gone.filter(|wait| may_listen(&wait.on)));
    (commit.left, commit.deaf) =
        (left.map(|wait| wait.position).collect(), deaf.map(|wait| wait.position).collect());
    commit
}

/// Whether there may be an event that is waited for; an incident may have been such a wait.
fn may_listen(on: &On) -> bool {
    match on {
        On::Event { .. } | On::Condition { .. } | On::Turn | On::Incident { .. } => true,
        On::Call { .. }
        | On::Task { .. }
        | On::Timer { .. }
        | On::Children { .. }
        | On::Undo { .. }
        | On::Join { .. } => false,
    }
}

fn add(commit: &mut Commit, effect: journey::Effect, answers: Option<Document>) {
    let position = effect.position;
    let job = match effect.ask {
        Ask::Call(call) => Job::Call(call),
        Ask::Timer { timer } => Job::Timer(timer),
        Ask::OfferTask(offer) => {
            return commit.tasks.push(TaskChange::Offer { position, offer });
        }
        Ask::RenewTask(offer) => {
            return commit.tasks.push(TaskChange::Renew { position, offer });
        }
        Ask::AssignTask { assignee } => {
            return commit.tasks.push(TaskChange::Assign { position, assignee });
        }
        Ask::ReassignTask { owner } => {
            return commit.tasks.push(TaskChange::Reassign { position, owner });
        }
        Ask::CloseTask { close } => {
            return commit.tasks.push(TaskChange::Close { position, close, answers });
        }
        Ask::MarkTask { sla, due } => {
            return commit.tasks.push(TaskChange::Mark { position, sla, due });
        }
        Ask::WriteAccount { fields } => return commit.account_fields.extend(fields),
        Ask::Notify { to, about } => {
            return commit.notices.push(Notice { position, to, about });
        }
        Ask::Listen { name, key } => {
            if commit.state.wait(position).is_some() {
                commit.listens.push(NewListen { position, name, key });
            }
            return;
        }
        Ask::Send(message) => Job::Send(message),
        Ask::StartChild(start) => Job::StartChild(start),
        Ask::StopChildren { reason } => Job::StopChildren { reason },
        Ask::Report { parent, ending } => Job::Report { parent, ending, written: Map::new() },
    };
    // An exit may have ended the wait within the same step; nothing is to be done for it then.
    if outlives_its_wait(&job) || commit.state.wait(position).is_some() {
        let due = put_off(commit.instance, position, &job, (commit.at, effect.due));
        commit.work.push(NewWork { position, due, job, lease: None });
    }
}

/// A further attempt comes a little later than its pause, each at a time of its own, so that calls that failed together do not come back
/// together. Worked out from what it is, so that it is the same however often it is worked out.
fn put_off(
    instance: InstanceId,
    position: Position,
    job: &Job,
    (now, due): (Timestamp, Timestamp),
) -> Timestamp {
    let attempt = match job {
        Job::Call(call) => call.attempt,
        Job::Send(message) => message.attempt,
        Job::Timer(_)
        | Job::StartChild(_)
        | Job::Assume(_)
        | Job::StopChildren { .. }
        | Job::Report { .. } => 1,
    };
    let pause = due.0 - now.0;
    if attempt <= 1 || pause <= 0 {
        return due;
    }
    let parts = [instance.number().unsigned_abs(), u64::from(position.0), u64::from(attempt)];
    let most = pause.saturating_mul(limits::JITTER_PER_CENT) / 100;
    let by = scattered(&parts) % (most.unsigned_abs() + 1);
    due.plus(i64::try_from(by).unwrap_or(0))
}

/// `SplitMix64` over the parts: numbers that lie beside each other come out far apart.
fn scattered(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |seed: u64, part| {
        let mixed = (seed ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// Whether work is for others than the position it comes from, which is left by now.
fn outlives_its_wait(job: &Job) -> bool {
    match job {
        Job::StopChildren { .. } | Job::Report { .. } => true,
        Job::Call(_) | Job::Timer(_) | Job::Send(_) | Job::StartChild(_) | Job::Assume(_) => false,
    }
}

/// Claims, as it is written, the work that can be done at once; gives what is to be done.
pub(crate) fn claim_now(
    commit: &mut Commit,
    lease: Lease,
    mut room: impl FnMut(&Job) -> bool,
) -> Vec<Claimed> {
    let mut claimed = Vec::new();
    for work in &mut commit.work {
        if work.due <= commit.at && room(&work.job) {
            work.lease = Some(lease);
            let key = WorkKey {
                instance: commit.instance,
                position: work.position,
                name: work.job.name(),
            };
            claimed.push(Claimed { key, due: work.due, job: work.job.clone(), lease: lease.id });
        }
    }
    claimed
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::effect::Call;
    use std::collections::BTreeSet;

    fn due(instance: i64, attempt: u32, pause_ms: i64) -> i64 {
        let (connection, operation) = ("crm".to_owned(), "upsert".to_owned());
        let call = Call { connection, operation, input: Value::Null, timeout_ms: 1, attempt };
        let (now, job) = (Timestamp(1_000_000), Job::Call(call));
        let instance = InstanceId::stored(instance);
        put_off(instance, Position(1), &job, (now, now.plus(pause_ms))).0 - now.0
    }

    #[test]
    fn further_attempts_are_scattered_after_their_pause_and_never_before_it() {
        let dues: BTreeSet<i64> = (0..1_000).map(|instance| due(instance, 2, 10_000)).collect();
        assert!(dues.first() >= Some(&10_000) && dues.last() <= Some(&12_000), "{dues:?}");
        assert!(dues.len() > 700, "{} different times of 2,001", dues.len());
        assert_eq!(due(7, 2, 10_000), due(7, 2, 10_000));
        assert_ne!(due(7, 2, 10_000), due(7, 3, 10_000));
    }

    #[test]
    fn a_first_attempt_is_not_put_off() {
        assert_eq!((due(7, 1, 0), due(7, 1, 10_000), due(7, 2, 0)), (0, 10_000, 0));
    }
}
