//! The tasks a group of commits offers and changes.

use super::{DOING, Ready};
use crate::sql::Builder;
use crate::{
    AccountId, Failure,
    commits::{Commit, TaskChange},
    database::{Write, pieces, written::to_json},
    failure::Doing,
    planted::{Mistake, makes},
    tasks::{State, sla_word},
};
use journey::effect::{Close, SlaState};

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
    for piece in pieces(tx.dialect(), &offers) {
        let mut query = Builder::new(
            "INSERT INTO tasks (slot, instance, position, journey, account, node, title, instructions, status, is_open, team, offered_to, holder,
                sla, due_at, priority, form, outcomes, created_at, updated_at) ",
        );
        query.push_values(piece, |mut row, (commit, position, offer, (form, outcomes))| {
            row.push_bind(commit.instance.slot().number())
                .push_bind(commit.instance.number())
                .push_bind(i64::from(position.0))
                .push_bind(commit.life.journey.number())
                .push_bind(commit.life.account.map(AccountId::number))
                .push_bind(&offer.node)
                .push_bind(&offer.title)
                .push_bind(&offer.instructions)
                .push_bind(State::Offered.word())
                .push_bind(1)
                .push_bind(&offer.owner.team)
                .push_bind(&offer.owner.user)
                .push_bind(&offer.owner.user)
                .push_bind(sla_word(SlaState::Ok))
                .push_bind(offer.due.0)
                .push_bind(offer.priority)
                .push_bind(form)
                .push_bind(outcomes)
                .push_bind(commit.at.0)
                .push_bind(commit.at.0);
        });
        query.build().execute(&mut *tx).await.doing(DOING)?;
    }
    Ok(())
}

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
