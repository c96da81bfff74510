//! Which commits of a group may be written, decided under the write lock.

use super::{DOING, Ready};
use crate::sql::{Keyed, Row, query_scalar, values};
use crate::{
    AccountId, Failure, InstanceId, JourneyId, LeaseId,
    commits::{Commit, EntryRule, Guard, Refused},
    database::{
        Write,
        keys::Key,
        work::{KEY, key_values, work_key},
        written::number,
    },
    failure::Doing,
    ids,
    instances::{Shadow, status_word},
    planted::{Mistake, makes},
    work::WorkKey,
};
use journey::Timestamp;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

const DAY_MS: i64 = 86_400_000;

/// What the store has of the group.
struct Stored {
    instances: Lying,
    leases: HashMap<WorkKey, LeaseId>,
    starts: Starts,
}

/// Which instances were started under which keys.
type Starts = HashMap<(JourneyId, String), InstanceId>;

/// The instances of a group as they lie in the store before it.
pub(super) type Lying = HashMap<i64, Lies>;

/// What of an instance decides, and by what it is listed.
pub(super) struct Lies {
    sequence: i64,
    version: i64,
    status: String,
    watches_account: i64,
}

impl Lies {
    /// Whether the instance stays in every list where it is: only what it is has changed.
    pub(super) fn stays_listed(&self, commit: &Commit) -> bool {
        self.version == number(commit.life.version)
            && self.status == status_word(commit.state.status())
            && self.watches_account == i64::from(commit.watches_account)
    }
}

/// What a journey's entry rules count together: its live instances, or those of one shadow version.
type Side = (JourneyId, Option<Shadow>);

fn side(commit: &Commit) -> Side {
    (commit.life.journey, commit.life.shadow)
}

/// What the group's own commits, accepted so far, have already taken.
#[derive(Default)]
struct Taken {
    instances: HashSet<InstanceId>,
    keys: Starts,
    entered: HashSet<(Side, AccountId)>,
    running: HashMap<(Side, AccountId), InstanceId>,
    starts: HashMap<Side, u32>,
}

/// The verdict on each, and how their instances lie.
pub(super) async fn judge(
    tx: &mut Write,
    group: &[Ready<'_>],
) -> Result<(Vec<Result<(), Refused>>, Lying), Failure> {
    let stored = Stored {
        instances: instances(tx, group).await?,
        leases: leases(tx, group).await?,
        starts: starts(tx, group).await?,
    };
    let mut taken = Taken::default();
    let mut verdicts = Vec::with_capacity(group.len());
    for ready in group {
        let verdict = judge_one(tx, ready.commit, &stored, &taken).await?;
        if verdict.is_ok() {
            taken.add(ready.commit);
        }
        verdicts.push(verdict);
    }
    Ok((verdicts, stored.instances))
}

/// What must not change between the judgement and the commit, beside the rows that are locked.
pub(super) fn keys(commit: &Commit) -> impl Iterator<Item = Key<'_>> {
    let journey = commit.life.journey;
    let events = (!commit.account_fields.is_empty()).then_some(Key::Events);
    let (start, entry, cap) = match &commit.guard {
        Guard::New { dedupe_key, entry: rule, .. } => {
            let is_counted = rule.one_per_account || rule.cooled_down_since.is_some();
            let account = commit.life.account.filter(|_| is_counted);
            (
                dedupe_key.as_deref().map(|key| Key::Start(journey, key)),
                account.map(|account| Key::Entry(journey, account)),
                rule.cap_per_day.map(|_| Key::Cap(journey)),
            )
        }
        Guard::Below { .. } | Guard::At { .. } => (None, None, None),
    };
    [events, start, entry, cap].into_iter().flatten()
}

async fn judge_one(
    tx: &mut Write,
    commit: &Commit,
    stored: &Stored,
    taken: &Taken,
) -> Result<Result<(), Refused>, Failure> {
    let sequence_now = stored.instances.get(&commit.instance.number()).map(|row| row.sequence);
    if taken.instances.contains(&commit.instance) {
        return Ok(Err(Refused::LostRace));
    }
    match &commit.guard {
        Guard::At { sequence } if sequence_now != Some(number(*sequence)) => {
            return Ok(Err(Refused::LostRace));
        }
        Guard::New { .. } | Guard::Below { .. } if sequence_now.is_some() => {
            return Ok(Err(Refused::LostRace));
        }
        Guard::At { .. } => {}
        Guard::New { dedupe_key, entry, .. } => {
            if let Some(refused) = duplicate(commit, dedupe_key.as_deref(), stored, taken) {
                return Ok(Err(refused));
            }
            if let Some(refused) = kept_out(tx, commit, *entry, taken).await? {
                return Ok(Err(refused));
            }
        }
        Guard::Below { work: (key, lease) } => {
            if let Some(instance) = started_below(tx, commit).await? {
                return Ok(Err(Refused::Duplicate { instance }));
            }
            if stored.leases.get(key) != Some(lease) {
                return Ok(Err(Refused::LostLease));
            }
        }
    }
    if commit.done.as_ref().is_some_and(|(key, lease)| stored.leases.get(key) != Some(lease)) {
        return Ok(Err(Refused::LostLease));
    }
    Ok(Ok(()))
}

