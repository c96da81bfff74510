//! The drawing as a net: where a branch can stand, and by which ways it leaves.
//!
//! The rules are the engine's (`engine.rs`, `engine/join.rs`), with two things left open so that whatever is proved holds for
//! every instance: any condition may hold, and any node may take its time.

use crate::{
    check::{
        drawing::{Drawing, Drawn},
        leftover::Behind,
    },
    ports::{DEFAULT, Role},
    settings::Need,
};
use serde_json::Value;
use std::collections::HashMap;

/// Places by number; the last one is where everything begins.
pub(super) struct Net {
    pub(super) places: Vec<Place>,
    pub(super) start: usize,
    pub(super) trails: Trails,
    /// It begins at forks of a loop, not where an instance does.
    pub(super) is_in_loop: bool,
}

pub(super) struct Place {
    /// The node of the drawing; `None` where the net begins.
    pub(super) drawn: Option<usize>,
    pub(super) does: Does,
    /// Two branches that come together here must be seen, so that none may pass unseen.
    pub(super) is_watched: bool,
}

/// How a place lets go of what has arrived.
pub(super) enum Does {
    /// Leaves by exactly one of these groups, all arcs of it at once; an empty group ends the branch. Each timer may add a
    /// branch, once, while it stands here.
    One { groups: Vec<Vec<Arc>>, timers: Vec<Arc> },
    /// Leaves by any number of ways, by `otherwise` when it is none.
    Some { ways: Vec<Arc>, otherwise: Vec<Arc> },
    /// Waits for others.
    Join { need: Need, rest: Rest, slots: Vec<Option<Slot>>, out: Vec<Arc> },
    /// Ends every branch.
    Stop,
}

/// What becomes of those who come after a join went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// They are taken in and open no second round.
    Absorbed,
    /// They are withdrawn at once.
    Withdrawn,
}

/// One way into a join; after reductions it can stand for several edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Edge(usize),
    /// Only ever one of them arrives.
    OneOf(Vec<Slot>),
    /// All of them arrive together.
    AllOf(Vec<Slot>),
}

impl Slot {
    /// Every edge it stands for.
    pub(super) fn edges(&self) -> Vec<usize> {
        let (mut edges, mut open) = (Vec::new(), vec![self]);
        while let Some(slot) = open.pop() {
            match slot {
                Self::Edge(edge) => edges.push(*edge),
                Self::OneOf(slots) | Self::AllOf(slots) => open.extend(slots),
            }
        }
        edges
    }
}

/// A way from one place to another.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    pub(super) to: usize,
    /// Which way into the join it is; 0 for other places.
    pub(super) slot: usize,
    /// The edges it walks.
    pub(super) trail: Trail,
}

/// A walk of edges, shared by whatever begins or goes on with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trail(usize);

/// Every walk there is, each once.
#[derive(Default)]
pub(super) struct Trails {
    steps: Vec<Step>,
}

enum Step {
    Nothing,
    Edge(usize),
    Both(Trail, Trail),
}

impl Trails {
    pub(super) fn nothing(&mut self) -> Trail {
        self.add(Step::Nothing)
    }

    pub(super) fn edge(&mut self, edge: usize) -> Trail {
        self.add(Step::Edge(edge))
    }

    pub(super) fn both(&mut self, first: Trail, second: Trail) -> Trail {
        self.add(Step::Both(first, second))
    }

    fn add(&mut self, step: Step) -> Trail {
        self.steps.push(step);
        Trail(self.steps.len() - 1)
    }

    /// The edges of a walk, in order.
    pub(super) fn edges(&self, trail: Trail) -> Vec<usize> {
        let (mut edges, mut open) = (Vec::new(), vec![trail]);
        while let Some(Trail(at)) = open.pop() {
            match &self.steps[at] {
                Step::Nothing => {}
                Step::Edge(edge) => edges.push(*edge),
                Step::Both(first, second) => open.extend([*second, *first]),
            }
        }
        edges
    }
}

impl Does {
    /// Every arc that leaves.
    pub(super) fn arcs(&self) -> Box<dyn Iterator<Item = &Arc> + '_> {
        match self {
            Self::One { groups, timers } => Box::new(groups.iter().flatten().chain(timers)),
            Self::Some { ways, otherwise } => Box::new(ways.iter().chain(otherwise)),
            Self::Join { out, .. } => Box::new(out.iter()),
            Self::Stop => Box::new(std::iter::empty()),
        }
    }

    /// Lets something begin here: a join that no way leads to has no slot for it otherwise.
    fn begin(&mut self) {
        if let Self::Join { slots, .. } = self
            && slots.is_empty()
        {
            slots.push(Some(Slot::AllOf(Vec::new())));
        }
    }

    /// Whether a branch is over when it comes here.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::One { groups, timers } if timers.is_empty() && groups.iter().all(Vec::is_empty))
    }
}

