//! A large drawing from far away: one shape for all cards of a kind and one for all lines, since a thousand cards are more than a browser
//! paints in a frame, and nobody could read them.

use super::{drawn::FarLook, model::Canvas};
use crate::editor::{Editor, Path, geometry::Area, kinds::KINDS};
use leptos::prelude::*;
use std::{collections::HashMap, fmt::Write as _};

/// Everything that is drawn, as paths.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shapes {
    lines: String,
    /// Lines that are chosen, or that a run took.
    strong_lines: String,
    /// The cards that are not chosen, by their kinds.
    cards: HashMap<&'static str, String>,
    /// Cards that are chosen, or that a run entered.
    strong_cards: String,
    /// Cards with errors.
    wrong: String,
}

/// The drawing as a few shapes, while it is far away. They stay in the page when it comes near, so that going to and fro draws nothing anew.
#[component]
pub(super) fn FarDrawing(canvas: Canvas) -> impl IntoView {
    let look = Memo::new(move |last: Option<&Option<FarLook>>| {
        let now = canvas.far.with(|far| far.as_ref().map(|far| far.look.clone()));
        now.or_else(|| last.cloned().flatten())
    });
    let shapes = Memo::new(move |_| {
        let (look, run) = (look.get()?, canvas.run.get());
        Some(canvas.read(|editor| Shapes::of(editor, &look, run.as_ref())))
    });
    let path = move |read: fn(&Shapes) -> &String| {
        move || shapes.with(|shapes| shapes.as_ref().map(|shapes| read(shapes).clone()))
    };
    let cards = move |kind: &'static str| {
        let of_kind = move |shapes: &Shapes| shapes.cards.get(kind).cloned();
        let path = move || shapes.with(|shapes| shapes.as_ref().and_then(of_kind));
        view! { <path class="jc-far-cards" data-kind=kind d=path></path> }
    };
    let near = move || canvas.far.with(Option::is_none).then_some("none");
    let moved = move || canvas.far_by.with(|by| format!("translate({} {})", by.x, by.y));
    view! {
        <Show when=move || shapes.with(Option::is_some)>
            <svg class="jc-far" aria-hidden="true" data-canvas="far" style:display=near>
                <path class="jc-far-lines" d=path(|shapes| &shapes.lines)></path>
                {KINDS.map(|kind| cards(kind.id)).collect_view()}
                <g transform=moved>
                    <path class="jc-far-lines strong" d=path(|shapes| &shapes.strong_lines)></path>
                    <path class="jc-far-cards strong" d=path(|shapes| &shapes.strong_cards)></path>
                </g>
                <path class="jc-far-cards wrong" d=path(|shapes| &shapes.wrong)></path>
            </svg>
        </Show>
    }
}

impl Shapes {
    fn of(editor: &Editor, look: &FarLook, run: Option<&Path>) -> Self {
        let (scene, mut shapes) = (editor.scene(), Self::default());
        let is_strong = |id: &str| {
            editor.selected().contains(id) || run.is_some_and(|run| run.entered.contains_key(id))
        };
        let cards = scene.cards().iter().zip(&editor.draft().nodes);
        for (card, node) in cards.filter(|(card, _)| card.collapsed.is_none()) {
            let kind =
                KINDS.iter().find(|kind| kind.id == node.kind).map_or("note", |kind| kind.id);
            let path = if is_strong(&card.id) {
                &mut shapes.strong_cards
            } else {
                shapes.cards.entry(kind).or_default()
            };
            add_card(path, card.area);
            if look.wrong.contains(&card.id) {
                add_mark(&mut shapes.wrong, card.area);
            }
        }
        let moving = editor.motion().map(|(moving, _)| moving);
        for wire in scene.wires().iter().filter(|wire| !wire.hidden) {
            let ends = [wire.from, wire.to].map(|end| &scene.cards()[end].id);
            // What is moved takes its lines along when it is let go.
            if moving.is_some_and(|moving| ends.iter().any(|end| moving.contains(*end))) {
                continue;
            }
            let is_strong = editor.selected_edge() == Some(wire.id.as_str())
                || run.is_some_and(|run| run.edges.contains(&wire.id));
            let path = if is_strong { &mut shapes.strong_lines } else { &mut shapes.lines };
            for (place, corner) in wire.corners.iter().enumerate() {
                let step = if place == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{step}{:.0} {:.0}", corner.x, corner.y);
            }
        }
        shapes
    }
}

// Writing to a text cannot fail.

fn add_card(path: &mut String, Area { x, y, width, height }: Area) {
    let _ = write!(path, "M{x:.0} {y:.0}h{width:.0}v{height:.0}h-{width:.0}z");
}

/// A bar along a card's upper side.
fn add_mark(path: &mut String, Area { x, y, width, .. }: Area) {
    let _ = write!(path, "M{x:.0} {y:.0}h{width:.0}v24h-{width:.0}z");
}
