//! The inbox: tasks that are mine, and those my teams may claim.

use super::rows::TaskRows;
use crate::{
    api,
    live::live,
    load::load_of,
    messages::{Text, t, text},
    parts::{Empty, PageHead},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{Page, TaskView};

/// How many more tasks are shown at a time.
const STEP: usize = 50;

const QUEUES: [(&str, Text); 2] = [("mine", text!("Mine")), ("team", text!("My teams"))];

/// One queue at a time, what breaches first on top.
#[component]
pub(crate) fn InboxPage() -> impl IntoView {
    let query = use_query_map();
    let queue = Memo::new(move |_| {
        query
            .read()
            .get("queue")
            .filter(|queue| queue == "team")
            .unwrap_or_else(|| "mine".to_owned())
    });
    let (live, wanted) = (live(), RwSignal::new(STEP));
    let tasks = load_of(move || {
        live.tasks.track();
        let (queue, wanted) = (queue.get(), wanted.get());
        (queue.clone(), async move { first(&queue, wanted).await })
    });
    Effect::new(move |before: Option<String>| {
        let queue = queue.get();
        if before.is_some_and(|before| before != queue) {
            wanted.set(STEP);
        }
        queue
    });
    let navigate = StoredValue::new_local(use_navigate());
    let tab = move |(name, label): (&'static str, Text)| {
        view! {
            <button
                class="tab" type="button" data-action=format!("queue-{name}")
                aria-pressed=move || (queue.get() == name).to_string()
                on:click=move |_| navigate.with_value(|go| go(&format!("/inbox?queue={name}"), NavigateOptions::default()))
            >{label.said()}</button>
        }
    };
    view! {
        <div class="page narrow" data-page="inbox">
            <PageHead title=t!("Inbox").to_owned() text=t!("Sorted by what is due first.")/>
            <div class="tabs" role="group" aria-label=t!("Queue")>{QUEUES.map(tab).collect_view()}</div>
            <section class="card" aria-label=t!("Tasks") aria-busy=move || tasks.busy().to_string()>
                {tasks.show(move |page| queue_rows(page, &queue.get_untracked()))}
            </section>
            {move || tasks.ready().filter(|page| page.next_cursor.is_some()).map(|_| view! {
                <div class="show-more">
                    <button class="button" type="button" data-action="more-tasks" disabled=move || tasks.busy() on:click=move |_| wanted.update(|wanted| *wanted += STEP)>
                        {move || if tasks.busy() { t!("Loading…") } else { t!("Show more tasks") }}
                    </button>
                </div>
            })}
        </div>
    }
}

/// Whether anybody still has to do it.
pub(crate) fn is_open(task: &TaskView) -> bool {
    task.status == "offered" || task.status == "claimed"
}

/// The first `wanted` open tasks of a queue, in the server's order: what is due first on top.
async fn first(queue: &str, wanted: usize) -> api::Answer<Page<TaskView>> {
    let mut held = Page { items: Vec::new(), next_cursor: None };
    loop {
        let mut path = format!("/tasks?queue={queue}&limit={STEP}");
        if let Some(cursor) = &held.next_cursor {
            path.push_str(&format!("&cursor={}", api::encoded(cursor)));
        }
        let page: Page<TaskView> = api::get(&path).await?;
        held.items.extend(page.items);
        held.next_cursor = page.next_cursor;
        if held.next_cursor.is_none() || held.items.len() >= wanted {
            return Ok(held);
        }
    }
}

fn queue_rows(page: Page<TaskView>, queue: &str) -> AnyView {
    if !page.items.is_empty() {
        return view! { <TaskRows tasks=page.items/> }.into_any();
    }
    let (title, text) = if queue == "team" {
        (
            t!("Your teams are all caught up"),
            t!("Tasks that any member of your teams may claim appear here."),
        )
    } else {
        (t!("Nothing waits for you"), t!("Claim a task from your teams, and it appears here."))
    };
    let mine = queue != "team";
    view! {
        <Empty icon="check" title text>
            {mine.then(|| view! { <a class="button" href="/inbox?queue=team">{t!("See my teams’ tasks")}</a> })}
        </Empty>
    }
    .into_any()
}
