//! What the journey holds, and what the world would have been asked to do.

use crate::messages::t;
use crate::words::{rehearsal::whom, shown, spoken};
use journey::rehearsal::{Asked, Deed, Played};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::sync::Arc;

#[component]
pub(super) fn Held(played: Arc<Played>) -> impl IntoView {
    let Some(run) = played.runs.first() else { return ().into_any() };
    let instance = &run.instance;
    let nodes = instance.nodes().iter().filter_map(|(node, left)| {
        let left = serde_json::to_value(left).ok()?;
        Some((node.clone(), left))
    });
    let nodes: Map<String, Value> = nodes.collect();
    let input = instance.input().as_object().cloned().unwrap_or_default();
    let account = played.account.as_object().cloned().unwrap_or_default();
    let asked = played.asked.iter().rev().map(deed).collect_view();
    let none = played.asked.is_empty();
    view! {
        <section class="jc-held" aria-label=t!("What it holds")>
            <h2>{t!("What it holds")}</h2>
            <Members name="vars" title=t!("Variables") members=instance.vars().clone() open=true/>
            <Members name="nodes" title=t!("What steps left") members=nodes open=false/>
            <Members name="input" title=t!("Input") members=input open=false/>
            <Members name="account" title=t!("Account") members=account open=false/>
            <details class="jc-members">
                <summary>{t!("Would have done")}</summary>
                {if none { view! { <p class="jc-muted">{t!("Nothing yet.")}</p> }.into_any() } else { view! { <ul data-field="rehearsal-asked">{asked}</ul> }.into_any() }}
            </details>
        </section>
    }
    .into_any()
}

/// Values under their names.
#[component]
fn Members(
    name: &'static str,
    title: &'static str,
    members: Map<String, Value>,
    open: bool,
) -> impl IntoView {
    let empty = members.is_empty();
    let pairs = members.into_iter().map(|(name, value)| {
        let text = match &value {
            Value::Object(_) | Value::Array(_) => {
                serde_json::to_string_pretty(&value).unwrap_or_default()
            }
            _ => shown(&value),
        };
        view! { <dt>{name}</dt><dd>{text}</dd> }
    });
    let pairs = pairs.collect_view();
    view! {
        <details class="jc-members" data-field=format!("rehearsal-{name}") open=open>
            <summary>{title}</summary>
            {if empty { view! { <p class="jc-muted">{t!("Nothing yet.")}</p> }.into_any() } else { view! { <dl>{pairs}</dl> }.into_any() }}
        </details>
    }
}

fn deed(asked: &Asked) -> impl IntoView + use<> {
    let (what, more) = match &asked.deed {
        Deed::Call(call) => {
            let what = t!(
                "Call {operation} of {connection}",
                operation = spoken(&call.operation),
                connection = call.connection
            );
            (what, shown(&call.input))
        }
        Deed::Message(message) => (
            t!("Send “{subject}” to {to}", subject = message.subject, to = whom(&message.to)),
            String::new(),
        ),
        Deed::Task(offer) => (
            t!("Give “{title}” to {owner}", title = offer.title, owner = whom(&offer.owner)),
            String::new(),
        ),
        Deed::Write(fields) => {
            (t!("Write to the account").to_owned(), shown(&Value::Object(fields.clone())))
        }
        Deed::Notice { to, about } => (t!("Tell {to}", to = whom(to)), about.clone()),
        Deed::Journey { journey, input } => (t!("Start “{journey}”", journey), shown(input)),
    };
    view! { <li><span>{what}</span>{(!more.is_empty()).then(|| view! { <small>{more}</small> })}</li> }
}
