//! The drawing as geometry, kept beside the draft: where every card and every line is, found without going through the draft.

use super::{
    geometry::{self, Area},
    groups,
    ports::{self, Port},
    route::{self, Ground},
};
use journey::{
    Draft,
    draft::{Edge, Node, Point},
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// So many lines that go along with what is moved look for a way around cards while it moves; more take the shortest until it is let go.
const ROUTED_IN_MOTION: usize = 40;
/// How far a line keeps from the next that leaves the same card, in canvas units.
const APART: f64 = 8.0;
/// The most it gives way for its neighbours.
const APART_MOST: f64 = 40.0;

/// A card, and the lines that begin and end at it.
#[derive(Debug, PartialEq)]
pub struct Card {
    pub id: String,
    pub area: Area,
    pub ports: Vec<Port>,
    pub leaving: Vec<usize>,
    pub arriving: Vec<usize>,
    /// The collapsed group it is drawn as, with the other cards of that group.
    pub collapsed: Option<String>,
    is_note: bool,
}

/// A line between two cards, by their places in the scene.
#[derive(Debug, PartialEq)]
pub struct Wire {
    pub id: String,
    pub from: usize,
    pub to: usize,
    /// The port it leaves by.
    pub port: String,
    /// It lies within a collapsed group and is not drawn.
    pub hidden: bool,
    /// Where it leaves and arrives, relative to its cards.
    leaves: Point,
    /// How far its turn gives way for the lines beside it.
    aside: f64,
    pub corners: Vec<Point>,
    /// What its corners span.
    pub span: Area,
}

impl Wire {
    /// Where it begins and ends, given where cards are.
    fn ends(&self, area: impl Fn(usize) -> Area) -> (Point, Point) {
        let corner = |area: Area| Point { x: area.x, y: area.y };
        let from = geometry::plus(corner(area(self.from)), self.leaves);
        (from, geometry::plus(corner(area(self.to)), geometry::input_offset()))
    }
}

/// Cards and lines of a draft, in its order; lines that lack an end are left out.
#[derive(Debug, Default)]
pub struct Scene {
    cards: Vec<Card>,
    wires: Vec<Wire>,
    card_numbers: HashMap<String, usize>,
    wire_numbers: HashMap<String, usize>,
    ground: Ground,
}

impl Scene {
    /// The scene of a draft; lines that nothing has come near stay as they were `before`.
    pub fn of(draft: &Draft, before: &Self) -> Self {
        let collapsed = groups::collapsed(draft);
        let mut scene = Self {
            cards: draft.nodes.iter().map(|node| card(draft, node, &collapsed)).collect(),
            ..Self::default()
        };
        let numbered = scene.cards.iter().enumerate();
        scene.card_numbers = numbered.map(|(number, card)| (card.id.clone(), number)).collect();
        for edge in &draft.edges {
            scene.add(edge);
        }
        let mut seen = HashSet::new();
        let stands = |card: &Card| {
            // A collapsed group is one card.
            let is_first = card.collapsed.as_ref().is_none_or(|group| seen.insert(group.clone()));
            (!card.is_note && is_first).then_some(card.area)
        };
        scene.ground = Ground::of(scene.cards.iter().map(stands));
        let moved = scene.moved_since(before);
        for number in 0..scene.wires.len() {
            let corners = scene.kept(before, &moved, number).unwrap_or_else(|| scene.way(number));
            scene.wires[number].span = route::span(&corners);
            scene.wires[number].corners = corners;
        }
        scene
    }

    fn add(&mut self, edge: &Edge) {
        let number = |id: &str| self.card_numbers.get(id).copied();
        let (Some(from), Some(to)) = (number(&edge.from), number(&edge.to)) else { return };
        let ports = &self.cards[from].ports;
        let row = ports::index_of(ports, edge).unwrap_or(0);
        let group = self.cards[from].collapsed.as_ref();
        let hidden = group.is_some() && group == self.cards[to].collapsed.as_ref();
        let shown = if group.is_some() { &[] } else { ports.as_slice() };
        #[expect(clippy::cast_precision_loss, reason = "a node has few ports")]
        let aside = (row as f64 * APART).min(APART_MOST);
        let wire = Wire {
            id: edge.id.clone(),
            from,
            to,
            port: edge.port().to_owned(),
            leaves: geometry::port_offset(shown, row),
            hidden,
            aside,
            corners: Vec::new(),
            span: Area::default(),
        };
        let place = self.wires.len();
        self.wire_numbers.insert(wire.id.clone(), place);
        self.cards[from].leaving.push(place);
        self.cards[to].arriving.push(place);
        self.wires.push(wire);
    }

    /// Where cards came, went or changed their size, before and now.
    fn moved_since(&self, before: &Self) -> Vec<Area> {
        let differs = |card: &&Card, there: &Self| {
            !card.is_note && there.card(&card.id).is_none_or(|other| other.area != card.area)
        };
        let come = self.cards.iter().filter(|card| differs(card, before));
        let gone = before.cards.iter().filter(|card| differs(card, self));
        come.chain(gone).map(|card| card.area).collect()
    }

    /// The corners a line had, if nothing they depend on is different.
    fn kept(&self, before: &Self, moved: &[Area], number: usize) -> Option<Vec<Point>> {
        let wire = &self.wires[number];
        let old = before.wire(&wire.id)?;
        let ends = |scene: &Self, wire: &Wire| wire.ends(|card| scene.cards[card].area);
        let is_same = ends(self, wire) == ends(before, old)
            && wire.hidden == old.hidden
            && wire.aside.total_cmp(&old.aside).is_eq();
        let own = [wire.from, wire.to].map(|card| self.cards[card].area);
        let near = old.span.with(own[0]).with(own[1]).grown(route::REACH);
        (is_same && !moved.iter().any(|area| area.meets(&near))).then(|| old.corners.clone())
    }

    fn way(&self, number: usize) -> Vec<Point> {
        let wire = &self.wires[number];
        let area = |card: usize| self.cards[card].area;
        let (from, to) = wire.ends(area);
        let own = [area(wire.from), area(wire.to)];
        if wire.hidden {
            return vec![own[0].middle(); 2];
        }
        route::around(&route::Ends { from, to, own, aside: wire.aside }, &self.ground, &|_| false)
    }

    /// What lines keep off.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    pub fn wires(&self) -> &[Wire] {
        &self.wires
    }

    pub fn card(&self, id: &str) -> Option<&Card> {
        self.card_numbers.get(id).map(|number| &self.cards[*number])
    }

    pub fn wire(&self, id: &str) -> Option<&Wire> {
        self.wire_numbers.get(id).map(|number| &self.wires[*number])
    }

    /// The lines that begin or end at one of these cards.
    pub fn wires_of(&self, cards: &BTreeSet<String>) -> Vec<usize> {
        let touched = cards.iter().filter_map(|id| self.card(id));
        let all: HashSet<usize> =
            touched.flat_map(|card| card.leaving.iter().chain(&card.arriving)).copied().collect();
        let mut all: Vec<usize> = all.into_iter().collect();
        all.sort_unstable();
        all
    }

    /// A line's corners while some cards are moved.
    pub fn in_motion(&self, wire: &Wire, moving: &BTreeSet<String>, by: Point) -> Vec<Point> {
        let moves = |card: usize| moving.contains(&self.cards[card].id);
        let area = |card: usize| {
            let area = self.cards[card].area;
            if moves(card) { area.moved(by) } else { area }
        };
        let (from, to) = wire.ends(area);
        let ends =
            route::Ends { from, to, own: [area(wire.from), area(wire.to)], aside: wire.aside };
        if moving.len() > ROUTED_IN_MOTION {
            return route::direct(&ends);
        }
        route::around(&ends, &self.ground, &moves)
    }

    /// The line that passes within `reach` of a point.
    pub fn wire_near(&self, at: Point, reach: f64) -> Option<&Wire> {
        let spot = Area { x: at.x, y: at.y, ..Area::default() }.grown(reach);
        let mut near = self.wires.iter().filter(|wire| !wire.hidden && wire.span.meets(&spot));
        near.find(|wire| route::distance(&wire.corners, at) <= reach)
    }
}

fn card(draft: &Draft, node: &Node, collapsed: &HashMap<&str, Area>) -> Card {
    let ports = ports::ports(draft, node);
    let size = geometry::size(node, &ports);
    let Point { x, y } = node.position;
    let own = Area { x, y, width: size.width, height: size.height };
    let within = node.group.as_deref().and_then(|group| collapsed.get_key_value(group));
    Card {
        id: node.id.clone(),
        area: within.map_or(own, |(_, area)| *area),
        collapsed: within.map(|(group, _)| (*group).to_owned()),
        ports,
        leaving: Vec::new(),
        arriving: Vec::new(),
        is_note: node.kind == "note",
    }
}
