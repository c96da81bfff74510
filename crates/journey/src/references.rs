//! What of its workspace a draft names: what it depends on beside itself.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a draft names. What an expression finds only while an instance runs is not known before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Connections, and the operations of each that are used.
    pub connections: BTreeMap<String, BTreeSet<String>>,
    pub teams: BTreeSet<String>,
    /// Those that are named; not that of an account or of the team that has the work.
    pub calendars: BTreeSet<String>,
    /// Other journeys that are called.
    pub journeys: BTreeSet<Called>,
}

/// A journey that is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Called {
    /// Its id or name, as the draft has it.
    pub journey: String,
    /// The newest live one when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}
