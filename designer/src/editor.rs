//! The editor without a screen: what a draft becomes under a person's hands. `update` decides; the canvas only draws and sends inputs.

pub mod clipboard;
pub mod connect;
pub mod difference;
pub mod duration;
pub mod form;
pub mod geometry;
mod gesture;
mod history;
mod input;
pub mod kinds;
pub mod layout;
mod op;
mod path;
mod place;
pub mod ports;
pub mod route;
pub mod rrule;
pub mod settings;
pub mod summary;
pub mod table;
mod update;
pub mod walk;

#[cfg(test)]
mod tests;

pub use gesture::{Connecting, Gesture, Offer};
pub use history::{History, Step};
pub use input::{Ask, Command, EdgeMember, Hand, Hit, Input, Press, shortcut};
pub use op::{Op, Stale};
pub use path::Path;
pub use update::update;

use geometry::{Area, Size, Viewport};
use journey::{Diagnostic, Draft, Severity, Workspace, draft::Point};
use std::collections::{BTreeMap, BTreeSet};

/// Up to this many nodes edges look for a way around cards; beyond, looking would cost more than it shows.
const ROUTED_UP_TO: usize = 150;

/// Everything the editor holds: the draft, what is chosen, what is seen, what is going on.
#[derive(Debug, Default)]
pub struct Editor {
    draft: Draft,
    workspace: Workspace,
    history: History,
    selected: BTreeSet<String>,
    selected_edge: Option<String>,
    view: Viewport,
    screen: Size,
    gesture: Gesture,
    offer: Option<Offer>,
    pointers: BTreeMap<i32, Point>,
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

    /// Where a node is drawn now: its place in the draft, moved along while it is dragged.
    pub fn position(&self, id: &str) -> Option<Point> {
        let place = self.draft.node(id)?.position;
        Some(match &self.gesture {
            Gesture::Move { by, .. } if self.selected.contains(id) => geometry::plus(place, *by),
            _ => place,
        })
    }

    /// The area a node covers on the drawing.
    pub fn area(&self, id: &str) -> Option<Area> {
        let node = self.draft.node(id)?;
        let size = geometry::size(node, &ports::ports(&self.draft, node));
        let at = self.position(id)?;
        Some(Area { x: at.x, y: at.y, width: size.width, height: size.height })
    }

    /// The area of the whole drawing; `None` when it is empty.
    pub fn extent(&self) -> Option<Area> {
        self.draft.nodes.iter().filter_map(|node| self.area(&node.id)).reduce(Area::with)
    }

    /// The corners of an edge as it is drawn now; `None` when an end is missing.
    pub fn corners(&self, id: &str) -> Option<Vec<Point>> {
        let edge = self.draft.edges.iter().find(|edge| edge.id == id)?;
        let from = geometry::leaves_at(&self.draft, edge, self.position(&edge.from)?)?;
        let to = geometry::plus(self.position(&edge.to)?, geometry::input_offset());
        let bottom = |id: &str| self.area(id).map_or(0.0, |area| area.y + area.height);
        let floor = bottom(&edge.from).max(bottom(&edge.to));
        let few = self.draft.nodes.len() <= ROUTED_UP_TO;
        let crossings = |line: &[Point]| {
            let others = self.draft.nodes.iter().filter(|node| {
                few && node.kind != "note" && node.id != edge.from && node.id != edge.to
            });
            let areas = others.filter_map(|node| self.area(&node.id));
            areas.filter(|area| route::crosses(line, *area)).count()
        };
        Some(route::corners(from, to, floor, crossings))
    }

    /// The edge whose line passes by a point of the drawing, for a node that is dropped there.
    pub fn edge_near(&self, at: Point) -> Option<String> {
        let reach = 16.0 / self.view.scale;
        let near = |edge: &&journey::draft::Edge| {
            self.corners(&edge.id).is_some_and(|corners| route::distance(&corners, at) <= reach)
        };
        self.draft.edges.iter().find(near).map(|edge| edge.id.clone())
    }

    /// Whether all of the drawing is to be shown and nobody has moved the view.
    fn is_untouched_overview(&self) -> bool {
        self.overview == Overview::While(self.view)
    }

    /// The node that is chosen when exactly one is.
    pub fn only_selected(&self) -> Option<&str> {
        let mut ids = self.selected.iter();
        ids.next().filter(|_| self.selected.len() == 1).map(String::as_str)
    }
}
