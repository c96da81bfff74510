//! The visits behind a figure, each a step to its instance.

use super::super::{address, moment};
use crate::{
    load::{Loaded, read},
    messages::{Text, plural, t, text},
    parts::{Empty, StatusChip},
    words::{due::took, spoken},
};
use leptos::prelude::*;
use wire::{Flow, FlowVisit, FlowVisits};

/// Which visits, and the words for them.
const WHICH: [(&str, Text); 4] = [
    ("all", text!("All")),
    ("here", text!("Are here")),
    ("breached", text!("Late")),
    ("failed", text!("Failed")),
];

/// The visits of one step, the longest first.
#[component]
pub(super) fn Visits(
    id: String,
    name: String,
    base: String,
    since: String,
    flow: Loaded<Flow>,
) -> impl IntoView {
    // What waits is what one can do something about.
    let here = flow
        .ready()
        .is_some_and(|flow| flow.nodes.iter().any(|figure| figure.node == id && figure.here > 0));
    let which = RwSignal::new(if here { "here" } else { "all" });
    let node = id.clone();
    let visits = read::<FlowVisits>(move || {
        // Looked at again when the figures are.
        let _ = flow.ready();
        let wanted = [("node", node.as_str()), ("which", which.get()), ("since", &since)];
        address(&format!("{base}/flow/visits"), &wanted)
    });
    let tab = move |(value, words): (&'static str, Text)| {
        view! {
            <button class="tab" type="button" data-which=value aria-pressed=move || (which.get() == value).to_string() on:click=move |_| which.set(value)>{words.said()}</button>
        }
    };
    view! {
        <section class="card" aria-labelledby="runs-visits" data-visits=id>
            <header>
                <h2 id="runs-visits">{name}</h2>
                <div class="tabs spring" role="group" aria-label=t!("Which visits")>{WHICH.map(tab).collect_view()}</div>
            </header>
            {visits.show(|visits| view! { <Rows visits/> })}
        </section>
    }
}

#[component]
fn Rows(visits: FlowVisits) -> impl IntoView {
    if visits.items.is_empty() {
        return view! { <Empty icon="check" title=t!("None") text=t!("No instance among those looked at.")/> }.into_any();
    }
    let (shown, total) = (visits.items.len() as u64, visits.total);
    let more = (shown < total).then(|| {
        t!(
            "The longest {shown} of {total}.",
            shown,
            total = plural!(total, "{count} visit", "{count} visits")
        )
    });
    view! {
        <ul class="rows">{visits.items.into_iter().map(row).collect_view()}</ul>
        {more.map(|words| view! { <p class="body muted">{words}</p> })}
    }
    .into_any()
}

fn row(visit: FlowVisit) -> impl IntoView {
    let FlowVisit { instance, entered_at, left_at, took_ms, breached, failed } = visit;
    let who =
        instance.account.map_or_else(|| spoken(&instance.journey_name), |account| account.name);
    let took = took(took_ms);
    let lasted =
        if left_at.is_some() { t!("Took {took}", took) } else { t!("Here for {took}", took) };
    let title = t!("Came {entered_at}", entered_at = moment(&entered_at));
    view! {
        <li class="row" data-row=instance.id.clone()>
            <span class="grow">
                <a class="row-link" href=format!("/instances/{}", instance.id)>{who}</a>
                <span class="sub" title=title>{lasted}</span>
            </span>
            {breached.then(|| view! { <span class="chip danger">{t!("Late")}</span> })}
            {failed.then(|| view! { <span class="chip danger">{t!("Failed")}</span> })}
            <StatusChip status=instance.status outcome=instance.outcome/>
        </li>
    }
}
