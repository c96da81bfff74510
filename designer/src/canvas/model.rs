//! The editor as signals: what is drawn, kept in step with what the editor decides.

use super::{
    drawn::{self, Chosen, Far, Line, NodeSignals},
    marks::Marks,
    near::{self, Near},
    traffic::Traffic,
};
use crate::editor::{
    Ask, Connecting, Editor, Gesture, Guide, Input, Offer, Path,
    geometry::{Area, Viewport},
    update,
};
use crate::parts::Toasts;
use journey::{Diagnostic, Draft, draft::Point};
use leptos::prelude::*;
use std::collections::HashMap;

/// The name of a check on the browser's timeline.
const CHECK: &str = "check";
/// How long the view stands still before it counts as still.
const STILL: std::time::Duration = std::time::Duration::from_millis(160);

/// What a later frame or moment will see to.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    /// The draft is going to be checked.
    checking: bool,
    /// The view is going to go on by itself, towards the edge something is held at.
    drifting: bool,
    /// More of what is near is going to come into the page.
    bringing: bool,
    /// How often the view was moved by hand.
    glides: u64,
}

/// What an input can change of what is drawn, so that a frame draws no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Which part of it is seen.
    View,
    /// What is held, or with nothing in hand the view.
    Held,
    All,
}

impl Reach {
    fn of(input: &Input) -> Self {
        match input {
            Input::Wheel { .. } => Self::View,
            Input::Drag { .. } | Input::Drift => Self::Held,
            _ => Self::All,
        }
    }
}

/// The handle every component of the canvas holds.
#[derive(Clone, Copy)]
pub(super) struct Canvas {
    editor: StoredValue<Editor>,
    nodes: StoredValue<HashMap<String, NodeSignals>>,
    edges: StoredValue<HashMap<String, ArcRwSignal<Line>>>,
    moves: StoredValue<Vec<Input>>,
    pending: StoredValue<Pending>,
    /// Which state of the draft is drawn, and which of its cards and lines are in the page.
    drawn: StoredValue<(Option<u64>, Option<Near>)>,
    pub(super) editable: bool,
    /// Id and kind of each card that is in the page: a card of another kind is another card.
    pub(super) cards: RwSignal<Vec<(String, String)>>,
    pub(super) edge_ids: RwSignal<Vec<String>>,
    pub(super) view: RwSignal<Viewport>,
    pub(super) chosen: RwSignal<Chosen>,
    pub(super) problems: RwSignal<Vec<Diagnostic>>,
    pub(super) connecting: RwSignal<Option<Connecting>>,
    pub(super) frame: RwSignal<Option<Area>>,
    pub(super) moving: RwSignal<bool>,
    pub(super) guides: RwSignal<Vec<Guide>>,
    /// While a large drawing is seen from far away: another value whenever it has to be drawn anew.
    pub(super) far: RwSignal<Option<Far>>,
    /// How far what is moved has come meanwhile.
    pub(super) far_by: RwSignal<Point>,
    /// The view is being moved by hand: what passes under the pointer meanwhile is not pointed at.
    pub(super) gliding: RwSignal<bool>,
    pub(super) offer: RwSignal<Option<Offer>>,
    /// The names of what undo and redo would do.
    pub(super) history: RwSignal<(Option<String>, Option<String>)>,
    pub(super) said: RwSignal<String>,
    /// Counts the draft's changes; forms read the draft again when it moves.
    revision: RwSignal<u64>,
    pub(super) run: Signal<Option<Path>>,
    /// What many instances did, where that is shown.
    pub(super) traffic: Option<Signal<Traffic>>,
    listeners: StoredValue<Listeners>,
    clipboard: StoredValue<Option<String>>,
    toasts: Option<Toasts>,
}

/// Who is told of changes and problems.
#[derive(Clone, Copy, Default)]
pub(super) struct Listeners {
    pub(super) on_change: Option<Callback<Draft>>,
    pub(super) on_problems: Option<Callback<Vec<Diagnostic>>>,
}

impl Canvas {
    /// A canvas that edits, with the way of what is rehearsed on it.
    pub(super) fn editing(run: Signal<Option<Path>>, listeners: Listeners) -> Self {
        Self::new(true, run, listeners)
    }

    /// A canvas that only shows, with the way an instance took.
    pub(super) fn showing(run: Signal<Option<Path>>) -> Self {
        Self::new(false, run, Listeners::default())
    }

    /// As [`Self::showing`], with what many instances did.
    pub(super) fn surveying(traffic: Option<Signal<Traffic>>, run: Signal<Option<Path>>) -> Self {
        Self { traffic, ..Self::showing(run) }
    }

