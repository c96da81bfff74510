//! What differs between two versions of a journey, in words, each a step to what it is about.

use super::{address, id_in_path};
use crate::{
    api,
    canvas::{JourneyView, Spot},
    editor::Path,
    load::{Loaded, load, read},
    messages::t,
    parts::{Empty, PageHead},
};
use journey::{
    Draft,
    diff::{Change, ChangeKind, Diff, Element, diff},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use wire::{JourneySummary, Page, Version};

/// What the draft is called in the address, beside the numbers of versions.
const DRAFT: &str = "draft";

/// Two drawings of one journey: the older one, and the newer one that it is compared with.
#[component]
pub(crate) fn ComparePage() -> impl IntoView {
    let id = id_in_path();
    let query = use_query_map();
    let named = move |name: &str| query.read().get(name).unwrap_or_default();
    let journey = read::<JourneySummary>(move || format!("/journeys/{}", id.get()));
    let versions =
        read::<Page<Version>>(move || format!("/journeys/{}/versions?limit=200", id.get()));
    let sides = load(move || {
        let (id, from, to) = (id.get(), named("from"), named("to"));
        async move {
            // Who says nothing sees what the draft changes.
            let from = if from.is_empty() { newest(&id).await? } else { from };
            Ok((drawing(&id, &from).await?, drawing(&id, &to).await?))
        }
    });
    let title = Signal::derive(move || {
        journey.ready().map_or_else(
            || t!("Changes").to_owned(),
            |journey| t!("Changes of {journey}", journey = journey.name),
        )
    });
    view! {
        <div class="page" data-page="compare">
            <PageHead title back=("/journeys", t!("Journeys"))>
                <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
            </PageHead>
            <div class="bar">
                <SideField name="from" label=t!("From") versions/>
                <SideField name="to" label=t!("To") versions/>
            </div>
            {sides.show(|(from, to)| view! { <Changes from to/> })}
        </div>
    }
}

/// The newest version; the draft while there is none.
async fn newest(journey: &str) -> api::Answer<String> {
    let versions: Page<Version> =
        api::get(&format!("/journeys/{journey}/versions?limit=200")).await?;
    Ok(newest_of(&versions))
}

fn newest_of(versions: &Page<Version>) -> String {
    let newest = versions.items.iter().map(|version| version.number).max();
    newest.map_or_else(|| DRAFT.to_owned(), |number| number.to_string())
}

async fn drawing(journey: &str, which: &str) -> api::Answer<Draft> {
    if which.is_empty() || which == DRAFT {
        return api::get(&format!("/journeys/{journey}/draft")).await;
    }
    let path = format!("/journeys/{journey}/versions/{}", api::encoded(which));
    let version: Version = api::get(&path).await?;
    Ok(version.draft.unwrap_or_default())
}

/// Which drawing one side is; choosing another changes the address.
#[component]
fn SideField(
    name: &'static str,
    label: &'static str,
    versions: Loaded<Page<Version>>,
) -> impl IntoView {
    let id = id_in_path();
    let query = use_query_map();
    let chosen = move |side: &str| {
        let chosen = query.read().get(side).filter(|chosen| !chosen.is_empty());
        chosen.unwrap_or_else(|| match (side, versions.ready()) {
            ("from", Some(page)) => newest_of(&page),
            _ => DRAFT.to_owned(),
        })
    };
    let navigate = use_navigate();
    let pick = move |picked: String| {
        let side = |side: &str| untrack(|| chosen(side));
        let (from, to) = if name == "from" { (picked, side("to")) } else { (side("from"), picked) };
        let base = format!("/journeys/{}/changes", id.get_untracked());
        navigate(
            &address(&base, &[("from", &from), ("to", &to)]),
            leptos_router::NavigateOptions::default(),
        );
    };
    let options = move || {
        let mut numbers: Vec<u64> = versions
            .ready()
            .map(|page| page.items.iter().map(|version| version.number).collect())
            .unwrap_or_default();
        numbers.sort_unstable_by(|a, b| b.cmp(a));
        let mut all = vec![(DRAFT.to_owned(), t!("the draft").to_owned())];
        all.extend(
            numbers.into_iter().map(|number| (number.to_string(), format!("version {number}"))),
        );
        let now = chosen(name);
        all.into_iter()
            .map(|(value, words)| {
                let selected = value == now;
                view! { <option value=value selected=selected>{words}</option> }
            })
            .collect_view()
    };
    let field = format!("field-{name}");
    view! {
        <div class="field">
            <label for=field.clone()>{label}</label>
            <select class="input" id=field prop:value=move || chosen(name) on:change:target=move |event| pick(event.target().value())>
                {options}
            </select>
        </div>
    }
}

/// Which of the two drawings is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// What turns one drawing into the other, beside the drawing.
#[component]
pub(super) fn Changes(from: Draft, to: Draft) -> impl IntoView {
    let Diff { changes, layout_only } = diff(&from, &to);
    if changes.is_empty() {
        return view! { <Empty icon="check" title=t!("No difference") text=t!("The two drawings are equal.")/> }
            .into_any();
    }
    let (side, spot) = (RwSignal::new(Side::After), RwSignal::new(None::<Spot>));
    let drawn = Signal::derive(move || match side.get() {
        Side::Before => from.clone(),
        Side::After => to.clone(),
    });
    let rows = changes.into_iter().enumerate().map(|(at, change)| row(at, change, side, spot));
    let tab = move |one: Side, words: &'static str, action: &'static str| {
        view! {
            <button class="tab" type="button" data-action=action aria-pressed=move || (side.get() == one).to_string() on:click=move |_| side.set(one)>
                {words}
            </button>
        }
    };
    view! {
        {layout_only.then(|| view! { <p class="muted" data-state="layout-only">{t!("They do the same; only the drawing looks different.")}</p> })}
        <div class="columns">
            <section class="card" aria-labelledby="compare-drawing">
                <header>
                    <h2 id="compare-drawing">{t!("Drawing")}</h2>
                    <div class="tabs spring" role="group" aria-label=t!("Which drawing")>
                        {tab(Side::Before, t!("Before"), "show-before")}
                        {tab(Side::After, t!("After"), "show-after")}
                    </div>
                </header>
                <div class="drawing"><JourneyView draft=drawn path=Signal::stored(Path::default()) spot/></div>
            </section>
            <section class="card" aria-labelledby="compare-changes">
                <header><h2 id="compare-changes">{t!("What changed")}</h2></header>
                <ul class="rows">{rows.collect_view()}</ul>
            </section>
        </div>
    }
    .into_any()
}

fn row(
    at: usize,
    change: Change,
    side: RwSignal<Side>,
    spot: RwSignal<Option<Spot>>,
) -> impl IntoView {
    let (tone, word) = match change.kind {
        ChangeKind::Added => ("good", t!("Added")),
        ChangeKind::Removed => ("danger", t!("Removed")),
        ChangeKind::Changed => ("accent", t!("Changed")),
        ChangeKind::Moved => ("", t!("Moved")),
        ChangeKind::Renamed => ("", t!("Renamed")),
        ChangeKind::Reordered => ("accent", t!("Reordered")),
    };
    // What was removed, and what was called otherwise, is known by its id in the older drawing.
    let where_ = match change.kind {
        ChangeKind::Removed | ChangeKind::Renamed => Side::Before,
        ChangeKind::Added | ChangeKind::Changed | ChangeKind::Moved | ChangeKind::Reordered => {
            Side::After
        }
    };
    let place = match change.element {
        Element::Node if !change.id.is_empty() => Some(Spot::Node(change.id)),
        Element::Edge => Some(Spot::Edge(change.id)),
        Element::Node | Element::Journey => None,
    };
    let goes = place.clone();
    let jump = move |_| {
        side.set(where_);
        spot.set(place.clone());
    };
    view! {
        <li class="row" data-row=at.to_string()>
            <span class=format!("chip {tone}")>{word}</span>
            <span class="grow">{change.sentence}</span>
            {goes.map(|_| view! { <button class="button" type="button" data-action="jump" on:click=jump>{t!("Show")}</button> })}
        </li>
    }
}