impl Net {
    /// The part of the drawing that can be reached from these nodes, one of which begins.
    pub(super) fn of(drawing: &Drawing<'_>, begin: &[usize]) -> Self {
        let out = |at: usize| drawing.nodes[at].out.clone();
        Self::part(drawing, begin, out, |at, numbers, arc| does(drawing, at, numbers, arc))
    }

    /// What a loop leaves behind in one round: it begins with what one of its forks sends out, and is over where it leads elsewhere.
    pub(super) fn left_behind(drawing: &Drawing<'_>, behind: &Behind) -> Self {
        let forks: HashMap<usize, &Vec<usize>> =
            behind.forks.iter().map(|(fork, edges)| (*fork, edges)).collect();
        let out = |at: usize| match forks.get(&at) {
            Some(edges) => (*edges).clone(),
            None if behind.nodes[at] => drawing.nodes[at].out.clone(),
            None => Vec::new(),
        };
        let begin: Vec<usize> = behind.forks.iter().map(|(fork, _)| *fork).collect();
        let net = Self::part(drawing, &begin, out, |at, numbers, arc| match forks.get(&at) {
            Some(edges) => {
                let ways = edges.iter().map(|edge| arc(*edge)).collect();
                if drawing.nodes[at].node.kind == "parallel" {
                    one(vec![ways])
                } else {
                    Does::Some { ways, otherwise: Vec::new() }
                }
            }
            None if behind.nodes[at] => does(drawing, at, numbers, arc),
            None => one(Vec::new()),
        });
        Self { is_in_loop: true, ..net }
    }

    /// The places that can be reached by these ways out, and what each does.
    fn part(
        drawing: &Drawing<'_>,
        begin: &[usize],
        out: impl Fn(usize) -> Vec<usize>,
        does: impl Fn(usize, &HashMap<usize, usize>, &mut dyn FnMut(usize) -> Arc) -> Does,
    ) -> Self {
        let mut trails = Trails::default();
        let reached = reached(drawing, begin, out);
        let numbers: HashMap<usize, usize> =
            reached.iter().enumerate().map(|(number, at)| (*at, number)).collect();
        let slots = slots(drawing, &numbers);
        let mut arc = |edge: usize| {
            let to = numbers[&drawing.edges[edge].to];
            let slot = slots.get(&edge).copied().unwrap_or_default();
            Arc { to, slot, trail: trails.edge(edge) }
        };
        let mut places: Vec<Place> = reached
            .iter()
            .map(|at| Place {
                drawn: Some(*at),
                does: does(*at, &numbers, &mut arc),
                is_watched: false,
            })
            .collect();
        let nothing = trails.nothing();
        for at in begin {
            places[numbers[at]].does.begin();
        }
        let groups = begin.iter().map(|at| vec![Arc { to: numbers[at], slot: 0, trail: nothing }]);
        let does = Does::One { groups: groups.collect(), timers: Vec::new() };
        places.push(Place { drawn: None, does, is_watched: false });
        Self { start: places.len() - 1, places, trails, is_in_loop: false }
    }

    /// How many arcs lead to each place.
    pub(super) fn arrivals(&self) -> Vec<usize> {
        let mut arrivals = vec![0; self.places.len()];
        for place in &self.places {
            for arc in place.does.arcs() {
                arrivals[arc.to] += 1;
            }
        }
        arrivals
    }
}

fn reached(
    drawing: &Drawing<'_>,
    begin: &[usize],
    out: impl Fn(usize) -> Vec<usize>,
) -> Vec<usize> {
    let mut is_reached = vec![false; drawing.nodes.len()];
    let mut order = Vec::new();
    let mut open: Vec<usize> = begin.iter().rev().copied().collect();
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut is_reached[at], true) {
            order.push(at);
            open.extend(out(at).iter().rev().map(|edge| drawing.edges[*edge].to));
        }
    }
    order.sort_unstable();
    order
}

/// Which way into its join each edge is.
fn slots(drawing: &Drawing<'_>, numbers: &HashMap<usize, usize>) -> HashMap<usize, usize> {
    let mut slots = HashMap::new();
    for at in numbers.keys().filter(|at| drawing.nodes[**at].node.kind == "join") {
        slots.extend(into(drawing, *at, numbers).enumerate().map(|(slot, edge)| (edge, slot)));
    }
    slots
}

