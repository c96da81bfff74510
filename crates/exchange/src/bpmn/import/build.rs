//! Making the draft: each step becomes nodes, each flow an edge.

mod border;
mod event;
mod gateway;
mod group;
mod part;
mod person;
mod program;

use super::{
    super::tree::Space,
    graph::Graph,
    ours,
    reading::{Bounds, Reading},
    texts,
};
use crate::{
    LeftOut,
    ids::{Ids, of_text},
    limits,
};
use journey::draft::{Draft, Lane, Node, Point};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How far apart cards stand compared with the shapes of other programs, which are smaller.
const SPREAD: (f64, f64) = (2.0, 1.5);
/// Where the drawing begins.
const MARGIN: f64 = 40.0;

/// A draft that is made.
pub(super) struct Build<'t> {
    pub(super) reading: Reading<'t>,
    pub(super) graph: Graph,
    /// Whether the file was written by us.
    is_ours: bool,
    lanes: Vec<(Lane, String)>,
    lane_ids: Ids,
    /// The lane of each element that a lane names, by id.
    lane_of: HashMap<&'t str, usize>,
    /// What each step became.
    pub(super) made: Vec<Option<Made>>,
    /// The port of each event on a border; `None` when it has no counterpart.
    pub(super) border_ports: Vec<Option<String>>,
    /// Flows that are not drawn: they lie inside what became one node.
    pub(super) drawn_within: HashSet<usize>,
    /// The first node and the place of the end of each subprocess that runs for each item.
    parts: BTreeMap<usize, part::Part>,
    /// Where the two ends of a link are, by its name.
    links: (Vec<(String, usize)>, HashMap<String, usize>),
}

/// Where ways into a step arrive, and where those out of it leave.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) entry: usize,
    pub(super) exit: usize,
    /// The port its ways leave by, where the step has only this one.
    pub(super) port: Option<&'static str>,
    pub(super) is_ours: bool,
}

impl Made {
    fn one(at: usize) -> Self {
        Self { entry: at, exit: at, port: None, is_ours: false }
    }
}

impl<'t> Build<'t> {
    pub(super) fn new(reading: Reading<'t>, is_ours: bool) -> Self {
        let (steps, borders) = (reading.steps.len(), reading.borders.len());
        Self {
            reading,
            graph: Graph::default(),
            is_ours,
            lanes: Vec::new(),
            lane_ids: Ids::default(),
            lane_of: HashMap::new(),
            made: vec![None; steps],
            border_ports: vec![None; borders],
            drawn_within: HashSet::new(),
            parts: BTreeMap::new(),
            links: (Vec::new(), HashMap::new()),
        }
    }

    /// Makes nodes and edges of everything that was read.
    pub(super) fn make(&mut self) {
        self.take_lanes();
        let mut ours: Vec<Option<Node>> =
            (0..self.made.len()).map(|step| ours::node(&self.reading, step)).collect();
        for node in ours.iter().flatten() {
            self.graph.ids.take(&node.id);
        }
        self.join_races();
        for (step, ours) in ours.iter_mut().enumerate() {
            if self.made[step].is_none() {
                match ours.take() {
                    Some(node) => self.keep(step, node),
                    None => self.convert(step),
                }
            }
        }
        self.say_undrawn();
        self.close_parts();
        self.jump_links();
        for step in 0..self.made.len() {
            self.read_borders(step);
        }
        self.connect();
        self.end_loose_ends();
        self.say_ranges();
        self.graph.finish();
    }

    /// Fills a draft, in the order of the file or in the one we wrote down.
    pub(super) fn finish(
        mut self,
        draft: &mut Draft,
        (nodes, edges): &(Vec<String>, Vec<String>),
    ) -> Vec<LeftOut> {
        self.take_groups(draft);
        if !self.is_ours {
            self.spread();
        }
        let mut spots = self.graph.spots;
        ours::in_order(&mut spots, nodes, |spot| Some(spot.element.as_str()));
        let mut lines = self.graph.lines;
        ours::in_order(&mut lines, edges, |line| Some(line.element.as_str()));
        draft.nodes = spots.into_iter().filter(|one| !one.is_pass).map(|one| one.node).collect();
        draft.edges = lines.into_iter().map(|line| line.edge).collect();
        draft.lanes = self.lanes.into_iter().map(|(lane, _)| lane).collect();
        let mut left_out = self.reading.left_out;
        left_out.sort_by_key(|left| left.line);
        if left_out.len() > limits::LEFT_OUT {
            left_out.truncate(limits::LEFT_OUT);
            left_out.push(LeftOut {
                line: left_out.last().map_or(1, |last| last.line),
                id: String::new(),
                name: String::new(),
                kind: "list".to_owned(),
                sentence: "There is more that is left out; this list ends here.".to_owned(),
            });
        }
        left_out
    }

