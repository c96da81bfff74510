//! What a pressed pointer is doing: moving nodes, drawing an edge, framing, panning, pinching.

use super::{
    Ask, Editor, Hand, Hit, Op, Press, connect,
    geometry::{self, Area, Viewport},
    groups,
    guide::{self, Guide},
    lanes, ports,
    update::{commit, delete},
};
use crate::messages::{plural, t};
use journey::draft::{Node, Point};
use std::collections::{BTreeSet, HashMap};

/// How far a pointer must go before a press is a drag, in pixels.
const THRESHOLD: f64 = 4.0;
/// How near an input must be to catch the edge that is being drawn, in pixels.
const MAGNET: f64 = 32.0;
/// How near the edge of the canvas the view begins to move, and how far it moves in a moment at most, in pixels.
const EDGE: f64 = 36.0;
const DRIFT: f64 = 14.0;

/// The one thing going on between a press and its release.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gesture {
    #[default]
    Idle,
    Pan {
        last: Point,
    },
    /// A node is pressed and has not moved yet; `narrow` when a release without moving chooses it alone.
    Grab {
        node: String,
        start: Point,
        narrow: bool,
    },
    /// A node is pressed where nothing can be moved: let go it is chosen, dragged it takes the view along.
    Touch {
        node: String,
        start: Point,
    },
    /// The chosen nodes are moving, by this much of the drawing.
    Move {
        start: Point,
        by: Point,
        /// The lines that show what they stand in line with.
        guides: Vec<Guide>,
    },
    /// A frame is being drawn, in the drawing's points.
    Frame {
        start: Point,
        now: Point,
        before: BTreeSet<String>,
    },
    Connect(Connecting),
    Pinch,
}

/// An edge that is being drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Connecting {
    pub node: String,
    pub port: String,
    /// The existing edge whose end is being moved.
    pub edge: Option<String>,
    /// Where it begins and where its loose end is, in the drawing's points.
    pub start: Point,
    pub now: Point,
    /// Where it may end, and where it would end now.
    pub targets: BTreeSet<String>,
    pub target: Option<String>,
    pressed: Point,
    /// It began with a click: it follows the pointer until the next one.
    sticky: bool,
}

/// The kinds are on offer at a point of the screen, for what they are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offer {
    pub at: Point,
    /// The node that is to become what is chosen.
    pub changes: Option<String>,
    /// The port an edge was drawn from and let go over nothing.
    pub from: Option<(String, String)>,
    /// The edge to put the new node into.
    pub edge: Option<String>,
}

/// A pointer went down.
pub(super) fn press(editor: &mut Editor, press: Press) -> Vec<Ask> {
    editor.offer = None;
    editor.pointers.insert(press.pointer, press.at);
    if editor.pointers.len() == 2 {
        editor.gesture = Gesture::Pinch;
        return Vec::new();
    }
    if let Gesture::Connect(connecting) = &editor.gesture {
        let connecting = connecting.clone();
        return finish_click_connect(editor, connecting, &press);
    }
    editor.history.settle();
    // From far away cards are no elements of their own: what stands there is found by its place.
    let on = match press.on {
        Hit::Ground => editor.card_at(press.at).map_or(Hit::Ground, Hit::Node),
        on => on,
    };
    // A collapsed group is pressed as a whole, whichever of its cards is found.
    let group = |id: &String| editor.scene.card(id).and_then(|card| card.collapsed.clone());
    let on = match on {
        Hit::Node(id) => group(&id).map_or(Hit::Node(id), Hit::Group),
        on => on,
    };
    match (press.hand, on) {
        (Hand::Looking, Hit::Node(node) | Hit::Input(node) | Hit::Port { node, .. }) => {
            editor.gesture = Gesture::Touch { node, start: press.at };
        }
        (Hand::Panning | Hand::Looking, _) => editor.gesture = Gesture::Pan { last: press.at },
        (Hand::Plain, Hit::Ground) => {
            editor.selected.clear();
            editor.selected_edge = None;
            editor.gesture = Gesture::Pan { last: press.at };
        }
        (Hand::Adding, Hit::Ground) => {
            let at = editor.view.to_drawing(press.at);
            let before = editor.selected.clone();
            editor.gesture = Gesture::Frame { start: at, now: at, before };
        }
        (_, Hit::Edge(edge)) => {
            editor.selected.clear();
            editor.selected_edge = Some(edge);
        }
        (Hand::Adding, Hit::Node(node) | Hit::Input(node)) => {
            if !editor.selected.remove(&node) {
                editor.selected.insert(node);
            }
        }
        (Hand::Adding, Hit::Group(group)) => {
            let members = groups::members(&editor.draft, &group);
            if members.is_subset(&editor.selected) {
                editor.selected.retain(|id| !members.contains(id));
            } else {
                editor.selected.extend(members);
            }
        }
        (Hand::Plain, Hit::Group(group)) => grab_group(editor, &group, press.at),
        (Hand::Plain, Hit::Node(node)) => grab(editor, node, press.at),
        (_, Hit::Port { node, port }) => begin_connecting(editor, &node, &port, press.at),
        (Hand::Plain, Hit::Input(node)) => detach_or_grab(editor, node, press.at),
    }
    Vec::new()
}

