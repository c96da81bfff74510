//! How the instances of a version went: what they did drawn on the journey, in a table, and one by one behind each figure.

pub(super) mod signs;
mod visits;

use super::{address, id_in_path, moment, now};
use crate::{
    canvas::{JourneyView, Spot},
    editor::{Path, kinds},
    load::{Loaded, load, read},
    messages::{Text, plural, t, text},
    parts::{Empty, Icon, PageHead},
    words::{due::took, grouped},
};
use journey::Draft;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use signs::{is_missed, target, traffic};
use std::collections::HashMap;
use visits::Visits;
use wire::{Flow, JourneySummary, Mode, NodeFlow, Page, Version};

/// How far back one may look, in days, and the words for it.
const SINCE: [(&str, Text); 4] = [
    ("", text!("All of them")),
    ("7", text!("The last 7 days")),
    ("30", text!("The last 30 days")),
    ("90", text!("The last 90 days")),
];

const DAY_MS: i64 = 24 * 3_600_000;

/// The version in the address, or the one that instances start with.
#[component]
pub(crate) fn RunsPage() -> impl IntoView {
    let (id, query) = (id_in_path(), use_query_map());
    let part =
        move |name: &'static str| Memo::new(move |_| query.read().get(name).unwrap_or_default());
    let (version, days) = (part("version"), part("since"));
    let journey = read::<JourneySummary>(move || format!("/journeys/{}", id.get()));
    let versions =
        read::<Page<Version>>(move || format!("/journeys/{}/versions?limit=200", id.get()));
    let number = Memo::new(move |_| {
        let asked = version.get();
        if !asked.is_empty() {
            return Some(asked);
        }
        let newest = || versions.ready()?.items.iter().map(|version| version.number).max();
        let live = journey.ready()?.live_version.or_else(newest);
        live.map(|number| number.to_string())
    });
    let title = Signal::derive(move || {
        let name = journey.ready().map(|journey| journey.name);
        name.map_or_else(|| t!("Runs").to_owned(), |name| t!("How {name} went", name))
    });
    let none = move || {
        let is_none =
            journey.ready().is_some() && versions.ready().is_some_and(|all| all.items.is_empty());
        is_none.then(|| view! { <Empty icon="play" title=t!("Nothing was published yet") text=t!("Publish the journey; how its instances go appears here.")/> })
    };
    view! {
        <div class="page" data-page="runs">
            <PageHead title back=("/journeys", t!("Journeys"))>
                <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
            </PageHead>
            <Choices number version days versions/>
            {none}
            {move || number.get().map(|number| view! { <Ran journey=id.get_untracked() number days=days.get()/> })}
        </div>
    }
}

/// Which version, and since when.
#[component]
fn Choices(
    /// The version that is shown.
    number: Memo<Option<String>>,
    /// The version in the address.
    version: Memo<String>,
    days: Memo<String>,
    versions: Loaded<Page<Version>>,
) -> impl IntoView {
    let id = id_in_path();
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |version: &str, days: &str| {
        let base = format!("/journeys/{}/runs", id.get_untracked());
        let path = address(&base, &[("version", version), ("since", days)]);
        navigate.with_value(|go| go(&path, NavigateOptions::default()));
    };
    let option = move |own: Version| {
        let value = own.number.to_string();
        let words = match own.mode {
            Mode::Live => t!("Version {number}", number = own.number),
            Mode::Shadow => t!("Version {number}, shadow", number = own.number),
        };
        let this = value.clone();
        view! { <option value=value selected=move || number.get().as_ref() == Some(&this)>{words}</option> }
    };
    let options = move || {
        versions.ready().map(|page| {
            let mut all = page.items;
            all.sort_by_key(|version| std::cmp::Reverse(version.number));
            all.into_iter().map(option).collect_view()
        })
    };
    view! {
        <div class="bar">
                <div class="field">
                    <label for="field-version">{t!("Version")}</label>
                    <select class="input" id="field-version" on:change=move |event| go(&event_target_value(&event), &days.get_untracked())>{options}</select>
                </div>
                <div class="field">
                    <label for="field-since">{t!("Started")}</label>
                    <select class="input" id="field-since" on:change=move |event| go(&version.get_untracked(), &event_target_value(&event))>
                        {SINCE.map(|(value, words)| view! { <option value=value selected=move || days.get() == value>{words.said()}</option> }).collect_view()}
                    </select>
                </div>
            </div>
    }
}

/// One version and what its instances did.
#[component]
fn Ran(journey: String, number: String, days: String) -> impl IntoView {
    let base = format!("/journeys/{journey}/versions/{number}");
    let since = days.parse::<i64>().ok().map(|days| now().plus(-days * DAY_MS).to_rfc3339());
    let since = since.unwrap_or_default();
    let flow_path = address(&format!("{base}/flow"), &[("since", &since)]);
    let flow = read::<Flow>(move || flow_path.clone());
    let version_path = base.clone();
    let draft = load(move || {
        let path = version_path.clone();
        async move {
            let version: Version = crate::api::get(&path).await?;
            Ok(version.draft.unwrap_or_default())
        }
    });
    let both = move || {
        let problem_or_flow = flow.show(move |flow| view! { <Facts flow/> });
        view! { <div class="facts" data-field="flow">{problem_or_flow}<button class="button quiet" type="button" data-action="refresh" on:click=move |_| flow.again()><Icon name="history"/>{t!("Look again")}</button></div> }
    };
    view! {
        {both}
        {draft.show(move |draft| view! { <Drawn draft flow base=base.clone() since=since.clone()/> })}
    }
}

