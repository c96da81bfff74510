//! What the world would have answered, brought to a shadow instance when its time has come.

use crate::{children::is_late, moves::MoveError, runtime::Inner};
use journey::{Event, Position, Rejection, instance::On};
use serde_json::{Value, json};
use std::sync::Arc;
use store::{InstanceId, work::WorkKey};

/// Who completes tasks in shadow runs, as their records have it.
const SOMEONE: &str = "someone (assumed)";

/// How a task is completed.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) outcome: String,
    pub(crate) form: Value,
    pub(crate) team: Option<String>,
}

impl Inner {
    /// Completes a task as nobody did; where several must approve, as one after the other.
    pub(crate) async fn complete_assumed(
        self: &Arc<Self>,
        key: &WorkKey,
        done: &Completion,
    ) -> Result<(), MoveError> {
        for _ in 0..=journey::limits::QUORUM {
            let Some(number) = self.approvals(key.instance, key.position).await? else {
                return Ok(());
            };
            if !self.complete_once(key, done, number).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// How many people have decided already; `None` when the task is over.
    async fn approvals(
        &self,
        instance: InstanceId,
        position: Position,
    ) -> Result<Option<usize>, MoveError> {
        let stored = self.store.instance(instance).await.map_err(MoveError::failure)?;
        let stored = stored.ok_or(MoveError::NotFound)?;
        Ok(stored.state.wait(position).and_then(|wait| match &wait.on {
            On::Task { approved, .. } => Some(approved.len()),
            On::Call { .. }
            | On::Timer { .. }
            | On::Event { .. }
            | On::Condition { .. }
            | On::Children { .. }
            | On::Turn
            | On::Undo { .. }
            | On::Join { .. }
            | On::Incident { .. } => None,
        }))
    }

    /// Whether it was taken in.
    async fn complete_once(
        self: &Arc<Self>,
        key: &WorkKey,
        done: &Completion,
        number: usize,
    ) -> Result<bool, MoveError> {
        let (instance, position) = (key.instance, key.position);
        let someone = format!("{SOMEONE} {}", number + 1);
        let claim = Event::TaskClaimed { position, by: someone.clone() };
        let by = match self.deliver(instance, claim, None).await {
            Ok(_) => someone,
            Err(MoveError::Rejected(Rejection::AlreadyClaimed { assignee })) => assignee,
            Err(MoveError::Rejected(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        let teams: Vec<&String> = done.team.iter().collect();
        let event = Event::TaskCompleted {
            position,
            by,
            person: json!({ "role": "admin", "teams": teams }),
            outcome: done.outcome.clone(),
            form: done.form.clone(),
        };
        match self.deliver(instance, event, None).await {
            Ok(_) => Ok(true),
            Err(MoveError::Rejected(rejection)) => {
                if !is_late(&rejection) {
                    tracing::info!(instance.id = %instance, %rejection, "what a shadow run assumes of a task does not fit; say it with `assume`");
                }
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
