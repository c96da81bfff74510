//! What would have been done, in words and whole.

use journey::{
    Timestamp,
    effect::{Call, Follows, Message, Offer, Owner, StartChild},
};
use serde_json::{Map, Value, json};
use store::{work::Assumption, would_have::Kind};

type Told = (Kind, String, Value);

pub(super) fn call(call: &Call, output: &Value, due: Timestamp) -> Told {
    let summary = format!("Would call '{}' of '{}'", call.operation, call.connection);
    let assumed = json!({ "output": output, "at": due.to_rfc3339() });
    (Kind::Call, summary, json!({ "call": call, "assumed": assumed }))
}

pub(super) fn message(message: &Message, output: &Value, due: Timestamp) -> Told {
    let summary = format!("Would send '{}' to {}", message.subject, owner(&message.to));
    let assumed = json!({ "output": output, "at": due.to_rfc3339() });
    (Kind::Message, summary, json!({ "message": message, "assumed": assumed }))
}

pub(super) fn task(offer: &Offer, assumption: &Assumption, due: Timestamp) -> Told {
    let until = offer.due.to_rfc3339();
    let summary = format!("Would give '{}' to {}, due {until}", offer.title, owner(&offer.owner));
    let assumed = json!({ "completion": assumption, "at": due.to_rfc3339() });
    (Kind::Task, summary, json!({ "task": offer, "assumed": assumed }))
}

pub(super) fn write(fields: &Map<String, Value>) -> Told {
    let set: Vec<String> =
        fields.iter().map(|(field, value)| format!("'{field}' to {value}")).collect();
    let summary = format!("Would set the account's {}", set.join(", "));
    (Kind::Write, summary, json!({ "fields": fields }))
}

pub(super) fn notice(to: &Owner, about: &str) -> Told {
    let summary = format!("Would tell {}: {about}", owner(to));
    (Kind::Notice, summary, json!({ "to": to, "about": about }))
}

pub(super) fn child(start: &StartChild) -> Told {
    let summary = match &start.follows {
        Follows::Journey { journey, .. } => format!("Would start the journey '{journey}'"),
        Follows::Part { from } => {
            format!("Would run the part from '{from}' for item {}", start.index)
        }
    };
    (Kind::Child, summary, json!({ "start": start }))
}

fn owner(owner: &Owner) -> String {
    match (&owner.user, &owner.team) {
        (Some(user), _) => user.clone(),
        (None, Some(team)) => format!("the team '{team}'"),
        (None, None) => "nobody".to_owned(),
    }
}
