//! The draft: anything a designer can hold, file format 1. It may be wrong; `check` says where.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A journey as it is drawn and saved. Members this version does not know are kept and reported, never dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    pub format: u32,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema (an object) of the journey's variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<Value>,
    #[serde(default)]
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub edges: Vec<Edge>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lanes: Vec<Lane>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exits: Vec<Exit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Value>,
    /// Rehearsals that were kept, to be played again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestCase>,
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// One node: what all kinds share, and the settings of its kind, flat beside them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Node {
    pub id: String,
    pub kind: String,
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// The group it is drawn in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default)]
    pub position: Point,
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

/// Where a node stands on the canvas, in canvas units; y grows downward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A way from one node's port to another node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Edge {
    pub id: String,
    pub from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    pub to: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Condition of a decision's way, a CEL expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// A swimlane and the team it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lane {
    pub id: String,
    pub team: String,
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// Nodes that are drawn together, in a frame or collapsed into one card. What runs knows nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub collapsed: bool,
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A journey-wide way out: when it holds, every wait is cancelled and the instance ends.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Exit {
    pub when: String,
    pub outcome: String,
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// A rehearsal that was kept; [`crate::rehearsal::Case`] says what else stands in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestCase {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

impl Edge {
    /// The port this edge leaves by; `out` when the draft names none.
    pub fn port(&self) -> &str {
        self.port.as_deref().unwrap_or("out")
    }
}

/// Members whose text is a calendar's name, wherever they stand.
const NAMING_CALENDARS: [&str; 2] = ["calendar", "hours"];

impl Draft {
    /// Whether something in it is measured over a calendar, or waits until it opens.
    pub fn names_calendar(&self, name: &str) -> bool {
        let settings = self.nodes.iter().flat_map(|node| &node.settings);
        let mut open: Vec<(&str, &Value)> =
            settings.map(|(member, value)| (member.as_str(), value)).collect();
        open.extend(self.settings.iter().map(|settings| ("", settings)));
        while let Some((member, value)) = open.pop() {
            match value {
                Value::String(text) if NAMING_CALENDARS.contains(&member) && text == name => {
                    return true;
                }
                Value::Object(members) => {
                    open.extend(members.iter().map(|(member, value)| (member.as_str(), value)));
                }
                Value::Array(items) => open.extend(items.iter().map(|item| ("", item))),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        false
    }

    /// The team a node's lane belongs to.
    pub fn lane_team(&self, node: &Node) -> Option<&str> {
        let lane = self.lanes.iter().find(|lane| Some(&lane.id) == node.lane.as_ref())?;
        Some(&lane.team)
    }

    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }
}
