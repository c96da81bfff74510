//! Test cases: rehearsals that are kept in the draft, and played again together.

use super::{
    super::icon::Icon,
    state::{Rehearsal, Results as Outcome, Verdict},
};
use crate::messages::t;
use leptos::{ev::SubmitEvent, prelude::*};

/// Which case is played; keeping it, removing it, running all.
#[component]
pub(super) fn CaseTools(rehearsal: Rehearsal, beginning: RwSignal<bool>) -> impl IntoView {
    let tests = Memo::new(move |_| {
        rehearsal.draft(|draft| {
            let all = draft.tests.iter().map(|test| (test.id.clone(), test.name.clone()));
            all.collect::<Vec<_>>()
        })
    });
    let options = move || {
        let option = |(id, name): (String, String)| {
            let own = Some(id.clone());
            view! { <option value=id selected=move || rehearsal.test.get() == own>{name}</option> }
        };
        tests.get().into_iter().map(option).collect_view()
    };
    let chosen = move |value: String| rehearsal.open(Some(value).filter(|value| !value.is_empty()));
    let keeping = RwSignal::new(false);
    view! {
        <select class="jc-control" aria-label=t!("Test case") data-action="choose-test" on:change:target=move |event| chosen(event.target().value())>
            <option value="" selected=move || rehearsal.test.with(Option::is_none)>{t!("A new rehearsal")}</option>
            {options}
        </select>
        <button type="button" class="jc-tool wide" data-action="rehearsal-begin" aria-expanded=move || beginning.get().to_string() on:click=move |_| beginning.update(|open| *open = !*open)>
            <Icon name="set"/>{t!("How it begins")}
        </button>
        <button type="button" class="jc-tool wide" data-action="keep-test" aria-expanded=move || keeping.get().to_string() on:click=move |_| keeping.update(|open| *open = !*open)>
            <Icon name="check"/>{t!("Keep as a test case")}
        </button>
        <Show when=move || rehearsal.test.with(Option::is_some)>
            <button type="button" class="jc-tool" data-action="remove-test" title=t!("Remove this test case") aria-label=t!("Remove this test case") on:click=move |_| rehearsal.forget()><Icon name="trash"/></button>
        </Show>
        <button type="button" class="jc-tool wide" data-action="run-tests" disabled=move || tests.with(Vec::is_empty) || rehearsal.is_unplayable() on:click=move |_| rehearsal.run_all()>
            <Icon name="trigger"/>{t!("Run all")}
        </button>
        <Show when=move || keeping.get()><Keep rehearsal open=keeping/></Show>
    }
}

/// The name to keep it under.
#[component]
fn Keep(rehearsal: Rehearsal, open: RwSignal<bool>) -> impl IntoView {
    let held = rehearsal.test.get_untracked();
    let name = rehearsal.canvas().read(|editor| {
        let test = editor.draft().tests.iter().find(|test| Some(&test.id) == held.as_ref());
        test.map(|test| test.name.clone()).unwrap_or_default()
    });
    let name = RwSignal::new(name);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if !name.is_empty() {
            rehearsal.keep(&name);
            open.set(false);
        }
    };
    view! {
        <form class="jc-keep" on:submit=submit data-form="keep-test">
            <input class="jc-control" aria-label=t!("Name of the test case") placeholder=t!("What it shows, such as: signed early") required maxlength="120" data-field="test-name" bind:value=name/>
            <button type="submit" class="jc-choice primary" data-action="keep-test-now">{t!("Keep")}</button>
        </form>
    }
}

/// What became of all test cases.
#[component]
pub(super) fn Results(rehearsal: Rehearsal) -> impl IntoView {
    move || {
        rehearsal.results.get().map(|results| {
            let words = summary(&results);
            let rows = results.rows.into_iter().map(|verdict| view! { <Row rehearsal verdict/> });
            let rows = rows.collect_view();
            view! {
                <section class="jc-results" aria-label=t!("Results")>
                    <p role="status" data-field="test-results">{words}</p>
                    <ul>{rows}</ul>
                </section>
            }
        })
    }
}

#[component]
fn Row(rehearsal: Rehearsal, verdict: Verdict) -> impl IntoView {
    let Verdict { id, name, failed } = verdict;
    let (state, icon) = if failed.is_some() { ("failed", "error") } else { ("held", "check") };
    let opened = id.clone();
    view! {
        <li data-test=id data-state=state>
            <button type="button" class="jc-fix" on:click=move |_| rehearsal.open(Some(opened.clone()))><Icon name=icon/>{name}</button>
            {failed.map(|(_, why)| view! { <span class="jc-wrong">{why}</span> })}
        </li>
    }
}

/// How many hold, and how much of the drawing they come through.
fn summary(results: &Outcome) -> String {
    let failed = results.rows.iter().filter(|verdict| verdict.failed.is_some()).count();
    let all = results.rows.len();
    let hold = match failed {
        0 if all == 1 => t!("The test case holds").to_owned(),
        0 => t!("All {all} test cases hold", all),
        _ => t!("{failed} of {all} test cases fail", failed, all),
    };
    let ((steps, of_steps), (ways, of_ways)) = (results.steps, results.ways);
    let they = if all == 1 { t!("It comes") } else { t!("They come") };
    t!(
        "{hold}. {they} through {steps} of {of_steps} steps and {ways} of {of_ways} ways; what is left out is faint.",
        hold,
        they,
        steps,
        of_steps,
        ways,
        of_ways
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_what_fails_and_what_is_left_out() {
        let verdict = |failed: bool| Verdict {
            id: "t".to_owned(),
            name: "T".to_owned(),
            failed: failed.then(|| (None, "why".to_owned())),
        };
        let of = |rows| summary(&Outcome { rows, steps: (3, 4), ways: (2, 5) });
        assert_eq!(
            of(vec![verdict(false)]),
            "The test case holds. It comes through 3 of 4 steps and 2 of 5 ways; what is left out is faint."
        );
        assert!(of(vec![verdict(false), verdict(true)]).starts_with("1 of 2 test cases fail."));
        assert!(of(vec![verdict(false), verdict(false)]).starts_with("All 2 test cases hold."));
    }
}
