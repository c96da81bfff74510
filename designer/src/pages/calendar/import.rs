//! Taking holidays from an iCalendar file.

use super::Held;
use crate::{
    api,
    load::Loaded,
    parts::{ProblemView, Toasts},
    words::{count, sentence},
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use wire::{HolidaysImported, Problem, RefusedHoliday};

/// A file, and what it gave. Dates that are there already stay as they are.
#[component]
pub(super) fn ImportForm(
    path: StoredValue<String>,
    held: Loaded<Held>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let input = NodeRef::<html::Input>::new();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let refused = RwSignal::new(Vec::<RefusedHoliday>::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = input.get_untracked().and_then(|input| input.files());
        let Some(file) = chosen.and_then(|files| files.get(0)) else { return };
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let to = format!("{}/import", path.get_value());
            match api::upload::<HolidaysImported>(&to, "text/calendar", &file).await {
                Ok(taken) => {
                    toasts.say(&format!(
                        "{} added.",
                        count(taken.added, "holiday is", "holidays are")
                    ));
                    if taken.refused.is_empty() {
                        open.try_set(false);
                    }
                    refused.try_set(taken.refused);
                    held.again();
                }
                Err(wrong) => drop(problem.try_set(Some(wrong))),
            }
            busy.try_set(false);
        });
    };
    let left_out = move || {
        let rows = refused.get().into_iter().map(|one| {
            let name = if one.name.is_empty() { "An event".to_owned() } else { one.name };
            view! { <li>{format!("Line {}, {name}: ", one.line)}{sentence(&one.reason)}</li> }
        });
        rows.collect_view()
    };
    view! {
        <form on:submit=submit data-form="import-holidays">
            <p class="muted">"Holidays of this year and the next four are taken from an .ics file, as calendar services give them."</p>
            <div class="field">
                <label for="field-ics">"File"</label>
                <input class="input" id="field-ics" type="file" required accept=".ics,text/calendar" node_ref=input/>
            </div>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <Show when=move || !refused.with(Vec::is_empty)>
                <div class="problem warning" data-state="left-out">
                    <strong>"These gave no holiday"</strong>
                    <ul>{left_out}</ul>
                </div>
            </Show>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>"Close"</button>
                <button class="button primary" type="submit" data-action="confirm-import" disabled=move || busy.get()>"Import"</button>
            </div>
        </form>
    }
}
