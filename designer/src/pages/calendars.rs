//! The business calendars that durations name, and which of them each team keeps.

mod teams;

use super::making::{Making, NameForm};
use crate::{
    api,
    app::SignedIn,
    load::read,
    messages::{plural, t},
    parts::{Dialog, Icon, PageHead},
    words::hours::{self, Written},
    zones,
};
use journey::calendar::CalendarDraft;
use leptos::prelude::*;
use teams::Teams;
use wire::{Page, Role};

/// Every calendar with its zone and its hours.
#[component]
pub(crate) fn CalendarsPage() -> impl IntoView {
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let calendars = read::<Page<CalendarDraft>>(|| "/calendars".to_owned());
    let making = RwSignal::new(false);
    view! {
        <div class="page" data-page="calendars">
            <PageHead title=t!("Calendars").to_owned() text=t!("When teams work. Business time passes only while a calendar is open.")>
                {draws.then(|| view! {
                    <button class="button primary" type="button" data-action="new-calendar" on:click=move |_| making.set(true)><Icon name="plus"/>{t!("New calendar")}</button>
                })}
            </PageHead>
            <section class="card" aria-label=t!("Calendars")>
                {calendars.show(|page| view! { <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul> })}
            </section>
            <Teams calendars/>
            <Dialog open=making title=t!("New calendar") name="new-calendar"><NewForm/></Dialog>
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
                    {standard.then(|| view! { <span class="chip">{t!("Unless another is named")}</span> })}
                    {(days > 0).then(|| view! { <span class="chip">{plural!(days, "{count} special day", "{count} special days")}</span> })}
                </span>
                <Icon name="next"/>
            </a>
        </li>
    }
}

#[component]
fn NewForm() -> impl IntoView {
    let (zone, making) = (RwSignal::new(zones::own()), Making::new());
    let make = Callback::new(move |name: String| {
        let asked = Written::new(name, zone.get_untracked()).draft();
        making.make(async move {
            let made: CalendarDraft = api::post("/calendars", &asked).await?;
            Ok(format!("/calendars/{}", api::encoded(&made.name)))
        });
    });
    view! { <NameForm kind="calendar" example=t!("support-emea") making on_name=make><ZoneField value=zone/></NameForm> }
}

/// A time zone by name.
#[component]
pub(crate) fn ZoneField(value: RwSignal<String>) -> impl IntoView {
    let known = zones::all().into_iter().map(|zone| view! { <option value=zone></option> });
    view! {
        <div class="field">
            <label for="field-zone">{t!("Time zone")}</label>
            <input class="input" id="field-zone" list="known-zones" autocomplete="off" required placeholder=t!("Europe/Berlin") bind:value=value/>
            <datalist id="known-zones">{known.collect_view()}</datalist>
        </div>
    }
}
