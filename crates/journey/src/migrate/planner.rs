//! Draws up the plan of one instance's move.

use super::{Migrated, Migration, Moved, Plan, Reason, Replay, Verdict, waits::Carried};
use crate::{
    Context, Event, Fact, Instance, Position, Record, Timestamp, diff::quoted, draft::Node,
    instance::Wait, step,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A plan while it is drawn up.
pub(super) struct Planner<'a, 'b> {
    pub(super) migration: &'b Migration<'a>,
    pub(super) instance: &'b Instance,
    pub(super) context: Context<'b>,
    /// When each position last began to wait.
    begun: HashMap<Position, Timestamp>,
    /// The nodes it has been at.
    visited: HashSet<String>,
    reasons: Vec<(Verdict, Reason)>,
    notes: Vec<Reason>,
    pub(super) edges: BTreeMap<String, String>,
}

impl<'a, 'b> Planner<'a, 'b> {
    pub(super) fn new(
        migration: &'b Migration<'a>,
        instance: &'b Instance,
        records: &[Record],
        context: Context<'b>,
    ) -> Self {
        let waiting = records.iter().filter_map(|record| match &record.fact {
            Fact::Waiting { position, .. } => Some((*position, record.at)),
            _ => None,
        });
        let begun = waiting.collect();
        let entered = records.iter().filter_map(|record| match &record.fact {
            Fact::Entered { node, .. } => Some(node.clone()),
            _ => None,
        });
        let visited = entered.collect();
        let (reasons, notes, edges) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { migration, instance, context, begun, visited, reasons, notes, edges }
    }

    pub(super) fn plan(mut self, replay: Replay, by: &str) -> Plan {
        let (mut waits, mut moved) = (Vec::new(), Vec::new());
        for wait in &self.instance.waits {
            let carried = self.wait(wait);
            moved.extend(carried.moved);
            waits.push(carried.plan);
        }
        if self.instance.cancelling.is_some() {
            let sentence =
                "It is being cancelled, which it finishes on its own version.".to_owned();
            self.refuse(Verdict::MustStay, Reason::of("cancelling", None, sentence));
        }
        let migrated = self.migrated(moved, by);
        self.whole(&migrated);
        let verdict =
            self.reasons.iter().map(|(verdict, _)| *verdict).max().unwrap_or(Verdict::MovesCleanly);
        let variables = migrated.variables.clone();
        Plan {
            verdict,
            sequence: self.instance.sequence,
            reasons: self.reasons.into_iter().map(|(_, reason)| reason).collect(),
            notes: self.notes,
            waits,
            variables,
            replay,
            migrated: (verdict == Verdict::MovesCleanly).then_some(migrated),
        }
    }

    /// When a wait began, from which its times are reckoned.
    pub(super) fn begun(&self, wait: &Wait) -> Timestamp {
        self.begun.get(&wait.position).copied().unwrap_or(wait.since)
    }

    pub(super) fn refuse(&mut self, verdict: Verdict, reason: Reason) {
        self.reasons.push((verdict, reason));
    }

    pub(super) fn note(&mut self, note: Reason) {
        self.notes.push(note);
    }

    pub(super) fn must_stay(&mut self, code: &str, node: &str, sentence: String) {
        self.refuse(Verdict::MustStay, Reason::of(code, Some(node), sentence));
    }

    /// A node of the version the instance follows now, in words.
    pub(super) fn told(&self, id: &str) -> String {
        let node = self.migration.from.draft.node(id);
        node.map_or_else(|| format!("the node {}", quoted(id)), crate::diff::node_in_words)
    }

    fn wait(&mut self, wait: &Wait) -> Carried {
        let names = &self.migration.names;
        let from = self.migration.from.draft.node(&wait.node);
        let to = names.node(&wait.node).and_then(|id| self.migration.to.draft.node(id));
        match (from, to) {
            (Some(from), Some(to)) if from.kind == to.kind => self.carry(wait, from, to),
            (Some(from), to) => {
                self.nowhere(from, to);
                Carried::nowhere(wait)
            }
            (None, _) => {
                let sentence = format!(
                    "The instance waits at {}, which its own version does not have.",
                    self.told(&wait.node)
                );
                self.must_stay("node-unknown", &wait.node, sentence);
                Carried::nowhere(wait)
            }
        }
    }

    /// The new version has no node for this wait.
    fn nowhere(&mut self, from: &Node, to: Option<&Node>) {
        let (told, number) = (self.told(&from.id), self.migration.to.number);
        let (code, what) = match to {
            Some(to) => {
                let kind = crate::diff::node_in_words(to);
                ("other-kind", format!("there that id belongs to {kind}"))
            }
            None => ("node-gone", format!("version {number} does not have it")),
        };
        let (verdict, advice) = if self.migration.names.has_room(&from.kind) {
            (Verdict::NeedsMapping, "map it to a new node of the same kind")
        } else {
            (Verdict::MustStay, "and no new node of its kind is there to map it to")
        };
        let sentence = format!("The instance waits at {told}, but {what}; {advice}.");
        self.refuse(verdict, Reason::of(code, Some(&from.id), sentence));
    }

    fn migrated(&mut self, waits: Vec<Moved>, by: &str) -> Migrated {
        let mut nodes = self.migration.names.renamed();
        // Only what the instance has touched: nothing else will be read under another name.
        nodes.retain(|id, _| self.has_touched(id));
        let mut variables = self.migration.names.variables().clone();
        variables.retain(|name, to| name != to && self.instance.vars.contains_key(name));
        let edges = std::mem::take(&mut self.edges);
        let (from, to) = (self.migration.from.number, self.migration.to.number);
        Migrated { from, to, by: by.to_owned(), nodes, variables, edges, waits }
    }

    fn has_touched(&self, node: &str) -> bool {
        self.visited.contains(node)
            || self.instance.nodes.contains_key(node)
            || self.instance.owed.contains_key(node)
            || self.instance.waits.iter().any(|wait| wait.node == node)
    }

    /// What only shows when the whole move is looked at: names that clash, values that are missing, what follows at once.
    fn whole(&mut self, migrated: &Migrated) {
        let is_placed = migrated.waits.len() == self.instance.waits.len();
        if !is_placed {
            return;
        }
        let record = Record {
            sequence: self.instance.sequence,
            at: self.context.now,
            fact: Fact::Migrated(Box::new(migrated.clone())),
        };
        let mut moved = self.instance.clone();
        if let Err(corrupt) = moved.apply(&record) {
            let sentence = format!("The mapping cannot be used here: {}.", corrupt.why);
            return self.refuse(Verdict::NeedsMapping, Reason::of("names-clash", None, sentence));
        }
        for missing in self.migration.needs.missing(self.migration.to, &moved) {
            self.refuse(Verdict::NeedsMapping, missing);
        }
        self.stranded(&moved);
        if self.reasons.is_empty() {
            self.rehearse(migrated);
        }
    }

    /// Every wait must be able to reach an end of the new version.
    fn stranded(&mut self, moved: &Instance) {
        let journey = self.migration.to.journey;
        for (wait, now) in self.instance.waits.iter().zip(&moved.waits) {
            if journey
                .place(&now.node)
                .is_none_or(|place| !self.migration.finishing.contains(&place))
            {
                let sentence = format!(
                    "From {} no end can be reached in version {}.",
                    self.told(&wait.node),
                    self.migration.to.number
                );
                self.must_stay("no-way-to-end", &wait.node, sentence);
            }
        }
    }

    /// Takes the step as it would be taken, and notes what it brings beside the move.
    fn rehearse(&mut self, migrated: &Migrated) {
        let (migrated, sequence) = (Box::new(migrated.clone()), self.instance.sequence);
        let event = Event::Migrated { migrated, sequence };
        let journey = self.migration.to.journey;
        match step(journey, self.instance.clone(), event, self.context) {
            Err(rejection) => {
                let sentence =
                    format!("Version {} refuses it: {rejection}.", self.migration.to.number);
                self.refuse(Verdict::MustStay, Reason::of("refused", None, sentence));
            }
            Ok(step) if step.instance.is_over() => {
                let outcome = quoted(step.instance.outcome().unwrap_or_default());
                let sentence = format!("It would end at once, with the outcome {outcome}.");
                self.note(Reason::of("ends-at-once", None, sentence));
            }
            Ok(step) => {
                let left = self.instance.waits.iter();
                let left: Vec<_> = left
                    .filter(|wait| step.instance.wait(wait.position).is_none())
                    .map(|wait| wait.node.clone())
                    .collect();
                for node in left {
                    let sentence = format!("It would go on at once from {}.", self.told(&node));
                    self.note(Reason::of("goes-on-at-once", Some(&node), sentence));
                }
            }
        }
    }
}
