//! The states a page can be in, its heading, and the chip of an instance's status.

use super::Icon;
use crate::messages::t;
use leptos::prelude::*;
use wire::Problem;

/// Grey lines where something will be.
#[component]
pub(crate) fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" role="status" data-state="loading">
            <span class="unseen">{t!("Loading")}</span>
            {(0..5).map(|_| view! { <i></i> }).collect_view()}
        </div>
    }
}

/// Nothing here yet, and what to do next.
#[component]
pub(crate) fn Empty(
    icon: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// It is all there is of the page.
    #[prop(optional)]
    is_page: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let heading = if is_page {
        view! { <h1>{title}</h1> }.into_any()
    } else {
        view! { <h2>{title}</h2> }.into_any()
    };
    view! {
        <div class="empty" data-state="empty">
            <span class="badge"><Icon name=icon/></span>
            {heading}
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// What an address names is not there, or not for this person to see: trying again would not help.
#[component]
pub(crate) fn Missing(problem: Problem) -> impl IntoView {
    let detail = crate::words::sentence(&problem.detail.unwrap_or_default());
    let text = t!("{detail} It may be gone, or it is not yours to see.", detail);
    view! {
        <Empty icon="search" title=t!("This is not here") text is_page=true>
            <a class="button" href="/" data-action="go-home">{t!("Go to Home")}</a>
        </Empty>
    }
}

/// A way to try again, and whether that is going on.
#[derive(Clone, Copy)]
pub(crate) struct Retry {
    pub(crate) act: Callback<()>,
    pub(crate) busy: Signal<bool>,
}

/// What went wrong and what to do, in the words of the problem.
#[component]
pub(crate) fn ProblemView(
    problem: Problem,
    #[prop(optional)] retry: Option<Retry>,
) -> impl IntoView {
    // What is wrong with a member is said in its line; the detail would repeat the first of them.
    let detail = problem.detail.filter(|_| problem.errors.is_empty());
    let detail = detail.map(|detail| crate::words::sentence(&detail));
    let errors = problem.errors.into_iter().map(|error| {
        let place = error.pointer.trim_start_matches('/').replace('/', " › ");
        let place = if place.is_empty() { place } else { format!("{place}: ") };
        view! { <li>{crate::words::sentence(&format!("{place}{}", error.message))}</li> }
    });
    let diagnostics = problem.diagnostics.into_iter().map(|diagnostic| {
        view! { <li data-problem-code=diagnostic.code>{diagnostic.message}</li> }
    });
    let lines = errors.collect_view().into_any();
    let more = diagnostics.collect_view().into_any();
    view! {
        <div class="problem" role="alert" data-state="problem">
            <Icon name="alert"/>
            <strong>{problem.title}</strong>
            {detail.map(|detail| view! { <p>{detail}</p> })}
            <ul>{lines}{more}</ul>
            {retry.map(|Retry { act, busy }| view! {
                <button class="button" type="button" data-action="retry-load" disabled=move || busy.get() on:click=move |_| act.run(())>
                    {move || if busy.get() { t!("Trying…") } else { t!("Try again") }}
                </button>
            })}
        </div>
    }
}

/// The top of a page: where one is, and what one can do here.
#[component]
pub(crate) fn PageHead(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Option<String>,
    /// Where the way back leads, and what it is called.
    #[prop(optional)]
    back: Option<(&'static str, &'static str)>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    Effect::new(move |_| {
        leptos::prelude::document().set_title(&t!("{title} · Waymark", title = title.get()));
    });
    view! {
        <header class="page-head">
            <div class="titles">
                {back.map(|(href, name)| view! { <a class="crumb" href=href><Icon name="back"/>{name}</a> })}
                <h1 tabindex="-1">{move || title.get()}</h1>
                {text.map(|text| view! { <p>{text}</p> })}
            </div>
            <div class="actions">{children.map(|children| children())}</div>
        </header>
    }
}

/// How an instance stands: icon, word and colour.
#[component]
pub(crate) fn StatusChip(
    status: journey::Status,
    #[prop(optional_no_strip)] outcome: Option<String>,
) -> impl IntoView {
    let (tone, icon, word) = match status {
        journey::Status::Running => ("accent", "play", t!("Running").to_owned()),
        journey::Status::Incident => ("danger", "alert", t!("Incident").to_owned()),
        journey::Status::Ended => (
            "good",
            "check",
            outcome.map_or_else(
                || t!("Ended").to_owned(),
                |outcome| t!("Ended: {outcome}", outcome = crate::words::spoken(&outcome)),
            ),
        ),
        journey::Status::Cancelled => ("", "cross", t!("Cancelled").to_owned()),
    };
    let state = crate::words::status_name(status);
    view! { <span class=format!("chip {tone}") data-state=state><Icon name=icon/>{word}</span> }
}
