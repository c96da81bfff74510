//! The list of instances, filtered by journey and status.

use super::{moment, now};
use crate::{
    api,
    live::live,
    load::load,
    parts::{Empty, PageHead, StatusChip},
    words::{due::ago, spoken},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{InstanceSummary, JourneySummary, Page};

const STATUSES: [&str; 4] = ["running", "incident", "ended", "cancelled"];

/// Instances, newest first; the filters live in the address.
#[component]
pub(crate) fn InstancesPage() -> impl IntoView {
    let query = use_query_map();
    let part =
        move |name: &'static str| Memo::new(move |_| query.read().get(name).unwrap_or_default());
    let (journey, status, cursor) = (part("journey"), part("status"), part("cursor"));
    let live = live();
    let instances = load(move || {
        live.instances.track();
        let path = address("/instances?limit=50", &journey.get(), &status.get(), &cursor.get());
        async move { api::get::<Page<InstanceSummary>>(&path).await }
    });
    let journeys = load(|| api::get::<Page<JourneySummary>>("/journeys?limit=500"));
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |journey: &str, status: &str| {
        let path = address("/instances?", journey, status, "");
        navigate.with_value(|go| go(&path, NavigateOptions::default()));
    };
    let options = move || {
        journeys.ready().map(|page| {
            page.items.into_iter().map(|own| {
        let id = own.id.clone();
        view! { <option value=own.id selected=move || journey.get() == id>{own.name}</option> }
    }).collect_view()
        })
    };
    view! {
        <div class="page" data-page="instances">
            <PageHead title="Instances".to_owned() text="Every life of a journey, and where it stands."/>
            <div class="bar">
                <div class="field">
                    <label for="field-journey">"Journey"</label>
                    <select class="input" id="field-journey" on:change=move |event| go(&event_target_value(&event), &status.get_untracked())>
                        <option value="">"All journeys"</option>{options}
                    </select>
                </div>
                <div class="field">
                    <label for="field-status">"Status"</label>
                    <select class="input" id="field-status" on:change=move |event| go(&journey.get_untracked(), &event_target_value(&event))>
                        <option value="">"Any status"</option>
                        {STATUSES.map(|name| view! { <option value=name selected=move || status.get() == name>{spoken(name)}</option> }).collect_view()}
                    </select>
                </div>
            </div>
            <section class="card" aria-label="Instances">
                {instances.show(move |page| view! { <Instances page journey status cursor/> })}
            </section>
        </div>
    }
}

/// The same list with these filters, as an address of the page or of the API.
fn address(base: &str, journey: &str, status: &str, cursor: &str) -> String {
    let mut path = base.to_owned();
    for (name, value) in [("journey", journey), ("status", status), ("cursor", cursor)] {
        if !value.is_empty() {
            path.push_str(&format!("&{name}={}", api::encoded(value)));
        }
    }
    path
}

#[component]
fn Instances(
    page: Page<InstanceSummary>,
    journey: Memo<String>,
    status: Memo<String>,
    cursor: Memo<String>,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon="instances" title="No instances here" text="Start a live journey for an account, or choose other filters.">
                <a class="button" href="/journeys">"Go to Journeys"</a>
            </Empty>
        }
        .into_any();
    }
    let first = (!cursor.get_untracked().is_empty())
        .then(|| address("/instances?", &journey.get_untracked(), &status.get_untracked(), ""));
    let next = page.next_cursor.map(|next| {
        address("/instances?", &journey.get_untracked(), &status.get_untracked(), &next)
    });
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">"Account"</th><th scope="col" class="wide">"Journey"</th><th scope="col">"Status"</th><th scope="col" class="wide">"Started"</th><th scope="col" class="wide">"Last change"</th>
                </tr></thead>
                <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <div class="table-foot actions">
            {first.map(|first| view! { <a class="button" href=first data-action="first-page">"First page"</a> })}
            {next.map(|next| view! { <a class="button" href=next data-action="next-page">"Next page"</a> })}
        </div>
    }
    .into_any()
}

fn row(instance: InstanceSummary) -> impl IntoView {
    let account = instance.account.map_or_else(|| "No account".to_owned(), |account| account.name);
    view! {
        <tr data-row=instance.id.clone()>
            <td><a class="row-link" href=format!("/instances/{}", instance.id)>{account}</a><span class="sub mono">{instance.id.clone()}</span></td>
            <td class="wide">{instance.journey_name}" "<span class="muted">"v"{instance.version}</span></td>
            <td><StatusChip status=instance.status outcome=instance.outcome/></td>
            <td class="wide muted" title=moment(&instance.started_at)>{ago(&instance.started_at, now())}</td>
            <td class="wide muted" title=moment(&instance.updated_at)>{ago(&instance.updated_at, now())}</td>
        </tr>
    }
}
