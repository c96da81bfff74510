//! One task: claim it, read what to do, answer, complete.

use super::{
    form::{FormFields, presets},
    id_in_path,
    rows::DueChip,
};
use crate::{
    api,
    app::SignedIn,
    live::live,
    load::{Loaded, load},
    parts::{Empty, PageHead, ProblemView, Toasts},
    words::{fields, shown, spoken},
};
use leptos::{ev::SubmitEvent, html, prelude::*};
use serde_json::{Value, json};
use wasm_bindgen::JsCast;
use wire::{CompleteTask, OutcomeView, Problem, TaskView};

/// The task in the address.
#[component]
pub(crate) fn TaskPage() -> impl IntoView {
    let id = id_in_path();
    let live = live();
    let task = load(move || {
        live.tasks.track();
        let path = format!("/tasks/{}", id.get());
        async move { api::get::<TaskView>(&path).await }
    });
    view! { <div class="page narrow" data-page="task">{task.show(move |held| view! { <Task held task/> })}</div> }
}

#[component]
fn Task(held: TaskView, task: Loaded<TaskView>) -> impl IntoView {
    let about = held.account.clone().map(|account| {
        view! {
            <a href=format!("/accounts/{}", account.id)>{account.name}</a>
        }
    });
    let instance = view! { <a href=format!("/instances/{}", held.instance) data-action="why">{held.journey_name.clone()}</a> };
    let holder = held
        .assignee
        .clone()
        .map(|assignee| format!("Claimed by {assignee}"))
        .or_else(|| held.team.clone().map(|team| format!("For {team}")));
    let open = super::inbox::is_open(&held);
    let chip = if open {
        view! { <DueChip sla=held.sla.clone()/> }.into_any()
    } else {
        view! { <span class="chip good">{spoken(&held.status)}</span> }.into_any()
    };
    let instructions = held.instructions.clone();
    view! {
        <PageHead title=held.title.clone() back=("/inbox", "Inbox")/>
        <div class="facts" data-state=held.status.clone()>
            {chip}{about}<span>"in "{instance}</span>{holder.map(|holder| view! { <span data-field="holder">{holder}</span> })}
        </div>
        {(!instructions.is_empty()).then(|| view! {
            <section class="card" aria-labelledby="task-instructions">
                <header><h2 id="task-instructions">"What to do"</h2></header>
                <div class="body"><p class="instructions">{instructions}</p></div>
            </section>
        })}
        {if open { view! { <Answer held task/> }.into_any() } else { view! { <Answered held/> }.into_any() }}
    }
}

/// What was chosen and answered.
#[component]
fn Answered(held: TaskView) -> impl IntoView {
    let Some(outcome) = held.outcome else {
        return view! { <Empty icon="cross" title="This task was withdrawn" text="The journey no longer needs it."/> }.into_any();
    };
    let label = held
        .outcomes
        .into_iter()
        .find(|other| other.id == outcome)
        .map_or_else(|| spoken(&outcome), |found| found.label);
    let answers = held.answers.unwrap_or(Value::Null);
    let pairs = answers.as_object().into_iter().flatten().map(|(name, value)| {
        view! {
            <dt>{spoken(name)}</dt><dd>{shown(value)}</dd>
        }
    });
    let pairs = pairs.collect_view();
    view! {
        <section class="card" aria-labelledby="task-answer">
            <header><h2 id="task-answer">"How it was completed"</h2></header>
            <dl class="body pairs"><dt>"Outcome"</dt><dd>{label}</dd>{pairs}</dl>
        </section>
    }
    .into_any()
}

/// The form and the outcomes, or the way to claim it first.
#[component]
fn Answer(held: TaskView, task: Loaded<TaskView>) -> impl IntoView {
    let SignedIn(session) = expect_context();
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let mine =
        session.with_untracked(|session| held.assignee.as_deref() == Some(session.email.as_str()));
    let act = Act {
        id: StoredValue::new(held.id.clone()),
        task,
        problem,
        busy,
        toasts: expect_context(),
    };
    let shown_problem = move || problem.get().map(|problem| view! { <ProblemView problem/> });
    if !mine {
        let taken = held.assignee.is_some();
        return view! {
            {shown_problem}
            <div class="outcomes">
                <button
                    class="button primary" type="button" data-action="claim" disabled=move || taken || busy.get()
                    on:click=move |_| act.send("claim", json!({}), "It is yours.")
                >{if taken { "Claimed by someone else" } else { "Claim this task" }}</button>
            </div>
        }
        .into_any();
    }
    view! { {shown_problem}<AnswerForm held act/> }.into_any()
}

#[component]
fn AnswerForm(held: TaskView, act: Act) -> impl IntoView {
    let questions = fields::fields(&held.form);
    let given = RwSignal::new(presets(&questions));
    let form = NodeRef::<html::Form>::new();
    let asked = StoredValue::new(questions.clone());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let outcome = event
            .submitter()
            .and_then(|button| button.get_attribute("data-outcome"))
            .unwrap_or_default();
        match asked.with_value(|asked| given.with_untracked(|given| fields::answers(asked, given)))
        {
            Ok(answers) => {
                let body = CompleteTask { outcome, form: Value::Object(answers) };
                act.send("complete", json!(body), "Done. The journey goes on.");
            }
            Err((name, message)) => {
                act.problem.set(Some(api::problem(422, "Something is missing", &message)));
                focus_field(form, &name);
            }
        }
    };
    let empty = questions.is_empty();
    let releasable = held.team.is_some();
    view! {
        <form class="task-form" on:submit=submit node_ref=form>
            {(!empty).then(|| view! {
                <section class="card" aria-labelledby="task-form">
                    <header><h2 id="task-form">"Your answers"</h2></header>
                    <div class="body task-form"><FormFields fields=questions given/></div>
                </section>
            })}
            <div class="outcomes" role="group" aria-label="Complete with">
                {outcome_buttons(held.outcomes, act.busy)}
                {releasable.then(|| view! {
                    <button class="button quiet" type="button" data-action="release" on:click=move |_| act.send("release", json!({}), "Given back to the team.")>"Give back"</button>
                })}
            </div>
        </form>
    }
}

fn outcome_buttons(outcomes: Vec<OutcomeView>, busy: RwSignal<bool>) -> impl IntoView {
    let button = move |(place, outcome): (usize, OutcomeView)| {
        view! {
            <button
                class=if place == 0 { "button primary" } else { "button" } type="submit" data-action="complete"
                data-outcome=outcome.id disabled=move || busy.get()
            >{outcome.label}</button>
        }
    };
    outcomes.into_iter().enumerate().map(button).collect_view()
}

fn focus_field(form: NodeRef<html::Form>, name: &str) {
    let field = form
        .get_untracked()
        .and_then(|form| form.query_selector(&format!("[name=\"{name}\"]")).ok().flatten());
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Focus fails only on an element that is no longer shown.
        let _ = field.focus();
    }
}

/// What a person does with the task, and how it went.
#[derive(Clone, Copy)]
struct Act {
    id: StoredValue<String>,
    task: Loaded<TaskView>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    toasts: Toasts,
}

impl Act {
    fn send(self, verb: &'static str, body: Value, done: &'static str) {
        self.busy.set(true);
        self.problem.set(None);
        leptos::task::spawn_local(async move {
            let Some(id) = self.id.try_get_value() else { return };
            match api::order(&format!("/tasks/{id}/{verb}"), &body).await {
                Ok(()) => {
                    self.toasts.say(done);
                    self.task.again();
                }
                Err(refused) => {
                    self.problem.try_set(Some(refused));
                }
            }
            self.busy.try_set(false);
        });
    }
}
