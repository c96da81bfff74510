//! What would have happened: in figures, on the drawing, step by step and one by one.

use super::{
    super::runs::{Steps, name_of, signs::traffic},
    rows::{Chosen, Rows},
};
use crate::{
    canvas::{JourneyView, Spot},
    messages::{phrase, plural, t},
    parts::{Empty, Icon},
    words::{grouped, sentence, spoken},
};
use journey::Draft;
use leptos::prelude::*;
use wire::{BacktestSummary, Counted, FailedStep, KeptOut, Week};

/// All that came of it.
#[component]
pub(super) fn Done(summary: BacktestSummary, draft: Draft, base: String) -> impl IntoView {
    let figures = view! { <Tiles summary=summary.clone()/><Remarks summary=summary.clone()/> };
    if summary.started == 0 {
        let text = match summary.kept_out.first() {
            Some(first) => {
                t!("What would have started it was kept out: {example}", example = first.example)
            }
            None => t!("Nothing that is remembered of that time is for a trigger of this drawing.")
                .to_owned(),
        };
        return view! {
            {figures}
            <Empty icon="search" title=t!("It would never have started") text/>
            <Why summary/>
        }
        .into_any();
    }
    let shown = traffic(&draft, &summary.nodes, &summary.edges);
    let (chosen, spot) = (Chosen::default(), RwSignal::new(None::<Spot>));
    let (node, run) = (chosen.node, chosen.run);
    let on_choose = Callback::new(move |id| node.set(Some(id)));
    let choose = Callback::new(move |id: String| {
        spot.set(Some(Spot::Node(id.clone())));
        node.set(Some(id));
    });
    let path = Signal::derive(move || {
        run.with(|run| run.as_ref().map(super::rows::way)).unwrap_or_default()
    });
    let nodes = summary.nodes.clone();
    let (steps, drawn) = (draft.clone(), StoredValue::new(draft.clone()));
    view! {
        {figures}
        <section class="card" aria-labelledby="backtest-drawing">
            <header><h2 id="backtest-drawing">{t!("On the drawing")}</h2></header>
            <div class="drawing tall"><JourneyView draft=Signal::stored(draft.clone()) path=path spot traffic=Signal::stored(shown) on_choose/></div>
        </section>
        <div class="columns">
            <div class="stack">
                <Rows base draft chosen outcomes=summary.outcomes.clone() kept=summary.runs started=summary.started/>
                <section class="card" aria-labelledby="backtest-steps">
                    <header><h2 id="backtest-steps">{t!("Step by step")}</h2></header>
                    {move || view! { <Steps draft=steps.clone() figures=nodes.clone() chosen=node choose/> }}
                </section>
            </div>
            <div class="stack">
                <FailedSteps failed=summary.failed.clone() draft=drawn/>
                <Weeks weeks=summary.weeks.clone()/>
                <Counts title=t!("How they ended") name="outcomes" counted=summary.outcomes.clone() more=None/>
                <Counts title=t!("Whose tasks") name="owners" counted=summary.owners.clone() more=more_owners(summary.more_owners)/>
                <Why summary/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Tiles(summary: BacktestSummary) -> impl IntoView {
    let tile = |name: &'static str, label: &'static str, count: u64| {
        view! { <div class="card tile" data-figure=name><span class="label">{label}</span><span class="figure">{grouped(count)}</span></div> }
    };
    let late = summary.nodes.iter().map(|node| node.breached).sum();
    let kept_out = summary.kept_out.iter().map(|why| why.count).sum();
    let deeds = |kind: &str| summary.deeds.get(kind).copied().unwrap_or_default();
    view! {
        <div class="tiles" data-field="backtest">
            {tile("started", t!("Would have started"), summary.started)}
            {tile("ended", t!("Ended by then"), summary.ended)}
            {tile("running", t!("Still under way"), summary.running)}
            {(summary.incidents > 0).then(|| tile("incidents", t!("Would need a person"), summary.incidents))}
            {tile("tasks", t!("Tasks for people"), deeds("task"))}
            {tile("messages", t!("Messages"), deeds("message") + deeds("notice"))}
            {tile("late", t!("Promises broken"), late)}
            {tile("kept_out", t!("Kept out"), kept_out)}
        </div>
    }
}

/// What to bear in mind of the figures.
#[component]
fn Remarks(summary: BacktestSummary) -> impl IntoView {
    let later = (summary.came_later > 0).then(|| {
        t!("{came_later} of {accounts} came into the workspace only after the beginning. How they stood before is not known; they are taken as they were when they came.", came_later = grouped(summary.came_later), accounts = plural!(summary.accounts, "{count} account", "{count} accounts"))
    });
    let failed = (summary.incidents > 0).then(|| {
        t!(
            "{incidents} came to a step that failed, and would need a person.",
            incidents = grouped(summary.incidents)
        )
    });
    let remark = |text: String| view! { <p class="notice" role="note"><Icon name="alert"/><span>{text}</span></p> };
    [later, failed].into_iter().flatten().map(remark).collect_view()
}

/// How many would have started in which week.
#[component]
fn Weeks(weeks: Vec<Week>) -> impl IntoView {
    let most = weeks.iter().map(|week| week.count).max().unwrap_or(1).max(1);
    let bar = move |week: Week| {
        let day: String = week.from.chars().take(10).collect();
        let words = t!("Week of {day}: {count}", day, count = grouped(week.count));
        let title = words.clone();
        let height = format!("{}%", (week.count * 100).div_ceil(most));
        view! { <li title=title><span class="unseen">{words}</span><i style:block-size=height></i></li> }
    };
    view! {
        <section class="card" aria-labelledby="backtest-weeks">
            <header><h2 id="backtest-weeks">{t!("Starts by week")}</h2></header>
            <ol class="weeks">{weeks.into_iter().map(bar).collect_view()}</ol>
        </section>
    }
}

/// That there are owners that are not listed.
fn more_owners(more: u64) -> Option<String> {
    (more > 0).then(|| {
        plural!(
            more,
            "And {count} more, with no more tasks than these.",
            "And {count} more, with no more tasks than these."
        )
    })
}

/// How many there are of each.
#[component]
fn Counts(
    title: &'static str,
    name: &'static str,
    counted: Vec<Counted>,
    /// What is said of those that are not listed.
    more: Option<String>,
) -> impl IntoView {
    let id = format!("backtest-{name}");
    let row = |one: Counted| {
        let words = if one.name.contains('@') { one.name.clone() } else { spoken(&one.name) };
        view! { <li class="row" data-row=one.name><span class="grow">{words}</span><span class="number">{grouped(one.count)}</span></li> }
    };
    (!counted.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby=id.clone()>
                <header><h2 id=id.clone()>{title}</h2></header>
                <ul class="rows">{counted.into_iter().map(row).collect_view()}</ul>
                {more.map(|words| view! { <p class="body muted" data-field="more">{words}</p> })}
            </section>
        }
    })
}

