//! Installing a connector from its file.

use crate::{
    api,
    load::Loaded,
    parts::{Icon, ProblemView, Toasts},
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use wire::{Connector, Page, Problem};

/// A file, sent as it is; the server checks it before anything runs.
#[component]
pub(super) fn InstallForm(
    connectors: Loaded<Page<Connector>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let input = NodeRef::<html::Input>::new();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let file =
            input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = file else { return };
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            match api::upload::<Connector>("/connectors", &file).await {
                Ok(made) => {
                    toasts.say(&format!("{} {} is installed.", made.name, made.version));
                    open.try_set(false);
                    connectors.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="install">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="drop">
                <Icon name="upload"/>
                <label for="field-file">"The connector’s .wasm file"</label>
                <input id="field-file" type="file" accept=".wasm,application/wasm" required node_ref=input/>
            </div>
            <div class="actions">
                <button class="button primary" type="submit" data-action="confirm-install" disabled=move || busy.get()>
                    {move || if busy.get() { "Checking and installing…" } else { "Install" }}
                </button>
            </div>
        </form>
    }
}
