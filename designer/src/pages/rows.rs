//! Rows that several pages show: a task, an instance.

use super::{now, people::People};
use crate::{
    app::SignedIn,
    messages::t,
    parts::{Icon, StatusChip},
    words::due,
};
use leptos::prelude::*;
use wire::{InstanceSummary, SlaView, TaskView};

/// When a task is due, in colour.
#[component]
pub(crate) fn DueChip(sla: SlaView) -> impl IntoView {
    let due = due::due(&sla.due, &sla.state, now());
    view! { <span class=format!("chip {}", due.tone) title=super::moment(&sla.due)><Icon name="clock"/>{due.text}</span> }
}

/// Tasks, each a link to its page.
#[component]
pub(crate) fn TaskRows(tasks: Vec<TaskView>) -> impl IntoView {
    let people = expect_context::<People>();
    let SignedIn(session) = expect_context();
    let row = move |task: TaskView| {
        let meant = people.meant(&task, session);
        let account =
            task.account.map(|account| format!("{} · ", account.name)).unwrap_or_default();
        let assignee = task.assignee;
        let holder = move || match &assignee {
            Some(assignee) => people.name(assignee),
            None => {
                meant().map_or_else(|| t!("Unclaimed").to_owned(), |meant| meant + ", unclaimed")
            }
        };
        let open = task.status == "offered" || task.status == "claimed";
        view! {
            <li data-row=task.id.clone()>
                <a class="row" href=format!("/tasks/{}", task.id)>
                    <span class="grow">
                        <strong>{task.title}</strong>
                        <span class="sub">{account}{task.journey_name}</span>
                        <span class="sub">{holder}</span>
                    </span>
                    <span class="side">
                        {if open { view! { <DueChip sla=task.sla/> }.into_any() } else { view! { <span class="chip">{crate::words::spoken(&task.status)}</span> }.into_any() }}
                    </span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    };
    view! { <ul class="rows">{tasks.into_iter().map(row).collect_view()}</ul> }
}

/// Instances, each a link to its page.
#[component]
pub(crate) fn InstanceRows(instances: Vec<InstanceSummary>) -> impl IntoView {
    let row = |instance: InstanceSummary| {
        let account =
            instance.account.map_or_else(|| t!("No account").to_owned(), |account| account.name);
        view! {
            <li data-row=instance.id.clone()>
                <a class="row" href=format!("/instances/{}", instance.id)>
                    <span class="grow">
                        <strong>{instance.journey_name}</strong>
                        <span class="sub">{account}" · "{due::ago(&instance.updated_at, now())}</span>
                    </span>
                    <StatusChip status=instance.status outcome=instance.outcome/>
                    <Icon name="next"/>
                </a>
            </li>
        }
    };
    view! { <ul class="rows">{instances.into_iter().map(row).collect_view()}</ul> }
}
