//! A walk over the drawing that shows how a problem comes about, told step by step.

use super::{kinds, ports};
use crate::messages::t;
use journey::{
    Draft,
    draft::{Edge, Node},
};
use std::collections::BTreeSet;

/// At most this many steps are told; a longer walk only goes round once more.
pub const TOLD: usize = 200;

/// One step of a walk: the node that is reached, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub node: String,
    pub words: String,
}

/// The steps of a walk along `edges`, in order; edges the drawing no longer has are left out.
pub fn stops(draft: &Draft, edges: &[String]) -> Vec<Stop> {
    let mut seen = BTreeSet::new();
    let mut stops = Vec::new();
    let known = edges.iter().filter_map(|id| draft.edges.iter().find(|edge| edge.id == *id));
    for edge in known.take(TOLD) {
        let (Some(from), Some(to)) = (draft.node(&edge.from), draft.node(&edge.to)) else {
            continue;
        };
        if stops.is_empty() {
            seen.insert(&from.id);
            let words = t!("It begins at {step}.", step = named(from));
            stops.push(Stop { node: from.id.clone(), words });
        }
        let (leaves, arrives) = (leaves(draft, from, edge), arrives(to));
        let words = if seen.insert(&to.id) {
            t!("{leaves} {arrives}.", leaves, arrives)
        } else {
            t!("{leaves} {arrives} again.", leaves, arrives)
        };
        stops.push(Stop { node: to.id.clone(), words });
    }
    stops
}

/// How a node is left by an edge.
fn leaves(draft: &Draft, from: &Node, edge: &Edge) -> String {
    let name = named(from);
    let ports = ports::ports(draft, from);
    let port = ports::index_of(&ports, edge).and_then(|at| ports.get(at));
    let way = port.map(|port| port.label.as_str()).unwrap_or_default();
    match (from.kind.as_str(), edge.port()) {
        (_, "error") => t!("{name} fails and", name),
        (_, "timeout") => t!("{name} waits too long and", name),
        ("trigger", _) => t!("{name} opens the journey and", name),
        ("parallel", _) => t!("One of the branches of {name}", name),
        ("decision", _) if way.is_empty() => t!("{name} chooses a way that", name),
        ("decision", _) => t!("{name} chooses “{way}”, which", name, way),
        _ if way.is_empty() => t!("{name} is done and", name),
        _ => t!("{name} leaves by “{way}” and", name, way),
    }
}

/// How a node is reached.
fn arrives(to: &Node) -> String {
    match to.kind.as_str() {
        "join" => t!("waits at {step} for the other branches", step = named(to)),
        "end" => t!("comes to its end at {step}", step = named(to)),
        _ => t!("goes on to {step}", step = named(to)),
    }
}

fn named(node: &Node) -> String {
    let name = node.name.trim();
    format!("“{}”", if name.is_empty() { kinds::title(&node.kind) } else { name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn draft() -> Draft {
        let draft = json!({
            "format": 1, "name": "Round and round",
            "nodes": [
                { "id": "start", "kind": "trigger", "name": "Start" },
                { "id": "split", "kind": "parallel" },
                { "id": "call", "kind": "action", "name": "Call" },
                { "id": "meet", "kind": "join", "name": "Meet" },
                { "id": "ask", "kind": "decision", "name": "Ask" },
            ],
            "edges": [
                { "id": "e1", "from": "start", "to": "split" },
                { "id": "e2", "from": "split", "to": "call" },
                { "id": "e3", "from": "call", "port": "error", "to": "meet" },
                { "id": "e4", "from": "meet", "to": "ask" },
                { "id": "e5", "from": "ask", "to": "call", "when": "vars.x > 1", "label": "High" },
            ],
        });
        serde_json::from_value(draft).unwrap()
    }

    #[test]
    fn each_step_says_which_node_is_left_and_where_it_leads() {
        let edges = ["e1", "e2", "e3", "e4", "gone", "e5"].map(str::to_owned);
        let told = stops(&draft(), &edges);
        let words: Vec<&str> = told.iter().map(|stop| stop.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "It begins at “Start”.",
                "“Start” opens the journey and goes on to “Parallel”.",
                "One of the branches of “Parallel” goes on to “Call”.",
                "“Call” fails and waits at “Meet” for the other branches.",
                "“Meet” is done and goes on to “Ask”.",
                "“Ask” chooses “High”, which goes on to “Call” again.",
            ]
        );
        assert_eq!(told[5].node, "call");
    }

    #[test]
    fn a_walk_without_end_is_told_as_far_as_one_would_read() {
        let round = vec!["e4".to_owned(); 5_000];
        assert_eq!(stops(&draft(), &round).len(), TOLD + 1);
        assert_eq!(stops(&draft(), &["gone".to_owned()]), []);
    }
}
