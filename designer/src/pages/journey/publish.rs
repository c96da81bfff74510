//! Publishing: the draft becomes a version that new instances follow.

use super::save::Saving;
use crate::{
    api,
    parts::{ProblemView, Toasts},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Mode, Problem, Publish, Published};

/// Asks for a note, publishes, and shows what stands in the way.
#[component]
pub(super) fn PublishForm(
    id: StoredValue<String>,
    saving: Saving,
    published: Callback<u64>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let note = RwSignal::new(String::new());
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let note = Some(note.get_untracked()).filter(|note| !note.trim().is_empty());
            let path = format!("/journeys/{}/versions", id.get_value());
            match api::post::<_, Published>(&path, &Publish { mode: Mode::Live, note }).await {
                Ok(made) => {
                    toasts.say(&format!("Version {} is live.", made.number));
                    published.run(made.number);
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="publish">
            <p class="muted">"New instances follow this version. Those that run already stay on theirs."</p>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-note">"What changed? (optional)"</label>
                <textarea class="input" id="field-note" maxlength="2000" rows="3" bind:value=note></textarea>
            </div>
            <div class="actions">
                <button class="button primary" type="submit" data-action="confirm-publish" disabled=move || busy.get() || !saving.is_saved()>
                    {move || if saving.is_saved() { "Publish" } else { "Waiting for the draft to be saved…" }}
                </button>
            </div>
        </form>
    }
}
