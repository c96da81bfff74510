//! The editor as signals: what is drawn, kept in step with what the editor decides.

use crate::editor::{
    Ask, Connecting, Editor, Gesture, Input, Offer, geometry,
    geometry::{Area, Size, Viewport},
    ports,
    ports::Port,
    route, summary, update,
};
use crate::editor::{Path, kinds};
use journey::{
    Diagnostic, Draft, Severity,
    draft::{Edge, Node, Point},
};
use leptos::prelude::*;
use std::collections::HashMap;

/// The name of a check on the browser's timeline.
const CHECK: &str = "check";
/// From this many nodes on, only what is near the view is drawn.
const CULL_FROM: usize = 120;
/// How far outside the view things are still drawn, in canvas units.
const CULL_MARGIN: f64 = 400.0;

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
    Several(usize),
}

/// The handle every component of the canvas holds.
#[derive(Clone, Copy)]
pub(super) struct Canvas {
    editor: StoredValue<Editor>,
    nodes: StoredValue<HashMap<String, NodeSignals>>,
    edges: StoredValue<HashMap<String, ArcRwSignal<Line>>>,
    moves: StoredValue<Vec<Input>>,
    checking: StoredValue<bool>,
    pub(super) editable: bool,
    pub(super) node_ids: RwSignal<Vec<String>>,
    pub(super) edge_ids: RwSignal<Vec<String>>,
    pub(super) view: RwSignal<Viewport>,
    pub(super) chosen: RwSignal<Chosen>,
    pub(super) problems: RwSignal<Vec<Diagnostic>>,
    pub(super) connecting: RwSignal<Option<Connecting>>,
    pub(super) frame: RwSignal<Option<Area>>,
    pub(super) moving: RwSignal<bool>,
    pub(super) offer: RwSignal<Option<Offer>>,
    /// The names of what undo and redo would do.
    pub(super) history: RwSignal<(Option<String>, Option<String>)>,
    pub(super) said: RwSignal<String>,
    /// Counts the draft's changes; forms read the draft again when it moves.
    revision: RwSignal<u64>,
    pub(super) run: Signal<Option<Path>>,
    on_change: Option<Callback<Draft>>,
    on_problems: Option<Callback<Vec<Diagnostic>>>,
    clipboard: StoredValue<Option<String>>,
}

/// Who is told of changes and problems.
#[derive(Clone, Copy, Default)]
pub(super) struct Listeners {
    pub(super) on_change: Option<Callback<Draft>>,
    pub(super) on_problems: Option<Callback<Vec<Diagnostic>>>,
}

impl Canvas {
    /// A canvas that edits.
    pub(super) fn editing(listeners: Listeners) -> Self {
        Self::new(true, Signal::stored(None), listeners)
    }

    /// A canvas that only shows, with the way an instance took.
    pub(super) fn showing(run: Signal<Option<Path>>) -> Self {
        Self::new(false, run, Listeners::default())
    }

    fn new(editable: bool, run: Signal<Option<Path>>, listeners: Listeners) -> Self {
        Self {
            editor: StoredValue::new(if editable { Editor::default() } else { Editor::overview() }),
            nodes: StoredValue::default(),
            edges: StoredValue::default(),
            moves: StoredValue::default(),
            checking: StoredValue::new(false),
            editable,
            node_ids: RwSignal::default(),
            edge_ids: RwSignal::default(),
            view: RwSignal::default(),
            chosen: RwSignal::default(),
            problems: RwSignal::default(),
            connecting: RwSignal::default(),
            frame: RwSignal::default(),
            moving: RwSignal::default(),
            offer: RwSignal::default(),
            history: RwSignal::default(),
            said: RwSignal::default(),
            revision: RwSignal::default(),
            run,
            on_change: listeners.on_change,
            on_problems: listeners.on_problems,
            clipboard: StoredValue::default(),
        }
    }

