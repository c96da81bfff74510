//! What happened, move by move; choosing one shows how it stood after it.

use super::{super::icon::Icon, state::Rehearsal};
use crate::{
    clock::moment,
    messages::t,
    words::{
        rehearsal as words,
        timeline::{Line, timeline},
    },
};
use journey::rehearsal::{Move, Played, Took};
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use wire::RecordView;

#[component]
pub(super) fn Story(rehearsal: Rehearsal, played: Arc<Played>) -> impl IntoView {
    let mut lines = lines(rehearsal, &played);
    let begun = lines.remove(&None).unwrap_or_default();
    let moves = rehearsal.case.get_untracked().moves;
    let looked = rehearsal.looked.get_untracked();
    let rows = moves.into_iter().enumerate().map(|(at, made)| {
        let took = played.took.get(at).cloned();
        let lines = lines.remove(&Some(at)).unwrap_or_default();
        view! { <Made rehearsal at made took lines/> }
    });
    let rows = rows.collect_view();
    view! {
        <section class="jc-story" aria-label=t!("What happened")>
            <h2>{t!("What happened")}</h2>
            {looked.map(|_| view! {
                <p class="jc-fine">
                    {t!("You look at how it stood earlier. What you do now takes the place of the moves after it.")}" "
                    <button type="button" class="jc-fix" data-action="rehearsal-newest" on:click=move |_| rehearsal.look_at(None)>{t!("Back to the last move")}</button>
                </p>
            })}
            <ol>
                <li class="made" aria-current=(looked == Some(0)).then_some("step")>
                    <button type="button" data-move="begin" on:click=move |_| rehearsal.look_at(Some(0))>{t!("It begins")}</button>
                    <Lines lines=begun/>
                </li>
                {rows}
            </ol>
        </section>
    }
}

#[component]
fn Made(
    rehearsal: Rehearsal,
    at: usize,
    made: Move,
    /// What became of it; `None` when it comes after what is looked at.
    took: Option<Took>,
    lines: Vec<Line>,
) -> impl IntoView {
    let told = rehearsal.canvas().read(|editor| words::moved(&made, editor.draft()));
    let expects = matches!(made, Move::Expect(_));
    let (state, failed) = match took {
        None => ("ahead", None),
        Some(Took::NotReached) => ("ahead", Some(t!("Not reached.").to_owned())),
        Some(Took::Failed(why)) => ("failed", Some(why)),
        Some(Took::Done) if expects => ("held", None),
        Some(Took::Done) => ("done", None),
    };
    let icon = match state {
        "failed" => Some("error"),
        "held" => Some("check"),
        _ => None,
    };
    let looked = rehearsal.looked.get_untracked();
    view! {
        <li class="made" data-state=state aria-current=(looked == Some(at + 1)).then_some("step")>
            <button type="button" data-move=at.to_string() on:click=move |_| rehearsal.look_at(Some(at + 1))>
                {icon.map(|name| view! { <Icon name=name/> })}
                {told}
            </button>
            {failed.map(|why| view! { <span class="jc-wrong" role="alert">{why}</span> })}
            <Lines lines/>
        </li>
    }
}

#[component]
fn Lines(lines: Vec<Line>) -> impl IntoView {
    let line = |line: Line| {
        view! {
            <li data-tone=line.tone>
                <span>{line.what}</span>
                {(!line.more.is_empty()).then(|| view! { <small>{line.more}" "{line.moment.map(|at| moment(&at))}</small> })}
            </li>
        }
    };
    let any = !lines.is_empty();
    any.then(|| view! { <ul>{lines.into_iter().map(line).collect_view()}</ul> })
}

/// What people would tell of each move, by its place.
fn lines(rehearsal: Rehearsal, played: &Played) -> BTreeMap<Option<usize>, Vec<Line>> {
    let told: Vec<BTreeMap<u64, Line>> = rehearsal.canvas().read(|editor| {
        let runs = played.runs.iter().map(|run| {
            let records: Vec<RecordView> = run
                .records
                .iter()
                .map(|record| RecordView {
                    sequence: record.sequence,
                    at: record.at.to_rfc3339(),
                    fact: record.fact.clone(),
                })
                .collect();
            let lines = timeline(&records, Some(editor.draft()), &|person| capital(person));
            lines.into_iter().map(|line| (line.sequence, line)).collect()
        });
        runs.collect()
    });
    let mut by_move: BTreeMap<Option<usize>, Vec<Line>> = BTreeMap::new();
    for trail in &played.trail {
        let record = played.runs.get(trail.run).and_then(|run| run.records.get(trail.record));
        let line = record.and_then(|record| told.get(trail.run)?.get(&record.sequence));
        if let Some(line) = line {
            by_move.entry(trail.made).or_default().push(line.clone());
        }
    }
    by_move
}

/// `someone` at the beginning of a sentence.
fn capital(person: &str) -> String {
    match person.strip_prefix("someone") {
        Some(rest) => t!("Someone{rest}", rest),
        None => person.to_owned(),
    }
}
