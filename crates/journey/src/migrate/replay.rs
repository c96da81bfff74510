//! Replay: what an instance's history would have come to, had it begun with the other version.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "an event is made only of a record that was seen to tell of one"
)]

use super::Migration;
use crate::{Context, Event, Fact, Instance, Position, Record, effect::Timer, instance::On, step};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// How a replay compares with where the instance is. It informs and decides nothing: the past is not done again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "replay", rename_all = "snake_case")]
pub enum Replay {
    /// There was no history to replay.
    #[default]
    None,
    /// The same happenings lead to the same waits.
    Same,
    /// They lead elsewhere.
    Differs {
        /// The first record that does not follow; `None` when all do and the waits differ in the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<u64>,
        sentence: String,
    },
}

/// Replays the records of an instance through the version it would move to. The account is read as it is now, for what it was is not kept.
pub(super) fn replay(
    migration: &Migration<'_>,
    records: &[Record],
    context: Context<'_>,
) -> Replay {
    let mut player = Player {
        migration,
        context,
        past: Instance::new(),
        other: Instance::new(),
        places: HashMap::new(),
        taken: HashSet::new(),
        moves: records.iter().filter(|record| matches!(record.fact, Fact::Migrated(_))).collect(),
    };
    if records.is_empty() {
        return Replay::None;
    }
    for record in records {
        if let Err(sentence) = player.play(record) {
            return Replay::Differs { at: Some(record.sequence), sentence };
        }
    }
    player.compare()
}

struct Player<'a, 'b> {
    migration: &'b Migration<'a>,
    /// As things are now.
    context: Context<'b>,
    /// The instance as its records make it.
    past: Instance,
    /// The instance as the other version makes it.
    other: Instance,
    /// Where the other one waits for what a position of the past waits for.
    places: HashMap<Position, Position>,
    taken: HashSet<Position>,
    /// Moves that are still to come in the history; each gives nodes new names.
    moves: VecDeque<&'b Record>,
}

impl Player<'_, '_> {
    /// Applies a record to the past and, when it tells of something from outside, lets that happen to the other.
    fn play(&mut self, record: &Record) -> Result<(), String> {
        let at = match self.happening(&record.fact) {
            None => None,
            Some(Happening::Start | Happening::Look) => Some(Position::default()),
            Some(Happening::At(position)) => Some(self.place(position)?),
        };
        self.past.apply(record).map_err(|corrupt| format!("The history is corrupt: {corrupt}."))?;
        if matches!(record.fact, Fact::Migrated(_)) {
            self.moves.pop_front();
        }
        let event = at.and_then(|at| self.event(record.fact.clone(), at));
        let Some(event) = event else { return Ok(()) };
        let context = Context { now: record.at, ..self.context };
        let other = std::mem::take(&mut self.other);
        let step = step(self.migration.to.journey, other, event, context).map_err(|rejection| {
            format!("The other version refuses what happened: {rejection}.")
        })?;
        self.other = step.instance;
        Ok(())
    }

    /// Where the other version waits for what this position of the past waits for.
    fn place(&mut self, position: Position) -> Result<Position, String> {
        if let Some(place) = self.places.get(&position) {
            return Ok(*place);
        }
        let node = self.past.wait(position).map(|wait| wait.node.clone()).unwrap_or_default();
        let today = self.today(&node);
        let told = self
            .migration
            .from
            .draft
            .node(&today)
            .map_or_else(|| crate::diff::quoted(&today), crate::diff::node_in_words);
        let target = self.migration.names.node(&today);
        let free = self.other.waits.iter().find(|wait| {
            Some(wait.node.as_str()) == target && !self.taken.contains(&wait.position)
        });
        let Some(wait) = free else {
            return Err(format!(
                "Under version {} the instance would not have been at {told}.",
                self.migration.to.number
            ));
        };
        let place = wait.position;
        self.taken.insert(place);
        self.places.insert(position, place);
        Ok(place)
    }

    /// The id today of a node of the past.
    fn today(&self, node: &str) -> String {
        let mut node = node.to_owned();
        for record in &self.moves {
            if let Fact::Migrated(migrated) = &record.fact
                && let Some(to) = migrated.nodes.get(&node)
            {
                node.clone_from(to);
            }
        }
        node
    }

    fn compare(&self) -> Replay {
        let count = |nodes: Vec<Option<String>>| {
            let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
            for node in nodes {
                *counts.entry(node).or_default() += 1;
            }
            counts
        };
        let names = &self.migration.names;
        let here = self.past.waits.iter().map(|wait| names.node(&wait.node).map(str::to_owned));
        let there = self.other.waits.iter().map(|wait| Some(wait.node.clone()));
        if count(here.collect()) == count(there.collect()) {
            return Replay::Same;
        }
        let number = self.migration.to.number;
        let nodes: Vec<_> = self
            .other
            .waits
            .iter()
            .map(|wait| {
                let node = self.migration.to.draft.node(&wait.node);
                node.map_or_else(|| crate::diff::quoted(&wait.node), crate::diff::node_in_words)
            })
            .collect();
        let sentence = if nodes.is_empty() {
            format!("Under version {number} it would be over by now.")
        } else {
            format!("Under version {number} it would be at {} now.", nodes.join(", "))
        };
        Replay::Differs { at: None, sentence }
    }
}

/// What happened from outside.
enum Happening {
    Start,
    /// Something a condition reads changed; when it held is all that is known.
    Look,
    /// To what waits at a position of the past.
    At(Position),
}

