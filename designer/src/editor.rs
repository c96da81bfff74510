//! The editor without a screen: what a draft becomes under a person's hands. `update` decides; the canvas only draws and sends inputs.

mod arrange;
pub mod change_kind;
mod choose;
pub mod clipboard;
pub mod connect;
pub mod difference;
pub mod duration;
pub mod form;
pub mod geometry;
mod gesture;
pub mod groups;
mod guide;
mod history;
mod input;
mod keys;
pub mod kinds;
pub mod lanes;
pub mod layout;
mod look;
mod op;
pub mod outline;
mod path;
mod place;
pub mod ports;
pub mod route;
pub mod rrule;
pub mod scene;
pub mod settings;
pub mod summary;
pub mod table;
mod undo;
mod update;
pub mod walk;

#[cfg(test)]
mod tests;

pub use arrange::Line;
pub use choose::Which;
pub use gesture::{Connecting, Gesture, Offer};
pub use guide::Guide;
pub use history::{History, Step};
pub use input::{Ask, Command, EdgeMember, Hand, Hit, Input, Press};
pub use keys::{SHORTCUTS, Shortcut, shortcut};
pub use look::Look;
pub use op::{Op, Stale};
pub use path::Path;
pub use update::update;

use geometry::{Area, Size, Viewport};
use journey::{
    Diagnostic, Draft, Severity, Workspace,
    draft::{Group, Point},
};
use scene::Scene;
use std::collections::{BTreeMap, BTreeSet};

/// Everything the editor holds: the draft, what is chosen, what is seen, what is going on.
#[derive(Debug, Default)]
pub struct Editor {
    draft: Draft,
    /// Where all of the draft is drawn; kept in step with it.
    scene: Scene,
    workspace: Workspace,
    /// Counts the draft's changes.
    revision: u64,
    history: History,
    selected: BTreeSet<String>,
    selected_edge: Option<String>,
    view: Viewport,
    screen: Size,
    gesture: Gesture,
    offer: Option<Offer>,
    pointers: BTreeMap<i32, Point>,
    /// Where the pointer is on the screen, pressed or not; `None` when it is elsewhere.
    pointed: Option<Point>,
    problems: Vec<Diagnostic>,
    /// The draft was loaded before the screen's size was known: fit when it is.
    unfitted: bool,
    /// Shows the whole drawing rather than what can be read, until a person moves the view.
    overview: Overview,
}

/// Whether the view follows the drawing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Overview {
    /// A person moves the view.
    #[default]
    Off,
    /// All of the drawing is shown for as long as the view is this one.
    While(Viewport),
}

impl Editor {
    /// An editor that shows all of what it loads, for looking at.
    pub fn overview() -> Self {
        Self { overview: Overview::While(Viewport::default()), ..Self::default() }
    }

    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn selected(&self) -> &BTreeSet<String> {
        &self.selected
    }

    pub fn selected_edge(&self) -> Option<&str> {
        self.selected_edge.as_deref()
    }

    pub fn view(&self) -> Viewport {
        self.view
    }

    pub fn screen(&self) -> Size {
        self.screen
    }

    pub fn gesture(&self) -> &Gesture {
        &self.gesture
    }

