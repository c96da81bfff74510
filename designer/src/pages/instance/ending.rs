//! Ending an instance at an incident.

use crate::{
    api,
    load::Loaded,
    messages::t,
    parts::{Dialog, ProblemView, Toasts},
};
use journey::Draft;
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use wire::{EndInstance, InstanceDetail, Problem};

/// The way to end it there, with an outcome.
#[component]
pub(super) fn EndHere(
    node: String,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let node = StoredValue::new(node);
    view! {
        <button class="button quiet danger" type="button" data-action="end-here" on:click=move |_| asking.set(true)>{t!("End the journey here")}</button>
        <Dialog open=asking title=t!("End the journey here") name="end-here">
            <EndForm node id instance draft open=asking/>
        </Dialog>
    }
}

#[component]
fn EndForm(
    node: StoredValue<String>,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let known = outcomes(draft.get().as_ref());
    let outcome = RwSignal::new(known.first().cloned().unwrap_or_default());
    let problem = RwSignal::new(None::<Problem>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        leptos::task::spawn_local(async move {
            let outcome = outcome.get_untracked().trim().to_owned();
            let asked = EndInstance { node: node.get_value(), outcome };
            match api::order(&format!("/instances/{}/end", id.get_value()), &json!(asked)).await {
                Ok(()) => {
                    toasts.say(t!("The journey is over."));
                    open.try_set(false);
                    instance.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    let options = known.into_iter().map(|outcome| view! { <option value=outcome></option> });
    view! {
        <form on:submit=submit data-form="end-here">
            <p class="muted">{t!("All its branches are withdrawn. What was done stays done.")}</p>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-outcome">{t!("It ended with")}</label>
                <input class="input" id="field-outcome" required autofocus maxlength="64" pattern="[a-z][a-z0-9_]*" list="known-outcomes" autocomplete="off" bind:value=outcome/>
                <span class="hint">{t!("One the journey ends with, or another: small letters, digits and _.")}</span>
                <datalist id="known-outcomes">{options.collect_view()}</datalist>
            </div>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Not now")}</button>
                <button class="button danger" type="submit" data-action="confirm-end">{t!("End it")}</button>
            </div>
        </form>
    }
}

/// The outcomes a journey is drawn to end with.
fn outcomes(draft: Option<&Draft>) -> Vec<String> {
    let Some(draft) = draft else { return Vec::new() };
    let ends = draft.nodes.iter().filter(|node| node.kind == "end");
    let named = ends.filter_map(|node| node.settings.get("outcome").and_then(Value::as_str));
    let exits = draft.exits.iter().map(|exit| exit.outcome.as_str());
    let all: BTreeSet<&str> = named.chain(exits).filter(|outcome| !outcome.is_empty()).collect();
    all.into_iter().map(str::to_owned).collect()
}
