//! Lines among cards that stand anywhere.

use super::{Ends, Ground, around, crosses, direct};
use crate::editor::geometry::{Area, CARD_WIDTH, HEAD_HEIGHT, input_offset, plus};
use journey::draft::Point;

const HEIGHT: f64 = 130.0;

/// Cards in rows and columns, pushed about by a seed, with room for lines between all of them.
fn cards(seed: u64) -> Vec<Area> {
    let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut push = |most: f64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        #[expect(clippy::cast_precision_loss, reason = "a number below a thousand")]
        let share = (dice % 1000) as f64 / 1000.0;
        (share * most).round()
    };
    let places =
        (0..5).flat_map(|row| (0..5).map(move |column| (f64::from(column), f64::from(row))));
    let card = |(column, row): (f64, f64)| Area {
        x: column * (CARD_WIDTH + 160.0) + push(60.0),
        y: row * (HEIGHT + 120.0) + push(60.0),
        width: CARD_WIDTH,
        height: HEIGHT,
    };
    places.map(card).collect()
}

fn ends(from: Area, to: Area) -> Ends {
    let corner = |area: Area| Point { x: area.x, y: area.y };
    Ends {
        from: plus(corner(from), Point { x: CARD_WIDTH, y: HEAD_HEIGHT / 2.0 }),
        to: plus(corner(to), input_offset()),
        own: [from, to],
        aside: 0.0,
    }
}

fn is_level(part: &[Point], place: fn(&Point) -> f64) -> bool {
    (place(&part[0]) - place(&part[1])).abs() < f64::EPSILON
}

#[test]
fn where_there_is_a_way_no_line_runs_over_a_card() {
    for seed in 1..=40 {
        let cards = cards(seed);
        let ground = Ground::of(cards.iter().copied().map(Some));
        for (from, to) in
            (0..cards.len()).flat_map(|from| (0..cards.len()).map(move |to| (from, to)))
        {
            let ends = ends(cards[from], cards[to]);
            let line = around(&ends, &ground, &|_| false);
            assert_eq!((line.first(), line.last()), (Some(&ends.from), Some(&ends.to)));
            for part in line.windows(2) {
                assert!(
                    is_level(part, |at| at.x) || is_level(part, |at| at.y),
                    "{line:?} has a slant"
                );
            }
            let over: Vec<usize> =
                (0..cards.len()).filter(|card| crosses(&line, cards[*card].grown(-8.0))).collect();
            assert_eq!(over, Vec::<usize>::new(), "seed {seed}: {from} to {to} by {line:?}");
        }
    }
}

#[test]
fn a_line_leaves_to_the_right_and_arrives_from_the_left() {
    let cards = cards(7);
    let ground = Ground::of(cards.iter().copied().map(Some));
    for (from, to) in (0..25).flat_map(|from| (0..25).map(move |to| (from, to))) {
        let line = around(&ends(cards[from], cards[to]), &ground, &|_| false);
        let (first, last) = (&line[..2], &line[line.len() - 2..]);
        assert!(first[0].x < first[1].x && is_level(first, |at| at.y), "{from} to {to}: {line:?}");
        assert!(last[0].x < last[1].x && is_level(last, |at| at.y), "{from} to {to}: {line:?}");
    }
}

#[test]
fn a_card_that_is_absent_is_in_nobodys_way() {
    let card = |x: f64| Area { x, y: 0.0, width: CARD_WIDTH, height: HEIGHT };
    let cards = [card(0.0), card(400.0), card(800.0)];
    let ground = Ground::of(cards.iter().copied().map(Some));
    let ends = ends(cards[0], cards[2]);
    let past = around(&ends, &ground, &|_| false);
    assert!(past.len() > 2, "{past:?} runs through the one between");
    assert_eq!(around(&ends, &ground, &|number| number == 1), direct(&ends));
    assert_eq!(direct(&ends), [ends.from, ends.to]);
}
