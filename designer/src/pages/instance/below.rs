//! What runs below an instance: a sub-journey, or the items of a for-each.

use crate::{
    api,
    load::Loaded,
    messages::t,
    parts::{ProblemView, Toasts},
    words::{sentence, spoken},
};
use journey::Draft;
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Value, json};
use wire::{ChildView, InstanceDetail, Problem};

/// At most this many instances below are listed.
const SHOWN: usize = 20;

/// The instances below, each as it stands.
#[component]
pub(super) fn Below(children: Vec<ChildView>) -> impl IntoView {
    let more = children.len().saturating_sub(SHOWN);
    let over = children.iter().filter(|child| is_over(child)).count();
    let count = t!("{over} of {children} done", over, children = children.len());
    let rows = children.iter().take(SHOWN).map(row).collect_view();
    (!children.is_empty()).then(|| {
        view! {
            <div class="below" data-field="below">
                <span class="sub">{count}</span>
                <ul>{rows}</ul>
                {(more > 0).then(|| view! { <span class="sub">{t!("and {more} more", more)}</span> })}
            </div>
        }
    })
}

fn row(child: &ChildView) -> impl IntoView + use<> {
    let number = child.index + 1;
    let state = child.outcome.as_deref().map_or_else(|| spoken(&child.state), spoken);
    let why = child.message.as_deref().map(sentence);
    let words = t!("Number {number}: {state}", number, state);
    let named = match child.instance.clone() {
        Some(instance) => {
            view! { <a href=format!("/instances/{instance}") data-action="open-child">{words}</a> }
                .into_any()
        }
        None => view! { <span>{words}</span> }.into_any(),
    };
    view! { <li data-state=child.state.clone()>{named}{why.map(|why| view! { <span class="sub">{why}</span> })}</li> }
}

fn is_over(child: &ChildView) -> bool {
    matches!(child.state.as_str(), "ended" | "cancelled" | "not_started")
}

/// Adds an item to a for-each that still waits.
#[component]
pub(super) fn AddItem(
    node: String,
    id: StoredValue<String>,
    instance: Loaded<InstanceDetail>,
    draft: Signal<Option<Draft>>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let item = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let node = StoredValue::new(node);
    let goes_through_a_list = move || {
        let kind = draft.get().and_then(|draft| Some(draft.node(&node.get_value())?.kind.clone()));
        kind.as_deref() == Some("for_each")
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        leptos::task::spawn_local(async move {
            let asked =
                wire::AddItem { node: node.get_value(), item: value(&item.get_untracked()) };
            match api::order(&format!("/instances/{}/items", id.get_value()), &json!(asked)).await {
                Ok(()) => {
                    toasts.say(t!("The item is added."));
                    item.try_set(String::new());
                    instance.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    view! {
        <Show when=goes_through_a_list>
            <form class="add-item" on:submit=submit data-form="add-item">
                {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
                <input class="input" aria-label=t!("Another item") placeholder=t!("Another item (text or JSON)") required bind:value=item/>
                <button class="button" type="submit" data-action="add-item">{t!("Add an item")}</button>
            </form>
        </Show>
    }
}

/// What was typed: JSON where it is that, otherwise the text.
fn value(typed: &str) -> Value {
    serde_json::from_str(typed).unwrap_or_else(|_| Value::String(typed.trim().to_owned()))
}
