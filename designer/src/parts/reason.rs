//! The question for a reason, before something is ended that cannot be taken up again.

use super::ProblemView;
use crate::messages::t;
use leptos::{ev::SubmitEvent, prelude::*};
use wire::Problem;

/// Asks for a reason in a dialog that is open.
#[component]
pub(crate) fn ReasonForm(
    open: RwSignal<bool>,
    /// What browser tests find it by.
    name: &'static str,
    verb: &'static str,
    /// What follows from it.
    text: &'static str,
    problem: RwSignal<Option<Problem>>,
    on_reason: Callback<String>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_reason.run(reason.get_untracked().trim().to_owned());
    };
    view! {
        <form on:submit=submit data-form=name>
            <p class="muted">{text}</p>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-reason">{t!("Reason")}</label>
                <textarea class="input" id="field-reason" required autofocus maxlength="500" rows="3" bind:value=reason></textarea>
            </div>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Keep it")}</button>
                <button class="button danger" type="submit" data-action=format!("confirm-{name}")>{verb}</button>
            </div>
        </form>
    }
}
