//! The shortest way with the fewest turns between two points that goes around areas: A* over the lines along the areas' sides.

use super::super::geometry::Area;
use journey::draft::Point;
use std::{cmp::Reverse, collections::BinaryHeap};

/// What a turn costs, in canvas units of length.
const TURN: f64 = 80.0;

/// Directions: right, down, left, up.
const WAYS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
const LEFT: usize = 2;

/// A line on the lattice: from which point, heading where.
type Place = (usize, usize, usize);

/// The lines that a way may run along, and where it must not.
struct Lattice {
    xs: Vec<f64>,
    ys: Vec<f64>,
    /// For each point, whether the way to the right of it and the way down from it are closed.
    closed: Vec<[bool; 2]>,
}

/// The corners of the way from one point, which is left to the right, to another, which is reached from the left. `None` when all ways are closed.
pub(super) fn way(from: Point, to: Point, walls: &[Area]) -> Option<Vec<Point>> {
    let lattice = Lattice::of(from, to, walls);
    let (start, end) = (lattice.point(from)?, lattice.point(to)?);
    let places = lattice.search(start, end)?;
    let points = places.into_iter().map(|(x, y, _)| Point { x: lattice.xs[x], y: lattice.ys[y] });
    Some(points.collect())
}

impl Lattice {
    fn of(from: Point, to: Point, walls: &[Area]) -> Self {
        let sides = |low: fn(&Area) -> f64, length: fn(&Area) -> f64, ends: [f64; 2]| {
            let both = walls.iter().flat_map(|wall| [low(wall), low(wall) + length(wall)]);
            let middle = f64::midpoint(ends[0], ends[1]);
            let mut all: Vec<f64> = both.chain(ends).chain([middle]).collect();
            all.sort_by(f64::total_cmp);
            all.dedup();
            all
        };
        let xs = sides(|wall| wall.x, |wall| wall.width, [from.x, to.x]);
        let ys = sides(|wall| wall.y, |wall| wall.height, [from.y, to.y]);
        let mut lattice = Self { closed: vec![[false; 2]; xs.len() * ys.len()], xs, ys };
        for wall in walls {
            lattice.close(wall);
        }
        lattice
    }

    /// Nothing runs through a wall; along its sides it may.
    fn close(&mut self, wall: &Area) {
        let (right, bottom) = (wall.x + wall.width, wall.y + wall.height);
        for y in 0..self.ys.len() {
            for x in 0..self.xs.len() {
                let (at_x, at_y) = (self.xs[x], self.ys[y]);
                let (within_x, within_y) =
                    (at_x > wall.x && at_x < right, at_y > wall.y && at_y < bottom);
                let begins_x = at_x >= wall.x && at_x < right;
                let begins_y = at_y >= wall.y && at_y < bottom;
                let closed = &mut self.closed[y * self.xs.len() + x];
                closed[0] |= begins_x && within_y;
                closed[1] |= begins_y && within_x;
            }
        }
    }

    fn point(&self, at: Point) -> Option<(usize, usize)> {
        let x = self.xs.iter().position(|x| x.total_cmp(&at.x).is_eq())?;
        Some((x, self.ys.iter().position(|y| y.total_cmp(&at.y).is_eq())?))
    }

    /// The next point in a direction, unless the way there is closed.
    fn next(&self, (x, y): (usize, usize), way: usize) -> Option<(usize, usize)> {
        let (dx, dy) = WAYS[way];
        let (nx, ny) = (x.checked_add_signed(dx)?, y.checked_add_signed(dy)?);
        if nx >= self.xs.len() || ny >= self.ys.len() {
            return None;
        }
        let first = (x.min(nx), y.min(ny));
        let closed = self.closed[first.1 * self.xs.len() + first.0][usize::from(dx == 0)];
        (!closed).then_some((nx, ny))
    }

    fn length(&self, a: (usize, usize), b: (usize, usize)) -> f64 {
        (self.xs[a.0] - self.xs[b.0]).abs() + (self.ys[a.1] - self.ys[b.1]).abs()
    }

    fn search(&self, start: (usize, usize), end: (usize, usize)) -> Option<Vec<Place>> {
        let index = |(x, y, way): Place| (y * self.xs.len() + x) * WAYS.len() + way;
        let states = self.xs.len() * self.ys.len() * WAYS.len();
        let (mut costs, mut before) = (vec![f64::MAX; states], vec![None::<Place>; states]);
        let mut open = BinaryHeap::new();
        let first = (start.0, start.1, 0);
        costs[index(first)] = 0.0;
        open.push((Reverse(Cost(self.length(start, end))), first));
        while let Some((_, place)) = open.pop() {
            let (x, y, way) = place;
            if (x, y) == end && way != LEFT {
                return Some(trace(place, |place| before[index(place)]));
            }
            for turn in (0..WAYS.len()).filter(|turn| (turn + 2) % WAYS.len() != way) {
                let Some((nx, ny)) = self.next((x, y), turn) else { continue };
                // Whoever arrives from elsewhere than the left turns there once more.
                let turns = [turn != way, (nx, ny) == end && turn != 0];
                let turned: f64 = turns.into_iter().filter(|is_turn| *is_turn).map(|_| TURN).sum();
                let cost = costs[index(place)] + self.length((x, y), (nx, ny)) + turned;
                let next = (nx, ny, turn);
                if cost < costs[index(next)] {
                    costs[index(next)] = cost;
                    before[index(next)] = Some(place);
                    open.push((Reverse(Cost(cost + self.length((nx, ny), end))), next));
                }
            }
        }
        None
    }
}

/// From the beginning to a place.
fn trace(place: Place, before: impl Fn(Place) -> Option<Place>) -> Vec<Place> {
    let mut all: Vec<Place> = std::iter::successors(Some(place), |place| before(*place)).collect();
    all.reverse();
    all
}

/// A cost that can be ordered.
#[derive(Clone, Copy, PartialEq)]
struct Cost(f64);

impl Eq for Cost {}

impl PartialOrd for Cost {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cost {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}
