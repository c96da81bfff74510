//! Reading who is told what, by which channel.

use crate::{
    check::{fields::Fields, names::INSTANCE, task::owner_rule},
    engine::NOTIFY,
    settings::{Channel, Kind, Notify, OwnerRule, Who},
};
use serde_json::Value;

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    let channel = fields.needed_text("channel", "it is email, app or a connection");
    let to = recipient(fields);
    let subject = fields.template("subject", INSTANCE);
    let body = fields.template("body", INSTANCE);
    if body.is_none() && fields.get("body").is_none() {
        fields.error("missing-member", "body", "'body' is missing: it is what the message says.");
    }
    if channel == Some("email") && subject.is_none() && fields.get("subject").is_none() {
        fields.error("missing-member", "subject", "'subject' is missing: an e-mail needs one.");
    }
    let hours = fields.text("hours");
    if let Some(calendar) = hours {
        fields.names.calendar(calendar, fields.spot("/hours", &[]));
    }
    let cap = fields.count("cap").map(|cap| u32::try_from(cap).unwrap_or(u32::MAX));
    if cap == Some(0) {
        fields.error(
            "bad-value",
            "cap",
            "A cap of 0 lets nothing out; give at least 1 or remove the node.",
        );
    }
    let channel = match channel? {
        "email" => Channel::Email,
        "app" => Channel::App,
        connection => {
            let spot = fields.spot("/channel", &[]);
            fields.names.connection(connection, spot);
            fields.names.operation(connection, NOTIFY, spot);
            Channel::Connection(connection.to_owned())
        }
    };
    let hours = hours.map(str::to_owned);
    Some(Kind::Notify(Box::new(Notify { channel, to: to?, subject, body: body?, hours, cap })))
}

/// An owner rule, or an expression that gives an e-mail address or a team.
fn recipient(fields: &Fields<'_>) -> Option<OwnerRule> {
    match fields.get("to") {
        Some(Value::Object(_)) => fields.object("to").and_then(|to| owner_rule(&to, 0)),
        Some(_) => {
            let expression = fields.expression("to", INSTANCE)?;
            if let Some(person) = expression.as_text() {
                fields.names.recipient(person, fields.spot("/to", &[]));
            }
            Some(OwnerRule { rule: Who::Expression(expression), fallback: None })
        }
        None => {
            fields.error("missing-member", "to", "'to' is missing: it says who is told.");
            None
        }
    }
}