/// Which steps failed, and why.
#[component]
fn FailedSteps(failed: Vec<FailedStep>, draft: StoredValue<Draft>) -> impl IntoView {
    let row = move |step: FailedStep| {
        let name = draft.with_value(|draft| name_of(draft, &step.node));
        view! {
            <li class="row" data-row=step.node.clone()>
                <span class="grow"><strong>{name}</strong><span class="sub wrapped">{sentence(&step.example)}</span></span>
                <span class="number">{grouped(step.count)}</span>
            </li>
        }
    };
    (!failed.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="backtest-failed">
                <header><h2 id="backtest-failed">{t!("What failed")}</h2></header>
                <ul class="rows">{failed.into_iter().map(row).collect_view()}</ul>
                <p class="body muted">{phrase!("What calls and people answer is assumed: an example of what is declared, unless the step’s draft says it under {assume}.", assume = view! { <code>"assume"</code> })}</p>
            </section>
        }
    })
}

/// Why it would not have started.
#[component]
fn Why(summary: BacktestSummary) -> impl IntoView {
    let row = |why: KeptOut| {
        view! {
            <li class="row" data-row=why.code.clone()>
                <span class="grow"><strong>{spoken(&why.code)}</strong><span class="sub wrapped">{why.example}</span></span>
                <span class="number">{grouped(why.count)}</span>
            </li>
        }
    };
    (!summary.kept_out.is_empty()).then(|| {
        view! {
            <section class="card" aria-labelledby="backtest-why">
                <header><h2 id="backtest-why">{t!("Kept out")}</h2></header>
                <ul class="rows">{summary.kept_out.into_iter().map(row).collect_view()}</ul>
            </section>
        }
    })
}
