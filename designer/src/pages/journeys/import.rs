//! Making a journey of a file: a draft, BPMN 2.0, or a checklist in Markdown or as a table.

use crate::{
    api::{self, Answer},
    messages::{plural, t},
    parts::{Icon, ProblemView},
    words::sentence,
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wire::{ImportJourney, JourneyImported, JourneyLeftOut, Problem, ReadAs};

/// How many of those left out are shown.
const SHOWN: usize = 200;

/// A file, and what of it has no counterpart.
#[component]
pub(super) fn ImportForm() -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let done = RwSignal::new(None::<JourneyImported>);
    let navigate = StoredValue::new_local(use_navigate());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = input.get_untracked().and_then(|input| input.files());
        let Some(file) = chosen.and_then(|files| files.get(0)) else { return };
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            match import(&file).await {
                Ok(imported) if imported.left_out.is_empty() => {
                    let address = format!("/journeys/{}", imported.id);
                    navigate.try_with_value(|go| go(&address, NavigateOptions::default()));
                }
                Ok(imported) => drop(done.try_set(Some(imported))),
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    move || {
        match done.get() {
        Some(imported) => view! { <LeftOut imported/> }.into_any(),
        None => view! {
            <form on:submit=submit data-form="import-journey">
                <p class="muted">{t!("A journey that was exported, a process in BPMN 2.0, or a checklist: a Markdown list, or a table with a column of tasks.")}</p>
                <div class="field">
                    <label for="field-journey-file">{t!("File")}</label>
                    <input class="input" id="field-journey-file" type="file" required accept=".json,.bpmn,.xml,.md,.markdown,.csv,.tsv" node_ref=input/>
                </div>
                {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
                <div class="actions"><button class="button primary" type="submit" data-action="confirm-import" disabled=move || busy.get()>{t!("Import")}</button></div>
            </form>
        }
        .into_any(),
    }
    }
}

/// What of the file is not in the journey as it stood there, and the way to it.
#[component]
fn LeftOut(imported: JourneyImported) -> impl IntoView {
    let all = imported.left_out.len();
    let said = plural!(
        all,
        "The journey is there. {count} part of the file is not in it as it stood there:",
        "The journey is there. {count} parts of the file are not in it as they stood there:"
    );
    let row = |one: JourneyLeftOut| {
        let called = if one.name.is_empty() { one.kind } else { format!("“{}”", one.name) };
        view! { <li>{t!("Line {line}, {name}: {reason}", line = one.line, name = called, reason = sentence(&one.sentence))}</li> }
    };
    view! {
        <div class="problem warning" role="status" data-state="left-out">
            <Icon name="alert"/>
            <strong>{said}</strong>
            <ul>{imported.left_out.into_iter().take(SHOWN).map(row).collect_view()}</ul>
            {(all > SHOWN).then(|| view! { <p>{t!("… and {all} more.", all = all - SHOWN)}</p> })}
        </div>
        <div class="actions"><a class="button primary" data-action="open-imported" href=format!("/journeys/{}", imported.id)>{t!("Open the journey")}</a></div>
    }
}

async fn import(file: &web_sys::File) -> Answer<JourneyImported> {
    let full = file.name();
    let name = full.rsplit_once('.').map_or(full.as_str(), |(name, _)| name).to_owned();
    let text = JsFuture::from(file.text()).await.map_err(|_| unread(&full))?;
    let text = JsValue::as_string(&text).ok_or_else(|| unread(&full))?;
    api::post("/journeys/import", &ImportJourney { format: ReadAs::named(&full), name, text }).await
}

/// The browser does not hand the file over.
fn unread(name: &str) -> Problem {
    let title = t!("{name} cannot be read", name);
    api::problem(0, &title, t!("Choose it again; it may have been moved or changed meanwhile."))
}
