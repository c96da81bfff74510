//! One task: claim it, read what to do, answer, complete.

mod answer;
mod pass_on;
mod promise;

use super::{id_in_path, people::People, rows::DueChip};
use crate::{
    app::SignedIn,
    live::live,
    load::{Loaded, read},
    messages::{phrase, t},
    parts::{Empty, PageHead},
    words::{shown, spoken},
};
use answer::{Act, Answer};
use leptos::prelude::*;
use pass_on::Delegate;
use promise::Promise;
use serde_json::Value;
use wire::{Role, TaskView};

/// The task in the address.
#[component]
pub(crate) fn TaskPage() -> impl IntoView {
    let id = id_in_path();
    let live = live();
    let task = read::<TaskView>(move || {
        live.tasks.track();
        format!("/tasks/{}", id.get())
    });
    // What was tried last is told even when the task is drawn anew because of it.
    let act = Act::on(id, task);
    view! { <div class="page narrow" data-page="task">{task.show(move |held| view! { <Task held act id task/> })}</div> }
}

#[component]
fn Task(held: TaskView, act: Act, id: Memo<String>, task: Loaded<TaskView>) -> impl IntoView {
    let people = expect_context::<People>();
    let SignedIn(session) = expect_context();
    let mine = session.with_untracked(|session| held.assignee.as_ref() == Some(&session.email));
    let sees_all = session.with_untracked(|session| session.role != Role::Member);
    let may_change = mine || sees_all;
    let about = held.account.clone().map(|account| {
        view! {
            <a href=format!("/accounts/{}", account.id)>{account.name}</a>
        }
    });
    let instance = view! { <a href=format!("/instances/{}", held.instance) data-action="why">{held.journey_name.clone()}</a> };
    let open = super::inbox::is_open(&held);
    if !open {
        answer::forget(&session.with_untracked(|session| session.email.clone()), &held.id);
    }
    let assignee = held.assignee.clone();
    let meant = people.meant(&held, session);
    let holder = move || match &assignee {
        Some(_) if mine && open => Some(t!("Claimed by you").to_owned()),
        Some(_) if mine => Some(t!("Done by you").to_owned()),
        Some(assignee) if open => Some(t!("Claimed by {name}", name = people.name(assignee))),
        Some(assignee) => Some(t!("Done by {name}", name = people.name(assignee))),
        None => meant(),
    };
    let chip = if open {
        view! { <DueChip sla=held.sla.clone()/> }.into_any()
    } else {
        view! { <span class="chip good">{spoken(&held.status)}</span> }.into_any()
    };
    let instructions = held.instructions.clone();
    view! {
        <PageHead title=held.title.clone() back=("/inbox", t!("Inbox"))/>
        <div class="facts" data-state=held.status.clone()>
            {chip}{about}<span>{phrase!("in {instance}", instance = instance)}</span>
            {move || holder().map(|holder| view! { <span data-field="holder">{holder}</span> })}
            {(open && mine && held.team.is_some()).then(|| view! {
                <button class="link" type="button" data-action="release" disabled=move || act.busy() on:click=move |_| act.release()>{t!("Give back to the team")}</button>
            })}
            {(open && mine).then(|| view! { <Delegate act/> })}
        </div>
        {(!instructions.is_empty()).then(|| view! {
            <section class="card" aria-labelledby="task-instructions">
                <header><h2 id="task-instructions">{t!("What to do")}</h2></header>
                <div class="body"><p class="instructions">{instructions}</p></div>
            </section>
        })}
        {if open { view! { <Answer held act/> }.into_any() } else { view! { <Answered held/> }.into_any() }}
        <Promise id task may_change/>
    }
}

/// What was chosen and answered.
#[component]
fn Answered(held: TaskView) -> impl IntoView {
    let Some(outcome) = held.outcome else {
        return view! {
            <Empty icon="cross" title=t!("This task was withdrawn") text=t!("The journey no longer needs it.")>
                <a class="button" href="/inbox">{t!("Back to the inbox")}</a>
            </Empty>
        }
        .into_any();
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
            <header><h2 id="task-answer">{t!("How it was completed")}</h2></header>
            <dl class="body pairs"><dt>{t!("Outcome")}</dt><dd>{label}</dd>{pairs}</dl>
        </section>
        <div class="actions"><a class="button" href="/inbox" data-action="next-task">{t!("Back to the inbox")}</a></div>
    }
    .into_any()
}