/// A pointer moved.
pub(super) fn drag(editor: &mut Editor, pointer: i32, at: Point) {
    editor.pointed = Some(at);
    let last = editor.pointers.get(&pointer).copied();
    if let (Gesture::Pinch, Some(last)) = (&editor.gesture, last) {
        pinch(editor, pointer, last, at);
        return;
    }
    if let Some(place) = editor.pointers.get_mut(&pointer) {
        *place = at;
    }
    match std::mem::take(&mut editor.gesture) {
        Gesture::Idle => {}
        Gesture::Pan { last } => pan(editor, last, at),
        Gesture::Touch { start, .. } if geometry::distance(start, at) >= THRESHOLD => {
            pan(editor, start, at);
        }
        Gesture::Grab { start, .. } if geometry::distance(start, at) >= THRESHOLD => {
            editor.gesture = moving(editor, start, at);
        }
        Gesture::Move { start, .. } => editor.gesture = moving(editor, start, at),
        Gesture::Frame { start, before, .. } => frame(editor, start, at, before),
        Gesture::Connect(connecting) => {
            let connecting = follow(editor, connecting, at);
            editor.gesture = Gesture::Connect(connecting);
        }
        still @ (Gesture::Grab { .. } | Gesture::Touch { .. } | Gesture::Pinch) => {
            editor.gesture = still;
        }
    }
}

/// A pointer went up.
pub(super) fn release(editor: &mut Editor, pointer: i32, at: Point) -> Vec<Ask> {
    editor.pointers.remove(&pointer);
    match std::mem::take(&mut editor.gesture) {
        Gesture::Idle | Gesture::Pan { .. } | Gesture::Frame { .. } | Gesture::Pinch => Vec::new(),
        Gesture::Grab { node, narrow, .. } => {
            if narrow {
                editor.selected = BTreeSet::from([node]);
            }
            Vec::new()
        }
        Gesture::Touch { node, .. } => {
            editor.selected_edge = None;
            editor.selected = BTreeSet::from([node]);
            Vec::new()
        }
        Gesture::Move { start, .. } => {
            let (by, _) = moved(editor, start, at);
            finish_move(editor, by)
        }
        Gesture::Connect(connecting) => {
            let connecting = follow(editor, connecting, at);
            if geometry::distance(connecting.pressed, at) < THRESHOLD && connecting.edge.is_none() {
                editor.gesture = Gesture::Connect(Connecting { sticky: true, ..connecting });
                return Vec::new();
            }
            finish_connecting(editor, connecting, at)
        }
    }
}

/// Moves the chosen nodes in one step.
pub(super) fn finish_move(editor: &mut Editor, by: Point) -> Vec<Ask> {
    if by == Point::default() {
        return Vec::new();
    }
    let to: Vec<_> = editor
        .draft
        .nodes
        .iter()
        .filter(|node| editor.selected.contains(&node.id))
        .map(|node| (node.id.clone(), geometry::plus(node.position, by)))
        .collect();
    if to.is_empty() {
        // Taken away while it was moved.
        return Vec::new();
    }
    let name = if to.len() == 1 {
        t!("Move").to_owned()
    } else {
        plural!(to.len(), "Move {count} node", "Move {count} nodes")
    };
    let op = taken_in(editor, to, by);
    commit(editor, &name, op)
}

/// What is put into the band of another lane, or into the frame of a group, belongs there then.
fn taken_in(editor: &Editor, to: Vec<(String, Point)>, by: Point) -> Op {
    let (draft, moved) = (&editor.draft, &editor.selected);
    if draft.lanes.is_empty() && draft.groups.is_empty() {
        return Op::Move { to };
    }
    let mut there = draft.clone();
    // Whoever is moved is there, or the move itself is refused.
    let _ = Op::Move { to: to.clone() }.apply(&mut there);
    let lanes: HashMap<_, _> = lanes::entered(&there, moved).into_iter().collect();
    let groups: HashMap<_, _> = groups::entered(editor, by).into_iter().collect();
    let change = moved.iter().filter_map(|id| {
        let (lane, group) = (lanes.get(id).cloned(), groups.get(id).cloned());
        let node = there.node(id).filter(|_| lane.is_some() || group.is_some())?.clone();
        let node = Node { lane: lane.or(node.lane), group: group.or(node.group), ..node };
        Some(Op::ReplaceNode { node })
    });
    let change: Vec<_> = change.collect();
    if change.is_empty() {
        return Op::Move { to };
    }
    Op::Several(std::iter::once(Op::Move { to }).chain(change).collect())
}

