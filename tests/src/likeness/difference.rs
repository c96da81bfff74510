//! In what two reduced pictures differ, and whether anybody would notice.

use std::fmt;

use super::REDUCTION;
use super::picture::{Colour, Picture};

/// By how much a channel of two pixels differs when that is noticed wherever it is.
const NOTICED: u8 = 24;

/// The share of pixels that may differ so that it is noticed.
const MOST: f64 = 0.02;

/// By how much a channel differs when that is noticed where the next pixels differ, too: less than white paper from a grey ground.
const FAINT: u8 = 8;

/// How many pixels, wide and high, make a part: a card or a button has more, a line of text that says something else is never as high.
const PART: (usize, usize) = (8, 4);

/// How a picture stands to the one that is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Likeness {
    /// Nothing of it is noticed.
    Equal,
    /// Little of it is noticed, as when an id is another.
    Alike,
    /// It looks otherwise.
    Otherwise(Difference),
    /// It has another size.
    Resized,
}

/// What differs in two pictures of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    width: usize,
    /// By how much each pixel differs, in the channel in which it differs most.
    by: Vec<u8>,
}

impl Likeness {
    /// How a picture stands to the one that is kept; both are reduced.
    pub fn of(seen: &Picture, kept: &Picture) -> Self {
        if (seen.width(), seen.height()) != (kept.width(), kept.height()) {
            return Self::Resized;
        }
        let difference = Difference::between(seen, kept);
        if difference.share() > MOST || difference.has_a_whole_part() {
            Self::Otherwise(difference)
        } else if difference.share() > 0.0 {
            Self::Alike
        } else {
            Self::Equal
        }
    }
}

impl Difference {
    fn between(seen: &Picture, kept: &Picture) -> Self {
        let pairs = seen.pixels().iter().zip(kept.pixels());
        let by = pairs.map(|(seen, kept)| distance(*seen, *kept)).collect();
        Self { width: seen.width(), by }
    }

    /// The share of pixels that differ so that it is noticed.
    pub fn share(&self) -> f64 {
        let count = |pixels: usize| f64::from(u32::try_from(pixels).unwrap_or(u32::MAX));
        count(self.places(NOTICED).count()) / count(self.by.len())
    }

    /// The picture it was seen in, faded, with what differs in red.
    #[must_use]
    pub fn shown_in(&self, picture: &Picture) -> Picture {
        Picture::painted(picture.width(), picture.height(), |right, down| {
            let colour = picture.pixels()[down * picture.width() + right];
            let by = self.by[down / REDUCTION * self.width + right / REDUCTION];
            let [red, green, blue] = colour.map(|channel| channel / 3);
            if by >= FAINT { [170 + red, green, blue] } else { [85 + red, 85 + green, 85 + blue] }
        })
    }

    /// Whether all pixels of a part differ.
    fn has_a_whole_part(&self) -> bool {
        let (width, height) = PART;
        let differs = |(right, down): (usize, usize)| {
            let start = down * self.width + right;
            self.by.get(start..start + width).is_some_and(|row| row.iter().all(|by| *by >= FAINT))
        };
        self.places(FAINT)
            .filter(|(right, _)| right + width <= self.width)
            .any(|(right, down)| (down..down + height).all(|down| differs((right, down))))
    }

    /// Where pixels differ by this or more: right and down.
    fn places(&self, least: u8) -> impl Iterator<Item = (usize, usize)> {
        let differing = self.by.iter().enumerate().filter(move |(_, by)| **by >= least);
        differing.map(|(place, _)| (place % self.width, place / self.width))
    }
}

impl fmt::Display for Difference {
    /// Between which corners, in pixels of the whole picture, and how much of it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edge = |place: Option<usize>| place.unwrap_or_default() * REDUCTION;
        write!(
            formatter,
            "it differs between {},{} and {},{}, clearly in {:.2} % of all pixels",
            edge(self.places(FAINT).map(|(right, _)| right).min()),
            edge(self.places(FAINT).map(|(_, down)| down).min()),
            edge(self.places(FAINT).map(|(right, _)| right + 1).max()),
            edge(self.places(FAINT).map(|(_, down)| down + 1).max()),
            self.share() * 100.0,
        )
    }
}

