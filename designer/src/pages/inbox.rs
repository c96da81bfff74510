//! The inbox: tasks that are mine, and those my teams may claim.

use super::rows::TaskRows;
use crate::{
    api,
    live::live,
    load::load,
    parts::{Empty, PageHead},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{Page, TaskView};

const QUEUES: [(&str, &str); 2] = [("mine", "Mine"), ("team", "My teams")];

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
    let live = live();
    let tasks = load(move || {
        live.tasks.track();
        let path = format!("/tasks?queue={}&limit=500", queue.get());
        async move { api::get::<Page<TaskView>>(&path).await }
    });
    let navigate = StoredValue::new_local(use_navigate());
    let tab = move |(name, label): (&'static str, &'static str)| {
        view! {
            <button
                class="tab" type="button" data-action=format!("queue-{name}")
                aria-pressed=move || (queue.get() == name).to_string()
                on:click=move |_| navigate.with_value(|go| go(&format!("/inbox?queue={name}"), NavigateOptions::default()))
            >{label}</button>
        }
    };
    view! {
        <div class="page narrow" data-page="inbox">
            <PageHead title="Inbox".to_owned() text="Sorted by what is due first."/>
            <div class="tabs" role="group" aria-label="Queue">{QUEUES.map(tab).collect_view()}</div>
            <section class="card" aria-label="Tasks">
                {tasks.show(move |page| queue_rows(page, &queue.get_untracked()))}
            </section>
        </div>
    }
}

/// Whether anybody still has to do it.
pub(crate) fn is_open(task: &TaskView) -> bool {
    task.status == "offered" || task.status == "claimed"
}

fn queue_rows(page: Page<TaskView>, queue: &str) -> AnyView {
    let mut tasks: Vec<TaskView> = page.items.into_iter().filter(is_open).collect();
    tasks.sort_by(|one, other| {
        one.sla.due.cmp(&other.sla.due).then(other.priority.cmp(&one.priority))
    });
    if !tasks.is_empty() {
        return view! { <TaskRows tasks/> }.into_any();
    }
    let (title, text) = if queue == "team" {
        (
            "Your teams are all caught up",
            "Tasks that any member of your teams may claim appear here.",
        )
    } else {
        ("Nothing waits for you", "Claim a task from your teams, and it appears here.")
    };
    let mine = queue != "team";
    view! {
        <Empty icon="check" title text>
            {mine.then(|| view! { <a class="button" href="/inbox?queue=team">"See my teams’ tasks"</a> })}
        </Empty>
    }
    .into_any()
}
