//! Where cards stand, by the squares of a grid, so that those near a line are found at once.

use super::super::geometry::Area;
use std::collections::HashMap;

/// The side of a square, in canvas units: about a card and the room around it.
const SQUARE: f64 = 320.0;

/// Most squares that are looked at one by one: more are a drawing's that somebody has pulled apart beyond all measure.
const MOST: f64 = 10_000.0;

/// The areas that lines keep off, by number.
#[derive(Debug, Default)]
pub struct Ground {
    areas: Vec<Option<Area>>,
    squares: HashMap<(i64, i64), Vec<usize>>,
    /// Those that are too large for squares.
    wide: Vec<usize>,
}

impl Ground {
    /// Areas in the order of their numbers; `None` is in nobody's way.
    pub fn of(areas: impl Iterator<Item = Option<Area>>) -> Self {
        let mut ground = Self { areas: areas.collect(), ..Self::default() };
        for (number, area) in ground.areas.iter().enumerate() {
            match area.as_ref().map(squares) {
                Some(Some(squares)) => {
                    for square in squares {
                        ground.squares.entry(square).or_default().push(number);
                    }
                }
                Some(None) => ground.wide.push(number),
                None => {}
            }
        }
        ground
    }

    /// The areas that meet another, each once, in the order of their numbers.
    pub fn meeting(&self, area: &Area) -> Vec<(usize, Area)> {
        let mut numbers: Vec<usize> = match squares(area) {
            Some(squares) => {
                let near = squares.filter_map(|square| self.squares.get(&square)).flatten();
                near.chain(&self.wide).copied().collect()
            }
            None => (0..self.areas.len()).collect(),
        };
        numbers.sort_unstable();
        numbers.dedup();
        let found = numbers.into_iter().filter_map(|number| Some((number, self.areas[number]?)));
        found.filter(|(_, other)| other.meets(area)).collect()
    }
}

/// The squares of an area; `None` when there are too many to look at.
fn squares(area: &Area) -> Option<impl Iterator<Item = (i64, i64)> + use<>> {
    let most = (area.width / SQUARE + 2.0) * (area.height / SQUARE + 2.0);
    // What is no number is too many as well.
    let is_few = most <= MOST;
    if !is_few {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is out of all range stands at its end"
    )]
    let number = |at: f64| (at / SQUARE).floor() as i64;
    let (left, right) = (number(area.x), number(area.x + area.width));
    let (top, bottom) = (number(area.y), number(area.y + area.height));
    Some((left..=right).flat_map(move |x| (top..=bottom).map(move |y| (x, y))))
}
