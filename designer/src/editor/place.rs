//! Where a new node goes.

use super::{
    Editor,
    geometry::{self, Area, CARD_WIDTH, GRID, HEAD_HEIGHT},
};
use journey::draft::Point;

/// Between a card and one that is put beside it.
const GAP: f64 = 4.0 * GRID;

/// The middle of the screen.
pub(super) fn middle(editor: &Editor) -> Point {
    Point { x: editor.screen.width / 2.0, y: editor.screen.height / 2.0 }
}

/// The middle of the view, or the first place below it where nothing stands.
pub(super) fn free_place(editor: &Editor) -> Point {
    let mut at = editor.view.to_drawing(middle(editor));
    let taken = |at: Point| {
        let corner = corner_for(at);
        editor.draft.nodes.iter().any(|node| geometry::distance(node.position, corner) < 40.0)
    };
    while taken(at) {
        at = geometry::plus(at, Point { x: 40.0, y: 40.0 });
    }
    at
}

/// The left end of the head of a card beside another, at the first height where nothing stands.
pub(super) fn beside(editor: &Editor, id: &str) -> Option<Point> {
    let before = editor.area(id)?;
    let mut area = Area { x: before.x + before.width + GAP, ..before };
    while editor
        .draft
        .nodes
        .iter()
        .filter_map(|node| editor.area(&node.id))
        .any(|one| one.meets(&area))
    {
        area.y += 2.0 * GRID;
    }
    Some(Point { x: area.x, y: area.y + HEAD_HEIGHT / 2.0 })
}

/// Where a card's corner goes so that its head is under a point.
pub(super) fn corner_for(at: Point) -> Point {
    geometry::snap(Point { x: at.x - CARD_WIDTH / 2.0, y: at.y - HEAD_HEIGHT / 2.0 })
}
