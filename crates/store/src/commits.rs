//! The one way an instance is written: its state, records, work, tasks and account fields together.

use crate::{
    EventId, Failure, InstanceId, LeaseId,
    audit::Deed,
    events::NewReaction,
    idempotency::Request,
    instances::Life,
    work::{NewWork, WorkKey},
    would_have::NewDeed,
};
use async_trait::async_trait;
use journey::{
    Document, Instance, Position, Record, Timestamp,
    effect::{Close, Offer, Owner, SlaState},
};
use serde_json::{Map, Value};

/// What one step changes. All of it is written, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    pub instance: InstanceId,
    pub life: Life,
    pub guard: Guard,
    /// The instance after the step.
    pub state: Instance,
    pub records: Vec<Record>,
    /// New or replaced work.
    pub work: Vec<NewWork>,
    /// Claimed work this commit is the answer to; its lease must still hold.
    pub done: Option<(WorkKey, LeaseId)>,
    /// Positions nothing waits at any more: all their work goes.
    pub left: Vec<Position>,
    /// Those of them that may have waited for an event: what they listened for goes.
    pub deaf: Vec<Position>,
    /// In order.
    pub tasks: Vec<TaskChange>,
    /// Fields of the instance's account.
    pub account_fields: Map<String, Value>,
    pub notices: Vec<Notice>,
    /// What a shadow instance would have done.
    pub would_have: Vec<NewDeed>,
    /// Fields of the account as a shadow instance would have written them; kept as they were when empty.
    pub overlay: Map<String, Value>,
    /// Events that positions wait for from now on; they end with their positions.
    pub listens: Vec<NewListen>,
    /// Whether the instance must hear when its account changes.
    pub watches_account: bool,
    /// What a person or a client did by this, for the audit log.
    pub deed: Option<Deed>,
    /// The request under an idempotency key that this does.
    pub asked: Option<Request>,
    /// The event that brings this about, if one does.
    pub cause: Option<Cause>,
    pub at: Timestamp,
}

/// The event that a step is the answer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub event: EventId,
    /// How many events had brought each other about before it.
    pub depth: u32,
    /// What came of it, to be written down with the step.
    pub reaction: Option<NewReaction>,
}

/// What must hold for a commit to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Guard {
    /// The instance is new, and its journey's entry rule lets it in.
    New { trigger: String, dedupe_key: Option<String>, entry: EntryRule },
    /// The instance is new, and the work of the instance above that asks for it is still held: whoever waits for it does so until this is
    /// written. One instance is started for a place below; entry rules do not apply.
    Below { work: (WorkKey, LeaseId) },
    /// The instance still has this many records.
    At { sequence: u64 },
}

/// Who may enter a journey; the default lets everyone in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryRule {
    /// Not while another instance of the journey is running for the account.
    pub one_per_account: bool,
    /// Not when the account started later than this.
    pub cooled_down_since: Option<Timestamp>,
    /// At most this many starts in 24 hours, over all accounts.
    pub cap_per_day: Option<u32>,
}

/// A task as people see it, changed.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskChange {
    Offer {
        position: Position,
        offer: Box<Offer>,
    },
    /// Its texts, form, outcomes, priority and due date are these now; it stays with whom it is.
    Renew {
        position: Position,
        offer: Box<Offer>,
    },
    Assign {
        position: Position,
        assignee: Option<String>,
    },
    Reassign {
        position: Position,
        owner: Owner,
    },
    Close {
        position: Position,
        close: Close,
        answers: Option<Document>,
    },
    Mark {
        position: Position,
        sla: SlaState,
        /// The new due date, when it is another one.
        due: Option<Timestamp>,
    },
}

/// Something a person or a team is told about a task, inside the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub position: Position,
    pub to: Owner,
    pub about: String,
}

/// An event a position waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewListen {
    pub position: Position,
    /// The event's name.
    pub name: String,
    /// The key that makes an event its own.
    pub key: String,
}

/// Why a commit was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The instance has moved on since it was read.
    LostRace,
    /// The work was claimed by someone else since, or is gone.
    LostLease,
    /// The key, or the place below another instance, has opened an instance before.
    Duplicate { instance: InstanceId },
    /// The account is in this journey already.
    AlreadyIn { instance: InstanceId },
    /// The account was in this journey too short a time ago: it started then.
    CoolingDown { last: Timestamp },
    /// The journey has had its starts for now.
    CapReached,
}

/// Writes instances.
#[async_trait]
pub trait Commits {
    /// Writes a group in one transaction; the answers are in the order of the commits.
    ///
    /// A refused commit leaves the others of its group as they are. An instance may be in a group once; a second commit for it loses the race.
    ///
    /// # Errors
    ///
    /// None of the group was written, unless the failure's kind is unknown: then ask by key.
    async fn commit(&self, commits: &[Commit]) -> Result<Vec<Result<(), Refused>>, Failure>;
}