    fn new(editable: bool, run: Signal<Option<Path>>, listeners: Listeners) -> Self {
        Self {
            editor: StoredValue::new(if editable { Editor::default() } else { Editor::overview() }),
            nodes: StoredValue::default(),
            edges: StoredValue::default(),
            moves: StoredValue::default(),
            pending: StoredValue::default(),
            drawn: StoredValue::default(),
            editable,
            cards: RwSignal::default(),
            edge_ids: RwSignal::default(),
            view: RwSignal::default(),
            chosen: RwSignal::default(),
            problems: RwSignal::default(),
            connecting: RwSignal::default(),
            frame: RwSignal::default(),
            moving: RwSignal::default(),
            guides: RwSignal::default(),
            far: RwSignal::default(),
            far_by: RwSignal::default(),
            gliding: RwSignal::default(),
            offer: RwSignal::default(),
            history: RwSignal::default(),
            said: RwSignal::default(),
            revision: RwSignal::default(),
            run,
            traffic: None,
            listeners: StoredValue::new(listeners),
            clipboard: StoredValue::default(),
            toasts: use_context(),
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
        let reach = Reach::of(&input);
        let Some(asks) = self.editor.try_update_value(|editor| update(editor, input)) else {
            return;
        };
        self.project(reach);
        if reach == Reach::Held {
            self.drift();
        }
        for ask in asks {
            self.obey(ask);
        }
    }

    /// Goes on moment by moment for as long as something is held at the edge.
    fn drift(&self) {
        let is_wanted = self.read(Editor::drifts);
        if !is_wanted || self.pending.get_value().drifting {
            return;
        }
        self.pending.update_value(|pending| pending.drifting = true);
        let canvas = *self;
        request_animation_frame(move || {
            if canvas.pending.try_update_value(|pending| pending.drifting = false).is_some() {
                canvas.take(Input::Drift);
            }
        });
    }

    fn obey(&self, ask: Ask) {
        match ask {
            Ask::Changed => {
                self.revision.update(|revision| *revision += 1);
                if let Some(on_change) = self.listeners.get_value().on_change {
                    on_change.run(self.read(|editor| editor.draft().clone()));
                }
                self.check_soon();
            }
            Ask::Checked => {
                let problems = self.read(|editor| editor.problems().to_vec());
                if let Some(on_problems) = self.listeners.get_value().on_problems {
                    on_problems.run(problems.clone());
                }
                put_in(self.problems, problems);
                self.revision.update(|revision| *revision += 1);
            }
            Ask::Announce(words) => self.said.set(words),
            Ask::Show(words) => match self.toasts {
                Some(toasts) => toasts.say(&words),
                None => self.said.set(words),
            },
            Ask::Copy(text) => self.clipboard.set_value(Some(text)),
        }
    }

    /// Checks once a frame, however many changes a frame brings.
    fn check_soon(&self) {
        if self.pending.get_value().checking {
            return;
        }
        self.pending.update_value(|pending| pending.checking = true);
        let canvas = *self;
        request_animation_frame(move || {
            if canvas.pending.try_update_value(|pending| pending.checking = false).is_some() {
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

    fn project(&self, reach: Reach) {
        self.editor.with_value(|editor| {
            match (reach, editor.gesture()) {
                (Reach::View | Reach::Held, Gesture::Move { .. }) => self.project_moving(editor),
                (Reach::View, _) | (Reach::Held, Gesture::Pan { .. } | Gesture::Pinch) => {}
                (Reach::Held | Reach::All, _) => self.project_all(editor),
            }
            self.project_frame(editor, reach);
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
        let wires = editor.scene().wires();
        self.edges.with_value(|edges| {
            for number in editor.scene().wires_of(editor.selected()) {
                let id = &wires[number].id;
                if let (Some(signal), Some(corners)) = (edges.get(id), editor.corners(id)) {
                    signal.update(|line| line.lead(&corners));
                }
            }
        });
    }

    fn project_all(&self, editor: &Editor) {
        let marks = Marks::of(editor);
        let is_drawn = self.drawn.with_value(|(drawn, _)| *drawn == Some(editor.revision()));
        if !is_drawn {
            self.draw(editor);
            self.drawn.update_value(|(drawn, _)| *drawn = Some(editor.revision()));
        }
        self.nodes.with_value(|nodes| {
            for card in editor.scene().cards() {
                let Some(signals) = nodes.get(&card.id) else { continue };
                put(&signals.place, editor.position(&card.id).unwrap_or_default());
                put(&signals.standing, marks.standing(editor, card));
            }
        });
        self.edges.with_value(|edges| {
            for wire in editor.scene().wires() {
                let Some(signal) = edges.get(&wire.id) else { continue };
                let selected = editor.selected_edge() == Some(wire.id.as_str());
                let problem = marks.wrong_edges.contains(wire.id.as_str());
                let differs = signal
                    .with_untracked(|line| (line.selected, line.problem) != (selected, problem));
                if differs {
                    signal.update(|line| (line.selected, line.problem) = (selected, problem));
                }
            }
        });
        put_in(self.chosen, drawn::chosen(editor));
        put_in(self.offer, editor.offer().cloned());
        let history = editor.history();
        let names =
            (history.next_undo().map(str::to_owned), history.next_redo().map(str::to_owned));
        put_in(self.history, names);
    }

    /// Faces and lines of another draft than the one that is drawn.
    fn draw(&self, editor: &Editor) {
        let (draft, scene) = (editor.draft(), editor.scene());
        self.nodes.update_value(|nodes| {
            nodes.retain(|id, _| scene.card(id).is_some());
            for (node, card) in draft.nodes.iter().zip(scene.cards()) {
                let face = drawn::face(editor, (node, card), self.editable);
                match nodes.get(&node.id) {
                    Some(signals) => put(&signals.face, face),
                    None => {
                        nodes.insert(node.id.clone(), NodeSignals::of(face, node.position));
                    }
                }
            }
        });
        self.edges.update_value(|edges| {
            edges.retain(|id, _| scene.wire(id).is_some());
            for edge in &draft.edges {
                let Some(wire) = scene.wire(&edge.id) else { continue };
                let line = drawn::line(editor, edge, wire);
                match edges.get(&edge.id) {
                    Some(signal) => put(signal, line),
                    None => {
                        edges.insert(edge.id.clone(), ArcRwSignal::new(line));
                    }
                }
            }
        });
    }

    /// The view, what is in it, and what is being drawn.
    fn project_frame(&self, editor: &Editor, reach: Reach) {
        self.project_view(editor.view(), reach);
        let (connecting, frame, moving) = match editor.gesture() {
            Gesture::Connect(connecting) => (Some(connecting.clone()), None, false),
            Gesture::Frame { start, now, .. } => (None, Some(Area::between(*start, *now)), false),
            Gesture::Move { .. } => (None, None, true),
            Gesture::Pan { .. }
            | Gesture::Pinch
            | Gesture::Grab { .. }
            | Gesture::Touch { .. }
            | Gesture::Idle => (None, None, false),
        };
        put_in(self.connecting, connecting);
        put_in(self.frame, frame);
        put_in(self.moving, moving);
        put_in(self.guides, editor.guides().to_vec());

        self.project_what_is_near(editor);
    }

    fn project_view(&self, view: Viewport, reach: Reach) {
        if self.view.get_untracked() == view {
            return;
        }
        self.view.set(view);
        let is_gliding = reach != Reach::All;
        put_in(self.gliding, is_gliding);
        if !is_gliding {
            return;
        }
        let canvas = *self;
        self.pending.update_value(|pending| pending.glides += 1);
        let now = self.pending.get_value().glides;
        set_timeout(
            move || {
                if canvas.pending.try_get_value().is_some_and(|pending| pending.glides == now) {
                    put_in(canvas.gliding, false);
                }
            },
            STILL,
        );
    }

    /// Which cards and lines are in the page: all of few, of many those near the view.
    fn project_what_is_near(&self, editor: &Editor) {
        let by = editor.motion().map(|(_, by)| by);
        put_in(self.far_by, by.unwrap_or_default());
        let scene = editor.scene();
        let now = self.drawn.with_value(|(_, before)| Near::of(editor, before.as_ref()));
        // The drawing from far away stays under the cards until they are all there.
        let was_far = self.far.with_untracked(Option::is_some);
        let is_far = near::is_far(editor) || (was_far && now.has_more);
        put_in(self.far, is_far.then(|| Far::of(editor)));
        if now.has_more {
            self.bring_more();
        }
        if self.drawn.with_value(|(_, before)| before.as_ref() == Some(&now)) {
            return;
        }
        let nodes = &editor.draft().nodes;
        let cards =
            now.cards.iter().map(|card| (nodes[*card].id.clone(), nodes[*card].kind.clone()));
        put_in(self.cards, cards.collect());
        let ids = now.wires.iter().map(|wire| scene.wires()[*wire].id.clone()).collect();
        put_in(self.edge_ids, ids);
        self.drawn.update_value(|(_, before)| *before = Some(now));
    }

    /// Brings more of what is near into the page in the next frame.
    fn bring_more(&self) {
        if self.pending.get_value().bringing {
            return;
        }
        self.pending.update_value(|pending| pending.bringing = true);
        let canvas = *self;
        request_animation_frame(move || {
            if canvas.pending.try_update_value(|pending| pending.bringing = false).is_some() {
                canvas.editor.with_value(|editor| canvas.project_what_is_near(editor));
            }
        });
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
