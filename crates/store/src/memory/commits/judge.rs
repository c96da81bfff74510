//! Which commits of a group may be written: each by what is kept before the group, and by the starts accepted before it.

use crate::{
    AccountId, InstanceId, JourneyId,
    commits::{Commit, EntryRule, Guard, Refused},
    instances::{Life, Shadow},
    memory::{Kept, instances::Row},
};
use std::collections::BTreeSet;

const DAY_MS: i64 = 86_400_000;

/// What a journey's entry rules count together: its live instances, or those of one shadow version.
type Side = (JourneyId, Option<Shadow>);

pub(super) fn judge(kept: &Kept, group: &[Commit]) -> Vec<Result<(), Refused>> {
    let mut accepted: Vec<&Commit> = Vec::with_capacity(group.len());
    let mut seen: BTreeSet<InstanceId> = BTreeSet::new();
    let mut verdicts = Vec::with_capacity(group.len());
    for commit in group {
        let verdict = if seen.contains(&commit.instance) {
            Err(Refused::LostRace)
        } else {
            judge_one(kept, commit, &accepted)
        };
        if verdict.is_ok() {
            seen.insert(commit.instance);
            accepted.push(commit);
        }
        verdicts.push(verdict);
    }
    verdicts
}

fn judge_one(kept: &Kept, commit: &Commit, beside: &[&Commit]) -> Result<(), Refused> {
    let sequence_now = kept.instances.get(commit.instance).map(|row| row.state.sequence());
    let expected = match &commit.guard {
        Guard::At { sequence } => Some(*sequence),
        Guard::New { .. } | Guard::Below { .. } => None,
    };
    if sequence_now != expected {
        return Err(Refused::LostRace);
    }
    let mut must_hold = commit.done.iter().collect::<Vec<_>>();
    match &commit.guard {
        Guard::At { .. } => {}
        Guard::New { dedupe_key, entry, .. } => {
            let key = dedupe_key.as_ref();
            if let Some(instance) = key.and_then(|key| opened(kept, commit, key, beside)) {
                return Err(Refused::Duplicate { instance });
            }
            let starts: Vec<&Commit> = beside.iter().copied().filter(|one| is_start(one)).collect();
            account_enters(kept, commit, *entry, &starts)?;
            cap_holds(kept, commit, *entry, &starts)?;
        }
        Guard::Below { work } => {
            let place = commit.state.parent().map(|place| (place.position, place.index));
            let started = commit.life.parent.zip(place);
            if let Some(instance) =
                started.and_then(|(above, at)| kept.instances.at_place(above, at))
            {
                return Err(Refused::Duplicate { instance });
            }
            must_hold.push(work);
        }
    }
    let holds = must_hold.iter().all(|(key, lease)| kept.work.lease_of(key) == Some(*lease));
    if holds { Ok(()) } else { Err(Refused::LostLease) }
}

/// The instance that a key opened before.
fn opened(kept: &Kept, commit: &Commit, key: &str, beside: &[&Commit]) -> Option<InstanceId> {
    let journey = commit.life.journey;
    let same = beside.iter().find(|other| match &other.guard {
        Guard::New { dedupe_key, .. } => {
            other.life.journey == journey && dedupe_key.as_deref() == Some(key)
        }
        Guard::Below { .. } | Guard::At { .. } => false,
    });
    let before = kept.instances.starts.get(&(journey, key.to_owned())).copied();
    same.map(|other| other.instance).or(before)
}

fn account_enters(
    kept: &Kept,
    commit: &Commit,
    rule: EntryRule,
    starts: &[&Commit],
) -> Result<(), Refused> {
    let Some(account) = commit.life.account else { return Ok(()) };
    let beside = starts.iter().filter(|other| place(other) == place(commit));
    let before = || own(kept, commit, account);
    if rule.one_per_account {
        let mut running = beside.clone().filter(|other| !other.state.is_over());
        let running = running.next_back().map(|other| other.instance);
        let before = before().find(|(_, row)| !row.state.is_over()).map(|(id, _)| id);
        if let Some(instance) = running.or(before) {
            return Err(Refused::AlreadyIn { instance });
        }
    }
    let Some(since) = rule.cooled_down_since else { return Ok(()) };
    if beside.count() > 0 {
        return Err(Refused::CoolingDown { last: commit.at });
    }
    let last = before().map(|(_, row)| row.life.started_at).max();
    match last.filter(|last| *last > since) {
        Some(last) => Err(Refused::CoolingDown { last }),
        None => Ok(()),
    }
}

fn cap_holds(
    kept: &Kept,
    commit: &Commit,
    rule: EntryRule,
    starts: &[&Commit],
) -> Result<(), Refused> {
    let Some(cap) = rule.cap_per_day else { return Ok(()) };
    let today = kept.instances.started_since(commit.life.journey, commit.at.plus(-DAY_MS));
    let today = today.filter(|row| is_top_of(&row.life, commit)).take(cap as usize).count();
    let beside = starts.iter().filter(|other| side(other) == side(commit)).count();
    if today + beside >= cap as usize { Err(Refused::CapReached) } else { Ok(()) }
}

/// The account's own instances on the commit's side of its journey, newest first; those below others do not count.
fn own<'a>(
    kept: &'a Kept,
    commit: &'a Commit,
    account: AccountId,
) -> impl Iterator<Item = (InstanceId, &'a Row)> {
    let entered = kept.instances.entered(account, commit.life.journey);
    entered.filter(|(_, row)| is_top_of(&row.life, commit))
}

fn is_top_of(life: &Life, commit: &Commit) -> bool {
    life.parent.is_none() && life.shadow == commit.life.shadow
}

fn is_start(commit: &Commit) -> bool {
    matches!(commit.guard, Guard::New { .. })
}

fn side(commit: &Commit) -> Side {
    (commit.life.journey, commit.life.shadow)
}

fn place(commit: &Commit) -> (Side, Option<AccountId>) {
    (side(commit), commit.life.account)
}
