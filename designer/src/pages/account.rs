//! One account: what is known, what runs, what is open.

use super::{
    accounts::SegmentChip,
    id_in_path, moment,
    people::People,
    rows::{InstanceRows, TaskRows},
    start::StartFor,
};
use crate::{
    api,
    app::SignedIn,
    live::live,
    load::{load, read},
    messages::t,
    parts::{Dialog, Empty, Icon, PageHead},
    words::{shown, spoken, whole},
};
use leptos::prelude::*;
use wire::{Account, AccountRef, InstanceSummary, JourneySummary, Page, Role, TaskView};

/// The account in the address.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let id = id_in_path();
    let live = live();
    let account = read::<Account>(move || {
        live.accounts.track();
        format!("/accounts/{}", id.get())
    });
    let instances = read::<Page<InstanceSummary>>(move || {
        live.instances.track();
        format!("/instances?account={}&limit=50", api::encoded(&id.get()))
    });
    let SignedIn(session) = expect_context();
    let member = session.with_untracked(|session| session.role == Role::Member);
    let tasks = load(move || {
        live.tasks.track();
        open_tasks(id.get(), if member { &["mine", "team"] } else { &["all"] })
    });
    let missing = move || account.value.with(|held| matches!(held, Some(Err(_))));
    view! {
        <div class="page" data-page="account">
            {account.show(move |held| view! { <Head held/> })}
            <div class="columns" hidden=missing>
                <div class="stack">
                    <section class="card" aria-labelledby="account-tasks">
                        <header><h2 id="account-tasks">{t!("Open tasks")}</h2></header>
                        {tasks.show(listed)}
                    </section>
                    <section class="card" aria-labelledby="account-instances">
                        <header><h2 id="account-instances">{t!("Journeys")}</h2></header>
                        {instances.show(lives)}
                    </section>
                </div>
                {move || account.ready().map(|account| view! { <Facts account/> })}
            </div>
        </div>
    }
}

#[component]
fn Head(held: Account) -> impl IntoView {
    let (starting, people) = (RwSignal::new(false), expect_context::<People>());
    let asking = RwSignal::new(false);
    let account = StoredValue::new(AccountRef {
        id: held.id,
        external_id: held.external_id.clone(),
        name: held.name.clone(),
    });
    view! {
        <PageHead title=held.name back=("/accounts", t!("Accounts"))>
            <button class="button" type="button" data-action="why" on:click=move |_| asking.set(true)>{t!("Why did it (not) start?")}</button>
            <button class="button primary" type="button" data-action="start-for-account" on:click=move |_| starting.set(true)><Icon name="play"/>{t!("Start a journey")}</button>
        </PageHead>
        <div class="facts">
            <span class="mono">{held.external_id}</span>
            {held.segment.map(|segment| view! { <SegmentChip segment/> })}
            {held.owner.map(|owner| view! { <span>{move || t!("Owned by {name}", name = people.name(&owner))}</span> })}
        </div>
        <Dialog open=starting title=t!("Start a journey") name="start"><StartFor account=account.get_value()/></Dialog>
        <Dialog open=asking title=t!("Why did a journey (not) start?") name="why"><WhyFor account=account.get_value().id/></Dialog>
    }
}

/// Chooses the journey that is asked about.
#[component]
fn WhyFor(account: String) -> impl IntoView {
    let journeys = read::<Page<JourneySummary>>(|| "/journeys?limit=500".to_owned());
    let account = StoredValue::new(api::encoded(&account));
    let choice = move |journey: JourneySummary| {
        let address = format!("/journeys/{}/why?account={}", journey.id, account.get_value());
        view! { <a class="choice" href=address data-row=journey.id>{journey.name}</a> }
    };
    journeys.show(move |page| {
        view! { <div class="choices">{page.items.into_iter().map(choice).collect_view()}</div> }
    })
}

#[component]
fn Facts(account: Account) -> impl IntoView {
    let people = expect_context::<People>();
    let owner = account.owner;
    let fields = account
        .fields
        .into_iter()
        .map(|(name, value)| view! { <dt>{spoken(&name)}</dt><dd>{shown(&value)}</dd> });
    let fields = fields.collect_view();
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    view! {
        <section class="card" aria-labelledby="account-fields">
            <header><h2 id="account-fields">{t!("What we know")}</h2></header>
            <dl class="body pairs">
                <dt>{t!("Owner")}</dt><dd>{move || or_dash(owner.as_deref().map(|owner| people.name(owner)))}</dd>
                <dt>{t!("Segment")}</dt><dd>{or_dash(account.segment.map(|segment| spoken(&segment)))}</dd>
                <dt>{t!("ARR")}</dt><dd class="number">{or_dash(account.arr.map(whole))}</dd>
                {fields}
                <dt>{t!("Updated")}</dt><dd>{moment(&account.updated_at)}</dd>
            </dl>
        </section>
    }
}

/// The account's open tasks in these queues, each once.
async fn open_tasks(account: String, queues: &'static [&str]) -> api::Answer<Vec<TaskView>> {
    let mut tasks: Vec<TaskView> = Vec::new();
    for queue in queues {
        let path = format!("/tasks?queue={queue}&account={}&limit=100", api::encoded(&account));
        let page: Page<TaskView> = api::get(&path).await?;
        let known = |task: &TaskView| tasks.iter().any(|known| known.id == task.id);
        let fresh: Vec<TaskView> = page.items.into_iter().filter(|task| !known(task)).collect();
        tasks.extend(fresh);
    }
    Ok(tasks)
}

fn listed(tasks: Vec<TaskView>) -> AnyView {
    if tasks.is_empty() {
        return view! { <Empty icon="check" title=t!("No open tasks") text=t!("What people have to do for this account appears here.")/> }.into_any();
    }
    view! { <TaskRows tasks/> }.into_any()
}

fn lives(page: Page<InstanceSummary>) -> AnyView {
    if page.items.is_empty() {
        return view! { <Empty icon="instances" title=t!("No journeys yet") text=t!("Start one for this account.")/> }.into_any();
    }
    view! { <InstanceRows instances=page.items/> }.into_any()
}
