//! What journeys told the signed-in person and their teams, newest first; looking at it is having seen it.

use super::{moment, now, people::People};
use crate::{
    api,
    app::SignedIn,
    live::live,
    load::{Loaded, load, read},
    messages::t,
    parts::{Empty, Icon, PageHead},
    words::due::ago,
};
use leptos::prelude::*;
use std::collections::BTreeSet;
use wire::{Notice, Notices, SeeNotices};

/// How many more are shown at a time.
const STEP: usize = 50;
/// The server counts no further than to one more.
const COUNTED: u64 = 99;

/// How much the person was told and has not seen, for the navigation.
#[derive(Clone, Copy)]
pub(crate) struct Unseen(Loaded<Notices>);

impl Unseen {
    /// For every page of the shell.
    pub(crate) fn provide() {
        let live = live();
        provide_context(Self(read(move || {
            live.notices.track();
            "/notices?limit=1".to_owned()
        })));
    }

    /// The number as the navigation shows it; `None` when everything was seen.
    pub(crate) fn words(self) -> Option<String> {
        let unseen = self.0.ready().map_or(0, |notices| notices.unseen);
        match unseen {
            0 => None,
            1..=COUNTED => Some(unseen.to_string()),
            _ => Some(format!("{COUNTED}+")),
        }
    }
}

/// Everything the person was told.
#[component]
pub(crate) fn NoticesPage() -> impl IntoView {
    let (live, unseen, wanted) = (live(), expect_context::<Unseen>(), RwSignal::new(STEP));
    let notices = load(move || {
        live.notices.track();
        live.tasks.track();
        first(wanted.get())
    });
    // What was new when the page was opened stays marked while it is looked at.
    let fresh = StoredValue::new(BTreeSet::<String>::new());
    Effect::new(move |_| {
        let Some(held) = notices.ready() else { return };
        if let Some(newest) = held.items.iter().find(|notice| notice.unseen) {
            see(newest.at.clone(), unseen);
        }
    });
    let rows = move |held: Notices| {
        let new = held.items.iter().filter(|notice| notice.unseen);
        fresh.update_value(|fresh| fresh.extend(new.map(|notice| notice.id.clone())));
        view! { <NoticeRows notices=held.items fresh=fresh.get_value()/> }
    };
    view! {
        <div class="page narrow" data-page="notices">
            <PageHead title=t!("Notices").to_owned() text=t!("What journeys told you and your teams, the newest first.")/>
            <section class="card" aria-label=t!("Notices") aria-busy=move || notices.busy().to_string()>
                {notices.show(rows)}
            </section>
            {move || notices.ready().filter(|held| held.next_cursor.is_some()).map(|_| view! {
                <div class="show-more">
                    <button class="button" type="button" data-action="more-notices" disabled=move || notices.busy() on:click=move |_| wanted.update(|wanted| *wanted += STEP)>
                        {move || if notices.busy() { t!("Loading…") } else { t!("Show more notices") }}
                    </button>
                </div>
            })}
        </div>
    }
}

/// Says that everything up to `until` was looked at. When that cannot be said, it stays unseen until the page is opened again.
fn see(until: String, unseen: Unseen) {
    leptos::task::spawn_local(async move {
        if api::order("/notices/seen", &SeeNotices { until }).await.is_ok() {
            unseen.0.again();
        }
    });
}

/// The first `wanted` of them.
async fn first(wanted: usize) -> api::Answer<Notices> {
    let mut held = api::get::<Notices>(&format!("/notices?limit={STEP}")).await?;
    while let Some(cursor) = held.next_cursor.clone().filter(|_| held.items.len() < wanted) {
        let path = format!("/notices?limit={STEP}&cursor={}", api::encoded(&cursor));
        let page = api::get::<Notices>(&path).await?;
        held.items.extend(page.items);
        held.next_cursor = page.next_cursor;
    }
    Ok(held)
}

#[component]
fn NoticeRows(notices: Vec<Notice>, fresh: BTreeSet<String>) -> impl IntoView {
    if notices.is_empty() {
        let text =
            t!("When a journey reminds you or one of your teams of something, it appears here.");
        return view! { <Empty icon="notices" title=t!("You have not been told anything") text/> }
            .into_any();
    }
    let row = move |notice: Notice| {
        let is_new = fresh.contains(&notice.id);
        view! { <NoticeRow notice is_new/> }
    };
    view! { <ul class="rows">{notices.into_iter().map(row).collect_view()}</ul> }.into_any()
}

/// What was told, by which journey and to whom; a link to the task it is about, or else to what told it.
#[component]
fn NoticeRow(notice: Notice, is_new: bool) -> impl IntoView {
    let people = expect_context::<People>();
    let SignedIn(session) = expect_context();
    let href = match &notice.task {
        Some(task) => format!("/tasks/{}", task.id),
        None => format!("/instances/{}", notice.instance),
    };
    let account = notice.account.map(|account| format!("{} · ", account.name)).unwrap_or_default();
    let (person, team) = (notice.person, notice.team);
    let to_me = session.with_untracked(|session| person.as_ref() == Some(&session.email));
    let to = move || match (&person, &team) {
        (Some(_), _) if to_me => t!("To you").to_owned(),
        (_, Some(team)) => t!("To team {team}", team),
        (Some(person), None) => t!("To {person}", person = people.name(person)),
        (None, None) => String::new(),
    };
    let new =
        is_new.then(|| view! { <span class="chip accent" data-field="new">{t!("New")}</span> });
    let task = notice.task.map(|task| {
        let (tone, words) =
            if task.open { ("warning", t!("Still to do")) } else { ("good", t!("Task closed")) };
        view! { <span class=format!("chip {tone}")>{words}</span> }
    });
    let marks = (new.is_some() || task.is_some())
        .then(|| view! { <span class="side"><span class="marks">{new}{task}</span></span> });
    view! {
        <li data-row=notice.id data-new=is_new.to_string()>
            <a class="row" href=href>
                <span class="grow">
                    <strong class="told">{notice.about}</strong>
                    <span class="sub">{account}{notice.journey_name}</span>
                    <span class="sub">{to}" · "<time datetime=notice.at.clone() title=moment(&notice.at)>{ago(&notice.at, now())}</time></span>
                </span>
                {marks}
                <Icon name="next"/>
            </a>
        </li>
    }
}