impl Taken {
    fn add(&mut self, commit: &Commit) {
        self.instances.insert(commit.instance);
        let Guard::New { dedupe_key, .. } = &commit.guard else { return };
        let journey = commit.life.journey;
        *self.starts.entry(side(commit)).or_default() += 1;
        if let Some(key) = dedupe_key {
            self.keys.insert((journey, key.clone()), commit.instance);
        }
        if let Some(account) = commit.life.account {
            let place = (side(commit), account);
            self.entered.insert(place);
            if !commit.state.is_over() {
                self.running.insert(place, commit.instance);
            }
        }
    }
}

/// The work that must be held for a commit to be written.
fn held(commit: &Commit) -> impl Iterator<Item = &WorkKey> {
    let asks = match &commit.guard {
        Guard::Below { work } => Some(&work.0),
        Guard::New { .. } | Guard::At { .. } => None,
    };
    commit.done.iter().map(|(key, _)| key).chain(asks)
}

/// Under which lease the work that the group answers is held.
async fn leases(tx: &mut Write, group: &[Ready<'_>]) -> Result<HashMap<WorkKey, LeaseId>, Failure> {
    let mut asked: Vec<&WorkKey> = group.iter().flat_map(|ready| held(ready.commit)).collect();
    // Everyone locks rows in the same order, so that no two wait for each other.
    asked.sort_unstable_by_key(|key| (key.instance, key.position, &key.name));
    let keys: Vec<_> = asked.into_iter().map(key_values).collect();
    let rows = LEASES.run(tx, &[], &keys).await.doing(DOING)?;
    let lease = |row: &Row| Ok((work_key(row)?, LeaseId::stored(row.int("lease")?)));
    rows.iter().map(lease).collect()
}

static LEASES: LazyLock<Keyed> = LazyLock::new(|| {
    Keyed::new(("SELECT instance, position, name, lease FROM work", 0), &KEY, |dialect| {
        format!(" ORDER BY instance, position, name{}", dialect.locking())
    })
});

/// How the instances of the group lie.
async fn instances(tx: &mut Write, group: &[Ready<'_>]) -> Result<Lying, Failure> {
    let mut ids: Vec<InstanceId> = group.iter().map(|ready| ready.commit.instance).collect();
    ids.sort_unstable();
    let keys: Vec<_> = ids.iter().map(|id| values![id.slot().number(), id.number()]).collect();
    let rows = INSTANCES.run(tx, &[], &keys).await.doing(DOING)?;
    let lies = |row: &Row| {
        let lies = Lies {
            sequence: row.int("sequence")?,
            version: row.int("version")?,
            status: row.text("status")?,
            watches_account: row.int("watches_account")?,
        };
        Ok((row.int("id")?, lies))
    };
    rows.iter().map(lies).collect()
}

static INSTANCES: LazyLock<Keyed> = LazyLock::new(|| {
    let select = "SELECT id, sequence, version, status, watches_account FROM instances";
    Keyed::new((select, 0), &["slot", "id"], |dialect| format!(" ORDER BY id{}", dialect.locking()))
});

/// Which of the keys that the group would start under are taken already, and by whom.
async fn starts(tx: &mut Write, group: &[Ready<'_>]) -> Result<Starts, Failure> {
    static STARTS: LazyLock<Keyed> = LazyLock::new(|| {
        let select = "SELECT journey, key, instance FROM starts";
        Keyed::new((select, 0), &["journey", "key"], |_| String::new())
    });
    if makes(Mistake::StartKeyIgnored) {
        return Ok(Starts::new());
    }
    let asked = group.iter().filter_map(|ready| match &ready.commit.guard {
        Guard::New { dedupe_key: Some(key), .. } => {
            Some(values![ready.commit.life.journey.number(), key])
        }
        Guard::New { dedupe_key: None, .. } | Guard::At { .. } | Guard::Below { .. } => None,
    });
    let asked: Vec<_> = asked.collect();
    let rows = STARTS.run(tx, &[], &asked).await.doing(DOING)?;
    let start = |row: &Row| {
        let key = (JourneyId::stored(row.int("journey")?), row.text("key")?);
        Ok((key, InstanceId::stored(row.int("instance")?)))
    };
    rows.iter().map(start).collect()
}

fn duplicate(
    commit: &Commit,
    key: Option<&str>,
    stored: &Stored,
    taken: &Taken,
) -> Option<Refused> {
    let key = (commit.life.journey, key.filter(|_| !makes(Mistake::StartKeyIgnored))?.to_owned());
    let instance = taken.keys.get(&key).or_else(|| stored.starts.get(&key))?;
    Some(Refused::Duplicate { instance: *instance })
}

/// The instance that was started for the same place below before. No two of a group are for one place: its work is in one hand.
async fn started_below(tx: &mut Write, commit: &Commit) -> Result<Option<InstanceId>, Failure> {
    let Some(place) = commit.state.parent() else { return Ok(None) };
    let found: Option<i64> = query_scalar(
        "SELECT id FROM instances WHERE parent = $1 AND parent_position = $2 AND parent_index = $3 AND slot = $4",
    )
    .bind(commit.life.parent.map(InstanceId::number))
    .bind(i64::from(place.position.0))
    .bind(i64::from(place.index))
    .bind(commit.instance.slot().number())
    .fetch_optional(&mut *tx)
    .await
    .doing(DOING)?;
    Ok(found.map(InstanceId::stored))
}

async fn kept_out(
    tx: &mut Write,
    commit: &Commit,
    rule: EntryRule,
    taken: &Taken,
) -> Result<Option<Refused>, Failure> {
    let journey = commit.life.journey;
    if let Some(account) = commit.life.account
        && let Some(refused) = account_kept_out(tx, commit, account, rule, taken).await?
    {
        return Ok(Some(refused));
    }
    let Some(cap) = rule.cap_per_day else { return Ok(None) };
    let since = ids::first_number_at(commit.at.plus(-DAY_MS));
    let started: i64 = query_scalar(
        "SELECT COUNT(*) FROM instances WHERE journey = $1 AND id >= $2 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3",
    )
    .bind(journey.number())
    .bind(since)
    .bind(shadow_version(commit))
    .fetch_one(&mut *tx)
    .await
    .doing(DOING)?;
    let beside = taken.starts.get(&side(commit)).copied().unwrap_or(0);
    let full = started + i64::from(beside) >= i64::from(cap);
    Ok(full.then_some(Refused::CapReached))
}

/// At the top an instance's shadow version is its own, so the number tells the sides of a journey apart.
fn shadow_version(commit: &Commit) -> Option<i64> {
    commit.life.shadow.map(|shadow| number(shadow.version))
}

async fn account_kept_out(
    tx: &mut Write,
    commit: &Commit,
    account: AccountId,
    rule: EntryRule,
    taken: &Taken,
) -> Result<Option<Refused>, Failure> {
    let journey = commit.life.journey;
    let place = (side(commit), account);
    if rule.one_per_account {
        let running: Option<i64> = query_scalar(
            "SELECT id FROM instances
             WHERE slot = $4 AND account = $1 AND journey = $2 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3
                AND status IN ('running', 'incident')
             ORDER BY id DESC LIMIT 1",
        )
        .bind(account.number())
        .bind(journey.number())
        .bind(shadow_version(commit))
        .bind(account.slot().number())
        .fetch_optional(&mut *tx)
        .await
        .doing(DOING)?;
        let beside = taken.running.get(&place).copied();
        if let Some(instance) = beside.or(running.map(InstanceId::stored)) {
            return Ok(Some(Refused::AlreadyIn { instance }));
        }
    }
    let Some(since) = rule.cooled_down_since else { return Ok(None) };
    if taken.entered.contains(&place) {
        return Ok(Some(Refused::CoolingDown { last: commit.at }));
    }
    let last: Option<i64> = query_scalar(
        "SELECT MAX(started_at) FROM instances
         WHERE slot = $4 AND account = $1 AND journey = $2 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3",
    )
    .bind(account.number())
    .bind(journey.number())
    .bind(shadow_version(commit))
    .bind(account.slot().number())
    .fetch_one(&mut *tx)
    .await
    .doing(DOING)?;
    let last = last.map(Timestamp).filter(|last| *last > since);
    Ok(last.map(|last| Refused::CoolingDown { last }))
}
