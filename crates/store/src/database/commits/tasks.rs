//! The tasks a group of commits offers and changes.

use super::{DOING, Ready};
use crate::sql::{Builder, Insert, Kind, values};
use crate::{
    AccountId, Failure,
    commits::{Commit, TaskChange},
    database::{Write, written::to_json},
    failure::Doing,
    planted::{Mistake, makes},
    tasks::{State, sla_word},
};
use journey::effect::{Close, SlaState};
use std::sync::LazyLock;

/// Writes the tasks that are new.
pub(super) async fn write_offers(tx: &mut Write, group: &[&Ready<'_>]) -> Result<(), Failure> {
    let mut offers = Vec::new();
    for ready in group {
        for change in &ready.commit.tasks {
            if let TaskChange::Offer { position, offer } = change {
                let texts = (to_json(&offer.form)?, to_json(&offer.outcomes)?);
                offers.push((ready.commit, *position, offer, texts));
            }
        }
    }
    let rows = offers.into_iter().map(|(commit, position, offer, (form, outcomes))| {
        values![
            commit.instance.slot().number(),
            commit.instance.number(),
            i64::from(position.0),
            commit.life.journey.number(),
            commit.life.account.map(AccountId::number),
            &offer.node,
            &offer.title,
            &offer.instructions,
            State::Offered.word(),
            1,
            &offer.owner.team,
            &offer.owner.user,
            &offer.owner.user,
            sla_word(SlaState::Ok),
            offer.due.0,
            offer.priority,
            form,
            outcomes,
            commit.at.0,
            commit.at.0,
        ]
    });
    TASKS.write(tx, rows.collect()).await.doing(DOING)
}

static TASKS: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [
        ("slot", Kind::Int),
        ("instance", Kind::Int),
        ("position", Kind::Int),
        ("journey", Kind::Int),
        ("account", Kind::Int),
        ("node", Kind::Text),
        ("title", Kind::Text),
        ("instructions", Kind::Text),
        ("status", Kind::Text),
        ("is_open", Kind::Int),
        ("team", Kind::Text),
        ("offered_to", Kind::Text),
        ("holder", Kind::Text),
        ("sla", Kind::Text),
        ("due_at", Kind::Int),
        ("priority", Kind::Int),
        ("form", Kind::Text),
        ("outcomes", Kind::Text),
        ("created_at", Kind::Int),
        ("updated_at", Kind::Int),
    ];
    Insert::new("tasks", &columns, |_| String::new())
});

/// Changes one task that is there.
pub(super) async fn change_task(
    tx: &mut Write,
    commit: &Commit,
    change: &TaskChange,
) -> Result<(), Failure> {
    let position = match change {
        TaskChange::Offer { .. } => return Ok(()),
        TaskChange::Close { .. } if makes(Mistake::TaskStays) => return Ok(()),
        TaskChange::Renew { position, .. }
        | TaskChange::Assign { position, .. }
        | TaskChange::Reassign { position, .. }
        | TaskChange::Close { position, .. }
        | TaskChange::Mark { position, .. } => *position,
    };
    let mut query = Builder::new("UPDATE tasks SET updated_at = ");
    query.push_bind(commit.at.0);
    set_task(&mut query, change)?;
    query.push(" WHERE slot = ").push_bind(commit.instance.slot().number());
    query.push(" AND instance = ").push_bind(commit.instance.number());
    query.push(" AND position = ").push_bind(i64::from(position.0));
    query.build().execute(&mut *tx).await.doing(DOING)?;
    Ok(())
}

fn set_task(query: &mut Builder<'_>, change: &TaskChange) -> Result<(), Failure> {
    match change {
        TaskChange::Offer { .. } => {}
        TaskChange::Renew { offer, .. } => {
            query.push(", node = ").push_bind(offer.node.clone());
            query.push(", title = ").push_bind(offer.title.clone());
            query.push(", instructions = ").push_bind(offer.instructions.clone());
            query.push(", due_at = ").push_bind(offer.due.0);
            query.push(", priority = ").push_bind(offer.priority);
            query.push(", form = ").push_bind(to_json(&offer.form)?);
            query.push(", outcomes = ").push_bind(to_json(&offer.outcomes)?);
        }
        TaskChange::Assign { assignee, .. } => {
            let state = if assignee.is_some() { State::Claimed } else { State::Offered };
            query.push(", status = ").push_bind(state.word());
            query.push(", assignee = ").push_bind(assignee.clone());
            query.push(", holder = COALESCE(").push_bind(assignee.clone()).push(", offered_to)");
        }
        TaskChange::Reassign { owner, .. } => {
            query.push(", status = ").push_bind(State::Offered.word()).push(", assignee = NULL");
            query.push(", offered_to = ").push_bind(owner.user.clone());
            query.push(", holder = ").push_bind(owner.user.clone());
            query.push(", team = ").push_bind(owner.team.clone());
        }
        TaskChange::Close { close: Close::Completed { by, outcome }, answers, .. } => {
            query.push(", is_open = 0, status = ").push_bind(State::Completed.word());
            query.push(", assignee = ").push_bind(by.clone());
            query.push(", holder = ").push_bind(by.clone());
            query.push(", outcome = ").push_bind(outcome.clone());
            query.push(", answers = ").push_bind(answers.as_ref().map(to_json).transpose()?);
        }
        TaskChange::Close { close: Close::Cancelled { reason }, .. } => {
            query.push(", is_open = 0, status = ").push_bind(State::Cancelled.word());
            query.push(", reason = ").push_bind(reason.clone());
        }
        TaskChange::Mark { sla, due, .. } => {
            query.push(", sla = ").push_bind(sla_word(*sla));
            if let Some(due) = due {
                query.push(", due_at = ").push_bind(due.0);
            }
        }
    }
    Ok(())
}
