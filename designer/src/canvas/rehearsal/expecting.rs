//! Saying what must be so at this point of a rehearsal.

use super::{
    super::icon::Icon,
    state::{Rehearsal, Shown},
};
use crate::messages::t;
use crate::words::{rehearsal as words, spoken};
use journey::rehearsal::{Expect, Move, Place, Played};
use leptos::{ev::SubmitEvent, prelude::*};

/// A menu of what may be expected now.
#[component]
pub(super) fn Expecting(rehearsal: Rehearsal) -> impl IntoView {
    let open = RwSignal::new(false);
    let choices = move || match rehearsal.shown.get() {
        Shown::Played(played) => {
            view! { <Menu rehearsal choices=choices(rehearsal, &played) open/> }.into_any()
        }
        Shown::Nothing | Shown::Unplayable(_) => ().into_any(),
    };
    view! {
        <button type="button" class="jc-tool wide" data-action="expect" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
            <Icon name="flag"/>{t!("Expect")}
        </button>
        <Show when=move || open.get()>{choices}</Show>
    }
}

#[component]
fn Menu(
    rehearsal: Rehearsal,
    choices: Vec<(String, Expect)>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let that = RwSignal::new(String::new());
    let expect = move |expected: Expect| {
        open.set(false);
        rehearsal.make(Move::Expect(expected));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let that = that.get_untracked().trim().to_owned();
        if !that.is_empty() {
            expect(Expect { that: Some(that), ..Expect::default() });
        }
    };
    let rows = choices.into_iter().zip(0..).map(|((words, expected), number): (_, usize)| {
        view! {
            <button type="button" class="jc-choice" data-action=format!("expect-{number}") on:click=move |_| expect(expected.clone())>{words}</button>
        }
    });
    view! {
        <form class="jc-expect" on:submit=submit data-form="expect">
            {rows.collect_view()}
            <input class="jc-control code" aria-label=t!("An expression that must be true") placeholder=t!("vars.seats == 3") data-field="expect-that" bind:value=that/>
            <button type="submit" class="jc-choice" data-action="expect-that">{t!("This is true")}</button>
        </form>
    }
}

/// What holds now and may be asked for, with its words.
fn choices(rehearsal: Rehearsal, played: &Played) -> Vec<(String, Expect)> {
    let name = |node: &str| rehearsal.canvas().read(|editor| words::name(editor.draft(), node));
    let mut choices = Vec::new();
    let outcome = played.runs.first().and_then(|run| run.instance.outcome());
    if let Some(outcome) = outcome {
        let expected = Expect { ended: Some(outcome.to_owned()), ..Expect::default() };
        choices.push((t!("It has ended with {outcome}", outcome = spoken(outcome)), expected));
    }
    let mut nodes: Vec<&str> = played.open.iter().map(|open| open.place.node.as_str()).collect();
    nodes.dedup();
    for node in nodes {
        let expected = Expect { at: Some(Place::first(node)), ..Expect::default() };
        choices.push((t!("It waits at “{node}”", node = name(node)), expected));
    }
    if let Some(node) = rehearsal.selected().get_untracked() {
        let came = played.entered().contains(node.as_str());
        let (words, expected) = if came {
            (t!("It came to"), Expect { passed: vec![node.clone()], ..Expect::default() })
        } else {
            (t!("It never came to"), Expect { avoided: vec![node.clone()], ..Expect::default() })
        };
        choices.push((format!("{words} “{}”", name(&node)), expected));
    }
    choices
}