fn distance(seen: Colour, kept: Colour) -> u8 {
    let channels = seen.iter().zip(kept).map(|(seen, kept)| seen.abs_diff(kept));
    channels.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Colour = [250, 250, 252];
    const INK: Colour = [30, 36, 52];
    const ACCENT: Colour = [60, 90, 220];

    /// A page with lines of strokes, as letters are: one of four pixels is inked, `blur` of 255 parts of it on the next.
    fn page(blur: u8) -> impl Fn(usize, usize) -> Colour {
        move |right, down| {
            let inked = match (right % 4, down % 24 < 10 && right < 500) {
                (0, true) => 255 - blur,
                (1, true) => blur,
                _ => 0,
            };
            let mix = |paper: u8, ink: u8| {
                let parts =
                    u16::from(paper) * u16::from(255 - inked) + u16::from(ink) * u16::from(inked);
                u8::try_from(parts / 255).unwrap()
            };
            [0, 1, 2].map(|channel| mix(PAPER[channel], INK[channel]))
        }
    }

    /// The same page with a rectangle of one colour on it.
    fn with(
        corner: (usize, usize),
        size: (usize, usize),
        colour: Colour,
    ) -> impl Fn(usize, usize) -> Colour {
        let page = page(0);
        move |right, down| {
            let inside = (corner.0..corner.0 + size.0).contains(&right)
                && (corner.1..corner.1 + size.1).contains(&down);
            if inside { colour } else { page(right, down) }
        }
    }

    fn picture(paint: impl Fn(usize, usize) -> Colour) -> Picture {
        Picture::painted(640, 480, paint).reduced()
    }

    fn difference(seen: impl Fn(usize, usize) -> Colour) -> Difference {
        match Likeness::of(&picture(seen), &picture(page(0))) {
            Likeness::Otherwise(difference) => difference,
            likeness => panic!("it looks otherwise: {likeness:?}"),
        }
    }

    #[test]
    fn a_page_is_like_itself_and_like_itself_with_letters_drawn_a_little_otherwise() {
        for blur in [0, 60, 120] {
            let likeness = Likeness::of(&picture(page(blur)), &picture(page(0)));
            assert_eq!(likeness, Likeness::Equal, "{blur}");
        }
    }

    #[test]
    fn a_line_of_text_may_be_another() {
        let other = picture(with((40, 96), (160, 10), PAPER));
        assert_eq!(Likeness::of(&other, &picture(page(0))), Likeness::Alike);
    }

    #[test]
    fn a_button_that_has_come_or_gone_is_seen_and_where() {
        let difference = difference(with((520, 400), (96, 36), ACCENT));
        assert!(difference.share() < MOST, "{difference}");
        assert_eq!(
            difference.to_string(),
            "it differs between 520,400 and 616,440, clearly in 1.25 % of all pixels"
        );
    }

    #[test]
    fn a_card_that_is_hardly_brighter_than_the_ground_is_seen() {
        let difference = difference(with((520, 400), (96, 36), PAPER.map(|channel| channel - 10)));
        assert_eq!(
            difference.to_string(),
            "it differs between 520,400 and 616,432, clearly in 0.00 % of all pixels"
        );
    }

    #[test]
    fn many_small_things_are_seen() {
        let speckled = |right: usize, down: usize| {
            let is_speck = (right / 8).is_multiple_of(5) && (down / 8).is_multiple_of(5);
            if is_speck { ACCENT } else { page(0)(right, down) }
        };
        let difference = difference(speckled);
        assert!(!difference.has_a_whole_part() && difference.share() > MOST, "{difference}");
    }

    #[test]
    fn what_differs_is_red_in_the_picture_that_shows_it() {
        let seen = with((520, 400), (96, 32), ACCENT);
        let whole = Picture::painted(640, 480, &seen);
        let shown = difference(seen).shown_in(&whole);
        let colour = |right: usize, down: usize| shown.pixels()[down * 640 + right];
        assert_eq!(colour(520, 400), [190, 30, 73]);
        assert_eq!(colour(519, 399), PAPER.map(|channel| 85 + channel / 3));
    }

    #[test]
    fn another_size_is_no_likeness() {
        let taller = Picture::painted(640, 488, page(0)).reduced();
        assert_eq!(Likeness::of(&taller, &picture(page(0))), Likeness::Resized);
    }
}