#[component]
fn Facts(flow: Flow) -> impl IntoView {
    let looked = plural!(flow.instances, "{count} instance", "{count} instances");
    let which = if flow.complete {
        t!("{looked} looked at, all there are", looked)
    } else {
        t!("{looked} looked at: the newest, and those that go on", looked)
    };
    view! { <span data-instances=flow.instances>{which}</span><span>{t!("As of {moment}", moment = moment(&flow.at))}</span> }
}

/// The drawing with what was done on it, the table of its steps, and the visits of the one that is chosen.
#[component]
fn Drawn(draft: Draft, flow: Loaded<Flow>, base: String, since: String) -> impl IntoView {
    let chosen = RwSignal::new(None::<String>);
    let spot = RwSignal::new(None::<Spot>);
    let drawn = StoredValue::new(draft.clone());
    let shown = Signal::derive(move || {
        flow.ready()
            .map(|flow| drawn.with_value(|draft| traffic(draft, &flow.nodes, &flow.edges)))
            .unwrap_or_default()
    });
    let on_choose = Callback::new(move |id| chosen.set(Some(id)));
    let choose = Callback::new(move |id: String| {
        spot.set(Some(Spot::Node(id.clone())));
        chosen.set(Some(id));
    });
    let steps = move || {
        let figures = flow.ready().map(|flow| flow.nodes).unwrap_or_default();
        drawn.with_value(|draft| view! { <Steps draft=draft.clone() figures chosen choose/> })
    };
    let visits = move || {
        let id = chosen.get()?;
        let name = drawn.with_value(|draft| name_of(draft, &id));
        Some(view! { <Visits id name base=base.clone() since=since.clone() flow/> })
    };
    view! {
        <section class="card" aria-labelledby="runs-drawing">
            <header><h2 id="runs-drawing">{t!("On the drawing")}</h2></header>
            <div class="drawing tall"><JourneyView draft=Signal::stored(draft) path=Signal::stored(Path::default()) spot traffic=shown on_choose/></div>
        </section>
        <div class="columns">
            <section class="card" aria-labelledby="runs-steps">
                <header><h2 id="runs-steps">{t!("Step by step")}</h2></header>
                {steps}
            </section>
            <div class="stack">{visits}</div>
        </div>
    }
}

pub(super) fn name_of(draft: &Draft, id: &str) -> String {
    let node = draft.node(id);
    let named = node.map(|node| node.name.trim()).filter(|name| !name.is_empty());
    let kind = || node.map_or("", |node| kinds::title(&node.kind));
    named.unwrap_or_else(kind).to_owned()
}

/// Every step at which an instance can be, in the order of the drawing.
#[component]
pub(super) fn Steps(
    draft: Draft,
    figures: Vec<NodeFlow>,
    chosen: RwSignal<Option<String>>,
    choose: Callback<String>,
) -> impl IntoView {
    let mut figures: HashMap<String, NodeFlow> =
        figures.into_iter().map(|figure| (figure.node.clone(), figure)).collect();
    let rows = draft.nodes.iter().filter(|node| node.kind != "note");
    let rows = rows.map(|node| {
        let (id, name) = (node.id.clone(), name_of(&draft, &node.id));
        let figure = figures.remove(&node.id);
        let missed = figure.as_ref().is_some_and(|figure| is_missed(figure, target(node)));
        row((id, name), (figure, missed), chosen, choose)
    });
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t!("Step")}</th><th scope="col" class="number wide">{t!("Came")}</th><th scope="col" class="number">{t!("Are here")}</th>
                    <th scope="col" class="number wide">{t!("Median")}</th><th scope="col" class="number wide">{t!("90% within")}</th>
                    <th scope="col" class="number">{t!("Late")}</th><th scope="col" class="number wide">{t!("Failed")}</th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn row(
    (id, name): (String, String),
    (figure, missed): (Option<NodeFlow>, bool),
    chosen: RwSignal<Option<String>>,
    choose: Callback<String>,
) -> impl IntoView {
    let number = |figure: Option<u64>| match figure {
        None | Some(0) => "–".to_owned(),
        Some(figure) => grouped(figure),
    };
    let of = |read: fn(&NodeFlow) -> u64| number(figure.as_ref().map(read));
    let time = |read: fn(&NodeFlow) -> Option<u64>| {
        figure.as_ref().and_then(read).map_or_else(|| "–".to_owned(), took)
    };
    let (this, asked) = (id.clone(), id.clone());
    view! {
        <tr data-step=id class:selected=move || chosen.get().as_ref() == Some(&this)>
            <td><button class="link" type="button" data-action="choose-step" on:click=move |_| choose.run(asked.clone())>{name}</button></td>
            <td class="number wide" data-figure="visits">{of(|figure| figure.visits)}</td>
            <td class="number" data-figure="here">{of(|figure| figure.here)}</td>
            <td class="number wide" data-figure="median">{time(|figure| figure.median_ms)}</td>
            <td class="number wide" class:danger=missed data-figure="p90">{time(|figure| figure.p90_ms)}</td>
            <td class="number" data-figure="late">{of(|figure| figure.breached)}</td>
            <td class="number wide" data-figure="failed">{of(|figure| figure.failed)}</td>
        </tr>
    }
}
