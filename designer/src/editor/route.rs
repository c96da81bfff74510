//! The line an edge is drawn as: right angles with round corners.

use super::geometry::Area;
use journey::draft::Point;

/// How far an edge runs straight out of a port and into an input.
const STUB: f64 = 24.0;
/// Nearer than this an edge cannot turn between its ends.
const NEAR: f64 = 16.0;
const RADIUS: f64 = 10.0;

/// The corners of an edge between two points; one that leads backwards runs below `floor`.
///
/// Of the ways it can take, the one with the fewest of what `crossings` counts.
pub fn corners(
    from: Point,
    to: Point,
    floor: f64,
    crossings: impl Fn(&[Point]) -> usize,
) -> Vec<Point> {
    let at = |x: f64, y: f64| Point { x, y };
    if to.x < from.x + NEAR {
        let middle =
            if floor > from.y.min(to.y) { floor + STUB } else { f64::midpoint(from.y, to.y) };
        return vec![
            from,
            at(from.x + STUB, from.y),
            at(from.x + STUB, middle),
            at(to.x - STUB, middle),
            at(to.x - STUB, to.y),
            to,
        ];
    }
    if (to.y - from.y).abs() < 1.0 && crossings(&[from, to]) == 0 {
        return vec![from, to];
    }
    let with_turn = |turn: f64| vec![from, at(turn, from.y), at(turn, to.y), to];
    let with_bend = |middle: f64| {
        let (first, second) = (from.x + STUB, to.x - STUB);
        vec![from, at(first, from.y), at(first, middle), at(second, middle), at(second, to.y), to]
    };
    let middle = f64::midpoint(from.x, to.x);
    let turns = [to.x - 1.5 * STUB, from.x + STUB, to.x - STUB];
    let fits = |turn: &f64| from.x < *turn && *turn < to.x;
    let turns = std::iter::once(middle).chain(turns.into_iter().filter(fits));
    let mut ways: Vec<Vec<Point>> = turns.map(with_turn).collect();
    if to.x > from.x + 2.0 * STUB {
        ways.push(with_bend(floor + STUB));
    }
    // The first of equals wins: the turn in the middle, if nothing stands there.
    ways.into_iter().min_by_key(|way| crossings(way)).unwrap_or_default()
}

/// The corners as an SVG path with round corners.
pub fn path(corners: &[Point]) -> String {
    let mut text = String::new();
    let mut say = |words: std::fmt::Arguments<'_>| text.push_str(&words.to_string());
    let (Some(first), Some(last)) = (corners.first(), corners.last()) else {
        return text;
    };
    say(format_args!("M{:.1} {:.1}", first.x, first.y));
    for turn in corners.windows(3) {
        let (before, corner, after) = (turn[0], turn[1], turn[2]);
        let radius = RADIUS.min(length(before, corner) / 2.0).min(length(corner, after) / 2.0);
        let enter = towards(corner, before, radius);
        let leave = towards(corner, after, radius);
        say(format_args!(
            "L{:.1} {:.1}Q{:.1} {:.1} {:.1} {:.1}",
            enter.x, enter.y, corner.x, corner.y, leave.x, leave.y
        ));
    }
    say(format_args!("L{:.1} {:.1}", last.x, last.y));
    text
}

/// The middle of the line, where its label and buttons stand.
pub fn middle(corners: &[Point]) -> Point {
    let whole: f64 = corners.windows(2).map(|part| length(part[0], part[1])).sum();
    let mut left = whole / 2.0;
    for part in corners.windows(2) {
        let here = length(part[0], part[1]);
        if here >= left {
            return towards(part[0], part[1], left);
        }
        left -= here;
    }
    corners.last().copied().unwrap_or_default()
}

/// How far a point is from the line.
pub fn distance(corners: &[Point], at: Point) -> f64 {
    let to_part = |part: &[Point]| {
        let (low, high) = (part[0], part[1]);
        let x = at.x.clamp(low.x.min(high.x), low.x.max(high.x));
        let y = at.y.clamp(low.y.min(high.y), low.y.max(high.y));
        length(at, Point { x, y })
    };
    corners.windows(2).map(to_part).fold(f64::MAX, f64::min)
}

/// Whether the line passes over an area.
pub fn crosses(corners: &[Point], area: Area) -> bool {
    corners.windows(2).any(|part| Area::between(part[0], part[1]).meets(&area))
}

fn length(a: Point, b: Point) -> f64 {
    super::geometry::distance(a, b)
}

fn towards(from: Point, to: Point, by: f64) -> Point {
    let whole = length(from, to);
    if whole == 0.0 {
        return from;
    }
    let share = by / whole;
    Point { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share }
}
