//! One review: what was asked and by whom, what is drawn otherwise, what it depends on, and the decision.

mod decision;

use super::{
    compare::Changes,
    moment,
    people::People,
    reviews::{aim, standing},
};
use crate::{
    api,
    canvas::JourneyView,
    editor::Path,
    load::load,
    messages::t,
    parts::{Icon, PageHead},
};
use decision::Decision;
use journey::Draft;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wire::{DependencyKind, Review, ReviewInFull, ReviewState, ReviewedDependency, Version};

/// The review in the address.
#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("review").unwrap_or_default());
    let held = load(move || {
        let id = id.get();
        async move {
            let found: ReviewInFull = api::get(&format!("/reviews/{id}")).await?;
            let Some(number) = found.live_version else { return Ok((found, None)) };
            let path = format!("/journeys/{}/versions/{number}", found.review.journey);
            let version: Version = api::get(&path).await?;
            Ok((found, version.draft))
        }
    });
    let again = Callback::new(move |()| held.again());
    view! {
        <div class="page" data-page="review">
            {held.show(move |(found, before)| view! { <InFull found before again/> })}
        </div>
    }
}

#[component]
fn InFull(found: ReviewInFull, before: Option<Draft>, again: Callback<()>) -> impl IntoView {
    let ReviewInFull { review, draft, live_version, depends_on, saved_since } = found;
    let title = t!("Review of {journey_name}", journey_name = review.journey_name);
    let drawing = format!("/journeys/{}", review.journey);
    let against = match live_version {
        Some(number) => t!("Compared with version {number}, which was live.", number),
        None => t!("Nothing was live yet: all of it is new.").to_owned(),
    };
    let saved_since =
        saved_since && matches!(review.state, ReviewState::Open | ReviewState::Approved);
    view! {
        <PageHead title back=("/journeys", t!("Journeys"))>
            <a class="button" href=drawing>{t!("Open the drawing")}</a>
        </PageHead>
        <Asked review=review.clone()/>
        {saved_since.then(|| view! {
            <p class="notice" role="status" data-state="saved-since"><Icon name="alert"/><span>{t!("The drawing was changed since. What is shown here is what was asked about.")}</span></p>
        })}
        <p class="muted">{against}</p>
        {match before {
            Some(before) => view! { <Changes from=before to=draft/> }.into_any(),
            None => view! {
                <section class="card" aria-labelledby="review-drawing">
                    <header><h2 id="review-drawing">{t!("Drawing")}</h2></header>
                    <div class="drawing"><JourneyView draft=Signal::stored(draft) path=Signal::stored(Path::default())/></div>
                </section>
            }
            .into_any(),
        }}
        <section class="card" aria-labelledby="review-dependencies">
            <header><h2 id="review-dependencies">{t!("What it depends on")}</h2></header>
            {dependencies(depends_on)}
        </section>
        <Decision review again/>
    }
}

/// How it stands, and what was said.
#[component]
fn Asked(review: Review) -> impl IntoView {
    let people = expect_context::<People>();
    let ((tone, state), mode) = (standing(&review), aim(review.mode));
    let said = move |by: String, field, text: String| {
        (!text.is_empty()).then(|| view! {
            <p class="notice" data-field=field><Icon name="flag"/><span><strong>{move || people.name(&by)}": "</strong>{text}</span></p>
        })
    };
    let note = said(review.asked_by.clone(), "note", review.note);
    let comment = said(review.decided_by.clone().unwrap_or_default(), "comment", review.comment);
    let asked_by = review.asked_by;
    let decided = review.decided_by.map(|by| {
        let at = review.decided_at.map(|at| moment(&at)).unwrap_or_default();
        view! { <span>{move || t!("Decided by {name}", name = people.name(&by))}" · "{at}</span> }
    });
    view! {
        <div class="facts" data-state=format!("{:?}", review.state)>
            <span class=format!("chip {tone}")>{state}</span>
            <span>{move || t!("Asked by {name}", name = people.name(&asked_by))}", "{mode}" · "{moment(&review.asked_at)}</span>
            {decided}
        </div>
        {note}
        {comment}
    }
}

fn dependencies(found: Vec<ReviewedDependency>) -> AnyView {
    if found.is_empty() {
        return view! { <p class="body muted">{t!("Nothing: it names no connection, team, calendar or other journey.")}</p> }.into_any();
    }
    let row = |dependency: ReviewedDependency| {
        let kind = match dependency.kind {
            DependencyKind::Journey => t!("Journey"),
            DependencyKind::Connection => t!("Connection"),
            DependencyKind::Team => t!("Team"),
            DependencyKind::Calendar => t!("Calendar"),
        };
        let is_changed = dependency.changed.is_some();
        let (tone, mark) =
            if is_changed { ("warning", t!("Changed since")) } else { ("good", t!("As reviewed")) };
        let changed = dependency.changed.map(|change| crate::words::sentence(&change));
        let name = dependency.name;
        let row = name.clone();
        let open = dependency.journey.map(|id| format!("/journeys/{id}"));
        view! {
            <li class="row told" data-row=row>
                <span class="grow">
                    <strong>{kind}" "{name}</strong>
                    <span class="sub">{crate::words::sentence(&dependency.reviewed)}</span>
                    {changed.map(|changed| view! { <span class="sub" data-field="changed">{changed}</span> })}
                </span>
                <span class="marks"><span class=format!("chip {tone}")>{mark}</span></span>
                {open.map(|open| view! { <a class="button" href=open>{t!("Open")}</a> })}
            </li>
        }
    };
    view! { <ul class="rows">{found.into_iter().map(row).collect_view()}</ul> }.into_any()
}
