//! From a step of the engine to a commit of the store.

use crate::shadow::{self, Reach};
use journey::{Ask, Document, Fact, Instance, Journey, Position, Step, Timestamp};
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
        tasks: Vec::new(),
        account_fields: Map::new(),
        notices: Vec::new(),
        would_have: Vec::new(),
        overlay: before.overlay,
        listens: Vec::new(),
        watches_account: false,
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
    let gone = before.state.waits().iter().map(|wait| wait.position);
    commit.left = gone.filter(|position| commit.state.wait(*position).is_none()).collect();
    commit
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
        commit.work.push(NewWork { position, due: effect.due, job, lease: None });
    }
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
