//! Where a step leads, as a list: the way to connect without a pointer.

use super::{
    field::{Choices, Picker, Place},
    rows::Section,
};
use crate::editor::{
    Input, connect, kinds,
    ports::{self, Role},
};
use crate::messages::t;
use leptos::prelude::*;

/// One port in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lead {
    port: String,
    label: String,
    /// The step it leads to; `None` for a port that adds an edge with each choice.
    to: Option<String>,
}

/// Every way out of a step, with the step it leads to.
#[component]
pub(super) fn Leads(place: Place) -> impl IntoView {
    let leads = Memo::new(move |_| leads(place));
    view! {
        <Show when=move || !leads.with(Vec::is_empty)>
            <Section title=t!("Leads to")>
                <For each=move || leads.get() key=|lead| (lead.port.clone(), lead.label.clone()) let:lead>
                    <LeadRow place leads port=lead.port label=lead.label/>
                </For>
            </Section>
        </Show>
    }
}

#[component]
fn LeadRow(place: Place, leads: Memo<Vec<Lead>>, port: String, label: String) -> impl IntoView {
    let port = StoredValue::new(port);
    let to = Signal::derive(move || {
        let lead =
            leads.with(|leads| leads.iter().find(|lead| lead.port == port.get_value()).cloned());
        lead.and_then(|lead| lead.to).unwrap_or_default()
    });
    let choices = Signal::derive(move || choices(place, &port.get_value()));
    let pick = Callback::new(move |to: String| {
        let to = Some(to).filter(|to| !to.is_empty());
        place.canvas.send(Input::Lead { node: place.node(), port: port.get_value(), to });
    });
    let words = if label.is_empty() { t!("Next").to_owned() } else { label };
    view! {
        <label class="jc-field">
            <span class="jc-label">{words}</span>
            <Picker value=to choices field=format!("/leads/{}", port.get_value()) on_pick=pick/>
        </label>
    }
}

fn leads(place: Place) -> Vec<Lead> {
    place.canvas.follow();
    let id = place.node();
    place.canvas.read(|editor| {
        let draft = editor.draft();
        let Some(node) = draft.node(&id) else {
            return Vec::new();
        };
        let target =
            |port: &str| connect::leaving(draft, &id, port).next().map(|edge| edge.to.clone());
        ports::ports(draft, node)
            .into_iter()
            .filter(|port| !matches!(port.role, Role::Condition { .. }))
            .map(|port| Lead {
                to: match port.role {
                    Role::Many | Role::NewWay => None,
                    _ => Some(target(&port.id).unwrap_or_default()),
                },
                port: port.id,
                label: port.label,
            })
            .collect()
    })
}

fn choices(place: Place, port: &str) -> Choices {
    place.canvas.follow();
    let id = place.node();
    place.canvas.read(|editor| {
        let draft = editor.draft();
        let may = connect::targets(draft, &id, "out");
        let adds = draft.node(&id).is_some_and(|node| {
            let all = ports::ports(draft, node);
            all.iter().any(|one| one.id == port && matches!(one.role, Role::Many | Role::NewWay))
        });
        let nothing = if adds { t!("Choose a step to add…") } else { t!("Nothing yet") };
        let steps = draft.nodes.iter().filter(|node| may.contains(&node.id));
        let named = steps.map(|node| {
            (
                node.id.clone(),
                format!("{} ({})", node.name, kinds::title(&node.kind).to_lowercase()),
            )
        });
        std::iter::once((String::new(), nothing.to_owned())).chain(named).collect()
    })
}