impl Player<'_, '_> {
    /// Whether a record tells of something from outside; `None` for what the engine did itself, and for what changes no way: clocks and hands.
    fn happening(&self, fact: &Fact) -> Option<Happening> {
        match fact {
            Fact::Started { .. } | Fact::StartedBelow { .. } => Some(Happening::Start),
            Fact::CallSucceeded { position, .. }
            | Fact::CallFailed { position, .. }
            | Fact::TaskClaimed { position, .. }
            | Fact::TaskReleased { position, .. }
            | Fact::TaskCompleted { position, .. }
            | Fact::TimerFired { position, .. }
            | Fact::IncidentRetried { position, .. }
            | Fact::IncidentSkipped { position, .. }
            | Fact::IncidentEnded { position, .. }
            | Fact::TaskDelegated { position, .. }
            | Fact::Approved { position, .. }
            | Fact::Received { position, .. }
            | Fact::TimedOut { position }
            | Fact::ChildStarted { position, .. }
            | Fact::ChildEnded { position, .. }
            | Fact::ItemAdded { position, .. } => Some(Happening::At(*position)),
            // A wait for time is left when its timer fires, of which there is no record of its own.
            Fact::Left { position, .. } => {
                let on = self.past.wait(*position).map(|wait| &wait.on);
                matches!(on, Some(On::Timer { .. })).then_some(Happening::At(*position))
            }
            Fact::ConditionHeld { .. } => Some(Happening::Look),
            Fact::Entered { .. }
            | Fact::Waiting { .. }
            | Fact::Arrived { .. }
            | Fact::Joined { .. }
            | Fact::Absorbed { .. }
            | Fact::EndReached { .. }
            | Fact::VariableSet { .. }
            | Fact::AccountFieldSet { .. }
            | Fact::CallRetried { .. }
            | Fact::SlaWarned { .. }
            | Fact::SlaBreached { .. }
            | Fact::SlaChanged { .. }
            | Fact::TaskEscalated { .. }
            | Fact::TaskReassigned { .. }
            | Fact::Told { .. }
            | Fact::IncidentRaised { .. }
            | Fact::HandedOver { .. }
            | Fact::ChildAsked { .. }
            | Fact::Returned { .. }
            | Fact::RulesHeld { .. }
            | Fact::Judged { .. }
            | Fact::MilestoneReached { .. }
            | Fact::TurnCame { .. }
            | Fact::Withdrawn { .. }
            | Fact::UndoKept { .. }
            | Fact::CancelBegan { .. }
            | Fact::Undone { .. }
            | Fact::Ended { .. }
            | Fact::Cancelled { .. }
            | Fact::Migrated(_) => None,
        }
    }

    /// The event behind a record that tells of one, at its position in the other version.
    fn event(&self, fact: Fact, position: Position) -> Option<Event> {
        Some(match fact {
            Fact::Started { trigger, input } => {
                let today = self.today(&trigger);
                let trigger = self.migration.names.node(&today).map_or(trigger, str::to_owned);
                Event::Started { trigger, input: (*input).clone() }
            }
            Fact::CallSucceeded { output, .. } => {
                Event::CallSucceeded { position, output: (*output).clone() }
            }
            Fact::CallFailed { failure, .. } => Event::CallFailed { position, failure },
            Fact::TaskClaimed { by, .. } => Event::TaskClaimed { position, by },
            Fact::TaskReleased { by, .. } => Event::TaskReleased { position, by },
            Fact::StartedBelow { node, input, parent, seed } => {
                let today = self.today(&node);
                let node = self.migration.names.node(&today).map_or(node, str::to_owned);
                Event::StartedBelow { node, input: (*input).clone(), parent, seed }
            }
            Fact::TaskCompleted { by, outcome, form, .. } => {
                completed(position, by, outcome, &form)
            }
            Fact::Approved { by, form, .. } => {
                completed(position, by, "approved".to_owned(), &form)
            }
            Fact::TaskDelegated { by, to, .. } => Event::TaskDelegated { position, by, to },
            Fact::IncidentEnded { by, .. } => {
                Event::IncidentEnded { position, by, outcome: String::new() }
            }
            Fact::Received { received, .. } => {
                Event::Received { position, received: (*received).clone() }
            }
            Fact::TimedOut { .. } => Event::TimerFired { position, timer: Timer::Timeout },
            Fact::ConditionHeld { .. } => Event::AccountChanged,
            Fact::ChildStarted { index, instance, .. } => {
                Event::ChildStarted { position, index, instance }
            }
            Fact::ChildEnded { index, ending, .. } => Event::ChildEnded { position, index, ending },
            Fact::ItemAdded { item, by, .. } => Event::ItemAdded { position, item, by },
            Fact::TimerFired { timer: id, .. } => {
                Event::TimerFired { position, timer: Timer::Boundary { id } }
            }
            Fact::Left { .. } => Event::TimerFired { position, timer: Timer::Wait },
            Fact::IncidentRetried { by, .. } => Event::IncidentRetried { position, by },
            Fact::IncidentSkipped { by, outcome, .. } => {
                Event::IncidentSkipped { position, by, outcome }
            }
            _ => return None,
        })
    }
}

/// The limit of an approval has been passed once; who the person was is not kept.
fn completed(position: Position, by: String, outcome: String, form: &Value) -> Event {
    let (person, form) = (Value::Null, form.clone());
    Event::TaskCompleted { position, by, person, outcome, form }
}