fn grab(editor: &mut Editor, node: String, at: Point) {
    editor.selected_edge = None;
    let narrow = editor.selected.contains(&node);
    if !narrow {
        editor.selected = BTreeSet::from([node.clone()]);
    }
    editor.gesture = Gesture::Grab { node, start: at, narrow };
}

/// Takes all nodes of a group in hand, with what else is chosen if they are.
fn grab_group(editor: &mut Editor, group: &str, at: Point) {
    let members = groups::members(&editor.draft, group);
    let Some(node) = members.first().cloned() else { return };
    editor.selected_edge = None;
    if !members.is_subset(&editor.selected) {
        editor.selected = members;
    }
    editor.gesture = Gesture::Grab { node, start: at, narrow: false };
}

fn moving(editor: &Editor, start: Point, at: Point) -> Gesture {
    let (by, guides) = moved(editor, start, at);
    Gesture::Move { start, by, guides }
}

/// How far the press has moved: to where the chosen nodes stand in line with others, or else to the grid.
fn moved(editor: &Editor, start: Point, at: Point) -> (Point, Vec<Guide>) {
    let scale = editor.view.scale;
    let by = Point { x: (at.x - start.x) / scale, y: (at.y - start.y) / scale };
    let first =
        editor.selected.iter().find_map(|id| editor.draft.node(id)).map(|node| node.position);
    let on_grid =
        first.map_or(by, |first| geometry::minus(geometry::snap(geometry::plus(first, by)), first));
    guide::aligned(editor, by, on_grid)
}

/// Whether something is held so near the edge of the canvas that the view is to go there.
pub(super) fn drifts(editor: &Editor) -> bool {
    is_held(editor) && pull(editor) != Point::default()
}

/// The view goes on towards the edge at which something is held.
pub(super) fn drift(editor: &mut Editor) {
    if !drifts(editor) {
        return;
    }
    let (by, Some(at)) = (pull(editor), editor.pointed) else { return };
    let before = editor.view;
    editor.view.x += by.x;
    editor.view.y += by.y;
    hold_on(editor, before, at);
}

/// What is held goes along with the drawing under it when the view was another before.
pub(super) fn hold_on(editor: &mut Editor, before: Viewport, at: Point) {
    let view = editor.view;
    let carried = |start: Point| view.to_screen(before.to_drawing(start));
    match std::mem::take(&mut editor.gesture) {
        Gesture::Move { start, .. } => editor.gesture = moving(editor, carried(start), at),
        Gesture::Frame { start, before, .. } => frame(editor, start, at, before),
        Gesture::Connect(connecting) => {
            editor.gesture = Gesture::Connect(follow(editor, connecting, at));
        }
        still @ (Gesture::Idle
        | Gesture::Pan { .. }
        | Gesture::Grab { .. }
        | Gesture::Touch { .. }
        | Gesture::Pinch) => {
            editor.gesture = still;
        }
    }
}

fn pan(editor: &mut Editor, last: Point, at: Point) {
    editor.view.x += at.x - last.x;
    editor.view.y += at.y - last.y;
    editor.gesture = Gesture::Pan { last: at };
}

fn is_held(editor: &Editor) -> bool {
    match &editor.gesture {
        Gesture::Move { .. } | Gesture::Frame { .. } | Gesture::Connect(_) => true,
        Gesture::Idle
        | Gesture::Pan { .. }
        | Gesture::Grab { .. }
        | Gesture::Touch { .. }
        | Gesture::Pinch => false,
    }
}

/// How far the view goes in a moment, by how near the edge the pointer is.
fn pull(editor: &Editor) -> Point {
    let Some(at) = editor.pointed_at() else { return Point::default() };
    let along = |at: f64, length: f64| {
        let (low, high) = ((EDGE - at).max(0.0), (at - (length - EDGE)).max(0.0));
        (low - high) / EDGE * DRIFT
    };
    Point { x: along(at.x, editor.screen.width), y: along(at.y, editor.screen.height) }
}

fn frame(editor: &mut Editor, start: Point, at: Point, before: BTreeSet<String>) {
    let now = editor.view.to_drawing(at);
    let frame = Area::between(start, now);
    editor.selected.clone_from(&before);
    for node in &editor.draft.nodes {
        if editor.area(&node.id).is_some_and(|area| area.meets(&frame)) {
            editor.selected.insert(node.id.clone());
        }
    }
    editor.gesture = Gesture::Frame { start, now, before };
}

