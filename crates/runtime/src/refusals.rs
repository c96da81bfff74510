//! Why a trigger opened nothing, in a word, a sentence and the values it was decided on.

use crate::StartError;
use journey::{Rejection, Timestamp, expr::EvalError};
use serde_json::{Value, json};
use std::fmt::Display;
use store::{
    AccountId,
    events::{NewReaction, ReactionKind, Reason},
    triggers::TriggerKey,
};

/// What keeps someone out who knocks: the journey's rules, or something that is broken.
pub(crate) fn kind_of(reason: &Reason) -> ReactionKind {
    match reason.code.as_str() {
        "unusable" | "no-value" | "failed" => ReactionKind::Failed,
        _ => ReactionKind::Refused,
    }
}

/// What keeps someone out at a trigger, to be written down; for what no event brings.
pub(crate) fn reaction(at: &TriggerKey, account: Option<AccountId>, reason: Reason) -> NewReaction {
    NewReaction {
        event: None,
        journey: at.journey,
        version: at.version,
        node: at.node.clone(),
        account,
        instance: None,
        kind: kind_of(&reason),
        reason: Some(reason),
    }
}

/// Times of a schedule that nothing was running for.
pub(crate) fn missed(from: Timestamp, to: Option<Timestamp>) -> Reason {
    let until = to.map_or("its end".to_owned(), Timestamp::to_rfc3339);
    Reason {
        code: "missed".to_owned(),
        sentence: format!(
            "The schedule's times from {} until before {until} passed while nothing was running, and were left out.",
            from.to_rfc3339()
        ),
        facts: json!({ "from": from.to_rfc3339(), "until": to.map(Timestamp::to_rfc3339) }),
    }
}

/// What is written down of a start that was refused; `None` when nothing was decided, since the world failed.
pub(crate) fn of_start(error: &StartError) -> Option<Reason> {
    match error {
        StartError::Overloaded | StartError::ShuttingDown | StartError::Failure(_) => None,
        StartError::NotPublished
        | StartError::Unusable(_)
        | StartError::NoTrigger(_)
        | StartError::UnknownAccount(_)
        | StartError::UnfitInput(_)
        | StartError::Rejected(_)
        | StartError::NotAdmitted(_)
        | StartError::AlreadyIn { .. }
        | StartError::CoolingDown { .. }
        | StartError::CapReached => Some(reason(error)),
    }
}

/// Why nothing was started.
pub(crate) fn reason(error: &StartError) -> Reason {
    let (code, facts) = match error {
        StartError::NotPublished => ("not-published", Value::Null),
        StartError::Unusable(_) => ("unusable", Value::Null),
        StartError::NoTrigger(_) => ("no-trigger", Value::Null),
        StartError::UnknownAccount(named) => ("unknown-account", json!({ "account": named })),
        StartError::UnfitInput(_) => ("no-value", Value::Null),
        StartError::Rejected(rejection) => return not_taken(rejection),
        StartError::NotAdmitted(reason) => return reason.clone(),
        StartError::AlreadyIn { instance } => ("one-per-account", json!({ "instance": instance })),
        StartError::CoolingDown { until } => ("cool-down", json!({ "until": until.to_rfc3339() })),
        StartError::CapReached => ("cap", Value::Null),
        StartError::Overloaded | StartError::ShuttingDown | StartError::Failure(_) => {
            ("failed", Value::Null)
        }
    };
    let sentence = match error {
        StartError::CoolingDown { until } => {
            format!("The account may enter this journey again from {}.", until.to_rfc3339())
        }
        StartError::CapReached => "The journey has had its starts for these 24 hours.".to_owned(),
        other => sentence(other),
    };
    Reason { code: code.to_owned(), sentence, facts }
}

/// The engine's rejection of what came.
pub(crate) fn not_taken(rejection: &Rejection) -> Reason {
    let code = match rejection {
        Rejection::NotAdmitted { .. } => "condition",
        Rejection::InvalidInput { .. } => "input",
        Rejection::AlreadyStarted
        | Rejection::UnknownTrigger(_)
        | Rejection::Over
        | Rejection::NotWaiting(_)
        | Rejection::WrongEvent(_)
        | Rejection::AlreadyClaimed { .. }
        | Rejection::NotAssignee { .. }
        | Rejection::UnknownOutcome(_)
        | Rejection::BadOutcome(_)
        | Rejection::InvalidForm { .. }
        | Rejection::Cancelling
        | Rejection::MovedOn
        | Rejection::NotAllowed { .. }
        | Rejection::SlaRefused { .. }
        | Rejection::Limit { .. } => "failed",
    };
    Reason { code: code.to_owned(), sentence: sentence(rejection), facts: Value::Null }
}

/// The entry condition does not hold.
pub(crate) fn condition(message: String) -> Reason {
    Reason { code: "condition".to_owned(), sentence: sentence(message), facts: Value::Null }
}

/// The field changed from or to another value than the trigger wants.
pub(crate) fn change(field: &str, from: &Value, to: &Value) -> Reason {
    Reason {
        code: "from-to".to_owned(),
        sentence: format!(
            "'{field}' changed from {from} to {to}, which is not the change the trigger waits for."
        ),
        facts: json!({ "field": field, "from": from, "to": to }),
    }
}

/// The key of a wait has no value for the event.
pub(crate) fn no_key(error: &EvalError) -> Reason {
    Reason {
        code: "no-value".to_owned(),
        sentence: format!("The key of the wait has no value for this event: {error}."),
        facts: Value::Null,
    }
}

/// Something on our side is broken.
pub(crate) fn broken(why: &dyn Display) -> Reason {
    Reason { code: "failed".to_owned(), sentence: sentence(why), facts: Value::Null }
}

/// An error's message as a sentence.
fn sentence(error: impl Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
