//! What the rest of a journey reads: whether an instance that goes on in the middle has it.

use super::{Reason, Version};
use crate::{
    Instance, Journey,
    check::{Reading, readings},
    diff::{node_in_words, quoted},
    instance::On,
    settings::{Choice, Kind, Target},
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Most missing values named for one instance.
const NAMED: usize = 20;

/// A value some expression reads: where it comes from, its name, and its part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Value {
    Variable(String),
    Input(String),
    /// What a node left: its id, and which part of it.
    Left(String, Option<String>),
}

/// What the new version reads, and where it is written.
#[derive(Debug)]
pub(super) struct Needs {
    /// By value, the nodes that read it, and whether one started at a trigger may read it there unwritten, too.
    reads: BTreeMap<Value, Vec<(usize, Unwritten)>>,
    writers: HashMap<Value, HashSet<usize>>,
}

/// Whether a value may be missing when it is read, for an instance that began with the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unwritten {
    Never,
    Perhaps,
}

impl Needs {
    pub(super) fn of(from: Version<'_>, to: Version<'_>) -> Self {
        let known: HashSet<Vec<String>> =
            readings(from.draft).into_iter().map(|reading| reading.reads.path).collect();
        let mut read: BTreeMap<Value, HashSet<usize>> = BTreeMap::new();
        for reading in readings(to.draft) {
            let place = reading.node.as_deref().and_then(|node| to.journey.place(node));
            if let (Some(place), Some(value)) = (place, value(&reading, &known)) {
                read.entry(value).or_default().insert(place);
            }
        }
        let writers = writers(to.journey, read.keys());
        let triggers = to.journey.triggers().map(|trigger| trigger.id());
        let parts = to.journey.parts().map(|(from, _)| from);
        let starts: Vec<usize> =
            triggers.chain(parts).filter_map(|id| to.journey.place(id)).collect();
        let reads = read.into_iter().map(|(value, places)| {
            let unwritten = unwritten(to.journey, &starts, writers.get(&value));
            let told = |place: usize| {
                if unwritten.contains(&place) { Unwritten::Perhaps } else { Unwritten::Never }
            };
            let mut places: Vec<_> = places.into_iter().map(|place| (place, told(place))).collect();
            places.sort_by_key(|(place, _)| *place);
            (value, places)
        });
        Self { reads: reads.collect(), writers }
    }

    /// What an instance lacks that the new version reads from where it goes on. `moved` has the new version's names.
    pub(super) fn missing(&self, to: Version<'_>, moved: &Instance) -> Vec<Reason> {
        let waits: Vec<usize> =
            moved.waits.iter().filter_map(|wait| to.journey.place(&wait.node)).collect();
        let ahead = unwritten(to.journey, &waits, None);
        let mut missing = Vec::new();
        for (value, places) in self.reads.iter().filter(|(value, _)| !has(moved, value)) {
            let writers = self.writers.get(value);
            let is_written = writers.is_some_and(|writers| !writers.is_disjoint(&ahead));
            let reached = reached(to.journey, moved, writers);
            let reader = places.iter().find(|(place, from_start)| {
                reached.contains(place) && (*from_start == Unwritten::Never || !is_written)
            });
            if let Some((place, _)) = reader.filter(|_| missing.len() < NAMED) {
                missing.push(reason(to, value, &to.journey.nodes[*place].id));
            }
        }
        missing
    }
}

/// The nodes that may be acted on before the value is written. A wait's own node has been, unless it failed.
fn reached(
    journey: &Journey,
    moved: &Instance,
    writers: Option<&HashSet<usize>>,
) -> HashSet<usize> {
    let mut starts = Vec::new();
    for wait in &moved.waits {
        let Some(place) = journey.place(&wait.node) else { continue };
        if matches!(wait.on, On::Incident { .. }) {
            starts.push(place);
        } else if !writers.is_some_and(|writers| writers.contains(&place)) {
            starts.extend(journey.nodes[place].ways.iter().map(|way| way.to));
        }
    }
    unwritten(journey, &starts, writers)
}

