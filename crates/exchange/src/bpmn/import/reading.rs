//! A file, looked through: its steps, the flows between them, the events on their borders, and where each is drawn.

use super::super::tree::{Element, Space, Tree};
use super::fate;
use crate::{LeftOut, limits, shown};
use std::collections::HashMap;

/// What the chosen process holds.
pub(super) struct Reading<'t> {
    pub(super) tree: &'t Tree,
    pub(super) process: usize,
    pub(super) steps: Vec<Step>,
    pub(super) flows: Vec<Flow>,
    pub(super) borders: Vec<Border>,
    /// Lanes without lanes inside, by element.
    pub(super) lanes: Vec<usize>,
    /// Frames around steps, by element.
    pub(super) groups: Vec<usize>,
    pub(super) left_out: Vec<LeftOut>,
    /// Elements of BPMN by id.
    ids: HashMap<&'t str, usize>,
    /// Bounds of the shapes, by the id of what they show.
    shapes: HashMap<&'t str, Bounds>,
}

/// A node of the flow, or a note. Places are those of [`Reading`].
pub(super) struct Step {
    pub(super) at: usize,
    /// The subprocess it lies in.
    pub(super) scope: Option<usize>,
    pub(super) into: Vec<usize>,
    /// Without those of its borders.
    pub(super) out: Vec<usize>,
    pub(super) borders: Vec<usize>,
}

/// A sequence flow both ends of which exist.
pub(super) struct Flow {
    pub(super) at: usize,
    pub(super) from: usize,
    /// The event on the border of `from` that it leaves by.
    pub(super) border: Option<usize>,
    pub(super) to: usize,
}

/// An event on the border of a step.
pub(super) struct Border {
    pub(super) at: usize,
    pub(super) host: usize,
}

/// Where a shape stands: its left upper corner, width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

const SUBPROCESSES: [&str; 3] = ["subProcess", "transaction", "adHocSubProcess"];

impl<'t> Reading<'t> {
    pub(super) fn of(tree: &'t Tree, process: usize) -> Self {
        let mut reading = Self {
            tree,
            process,
            steps: Vec::new(),
            flows: Vec::new(),
            borders: Vec::new(),
            lanes: Vec::new(),
            groups: Vec::new(),
            left_out: Vec::new(),
            ids: ids(tree),
            shapes: shapes(tree),
        };
        let found = reading.scopes();
        let places = reading.places();
        let borders = reading.hang(&found.borders, &places);
        reading.connect(&found.flows, &places, &borders);
        reading
    }

