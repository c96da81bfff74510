//! The instances one by one: who, when, how it ended, and on demand the way it would have gone.

use super::super::runs::name_of;
use crate::{
    editor::Path,
    load::read,
    messages::{plural, t},
    pages::{
        address, moment,
        paging::{Pager, Turned},
    },
    parts::{Empty, Icon, StatusChip},
    words::{due::took, grouped, sentence, spoken, with_moments},
};
use journey::{Draft, Status, Timestamp};
use leptos::prelude::*;
use wire::{BacktestRun, BacktestStay, Counted, Page};

/// How many rows a page has.
const ROWS: u32 = 25;

/// What is looked at: those that came to a step, that ended in a way, and one of them.
#[derive(Clone, Copy, Default)]
pub(super) struct Chosen {
    pub(super) node: RwSignal<Option<String>>,
    outcome: RwSignal<String>,
    pub(super) run: RwSignal<Option<BacktestRun>>,
}

impl Chosen {
    /// The address of a list, kept to what is chosen.
    fn narrow(self, list: &str) -> String {
        let (node, outcome) = (self.node.get().unwrap_or_default(), self.outcome.get());
        address(list, &[("node", &node), ("outcome", &outcome)])
    }
}

/// The list, kept to what is chosen.
#[component]
pub(super) fn Rows(
    base: String,
    draft: Draft,
    chosen: Chosen,
    outcomes: Vec<Counted>,
    /// How many can be listed, of how many that would have started.
    kept: u64,
    started: u64,
) -> impl IntoView {
    let turned = expect_context::<Turned>();
    let base = StoredValue::new(base);
    let list = Memo::new(move |_| {
        chosen.narrow(&base.with_value(|base| format!("{base}/runs?limit={ROWS}")))
    });
    // The server's own address, not a page of the designer.
    let table =
        move || chosen.narrow(&base.with_value(|base| format!("/api/v1{base}/runs/export")));
    let rows = read::<Page<BacktestRun>>(move || turned.page(&list.get()));
    let drawn = StoredValue::new(draft);
    let at = move || {
        let id = chosen.node.get()?;
        let name = drawn.with_value(|draft| name_of(draft, &id));
        Some(view! {
            <button class="chip accent" type="button" data-action="any-step" title=t!("Show those that came to any step") on:click=move |_| chosen.node.set(None)>{t!("Came to {name}", name)}" ×"</button>
        })
    };
    let option = |one: Counted| {
        view! { <option value=one.name.clone()>{spoken(&one.name)}</option> }
    };
    let more = (kept < started).then(|| {
        t!(
            "The first {kept} of {started} are listed.",
            kept = grouped(kept),
            started = plural!(started, "{count} start", "{count} starts")
        )
    });
    view! {
        <section class="card" aria-labelledby="backtest-rows">
            <header>
                <h2 id="backtest-rows">{t!("One by one")}</h2>
                {at}
                <select class="input spring narrow" aria-label=t!("How they ended") prop:value=move || chosen.outcome.get() on:change:target=move |event| chosen.outcome.set(event.target().value())>
                    <option value="">{t!("However they ended")}</option>
                    {outcomes.into_iter().map(option).collect_view()}
                </select>
                <a class="button quiet" href=table rel="external" download="" data-action="export-rows" title=t!("All of these rows, as a table for other programs")><Icon name="download"/>{t!("CSV")}</a>
            </header>
            {rows.show(move |page| view! { <Listed page list chosen drawn/> })}
            {more.map(|words| view! { <p class="body muted">{words}</p> })}
        </section>
    }
}

#[component]
fn Listed(
    page: Page<BacktestRun>,
    list: Memo<String>,
    chosen: Chosen,
    drawn: StoredValue<Draft>,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Empty icon="check" title=t!("None") text=t!("No instance went so.")/> }
            .into_any();
    }
    let rows = page.items.len();
    let row = move |run: BacktestRun| view! { <Row run chosen drawn/> };
    view! {
        <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul>
        <Pager list=list.get_untracked() full=ROWS rows next=page.next_cursor/>
    }
    .into_any()
}

/// One instance; pressed, its way is shown on the drawing and told below.
#[component]
fn Row(run: BacktestRun, chosen: Chosen, drawn: StoredValue<Draft>) -> impl IntoView {
    let number = run.number;
    let is_this =
        move || chosen.run.with(|run| run.as_ref().is_some_and(|run| run.number == number));
    let who =
        run.account.as_ref().map_or_else(|| t!("No account").to_owned(), |one| one.name.clone());
    let lasted = match &run.ended_at {
        Some(ended) => t!("took {time}", time = between(&run.started_at, ended)),
        None => t!("was not over by then").to_owned(),
    };
    let started = format!("{} · {lasted}", moment(&run.started_at));
    let (status, outcome) = (run.status, run.outcome.clone());
    let failure = run.failure.as_deref().map(sentence);
    let run = StoredValue::new(run);
    let press = move |_| chosen.run.set((!untrack(is_this)).then(|| run.get_value()));
    let told =
        move || is_this().then(|| run.with_value(|run| drawn.with_value(|draft| told(run, draft))));
    view! {
        <li class="row stacked" data-row=number class:selected=is_this>
            <span class="line">
                <span class="grow">
                    <button class="link" type="button" data-action="show-run" aria-expanded=move || is_this().to_string() on:click=press>{who}</button>
                    <span class="sub">{started}</span>
                    {failure.map(|why| view! { <span class="sub wrapped" data-field="failure">{why}</span> })}
                </span>
                <StatusChip status outcome/>
            </span>
            {told}
        </li>
    }
}

/// Where it would have been when, and what it would have done.
fn told(run: &BacktestRun, draft: &Draft) -> AnyView {
    let stay = |stay: &BacktestStay| {
        let lasted = match &stay.left_at {
            Some(left) => between(&stay.at, left),
            None => t!("stays").to_owned(),
        };
        let is_late = stay.late;
        view! {
            <li>
                <strong>{name_of(draft, &stay.node)}</strong>
                <span class="sub">{moment(&stay.at)}" · "{lasted}</span>
                {is_late.then(|| view! { <span class="chip danger">{t!("Late")}</span> })}
            </li>
        }
    };
    let deed = |deed: &wire::BacktestDeed| view! { <li>{with_moments(&deed.summary, moment)}</li> };
    let account = run.account.as_ref().map(|account| {
        view! { <a href=format!("/accounts/{}", account.id)>{t!("Open the account as it is today")}</a> }
    });
    view! {
        <div class="run-told">
            <ol class="way">{run.stays.iter().map(stay).collect_view()}</ol>
            <ul class="lines">{run.deeds.iter().map(deed).collect_view()}</ul>
            {account}
        </div>
    }
    .into_any()
}

fn between(from: &str, to: &str) -> String {
    let at = |text: &str| Timestamp::from_rfc3339(text).unwrap_or_default();
    took(u64::try_from(at(to).0 - at(from).0).unwrap_or_default())
}

/// The way an instance would have gone, for the drawing.
pub(super) fn way(run: &BacktestRun) -> Path {
    let mut path = Path { edges: run.edges.iter().cloned().collect(), ..Path::default() };
    for stay in &run.stays {
        *path.entered.entry(stay.node.clone()).or_default() += 1;
        if stay.left_at.is_none() {
            match run.status {
                Status::Running => drop(path.waits.insert(stay.node.clone())),
                Status::Incident => drop(path.incidents.insert(stay.node.clone())),
                Status::Ended | Status::Cancelled => {}
            }
        }
    }
    path
}
