//! The servers that share the workspace, and how one is taken out before it is stopped.

use super::moment;
use crate::{
    api,
    load::{Loaded, read},
    messages::{plural, t},
    parts::{Dialog, Icon, PageHead, ProblemView, Toasts},
};
use leptos::prelude::*;
use std::time::Duration;
use wire::{Node, Problem};

/// How soon one that is being taken out is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

/// Servers that take part, then those that ended last.
#[component]
pub(crate) fn ServersPage() -> impl IntoView {
    let nodes = read::<Vec<Node>>(|| "/nodes".to_owned());
    let again = move |_| nodes.again();
    nodes.follow(AGAIN, |held| held.iter().any(is_emptying));
    let rows = move |held: Vec<Node>| {
        let row = move |node: Node| view! { <ServerRow node nodes/> };
        view! { <ul class="rows">{held.into_iter().map(row).collect_view()}</ul> }
    };
    view! {
        <div class="page" data-page="servers">
            <PageHead title=t!("Servers").to_owned() text=t!("They share this workspace: any of them answers, and the others take over from one that is lost.")>
                <button class="button" type="button" data-action="look-again" disabled=move || nodes.busy() on:click=again>{t!("Look again")}</button>
            </PageHead>
            <section class="card" aria-label=t!("Servers")>{nodes.show(rows)}</section>
        </div>
    }
}

#[component]
fn ServerRow(node: Node, nodes: Loaded<Vec<Node>>) -> impl IntoView {
    let (tone, state) = state(&node.state);
    let asking = RwSignal::new(false);
    let path = StoredValue::new(format!("/nodes/{}/drain", node.id));
    let serves = node.state == "serving";
    let (stood, holds, id) = (stood(&node), holds(&node), node.id.clone());
    view! {
        <li class="row told" data-row=id data-state=node.state>
            <span class="grow">
                <strong>{node.name}</strong>
                <span class="sub"><code>{node.id}</code>" · "{t!("version {version}", version = node.version)}" · "{stood}</span>
                {holds.map(|holds| view! { <span class="sub">{holds}</span> })}
            </span>
            <span class="marks"><span class=format!("chip {tone}")>{state}</span></span>
            {serves.then(|| view! {
                <button class="button quiet" type="button" data-action="drain" on:click=move |_| asking.set(true)><Icon name="exit"/>{t!("Take out")}</button>
            })}
            <Dialog open=asking title=t!("Take this server out?") name="drain"><Drain path open=asking nodes/></Dialog>
        </li>
    }
}

#[component]
fn Drain(
    path: StoredValue<String>,
    open: RwSignal<bool>,
    nodes: Loaded<Vec<Node>>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let drain = move |_| {
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::order(&path.get_value(), &()).await {
                Ok(()) => {
                    toasts.say(t!("The server takes up nothing new."));
                    open.try_set(false);
                    nodes.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <p class="muted">{t!("It finishes what it has in hand and takes up nothing new, so that it can be stopped. It takes part again when it is started again. While no other server takes part, nothing goes on.")}</p>
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        <div class="actions">
            <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Keep it")}</button>
            <button class="button primary" type="button" data-action="confirm-drain" disabled=move || busy.get() on:click=drain>{t!("Take it out")}</button>
        </div>
    }
}

/// Tone and words of how a server stands.
fn state(state: &str) -> (&'static str, &'static str) {
    match state {
        "serving" => ("good", t!("Takes part")),
        "draining" => ("warning", t!("Takes up nothing new")),
        "left" => ("", t!("Stopped")),
        _ => ("danger", t!("Lost: it was not heard of in time")),
    }
}

/// Since when it takes part, or until when it did.
fn stood(node: &Node) -> String {
    let since = moment(&node.joined_at);
    if let Some(ended) = &node.ended_at {
        return t!("from {since} to {ended}", since, ended = moment(ended));
    }
    let lapses_at = moment(&node.lapses_at);
    t!("since {since}, counts as lost at {lapses_at} unless heard of before", since, lapses_at)
}

/// Whether it is being taken out and still has something, which is over soon.
fn is_emptying(node: &Node) -> bool {
    node.state == "draining" && node.ended_at.is_none() && (node.work > 0 || node.slots > 0)
}

/// What it has in hand; `None` when it is gone.
fn holds(node: &Node) -> Option<String> {
    let work = plural!(node.work, "{count} piece of work", "{count} pieces of work");
    let share = node.slots * 100 / 1_024;
    node.ended_at
        .is_none()
        .then(|| t!("Has {work} in hand, looks after {share}% of the accounts", work, share))
}
