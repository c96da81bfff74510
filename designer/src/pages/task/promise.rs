//! The clock of a task's promise: how it stands, whose turn it was, and what a person may do to it.

use crate::{
    api::{self, Answer},
    load::{Loaded, load},
    messages::t,
    pages::{moment, now},
    parts::{Dialog, ProblemView, ReasonForm, Toasts},
    words::{
        due::{lasting, left},
        spoken,
    },
};
use journey::{event::SlaChange, sla::Reason};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::json;
use wire::{Problem, PromiseView, TaskView};

/// The promise of a task; nothing is shown for one that promises nothing.
#[component]
pub(super) fn Promise(id: Memo<String>, task: Loaded<TaskView>, may_change: bool) -> impl IntoView {
    let promise = load(move || {
        task.value.track();
        let id = id.get();
        async move { find(&id).await }
    });
    move || {
        promise.ready().flatten().map(|held| {
            let state = held.state.clone();
            view! {
                <section class="card" aria-labelledby="task-promise" data-promise=state.clone()>
                    <header>
                        <h2 id="task-promise">{title(&held.kind)}</h2>
                        <span class=format!("chip spring {}", tone(&state))>{spoken(&state)}</span>
                    </header>
                    <div class="body stack">
                        <Figures held=held.clone()/>
                        {(may_change && is_open(&state)).then(|| view! { <Changes id promise held task/> })}
                    </div>
                </section>
            }
        })
    }
}

async fn find(id: &str) -> Answer<Option<PromiseView>> {
    match api::get::<PromiseView>(&format!("/tasks/{id}/sla")).await {
        Ok(held) => Ok(Some(held)),
        Err(problem) if problem.status == 404 => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn title(kind: &str) -> &'static str {
    match kind {
        "ola" => t!("Promised to another team"),
        "vendor" => t!("Promised by a vendor"),
        _ => t!("Promised to the customer"),
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "running" => "accent",
        "met" => "good",
        "breached" => "danger",
        _ => "",
    }
}

/// Whether there is anything to be done to it. While a handoff is not sent its clock stands.
fn is_open(state: &str) -> bool {
    matches!(state, "running" | "paused" | "breached")
}

#[component]
fn Figures(held: PromiseView) -> impl IntoView {
    let left = left(&held.state, &held.due, held.remaining_ms, now());
    let paused =
        held.turns.last().filter(|turn| turn.to.is_none()).and_then(|turn| turn.paused.clone());
    let spent = held.spent.iter().filter(|spent| spent.elapsed_ms > 0).map(|spent| {
        let words = t!(
            "{elapsed_ms} ({working_ms} of working time)",
            elapsed_ms = lasting(spent.elapsed_ms),
            working_ms = lasting(spent.working_ms)
        );
        view! { <dt>{spoken(&spent.party)}</dt><dd>{words}</dd> }
    });
    view! {
        <dl class="pairs">
            <dt>{t!("Due")}</dt><dd>{moment(&held.due)}</dd>
            {left.map(|(words, time)| view! { <dt>{words}</dt><dd data-field="left">{time}</dd> })}
            <dt>{t!("Calendar")}</dt><dd>{held.calendar.clone()}</dd>
            {paused.map(|why| view! { <dt>{t!("Paused")}</dt><dd>{spoken(&why)}</dd> })}
            {held.cancelled_because.map(|why| view! { <dt>{t!("Cancelled because")}</dt><dd data-field="cancelled-because">{why}</dd> })}
            {held.breached_at.as_deref().map(|at| view! { <dt>{t!("Overdue since")}</dt><dd>{moment(at)}</dd> })}
        </dl>
        <h3>{t!("Whose turn it was")}</h3>
        <dl class="pairs">{spent.collect_view()}</dl>
    }
}

#[component]
fn Changes(
    id: Memo<String>,
    promise: Loaded<Option<PromiseView>>,
    held: PromiseView,
    task: Loaded<TaskView>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (pausing, cancelling) = (RwSignal::new(false), RwSignal::new(false));
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |(change, done): (SlaChange, &'static str)| {
        problem.set(None);
        let path = format!("/tasks/{}/sla", id.get_untracked());
        leptos::task::spawn_local(async move {
            match api::order(&path, &json!(change)).await {
                Ok(()) => {
                    toasts.say(done);
                    pausing.try_set(false);
                    cancelling.try_set(false);
                    promise.again();
                    task.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    });
    let button = move |action: &'static str,
                       words: &'static str,
                       change: SlaChange,
                       done: &'static str| {
        view! { <button class="button" type="button" data-action=action on:click=move |_| send.run((change.clone(), done))>{words}</button> }
    };
    let cancel = Callback::new(move |reason| {
        send.run((SlaChange::Cancel { reason }, t!("The promise is cancelled.")));
    });
    let paused = held.state == "paused";
    view! {
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        <div class="actions">
            {if paused {
                button("resume-clock", t!("Let the clock run"), SlaChange::Resume, t!("The clock runs.")).into_any()
            } else {
                view! { <button class="button" type="button" data-action="pause-clock" on:click=move |_| pausing.set(true)>{t!("Pause the clock")}</button> }.into_any()
            }}
            {button("reset-clock", t!("Start it anew"), SlaChange::Reset, t!("The promise begins anew."))}
            {button("stop-clock", t!("The promise is kept"), SlaChange::Stop, t!("The promise is kept."))}
            <button class="button danger" type="button" data-action="cancel-promise" on:click=move |_| cancelling.set(true)>{t!("Cancel the promise")}</button>
        </div>
        <Dialog open=pausing title=t!("Pause the clock") name="pause-clock"><PauseForm send problem/></Dialog>
        <Dialog open=cancelling title=t!("Cancel the promise") name="cancel-promise"><ReasonForm open=cancelling name="cancel-promise" verb=t!("Cancel the promise") text=t!("The task stays, but nothing is due any more: no warning, no breach, no escalation.") problem on_reason=cancel/></Dialog>
    }
}

/// Asks why the clock stops.
#[component]
fn PauseForm(
    send: Callback<(SlaChange, &'static str)>,
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let why = RwSignal::new("customer".to_owned());
    let words = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let reason = match why.get_untracked().as_str() {
            "customer" => Reason::WaitingOnCustomer,
            "vendor" => Reason::WaitingOnVendor,
            _ => Reason::Other(words.get_untracked().trim().to_owned()),
        };
        send.run((SlaChange::Pause { reason }, t!("The clock is paused.")));
    };
    let other = move || why.with(|why| why == "other");
    let turn = move || match why.get().as_str() {
        "customer" => t!("It is the customer’s turn until the clock runs again."),
        "vendor" => t!("It is the vendor’s turn until the clock runs again."),
        _ => t!("The clock stands still, but it stays the team’s turn."),
    };
    view! {
        <form on:submit=submit data-form="pause-clock">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-why">{t!("Why")}</label>
                <select class="input" id="field-why" autofocus on:change:target=move |event| why.set(event.target().value())>
                    <option value="customer">{t!("Waiting on the customer")}</option>
                    <option value="vendor">{t!("Waiting on a vendor")}</option>
                    <option value="other">{t!("Something else, in your own words")}</option>
                </select>
                <span class="hint" data-field="turn">{turn}</span>
            </div>
            <Show when=other>
                <div class="field">
                    <label for="field-words">{t!("In words")}</label>
                    <input class="input" id="field-words" required maxlength="200" bind:value=words/>
                </div>
            </Show>
            <div class="actions"><button class="button primary" type="submit" data-action="confirm-pause">{t!("Pause")}</button></div>
        </form>
    }
}
