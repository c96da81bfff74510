//! Installing a connector from its file.

use crate::{
    api,
    load::Loaded,
    messages::t,
    parts::{Icon, ProblemView, Toasts},
    words::grouped,
};
use leptos::{ev, html, prelude::*};
use wire::{Connector, Page, Problem};

/// A file, chosen or dropped, sent as it is; the server checks it before anything runs.
#[component]
pub(super) fn InstallForm(
    connectors: Loaded<Page<Connector>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let file = RwSignal::new_local(None::<web_sys::File>);
    let choose = Callback::new(move |()| problem.set(None));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(file) = file.get_untracked() else {
            return problem.set(Some(api::problem(
                422,
                t!("No file yet"),
                t!("Choose the connector’s .wasm file first."),
            )));
        };
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            match api::upload::<Connector>("/connectors", "application/wasm", &file).await {
                Ok(made) => {
                    toasts.say(&t!(
                        "{made} {version} is installed.",
                        made = made.name,
                        version = made.version
                    ));
                    open.try_set(false);
                    connectors.again();
                }
                Err(refused) => drop(problem.try_set(Some(unfit(refused)))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="install" novalidate>
            <DropArea file choose/>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Cancel")}</button>
                <button class="button primary" type="submit" data-action="confirm-install" disabled=move || busy.get()>
                    {move || if busy.get() { t!("Checking and installing…") } else { t!("Install") }}
                </button>
            </div>
        </form>
    }
}

/// Where a file is dropped, or chosen by the platform's own dialog.
#[component]
fn DropArea(
    file: RwSignal<Option<web_sys::File>, LocalStorage>,
    choose: Callback<()>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let over = RwSignal::new(false);
    let take = move |files: Option<web_sys::FileList>| {
        if let Some(chosen) = files.and_then(|files| files.get(0)) {
            file.set(Some(chosen));
            choose.run(());
        }
    };
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        take(event.data_transfer().and_then(|carried| carried.files()));
    };
    let words = move || {
        file.with(|file| {
            file.as_ref().map(|file| (file.name(), format!("{} kB", kilobytes(file.size()))))
        })
    };
    view! {
        <label
            class="drop" for="field-file" class:over=move || over.get()
            on:dragover=move |event: ev::DragEvent| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <input class="unseen" id="field-file" type="file" accept=".wasm,application/wasm" node_ref=input
                on:change=move |_| take(input.get_untracked().and_then(|input| input.files()))/>
            <span class="badge"><Icon name="upload"/></span>
            {move || match words() {
                None => view! { <strong>{t!("Choose the connector’s .wasm file")}</strong><span class="hint">{t!("or drop it here")}</span> }.into_any(),
                Some((name, size)) => view! { <strong data-field="file">{name}</strong><span class="hint">{size}" · "{t!("choose another")}</span> }.into_any(),
            }}
        </label>
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a file's size is whole and not below zero"
)]
fn kilobytes(bytes: f64) -> String {
    grouped((bytes / 1000.0).ceil() as u64)
}

/// The server speaks of a body; here it is the chosen file.
fn unfit(problem: Problem) -> Problem {
    if problem.status == 422 {
        return Problem { title: t!("This file cannot be installed").to_owned(), ..problem };
    }
    problem
}
