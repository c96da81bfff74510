//! Saying whether something a shadow would have done is right.

use crate::{
    api,
    load::Loaded,
    messages::{Text, t, text},
    pages::people::People,
    parts::ProblemView,
};
use leptos::prelude::*;
use serde_json::json;
use wire::{Mark, MarkIt, Marked, Problem, Tally};

const CHOICES: [(Mark, &str, Text); 3] = [
    (Mark::Right, "right", text!("Right")),
    (Mark::Wrong, "wrong", text!("Wrong")),
    (Mark::DontCare, "dont-care", text!("Don’t care")),
];

/// Three answers; the one that was given, pressed again, is taken back.
#[component]
pub(super) fn Judge(path: String, marked: Option<Marked>, tally: Loaded<Tally>) -> impl IntoView {
    let people = expect_context::<People>();
    let path = StoredValue::new(path);
    let by = marked.as_ref().map(|marked| marked.by.clone());
    let mark = RwSignal::new(marked.map(|marked| marked.mark));
    let problem = RwSignal::new(None::<Problem>);
    let press = move |one: Mark| {
        let asked = if mark.get_untracked() == Some(one) { None } else { Some(one) };
        problem.set(None);
        leptos::task::spawn_local(async move {
            match api::order(&path.get_value(), &json!(MarkIt { mark: asked, note: None })).await {
                Ok(()) => {
                    mark.try_set(asked);
                    tally.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    let button = move |(one, name, words): (Mark, &'static str, Text)| {
        view! {
            <button class="tab" type="button" data-action=format!("mark-{name}") aria-pressed=move || (mark.get() == Some(one)).to_string() on:click=move |_| press(one)>{words.said()}</button>
        }
    };
    view! {
        <span class="side">
            <span class="tabs" role="group" aria-label=t!("Is it right?")>{CHOICES.map(button).collect_view()}</span>
            {by.map(|by| view! { <span class="sub">{move || people.name(&by)}</span> })}
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        </span>
    }
}
