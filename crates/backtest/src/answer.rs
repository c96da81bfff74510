//! What would have happened.

use crate::limits;
use journey::{
    Fact, Status, Timestamp,
    flow::Flow,
    passage::{Passage, passage},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    JourneyId,
    events::Reaction,
    instances::AccountRef,
    memory::past::Left,
    would_have::{Kind, NewDeed},
};

const WEEK_MS: i64 = 604_800_000;
/// From Monday, 00:00 UTC, to the first moment of 1970, a Thursday.
const SINCE_MONDAY_MS: i64 = 259_200_000;

/// What would have happened.
#[derive(Debug, Default)]
pub struct Answer {
    /// Accounts of the workspace.
    pub accounts: u64,
    /// How many of them came into it after the beginning and were taken as they were when they came.
    pub came_later: u64,
    /// Events, changes and starts that were lived again.
    pub happened: u64,
    /// Instances that would have started, without those of parts and of other journeys below them.
    pub started: u64,
    /// Of those, how many stand so at the end.
    pub statuses: Vec<(Status, u64)>,
    /// How many ended with each outcome.
    pub outcomes: Vec<(String, u64)>,
    /// By the Monday, 00:00 UTC, on which a week begins, oldest first and without gaps: how many started.
    pub weeks: Vec<(Timestamp, u64)>,
    /// How often they would have done what, those of parts and of other journeys among them.
    pub deeds: Vec<(Kind, u64)>,
    /// Who would have had how many tasks, the most first.
    pub owners: Vec<(String, u64)>,
    /// How many more would have had some.
    pub more_owners: u64,
    /// Why it would not have started, the most frequent first.
    pub kept_out: Vec<KeptOut>,
    /// What failed and would need a person, the most frequent first.
    pub failed: Vec<Failed>,
    /// Where they went.
    pub flow: Flow,
    /// The first that started, in the order in which they did.
    pub runs: Vec<Ran>,
}

/// Why instances would not have started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOut {
    /// For programs.
    pub code: String,
    /// What one of them was told.
    pub example: String,
    pub count: u64,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub node: String,
    /// What was said of one of them.
    pub example: String,
    pub count: u64,
}

/// How one instance would have gone.
#[derive(Clone, Debug)]
pub struct Ran {
    pub account: Option<AccountRef>,
    pub trigger: String,
    pub started_at: Timestamp,
    /// `None` when it was not over at the end.
    pub ended_at: Option<Timestamp>,
    pub status: Status,
    pub outcome: Option<String>,
    /// Why it needs a person, when it does.
    pub failure: Option<String>,
    /// In the order in which they began, the first of them when there are many.
    pub stays: Vec<Stay>,
    /// The edges it went along, once each.
    pub edges: Vec<String>,
    /// What it would have done, the first of it when it is much: the step, and in words.
    pub deeds: Vec<(String, String)>,
}

/// One stay at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    pub node: String,
    pub at: Timestamp,
    /// `None` when it lasts.
    pub left_at: Option<Timestamp>,
    /// Whether the promise of its task was broken.
    pub is_late: bool,
}

/// About what it was asked.
pub(crate) struct Asked {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// How many there are, and how many of them came later than the beginning.
    pub(crate) accounts: u64,
    pub(crate) came_later: u64,
}

/// What is counted while the time is lived again.
#[derive(Default)]
pub(crate) struct Sums {
    started: u64,
    statuses: Vec<(Status, u64)>,
    outcomes: BTreeMap<String, u64>,
    weeks: BTreeMap<Timestamp, u64>,
    deeds: BTreeMap<&'static str, (Kind, u64)>,
    owners: BTreeMap<String, u64>,
    kept_out: BTreeMap<String, (String, u64)>,
    failed: BTreeMap<String, (String, u64)>,
    flow: Flow,
    runs: Vec<Ran>,
}

impl Sums {
    /// Adds what an instance left behind, of the journey that is tried or of one that was called.
    pub(crate) fn add(&mut self, tried: JourneyId, left: Left) {
        for deed in &left.deeds {
            self.deeds.entry(deed.kind.word()).or_insert((deed.kind, 0)).1 += 1;
            if let Some(owner) = owner(deed) {
                *self.owners.entry(owner).or_default() += 1;
            }
        }
        if left.summary.journey != tried {
            return;
        }
        let passage = passage(&left.records);
        self.flow.add(&passage);
        if left.summary.parent.is_none() {
            self.add_run(left, passage);
        }
    }

    fn add_run(&mut self, left: Left, passage: Passage) {
        let summary = &left.summary;
        self.started += 1;
        match self.statuses.iter_mut().find(|(status, _)| *status == summary.status) {
            Some((_, count)) => *count += 1,
            None => self.statuses.push((summary.status, 1)),
        }
        if let Some(outcome) = &summary.outcome {
            *self.outcomes.entry(outcome.clone()).or_default() += 1;
        }
        *self.weeks.entry(week(summary.started_at)).or_default() += 1;
        let incident = incident(&left);
        let failure = incident.as_ref().map(|(_, message)| message.clone());
        if let Some((node, message)) = incident {
            self.failed.entry(node).or_insert_with(|| (message, 0)).1 += 1;
        }
        self.runs.push(Ran { failure, ..ran(left, passage) });
        // The first that started are told of; they do not end in that order.
        if self.runs.len() >= 2 * limits::RUNS {
            self.keep_the_first();
        }
    }

