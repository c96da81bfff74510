//! Making a shadow version live.

use crate::{
    api,
    messages::t,
    parts::{ProblemView, Toasts},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{Problem, Promote, Published};

#[component]
pub(super) fn PromoteForm(base: Memo<String>, id: Memo<String>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let navigate = StoredValue::new_local(use_navigate());
    let note = RwSignal::new(String::new());
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        let path = format!("{}/promote", base.get_untracked());
        let asked =
            Promote { note: Some(note.get_untracked()).filter(|note| !note.trim().is_empty()) };
        leptos::task::spawn_local(async move {
            match api::post::<_, Published>(&path, &asked).await {
                Ok(made) => {
                    toasts.say(&t!("Version {number} is live.", number = made.number));
                    let journey = format!("/journeys/{}", id.get_untracked());
                    navigate.try_with_value(|go| go(&journey, NavigateOptions::default()));
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="promote">
            <p class="muted">{t!("The same drawing becomes a new, live version. What ran only to watch ends.")}</p>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-note">{t!("What changed? (optional)")}</label>
                <textarea class="input" id="field-note" maxlength="2000" rows="3" bind:value=note></textarea>
            </div>
            <div class="actions"><button class="button primary" type="submit" data-action="confirm-promote" disabled=move || busy.get()>{t!("Make it live")}</button></div>
        </form>
    }
}