    fn take_lanes(&mut self) {
        for at in self.reading.lanes.clone() {
            let element = self.reading.element(at);
            let place = self.lanes.len();
            let lane = match ours::lane(self.reading.tree, at) {
                Some(lane) => {
                    self.lane_ids.take(&lane.id);
                    lane
                }
                None => self.lane(at),
            };
            let id = ours::id(element).unwrap_or_default().to_owned();
            self.lanes.push((lane, id));
            for (_, child) in self.reading.tree.children(at) {
                if child.is("flowNodeRef") {
                    self.lane_of.entry(child.text.trim()).or_insert(place);
                }
            }
        }
    }

    /// A lane of another program: its name is taken for the team's.
    fn lane(&mut self, at: usize) -> Lane {
        let element = self.reading.element(at);
        let named = texts::name(element.attribute("name").unwrap_or_default());
        let wanted = of_text(&named, &of_text(element.attribute("id").unwrap_or_default(), "lane"));
        let id = self.lane_ids.free(&wanted);
        let team = if named.is_empty() { id.clone() } else { named };
        Lane { id, team, ..Lane::default() }
    }

    /// Takes over a node that we wrote.
    fn keep(&mut self, step: usize, mut node: Node) {
        let element = self.reading.of_step(step);
        let id = ours::id(element).unwrap_or_default();
        if let Some(lane) = self.lane_of.get(id) {
            let (found, _) = &self.lanes[*lane];
            node.lane = Some(found.id.clone());
        } else if element.name != "textAnnotation" && self.reading.steps[step].scope.is_none() {
            // Somebody moved it out of a lane that is still there.
            let is_drawn = |lane: &String| self.lanes.iter().any(|(one, _)| one.id == *lane);
            node.lane = node.lane.filter(|lane| !is_drawn(lane));
        }
        let at = self.graph.keep(node, id);
        self.made[step] = Some(Made { is_ours: true, ..Made::one(at) });
        self.say_foreign(step);
    }

    /// Makes a node of a kind for a step, named, placed and in its lane.
    pub(super) fn put(&mut self, step: usize, kind: &str, otherwise: &str) -> usize {
        let element = self.reading.of_step(step);
        let named = texts::name(element.attribute("name").unwrap_or_default());
        let id = ours::id(element).unwrap_or_default();
        let at = if named.is_empty() {
            let at = self.graph.put(kind, "", id);
            otherwise.clone_into(&mut self.graph.spots[at].node.name);
            at
        } else {
            self.graph.put(kind, &named, id)
        };
        self.stand(at, step);
        at
    }

    /// Stands a node where its step is drawn, in its lane.
    pub(super) fn stand(&mut self, at: usize, step: usize) {
        let place = self.reading.steps[step].at;
        let element = self.reading.element(place);
        let lane = ours::id(element).and_then(|id| self.lane_of.get(id));
        let lane = lane.map(|lane| self.lanes[*lane].0.id.clone());
        let shape = self.reading.shape(place);
        let spot = &mut self.graph.spots[at];
        spot.is_drawn = shape.is_some();
        let node = &mut spot.node;
        node.lane = lane;
        if let Some(Bounds { x, y, width, height }) = shape {
            // The middle of the card is the middle of the shape.
            let (card_width, card_height) = super::super::words::CARD;
            let x = x + width / 2.0 - card_width / 2.0;
            let y = y + height / 2.0 - card_height / 2.0;
            node.position = Point { x, y };
        }
    }

    /// The team of a step's lane.
    pub(super) fn team(&self, step: usize) -> Option<String> {
        let lane = ours::id(self.reading.of_step(step)).and_then(|id| self.lane_of.get(id))?;
        Some(self.lanes[*lane].0.team.clone())
    }

    /// Puts a step on the list of what is left out.
    pub(super) fn leave(&mut self, step: usize, sentence: impl Into<String>) {
        let at = self.reading.steps[step].at;
        self.reading.leave(at, sentence);
    }

    /// Makes what a step of another program becomes.
    fn convert(&mut self, step: usize) {
        let element = self.reading.of_step(step);
        if ours::is_stale(self.reading.tree, self.reading.steps[step].at) {
            self.leave(step, "It is another element now than Waymark wrote, or a copy, so its settings are made anew.");
        }
        let made = match element.name.as_str() {
            "startEvent" => self.start(step),
            "endEvent" => self.end(step),
            "intermediateCatchEvent" => self.catch(step),
            "intermediateThrowEvent" => self.throw(step),
            "task" | "userTask" | "manualTask" => self.person(step),
            "textAnnotation" => self.note(step),
            "subProcess" | "transaction" | "adHocSubProcess" => self.part(step),
            name if name.ends_with("Gateway") => self.gateway(step),
            _ => self.program(step),
        };
        self.made[step] = Some(made);
        self.say_foreign(step);
        self.say_long(step);
    }