    fn keep_the_first(&mut self) {
        self.runs.sort_by_key(|run| run.started_at);
        self.runs.truncate(limits::RUNS);
    }

    /// Adds why the journey that is tried was not opened.
    pub(crate) fn add_reaction(&mut self, tried: JourneyId, reaction: Reaction) {
        let Some(reason) = reaction.reaction.reason.filter(|_| reaction.reaction.journey == tried)
        else {
            return;
        };
        let sentence = reason.sentence;
        self.kept_out.entry(reason.code).or_insert_with(|| (sentence, 0)).1 += 1;
    }

    /// What it all comes to.
    pub(crate) fn answer(mut self, asked: &Asked, happened: u64) -> Answer {
        self.keep_the_first();
        let weeks = all_weeks(asked.from, asked.to).map(|week| {
            let started = self.weeks.get(&week).copied();
            (week, started.unwrap_or_default())
        });
        let weeks = weeks.collect();
        let mut owners = most_first(self.owners.into_iter().collect(), |one| one.1);
        let more_owners = owners.len().saturating_sub(limits::OWNERS) as u64;
        owners.truncate(limits::OWNERS);
        let kept_out = self.kept_out.into_iter();
        let kept_out =
            kept_out.map(|(code, (example, count))| KeptOut { code, example, count }).collect();
        let failed = self.failed.into_iter();
        let failed = failed.map(|(node, (example, count))| Failed { node, example, count });
        Answer {
            accounts: asked.accounts,
            came_later: asked.came_later,
            happened,
            started: self.started,
            statuses: self.statuses,
            outcomes: most_first(self.outcomes.into_iter().collect(), |one| one.1),
            weeks,
            deeds: self.deeds.into_values().collect(),
            owners,
            more_owners,
            kept_out: most_first(kept_out, |one: &KeptOut| one.count),
            failed: most_first(failed.collect(), |one: &Failed| one.count),
            flow: self.flow,
            runs: self.runs,
        }
    }
}

fn most_first<T>(mut all: Vec<T>, count: impl Fn(&T) -> u64) -> Vec<T> {
    all.sort_by_key(|one| std::cmp::Reverse(count(one)));
    all
}

/// Every week that has something of a time.
fn all_weeks(from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(week(from)), |week| Some(week.plus(WEEK_MS)))
        .take_while(move |week| *week < to)
}

fn week(at: Timestamp) -> Timestamp {
    Timestamp(at.0 - (at.0 + SINCE_MONDAY_MS).rem_euclid(WEEK_MS))
}

/// Whose task it would have been: a person, by e-mail address, or a team.
fn owner(deed: &NewDeed) -> Option<String> {
    if deed.kind != Kind::Task {
        return None;
    }
    let owner = &deed.body["task"]["owner"];
    let named = owner["user"].as_str().or_else(|| owner["team"].as_str());
    named.map(str::to_owned)
}

/// The step at which an instance needs a person, and what was said of it.
fn incident(left: &Left) -> Option<(String, String)> {
    if left.summary.status != Status::Incident {
        return None;
    }
    let mut nodes = BTreeMap::new();
    let mut last = None;
    for record in &left.records {
        match &record.fact {
            Fact::Entered { position, node, .. } => drop(nodes.insert(*position, node)),
            Fact::IncidentRaised { position, failure } => last = Some((*position, failure)),
            _ => {}
        }
    }
    let (position, failure) = last?;
    let node = nodes.get(&position).map(|node| (*node).clone());
    Some((node.unwrap_or_default(), failure.message.clone()))
}

fn ran(left: Left, passage: Passage) -> Ran {
    let Left { summary, records, deeds } = left;
    let trigger = records.first().and_then(|first| match &first.fact {
        Fact::Started { trigger, .. } => Some(trigger.clone()),
        _ => None,
    });
    let is_over = matches!(summary.status, Status::Ended | Status::Cancelled);
    let stays = passage.visits.into_iter().take(limits::WAY).map(|visit| Stay {
        node: visit.node,
        at: visit.entered_at,
        left_at: visit.left_at,
        is_late: visit.is_breached,
    });
    let edges: BTreeSet<String> = passage.edges.into_iter().collect();
    let deeds = deeds.into_iter().filter(|deed| deed.kind != Kind::Started);
    Ran {
        account: summary.account,
        trigger: trigger.unwrap_or_default(),
        started_at: summary.started_at,
        ended_at: is_over.then_some(summary.updated_at),
        status: summary.status,
        outcome: summary.outcome,
        failure: None,
        stays: stays.collect(),
        edges: edges.into_iter().take(limits::WAY).collect(),
        deeds: deeds.take(limits::DEEDS).map(|deed| (deed.node, deed.summary)).collect(),
    }
}
