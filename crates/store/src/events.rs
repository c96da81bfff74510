//! What happened outside: taken in once, dispatched at least once, with what came of it.

use crate::{
    AccountId, EventId, Failure, InstanceId, JourneyId, Page, Paging, ReactionId, words,
    work::Backlog,
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use serde_json::{Map, Value, json};

/// The type of the events that changes of accounts write.
pub const ACCOUNT_CHANGED: &str = "account.changed";

/// An event to be taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// The sender's name for it; the same key is the same event.
    pub key: Option<String>,
    pub kind: String,
    pub account: Option<AccountId>,
    /// When it happened.
    pub at: Timestamp,
    pub data: Map<String, Value>,
    /// How many events had brought each other about before it.
    pub depth: u32,
    /// E-mail address of who sent it; `None` for what Waymark wrote itself.
    pub sent_by: Option<String>,
}

/// An event that was taken in.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub key: Option<String>,
    pub kind: String,
    pub account: Option<AccountId>,
    pub at: Timestamp,
    pub received_at: Timestamp,
    pub depth: u32,
    pub sent_by: Option<String>,
    pub data: Map<String, Value>,
    /// Whether it has not brought about yet all that it will.
    pub is_pending: bool,
}

impl Event {
    /// The record that expressions read as `event` once [`journey::journey::event_scope`] has laid its data flat.
    pub fn to_value(&self) -> Value {
        json!({
            "id": self.id, "key": self.key, "type": self.kind, "account": self.account,
            "at": self.at.to_rfc3339(), "data": self.data,
        })
    }

    /// The fields a change of an account changed, with their values before and after; empty for other events.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Value, &Value)> {
        changes(&self.kind, &self.data)
    }
}

impl NewEvent {
    /// As [`Event::changes`].
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Value, &Value)> {
        changes(&self.kind, &self.data)
    }
}

fn changes<'a>(
    kind: &str,
    data: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'a str, &'a Value, &'a Value)> {
    const NONE: &Value = &Value::Null;
    let fields = Some(data).filter(|_| kind == ACCOUNT_CHANGED);
    let fields = fields.and_then(|data| data.get("fields")).and_then(Value::as_object);
    fields.into_iter().flatten().map(|(field, change)| {
        let side = |name| change.get(name).unwrap_or(NONE);
        (field.as_str(), side("from"), side("to"))
    })
}

/// What became of an event that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    In(EventId),
    /// Its key was taken in before, as this one.
    Before(EventId),
}

words! {
    /// What came of an event, a delivery, a schedule or a date at one trigger or wait.
    ReactionKind {
        /// It opened an instance.
        Started = "started",
        /// It woke a waiting instance.
        Woke = "woke",
        /// The journey's rules kept it out.
        Refused = "refused",
        /// The trigger or the instance could not take it.
        Failed = "failed",
    }
}

/// Why nothing came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// For programs: `when`, `condition`, `one-per-account`, …
    pub code: String,
    /// For people.
    pub sentence: String,
    /// The values it was decided on.
    pub facts: Value,
}

/// What came of something at one trigger or wait, to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct NewReaction {
    pub event: Option<EventId>,
    pub journey: JourneyId,
    pub version: u64,
    pub node: String,
    pub account: Option<AccountId>,
    /// The instance and the position it opened, woke or could not move.
    pub instance: Option<(InstanceId, Position)>,
    pub kind: ReactionKind,
    pub reason: Option<Reason>,
}

/// What came of something at one trigger or wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    pub id: ReactionId,
    pub reaction: NewReaction,
    pub at: Timestamp,
}

/// Which events; all that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub kind: Option<String>,
    pub account: Option<AccountId>,
}

/// Events and what came of them.
#[async_trait]
pub trait Events {
    /// Takes a batch in, all of it or nothing; the answers are in its order.
    async fn accept(&self, events: &[NewEvent], now: Timestamp) -> Result<Vec<Taken>, Failure>;

    async fn event(&self, id: EventId) -> Result<Option<Event>, Failure>;

    /// Newest first.
    async fn events(
        &self,
        filter: &Filter,
        paging: Paging<EventId>,
    ) -> Result<Page<Event, EventId>, Failure>;

    /// Those that have not brought about all that they will, of lanes that this node looks after: at most `lanes` of them, the longest
    /// waiting first, and of each at most `each` in the order they were taken in. A lane is an account, or all events about none.
    async fn pending(&self, lanes: u32, each: u32) -> Result<Vec<Event>, Failure>;

    /// The events have brought about all that they will; what came of them beside started and woken instances is written down. Lanes that
    /// have more wait behind the others.
    async fn dispatched(
        &self,
        events: &[EventId],
        reactions: &[NewReaction],
        now: Timestamp,
    ) -> Result<(), Failure>;

    /// Writes down what came of something; what is known of an event already stays.
    async fn react(&self, reactions: &[NewReaction], now: Timestamp) -> Result<(), Failure>;

    /// What came of an event, in order.
    async fn reactions(
        &self,
        event: EventId,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure>;

    /// Why an account did not enter a journey, newest first; for `None`, what was about no account.
    async fn refusals(
        &self,
        journey: JourneyId,
        account: Option<AccountId>,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Reaction, ReactionId>, Failure>;

    /// How many events wait to be dispatched, counted up to `limit`, and since when the oldest does.
    async fn events_backlog(&self, limit: u32) -> Result<Backlog, Failure>;
}
