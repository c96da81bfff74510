//! A draft that was drawn for another workspace: which of the names in it this one does not have, and putting names of its own in their place.

use crate::{Draft, Workspace, check};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Team,
    User,
    Connection,
    Calendar,
    Journey,
}

impl What {
    /// What `check` says of a name of this sort that the workspace does not have.
    fn of(code: &str) -> Option<Self> {
        match code {
            "unknown-team" => Some(Self::Team),
            "unknown-user" => Some(Self::User),
            "unknown-connection" => Some(Self::Connection),
            "unknown-calendar" => Some(Self::Calendar),
            "unknown-journey" => Some(Self::Journey),
            _ => None,
        }
    }

    /// The names of this sort that a workspace has. Journeys are called by their names, of which several may have the same.
    pub fn own(self, workspace: &Workspace) -> Vec<&str> {
        let all: Box<dyn Iterator<Item = &String>> = match self {
            Self::Team => Box::new(workspace.teams.iter()),
            Self::User => Box::new(workspace.users.iter()),
            Self::Connection => Box::new(workspace.connections.keys()),
            Self::Calendar => Box::new(workspace.calendars.iter()),
            Self::Journey => {
                let is_one = |name: &&String| {
                    !name.starts_with("jrn_") && !workspace.shared_names.contains(*name)
                };
                Box::new(workspace.journeys.iter().filter(is_one))
            }
        };
        all.map(String::as_str).collect()
    }
}

/// A name that the workspace does not have, and where the draft says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub what: What,
    pub name: String,
    places: Vec<Place>,
}

/// A member of a node, or without one of the draft itself.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    node: Option<String>,
    /// A JSON pointer.
    field: String,
}

/// The names that `check` misses in a workspace, by what they are names of. A name that is worked out by an expression is left as it is.
pub fn missing(draft: &Draft, workspace: &Workspace) -> Vec<Missing> {
    let mut found: BTreeMap<(What, String), Vec<Place>> = BTreeMap::new();
    for problem in check(draft, Some(workspace)).1 {
        let (Some(what), Some(field), None) =
            (What::of(&problem.code), problem.field, problem.edge)
        else {
            continue;
        };
        let place = Place { node: problem.node, field };
        let Some(name) = read(draft, &place) else { continue };
        if problem.message.contains(&format!("'{name}'")) {
            found.entry((what, name)).or_default().push(place);
        }
    }
    found.into_iter().map(|((what, name), places)| Missing { what, name, places }).collect()
}

impl Missing {
    /// Puts a name of the workspace's own in its place.
    pub fn settle(&self, draft: &mut Draft, own: &str) {
        for place in &self.places {
            write(draft, place, own);
        }
    }
}

fn read(draft: &Draft, place: &Place) -> Option<String> {
    let whole = match &place.node {
        Some(id) => serde_json::to_value(draft.node(id)?),
        None => serde_json::to_value(draft),
    };
    Some(whole.ok()?.pointer(&place.field)?.as_str()?.to_owned())
}

/// What does not fit stays as it is.
fn write(draft: &mut Draft, place: &Place, own: &str) {
    let Some(id) = &place.node else { return put(draft, &place.field, own) };
    if let Some(node) = draft.nodes.iter_mut().find(|node| node.id == *id) {
        put(node, &place.field, own);
    }
}

fn put<T: Serialize + DeserializeOwned>(whole: &mut T, field: &str, own: &str) {
    let changed = serde_json::to_value(&*whole).ok().and_then(|mut changed| {
        *changed.pointer_mut(field)? = own.into();
        serde_json::from_value(changed).ok()
    });
    if let Some(changed) = changed {
        *whole = changed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft() -> Draft {
        let team = json!({ "rule": "team", "team": "success" });
        serde_json::from_value(json!({
            "format": 1, "name": "Renewal", "lanes": [{ "id": "cs", "team": "success" }],
            "nodes": [
                { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } },
                { "id": "ask", "kind": "task", "name": "Ask", "title": "Ask", "lane": "cs",
                  "owner": { "rule": "account_owner", "fallback": team },
                  "sla": { "due": { "business": "P2D", "calendar": "Ours" }, "escalation": [{ "at": "breach", "do": "notify", "to": team }] },
                  "outcomes": [{ "id": "done", "label": "Done" }] },
                { "id": "bill", "kind": "action", "name": "Bill", "connection": "billing", "operation": "charge" },
                { "id": "end", "kind": "end", "name": "End", "outcome": "done" },
            ],
            "edges": [
                { "id": "e1", "from": "start", "to": "ask" },
                { "id": "e2", "from": "ask", "port": "done", "to": "bill" },
                { "id": "e3", "from": "bill", "to": "end" },
            ],
        }))
        .unwrap()
    }

    #[test]
    fn names_that_are_missing_are_told_once_and_settled_everywhere() {
        let mut workspace = Workspace::default();
        workspace.teams.insert("care".to_owned());
        workspace.calendars.insert("standard".to_owned());
        let mut draft = draft();
        let missed = missing(&draft, &workspace);
        let names: Vec<_> = missed.iter().map(|one| (one.what, one.name.as_str())).collect();
        assert_eq!(
            names,
            [(What::Team, "success"), (What::Connection, "billing"), (What::Calendar, "Ours")]
        );
        assert_eq!(What::Team.own(&workspace), ["care"]);
        missed[0].settle(&mut draft, "care");
        missed[2].settle(&mut draft, "standard");
        let left: Vec<_> = missing(&draft, &workspace).into_iter().map(|one| one.name).collect();
        assert_eq!(left, ["billing"]);
        assert_eq!(draft.lanes[0].team, "care");
        assert_eq!(
            draft.node("ask").unwrap().settings["sla"]["escalation"][0]["to"]["team"],
            "care"
        );
        assert!(!serde_json::to_string(&draft).unwrap().contains("success"));
    }

    #[test]
    fn a_journey_is_called_by_a_name_that_only_it_has() {
        let mut workspace = Workspace::default();
        for name in ["jrn_1", "jrn_2", "jrn_3", "Escalation", "Twice"] {
            workspace.journeys.insert(name.to_owned());
        }
        workspace.shared_names.insert("Twice".to_owned());
        assert_eq!(What::Journey.own(&workspace), ["Escalation"]);
    }
}