    /// Reads the editor.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Editor) -> T) -> T {
        self.editor.with_value(read)
    }

    /// Makes what reads the draft run again when the draft changes; in an event's handler there is nothing to run again.
    pub(super) fn follow(&self) {
        if leptos::reactive::graph::Observer::get().is_some() {
            self.revision.track();
        }
    }

    /// Takes an input and draws what became of it.
    pub(super) fn send(&self, input: Input) {
        self.flush();
        self.take(input);
    }

    /// Takes a pointer's movement; only the last of a frame is drawn.
    pub(super) fn send_move(self, pointer: i32, at: Point) {
        let waiting = self.moves.with_value(|moves| !moves.is_empty());
        self.moves.update_value(|moves| {
            moves.retain(|earlier| !matches!(earlier, Input::Drag { pointer: other, .. } if *other == pointer));
            moves.push(Input::Drag { pointer, at });
        });
        if !waiting {
            request_animation_frame(move || self.flush());
        }
    }

    /// What was copied last, for the clipboard event that asks for it.
    pub(super) fn take_copied(&self) -> Option<String> {
        self.clipboard.try_update_value(Option::take).flatten()
    }

    pub(super) fn node(&self, id: &str) -> Option<NodeSignals> {
        self.nodes.with_value(|nodes| nodes.get(id).cloned())
    }

    pub(super) fn edge(&self, id: &str) -> Option<ArcRwSignal<Line>> {
        self.edges.with_value(|edges| edges.get(id).cloned())
    }

    fn flush(&self) {
        let moves = self.moves.try_update_value(std::mem::take).unwrap_or_default();
        for input in moves {
            self.take(input);
        }
    }

    fn take(&self, input: Input) {
        let dragging = matches!(input, Input::Drag { .. });
        let Some(asks) = self.editor.try_update_value(|editor| update(editor, input)) else {
            return;
        };
        self.project(dragging);
        for ask in asks {
            self.obey(ask);
        }
    }

    fn obey(&self, ask: Ask) {
        match ask {
            Ask::Changed => {
                self.revision.update(|revision| *revision += 1);
                if let Some(on_change) = self.on_change {
                    on_change.run(self.read(|editor| editor.draft().clone()));
                }
                self.check_soon();
            }
            Ask::Checked => {
                let problems = self.read(|editor| editor.problems().to_vec());
                if let Some(on_problems) = self.on_problems {
                    on_problems.run(problems.clone());
                }
                put_in(self.problems, problems);
                self.revision.update(|revision| *revision += 1);
            }
            Ask::Announce(words) => self.said.set(words),
            Ask::Copy(text) => self.clipboard.set_value(Some(text)),
        }
    }

    /// Checks once a frame, however many changes a frame brings.
    fn check_soon(&self) {
        if self.checking.with_value(|checking| *checking) {
            return;
        }
        self.checking.set_value(true);
        let canvas = *self;
        request_animation_frame(move || {
            if canvas.checking.try_set_value(false).is_none() {
                canvas.check_timed();
            }
        });
    }

    /// Checks, and leaves how long that took on the browser's timeline as a measure named `check`.
    fn check_timed(&self) {
        let timeline = window().performance();
        if let Some(timeline) = &timeline {
            let _ = timeline.mark(CHECK);
        }
        self.send(Input::Check);
        if let Some(timeline) = timeline {
            let _ = timeline.measure_with_start_mark(CHECK, CHECK);
            // The timeline keeps its entries; whoever observes it has been told.
            timeline.clear_marks_with_mark_name(CHECK);
            timeline.clear_measures_with_measure_name(CHECK);
        }
    }

    fn project(&self, dragging: bool) {
        self.editor.with_value(|editor| {
            let drags_nodes = dragging && matches!(editor.gesture(), Gesture::Move { .. });
            if drags_nodes {
                self.project_moving(editor);
            } else if !dragging || !matches!(editor.gesture(), Gesture::Pan { .. } | Gesture::Pinch)
            {
                self.project_all(editor);
            }
            self.project_frame(editor);
        });
    }

    /// Only what moves with the pointer.
    fn project_moving(&self, editor: &Editor) {
        self.nodes.with_value(|nodes| {
            for id in editor.selected() {
                if let (Some(signals), Some(at)) = (nodes.get(id), editor.position(id)) {
                    put(&signals.place, at);
                }
            }
        });
        let moved = |edge: &&Edge| {
            editor.selected().contains(&edge.from) || editor.selected().contains(&edge.to)
        };
        self.edges.with_value(|edges| {
            for edge in editor.draft().edges.iter().filter(moved) {
                if let Some(signal) = edges.get(&edge.id) {
                    put(signal, line(editor, edge));
                }
            }
        });
    }

    fn project_all(&self, editor: &Editor) {
        let draft = editor.draft();
        self.nodes.update_value(|nodes| {
            nodes.retain(|id, _| draft.node(id).is_some());
            for node in &draft.nodes {
                let (place, face, standing) = (
                    editor.position(&node.id).unwrap_or_default(),
                    self.face(draft, node),
                    standing(editor, node),
                );
                if let Some(signals) = nodes.get(&node.id) {
                    put(&signals.place, place);
                    put(&signals.face, face);
                    put(&signals.standing, standing);
                } else {
                    let signals = NodeSignals {
                        place: ArcRwSignal::new(place),
                        face: ArcRwSignal::new(face),
                        standing: ArcRwSignal::new(standing),
                    };
                    nodes.insert(node.id.clone(), signals);
                }
            }
        });
        self.edges.update_value(|edges| {
            edges.retain(|id, _| draft.edges.iter().any(|edge| edge.id == *id));
            for edge in &draft.edges {
                let line = line(editor, edge);
                match edges.get(&edge.id) {
                    Some(signal) => put(signal, line),
                    None => {
                        edges.insert(edge.id.clone(), ArcRwSignal::new(line));
                    }
                }
            }
        });
        put_in(self.chosen, chosen(editor));
        put_in(self.offer, editor.offer().cloned());
        let history = editor.history();
        let names =
            (history.next_undo().map(str::to_owned), history.next_redo().map(str::to_owned));
        put_in(self.history, names);
    }

    /// A node's face; where nothing can be drawn, without the place to draw a new way from.
    fn face(&self, draft: &Draft, node: &Node) -> Face {
        let mut ports = ports::ports(draft, node);
        ports.retain(|port| self.editable || port.role != ports::Role::NewWay);
        face(draft, node, ports)
    }

    /// The view, what is in it, and what is being drawn.
    fn project_frame(&self, editor: &Editor) {
        put_in(self.view, editor.view());
        let (connecting, frame, moving) = match editor.gesture() {
            Gesture::Connect(connecting) => (Some(connecting.clone()), None, false),
            Gesture::Frame { start, now, .. } => (None, Some(Area::between(*start, *now)), false),
            Gesture::Move { .. } => (None, None, true),
            Gesture::Pan { .. } | Gesture::Pinch | Gesture::Grab { .. } | Gesture::Idle => {
                (None, None, false)
            }
        };
        put_in(self.connecting, connecting);
        put_in(self.frame, frame);
        put_in(self.moving, moving);

        let draft = editor.draft();
        let all = draft.nodes.len() < CULL_FROM || editor.screen().width <= 0.0;
        let shown = editor.view().shown(editor.screen()).grown(CULL_MARGIN);
        let node_in =
            |node: &&Node| all || editor.area(&node.id).is_some_and(|area| area.meets(&shown));
        let ids = draft.nodes.iter().filter(node_in).map(|node| node.id.clone()).collect();
        put_in(self.node_ids, ids);
        let edge_in =
            |edge: &&Edge| all || edge_area(editor, edge).is_some_and(|area| area.meets(&shown));
        let ids = draft.edges.iter().filter(edge_in).map(|edge| edge.id.clone()).collect();
        put_in(self.edge_ids, ids);
    }
}

