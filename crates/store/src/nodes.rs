//! Nodes: the servers that run a workspace beside each other, and what each of them holds.
//!
//! A node lives under a lease by the database's clock, which it renews. When it does not, another takes it for gone: what it held is free, and
//! from then on it writes nothing, since every transaction of a node asks whether it still lives. A node that was taken for gone joins
//! anew, under a larger number.

use crate::{Failure, Slot, limits, words};
use async_trait::async_trait;
use journey::Timestamp;
use std::{fmt, str::FromStr, time::Duration};

/// One time a server takes part. A larger number was given later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(i64);

impl NodeId {
    /// The number the database keeps.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The node of a number that was kept.
    pub fn stored(number: i64) -> Self {
        Self(number)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node_{}", self.0)
    }
}

impl FromStr for NodeId {
    type Err = crate::NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("node_").and_then(|number| number.parse().ok());
        number.filter(|number| *number > 0).map(Self).ok_or(crate::NotAnId("node_"))
    }
}

/// A server that wants to take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNode {
    /// What people know it by.
    pub name: String,
    /// Of the program.
    pub version: String,
    /// Fingerprint of the key it seals secrets with; all that live have the same.
    pub key: String,
    pub sealing: Sealing,
    /// How long it is believed to live without being heard of.
    pub lease: Duration,
    pub succeeds: Succeeds,
}

/// Whether secrets are sealed with the key they were sealed with before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    AsBefore,
    /// The key is lost: with nobody else alive, another takes its place, and what was sealed before cannot be read any more.
    Anew,
}

/// Who is gone for sure, whatever their leases say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succeeds {
    Nobody,
    /// Who has its name: it could not have taken its address otherwise.
    ItsName,
    /// All others: it knows that it alone serves the workspace.
    Everyone,
}

impl NewNode {
    /// The only node of a workspace.
    pub fn alone() -> Self {
        Self {
            name: "alone".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            key: String::new(),
            sealing: Sealing::AsBefore,
            lease: limits::NODE_LEASE,
            succeeds: Succeeds::Everyone,
        }
    }
}

/// What became of joining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    As(NodeId),
    /// It would not be able to read what others seal or sealed: this node has another key.
    OtherKey {
        than: String,
    },
    /// So many nodes live already.
    Full(usize),
}

words! {
    /// How a node stands.
    NodeState {
        /// It takes part in everything.
        Serving = "serving",
        /// It takes up nothing new.
        Draining = "draining",
        /// It has ended in good order.
        Left = "left",
        /// It was not heard of and taken for gone.
        Lapsed = "lapsed",
    }
}

/// A node, living or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: NodeId,
    pub name: String,
    pub version: String,
    pub state: NodeState,
    /// By the database's clock, like the others.
    pub joined_at: Timestamp,
    pub lapses_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// How many slots it looks after.
    pub slots: u64,
    /// How much work it holds.
    pub work: u64,
}

/// How things stand when a node was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The time of a database that has a clock of its own.
    pub at: Option<Timestamp>,
    pub state: NodeState,
    /// How many nodes take part in everything.
    pub serving: u32,
    /// Whether this one should take or give up slots.
    pub is_unfair: bool,
    /// Whether some that seem to live were not heard of in time.
    pub others_lapsed: bool,
}

/// What a node that is gone left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expelled {
    pub node: NodeId,
    /// Claimed work that is free now.
    pub work: u64,
}

/// Work that a node held when it was taken for gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Takeover {
    pub position: journey::Position,
    pub name: String,
    pub node: NodeId,
    /// How many records the instance had: a later one of that node for that position came too late.
    pub sequence: u64,
}

/// Nodes. A store is one node, once it has joined; before, and for commands beside the servers, it is none.
#[async_trait]
pub trait Nodes {
    /// Takes part from now on; this store writes as the new node.
    async fn join(&self, node: &NewNode) -> Result<Joined, Failure>;

    /// Lives on, for another lease; `None` when it was taken for gone.
    async fn beat(&self) -> Result<Option<Beat>, Failure>;

    /// Takes nodes for gone whose leases have lapsed: what they held is free.
    async fn expel(&self) -> Result<Vec<Expelled>, Failure>;

    /// Takes free slots up to its fair share, or gives up those beyond it; a node that drains gives up all. How many it has then.
    ///
    /// Nothing may be under way for slots that it might give up.
    async fn share_slots(&self) -> Result<u32, Failure>;

    /// Whether this node looks after a slot; a store that has not joined looks after all.
    fn looks_after(&self, slot: Slot) -> bool;

    /// Ends in good order: what it held is free.
    async fn leave(&self) -> Result<(), Failure>;

    /// Asks a node to take up nothing new; whether there is one that takes part.
    async fn drain(&self, node: NodeId) -> Result<bool, Failure>;

    /// Those that live, then at most `ended` that do not, newest first.
    async fn nodes(&self, ended: u32) -> Result<Vec<Node>, Failure>;

    /// Tells other nodes something, best effort: a hint to look at once, never needed.
    async fn tell_nodes(&self, hints: &[String]) -> Result<(), Failure>;

    /// What nodes told each other since the last call; waits for it, for ever where a workspace has one node only.
    async fn hear(&self) -> Result<String, Failure>;
}
