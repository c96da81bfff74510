//! What an instance waits for, and how a person moves an incident on.

use super::{
    acts, ago,
    below::{AddItem, Below},
    ending::EndHere,
    moment, now,
    past::Past,
};
use crate::{
    api,
    editor::ports::{Role, ports},
    load::{Loaded, load},
    messages::t,
    parts::{Dialog, Icon, ProblemView, Toasts},
    words::{due::due, sentence, spoken},
};
use journey::{Draft, draft::Edge};
use leptos::prelude::*;
use serde_json::{Value, json};
use wire::{InstanceDetail, InstanceState, Problem, Skip, WaitView};

/// One entry per wait, as it is now or was at the record looked at; an incident with its ways out.
#[component]
pub(super) fn Waits(
    held: InstanceDetail,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
    past: Past,
) -> impl IntoView {
    let id = StoredValue::new(held.summary.id);
    let now = StoredValue::new(held.waits);
    let then = load(move || {
        let at = past.sequence();
        async move {
            let Some(at) = at else { return Ok(None) };
            let path = format!("/instances/{}/state?at={at}", id.get_value());
            api::get::<InstanceState>(&path).await.map(Some)
        }
    });
    let rows = move || {
        let was = past.sequence().and_then(|_| then.ready().flatten()).map(|state| state.waits);
        let (waits, at) =
            was.map_or_else(|| (now.get_value(), At::Now), |waits| (waits, At::Record));
        if waits.is_empty() {
            return view! { <p class="body muted">{at.nothing()}</p> }.into_any();
        }
        let row = |wait| view! { <WaitRow wait at id instance draft/> };
        view! { <ul class="rows">{waits.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    let title = move || {
        if past.sequence().is_some() { t!("Where it stood") } else { t!("Where it stands") }
    };
    view! {
        <section class="card" aria-labelledby="instance-waits">
            <header><h2 id="instance-waits">{title}</h2></header>
            {rows}
        </section>
    }
}

/// When a wait is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// As it is, with what may be done about it.
    Now,
    /// As it was after a record.
    Record,
}

impl At {
    fn nothing(self) -> &'static str {
        match self {
            Self::Now => t!("It waits for nothing."),
            Self::Record => t!("It waited for nothing."),
        }
    }

    /// Since when, or until when.
    fn time(self, wait: &WaitView) -> String {
        match (self, wait.due.as_deref()) {
            // A message is held until its hours, or what failed until it is tried again.
            (Self::Now, Some(at)) if wait.kind == "call" => {
                t!("Goes out {when}", when = moment(at))
            }
            (Self::Now, Some(at)) => due(at, "ok", now()).text,
            (Self::Now, None) => t!("Since {ago}", ago = ago(&wait.since, now())),
            (Self::Record, Some(at)) => t!("Was due {when}", when = moment(at)),
            (Self::Record, None) => t!("Since {since}", since = moment(&wait.since)),
        }
    }
}

#[component]
fn WaitRow(
    wait: WaitView,
    at: At,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
) -> impl IntoView {
    let node = wait.node.clone();
    let name = move || {
        let name = draft.get().and_then(|draft| draft.node(&node).map(|node| node.name.clone()));
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| spoken(&node))
    };
    let (tone, icon, word) = kind(&wait.kind);
    let time = at.time(&wait);
    let may_act = at == At::Now && acts();
    let incident = wait.kind == "incident";
    let node = wait.node.clone();
    view! {
        <li class="row wait" data-row=wait.node data-wait=wait.kind.clone()>
            <div class="wait-head">
                <span class="grow"><strong>{name}</strong><span class="sub">{time}</span></span>
                <span class=format!("chip {tone}")><Icon name=icon/>{word}</span>
            </div>
            {wait.message.map(|message| view! { <p class="failure" data-field="failure">{sentence(&message)}</p> })}
            {wait.task.map(|task| view! { <a class="button" href=format!("/tasks/{task}") data-action="open-task">{t!("Open the task")}</a> })}
            <Below children=wait.children/>
            {(wait.kind == "children" && may_act).then(|| view! { <AddItem node=node.clone() id instance draft/> })}
            {(incident && may_act).then(|| view! { <Ways node=node.clone() id instance draft/><EndHere node id instance draft/> })}
        </li>
    }
}

fn kind(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        "task" => ("accent", "inbox", t!("A person")),
        "timer" => ("", "clock", t!("A time")),
        "call" => ("accent", "connectors", t!("A connector")),
        "join" => ("", "journeys", t!("Other ways")),
        "event" => ("", "clock", t!("An event")),
        "condition" => ("", "clock", t!("A condition")),
        "children" => ("accent", "journeys", t!("Other journeys")),
        "turn" => ("", "clock", t!("Its turn")),
        "undo" => ("accent", "connectors", t!("An undo")),
        "incident" => ("danger", "alert", t!("Incident")),
        _ => ("", "clock", t!("Waits")),
    }
}

