//! The line an edge is drawn as: right angles with round corners, around the cards in its way.

mod ground;
mod search;

pub use ground::Ground;

use super::geometry::Area;
use journey::draft::Point;

/// How far an edge runs straight out of a port and into an input.
const STUB: f64 = 24.0;
/// Nearer than this an edge cannot turn between its ends.
const NEAR: f64 = 16.0;
const RADIUS: f64 = 10.0;
/// How far lines keep from cards they pass by, in canvas units.
const CLEAR: f64 = 14.0;
/// How far beside its ends a line goes to find a way around cards.
pub const REACH: f64 = 360.0;
/// So many cards at most are walked around at once, the nearest ones.
const WALLS: usize = 24;

/// What a line lies between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    pub from: Point,
    pub to: Point,
    /// The cards it leaves and arrives at.
    pub own: [Area; 2],
    /// How far its turn gives way for the lines beside it.
    pub aside: f64,
}

/// The corners of a line that keeps off the cards on the ground, apart from those that are `absent`.
pub fn around(ends: &Ends, ground: &Ground, absent: &dyn Fn(usize) -> bool) -> Vec<Point> {
    let here = span(&[ends.from, ends.to]).with(ends.own[0]).with(ends.own[1]).grown(REACH);
    let near = ground.meeting(&here).into_iter().filter(|(number, _)| !absent(*number));
    let others: Vec<Area> =
        near.map(|(_, area)| area).filter(|area| !ends.own.contains(area)).collect();
    let crossings = |line: &[Point]| {
        let near = others.iter().map(|area| area.grown(CLEAR / 2.0));
        let own = ends.own.iter().filter(|own| passes_through(line, own)).count();
        own + near.filter(|area| crosses(line, *area)).count()
    };
    let ways = simple(ends);
    // The first of equals wins: the turn in the middle, if nothing stands there.
    let best = ways.into_iter().map(|way| (crossings(&way), way)).min_by_key(|(count, _)| *count);
    match best {
        Some((0, way)) => way,
        Some((_, way)) => walked(ends, others).unwrap_or(way),
        None => vec![ends.from, ends.to],
    }
}

/// The corners of a line that looks at nothing beside its ends.
pub fn direct(ends: &Ends) -> Vec<Point> {
    simple(ends).swap_remove(0)
}

/// The ways a line may take that turn as little as can be, the best first.
fn simple(ends: &Ends) -> Vec<Vec<Point>> {
    let Ends { from, to, own, aside } = *ends;
    let at = |x: f64, y: f64| Point { x, y };
    let (first, second) = (from.x + STUB + aside, to.x - STUB - aside);
    let with_bend = |middle: f64| {
        vec![from, at(first, from.y), at(first, middle), at(second, middle), at(second, to.y), to]
    };
    let below = own[0].bottom().max(own[1].bottom()) + STUB + aside;
    let above = own[0].y.min(own[1].y) - STUB - aside;
    if to.x < from.x + NEAR {
        let between = f64::midpoint(from.y, to.y);
        let outer = if to.y < from.y { [above, below] } else { [below, above] };
        return [between, outer[0], outer[1]].map(with_bend).into();
    }
    let with_turn = |turn: f64| vec![from, at(turn, from.y), at(turn, to.y), to];
    let mut ways = Vec::new();
    if (to.y - from.y).abs() < 1.0 {
        ways.push(vec![from, to]);
    }
    // Lines that go up give way the other way round, so that those of one card never cross.
    let lean = if to.y < from.y { aside } else { -aside };
    let turns = [f64::midpoint(from.x, to.x) + lean, to.x - 1.5 * STUB, from.x + STUB, to.x - STUB];
    ways.extend(turns.into_iter().filter(|turn| from.x < *turn && *turn < to.x).map(with_turn));
    if to.x > from.x + 2.0 * (STUB + aside) {
        ways.extend([below, above].map(with_bend));
    }
    ways
}

/// A way around cards, the nearest ones and those at its ends.
fn walked(ends: &Ends, mut others: Vec<Area>) -> Option<Vec<Point>> {
    let straight = span(&[ends.from, ends.to]);
    let far = |area: &Area| {
        let (a, b) = (area.middle(), straight.middle());
        (a.x - b.x).abs() + (a.y - b.y).abs()
    };
    others.sort_by(|a, b| far(a).total_cmp(&far(b)));
    others.truncate(WALLS);
    let walls: Vec<Area> = others.iter().chain(&ends.own).map(|area| area.grown(CLEAR)).collect();
    let out = Point { x: ends.from.x + STUB, ..ends.from };
    let into = Point { x: ends.to.x - STUB, ..ends.to };
    let way = search::way(out, into, &walls)?;
    let all: Vec<Point> = [ends.from].into_iter().chain(way).chain([ends.to]).collect();
    Some(without_straights(&all))
}

/// The corners alone, without points on a straight line.
fn without_straights(points: &[Point]) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        if let [.., a, b] = corners.as_slice()
            && (is_level([a.x, b.x, point.x]) || is_level([a.y, b.y, point.y]))
        {
            corners.pop();
        }
        corners.push(*point);
    }
    corners
}

fn is_level(places: [f64; 3]) -> bool {
    places.iter().all(|place| place.total_cmp(&places[0]).is_eq())
}

/// What a line spans.
pub fn span(corners: &[Point]) -> Area {
    let all = corners.iter().map(|corner| Area { x: corner.x, y: corner.y, ..Area::default() });
    all.reduce(Area::with).unwrap_or_default()
}

/// Whether a line runs over a card it belongs to, beyond touching its sides.
fn passes_through(corners: &[Point], own: &Area) -> bool {
    let inner = own.grown(-8.0);
    crosses(corners, inner)
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

#[cfg(test)]
mod tests;