fn put<T: PartialEq + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

fn put_in<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|before| *before != value) {
        signal.set(value);
    }
}

fn edge_area(editor: &Editor, edge: &Edge) -> Option<Area> {
    let (from, to) = (editor.position(&edge.from)?, editor.position(&edge.to)?);
    Some(Area::between(from, to))
}

fn face(draft: &Draft, node: &Node, ports: Vec<Port>) -> Face {
    let size = geometry::size(node, &ports);
    let wired = |port: &Port| {
        !matches!(port.role, ports::Role::NewWay)
            && draft.edges.iter().any(|edge| edge.from == node.id && edge.port() == port.id)
    };
    let ports = ports
        .into_iter()
        .map(|port| {
            let wired = wired(&port);
            (port, wired)
        })
        .collect();
    let name = if node.name.trim().is_empty() && node.kind != "note" {
        kinds::title(&node.kind).to_owned()
    } else {
        node.name.clone()
    };
    Face { kind: node.kind.clone(), name, summary: summary::summary(draft, node), ports, size }
}

fn standing(editor: &Editor, node: &Node) -> Standing {
    let connecting = match editor.gesture() {
        Gesture::Connect(connecting) => Some(connecting),
        _ => None,
    };
    let own = editor.problems().iter().filter(|problem| problem.node.as_ref() == Some(&node.id));
    let ways: Vec<&str> = editor
        .draft()
        .edges
        .iter()
        .filter(|edge| edge.from == node.id)
        .map(|edge| edge.id.as_str())
        .collect();
    let on_ways = editor
        .problems()
        .iter()
        .filter(|problem| problem.node.is_none())
        .filter(|problem| problem.edge.as_deref().is_some_and(|edge| ways.contains(&edge)));
    let mut all: Vec<&Diagnostic> = own.chain(on_ways).collect();
    all.sort_by_key(|problem| problem.severity);
    Standing {
        selected: editor.selected().contains(&node.id),
        possible: connecting.is_some_and(|connecting| connecting.targets.contains(&node.id)),
        caught: connecting.is_some_and(|connecting| connecting.target.as_ref() == Some(&node.id)),
        problem: all.first().map(|worst| {
            let words: Vec<&str> = all.iter().map(|problem| problem.message.as_str()).collect();
            (worst.severity, words.join("\n"))
        }),
    }
}