    fn note(&mut self, step: usize) -> Made {
        let at = self.reading.steps[step].at;
        let text = texts::limited(self.reading.tree.child_text(at, "text").unwrap_or_default());
        let note =
            self.graph.put("note", "", ours::id(self.reading.element(at)).unwrap_or_default());
        self.stand(note, step);
        self.graph.set(note, "text", text);
        Made::one(note)
    }

    /// Says what of other programs' own settings is not kept, and the words that have no place.
    fn say_foreign(&mut self, step: usize) {
        let at = self.reading.steps[step].at;
        let (tree, element) = (self.reading.tree, self.reading.element(at));
        let mut lost: Vec<String> = element.foreign_names().collect();
        if let Some(holder) = tree.child(at, "extensionElements") {
            let others = tree.children(holder).filter(|(_, child)| child.space != Space::Ours);
            lost.extend(others.map(|(_, child)| child.known_as()));
        }
        lost.retain(|name| !self.is_heeded(step, name));
        lost.dedup();
        if !lost.is_empty() {
            let listed = crate::shown(&lost.join(", "));
            self.leave(
                step,
                format!("Settings of the program it was made with are left out: {listed}."),
            );
        }
        let node = self.made[step].map(|made| &self.graph.spots[made.entry].node);
        let is_told =
            node.is_some_and(|node| matches!(node.kind.as_str(), "task" | "approval" | "handoff"));
        if let Some(text) =
            tree.child_text(at, "documentation").filter(|text| !is_told && !text.trim().is_empty())
        {
            self.leave(
                step,
                format!(
                    "Only tasks have instructions, so this description is left out: {}",
                    crate::shown(text)
                ),
            );
        }
        for name in ["ioSpecification", "dataInputAssociation", "dataOutputAssociation", "property"]
        {
            if tree.child(at, name).is_some() {
                self.leave(step, "What data it takes and gives is left out: a journey keeps what it knows in variables.");
                break;
            }
        }
        if tree.child(at, "standardLoopCharacteristics").is_some() {
            self.leave(
                step,
                "That it is repeated is left out: draw a way back to it from a decision.",
            );
        }
    }

    /// Says that a name or a text is cut.
    fn say_long(&mut self, step: usize) {
        let at = self.reading.steps[step].at;
        let text = |name: &str| self.reading.tree.child_text(at, name);
        let text = text("documentation").or_else(|| text("text"));
        if let Some(sentence) = texts::too_long(self.reading.element(at).attribute("name"), text) {
            self.leave(step, sentence);
        }
    }

    /// Whether a setting of another program was made something of.
    fn is_heeded(&self, step: usize, name: &str) -> bool {
        let kind = self.made[step].map(|made| self.graph.spots[made.entry].node.kind.as_str());
        match kind {
            Some("task") => matches!(
                name,
                "camunda:assignee"
                    | "camunda:candidateGroups"
                    | "camunda:candidateUsers"
                    | "camunda:dueDate"
                    | "camunda:formData"
                    | "zeebe:assignmentDefinition"
                    | "zeebe:taskSchedule"
                    | "zeebe:userTask"
            ),
            Some("action") => {
                matches!(name, "camunda:topic" | "zeebe:taskDefinition" | "camunda:type")
            }
            Some("journey") => name == "zeebe:calledElement",
            _ => false,
        }
    }

    /// Says where the file does not show where things stand.
    fn say_undrawn(&mut self) {
        let is_undrawn = |made: &Made| {
            let spot = &self.graph.spots[made.entry];
            !spot.is_drawn && !spot.is_pass && !made.is_ours
        };
        let undrawn: Vec<usize> = (0..self.made.len())
            .filter(|step| self.made[*step].as_ref().is_some_and(is_undrawn))
            .collect();
        if !self.reading.is_drawn() && !undrawn.is_empty() {
            let process = self.reading.process;
            self.reading.leave(process, "There is no drawing in the file; the designer lays the steps out when the journey is opened.");
            return;
        }
        for step in undrawn {
            self.leave(step, "The drawing in the file does not show it, so it stands at the upper left corner; “Tidy up” in the designer gives it a place.");
        }
    }

    /// Spreads a drawing of small shapes so that cards do not cover one another, and begins it near the corner.
    fn spread(&mut self) {
        let on_grid = |number: f64| (number / 10.0).round() * 10.0;
        let drawn = || self.graph.spots.iter().filter(|spot| spot.is_drawn && !spot.is_pass);
        let points = || drawn().map(|spot| spot.node.position);
        let least = |one: f64, other: f64| one.min(other);
        let left = points().map(|point| point.x * SPREAD.0).fold(f64::INFINITY, least);
        let top = points().map(|point| point.y * SPREAD.1).fold(f64::INFINITY, least);
        for spot in self.graph.spots.iter_mut().filter(|spot| spot.is_drawn && !spot.is_pass) {
            let Point { x, y } = spot.node.position;
            let (x, y) = (x * SPREAD.0 - left + MARGIN, y * SPREAD.1 - top + MARGIN);
            spot.node.position = Point { x: on_grid(x), y: on_grid(y) };
        }
    }
}