fn begin_connecting(editor: &mut Editor, node: &str, port: &str, at: Point) {
    let Some((all, position)) =
        editor.draft.node(node).map(|found| (ports::ports(&editor.draft, found), found.position))
    else {
        return;
    };
    // The last of the same name: a decision's "Add a way" stands below its ways.
    let Some(index) = all.iter().rposition(|candidate| candidate.id == port) else {
        return;
    };
    let start = geometry::plus(position, geometry::port_offset(&all, index));
    editor.gesture = Gesture::Connect(Connecting {
        node: node.to_owned(),
        port: port.to_owned(),
        edge: None,
        start,
        now: editor.view.to_drawing(at),
        targets: connect::targets(&editor.draft, node, port),
        target: None,
        pressed: at,
        sticky: false,
    });
}

/// Pressing an input that one edge reaches takes that edge's end in hand.
fn detach_or_grab(editor: &mut Editor, node: String, at: Point) {
    let mut arriving = editor.draft.edges.iter().filter(|edge| edge.to == node);
    let (Some(edge), None) = (arriving.next().cloned(), arriving.next()) else {
        grab(editor, node, at);
        return;
    };
    let Some(start) = editor.scene.wire(&edge.id).and_then(|wire| wire.corners.first().copied())
    else {
        return;
    };
    let mut targets = connect::targets(&editor.draft, &edge.from, "out");
    targets.insert(node.clone());
    editor.gesture = Gesture::Connect(Connecting {
        port: edge.port().to_owned(),
        node: edge.from,
        edge: Some(edge.id),
        start,
        now: editor.view.to_drawing(at),
        targets,
        target: Some(node),
        pressed: at,
        sticky: false,
    });
}

fn follow(editor: &Editor, connecting: Connecting, at: Point) -> Connecting {
    let now = editor.view.to_drawing(at);
    let reach = MAGNET / editor.view.scale;
    let near = |id: &&String| {
        let Some(area) = editor.area(id).filter(|_| editor.is_shown(id)) else {
            return false;
        };
        let input = geometry::plus(Point { x: area.x, y: area.y }, geometry::input_offset());
        geometry::distance(input, now) <= reach || area.meets(&Area::between(now, now))
    };
    let target = connecting.targets.iter().find(near).cloned();
    Connecting { now, target, ..connecting }
}

fn finish_click_connect(editor: &mut Editor, connecting: Connecting, press: &Press) -> Vec<Ask> {
    editor.gesture = Gesture::Idle;
    let connecting = follow(editor, connecting, press.at);
    if connecting.target.is_some() {
        return finish_connecting(editor, connecting, press.at);
    }
    Vec::new()
}

fn finish_connecting(editor: &mut Editor, connecting: Connecting, at: Point) -> Vec<Ask> {
    match (&connecting.target, &connecting.edge) {
        (Some(to), Some(edge)) => match connect::redirect(&editor.draft, edge, to) {
            Some(op) => commit(editor, t!("Reconnect"), op),
            None => Vec::new(),
        },
        (Some(to), None) => draw(editor, &connecting.node, &connecting.port, to),
        (None, Some(edge)) => {
            editor.selected.clear();
            editor.selected_edge = Some(edge.clone());
            delete(editor)
        }
        (None, None) => {
            let from = Some((connecting.node, connecting.port));
            editor.offer = Some(Offer { at, from, ..Offer::default() });
            Vec::new()
        }
    }
}

/// Draws an edge in one step; a decision's new way is then chosen, so that its condition can be written.
pub(super) fn draw(editor: &mut Editor, from: &str, port: &str, to: &str) -> Vec<Ask> {
    let Some(op) = connect::connect(&editor.draft, from, port, to) else {
        return Vec::new();
    };
    commit(editor, t!("Connect"), op)
}

fn pinch(editor: &mut Editor, pointer: i32, last: Point, at: Point) {
    let Some(other) = editor.pointers.iter().find(|(id, _)| **id != pointer).map(|(_, at)| *at)
    else {
        return;
    };
    editor.pointers.insert(pointer, at);
    let before = geometry::distance(last, other).max(1.0);
    let factor = geometry::distance(at, other).max(1.0) / before;
    let centre =
        |a: Point| Point { x: f64::midpoint(a.x, other.x), y: f64::midpoint(a.y, other.y) };
    let shift = geometry::minus(centre(at), centre(last));
    editor.view = editor.view.zoomed(factor, centre(last));
    editor.view.x += shift.x;
    editor.view.y += shift.y;
}
