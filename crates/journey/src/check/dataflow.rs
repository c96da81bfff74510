//! Data flow: no value is read before it is written, and no two branches write or read one variable at the same time.

use super::{
    Diagnostic,
    concurrent::AtOnce,
    drawing::Drawing,
    flow::reaching,
    names::{Names, Reading},
    report::{Place, Report},
    soundness::Proof,
};
use definite::{Definite, Known};
use facts::Fact;
use std::collections::{BTreeSet, HashMap, HashSet};

mod definite;
mod facts;

/// What was proven before: of joins, and of what can be at work at the same time, unless that is too much to say.
pub(super) struct Proven<'p> {
    pub(super) proof: &'p Proof,
    pub(super) at_once: Option<&'p AtOnce>,
}

pub(super) fn check(
    drawing: &Drawing<'_>,
    names: &Names<'_>,
    proven: &Proven<'_>,
    report: &Report,
) {
    let readings = names.readings();
    let places: HashMap<&str, usize> = drawing
        .nodes
        .iter()
        .enumerate()
        .rev()
        .map(|(at, drawn)| (drawn.node.id.as_str(), at))
        .collect();
    let asks = asks(&readings, &places, drawing);
    let checking =
        Checking { drawing, names, report, pairs: proven.at_once.map(|at_once| &at_once.pairs) };
    checking.unknown_variables(&asks);
    checking.order(&asks, proven.proof);
    checking.races(&readings, &places);
}

/// A path that is read and must have been written by then.
struct Ask<'r> {
    reading: &'r Reading,
    /// The node whose turn it is; `None` for the journey's exits.
    at: Option<usize>,
    fact: Fact,
}

/// Where an expression stands: its node, its edge and its field.
type Stands<'r> = (&'r Option<String>, &'r Option<String>, &'r str);

/// What must have been written for the expressions that do not ask with `has` first.
fn asks<'r>(
    readings: &'r [Reading],
    places: &HashMap<&str, usize>,
    drawing: &Drawing<'_>,
) -> Vec<Ask<'r>> {
    let mut tested: HashMap<Stands<'_>, Vec<&[String]>> = HashMap::new();
    for reading in readings.iter().filter(|reading| reading.reads.tested) {
        let spot = (&reading.node, &reading.edge, reading.field.as_str());
        tested.entry(spot).or_default().push(&reading.reads.path);
    }
    let ask = |reading: &'r Reading| {
        let at = reading.node.as_deref().and_then(|node| places.get(node)).copied();
        let fact = Fact::of(&reading.reads.path)?;
        let spot = (&reading.node, &reading.edge, reading.field.as_str());
        let is_asked =
            tested.get(&spot).is_some_and(|paths| paths.iter().any(|path| fact.is_shown_by(path)));
        let is_own = at.is_some_and(|at| reads_own(drawing, at, &reading.field, &fact));
        (!reading.reads.tested && !is_asked && !is_own).then_some(Ask { reading, at, fact })
    };
    readings.iter().filter_map(ask).collect()
}

/// Whether a node has written a fact itself by the time one of its fields is read: assignments are made in order, and what undoes
/// an action or takes its answer is read when it is done.
fn reads_own(drawing: &Drawing<'_>, at: usize, field: &str, fact: &Fact) -> bool {
    let drawn = &drawing.nodes[at];
    if let Some(rest) = field.strip_prefix("/assign/") {
        let place = rest.split('/').next().and_then(|place| place.parse::<usize>().ok());
        let earlier =
            (0..place.unwrap_or_default()).filter_map(|at| facts::assigned(drawn.node, at));
        return earlier.into_iter().any(|name| *fact == Fact::Variable(name));
    }
    let after = field.starts_with("/undo") || field.starts_with("/output/");
    after && facts::written(drawn, "out").contains(fact)
}

struct Checking<'c, 'd> {
    drawing: &'c Drawing<'d>,
    names: &'c Names<'c>,
    report: &'c Report,
    /// Nodes that can be at work at the same time.
    pairs: Option<&'c HashSet<(usize, usize)>>,
}

