//! Sizes, places and the window onto the drawing.

use super::ports::Port;
use journey::draft::{Node, Point};

/// Everything snaps to this grid, in canvas units.
pub const GRID: f64 = 10.0;
/// Width of every card.
pub const CARD_WIDTH: f64 = 220.0;
/// Height of a card's head: icon, name, summary.
pub const HEAD_HEIGHT: f64 = 70.0;
/// Height of one port's row below the head.
pub const ROW_HEIGHT: f64 = 28.0;
/// Height of a note.
pub const NOTE_HEIGHT: f64 = 110.0;
/// Smallest and largest scale.
pub const SCALES: (f64, f64) = (0.1, 2.0);

/// Below this scale a card's words are hard to read.
const READABLE: f64 = 0.7;
/// Pixels at the top of the screen that belong to the tools.
const TOOLS: f64 = 60.0;
/// Pixels kept free around a drawing that is shown whole.
const AROUND: f64 = 28.0;

/// A width and a height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    pub width: f64,
    pub height: f64,
}

/// An upright rectangle by its left upper corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    /// The area between two corners, whichever they are.
    pub fn between(a: Point, b: Point) -> Self {
        Self {
            x: a.x.min(b.x),
            y: a.y.min(b.y),
            width: (a.x - b.x).abs(),
            height: (a.y - b.y).abs(),
        }
    }

    /// Whether the two share any point.
    pub fn meets(&self, other: &Self) -> bool {
        self.x <= other.x + other.width
            && other.x <= self.x + self.width
            && self.y <= other.y + other.height
            && other.y <= self.y + self.height
    }

    /// The nearest that an area of the size of `other`, cut to this one, comes to it: what both share, or a point of this one's side.
    #[must_use]
    pub fn overlap(self, other: Self) -> Self {
        let (low, high) =
            (Point { x: self.x, y: self.y }, Point { x: self.x + self.width, y: self.bottom() });
        let a = Point { x: other.x.clamp(low.x, high.x), y: other.y.clamp(low.y, high.y) };
        let (right, bottom) = (other.x + other.width, other.bottom());
        let b = Point { x: right.clamp(low.x, high.x), y: bottom.clamp(low.y, high.y) };
        Self::between(a, b)
    }

    /// The smallest area that holds both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let right = (self.x + self.width).max(other.x + other.width);
        let bottom = (self.y + self.height).max(other.y + other.height);
        Self { x, y, width: right - x, height: bottom - y }
    }

    /// Its lower side.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// This area elsewhere.
    #[must_use]
    pub fn moved(self, by: Point) -> Self {
        Self { x: self.x + by.x, y: self.y + by.y, ..self }
    }

    /// Its middle.
    pub fn middle(&self) -> Point {
        Point { x: self.x + self.width / 2.0, y: self.y + self.height / 2.0 }
    }

    /// This area with a margin on every side.
    #[must_use]
    pub fn grown(self, by: f64) -> Self {
        Self {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
        }
    }
}

/// How large a node is drawn.
pub fn size(node: &Node, ports: &[Port]) -> Size {
    if node.kind == "note" {
        return Size { width: CARD_WIDTH, height: NOTE_HEIGHT };
    }
    let rows = if labelled(ports) { ports.len() } else { 0 };
    let foot = if rows > 0 { 8.0 } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "a node has few ports")]
    let height = HEAD_HEIGHT + rows as f64 * ROW_HEIGHT + foot;
    Size { width: CARD_WIDTH, height }
}

/// Whether a node shows its ports as rows with words, rather than one dot beside its head.
pub fn labelled(ports: &[Port]) -> bool {
    ports.iter().any(|port| !port.label.is_empty())
}

/// Where an edge leaves a card, relative to the card.
pub fn port_offset(ports: &[Port], index: usize) -> Point {
    if !labelled(ports) {
        return Point { x: CARD_WIDTH, y: HEAD_HEIGHT / 2.0 };
    }
    #[expect(clippy::cast_precision_loss, reason = "a node has few ports")]
    let row = index as f64;
    Point { x: CARD_WIDTH, y: HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2.0 }
}

/// Where edges arrive at a card, relative to the card: just before the mark of its input.
pub fn input_offset() -> Point {
    Point { x: -6.0, y: HEAD_HEIGHT / 2.0 }
}

/// The sum of two points taken as vectors.
pub fn plus(a: Point, b: Point) -> Point {
    Point { x: a.x + b.x, y: a.y + b.y }
}

/// The difference of two points taken as vectors.
pub fn minus(a: Point, b: Point) -> Point {
    Point { x: a.x - b.x, y: a.y - b.y }
}

/// How far two points are apart.
pub fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The nearest point of the grid.
pub fn snap(point: Point) -> Point {
    Point { x: (point.x / GRID).round() * GRID, y: (point.y / GRID).round() * GRID }
}

/// Which part of the drawing is seen, and how large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Where the drawing's origin is on the screen, in pixels from the canvas's left upper corner.
    pub x: f64,
    pub y: f64,
    pub scale: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { x: 40.0, y: 40.0, scale: 1.0 }
    }
}

impl Viewport {
    /// The drawing's point under a point of the screen.
    pub fn to_drawing(&self, screen: Point) -> Point {
        Point { x: (screen.x - self.x) / self.scale, y: (screen.y - self.y) / self.scale }
    }

    /// Where a point of the drawing is on the screen.
    pub fn to_screen(&self, drawing: Point) -> Point {
        Point { x: drawing.x * self.scale + self.x, y: drawing.y * self.scale + self.y }
    }

    /// Scales by a factor so that the drawing's point under `screen` stays there.
    #[must_use]
    pub fn zoomed(self, factor: f64, screen: Point) -> Self {
        let scale = (self.scale * factor).clamp(SCALES.0, SCALES.1);
        let fixed = self.to_drawing(screen);
        Self { x: screen.x - fixed.x * scale, y: screen.y - fixed.y * scale, scale }
    }

    /// The view that shows an area whole and in the middle, never larger than life.
    pub fn fitting(area: Area, screen: Size) -> Self {
        let room = Size {
            width: (screen.width - 2.0 * AROUND).max(1.0),
            height: (screen.height - TOOLS - 2.0 * AROUND).max(1.0),
        };
        let scale = (room.width / area.width).min(room.height / area.height);
        let scale = scale.clamp(SCALES.0, 1.0);
        let middle = area.middle();
        Self {
            x: screen.width / 2.0 - middle.x * scale,
            y: f64::midpoint(TOOLS, screen.height) - middle.y * scale,
            scale,
        }
    }

    /// The view a drawing is opened with: all of it if that can be read, else where it begins.
    pub fn opening(area: Area, screen: Size) -> Self {
        let whole = Self::fitting(area, screen);
        if whole.scale >= READABLE {
            return whole;
        }
        let middle = area.middle();
        Self {
            x: 40.0 - area.x * READABLE,
            y: screen.height / 2.0 - middle.y * READABLE,
            scale: READABLE,
        }
    }

    /// The part of the drawing a screen shows.
    pub fn shown(&self, screen: Size) -> Area {
        let corner = self.to_drawing(Point::default());
        Area {
            x: corner.x,
            y: corner.y,
            width: screen.width / self.scale,
            height: screen.height / self.scale,
        }
    }
}