fn line(editor: &Editor, edge: &Edge) -> Line {
    let Some(corners) = editor.corners(&edge.id) else {
        return Line::default();
    };
    // What the port beside its beginning says already is not said twice.
    let is_said = |label: &String| {
        editor.draft().node(&edge.from).is_some_and(|from| {
            let ports = ports::ports(editor.draft(), from);
            from.kind == "decision" || ports.iter().any(|port| port.label == *label)
        })
    };
    Line {
        path: route::path(&corners),
        middle: route::middle(&corners),
        label: edge.label.clone().filter(|label| !is_said(label)).unwrap_or_default(),
        selected: editor.selected_edge() == Some(edge.id.as_str()),
        problem: editor.problems().iter().any(|problem| {
            problem.edge.as_ref() == Some(&edge.id) && problem.severity == Severity::Error
        }),
        aside: matches!(edge.port(), "error" | "timeout"),
    }
}

fn chosen(editor: &Editor) -> Chosen {
    if let Some(edge) = editor.selected_edge() {
        return Chosen::Edge(edge.to_owned());
    }
    match editor.only_selected().and_then(|id| editor.draft().node(id)) {
        Some(node) => Chosen::Node { id: node.id.clone(), kind: node.kind.clone() },
        None if editor.selected().is_empty() => Chosen::Nothing,
        None => Chosen::Several(editor.selected().len()),
    }
}