fn into<'d>(
    drawing: &'d Drawing<'_>,
    at: usize,
    numbers: &'d HashMap<usize, usize>,
) -> impl Iterator<Item = usize> + 'd {
    let edges = drawing.nodes[at].into.iter().copied();
    edges.filter(|edge| numbers.contains_key(&drawing.edges[*edge].from))
}

fn does(
    drawing: &Drawing<'_>,
    at: usize,
    numbers: &HashMap<usize, usize>,
    arc: &mut dyn FnMut(usize) -> Arc,
) -> Does {
    let drawn = &drawing.nodes[at];
    match drawn.node.kind.as_str() {
        "join" => Does::Join {
            need: need(drawn),
            rest: if is_set(drawn, "cancel_rest") { Rest::Withdrawn } else { Rest::Absorbed },
            slots: into(drawing, at, numbers).map(|edge| Some(Slot::Edge(edge))).collect(),
            out: drawn.out.iter().map(|edge| arc(*edge)).collect(),
        },
        "parallel" => one(vec![drawn.out.iter().map(|edge| arc(*edge)).collect()]),
        "decision" if is_inclusive(drawn) => {
            let is_default = |edge: &&usize| drawing.edges[**edge].edge.port() == DEFAULT;
            let otherwise = drawn.out.iter().find(is_default).map(|edge| arc(*edge));
            let ways = drawn.out.iter().filter(|edge| !is_default(edge)).map(|edge| arc(*edge));
            Does::Some { ways: ways.collect(), otherwise: otherwise.into_iter().collect() }
        }
        "decision" if !drawn.node.settings.contains_key("table") => {
            one(drawn.out.iter().map(|edge| vec![arc(*edge)]).collect())
        }
        "end" if is_set(drawn, "everything") => Does::Stop,
        _ => by_ports(drawing, drawn, arc),
    }
}

fn one(mut groups: Vec<Vec<Arc>>) -> Does {
    if groups.is_empty() {
        groups.push(Vec::new());
    }
    Does::One { groups, timers: Vec::new() }
}

/// A group for each port; a timer that does not interrupt adds a branch.
fn by_ports(drawing: &Drawing<'_>, drawn: &Drawn<'_>, arc: &mut dyn FnMut(usize) -> Arc) -> Does {
    let mut names: Vec<&str> = Vec::new();
    for edge in &drawn.out {
        let port = drawing.edges[*edge].edge.port();
        if !names.contains(&port) {
            names.push(port);
        }
    }
    let (mut groups, mut timers) = (Vec::new(), Vec::new());
    for name in names {
        let edges = drawn.out.iter().filter(|edge| drawing.edges[**edge].edge.port() == name);
        let arcs: Vec<Arc> = edges.map(|edge| arc(*edge)).collect();
        if is_reminder(drawn, name) {
            timers.extend(arcs);
        } else {
            groups.push(arcs);
        }
    }
    if groups.is_empty() {
        groups.push(Vec::new());
    }
    Does::One { groups, timers }
}

/// Whether a port belongs to a timer that leaves the task as it is.
pub(crate) fn is_reminder(drawn: &Drawn<'_>, port: &str) -> bool {
    let is_timer = drawn
        .ports
        .iter()
        .flatten()
        .any(|known| known.name == port && matches!(known.role, Role::Timer { .. }));
    let timers = drawn.node.settings.get("timers").and_then(Value::as_array);
    is_timer
        && timers.into_iter().flatten().any(|timer| {
            timer.get("id").and_then(Value::as_str) == Some(port)
                && timer.get("interrupting").and_then(Value::as_bool) == Some(false)
        })
}

/// Whether a decision may take several of its ways.
pub(crate) fn is_inclusive(drawn: &Drawn<'_>) -> bool {
    let settings = &drawn.node.settings;
    let hit = settings.get("table").and_then(|table| table.get("hit"));
    match settings.get("table") {
        Some(_) => hit.and_then(Value::as_str) == Some("collect"),
        None => settings.get("mode").and_then(Value::as_str) == Some("inclusive"),
    }
}

fn is_set(drawn: &Drawn<'_>, member: &str) -> bool {
    drawn.node.settings.get(member).and_then(Value::as_bool).unwrap_or_default()
}

/// What a join needs; one whose need cannot be read is taken to need all.
pub(crate) fn need(drawn: &Drawn<'_>) -> Need {
    match drawn.node.settings.get("need") {
        Some(Value::String(word)) if word == "any" => Need::Any,
        Some(Value::Number(count)) => {
            let count = count.as_u64().and_then(|count| usize::try_from(count).ok());
            count.map_or(Need::All, Need::Count)
        }
        _ => Need::All,
    }
}
