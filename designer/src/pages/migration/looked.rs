//! What becomes of each instance, and why.

use super::outcome_words;
use crate::{
    api,
    app::SignedIn,
    load::{Loaded, read},
    pages::{
        address,
        paging::{Pager, Turned},
    },
    parts::{Empty, ProblemView, Toasts},
    words::spoken,
};
use leptos::prelude::*;
use serde_json::{Value, json};
use wire::{MigratedInstance, Migration, Page, Problem, Role, RollBack};

/// How many instances a page has.
const ROWS: u32 = 50;

#[component]
pub(super) fn LookedAt(
    base: Memo<String>,
    outcome: RwSignal<String>,
    held: Loaded<Migration>,
) -> impl IntoView {
    let turned = expect_context::<Turned>();
    let list = Memo::new(move |_| {
        address(&format!("{}/instances?limit={ROWS}", base.get()), &[("outcome", &outcome.get())])
    });
    let rows = read::<Page<MigratedInstance>>(move || {
        held.value.track();
        turned.page(&list.get())
    });
    let shown = move |page: Page<MigratedInstance>| {
        if page.items.is_empty() {
            return view! { <Empty icon="check" title="No instance here" text="What becomes of each instance is listed here."/> }.into_any();
        }
        let count = page.items.len();
        let row = move |one: MigratedInstance| view! { <Row one base held/> };
        view! {
            <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul>
            <Pager list=list.get_untracked() full=ROWS rows=count next=page.next_cursor/>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="migration-instances">
            <header><h2 id="migration-instances">"Instances"</h2></header>
            {rows.show(shown)}
        </section>
    }
}

#[component]
fn Row(one: MigratedInstance, base: Memo<String>, held: Loaded<Migration>) -> impl IntoView {
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let tone = match one.outcome.as_str() {
        "moves_cleanly" | "moved" => "good",
        "needs_mapping" => "warning",
        "must_stay" => "danger",
        _ => "",
    };
    let lines = sentences(&one.plan).into_iter().map(|line| view! { <li>{line}</li> });
    let instance = one.instance.clone();
    let back = draws && one.outcome == "moved";
    view! {
        <li class="row" data-row=one.instance.clone() data-outcome=one.outcome.clone()>
            <span class="grow">
                <a href=format!("/instances/{}", one.instance)><strong>{one.instance.clone()}</strong></a>
                <ul class="lines">{lines.collect_view()}</ul>
            </span>
            <span class=format!("chip {tone}")>{outcome_words(&one.outcome)}</span>
            {back.then(|| view! { <RollBackButton instance base held/> })}
        </li>
    }
}

#[component]
fn RollBackButton(instance: String, base: Memo<String>, held: Loaded<Migration>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let press = move |_| {
        problem.set(None);
        let body = json!(RollBack { instance: instance.clone() });
        leptos::task::spawn_local(async move {
            match api::order(&format!("{}/roll-back", base.get_untracked()), &body).await {
                Ok(()) => {
                    toasts.say("It follows the version it came from again.");
                    held.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    view! {
        <button class="button" type="button" data-action="roll-back" on:click=press>"Roll back"</button>
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
    }
}

/// Why an instance does not move, what may surprise, and what becomes of its waits.
fn sentences(plan: &Value) -> Vec<String> {
    let list =
        |member: &str| plan.get(member).and_then(Value::as_array).cloned().unwrap_or_default();
    let said = |reason: &Value| reason.get("sentence").and_then(Value::as_str).map(str::to_owned);
    let reasons = list("reasons").into_iter().chain(list("notes"));
    let mut lines: Vec<String> = reasons.filter_map(|reason| said(&reason)).collect();
    lines.extend(list("waits").iter().filter_map(wait));
    lines
}

/// Where a wait goes on, and which of its timers change.
fn wait(wait: &Value) -> Option<String> {
    let text = |member: &str| wait.get(member).and_then(Value::as_str);
    let (from, to) = (text("from_node")?, text("to_node")?);
    let place = if from == to {
        format!("“{}” goes on", spoken(from))
    } else {
        format!("“{}” goes on at “{}”", spoken(from), spoken(to))
    };
    let timers =
        wait.get("timers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let changed = |word: &str| timers.iter().filter(|timer| timer["change"] == word).count();
    let told = [("recomputed", "reckoned anew"), ("dropped", "dropped"), ("added", "new")]
        .into_iter()
        .filter(|(word, _)| changed(word) > 0)
        .map(|(word, words)| format!("{} of its timers {words}", changed(word)));
    let told: Vec<String> = told.collect();
    Some(if told.is_empty() {
        format!("{place}.")
    } else {
        format!("{place}, {}.", told.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_says_why_it_stays_and_what_becomes_of_its_waits() {
        let plan = json!({
            "reasons": [{ "code": "node-gone", "sentence": "The step 'call' is gone." }],
            "notes": [{ "code": "x", "sentence": "A note." }],
            "waits": [
                { "from_node": "call", "to_node": "first_call", "timers": [{ "change": "kept" }, { "change": "recomputed" }] },
                { "from_node": "call", "to_node": "call", "timers": [] },
                { "from_node": "gone", "to_node": null, "timers": [] },
            ],
        });
        let want = [
            "The step 'call' is gone.",
            "A note.",
            "“Call” goes on at “First call”, 1 of its timers reckoned anew.",
            "“Call” goes on.",
        ];
        assert_eq!(sentences(&plan), want);
        assert_eq!(sentences(&Value::Null), Vec::<String>::new());
    }
}
