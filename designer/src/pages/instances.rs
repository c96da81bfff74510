//! The list of instances, filtered by journey and status.

use super::{
    address, moment, now,
    paging::{Pager, Turned},
};
use crate::{
    live::live,
    load::read,
    messages::{Text, t, text},
    parts::{Empty, PageHead, StatusChip},
    words::due::ago,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{InstanceSummary, JourneySummary, Page};

const PER_PAGE: u32 = 50;

const STATUSES: [(&str, Text); 4] = [
    ("running", text!("Running")),
    ("incident", text!("Incident")),
    ("ended", text!("Ended")),
    ("cancelled", text!("Cancelled")),
];

/// Instances, newest first; the filters live in the address.
#[component]
pub(crate) fn InstancesPage() -> impl IntoView {
    let query = use_query_map();
    let part =
        move |name: &'static str| Memo::new(move |_| query.read().get(name).unwrap_or_default());
    let (journey, status) = (part("journey"), part("status"));
    let (live, turned) = (live(), expect_context::<Turned>());
    let list = Memo::new(move |_| {
        let base = format!("/instances?limit={PER_PAGE}");
        address(&base, &[("journey", &journey.get()), ("status", &status.get())])
    });
    let instances = read::<Page<InstanceSummary>>(move || {
        live.instances.track();
        turned.page(&list.get())
    });
    let journeys = read::<Page<JourneySummary>>(|| "/journeys?limit=500".to_owned());
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |journey: &str, status: &str| {
        let path = address("/instances", &[("journey", journey), ("status", status)]);
        navigate.with_value(|go| go(&path, NavigateOptions::default()));
    };
    let option = move |own: JourneySummary| {
        let id = own.id.clone();
        view! { <option value=own.id selected=move || journey.get() == id>{own.name}</option> }
    };
    let options =
        move || journeys.ready().map(|page| page.items.into_iter().map(option).collect_view());
    view! {
        <div class="page" data-page="instances">
            <PageHead title=t!("Instances").to_owned() text=t!("Every life of a journey, and where it stands.")/>
            <div class="bar">
                <div class="field">
                    <label for="field-journey">{t!("Journey")}</label>
                    <select class="input" id="field-journey" on:change=move |event| go(&event_target_value(&event), &status.get_untracked())>
                        <option value="">{t!("All journeys")}</option>{options}
                    </select>
                </div>
                <div class="field">
                    <label for="field-status">{t!("Status")}</label>
                    <select class="input" id="field-status" on:change=move |event| go(&journey.get_untracked(), &event_target_value(&event))>
                        <option value="">{t!("Any status")}</option>
                        {STATUSES.map(|(name, words)| view! { <option value=name selected=move || status.get() == name>{words.said()}</option> }).collect_view()}
                    </select>
                </div>
            </div>
            <section class="card" aria-label=t!("Instances")>
                {instances.show(move |page| view! { <Instances page list=list.get_untracked()/> })}
            </section>
        </div>
    }
}

#[component]
fn Instances(page: Page<InstanceSummary>, list: String) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon="instances" title=t!("No instances here") text=t!("Start a live journey for an account, or choose other filters.")>
                <a class="button" href="/journeys">{t!("Go to Journeys")}</a>
            </Empty>
        }
        .into_any();
    }
    let rows = page.items.len();
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t!("Account")}</th><th scope="col" class="wide">{t!("Journey")}</th><th scope="col">{t!("Status")}</th><th scope="col" class="wide">{t!("Started")}</th><th scope="col" class="wide">{t!("Last change")}</th>
                </tr></thead>
                <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <Pager list full=PER_PAGE rows total=None next=page.next_cursor/>
    }
    .into_any()
}

fn row(instance: InstanceSummary) -> impl IntoView {
    let account =
        instance.account.map_or_else(|| t!("No account").to_owned(), |account| account.name);
    view! {
        <tr data-row=instance.id.clone()>
            <td><a class="row-link" href=format!("/instances/{}", instance.id)>{account}</a><span class="sub mono">{instance.id.clone()}</span></td>
            <td class="wide">{instance.journey_name}" "<span class="muted">{t!("v")}{instance.version}</span></td>
            <td><StatusChip status=instance.status outcome=instance.outcome/></td>
            <td class="wide muted" title=moment(&instance.started_at)>{ago(&instance.started_at, now())}</td>
            <td class="wide muted" title=moment(&instance.updated_at)>{ago(&instance.updated_at, now())}</td>
        </tr>
    }
}
