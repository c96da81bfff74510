//! One calendar: its zone, its week, its holidays and its days with other hours.

mod import;
mod special;

use super::calendars::ZoneField;
use crate::{
    api::{self, Answer, Tagged},
    app::SignedIn,
    load::{Loaded, load},
    messages::t,
    parts::{Confirm, Dialog, Icon, PageHead, ProblemView, Toasts},
    words::hours::{DAYS, Written},
};
use import::ImportForm;
use journey::calendar::CalendarDraft;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use special::{Exceptions, Holidays};
use wire::{Page, Problem, Role};

/// The calendar that holds where durations name none; it is there without ever having been saved.
pub(super) const STANDARD: &str = "standard";

/// A calendar, and the tag of what is stored; `None` when nothing is.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    draft: CalendarDraft,
    etag: Option<String>,
}

/// The calendar in the address.
#[component]
pub(crate) fn CalendarPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.read().get("name").unwrap_or_default());
    let held = load(move || {
        let name = name.get();
        async move { find(&name).await }
    });
    view! {
        <div class="page" data-page="calendar">
            {held.show(move |calendar| view! { <Edited calendar held/> })}
        </div>
    }
}

async fn find(name: &str) -> Answer<Held> {
    let path = format!("/calendars/{}", api::encoded(name));
    match api::get_tagged::<CalendarDraft>(&path).await {
        Ok(Tagged { value, etag }) => Ok(Held { draft: value, etag: Some(etag) }),
        Err(problem) if problem.status == 404 && name == STANDARD => {
            let page: Page<CalendarDraft> = api::get("/calendars").await?;
            let standard = page.items.into_iter().find(|calendar| calendar.name == STANDARD);
            standard.map(|draft| Held { draft, etag: None }).ok_or(problem)
        }
        Err(problem) => Err(problem),
    }
}

#[component]
fn Edited(calendar: Held, held: Loaded<Held>) -> impl IntoView {
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let name = calendar.draft.name.clone();
    let path = StoredValue::new(format!("/calendars/{}", api::encoded(&name)));
    let stored = calendar.etag.is_some();
    let form = Form::of(calendar);
    let (importing, removing) = (RwSignal::new(false), RwSignal::new(false));
    let navigate = StoredValue::new_local(use_navigate());
    let gone = Callback::new(move |()| {
        navigate.try_with_value(|go| go("/calendars", NavigateOptions::default()));
    });
    view! {
        <PageHead title=name back=("/calendars", t!("Calendars"))>
            {(draws && stored).then(|| view! {
                <button class="button" type="button" data-action="import-holidays" on:click=move |_| importing.set(true)><Icon name="upload"/>{t!("Import holidays")}</button>
                <button class="button danger" type="button" data-action="delete-calendar" on:click=move |_| removing.set(true)><Icon name="trash"/>{t!("Delete")}</button>
            })}
        </PageHead>
        <fieldset class="plain" disabled=!draws><CalendarForm form held/></fieldset>
        <Dialog open=importing title=t!("Import holidays") name="import-holidays"><ImportForm path form open=importing/></Dialog>
        <Confirm
            open=removing title=t!("Delete this calendar?") name="delete-calendar" verb=t!("Delete")
            text=t!("It goes only if no team keeps it and nothing that runs or can start names it. What is due already stays due when it was.")
            path done=t!("The calendar is deleted.") then=gone
        />
    }
}

/// What is typed, and what was stored when it was read.
#[derive(Clone, Copy)]
struct Form {
    zone: RwSignal<String>,
    written: RwSignal<Written>,
    stored: StoredValue<Held>,
}

impl Form {
    fn of(held: Held) -> Self {
        Self {
            zone: RwSignal::new(held.draft.time_zone.clone()),
            written: RwSignal::new(Written::of(held.draft.clone())),
            stored: StoredValue::new(held),
        }
    }

    /// Takes holidays that are stored by now, beside what is typed and not saved.
    fn take_holidays(self, now: Held) {
        let before = self.stored.with_value(|held| held.draft.clone());
        self.written.update(|written| written.take_holidays(&before, &now.draft));
        let without =
            |draft: &CalendarDraft| CalendarDraft { holidays: Vec::new(), ..draft.clone() };
        // Over what somebody else changed meanwhile nothing is written unseen: saving says so.
        if without(&before) == without(&now.draft) {
            self.stored.set_value(now);
        }
    }
}

#[component]
fn CalendarForm(form: Form, held: Loaded<Held>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let Form { zone, written, stored } = form;
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        let mut draft = written.with_untracked(Written::draft);
        zone.get_untracked().trim().clone_into(&mut draft.time_zone);
        leptos::task::spawn_local(async move {
            match store(&draft, stored.with_value(|held| held.etag.clone())).await {
                Ok(()) => {
                    toasts.say(t!("The calendar is saved."));
                    held.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="stack" on:submit=submit data-form="calendar">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <section class="card" aria-labelledby="calendar-week">
                <header><h2 id="calendar-week">{t!("Week")}</h2></header>
                <div class="body stack">
                    <ZoneField value=zone/>
                    <div class="week">{(0..DAYS.len()).map(|day| view! { <DayField written day/> }).collect_view()}</div>
                    <p class="muted small">{t!("As 09:00–12:30, 13:30–17:00. A day without hours is closed.")}</p>
                </div>
            </section>
            <Holidays written/>
            <Exceptions written/>
            <div class="actions">
                <button class="button primary" type="submit" data-action="save-calendar" disabled=move || busy.get()>
                    {move || if busy.get() { t!("Saving…") } else { t!("Save") }}
                </button>
            </div>
        </form>
    }
}

async fn store(draft: &CalendarDraft, etag: Option<String>) -> Answer<()> {
    match etag {
        Some(etag) => {
            let path = format!("/calendars/{}", api::encoded(&draft.name));
            api::put_tagged(&path, draft, &etag).await.map(drop)
        }
        None => api::order("/calendars", draft).await,
    }
}

#[component]
fn DayField(written: RwSignal<Written>, day: usize) -> impl IntoView {
    let id = format!("field-{}", DAYS[day].0);
    let text = Memo::new(move |_| written.with(|written| written.week[day].clone()));
    view! {
        <label for=id.clone()>{DAYS[day].1.said()}</label>
        <input
            class="input"
            id=id
            placeholder=t!("closed")
            prop:value=move || text.get()
            on:input:target=move |event| {
                let typed = event.target().value();
                written.update(|written| written.week[day] = typed);
            }
        />
    }
}