/// The nodes that can be entered from these without leaving a writer first.
fn unwritten(
    journey: &Journey,
    starts: &[usize],
    writers: Option<&HashSet<usize>>,
) -> HashSet<usize> {
    let mut reached = HashSet::new();
    let mut open = starts.to_vec();
    while let Some(at) = open.pop() {
        if reached.insert(at) && !writers.is_some_and(|writers| writers.contains(&at)) {
            open.extend(journey.nodes[at].ways.iter().map(|way| way.to));
        }
    }
    reached
}

/// What a reading reads, when it must be there. `known` are the paths the old version read: what may be missing from an
/// input there may be missing here.
fn value(reading: &Reading, known: &HashSet<Vec<String>>) -> Option<Value> {
    let path = &reading.reads.path;
    let (root, name) = (path.first()?, path.get(1)?.clone());
    if reading.reads.tested {
        return None;
    }
    match root.as_str() {
        "vars" => Some(Value::Variable(name)),
        "input" if !known.contains(path) => Some(Value::Input(name)),
        "nodes" => Some(Value::Left(name, path.get(2).cloned())),
        _ => None,
    }
}

/// The nodes that write each value when they are left.
fn writers<'a>(
    journey: &Journey,
    values: impl Iterator<Item = &'a Value>,
) -> HashMap<Value, HashSet<usize>> {
    let mut variables: HashMap<&str, HashSet<usize>> = HashMap::new();
    for (place, node) in journey.nodes.iter().enumerate() {
        for name in written(&node.kind) {
            variables.entry(name).or_default().insert(place);
        }
    }
    let writers = values.filter_map(|value| {
        let places = match value {
            Value::Variable(name) => variables.get(name.as_str()).cloned()?,
            Value::Input(_) => return None,
            Value::Left(node, _) => HashSet::from([journey.place(node)?]),
        };
        Some((value.clone(), places))
    });
    writers.collect()
}

/// The variables a node sets.
fn written(kind: &Kind) -> Vec<&str> {
    match kind {
        Kind::Set(assigns) => {
            let names = assigns.iter().filter_map(|assign| match &assign.to {
                Target::Variable(name) => Some(name.as_str()),
                Target::AccountField(_) => None,
            });
            names.collect()
        }
        Kind::Action(action) => action.output.as_deref().into_iter().collect(),
        Kind::Decision(Choice::Table(table)) => {
            let set = table.rules.iter().flat_map(|rule| &rule.set);
            set.map(|(name, _)| name.as_str()).collect()
        }
        Kind::Journey(call) => call.output.iter().map(|(name, _)| name.as_str()).collect(),
        Kind::Trigger(_)
        | Kind::Task(_)
        | Kind::Decision(Choice::One | Choice::All)
        | Kind::Parallel
        | Kind::Join(_)
        | Kind::ForEach(_)
        | Kind::Wait(_)
        | Kind::Milestone { .. }
        | Kind::Notify(_)
        | Kind::End { .. }
        | Kind::Note => Vec::new(),
    }
}

fn has(instance: &Instance, value: &Value) -> bool {
    match value {
        Value::Variable(name) => instance.vars.contains_key(name),
        Value::Input(name) => instance.input.get(name).is_some(),
        Value::Left(node, part) => {
            instance.nodes.get(node).is_some_and(|left| match part.as_deref() {
                Some("output") => left.output.is_some(),
                Some("error") => left.error.is_some(),
                Some("outcome") => left.outcome.is_some(),
                Some("form") => left.form.is_some(),
                Some(_) | None => true,
            })
        }
    }
}

fn reason(to: Version<'_>, value: &Value, reader: &str) -> Reason {
    let path = match value {
        Value::Variable(name) => format!("vars.{name}"),
        Value::Input(name) => format!("input.{name}"),
        Value::Left(node, None) => format!("nodes.{node}"),
        Value::Left(node, Some(part)) => format!("nodes.{node}.{part}"),
    };
    let told = to.draft.node(reader).map_or_else(|| quoted(reader), node_in_words);
    let sentence = format!(
        "In version {}, {told} reads {path}, which this instance does not have and nothing on the way there writes. \
         Map what has it to that name, or let the expression ask with has({path}) first.",
        to.number
    );
    Reason::of("value-missing", None, sentence)
}
