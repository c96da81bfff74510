//! What becomes of each instance, and why.

use crate::{
    api,
    app::SignedIn,
    load::{Loaded, load, read},
    messages::t,
    pages::{
        address, moment,
        paging::{Pager, Turned},
    },
    parts::{Empty, ProblemView, Toasts},
    words::{
        moves::{Words, outcome as outcome_words, sentences},
        spoken,
    },
};
use journey::{Draft, Timestamp, migrate::Plan};
use leptos::prelude::*;
use serde_json::json;
use wire::{MigratedInstance, Migration, Page, Problem, Role, RollBack, Version};

/// How many instances a page has.
const ROWS: u32 = 50;

#[component]
pub(super) fn LookedAt(
    id: Memo<String>,
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
    let drawings = drawings(id, held);
    let shown = move |page: Page<MigratedInstance>| {
        if page.items.is_empty() {
            return view! { <Empty icon="check" title=t!("No instance here") text=t!("What becomes of each instance is listed here.")/> }.into_any();
        }
        let count = page.items.len();
        let row = move |one: MigratedInstance| view! { <Row one base held drawings/> };
        view! {
            <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul>
            <Pager list=list.get_untracked() full=ROWS rows=count next=page.next_cursor/>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="migration-instances">
            <header><h2 id="migration-instances">{t!("Instances")}</h2></header>
            {rows.show(shown)}
        </section>
    }
}

/// The two drawings, for the names of their steps: the one that is followed first.
fn drawings(id: Memo<String>, held: Loaded<Migration>) -> Loaded<Vec<Draft>> {
    let numbers = Memo::new(move |_| held.ready().map(|held| [held.from, held.to]));
    load(move || {
        let (id, numbers) = (id.get(), numbers.get());
        async move {
            let mut all = Vec::new();
            for number in numbers.into_iter().flatten() {
                let version: Version =
                    api::get(&format!("/journeys/{id}/versions/{number}")).await?;
                all.extend(version.draft);
            }
            Ok(all)
        }
    })
}

/// What becomes of one instance, in the names of the drawings.
fn told(one: &MigratedInstance, drawings: &[Draft]) -> Vec<String> {
    let step = |id: &str| {
        let found = drawings.iter().find_map(|draft| draft.node(id));
        let name = found.map(|node| node.name.trim()).filter(|name| !name.is_empty());
        name.map_or_else(|| spoken(id), str::to_owned)
    };
    let moment = |at: Timestamp| moment(&at.to_rfc3339());
    let words = Words { step: &step, moment: &moment };
    // An instance that was over before has no plan.
    let plan = serde_json::from_value::<Plan>(one.plan.clone()).ok();
    plan.map(|plan| sentences(&plan, &words)).unwrap_or_default()
}

#[component]
fn Row(
    one: MigratedInstance,
    base: Memo<String>,
    held: Loaded<Migration>,
    drawings: Loaded<Vec<Draft>>,
) -> impl IntoView {
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let tone = match one.outcome.as_str() {
        "moves_cleanly" | "moved" => "good",
        "needs_mapping" => "warning",
        "must_stay" => "danger",
        _ => "",
    };
    let instance = one.instance.clone();
    let back = draws && one.outcome == "moved";
    let name = one
        .account
        .as_ref()
        .map_or_else(|| t!("No account").to_owned(), |account| account.name.clone());
    let outcome = outcome_words(&one.outcome);
    let (row, became) = (one.instance.clone(), one.outcome.clone());
    let lines = move || {
        let lines = told(&one, &drawings.ready().unwrap_or_default()).into_iter();
        lines.map(|line| view! { <li>{line}</li> }).collect_view()
    };
    view! {
        <li class="row looked" data-row=row.clone() data-outcome=became>
            <span class="grow">
                <a href=format!("/instances/{row}")><strong>{name}</strong></a>
                <span class="sub mono">{row.clone()}</span>
                <ul class="lines">{lines}</ul>
            </span>
            <span class=format!("chip {tone}")>{outcome}</span>
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
                    toasts.say(t!("It follows the version it came from again."));
                    held.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    };
    view! {
        <button class="button" type="button" data-action="roll-back" on:click=press>{t!("Take back")}</button>
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
    }
}
