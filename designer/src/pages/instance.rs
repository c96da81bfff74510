//! One instance: where it stands, what happened, and what a person may do about it.

mod below;
mod ending;
mod past;
mod waits;

use super::{id_in_path, moment, now, people::People};
use crate::{
    api,
    app::SignedIn,
    canvas::JourneyView,
    editor::Path,
    live::live,
    load::{Loaded, load, read},
    messages::t,
    parts::{Dialog, Empty, Icon, PageHead, ReasonForm, StatusChip, Toasts},
    words::{
        due::ago,
        shown, spoken,
        timeline::{Line, timeline},
    },
};
use journey::{Draft, Status};
use leptos::prelude::*;
use past::{Past, PastSlider};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use waits::Waits;
use wire::{Cancel, InstanceDetail, Page, Problem, RecordView, Role, Version};

/// The instance in the address, live.
#[component]
pub(crate) fn InstancePage() -> impl IntoView {
    let id = id_in_path();
    let live = live();
    let instance = read::<InstanceDetail>(move || {
        live.instances.track();
        format!("/instances/{}", id.get())
    });
    let records = load(move || {
        live.instances.track();
        let id = id.get();
        async move { records(&id).await }
    });
    let version = Memo::new(move |_| {
        instance.ready().map(|instance| (instance.summary.journey, instance.summary.version))
    });
    let past = Past::of(records);
    let drawings = drawings(version, past);
    let names = Signal::derive(move || {
        let (_, number) = version.get()?;
        named(drawings.ready()?, number)
    });
    // What was moved since is drawn as the version it followed then.
    let then = Signal::derive(move || {
        let (_, number) = version.get()?;
        drawings.ready()?.remove(&past.version(number))
    });
    view! {
        <div class="page" data-page="instance">
            {instance.show(move |held| view! { <Head held instance/> })}
            <Drawing draft=then past/>
            <div class="columns">
                <section class="card" aria-labelledby="instance-timeline">
                    <header><h2 id="instance-timeline">{t!("What happened")}</h2></header>
                    <div class="body">{records.show(move |records| view! { <Timeline records names/> })}</div>
                </section>
                <div class="stack">{move || instance.ready().map(|held| view! { <Waits held=held.clone() instance draft=then past/><Variables held past/> })}</div>
            </div>
        </div>
    }
}

/// Every version the instance has followed, by its number.
fn drawings(version: Memo<Option<(String, u64)>>, past: Past) -> Loaded<BTreeMap<u64, Draft>> {
    let followed =
        Memo::new(move |_| version.get().map(|(journey, number)| (journey, past.followed(number))));
    load(move || {
        let followed = followed.get();
        async move {
            let Some((journey, numbers)) = followed else { return Ok(BTreeMap::new()) };
            let mut all = BTreeMap::new();
            for number in numbers {
                let path = format!("/journeys/{journey}/versions/{number}");
                let version: Version = api::get(&path).await?;
                all.insert(number, version.draft.unwrap_or_default());
            }
            Ok(all)
        }
    })
}

/// The version `now`, with what only others have: what happened at a step that is gone is told by the name it had.
fn named(mut drawings: BTreeMap<u64, Draft>, now: u64) -> Option<Draft> {
    let mut drawn = drawings.remove(&now)?;
    for node in drawings.into_values().rev().flat_map(|other| other.nodes) {
        if drawn.node(&node.id).is_none() {
            drawn.nodes.push(node);
        }
    }
    Some(drawn)
}

/// All records; a long life comes in pages.
async fn records(id: &str) -> api::Answer<Vec<RecordView>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Page<RecordView> =
            api::get(&format!("/instances/{id}/records?limit=500{cursor}")).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={}", api::encoded(&next)),
            None => return Ok(all),
        }
    }
}

#[component]
fn Head(held: InstanceDetail, instance: Loaded<InstanceDetail>) -> impl IntoView {
    let asking = RwSignal::new(false);
    let people = expect_context::<People>();
    let open = matches!(held.summary.status, Status::Running | Status::Incident);
    let account = held.summary.account.clone();
    let title = account
        .as_ref()
        .map_or_else(|| held.summary.journey_name.clone(), |account| account.name.clone());
    let id = StoredValue::new(held.summary.id.clone());
    view! {
        <PageHead title=title back=("/instances", t!("Instances"))>
            {(open && acts()).then(|| view! {
                <button class="button danger" type="button" data-action="cancel-instance" on:click=move |_| asking.set(true)>{t!("Cancel instance")}</button>
            })}
        </PageHead>
        <div class="facts" data-instance=held.summary.id data-state=crate::words::status_name(held.summary.status)>
            <StatusChip status=held.summary.status outcome=held.summary.outcome/>
            <a href=format!("/journeys/{}", held.summary.journey)>{t!("{journey} v{version}", journey = held.summary.journey_name, version = held.summary.version)}</a>
            {account.map(|account| view! { <a href=format!("/accounts/{}", account.id)>{t!("Account {id}", id = account.external_id)}</a> })}
            {held.summary.parent.map(|parent| view! { <a href=format!("/instances/{parent}") data-action="open-parent">{t!("Started by another instance")}</a> })}
            <span title=moment(&held.summary.started_at)>{t!("Started {ago}", ago = ago(&held.summary.started_at, now()))}</span>
        </div>
        {held.cancelling.map(|cancelling| view! {
            <p class="notice" role="status" data-state="cancelling"><Icon name="clock"/><span>
                {move || t!("{name} cancels it: {reason} What was done is being undone.", name = people.name(&cancelling.by), reason = cancelling.reason)}
            </span></p>
        })}
        <Dialog open=asking title=t!("Cancel this instance") name="cancel"><CancelForm id instance open=asking/></Dialog>
    }
}

