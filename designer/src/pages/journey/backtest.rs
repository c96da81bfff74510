//! Asking what the drawing would have done, had it been live for some time.

use super::save::Saving;
use crate::{
    api,
    load::{Loaded, read},
    messages::{Text, t, text},
    pages::{backtest::stands, making::Making, moment, now},
    words::grouped,
};
use journey::Timestamp;
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{AskBacktest, Backtest, BacktestState, Created, Page};

const DAY_MS: i64 = 24 * 3_600_000;

/// How long a time to look back at, in days, and the words for it.
const SPANS: [(i64, Text); 3] = [
    (30, text!("The last 30 days")),
    (90, text!("The last 90 days")),
    (365, text!("The last year")),
];

/// How many that were asked before are listed.
const LISTED: u32 = 5;

/// For what time, and what was asked before.
#[component]
pub(super) fn BacktestForm(id: StoredValue<String>, saving: Saving) -> impl IntoView {
    let making = Making::new();
    let (from, to) = (RwSignal::new(days_ago(90)), RwSignal::new(days_ago(0)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Ok(draft) = serde_json::to_value(saving.drawn()) else { return };
        let asked = AskBacktest {
            journey: Some(id.get_value()),
            draft: Some(draft),
            from: from.get_untracked(),
            to: to.get_untracked(),
        };
        making.make(async move {
            let made: Created = api::post("/backtests", &asked).await?;
            Ok(format!("/journeys/{}/backtests/{}", id.get_value(), made.id))
        });
    };
    let before = read::<Page<Backtest>>(move || {
        format!("/backtests?journey={}&limit={LISTED}", id.get_value())
    });
    let span = move |(days, words): (i64, Text)| {
        let is_this = move || from.get() == days_ago(days) && to.get() == days_ago(0);
        let choose = move |_| {
            from.set(days_ago(days));
            to.set(days_ago(0));
        };
        view! { <button class="tab" type="button" data-span=days aria-pressed=move || is_this().to_string() on:click=choose>{words.said()}</button> }
    };
    view! {
        <form on:submit=submit data-form="backtest">
            <p class="muted">{t!("What this drawing would have done, had it been live then. It runs on what really happened, and reads each account as it stood at that moment. Nothing reaches anyone; what people and other systems would have answered is assumed.")}</p>
            {making.refused()}
            <div class="tabs" role="group" aria-label=t!("How long a time")>{SPANS.map(span).collect_view()}</div>
            <div class="pair">
                <div class="field">
                    <label for="field-from">{t!("From")}</label>
                    <input class="input" id="field-from" type="date" required bind:value=from/>
                </div>
                <div class="field">
                    <label for="field-to">{t!("Until the end of")}</label>
                    <input class="input" id="field-to" type="date" required bind:value=to/>
                </div>
            </div>
            <div class="actions"><button class="button primary" type="submit" data-action="ask-backtest" disabled=move || making.busy()>{t!("Back-test")}</button></div>
        </form>
        <Before id before/>
    }
}

/// Those that were asked before, newest first.
#[component]
fn Before(id: StoredValue<String>, before: Loaded<Page<Backtest>>) -> impl IntoView {
    let row = move |backtest: Backtest| {
        let (_, words) = stands(backtest.state);
        let words = match backtest.state {
            BacktestState::Running if backtest.of > 0 => {
                t!(
                    "{words}: {done} of {backtest}",
                    words,
                    done = grouped(backtest.done),
                    backtest = grouped(backtest.of)
                )
            }
            _ => words.to_owned(),
        };
        view! {
            <li data-row=backtest.id.clone()>
                <a class="row" href=format!("/journeys/{}/backtests/{}", id.get_value(), backtest.id)>
                    <span class="grow">
                        <strong>{days(&backtest.from, &backtest.to)}</strong>
                        <span class="sub">{moment(&backtest.asked_at)}</span>
                    </span>
                    <span class="chip">{words}</span>
                </a>
            </li>
        }
    };
    move || {
        let items = before.ready()?.items;
        (!items.is_empty()).then(|| {
            view! {
                <section aria-labelledby="backtests-before">
                    <h3 id="backtests-before">{t!("Asked before")}</h3>
                    <ul class="rows">{items.into_iter().map(row).collect_view()}</ul>
                </section>
            }
        })
    }
}

/// The date so many days ago, as a field for dates has it.
fn days_ago(days: i64) -> String {
    now().plus(-days * DAY_MS).to_rfc3339().chars().take(10).collect()
}

/// From which day to which, the last one included.
pub(in crate::pages) fn days(from: &str, to: &str) -> String {
    let day = |at: &str| at.chars().take(10).collect::<String>();
    let last = Timestamp::from_rfc3339(to).map(|to| to.plus(-1).to_rfc3339());
    format!("{} – {}", day(from), day(last.as_deref().unwrap_or(to)))
}
