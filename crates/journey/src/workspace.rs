//! What only a workspace knows, and `check` needs: connections and their operations, teams, users, calendars.

use crate::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The names and schemas a draft may refer to. Without one, `check` reports such names as `unknown-here` warnings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// By connection name.
    pub connections: BTreeMap<String, Connection>,
    pub teams: BTreeSet<String>,
    /// E-mail addresses.
    pub users: BTreeSet<String>,
    pub calendars: BTreeSet<String>,
    /// Journeys with a live version, by id and by name.
    #[serde(default)]
    pub journeys: BTreeSet<String>,
    /// Names that several of those have: which one is meant, only its id says.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_names: BTreeSet<String>,
    /// When it was asked: what is over by then never comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Timestamp>,
}

/// A configured connector: what its operations take and give.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    pub connector: String,
    pub operations: BTreeMap<String, Operation>,
}

/// One operation of a connector, as its manifest states it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    #[serde(default)]
    pub title: String,
    /// JSON Schemas.
    pub input: Value,
    pub output: Value,
    #[serde(default)]
    pub idempotent: bool,
}
