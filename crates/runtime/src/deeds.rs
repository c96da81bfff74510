//! What people and clients do to instances, as the audit log has it: written in the commit that does it.

use crate::moves::Brought;
use journey::{Event, Position, Timestamp};
use serde_json::{Value, json};
use store::{EventId, InstanceId, TaskId, audit::Deed};

/// Who cancels an instance whose place above was given up, as its records have it.
pub(crate) const ABOVE: &str = "the journey above";
/// Who ends shadow instances, as their records have it.
pub(crate) const SHADOWS_END: &str = "the end of the shadow run";

/// Who opens an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opener {
    /// A user, by e-mail address.
    Person(String),
    /// A delivery to the hook of this slug.
    Hook(String),
    /// An event that was taken in.
    Event {
        event: EventId,
        /// How many events had brought each other about before it.
        depth: u32,
    },
    /// Waymark itself.
    Itself,
}

impl Opener {
    /// The stored event that opens it, if one does.
    pub(crate) fn brought(&self) -> Option<Brought> {
        match *self {
            Self::Event { event, depth } => Some(Brought { event, depth }),
            Self::Person(_) | Self::Hook(_) | Self::Itself => None,
        }
    }

    /// Whether someone outside opens it, who is not asked again.
    pub(crate) fn is_outside(&self) -> bool {
        match self {
            Self::Person(_) | Self::Hook(_) => true,
            Self::Event { .. } | Self::Itself => false,
        }
    }

    /// Apart, so that a client's key never meets one of ours.
    pub(crate) fn key(&self, key: &str) -> String {
        match self {
            Self::Person(_) | Self::Hook(_) => format!("request:{key}"),
            Self::Event { .. } | Self::Itself => format!("own:{key}"),
        }
    }
}

/// Whether an event is something people do to shadow instances, too; what else moves them, nobody did.
pub(crate) fn concerns_shadows(event: &Event) -> bool {
    matches!(
        event,
        Event::Cancelled { .. }
            | Event::IncidentRetried { .. }
            | Event::IncidentSkipped { .. }
            | Event::IncidentEnded { .. }
            | Event::ItemAdded { .. }
    )
}

/// The deed behind an event; `None` for what no one did.
pub(crate) fn of(
    id: InstanceId,
    event: &Event,
    opener: Option<&Opener>,
    now: Timestamp,
) -> Option<Deed> {
    let deed = |actor: &str, action: &str, object: String, detail: Value| {
        Some(Deed { actor: actor.to_owned(), action: action.to_owned(), object, detail, at: now })
    };
    let instance = || id.to_string();
    let task = |position: &Position| TaskId { instance: id, position: *position }.to_string();
    match event {
        Event::Started { .. } => match opener? {
            Opener::Person(by) => deed(by, "instance.start", instance(), Value::Null),
            Opener::Hook(slug) => {
                deed(&format!("hook {slug}"), "hook.deliver", instance(), Value::Null)
            }
            Opener::Event { .. } | Opener::Itself => None,
        },
        Event::TaskClaimed { position, by } => deed(by, "task.claim", task(position), Value::Null),
        Event::TaskReleased { position, by } => {
            deed(by, "task.release", task(position), Value::Null)
        }
        Event::TaskCompleted { position, by, outcome, .. } => {
            deed(by, "task.complete", task(position), json!({ "outcome": outcome }))
        }
        Event::IncidentRetried { position, by } => {
            deed(by, "instance.retry", instance(), json!({ "position": position }))
        }
        Event::IncidentSkipped { position, by, outcome } => {
            let detail = json!({ "position": position, "outcome": outcome });
            deed(by, "instance.skip", instance(), detail)
        }
        Event::Migrated { migrated, .. } => {
            let detail = json!({ "from": migrated.from, "to": migrated.to });
            deed(&migrated.by, "instance.migrate", instance(), detail)
        }
        Event::SlaChanged { position, by, change } => {
            deed(by, "task.sla", task(position), json!(change))
        }
        Event::TaskDelegated { position, by, to } => {
            deed(by, "task.delegate", task(position), json!({ "to": to }))
        }
        Event::IncidentEnded { position, by, outcome } => {
            let detail = json!({ "position": position, "outcome": outcome });
            deed(by, "instance.end", instance(), detail)
        }
        Event::ItemAdded { position, by, .. } => {
            deed(by, "instance.add-item", instance(), json!({ "position": position }))
        }
        Event::Cancelled { by, .. } if by == ABOVE || by == SHADOWS_END => None,
        Event::Cancelled { by, .. } => deed(by, "instance.cancel", instance(), Value::Null),
        Event::CallSucceeded { .. }
        | Event::CallFailed { .. }
        | Event::TimerFired { .. }
        | Event::StartedBelow { .. }
        | Event::Received { .. }
        | Event::StepRefused { .. }
        | Event::AccountChanged
        | Event::ChildStarted { .. }
        | Event::ChildEnded { .. } => None,
    }
}