    pub(super) fn element(&self, at: usize) -> &'t Element {
        &self.tree.elements[at]
    }

    /// The element of a step.
    pub(super) fn of_step(&self, step: usize) -> &'t Element {
        self.element(self.steps[step].at)
    }

    /// An element of BPMN by its id.
    pub(super) fn named(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied()
    }

    /// The name of the element that an attribute names: a message, a signal, an error.
    pub(super) fn name_of(&self, reference: Option<&str>) -> Option<&'t str> {
        let at = self.named(local(reference?))?;
        self.element(at).attribute("name").map(str::trim).filter(|name| !name.is_empty())
    }

    pub(super) fn shape(&self, at: usize) -> Option<Bounds> {
        self.shape_of(self.element(at).attribute("id")?)
    }

    /// The shape of what has this id.
    pub(super) fn shape_of(&self, id: &str) -> Option<Bounds> {
        self.shapes.get(id).copied()
    }

    /// Whether the file shows where anything stands.
    pub(super) fn is_drawn(&self) -> bool {
        !self.shapes.is_empty()
    }

    /// Puts an element on the list of what is left out.
    pub(super) fn leave(&mut self, at: usize, sentence: impl Into<String>) {
        let element = self.element(at);
        let text = |name: &str| shown(element.attribute(name).unwrap_or_default());
        let left = LeftOut {
            line: element.line,
            id: text("id"),
            name: text("name"),
            kind: shown(&element.name),
            sentence: sentence.into(),
        };
        if self.left_out.len() <= limits::LEFT_OUT {
            self.left_out.push(left);
        }
    }

    /// Whether a subprocess holds steps.
    pub(super) fn holds_steps(&self, at: usize) -> bool {
        let fits = |element: &Element| element.space == Space::Model && is_step(&element.name);
        self.tree.children(at).any(|(_, child)| fits(child) && child.name != "textAnnotation")
    }

    /// Takes in a note that stands outside the process.
    pub(super) fn note(&mut self, at: usize) {
        self.step(at, None);
    }

    /// Collects steps scope by scope; gives the sequence flows and the events on borders.
    fn scopes(&mut self) -> Scattered {
        let mut found = Scattered::default();
        let mut open = vec![(self.process, None)];
        while let Some((scope, step)) = open.pop() {
            for (at, element) in self.tree.children(scope) {
                if element.space != Space::Model {
                    continue;
                }
                match element.name.as_str() {
                    "sequenceFlow" => found.flows.push(at),
                    "boundaryEvent" => found.borders.push(at),
                    "laneSet" => self.lanes_of(at),
                    "group" => self.groups.push(at),
                    name if SUBPROCESSES.contains(&name) => {
                        if element.attribute("triggeredByEvent") == Some("true") {
                            let inside = self.tree.children(at).count();
                            self.leave(at, fate::event_subprocess(inside));
                        } else if let Some(sub) = self.step(at, step) {
                            open.push((at, Some(sub)));
                        }
                    }
                    name if is_step(name) => drop(self.step(at, step)),
                    // It has no name; what refers to it has one, and is listed.
                    "dataObject" if element.attribute("name").is_none() => {}
                    name => {
                        if let Some(sentence) = fate::of(name) {
                            self.leave(at, sentence);
                        }
                    }
                }
            }
        }
        found
    }

    fn step(&mut self, at: usize, scope: Option<usize>) -> Option<usize> {
        if self.element(at).attribute("isForCompensation") == Some("true") {
            self.leave(at, "What takes something back is not drawn here: an action names what undoes it in its settings.");
            return None;
        }
        let step = Step { at, scope, into: Vec::new(), out: Vec::new(), borders: Vec::new() };
        self.steps.push(step);
        Some(self.steps.len() - 1)
    }

    /// The innermost lanes; a lane that holds others is listed.
    fn lanes_of(&mut self, set: usize) {
        let mut open = vec![set];
        while let Some(set) = open.pop() {
            for (at, lane) in self.tree.children(set) {
                if !lane.is("lane") {
                    continue;
                }
                if let Some(inner) = self.tree.child(at, "childLaneSet") {
                    self.leave(at, "The lanes inside it are taken over, the lane around them is not: lanes do not lie in one another here.");
                    open.push(inner);
                } else {
                    self.lanes.push(at);
                }
            }
        }
        self.lanes.sort_unstable();
    }

    /// The step of each id; the first when an id is there twice.
    fn places(&self) -> HashMap<&'t str, usize> {
        let mut places = HashMap::new();
        for (place, step) in self.steps.iter().enumerate() {
            if let Some(id) = self.element(step.at).attribute("id") {
                places.entry(id).or_insert(place);
            }
        }
        places
    }

    fn hang(
        &mut self,
        borders: &[usize],
        places: &HashMap<&'t str, usize>,
    ) -> HashMap<&'t str, usize> {
        let mut hung = HashMap::new();
        for at in borders {
            let element = self.element(*at);
            let host = element.attribute("attachedToRef").map(local).and_then(|id| places.get(id));
            let Some(host) = host.copied() else {
                self.leave(
                    *at,
                    "It hangs on a step that is not in the journey, so it is left out.",
                );
                continue;
            };
            let place = self.borders.len();
            self.borders.push(Border { at: *at, host });
            self.steps[host].borders.push(place);
            if let Some(id) = element.attribute("id") {
                hung.entry(id).or_insert(place);
            }
        }
        hung
    }

    fn connect(
        &mut self,
        flows: &[usize],
        places: &HashMap<&'t str, usize>,
        borders: &HashMap<&'t str, usize>,
    ) {
        for at in flows {
            let element = self.element(*at);
            let end = |name: &str| element.attribute(name).map(local).unwrap_or_default();
            let border = borders.get(end("sourceRef")).copied();
            let from = border.map(|border| self.borders[border].host);
            let from = from.or_else(|| places.get(end("sourceRef")).copied());
            let (Some(from), Some(to)) = (from, places.get(end("targetRef")).copied()) else {
                self.leave(*at, "One of its ends is not in the journey, so the way is left out.");
                continue;
            };
            let place = self.flows.len();
            self.flows.push(Flow { at: *at, from, border, to });
            if border.is_none() {
                self.steps[from].out.push(place);
            }
            self.steps[to].into.push(place);
        }
    }
}

/// What is connected once all steps are known, by element.
#[derive(Default)]
struct Scattered {
    flows: Vec<usize>,
    borders: Vec<usize>,
}

/// An id without the prefix some programs write before it.
pub(super) fn local(id: &str) -> &str {
    let id = id.trim();
    id.rsplit(':').next().unwrap_or(id)
}

/// Whether an element is a node of the flow, or a note.
pub(super) fn is_step(name: &str) -> bool {
    SUBPROCESSES.contains(&name)
        || name.ends_with("Gateway")
        || matches!(
            name,
            "startEvent"
                | "endEvent"
                | "intermediateCatchEvent"
                | "intermediateThrowEvent"
                | "task"
                | "userTask"
                | "manualTask"
                | "serviceTask"
                | "sendTask"
                | "receiveTask"
                | "scriptTask"
                | "businessRuleTask"
                | "callActivity"
                | "textAnnotation"
        )
}

fn ids(tree: &Tree) -> HashMap<&str, usize> {
    let mut ids = HashMap::new();
    for (at, element) in tree.elements.iter().enumerate() {
        if element.space == Space::Model
            && let Some(id) = element.attribute("id")
        {
            ids.entry(id).or_insert(at);
        }
    }
    ids
}

fn shapes(tree: &Tree) -> HashMap<&str, Bounds> {
    let mut shapes = HashMap::new();
    for (at, element) in tree.elements.iter().enumerate() {
        if element.space != Space::Diagram || element.name != "BPMNShape" {
            continue;
        }
        let bounds = tree.children(at).find(|(_, child)| child.name == "Bounds");
        let Some((of, (_, bounds))) = element.attribute("bpmnElement").zip(bounds) else {
            continue;
        };
        let number = |name: &str| bounds.attribute(name)?.trim().parse::<f64>().ok();
        let number = |name: &str| number(name).filter(|number| number.abs() < 1e7);
        if let (Some(x), Some(y)) = (number("x"), number("y")) {
            let width = number("width").unwrap_or_default();
            let height = number("height").unwrap_or_default();
            shapes.entry(local(of)).or_insert(Bounds { x, y, width, height });
        }
    }
    shapes
}
