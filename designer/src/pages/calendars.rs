//! The business calendars that durations name.

use crate::{
    api,
    app::SignedIn,
    load::read,
    parts::{Dialog, Icon, PageHead, ProblemView},
    words::{
        count,
        hours::{self, Written},
    },
    zones,
};
use journey::calendar::CalendarDraft;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{Page, Problem, Role};

/// Every calendar with its zone and its hours.
#[component]
pub(crate) fn CalendarsPage() -> impl IntoView {
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let calendars = read::<Page<CalendarDraft>>(|| "/calendars".to_owned());
    let making = RwSignal::new(false);
    view! {
        <div class="page" data-page="calendars">
            <PageHead title="Calendars".to_owned() text="When teams work. Business time passes only while a calendar is open.">
                {draws.then(|| view! {
                    <button class="button primary" type="button" data-action="new-calendar" on:click=move |_| making.set(true)><Icon name="plus"/>"New calendar"</button>
                })}
            </PageHead>
            <section class="card" aria-label="Calendars">
                {calendars.show(|page| view! { <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul> })}
            </section>
            <Dialog open=making title="New calendar" name="new-calendar"><NewForm/></Dialog>
        </div>
    }
}

fn row(calendar: CalendarDraft) -> impl IntoView {
    let written = Written::of(calendar);
    let days = (written.holidays.len() + written.exceptions.len()) as u64;
    let standard = written.name == super::calendar::STANDARD;
    let (name, address) =
        (written.name.clone(), format!("/calendars/{}", api::encoded(&written.name)));
    view! {
        <li>
            <a class="row" href=address data-row=name>
                <span class="grow">
                    <strong>{written.name}</strong>
                    <span class="sub">{hours::say(&written.week)}" · "{written.time_zone}</span>
                </span>
                <span class="marks">
                    {standard.then(|| view! { <span class="chip">"Unless another is named"</span> })}
                    {(days > 0).then(|| view! { <span class="chip">{count(days, "special day", "special days")}</span> })}
                </span>
                <Icon name="next"/>
            </a>
        </li>
    }
}

#[component]
fn NewForm() -> impl IntoView {
    let name = RwSignal::new(String::new());
    let zone = RwSignal::new(zones::own());
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let navigate = StoredValue::new_local(use_navigate());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let made = Written::new(name.get_untracked(), zone.get_untracked()).draft();
            match api::post::<_, CalendarDraft>("/calendars", &made).await {
                Ok(made) => {
                    let address = format!("/calendars/{}", api::encoded(&made.name));
                    navigate.try_with_value(|go| go(&address, NavigateOptions::default()));
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="new-calendar">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-name">"Name"</label>
                <input class="input" id="field-name" required maxlength="120" autofocus placeholder="support-emea" bind:value=name/>
            </div>
            <ZoneField value=zone/>
            <div class="actions"><button class="button primary" type="submit" data-action="create-calendar" disabled=move || busy.get()>"Create"</button></div>
        </form>
    }
}

/// A time zone by name.
#[component]
pub(crate) fn ZoneField(value: RwSignal<String>) -> impl IntoView {
    let known = zones::all().into_iter().map(|zone| view! { <option value=zone></option> });
    view! {
        <div class="field">
            <label for="field-zone">"Time zone"</label>
            <input class="input" id="field-zone" list="known-zones" autocomplete="off" required placeholder="Europe/Berlin" bind:value=value/>
            <datalist id="known-zones">{known.collect_view()}</datalist>
        </div>
    }
}
