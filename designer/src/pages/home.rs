//! Home: what waits for me, what runs, what needs help.

use super::{
    people::People,
    rows::{InstanceRows, TaskRows},
};
use crate::{
    app::SignedIn,
    live::live,
    load::{Loaded, read},
    messages::t,
    parts::{Empty, Icon, PageHead},
};
use leptos::prelude::*;
use wire::{InstanceSummary, JourneySummary, Page, Review, Role, TaskView};

/// My open tasks, the journeys that run, the incidents.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let SignedIn(session) = expect_context();
    let live = live();
    let tasks = read::<Page<TaskView>>(move || {
        live.tasks.track();
        "/tasks?queue=mine&limit=100".to_owned()
    });
    let journeys = read::<Page<JourneySummary>>(move || {
        live.instances.track();
        "/journeys?limit=200".to_owned()
    });
    let incidents = read::<Page<InstanceSummary>>(move || {
        live.instances.track();
        "/instances?status=incident&limit=100".to_owned()
    });
    let decides = session.with_untracked(|session| session.role != Role::Member);
    let greeting = session.with_untracked(|session| {
        let first = session.name.split_whitespace().next().unwrap_or_default().to_owned();
        if first.is_empty() { t!("Home").to_owned() } else { t!("Hello, {first}", first) }
    });
    view! {
        <div class="page" data-page="home">
            <PageHead title=greeting text=t!("What waits for you, and how the journeys are doing.")/>
            <div class="tiles">
                <Tile href="/inbox" icon="inbox" label=t!("My open tasks") figure=move || figure(tasks)/>
                <Tile href="/instances?status=running" icon="instances" label=t!("Instances running") figure=move || {
                    journeys.ready().map_or_else(|| "–".to_owned(), |page| crate::words::grouped(page.items.iter().map(|journey| journey.running).sum()))
                }/>
                <Tile href="/instances?status=incident" icon="alert" label=t!("Incidents") figure=move || figure(incidents)/>
            </div>
            <div class="columns">
                <section class="card" aria-labelledby="home-tasks">
                    <header><h2 id="home-tasks">{t!("Up next")}</h2><a href="/inbox">{t!("Open inbox")}</a></header>
                    {tasks.show(next_tasks)}
                </section>
                <div class="stack">
                    {decides.then(|| view! { <Reviews/> })}
                    <section class="card" aria-labelledby="home-incidents">
                        <header><h2 id="home-incidents">{t!("Needs help")}</h2></header>
                        {incidents.show(first_incidents)}
                    </section>
                    <section class="card" aria-labelledby="home-journeys">
                        <header><h2 id="home-journeys">{t!("Journeys")}</h2><a href="/journeys">{t!("All journeys")}</a></header>
                        {journeys.show(busiest)}
                    </section>
                </div>
            </div>
        </div>
    }
}

/// Reviews that others asked for and that the person may decide on; nothing while there are none.
#[component]
fn Reviews() -> impl IntoView {
    let SignedIn(session) = expect_context();
    let people = expect_context::<People>();
    let live = live();
    let reviews = read::<Page<Review>>(move || {
        live.reviews.track();
        "/reviews?limit=50".to_owned()
    });
    let row = move |review: Review| {
        let by = review.asked_by;
        view! {
            <li data-row=review.id.clone()>
                <a class="row" href=format!("/journeys/{}/reviews/{}", review.journey, review.id)>
                    <span class="grow"><strong>{review.journey_name}</strong><span class="sub">{move || t!("Asked by {name}", name = people.name(&by))}</span></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    };
    move || {
        let mut waiting = reviews.ready()?.items;
        session.with(|session| {
            waiting.retain(|review| {
                review.asked_by != session.email && review.drawn_by.as_ref() != Some(&session.email)
            });
        });
        (!waiting.is_empty()).then(|| {
            view! {
                <section class="card" aria-labelledby="home-reviews">
                    <header><h2 id="home-reviews">{t!("Reviews that wait for you")}</h2></header>
                    <ul class="rows">{waiting.into_iter().map(row).collect_view()}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Tile(
    href: &'static str,
    icon: &'static str,
    label: &'static str,
    #[prop(into)] figure: Signal<String>,
) -> impl IntoView {
    view! {
        <a class="card tile" href=href data-tile=icon>
            <span class="label"><Icon name=icon/>{label}</span>
            <span class="figure">{figure}</span>
        </a>
    }
}

fn figure<T: Clone + PartialEq + Send + Sync + 'static>(page: Loaded<Page<T>>) -> String {
    page.ready().map_or_else(
        || "–".to_owned(),
        |page| format!("{}{}", page.items.len(), if page.next_cursor.is_some() { "+" } else { "" }),
    )
}

fn next_tasks(page: Page<TaskView>) -> AnyView {
    let mut tasks: Vec<TaskView> = page.items.into_iter().filter(super::inbox::is_open).collect();
    tasks.sort_by(|one, other| one.sla.due.cmp(&other.sla.due));
    tasks.truncate(8);
    if tasks.is_empty() {
        return view! { <Empty icon="check" title=t!("Nothing waits for you") text=t!("Tasks that are yours appear here. Your teams’ tasks are in the inbox.")/> }.into_any();
    }
    view! { <TaskRows tasks/> }.into_any()
}

fn first_incidents(page: Page<InstanceSummary>) -> AnyView {
    let mut instances = page.items;
    instances.truncate(5);
    if instances.is_empty() {
        return view! { <Empty icon="check" title=t!("No incidents") text=t!("Instances that only a person can move on appear here.")/> }.into_any();
    }
    view! { <InstanceRows instances/> }.into_any()
}

fn busiest(page: Page<JourneySummary>) -> AnyView {
    let mut journeys = page.items;
    journeys.sort_by_key(|journey| std::cmp::Reverse(journey.running));
    journeys.truncate(5);
    if journeys.is_empty() {
        return view! {
            <Empty icon="journeys" title=t!("No journeys yet") text=t!("Draw the first one: a trigger, a task, an end.")>
                <a class="button" href="/journeys">{t!("Go to Journeys")}</a>
            </Empty>
        }
        .into_any();
    }
    let row = |journey: JourneySummary| {
        view! {
            <li data-row=journey.id.clone()>
                <a class="row" href=format!("/journeys/{}", journey.id)>
                    <span class="grow"><strong>{journey.name}</strong></span>
                    <span class="muted small number">{t!("{number} running", number = crate::words::grouped(journey.running))}</span>
                </a>
            </li>
        }
    };
    view! { <ul class="rows">{journeys.into_iter().map(row).collect_view()}</ul> }.into_any()
}