    pub fn offer(&self) -> Option<&Offer> {
        self.offer.as_ref()
    }

    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// Whether anything stops publishing.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Error)
    }

    /// Where everything is drawn while nothing is moved.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// The lines that show what the moved nodes stand in line with.
    pub fn guides(&self) -> &[Guide] {
        match &self.gesture {
            Gesture::Move { guides, .. } => guides,
            _ => &[],
        }
    }

    /// Whether something is held at the edge of the canvas, so that the view is to go on.
    pub fn drifts(&self) -> bool {
        gesture::drifts(self)
    }

    /// Where the pointer is, in pixels from the canvas's left upper corner; `None` when it is not over the canvas.
    pub fn pointed_at(&self) -> Option<Point> {
        let is_within = |at: &Point| {
            let (width, height) = (self.screen.width, self.screen.height);
            (0.0..=width).contains(&at.x) && (0.0..=height).contains(&at.y)
        };
        self.pointed.filter(is_within)
    }

    /// Another number after each change of the draft.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The cards that are being moved, and by how much.
    pub fn motion(&self) -> Option<(&BTreeSet<String>, Point)> {
        match &self.gesture {
            Gesture::Move { by, .. } => Some((&self.selected, *by)),
            _ => None,
        }
    }

    /// Where a node is drawn now: its place in the draft, moved along while it is dragged.
    pub fn position(&self, id: &str) -> Option<Point> {
        self.area(id).map(|area| Point { x: area.x, y: area.y })
    }

    /// The area a node covers on the drawing.
    pub fn area(&self, id: &str) -> Option<Area> {
        let area = self.scene.card(id)?.area;
        let moving = self.motion().filter(|(moving, _)| moving.contains(id));
        Some(moving.map_or(area, |(_, by)| area.moved(by)))
    }

    /// A point of the screen where a step that is added has room.
    pub fn free_place(&self) -> Point {
        self.view.to_screen(place::free_place(self))
    }

    /// The card at a point of the screen, the uppermost.
    pub fn card_at(&self, at: Point) -> Option<String> {
        let at = self.view.to_drawing(at);
        let spot = Area { x: at.x, y: at.y, ..Area::default() };
        let mut above = self.scene.cards().iter().rev();
        above.find(|card| card.area.meets(&spot)).map(|card| card.id.clone())
    }

    /// The group whose card, or whose name over its frame, is at a point of the screen.
    pub fn group_at(&self, at: Point) -> Option<String> {
        let at = self.view.to_drawing(at);
        let spot = Area { x: at.x, y: at.y, ..Area::default() };
        let mut groups = self.groups().into_iter();
        groups.find(|group| group.handle().meets(&spot)).map(|group| group.group)
    }

    /// Whether a node has a card of its own, rather than being within a collapsed group.
    pub fn is_shown(&self, id: &str) -> bool {
        self.scene.card(id).is_some_and(|card| card.collapsed.is_none())
    }

    /// The area of the whole drawing; `None` when it is empty.
    pub fn extent(&self) -> Option<Area> {
        self.scene.cards().iter().map(|card| card.area).reduce(Area::with)
    }

    /// The corners of an edge as it is drawn now; `None` when an end is missing.
    pub fn corners(&self, id: &str) -> Option<Vec<Point>> {
        let wire = self.scene.wire(id)?;
        let ends = [wire.from, wire.to].map(|card| &self.scene.cards()[card].id);
        let moving = self.motion().filter(|(moving, _)| ends.iter().any(|id| moving.contains(*id)));
        Some(moving.map_or_else(
            || wire.corners.clone(),
            |(moving, by)| self.scene.in_motion(wire, moving, by),
        ))
    }

    /// The corners of the edge that is being drawn: to the input that catches it, or else to the pointer.
    pub fn loose(&self, drawn: &Connecting) -> Vec<Point> {
        let caught = drawn.target.as_ref().and_then(|id| self.area(id));
        let to = caught.map_or(drawn.now, |area| {
            geometry::plus(Point { x: area.x, y: area.y }, geometry::input_offset())
        });
        let end = Area { x: to.x, y: to.y, ..Area::default() };
        let own = [self.area(&drawn.node).unwrap_or(end), caught.unwrap_or(end)];
        route::around(
            &route::Ends { from: drawn.start, to, own, aside: 0.0 },
            self.scene.ground(),
            &|_| false,
        )
    }

    /// The edge whose line passes by a point of the drawing, for a node that is dropped there.
    pub fn edge_near(&self, at: Point) -> Option<String> {
        self.scene.wire_near(at, 16.0 / self.view.scale).map(|wire| wire.id.clone())
    }

    /// Changes the draft, and the drawing with it.
    fn change<T>(&mut self, change: impl FnOnce(&mut Draft) -> T) -> T {
        let changed = change(&mut self.draft);
        self.scene = Scene::of(&self.draft, &self.scene);
        self.revision += 1;
        changed
    }

    /// Whether nothing can be changed by hand.
    fn is_for_looking(&self) -> bool {
        self.overview != Overview::Off
    }

    /// Whether all of the drawing is to be shown and nobody has moved the view.
    fn is_untouched_overview(&self) -> bool {
        self.overview == Overview::While(self.view)
    }

    /// The groups as they are drawn, in the draft's order.
    pub fn groups(&self) -> Vec<groups::Drawn> {
        groups::drawn(&self.draft, &self.scene)
    }

    /// The group that is chosen when nothing but all of its nodes is.
    pub fn chosen_group(&self) -> Option<&Group> {
        groups::chosen(&self.draft, &self.selected)
    }

    /// The node that is chosen when exactly one is.
    pub fn only_selected(&self) -> Option<&str> {
        let mut ids = self.selected.iter();
        ids.next().filter(|_| self.selected.len() == 1).map(String::as_str)
    }
}