/// Retry, or skip by one of the node's ports.
#[component]
fn Ways(
    node: String,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let (asking, skipped) = (RwSignal::new(false), RwSignal::new(None::<Way>));
    let send = Callback::new(move |(verb, body, done): (&'static str, Value, &'static str)| {
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
    });
    let node = StoredValue::new(node);
    let ask = move |way: Way| {
        skipped.set(Some(way));
        asking.set(true);
    };
    let skips = move || {
        let ways = draft.with(|draft| ways_on(draft.as_ref(), &node.get_value())).into_iter();
        let button = move |way: Way| {
            let label = if way.label.is_empty() {
                t!("Skip").to_owned()
            } else {
                t!("Skip: {label}", label = way.label)
            };
            let outcome = way.outcome.clone();
            view! { <button class="button" type="button" data-action="skip" data-outcome=outcome on:click=move |_| ask(way.clone())>{label}</button> }
        };
        ways.map(button).collect_view()
    };
    let skip = Callback::new(move |outcome: String| {
        let asked = json!(Skip { node: node.get_value(), outcome });
        send.run(("skip", asked, t!("Skipped. The journey goes on.")));
    });
    view! {
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        <span class="actions">
            <button class="button primary" type="button" data-action="retry" on:click=move |_| send.run(("retry", json!({}), t!("It is tried again.")))>{t!("Try again")}</button>
            {skips}
        </span>
        <SkipQuestion open=asking way=skipped skip/>
    }
}

/// Asks before a step is skipped: it cannot be taken back.
#[component]
fn SkipQuestion(
    open: RwSignal<bool>,
    way: RwSignal<Option<Way>>,
    skip: Callback<String>,
) -> impl IntoView {
    let go = move |_| {
        open.set(false);
        if let Some(way) = way.get_untracked() {
            skip.run(way.outcome);
        }
    };
    view! {
        <Dialog open title=t!("Skip this step?") name="skip">
            <p data-field="way">{move || way.get().map(|way| way.told())}</p>
            <p class="muted">{t!("What failed is not tried again, and what it should have done is not done. This cannot be taken back.")}</p>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Not now")}</button>
                <button class="button danger" type="button" data-action="confirm-skip" on:click=go>{t!("Skip it")}</button>
            </div>
        </Dialog>
    }
}

/// A way an incident's step can be left by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Way {
    /// As the engine names it.
    outcome: String,
    /// As it is written on the drawing; empty where there is only one.
    label: String,
    /// The name of the step it leads to.
    to: String,
}

impl Way {
    fn told(&self) -> String {
        match (self.label.as_str(), self.to.as_str()) {
            ("", "") => t!("The journey goes on.").to_owned(),
            (label, "") => t!("The journey goes on by “{label}”.", label),
            ("", to) => t!("The journey goes on, to “{to}”.", to),
            (label, to) => t!("The journey goes on by “{label}”, to “{to}”.", label, to),
        }
    }
}

/// The ways a node can be left by, with where each leads.
fn ways_on(draft: Option<&Draft>, node: &str) -> Vec<Way> {
    let Some((draft, node)) = draft.and_then(|draft| Some((draft, draft.node(node)?))) else {
        return Vec::new();
    };
    let edges = draft.edges.iter().filter(|edge| edge.from == node.id);
    let way = |outcome: String, label: String, leads: &dyn Fn(&&Edge) -> bool| {
        let edge = edges.clone().find(leads)?;
        let to = draft.node(&edge.to);
        let to = to.map(|node| node.name.trim().to_owned()).unwrap_or_default();
        Some(Way { outcome, label, to })
    };
    let ports = ports(draft, node).into_iter();
    ports
        .filter_map(|port| match port.role {
            Role::Condition { edge } => way(edge.clone(), port.label, &|other| other.id == edge),
            Role::NewWay => None,
            Role::Way | Role::Timer | Role::Failure | Role::Many | Role::Otherwise => {
                way(port.id.clone(), port.label, &|edge| edge.port() == port.id)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(kind: &Value, edges: &Value) -> Vec<Way> {
        let next = json!({ "id": "a", "kind": "task", "name": "Call" });
        let draft = json!({ "format": 1, "name": "x", "nodes": [kind, next], "edges": edges });
        let draft: Draft = serde_json::from_value(draft).unwrap();
        ways_on(Some(&draft), "n")
    }

    fn way(outcome: &str, label: &str, to: &str) -> Way {
        Way { outcome: outcome.to_owned(), label: label.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn a_decision_is_skipped_by_the_ways_it_has() {
        let edges = json!([
            { "id": "e1", "from": "n", "to": "a", "when": "vars.x > 1", "label": "High" },
            { "id": "e2", "from": "n", "to": "b", "port": "default" },
        ]);
        let found = ways(&json!({ "id": "n", "kind": "decision" }), &edges);
        assert_eq!(found, [way("e1", "High", "Call"), way("default", "Otherwise", "")]);
    }

    #[test]
    fn an_action_is_skipped_by_ways_that_lead_on_and_a_set_by_its_only_one() {
        let edge = json!([{ "id": "e1", "from": "n", "to": "a" }]);
        assert_eq!(
            ways(&json!({ "id": "n", "kind": "action" }), &edge),
            [way("out", "Done", "Call")]
        );
        assert_eq!(ways(&json!({ "id": "n", "kind": "set" }), &edge), [way("out", "", "Call")]);
    }

    #[test]
    fn a_way_is_told_with_where_it_leads() {
        assert_eq!(way("e1", "High", "Call").told(), "The journey goes on by “High”, to “Call”.");
        assert_eq!(way("out", "", "").told(), "The journey goes on.");
    }
}
