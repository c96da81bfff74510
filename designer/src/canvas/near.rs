//! Which cards and lines of a large drawing are in the page: those near the view, and for a while those that were. What comes back is not made
//! anew, and what is new comes a few at a time, so that no frame is late.

use crate::editor::{
    Editor,
    geometry::Area,
    scene::{Card, Scene, Wire},
};
use std::collections::BTreeSet;

/// From this many nodes on, only what is near the view is in the page.
const CULL_FROM: usize = 120;
/// How far outside the view things come into the page, and how far outside they go out of it, in canvas units.
const COME: f64 = 400.0;
const GO: f64 = 1400.0;
/// Below this scale a large drawing is a few shapes.
const FAR: f64 = 0.3;
/// How many cards, and how many lines, come into the page in one frame.
const A_FEW: usize = 24;

/// Cards and lines of one state of the draft, by their numbers, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Near {
    revision: u64,
    pub(super) cards: Vec<usize>,
    pub(super) wires: Vec<usize>,
    /// More are near, and come in the next frame.
    pub(super) has_more: bool,
}

/// Whether a drawing is small enough to be in the page as a whole.
fn is_small(editor: &Editor) -> bool {
    editor.scene().cards().len() < CULL_FROM || editor.screen().width <= 0.0
}

/// Whether a large drawing is seen from so far away that nobody could read its cards.
pub(super) fn is_far(editor: &Editor) -> bool {
    !is_small(editor) && editor.view().scale < FAR
}

impl Near {
    /// What is in the page now, after what was `before`.
    pub(super) fn of(editor: &Editor, before: Option<&Self>) -> Self {
        let (scene, revision) = (editor.scene(), editor.revision());
        if is_small(editor) {
            let (cards, wires) = (shown_cards(scene, |_, _| true), shown_wires(scene, |_, _| true));
            return Self { revision, cards, wires, has_more: false };
        }
        let before = before.filter(|before| before.revision == revision);
        if is_far(editor) {
            // What is not seen now stays, for when the view comes back.
            let before = before.cloned().unwrap_or_default();
            return Self { revision, has_more: false, ..before };
        }
        let view = editor.view().shown(editor.screen());
        let (come, go) = (view.grown(COME), view.grown(GO));
        let is_near = |area: &Area, was: &dyn Fn(&Self) -> bool| {
            area.meets(&come) || (area.meets(&go) && before.is_some_and(was))
        };
        let motion = editor.motion();
        let moves = |card: &Card| motion.is_some_and(|(moving, _)| moving.contains(&card.id));
        let ends_move = |wire: &Wire| {
            motion.is_some() && [wire.from, wire.to].iter().any(|end| moves(&scene.cards()[*end]))
        };
        let cards = shown_cards(scene, |number, card| {
            moves(card) || is_near(&card.area, &|near| is_among(&near.cards, number))
        });
        let wires = shown_wires(scene, |number, wire| {
            ends_move(wire) || is_near(&wire.span, &|near| is_among(&near.wires, number))
        });
        let Some(before) = before else {
            return Self { revision, cards, wires, has_more: false };
        };
        let is_seen = |card: usize| scene.cards()[card].area.meets(&view);
        let (cards, more_cards) = a_few_more(cards, &before.cards, is_seen);
        let is_seen = |wire: usize| scene.wires()[wire].span.meets(&view);
        let (wires, more_wires) = a_few_more(wires, &before.wires, is_seen);
        Self { revision, cards, wires, has_more: more_cards || more_wires }
    }
}

fn is_among(numbers: &[usize], number: usize) -> bool {
    numbers.binary_search(&number).is_ok()
}

/// Those of some that are in the page already and a few of the others, first what is seen; and whether there are more.
fn a_few_more(
    mut wanted: Vec<usize>,
    before: &[usize],
    is_seen: impl Fn(usize) -> bool,
) -> (Vec<usize>, bool) {
    let mut new: Vec<usize> =
        wanted.iter().copied().filter(|number| !is_among(before, *number)).collect();
    if new.len() <= A_FEW {
        return (wanted, false);
    }
    new.sort_by_key(|number| !is_seen(*number));
    let later: BTreeSet<usize> = new.split_off(A_FEW).into_iter().collect();
    wanted.retain(|number| !later.contains(number));
    (wanted, true)
}

/// The numbers of some cards, without those that a collapsed group is drawn for.
fn shown_cards(scene: &Scene, is_wanted: impl Fn(usize, &Card) -> bool) -> Vec<usize> {
    let shown = scene.cards().iter().enumerate().filter(|(_, card)| card.collapsed.is_none());
    shown.filter(|(number, card)| is_wanted(*number, card)).map(|(number, _)| number).collect()
}

/// The numbers of some lines, without those that lie within a collapsed group.
fn shown_wires(scene: &Scene, is_wanted: impl Fn(usize, &Wire) -> bool) -> Vec<usize> {
    let shown = scene.wires().iter().enumerate().filter(|(_, wire)| !wire.hidden);
    shown.filter(|(number, wire)| is_wanted(*number, wire)).map(|(number, _)| number).collect()
}
