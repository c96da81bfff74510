//! A back-test: what a drawing would have done, had it been live for some time.

mod done;
mod rows;

use super::{id_in_path, journey::days, moment, people::People};
use crate::{
    api,
    app::SignedIn,
    load::{Loaded, read},
    messages::t,
    parts::{Empty, PageHead, Toasts},
    words::grouped,
};
use done::Done;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use std::time::Duration;
use wire::{Backtest, BacktestInFull, BacktestState, Role};

/// One that goes on is read again after this long.
const AGAIN: Duration = Duration::from_millis(700);

/// The back-test in the address.
#[component]
pub(crate) fn BacktestPage() -> impl IntoView {
    let (id, params) = (id_in_path(), use_params_map());
    let backtest = Memo::new(move |_| params.read().get("backtest").unwrap_or_default());
    let base = Memo::new(move |_| format!("/backtests/{}", backtest.get()));
    let held = read::<BacktestInFull>(move || base.get());
    held.follow(AGAIN, |held| held.backtest.state == BacktestState::Running);
    let shown = move |found: BacktestInFull| {
        let BacktestInFull { backtest, draft, summary } = found;
        let body = match (backtest.state, summary) {
            (BacktestState::Done, Some(summary)) => {
                view! { <Done summary draft base=base.get_untracked()/> }.into_any()
            }
            (BacktestState::Running, _) => {
                view! { <Going backtest=backtest.clone() base held/> }.into_any()
            }
            _ => view! { <Nothing backtest=backtest.clone()/> }.into_any(),
        };
        view! { <Head backtest id/>{body} }
    };
    view! { <div class="page" data-page="backtest">{held.show(shown)}</div> }
}

/// How it stands: its tone and its word.
pub(super) fn stands(state: BacktestState) -> (&'static str, &'static str) {
    match state {
        BacktestState::Running => ("accent", t!("Running")),
        BacktestState::Done => ("good", t!("Done")),
        BacktestState::Failed => ("danger", t!("Failed")),
        BacktestState::Cancelled => ("", t!("Stopped")),
    }
}

#[component]
fn Head(backtest: Backtest, id: Memo<String>) -> impl IntoView {
    let people = expect_context::<People>();
    let (tone, word) = stands(backtest.state);
    let (title, by) =
        (t!("What {backtest} would have done", backtest = backtest.name), backtest.asked_by);
    view! {
        <PageHead title back=("/journeys", t!("Journeys"))>
            <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
        </PageHead>
        <div class="facts" data-state=word.to_lowercase()>
            <span class=format!("chip {tone}")>{word}</span>
            <strong>{days(&backtest.from, &backtest.to)}</strong>
            <span>{move || t!("Asked by {name}", name = people.name(&by))}" · "{moment(&backtest.asked_at)}</span>
        </div>
    }
}

/// How far it is, and the way to stop it.
#[component]
fn Going(backtest: Backtest, base: Memo<String>, held: Loaded<BacktestInFull>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let stop = move |_| {
        let path = format!("{}/cancel", base.get_untracked());
        leptos::task::spawn_local(async move {
            // One that has just ended is shown as it ended.
            if api::order(&path, &serde_json::json!({})).await.is_ok() {
                toasts.say(t!("It is stopped."));
            }
            held.again();
        });
    };
    let words = if backtest.of == 0 {
        t!("Reading what is remembered…").to_owned()
    } else {
        t!(
            "{done} of {backtest} that happened",
            done = grouped(backtest.done),
            backtest = grouped(backtest.of)
        )
    };
    let bar = if backtest.of == 0 {
        view! { <progress aria-label=t!("How far it is")></progress> }.into_any()
    } else {
        view! { <progress aria-label=t!("How far it is") max=backtest.of.to_string() value=backtest.done.to_string()></progress> }.into_any()
    };
    view! {
        <section class="card going" role="status">
            {bar}
            <span class="grow">{words}</span>
            {draws.then(|| view! { <button class="button" type="button" data-action="stop-backtest" on:click=stop>{t!("Stop")}</button> })}
        </section>
    }
}

/// It came to nothing.
#[component]
fn Nothing(backtest: Backtest) -> impl IntoView {
    let (title, text) = match backtest.failure {
        Some(why) => (t!("There is no answer"), why),
        None => (
            t!("It was stopped"),
            t!("Ask again from the drawing when you want to know.").to_owned(),
        ),
    };
    view! { <Empty icon="alert" title text/> }
}
