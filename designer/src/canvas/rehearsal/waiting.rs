//! What waits, and what may become of it: one of them is open to be chosen for.

use super::{super::icon::Icon, choices::Choices, state::Rehearsal};
use crate::{
    clock::moment,
    editor::Input,
    messages::t,
    words::{rehearsal as words, spoken},
};
use journey::{
    Status, Timestamp,
    effect::SlaState,
    rehearsal::{Open, Played, What},
};
use leptos::prelude::*;
use std::sync::Arc;

/// Everything that waits.
#[component]
pub(super) fn Waiting(rehearsal: Rehearsal, played: Arc<Played>) -> impl IntoView {
    let open = played.open.clone();
    let first = open.iter().position(|one| has_choices(&one.what)).unwrap_or(0);
    let chosen = RwSignal::new(first);
    let rows = open.into_iter().enumerate();
    let rows = rows.map(|(at, open)| view! { <Row rehearsal open at chosen/> }).collect_view();
    view! {
        <section class="jc-waiting" aria-label=t!("What waits")>
            <h2>{t!("Now")}</h2>
            {over(&played).map(|words| view! { <p class="jc-fine" data-field="rehearsal-over">{words}</p> })}
            <ul>{rows}</ul>
        </section>
    }
}

/// How it ended, once it has.
fn over(played: &Played) -> Option<String> {
    if let Some(why) = &played.refused {
        return Some(t!("It did not begin: {why}", why));
    }
    let instance = &played.runs.first()?.instance;
    match instance.status() {
        Status::Ended => {
            Some(t!("It has ended: {outcome}.", outcome = spoken(instance.outcome()?)))
        }
        Status::Cancelled => Some(t!("It was cancelled.").to_owned()),
        Status::Running | Status::Incident => None,
    }
}

fn has_choices(what: &What) -> bool {
    !matches!(what, What::Join | What::Turn | What::Items { .. })
}

#[component]
fn Row(rehearsal: Rehearsal, open: Open, at: usize, chosen: RwSignal<usize>) -> impl IntoView {
    let is_chosen = move || chosen.get() == at;
    let name = rehearsal.canvas().read(|editor| words::name(editor.draft(), &open.place.node));
    let at_moment = |at: Timestamp| moment(&at.to_rfc3339());
    let line = words::waits_for(&open.what, &at_moment);
    let number = (open.place.number > 1).then(|| format!(" ({})", open.place.number));
    let (place, node) = (open.place.to_string(), open.place.node.clone());
    let named = place.clone();
    let tone = tone(&open.what);
    let open = StoredValue::new(open);
    view! {
        <li data-open=named data-tone=tone.0>
            <button type="button" class="jc-open" data-choose=place aria-expanded=move || is_chosen().to_string()
                on:click=move |_| {
                    chosen.set(at);
                    rehearsal.canvas().send(Input::Show { node: Some(node.clone()), edge: None });
                }>
                <Icon name=icon(&open.get_value().what)/>
                <span><b>{name}{number}</b><small>{line}</small></span>
                {tone.1.map(|words| view! { <span class="jc-tone">{words}</span> })}
            </button>
            <Show when=is_chosen>
                <Choices rehearsal open=open.get_value()/>
            </Show>
        </li>
    }
}

fn icon(what: &What) -> &'static str {
    match what {
        What::Task { .. } => "task",
        What::Call { .. } => "action",
        What::Message { .. } => "notify",
        What::Later { .. } | What::Timer { .. } | What::Event { .. } | What::Condition { .. } => {
            "wait"
        }
        What::Journey { .. } => "journey",
        What::Items { .. } => "for_each",
        What::Join | What::Turn => "join",
        What::Incident { .. } => "error",
    }
}

/// How it stands, for the eye and in words.
fn tone(what: &What) -> (&'static str, Option<&'static str>) {
    match what {
        What::Task { sla: SlaState::Breached, .. } => ("danger", Some(t!("Overdue"))),
        What::Task { sla: SlaState::Warning, .. } => ("warning", Some(t!("Due soon"))),
        What::Task { sla: SlaState::Paused, .. } => ("", Some(t!("Paused"))),
        What::Incident { .. } => ("danger", Some(t!("Failed"))),
        _ => ("", None),
    }
}