impl Checking<'_, '_> {
    fn unknown_variables(&self, asks: &[Ask<'_>]) {
        for ask in asks {
            if let Fact::Variable(name) = &ask.fact
                && !self.names.is_written(name)
            {
                let message =
                    format!("Nothing sets the variable '{name}'; set it before it is read here.");
                self.report.add(warning("unknown-variable", ask.reading, message));
            }
        }
    }

    fn order(&self, asks: &[Ask<'_>], proof: &Proof) {
        let mut numbers: HashMap<Fact, usize> = HashMap::new();
        for ask in asks {
            let next = numbers.len();
            numbers.entry(ask.fact.clone()).or_insert(next);
        }
        let known = self.known(asks, &numbers);
        let definite = Definite::of(self.drawing, proof, &numbers, &known);
        let writers = self.writers();
        let mut before: HashMap<usize, Vec<bool>> = HashMap::new();
        let mut told: HashSet<(usize, &str, usize)> = HashSet::new();
        for ask in asks {
            let (Some(at), number) = (ask.at, numbers[&ask.fact]) else { continue };
            if definite.has(at, number) || !told.insert((at, &ask.reading.field, number)) {
                continue;
            }
            let before = before.entry(at).or_insert_with(|| runs_before(self.drawing, at));
            let none = Vec::new();
            let writers = writers.get(&ask.fact).unwrap_or(&none);
            let can_be = writers.iter().any(|writer| before[*writer] || self.at_once(*writer, at));
            if can_be {
                let walk = definite.walk_without(at, number);
                let message = maybe(&ask.fact);
                self.report.add(warning("may-be-unwritten", ask.reading, message).walk(walk));
            } else if let Some(message) = self.too_early(&ask.fact, writers) {
                self.report.add(warning("read-too-early", ask.reading, message));
            }
        }
    }

    /// What else is known to be there: what has been read, what conditions have asked for, and what an item begins with.
    fn known(&self, asks: &[Ask<'_>], numbers: &HashMap<Fact, usize>) -> Known {
        let mut at = vec![Vec::new(); self.drawing.nodes.len()];
        for ask in asks {
            if let Some(place) = ask.at {
                at[place].push(numbers[&ask.fact]);
            }
        }
        let shown = |path: &[String]| {
            let fact = Fact::of(path)?;
            numbers.get(&fact).copied()
        };
        let on = self.drawing.edges.iter().map(|line| {
            let shows = line.when.iter().flat_map(crate::expr::Expression::shows);
            let others = self.drawing.nodes[line.from].out.iter();
            let others = others.map(|edge| &self.drawing.edges[*edge]).filter(|other| {
                line.edge.port() == crate::ports::DEFAULT && other.edge.id != line.edge.id
            });
            let refused = others.flat_map(|other| {
                other.when.iter().flat_map(crate::expr::Expression::shows_unless)
            });
            shows.chain(refused).filter_map(|path| shown(&path)).collect()
        });
        let on = on.collect();
        let triggers = (0..at.len()).filter(|at| self.drawing.nodes[*at].node.kind == "trigger");
        let mut begin: Vec<(usize, Vec<usize>)> = triggers.map(|at| (at, Vec::new())).collect();
        // An item reads what its parent had, which is checked where the parent is.
        let items = self.drawing.ranges().into_iter();
        begin.extend(items.map(|(_, from, _)| (from, numbers.values().copied().collect())));
        Known { at, on, begin }
    }

    /// The nodes that write each fact.
    fn writers(&self) -> HashMap<Fact, Vec<usize>> {
        let mut writers: HashMap<Fact, Vec<usize>> = HashMap::new();
        for (at, drawn) in self.drawing.nodes.iter().enumerate() {
            for edge in &drawn.out {
                for fact in facts::written(drawn, self.drawing.edges[*edge].edge.port()) {
                    writers.entry(fact).or_default().push(at);
                }
            }
            for name in facts::variables_of(drawn.node) {
                writers.entry(Fact::Variable(name)).or_default().push(at);
            }
        }
        writers
    }

    fn at_once(&self, one: usize, other: usize) -> bool {
        self.pairs.is_none_or(|pairs| pairs.contains(&(one.min(other), one.max(other))))
    }

    /// Why something cannot have been written; `None` when that is reported otherwise.
    fn too_early(&self, fact: &Fact, writers: &[usize]) -> Option<String> {
        match fact {
            // It is unknown, or the draft's schema vouches for it.
            Fact::Variable(_) if writers.is_empty() => None,
            Fact::Variable(name) => Some(format!(
                "'{name}' cannot have been set when this is read; nothing that sets it comes before."
            )),
            Fact::Left(node, member) => {
                let drawn = self.drawing.nodes.iter().find(|drawn| drawn.node.id == *node)?;
                Some(if facts::leaves(drawn.node, member) {
                    format!(
                        "'{node}' cannot have left its {member} when this is read; no way leads from where it does to here."
                    )
                } else {
                    format!("'{node}' never leaves its {member} behind; read something it leaves.")
                })
            }
        }
    }

    /// Variables that two branches write, or one writes and another reads, at the same time.
    fn races(&self, readings: &[Reading], places: &HashMap<&str, usize>) {
        let Some(pairs) = self.pairs else { return };
        let writes: Vec<BTreeSet<String>> =
            self.drawing.nodes.iter().map(|drawn| facts::variables_of(drawn.node)).collect();
        let mut reads: HashMap<usize, Vec<(&Reading, String)>> = HashMap::new();
        for reading in readings {
            let at = reading.node.as_deref().and_then(|node| places.get(node));
            if let (Some(at), Some(Fact::Variable(name))) = (at, Fact::of(&reading.reads.path)) {
                reads.entry(*at).or_default().push((reading, name));
            }
        }
        let mut pairs: Vec<_> = pairs.iter().copied().collect();
        pairs.sort_unstable();
        let mut told = HashSet::new();
        for (one, other) in pairs {
            for name in writes[one].intersection(&writes[other]) {
                if told.insert((other, name.clone())) {
                    self.both_write(one, other, name);
                }
            }
            for (writer, reader) in [(one, other), (other, one)] {
                for (reading, name) in reads.get(&reader).into_iter().flatten() {
                    let is_both = writes[reader].contains(name);
                    if writes[writer].contains(name)
                        && !is_both
                        && told.insert((reader, name.clone()))
                    {
                        let by = &self.drawing.nodes[writer].node.id;
                        let message = format!(
                            "'{by}' may set '{name}' at the same time as it is read here, so it can be the old value or the new one; join the branches before it is read."
                        );
                        self.report.add(warning("parallel-read", reading, message));
                    }
                }
            }
        }
    }

    fn both_write(&self, one: usize, other: usize, name: &str) {
        let by = &self.drawing.nodes[one].node.id;
        let message = format!(
            "'{by}' may set '{name}' at the same time, and whichever comes last wins; give each branch a variable of its own, or join them before."
        );
        let place = Place::Node(&self.drawing.nodes[other].node.id);
        self.report.warning("parallel-writes", place, message);
    }
}

fn maybe(fact: &Fact) -> String {
    match fact {
        Fact::Variable(name) => format!(
            "'{name}' is not set on every way to here; set it before, or ask with has(vars.{name}) first."
        ),
        Fact::Left(node, member) => format!(
            "'{node}' has not left its {member} on every way to here; ask with has(nodes.{node}.{member}) first, or lead only the ways here that pass it."
        ),
    }
}

/// Every node from which a way of at least one edge leads here.
fn runs_before(drawing: &Drawing<'_>, at: usize) -> Vec<bool> {
    reaching(drawing, drawing.nodes[at].into.iter().map(|edge| drawing.edges[*edge].from))
}

fn warning(code: &str, reading: &Reading, message: String) -> Diagnostic {
    let place = match (&reading.edge, &reading.node) {
        (Some(edge), _) => Place::Edge(edge),
        (None, Some(node)) => Place::Node(node),
        (None, None) => Place::Draft,
    };
    Diagnostic::warning(code, place, message).on(reading.field.clone())
}
