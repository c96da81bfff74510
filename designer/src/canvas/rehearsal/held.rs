//! What the journey holds, and what the world would have been asked to do.

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
        <section class="jc-held" aria-label="What it holds">
            <h2>"What it holds"</h2>
            <Members name="vars" title="Variables" members=instance.vars().clone() open=true/>
            <Members name="nodes" title="What steps left" members=nodes open=false/>
            <Members name="input" title="Input" members=input open=false/>
            <Members name="account" title="Account" members=account open=false/>
            <details class="jc-members">
                <summary>"Would have done"</summary>
                {if none { view! { <p class="jc-muted">"Nothing yet."</p> }.into_any() } else { view! { <ul data-field="rehearsal-asked">{asked}</ul> }.into_any() }}
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
            {if empty { view! { <p class="jc-muted">"Nothing yet."</p> }.into_any() } else { view! { <dl>{pairs}</dl> }.into_any() }}
        </details>
    }
}

fn deed(asked: &Asked) -> impl IntoView + use<> {
    let (what, more) = match &asked.deed {
        Deed::Call(call) => {
            let what = format!("Call {} of {}", spoken(&call.operation), call.connection);
            (what, shown(&call.input))
        }
        Deed::Message(message) => {
            (format!("Send “{}” to {}", message.subject, whom(&message.to)), String::new())
        }
        Deed::Task(offer) => {
            (format!("Give “{}” to {}", offer.title, whom(&offer.owner)), String::new())
        }
        Deed::Write(fields) => {
            ("Write to the account".to_owned(), shown(&Value::Object(fields.clone())))
        }
        Deed::Notice { to, about } => (format!("Tell {}", whom(to)), about.clone()),
        Deed::Journey { journey, input } => (format!("Start “{journey}”"), shown(input)),
    };
    view! { <li><span>{what}</span>{(!more.is_empty()).then(|| view! { <small>{more}</small> })}</li> }
}
