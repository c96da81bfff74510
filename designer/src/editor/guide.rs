//! Guides: what is moved stands in line with what it comes near.

use super::{Editor, geometry::Area};
use journey::draft::Point;

/// How near a line catches, in pixels.
const CATCH: f64 = 6.0;

/// A line between what stands in line, on the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    pub from: Point,
    pub to: Point,
}

/// One of the two ways things can be in line.
struct Along {
    low: fn(&Area) -> f64,
    length: fn(&Area) -> f64,
}

const ACROSS: Along = Along { low: |area| area.x, length: |area| area.width };
const DOWN: Along = Along { low: |area| area.y, length: |area| area.height };

/// How far the chosen nodes are moved so that they stand in line with others near by, with the lines that show it; where nothing is
/// near, as far as `otherwise`.
pub(super) fn aligned(editor: &Editor, by: Point, otherwise: Point) -> (Point, Vec<Guide>) {
    let scene = editor.scene();
    let chosen = editor.selected().iter().filter_map(|id| scene.card(id)).map(|card| card.area);
    let Some(all) = chosen.reduce(Area::with) else { return (otherwise, Vec::new()) };
    let shown = editor.view().shown(editor.screen());
    let is_other = |id: &str| !editor.selected().contains(id);
    let seen = scene.cards().iter().filter(|card| card.area.meets(&shown) && is_other(&card.id));
    let others: Vec<Area> = seen.map(|card| card.area).collect();
    let reach = CATCH / editor.view().scale;
    let x = ACROSS.caught(&all.moved(by), &others, reach).map(|more| by.x + more);
    let y = DOWN.caught(&all.moved(by), &others, reach).map(|more| by.y + more);
    let by = Point { x: x.unwrap_or(otherwise.x), y: y.unwrap_or(otherwise.y) };
    let moved = all.moved(by);
    let mut guides = Vec::new();
    if x.is_some() {
        guides.extend(ACROSS.lines(&moved, &others).into_iter().map(|(at, span)| Guide {
            from: Point { x: at, y: span.y },
            to: Point { x: at, y: span.bottom() },
        }));
    }
    if y.is_some() {
        guides.extend(DOWN.lines(&moved, &others).into_iter().map(|(at, span)| Guide {
            from: Point { x: span.x, y: at },
            to: Point { x: span.x + span.width, y: at },
        }));
    }
    (by, guides)
}

impl Along {
    /// Its beginning, its middle and its end.
    fn marks(&self, area: &Area) -> [f64; 3] {
        let (low, length) = ((self.low)(area), (self.length)(area));
        [low, low + length / 2.0, low + length]
    }

    /// How much further an area has to go to stand in line with the nearest of others; `None` when none is in reach.
    fn caught(&self, area: &Area, others: &[Area], reach: f64) -> Option<f64> {
        let marks = self.marks(area);
        let ways = others.iter().flat_map(|other| {
            self.marks(other).into_iter().zip(marks).map(|(there, here)| there - here)
        });
        let near = ways.filter(|way| way.abs() <= reach);
        near.min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }

    /// Where an area is in line with others, each with what the line spans.
    fn lines(&self, area: &Area, others: &[Area]) -> Vec<(f64, Area)> {
        let is_there = |mark: f64, there: f64| (mark - there).abs() < 0.5;
        let spanned = |(place, mark): (usize, f64)| {
            let in_line = others.iter().filter(|other| is_there(mark, self.marks(other)[place]));
            let span = in_line.copied().reduce(Area::with)?;
            Some((mark, span.with(*area)))
        };
        self.marks(area).into_iter().enumerate().filter_map(spanned).collect()
    }
}