/// Whether the signed-in person may move instances.
fn acts() -> bool {
    expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member)
}

#[component]
fn CancelForm(
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let cancel = Callback::new(move |reason| {
        leptos::task::spawn_local(async move {
            let body = json!(Cancel { reason });
            match api::order(&format!("/instances/{}/cancel", id.get_value()), &body).await {
                Ok(()) => {
                    toasts.say(t!("The instance is cancelled."));
                    open.try_set(false);
                    instance.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    });
    view! {
        <ReasonForm
            open name="cancel" verb=t!("Cancel instance") problem on_reason=cancel
            text=t!("Its tasks are withdrawn and it cannot go on. What was done is undone where its steps say how, and stays done elsewhere.")
        />
    }
}

#[component]
fn Drawing(draft: Signal<Option<Draft>>, past: Past) -> impl IntoView {
    let path = Signal::derive(move || {
        let records = past.shown();
        Path::from_facts(records.iter().map(|record| &record.fact))
    });
    let drawn = Signal::derive(move || draft.get().unwrap_or_default());
    let there = Memo::new(move |_| drawn.with(|draft| !draft.nodes.is_empty()));
    view! {
        <Show when=move || there.get()>
            <section class="card" aria-labelledby="instance-path">
                <header><h2 id="instance-path">{t!("The way it took")}</h2></header>
                <PastSlider past draft/>
                <div class="drawing"><JourneyView draft=drawn path/></div>
            </section>
        </Show>
    }
}

#[component]
fn Timeline(records: Vec<RecordView>, names: Signal<Option<Draft>>) -> impl IntoView {
    let line = |line: Line| {
        view! {
            <li data-row=line.sequence data-tone=line.tone>
                <span class="dot" aria-hidden="true"></span>
                <span class="what">{line.what}</span>
                <time datetime=line.at.clone() title=moment(&line.at)>{ago(&line.at, now())}</time>
                {(!line.more.is_empty()).then(|| view! { <span class="more">{line.more}" "{line.moment.map(|at| moment(&at))}</span> })}
            </li>
        }
    };

    let people = expect_context::<People>();
    move || {
        let drawn = names.get();
        let lines = timeline(&records, drawn.as_ref(), &|email| people.name(email));
        if lines.is_empty() {
            return view! { <Empty icon="clock" title=t!("Nothing yet") text=t!("What happens to this instance appears here by itself.")/> }.into_any();
        }
        view! { <ol class="timeline">{lines.into_iter().rev().map(line).collect_view()}</ol> }
            .into_any()
    }
}

#[component]
fn Variables(held: InstanceDetail, past: Past) -> impl IntoView {
    let input = held.input.as_object().cloned().unwrap_or_default();
    let now = StoredValue::new(held.variables);
    let variables = move || {
        let then = past.instance().map(|then| then.vars().clone());
        then.unwrap_or_else(|| now.get_value())
    };
    view! {
        <section class="card" aria-labelledby="instance-variables">
            <header><Icon name="flag"/><h2 id="instance-variables">{t!("What it holds")}</h2></header>
            <div class="body stack">
                <Pairs title=t!("Input") members=input/>
                {move || view! { <Pairs title=t!("Variables") members=variables()/> }}
            </div>
        </section>
    }
}

#[component]
fn Pairs(title: &'static str, members: Map<String, Value>) -> impl IntoView {
    let empty = members.is_empty();
    let pairs = members
        .into_iter()
        .map(|(name, value)| view! { <dt>{spoken(&name)}</dt><dd>{shown(&value)}</dd> });
    let pairs = pairs.collect_view();
    view! {
        <h3>{title}</h3>
        {if empty { view! { <p class="muted">{t!("None")}</p> }.into_any() } else { view! { <dl class="pairs">{pairs}</dl> }.into_any() }}
    }
}
