//! Where cards stand, by the squares of a grid, so that those near a line are found at once.

use super::super::geometry::Area;
use std::collections::HashMap;

/// The side of a square, in canvas units: about a card and the room around it.
const SQUARE: f64 = 320.0;

/// The areas that lines keep off, by number.
#[derive(Debug, Default)]
pub struct Ground {
    areas: Vec<Option<Area>>,
    squares: HashMap<(i64, i64), Vec<usize>>,
}

impl Ground {
    /// Areas in the order of their numbers; `None` is in nobody's way.
    pub fn of(areas: impl Iterator<Item = Option<Area>>) -> Self {
        let mut ground = Self { areas: areas.collect(), squares: HashMap::new() };
        for (number, area) in ground.areas.iter().enumerate() {
            for square in area.iter().flat_map(squares) {
                ground.squares.entry(square).or_default().push(number);
            }
        }
        ground
    }

    /// The areas that meet another, each once, in the order of their numbers.
    pub fn meeting(&self, area: &Area) -> Vec<(usize, Area)> {
        let near = squares(area).filter_map(|square| self.squares.get(&square)).flatten();
        let mut numbers: Vec<usize> = near.copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let found = numbers.into_iter().filter_map(|number| Some((number, self.areas[number]?)));
        found.filter(|(_, other)| other.meets(area)).collect()
    }
}

fn squares(area: &Area) -> impl Iterator<Item = (i64, i64)> + use<> {
    #[expect(clippy::cast_possible_truncation, reason = "drawings are far smaller")]
    let number = |at: f64| (at / SQUARE).floor() as i64;
    let (left, right) = (number(area.x), number(area.x + area.width));
    let (top, bottom) = (number(area.y), number(area.y + area.height));
    (left..=right).flat_map(move |x| (top..=bottom).map(move |y| (x, y)))
}
