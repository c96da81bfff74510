//! What an instance waits for, and how a person moves an incident on.

use super::{acts, ago, now};
use crate::{
    api,
    load::Loaded,
    parts::{Icon, ProblemView, Toasts},
    words::{due::due, sentence, spoken},
};
use journey::Draft;
use leptos::prelude::*;
use serde_json::{Value, json};
use wire::{InstanceDetail, Problem, Skip, WaitView};

/// One entry per wait; an incident with its ways out.
#[component]
pub(super) fn Waits(
    held: InstanceDetail,
    instance: Loaded<InstanceDetail>,
    draft: Loaded<Draft>,
) -> impl IntoView {
    let id = StoredValue::new(held.summary.id.clone());
    let empty = held.waits.is_empty();
    let waits = held
        .waits
        .into_iter()
        .map(|wait| view! { <WaitRow wait id instance draft/> })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="instance-waits">
            <header><h2 id="instance-waits">"Where it stands"</h2></header>
            {if empty {
                view! { <p class="body muted">"It waits for nothing."</p> }.into_any()
            } else {
                view! { <ul class="rows">{waits}</ul> }.into_any()
            }}
        </section>
    }
}

#[component]
fn WaitRow(
    wait: WaitView,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Loaded<Draft>,
) -> impl IntoView {
    let node = wait.node.clone();
    let name = move || {
        let name = draft.ready().and_then(|draft| draft.node(&node).map(|node| node.name.clone()));
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| spoken(&node))
    };
    let (tone, icon, word) = kind(&wait.kind);
    let until = wait.due.as_deref().map_or_else(
        || format!("Since {}", ago(&wait.since, now())),
        |at| due(at, "ok", now()).text,
    );
    let incident = wait.kind == "incident";
    let node = wait.node.clone();
    view! {
        <li class="row wait" data-row=wait.node data-wait=wait.kind>
            <div class="wait-head">
                <span class="grow"><strong>{name}</strong><span class="sub">{until}</span></span>
                <span class=format!("chip {tone}")><Icon name=icon/>{word}</span>
            </div>
            {wait.message.map(|message| view! { <p class="failure" data-field="failure">{sentence(&message)}</p> })}
            {wait.task.map(|task| view! { <a class="button" href=format!("/tasks/{task}") data-action="open-task">"Open the task"</a> })}
            {(incident && acts()).then(|| view! { <Ways node id instance draft/> })}
        </li>
    }
}

fn kind(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        "task" => ("accent", "inbox", "A person"),
        "timer" => ("", "clock", "A time"),
        "call" => ("accent", "connectors", "A connector"),
        "join" => ("", "journeys", "Other ways"),
        "incident" => ("danger", "alert", "Incident"),
        _ => ("", "clock", "Waits"),
    }
}

/// Retry, or skip by one of the node's ports.
#[component]
fn Ways(
    node: String,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Loaded<Draft>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let send = move |verb: &'static str, body: Value, done: &'static str| {
        problem.set(None);
        leptos::task::spawn_local(async move {
            match api::order(&format!("/instances/{}/{verb}", id.get_value()), &body).await {
                Ok(()) => {
                    toasts.say(done);
                    instance.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    let node = StoredValue::new(node);
    let skips = move || {
        ports(draft.ready().as_ref(), &node.get_value()).into_iter().map(|port| {
        let label = if port == "out" { "Skip".to_owned() } else { format!("Skip by {}", spoken(&port)) };
        let outcome = port.clone();
        view! {
            <button class="button" type="button" data-action="skip" data-outcome=port
                on:click=move |_| send("skip", json!(Skip { node: node.get_value(), outcome: outcome.clone() }), "Skipped. The journey goes on.")
            >{label}</button>
        }
    }).collect_view()
    };
    view! {
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        <span class="actions">
            <button class="button primary" type="button" data-action="retry" on:click=move |_| send("retry", json!({}), "It is tried again.")>"Try again"</button>
            {skips}
        </span>
    }
}

/// The ports the drawing leaves a node by; `out` when it has none.
fn ports(draft: Option<&Draft>, node: &str) -> Vec<String> {
    let edges = draft.into_iter().flat_map(|draft| &draft.edges).filter(|edge| edge.from == node);
    let mut ports: Vec<String> = edges.map(|edge| edge.port().to_owned()).collect();
    ports.sort_unstable();
    ports.dedup();
    if ports.is_empty() {
        ports.push("out".to_owned());
    }
    ports
}
