//! What part of the drawing is seen.

use super::{
    Editor, Overview,
    geometry::{Area, Viewport},
    gesture, lanes,
    place::middle,
    route,
};
use journey::draft::Point;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Nearer,
    Farther,
    LifeSize,
    All,
    /// What is chosen, or everything when nothing is.
    Chosen,
}

/// The smallest scale at which something is shown that was asked for.
const LEAST: f64 = 0.6;

pub(super) fn look(editor: &mut Editor, look: Look) {
    match look {
        Look::Nearer => zoom(editor, 1.25),
        Look::Farther => zoom(editor, 0.8),
        Look::LifeSize => zoom(editor, 1.0 / editor.view.scale),
        Look::All => fit(editor),
        Look::Chosen => {
            let chosen = editor.selected.iter().filter_map(|id| editor.area(id)).reduce(Area::with);
            match chosen {
                Some(area) => editor.view = Viewport::fitting(area.grown(40.0), editor.screen),
                None => fit(editor),
            }
        }
    }
}

/// Moves the view so that a point of the drawing is in its middle.
pub(super) fn centre(editor: &mut Editor, at: Point) {
    let (screen, scale) = (middle(editor), editor.view.scale);
    editor.view = Viewport { x: screen.x - at.x * scale, y: screen.y - at.y * scale, scale };
}

pub(super) fn open(editor: &mut Editor) {
    if let Overview::While(_) = editor.overview {
        fit(editor);
        editor.overview = Overview::While(editor.view);
        return;
    }
    editor.view = match whole(editor) {
        Some(extent) => Viewport::opening(extent, editor.screen),
        None => Viewport::default(),
    };
}

pub(super) fn fit(editor: &mut Editor) {
    editor.view = match whole(editor) {
        Some(extent) => Viewport::fitting(extent, editor.screen),
        None => Viewport::default(),
    };
}

/// All there is to be seen: cards and lines, and the lanes and groups behind them with their names.
fn whole(editor: &Editor) -> Option<Area> {
    let lanes = lanes::bands(&editor.draft).into_iter().map(|band| band.area);
    let groups = editor.groups().into_iter().map(|group| group.area);
    editor.extent().map(|extent| lanes.chain(groups).fold(extent, Area::with))
}

pub(super) fn wheel(editor: &mut Editor, at: Point, by: Point, zoom: bool) {
    let before = editor.view;
    if zoom {
        editor.view = editor.view.zoomed((-by.y * 0.002).exp(), at);
    } else {
        editor.view.x -= by.x;
        editor.view.y -= by.y;
    }
    gesture::hold_on(editor, before, at);
}

/// Shows a node or an edge and chooses it.
pub(super) fn show(editor: &mut Editor, node: Option<String>, edge: Option<String>) {
    if node.is_none() && edge.is_none() {
        // It is about the journey itself, whose settings show while nothing is chosen.
        editor.selected.clear();
        editor.selected_edge = None;
    }
    let edge_ends = edge.as_ref().and_then(|id| {
        let corners = editor.corners(id)?;
        Some(route::middle(&corners))
    });
    let centre = match &node {
        Some(id) => editor.area(id).map(|area| area.middle()),
        None => edge_ends,
    };
    let Some(centre) = centre else {
        return;
    };
    editor.selected = node.into_iter().collect();
    editor.selected_edge = edge.filter(|_| editor.selected.is_empty());
    approach(editor, centre);
}

/// Moves the view to a node that cannot be seen.
pub(super) fn bring_into_view(editor: &mut Editor, node: Option<&str>) {
    let Some(area) = node.and_then(|id| editor.area(id)) else { return };
    if !editor.view.shown(editor.screen).meets(&area) {
        approach(editor, area.middle());
    }
}

/// Moves the view to a point, and so near that it can be read.
fn approach(editor: &mut Editor, at: Point) {
    editor.view.scale = editor.view.scale.max(LEAST);
    centre(editor, at);
}

fn zoom(editor: &mut Editor, factor: f64) {
    editor.view = editor.view.zoomed(factor, middle(editor));
}
