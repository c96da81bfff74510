//! What the canvas draws of a draft: the face of each card, the line of each edge, what is chosen, and the whole from far away.

use super::{marks::Marks, near};
use crate::editor::{
    Editor,
    geometry::{self, Size},
    kinds, ports,
    ports::Port,
    route,
    scene::{Card, Wire},
    summary,
};
use journey::{
    Severity,
    draft::{Edge, Node, Point},
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// What one node shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Face {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) ports: Vec<(Port, bool)>,
    pub(super) size: Size,
}

/// How one node stands in what is going on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Standing {
    pub(super) selected: bool,
    /// While an edge is drawn: whether it may end here, and whether it would now.
    pub(super) possible: bool,
    pub(super) caught: bool,
    pub(super) problem: Option<(Severity, String)>,
}

/// The signals of one node; freed with its entry.
#[derive(Clone)]
pub(super) struct NodeSignals {
    pub(super) place: ArcRwSignal<Point>,
    pub(super) face: ArcRwSignal<Face>,
    pub(super) standing: ArcRwSignal<Standing>,
}

impl NodeSignals {
    pub(super) fn of(face: Face, place: Point) -> Self {
        Self {
            place: ArcRwSignal::new(place),
            face: ArcRwSignal::new(face),
            standing: ArcRwSignal::default(),
        }
    }
}

/// What one edge shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) middle: Point,
    pub(super) label: String,
    pub(super) selected: bool,
    pub(super) problem: bool,
    /// Its node's failure port, a timer, a default way: drawn quieter.
    pub(super) aside: bool,
}

impl Line {
    /// Leads it along other corners.
    pub(super) fn lead(&mut self, corners: &[Point]) {
        self.path = route::path(corners);
        self.middle = route::middle(corners);
    }
}

/// What is chosen, for the inspector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Chosen {
    #[default]
    Nothing,
    Node {
        id: String,
        kind: String,
    },
    Edge(String),
    /// All nodes of a group, by its id.
    Group(String),
    Several(usize),
}

/// What a large drawing looks like from far away.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Far {
    /// The cards themselves are not seen; otherwise they are about to come.
    hides_cards: bool,
    pub(super) look: FarLook,
}

/// What decides how it looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FarLook {
    revision: u64,
    selected: BTreeSet<String>,
    selected_edge: Option<String>,
    /// The cards with errors, or with a way that has one.
    pub(super) wrong: BTreeSet<String>,
    moving: bool,
}

impl Far {
    /// Whether the cards themselves are not seen.
    pub(super) fn hides_cards(far: Option<&Self>) -> bool {
        far.is_some_and(|far| far.hides_cards)
    }

    pub(super) fn of(editor: &Editor) -> Self {
        Self {
            hides_cards: near::is_far(editor),
            look: FarLook {
                revision: editor.revision(),
                selected: editor.selected().clone(),
                selected_edge: editor.selected_edge().map(str::to_owned),
                wrong: Marks::of(editor).wrong_cards().map(str::to_owned).collect(),
                moving: editor.motion().is_some(),
            },
        }
    }
}

/// A node's face; where nothing can be drawn, without the place to draw a new way from.
pub(super) fn face(editor: &Editor, (node, card): (&Node, &Card), editable: bool) -> Face {
    let wires = editor.scene().wires();
    let wired: Vec<&str> = card.leaving.iter().map(|wire| wires[*wire].port.as_str()).collect();
    let shown = card.ports.iter().filter(|port| editable || port.role != ports::Role::NewWay);
    let ports: Vec<_> = shown
        .map(|port| {
            let is_wired = port.role != ports::Role::NewWay && wired.contains(&port.id.as_str());
            (port.clone(), is_wired)
        })
        .collect();
    let name = if node.name.trim().is_empty() && node.kind != "note" {
        kinds::title(&node.kind).to_owned()
    } else {
        node.name.clone()
    };
    let shown: Vec<Port> = ports.iter().map(|(port, _)| port.clone()).collect();
    Face {
        kind: node.kind.clone(),
        name,
        summary: summary::summary(editor.draft(), node),
        size: geometry::size(node, &shown),
        ports,
    }
}

pub(super) fn line(editor: &Editor, edge: &Edge, wire: &Wire) -> Line {
    // What the port beside its beginning says already is not said twice.
    let from = &editor.scene().cards()[wire.from];
    let is_decision = editor.draft().node(&edge.from).is_some_and(|from| from.kind == "decision");
    let is_said =
        |label: &String| is_decision || from.ports.iter().any(|port| port.label == *label);
    let mut line = Line {
        label: edge.label.clone().filter(|label| !is_said(label)).unwrap_or_default(),
        aside: matches!(edge.port(), "error" | "timeout"),
        ..Line::default()
    };
    line.lead(&wire.corners);
    line
}

pub(super) fn chosen(editor: &Editor) -> Chosen {
    if let Some(edge) = editor.selected_edge() {
        return Chosen::Edge(edge.to_owned());
    }
    if let Some(group) = editor.chosen_group() {
        return Chosen::Group(group.id.clone());
    }
    match editor.only_selected().and_then(|id| editor.draft().node(id)) {
        Some(node) => Chosen::Node { id: node.id.clone(), kind: node.kind.clone() },
        None if editor.selected().is_empty() => Chosen::Nothing,
        None => Chosen::Several(editor.selected().len()),
    }
}
