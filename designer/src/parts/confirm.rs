//! The question before something is removed.

use super::{Dialog, ProblemView, Toasts};
use crate::{api, messages::t};
use leptos::prelude::*;
use wire::Problem;

/// Asks before something is removed.
#[component]
pub(crate) fn Confirm(
    open: RwSignal<bool>,
    title: &'static str,
    name: &'static str,
    verb: &'static str,
    /// What follows from it.
    text: &'static str,
    /// What is deleted.
    path: StoredValue<String>,
    done: &'static str,
    then: Callback<()>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let remove = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::delete(&path.get_value()).await {
                Ok(()) => {
                    toasts.say(done);
                    open.try_set(false);
                    then.run(());
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <Dialog open title name>
            <p class="muted">{text}</p>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Keep it")}</button>
                <button class="button danger" type="button" data-action=format!("confirm-{name}") disabled=move || busy.get() on:click=remove>{verb}</button>
            </div>
        </Dialog>
    }
}
