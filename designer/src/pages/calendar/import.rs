//! Taking holidays from an iCalendar file.

use super::{Form, Held, find};
use crate::{
    api::{self, Answer},
    messages::{plural, t},
    parts::{Icon, ProblemView, Toasts},
    words::sentence,
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use wire::{HolidaysImported, Problem, RefusedHoliday};

/// A file, and what it gave. Dates that are there already stay as they are.
#[component]
pub(super) fn ImportForm(
    path: StoredValue<String>,
    form: Form,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let input = NodeRef::<html::Input>::new();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let taken = RwSignal::new(None::<HolidaysImported>);
    let name = form.stored.with_value(|held| held.draft.name.clone());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let chosen = input.get_untracked().and_then(|input| input.files());
        let Some(file) = chosen.and_then(|files| files.get(0)) else { return };
        busy.set(true);
        problem.set(None);
        taken.set(None);
        let name = name.clone();
        leptos::task::spawn_local(async move {
            let to = format!("{}/import", path.get_value());
            match import(&to, &name, &file).await {
                Ok((found, now)) => {
                    toasts.say(&sum(&found));
                    form.take_holidays(now);
                    if found.refused.is_empty() {
                        open.try_set(false);
                    } else {
                        taken.try_set(Some(found));
                    }
                }
                Err(wrong) => drop(problem.try_set(Some(wrong))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="import-holidays">
            <p class="muted">{t!("Holidays of this year and the next four are taken from an .ics file, as calendar services give them.")}</p>
            <div class="field">
                <label for="field-ics">{t!("File")}</label>
                <input class="input" id="field-ics" type="file" required accept=".ics,text/calendar" node_ref=input/>
            </div>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            {move || taken.get().map(|found| view! { <LeftOut found/> })}
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Close")}</button>
                <button class="button primary" type="submit" data-action="confirm-import" disabled=move || busy.get()>{t!("Import")}</button>
            </div>
        </form>
    }
}

/// Imports, and reads what the calendar has come to.
async fn import(path: &str, name: &str, file: &web_sys::File) -> Answer<(HolidaysImported, Held)> {
    let found = api::upload::<HolidaysImported>(path, "text/calendar", file).await?;
    Ok((found, find(name).await?))
}

/// How many holidays came, and which events gave none, with the reason of each.
#[component]
fn LeftOut(found: HolidaysImported) -> impl IntoView {
    let said = sum(&found);
    let row = |one: RefusedHoliday| {
        let name = if one.name.is_empty() { t!("An event").to_owned() } else { one.name };
        view! { <li>{t!("Line {line}, {name}: {reason}", line = one.line, name, reason = sentence(&one.reason))}</li> }
    };
    view! {
        <div class="problem warning" role="status" data-state="left-out">
            <Icon name="alert"/>
            <strong>{said}" "{t!("These gave no holiday:")}</strong>
            <ul>{found.refused.into_iter().map(row).collect_view()}</ul>
        </div>
    }
}

fn sum(found: &HolidaysImported) -> String {
    plural!(found.added, "{count} holiday is added.", "{count} holidays are added.")
}
