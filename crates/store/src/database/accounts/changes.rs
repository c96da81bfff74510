//! The event that every change of an account writes in its own transaction.

use crate::{
    Failure, Ids,
    accounts::Account,
    database::{Write, events},
    events::{ACCOUNT_CHANGED, NewEvent},
};
use journey::Timestamp;
use serde_json::{Map, Value, json};

/// How an account is written.
#[derive(Clone, Copy)]
pub(in crate::database) struct Writing<'a> {
    pub(in crate::database) ids: &'a Ids,
    /// How many events had brought each other about before what writes it.
    pub(in crate::database) depth: u32,
    pub(in crate::database) now: Timestamp,
}

/// Writes the event of a change; `before` is `None` when the account is new.
pub(super) async fn write_change(
    tx: &mut Write,
    writing: Writing<'_>,
    before: Option<&Account>,
    after: &Account,
) -> Result<(), Failure> {
    let fields = changed(before, after);
    if fields.is_empty() {
        return Ok(());
    }
    let event = NewEvent {
        key: None,
        kind: ACCOUNT_CHANGED.to_owned(),
        account: Some(after.id),
        at: writing.now,
        data: Map::from_iter([
            ("object".to_owned(), json!("account")),
            ("fields".to_owned(), Value::Object(fields)),
        ]),
        depth: writing.depth,
        sent_by: None,
    };
    events::take_in(tx, writing.ids, &event, writing.now).await?;
    Ok(())
}

/// The members that differ as expressions read them, each with its value before and after.
fn changed(before: Option<&Account>, after: &Account) -> Map<String, Value> {
    let read = |account: &Account| match account.to_value() {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let (mut before, after) = (before.map(read).unwrap_or_default(), read(after));
    let mut fields = Map::new();
    for (member, to) in after {
        let from = before.remove(&member).unwrap_or(Value::Null);
        if member != "id" && from != to {
            fields.insert(member, json!({ "from": from, "to": to }));
        }
    }
    // What is left was taken away; without a value it reads as it did.
    for (member, from) in before.into_iter().filter(|(_, from)| !from.is_null()) {
        fields.insert(member, json!({ "from": from, "to": null }));
    }
    fields
}
