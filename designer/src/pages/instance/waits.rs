//! What an instance waits for, and how a person moves an incident on.

use super::{
    acts, ago,
    below::{AddItem, Below},
    ending::EndHere,
    now,
};
use crate::{
    api,
    editor::ports::{Role, ports},
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
        <li class="row wait" data-row=wait.node data-wait=wait.kind.clone()>
            <div class="wait-head">
                <span class="grow"><strong>{name}</strong><span class="sub">{until}</span></span>
                <span class=format!("chip {tone}")><Icon name=icon/>{word}</span>
            </div>
            {wait.message.map(|message| view! { <p class="failure" data-field="failure">{sentence(&message)}</p> })}
            {wait.task.map(|task| view! { <a class="button" href=format!("/tasks/{task}") data-action="open-task">"Open the task"</a> })}
            <Below children=wait.children/>
            {(wait.kind == "children" && acts()).then(|| view! { <AddItem node=node.clone() id instance draft/> })}
            {(incident && acts()).then(|| view! { <Ways node=node.clone() id instance draft/><EndHere node id instance draft/> })}
        </li>
    }
}

fn kind(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        "task" => ("accent", "inbox", "A person"),
        "timer" => ("", "clock", "A time"),
        "call" => ("accent", "connectors", "A connector"),
        "join" => ("", "journeys", "Other ways"),
        "event" => ("", "clock", "An event"),
        "condition" => ("", "clock", "A condition"),
        "children" => ("accent", "journeys", "Other journeys"),
        "turn" => ("", "clock", "Its turn"),
        "undo" => ("accent", "connectors", "An undo"),
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
        ways_on(draft.ready().as_ref(), &node.get_value()).into_iter().map(|(outcome, label)| {
        let label = if label.is_empty() { "Skip".to_owned() } else { format!("Skip: {label}") };
        view! {
            <button class="button" type="button" data-action="skip" data-outcome=outcome.clone()
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

/// The outcomes a node can be left with, as the engine names them, and their labels on the drawing.
fn ways_on(draft: Option<&Draft>, node: &str) -> Vec<(String, String)> {
    let Some((draft, node)) = draft.and_then(|draft| Some((draft, draft.node(node)?))) else {
        return Vec::new();
    };
    let leads_on =
        |port: &str| draft.edges.iter().any(|edge| edge.from == node.id && edge.port() == port);
    let ports = ports(draft, node).into_iter();
    ports
        .filter_map(|port| match port.role {
            Role::Condition { edge } => Some((edge, port.label)),
            Role::NewWay => None,
            Role::Way | Role::Timer | Role::Failure | Role::Many | Role::Otherwise => {
                leads_on(&port.id).then_some((port.id, port.label))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(kind: &Value, edges: &Value) -> Vec<(String, String)> {
        let draft = json!({ "format": 1, "name": "x", "nodes": [kind], "edges": edges });
        let draft: Draft = serde_json::from_value(draft).unwrap();
        ways_on(Some(&draft), "n")
    }

    fn pair(outcome: &str, label: &str) -> (String, String) {
        (outcome.to_owned(), label.to_owned())
    }

    #[test]
    fn a_decision_is_skipped_by_the_ways_it_has() {
        let edges = json!([
            { "id": "e1", "from": "n", "to": "a", "when": "vars.x > 1", "label": "High" },
            { "id": "e2", "from": "n", "to": "b", "port": "default" },
        ]);
        let found = ways(&json!({ "id": "n", "kind": "decision" }), &edges);
        assert_eq!(found, [pair("e1", "High"), pair("default", "Otherwise")]);
    }

    #[test]
    fn an_action_is_skipped_by_ways_that_lead_on_and_a_set_by_its_only_one() {
        let edge = json!([{ "id": "e1", "from": "n", "to": "a" }]);
        assert_eq!(ways(&json!({ "id": "n", "kind": "action" }), &edge), [pair("out", "Done")]);
        assert_eq!(ways(&json!({ "id": "n", "kind": "set" }), &edge), [pair("out", "")]);
    }
}
