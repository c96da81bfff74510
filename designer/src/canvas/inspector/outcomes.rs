//! A task's outcomes, each a way out of it, and its timers.

use super::{
    controls::CheckField,
    duration::DurationField,
    field::{Place, ProblemLines},
    rows::{AddRow, NewRow, RemoveRow, Section},
};
use crate::editor::{form::slug, summary::Unsaid};
use crate::messages::t;
use leptos::prelude::*;
use serde_json::{Value, json};

/// The outcomes a person can complete a task with.
#[component]
pub(super) fn Outcomes(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/outcomes"));
    let add = Callback::new(move |label: String| {
        let at = place.length("/outcomes");
        let id = fresh(place, "/outcomes", &slug(&label), "outcome");
        append(place, "/outcomes", at, json!({ "id": id, "label": label }));
        true
    });
    view! {
        <Section title=t!("Outcomes")>
            <p class="jc-hint">{t!("The buttons a person completes it with. Each is a way out.")}</p>
            {move || (0..count.get()).map(|at| view! { <Outcome place at/> }).collect_view()}
            <ProblemLines place pointer="/outcomes"/>
            <NewRow
                list="outcomes"
                placeholder=t!("Another outcome, e.g. Needs help")
                label=t!("New outcome")
                on_add=add
            />
        </Section>
    }
}

#[component]
fn Outcome(place: Place, at: usize) -> impl IntoView {
    let (label, whole) = (format!("/outcomes/{at}/label"), format!("/outcomes/{at}"));
    let text = {
        let label = label.clone();
        Memo::new(move |_| place.text(&label))
    };
    let id = move || place.text(&format!("/outcomes/{at}/id"));
    let field = label.clone();
    view! {
        <div class="jc-rowline">
            <input
                class="jc-control"
                aria-label=t!("Outcome")
                data-field=field
                title=move || t!("In expressions: {id}", id = id())
                prop:value=move || text.get()
                on:input:target=move |event| place.set(&label, Some(Value::String(event.target().value())))
            />
            <RemoveRow
                row=format!("outcomes/{at}")
                on_remove=Callback::new(move |()| place.set(&format!("/outcomes/{at}"), None))
            />
        </div>
        <ProblemLines place pointer=whole/>
    }
}

/// The timers that open another way while people are at work.
#[component]
pub(super) fn Timers(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/timers"));
    let add = Callback::new(move |()| {
        let at = place.length("/timers");
        let id = fresh(place, "/timers", "timer", "timer");
        append(place, "/timers", at, json!({ "id": id, "after": "P1D", "interrupting": false }));
    });
    view! {
        <Section title=t!("Timers")>
            <p class="jc-hint">{t!("A way that opens when it has waited this long.")}</p>
            {move || (0..count.get()).map(|at| view! { <Timer place at/> }).collect_view()}
            <ProblemLines place pointer="/timers"/>
            <AddRow list="timers" label=t!("Add a timer") on_add=add/>
        </Section>
    }
}

#[component]
fn Timer(place: Place, at: usize) -> impl IntoView {
    view! {
        <div class="jc-card">
            <div class="jc-rowline">
                <DurationField place label=t!("After") pointer=format!("/timers/{at}/after")/>
                <RemoveRow
                    row=format!("timers/{at}")
                    on_remove=Callback::new(move |()| place.set(&format!("/timers/{at}"), None))
                />
            </div>
            <CheckField
                place
                label=t!("The step ends when it fires")
                pointer=format!("/timers/{at}/interrupting")
                unsaid=Unsaid::Yes
            />
            <ProblemLines place pointer=format!("/timers/{at}/id")/>
        </div>
    }
}

/// Puts an entry at the end of a list, which is made when it is missing.
pub(super) fn append(place: Place, list: &str, at: usize, entry: Value) {
    if at == 0 {
        place.set(list, Some(json!([entry])));
    } else {
        place.set(&format!("{list}/{at}"), Some(entry));
    }
}

fn fresh(place: Place, list: &str, wanted: &str, stem: &str) -> String {
    let entries = place.value(list).and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let taken =
        |id: &str| entries.iter().any(|entry| entry.get("id").and_then(Value::as_str) == Some(id));
    let wanted = if wanted.is_empty() { stem } else { wanted };
    if !taken(wanted) {
        return wanted.to_owned();
    }
    (2..=u32::MAX)
        .map(|number| format!("{wanted}_{number}"))
        .find(|id| !taken(id))
        .unwrap_or_else(|| wanted.to_owned())
}
