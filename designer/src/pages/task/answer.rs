//! What a person does with an open task: claim it, answer its form, complete it, give it back.

use super::pass_on::SendBackForm;
use crate::{
    api,
    app::SignedIn,
    kept::Kept,
    load::Loaded,
    messages::t,
    pages::people::People,
    parts::{
        Dialog, Icon, ProblemView, Toasts,
        form::{FormFields, Given, presets},
    },
    words::fields::{self, Field},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wire::{CompleteTask, DelegateTask, OutcomeView, Problem, SendBack, TaskView};

/// The outcome of a handoff that needs a reason.
const SENT_BACK: &str = "sent_back";

/// What a person tries with the task, and how it went.
#[derive(Clone, Copy)]
pub(super) struct Act {
    id: Memo<String>,
    task: Loaded<TaskView>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    /// Whether this person pressed claim and someone else was quicker.
    missed: RwSignal<bool>,
    /// Whether this person has just claimed it, and so wants to go on with the first question.
    goes_on: StoredValue<bool>,
    toasts: Toasts,
}

impl Act {
    pub(super) fn on(id: Memo<String>, task: Loaded<TaskView>) -> Self {
        Self {
            id,
            task,
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            missed: RwSignal::new(false),
            goes_on: StoredValue::new(false),
            toasts: expect_context(),
        }
    }

    /// Whether an answer is on its way.
    pub(super) fn busy(self) -> bool {
        self.busy.get()
    }

    /// Hands the task to somebody else.
    pub(super) fn delegate(self, to: String, open: RwSignal<bool>) {
        self.send("delegate", json!(DelegateTask { to }), move |answer| {
            open.try_set(false);
            answer.map(|()| self.toasts.say(t!("Passed on."))).err()
        });
    }

    /// Gives what was handed over back to the team it came from.
    pub(super) fn send_back(self, reason: String, open: RwSignal<bool>) {
        self.send("send-back", json!(SendBack { reason }), move |answer| {
            open.try_set(false);
            answer.map(|()| self.toasts.say(t!("Sent back."))).err()
        });
    }

    /// Sends it; whatever the answer, the page then shows how the task stands.
    fn send(
        self,
        verb: &'static str,
        body: Value,
        then: impl FnOnce(Result<(), Problem>) -> Option<Problem> + 'static,
    ) {
        self.busy.set(true);
        self.problem.set(None);
        let path = format!("/tasks/{}/{verb}", self.id.get_untracked());
        leptos::task::spawn_local(async move {
            let answer = api::order(&path, &body).await;
            self.busy.try_set(false);
            let reread = match &answer {
                Ok(()) => true,
                Err(problem) => problem.status == 409 || problem.status == 404,
            };
            self.problem.try_set(then(answer));
            if reread {
                self.task.again();
            }
        });
    }

    fn claim(self) {
        self.send("claim", json!({}), move |answer| {
            self.missed.try_set(answer.as_ref().is_err_and(|problem| problem.status == 409));
            match answer {
                Ok(()) => {
                    self.goes_on.try_set_value(true);
                    self.toasts.say(t!("It is yours."));
                }
                Err(problem) if problem.status == 409 => {}
                Err(problem) => return Some(problem),
            }
            None
        });
    }

    /// Gives it back to the team.
    pub(super) fn release(self) {
        self.send("release", json!({}), move |answer| {
            answer.map(|()| self.toasts.say(t!("Given back to the team."))).err()
        });
    }
}

/// The form and the outcomes, or the way to claim it first.
#[component]
pub(super) fn Answer(held: TaskView, act: Act) -> impl IntoView {
    let SignedIn(session) = expect_context();
    let me = session.with_untracked(|session| session.email.clone());
    let form = match held.assignee.clone() {
        Some(assignee) if assignee == me => view! { <AnswerForm held act me/> }.into_any(),
        Some(assignee) => view! { <Taken assignee act/> }.into_any(),
        None => view! {
            <div class="outcomes">
                <button
                    class="button primary" type="button" data-action="claim" disabled=move || act.busy.get()
                    on:click=move |_| act.claim()
                >{move || if act.busy.get() { t!("Claiming…") } else { t!("Claim this task") }}</button>
            </div>
        }
        .into_any(),
    };
    view! {
        {move || act.problem.get().map(|problem| view! { <ProblemView problem/> })}
        {form}
    }
}

/// Someone else does it.
#[component]
fn Taken(assignee: String, act: Act) -> impl IntoView {
    let people = expect_context::<People>();
    let words = move || {
        let name = people.name(&assignee);
        if act.missed.get() {
            t!("{name} was quicker and has this task now.", name)
        } else {
            t!("{name} has this task.", name)
        }
    };
    view! {
        <p class="notice" role="status" data-state="taken"><Icon name="accounts"/><span>{words}</span></p>
        <div class="actions"><a class="button" href="/inbox?queue=team">{t!("See my teams’ tasks")}</a></div>
    }
}

#[component]
fn AnswerForm(held: TaskView, act: Act, me: String) -> impl IntoView {
    let questions = fields::fields(&held.form);
    let given = Given::new("", &questions);
    let kept = keep(&me, &held.id, &questions, given);
    let asked = StoredValue::new(questions.clone());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let outcome = event
            .submitter()
            .and_then(|button| button.get_attribute("data-outcome"))
            .unwrap_or_default();
        let Some(answers) = asked.with_value(|asked| given.answers(asked)) else { return };
        let body = CompleteTask { outcome, form: Value::Object(answers) };
        let kept = kept.clone();
        act.send("complete", json!(body), move |answer| match answer {
            Ok(()) => {
                kept.forget();
                act.toasts.say(t!("Done. The journey goes on."));
                None
            }
            Err(problem) => given.place("/form", problem),
        });
    };
    let first = questions.first().map(|question| question.name.clone());
    Effect::new(move |_| {
        if let Some(first) = first.as_ref().filter(|_| act.goes_on.get_value()) {
            act.goes_on.set_value(false);
            given.focus(first);
        }
    });
    let empty = questions.is_empty();
    let asking = RwSignal::new(false);
    let handed_over = is_handoff(&held.outcomes);
    let mut outcomes = held.outcomes;
    outcomes.retain(|outcome| !(handed_over && outcome.id == SENT_BACK));
    view! {
        <form class="task-form" on:submit=submit novalidate>
            {(!empty).then(|| view! {
                <section class="card" aria-labelledby="task-form">
                    <header><h2 id="task-form">{t!("Your answers")}</h2></header>
                    <div class="body task-form"><FormFields fields=questions given/></div>
                </section>
            })}
            <div class="outcomes" role="group" aria-label=t!("Complete with")>
                {outcome_buttons(outcomes, act.busy)}
                {handed_over.then(|| view! {
                    <button class="button" type="button" data-action="send-back" disabled=move || act.busy.get() on:click=move |_| asking.set(true)>{t!("Send back")}</button>
                })}
            </div>
        </form>
        <Dialog open=asking title=t!("Send it back") name="send-back"><SendBackForm act open=asking/></Dialog>
    }
}

/// Answers to a task that is over are wanted by nobody.
pub(super) fn forget(person: &str, task: &str) {
    Kept::<BTreeMap<String, String>>::of(person, task).forget();
}

/// Goes on with the answers the browser kept of this task, and keeps what is entered from now on.
fn keep(
    person: &str,
    task: &str,
    questions: &[Field],
    given: Given,
) -> Kept<BTreeMap<String, String>> {
    let kept = Kept::<BTreeMap<String, String>>::of(person, task);
    if let Some(before) = kept.read() {
        given.texts.update(|texts| {
            for (name, text) in before {
                if let Some(held) = texts.get_mut(&name) {
                    *held = text;
                }
            }
        });
    }
    let (fresh, keeping) = (presets(questions), kept.clone());
    Effect::new(move |first: Option<()>| {
        given.texts.with(|texts| match first {
            None => {}
            Some(()) if *texts == fresh => keeping.forget(),
            Some(()) => keeping.write(texts),
        });
    });
    kept
}

/// Whether a task is the second half of a handoff: what comes back to it needs a reason.
fn is_handoff(outcomes: &[OutcomeView]) -> bool {
    outcomes.iter().map(|outcome| outcome.id.as_str()).eq(["accepted", SENT_BACK])
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
