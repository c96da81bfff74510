//! Reading what a wait waits for.

use crate::{
    check::{fields::Fields, names::INSTANCE},
    expr::Type,
    settings::{Kind, Until, Wait},
};

/// What the key of an event is made of.
const EVENT: &[&str] = &["event"];

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    let written: Vec<_> = ["for", "until", "event", "condition"]
        .into_iter()
        .filter(|member| fields.get(member).is_some())
        .collect();
    let timeout = fields.duration("timeout");
    if fields.get("timeout").is_some() {
        if written.iter().all(|member| matches!(*member, "for" | "until")) {
            fields.error(
                "bad-value",
                "timeout",
                "A wait for plain time ends by itself; leave 'timeout' out.",
            );
        }
        timeout.as_ref()?;
    }
    let until = match written.as_slice() {
        ["for"] => fields.duration("for").map(Until::Elapsed),
        ["until"] => fields.expression("until", INSTANCE).map(|moment| {
            let spot = fields.spot("/until", INSTANCE);
            fields.names.types.setting("until", &moment, spot, Type::Text);
            Until::Moment(moment)
        }),
        ["event"] => fields.object("event").and_then(|event| read_event(&event)),
        ["condition"] => fields.condition("condition", INSTANCE).map(Until::Condition),
        [_] => None,
        [] => {
            fields.error(
                "missing-member",
                "for",
                "The wait waits for nothing; give it 'for', 'until', 'event' or 'condition'.",
            );
            None
        }
        [_, second, ..] => {
            fields.error(
                "bad-value",
                second,
                "A wait waits for one thing; keep one of for, until, event and condition.",
            );
            None
        }
    };
    until.map(|until| Kind::Wait(Box::new(Wait { until, timeout })))
}

fn read_event(fields: &Fields<'_>) -> Option<Until> {
    let name = fields.needed_text("name", "it names the events that are waited for");
    let key = fields.needed_expression(
        "key",
        "it says what of an event tells whose it is, such as event.account",
        EVENT,
    );
    let mine = fields.needed_expression(
        "mine",
        "it says what the key must be for this instance, such as account.id",
        INSTANCE,
    );
    fields.finish();
    Some(Until::Event { name: name?.to_owned(), key: key?, mine: mine? })
}
