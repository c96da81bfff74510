//! Another kind in the place of a step's: what both kinds have stays, and its ways lead on.

use super::{Op, connect::ways_in_order, kinds};
use journey::{
    Draft,
    draft::{Edge, Node},
    ports::{Port, Role, ports, takes_edges},
};

/// What a person's work is described by, whichever kind of work it is.
const OF_WORK: [&str; 8] =
    ["title", "instructions", "owner", "sla", "form", "timers", "priority", "target"];

/// Whether a node can become one of that kind: no way may come to lead into what takes none.
pub fn fits(node: &Node, kind: &str) -> bool {
    node.kind != kind && takes_edges(&node.kind) && takes_edges(kind)
}

/// The change that gives a node another kind; `None` when it cannot have that.
pub(super) fn changed(draft: &Draft, id: &str, kind: &str) -> Option<Op> {
    let before = draft.node(id).filter(|node| fits(node, kind))?;
    let node = reborn(draft, before, kind);
    let mut ops = led(draft, before, &node);
    ops.push(Op::ReplaceNode { node });
    Some(Op::Several(ops))
}

/// A new node of the kind with the id, the place and what else the old one shares with it.
fn reborn(draft: &Draft, before: &Node, kind: &str) -> Node {
    let fresh = kinds::create(draft, kind, before.position);
    let is_default = kinds::is_called_as_new(&before.kind, &before.name);
    let mut node = Node {
        id: before.id.clone(),
        name: if is_default { fresh.name } else { before.name.clone() },
        lane: before.lane.clone(),
        group: before.group.clone(),
        ..fresh
    };
    for (member, value) in &before.settings {
        if node.settings.contains_key(member) || OF_WORK.contains(&member.as_str()) {
            node.settings.insert(member.clone(), value.clone());
        }
    }
    for member in unknown(&node) {
        node.settings.remove(&member);
    }
    node
}

/// The members that a node's kind does not have.
fn unknown(node: &Node) -> Vec<String> {
    let alone = Draft { format: 1, nodes: vec![node.clone()], ..Draft::default() };
    let problems = journey::check(&alone, None).1.into_iter();
    let of_members = problems.filter(|problem| problem.code == "unknown-member");
    of_members
        .filter_map(|problem| {
            let field = problem.field?;
            let member = field.strip_prefix('/')?;
            (!member.contains('/')).then(|| member.to_owned())
        })
        .collect()
}

/// The changes of the ways out: each keeps its port if the new kind has it, or else takes the next that is free; the rest falls away.
fn led(draft: &Draft, before: &Node, node: &Node) -> Vec<Op> {
    let after = ports(node);
    let mut free: Vec<&Port<'_>> = after.iter().filter(|port| !port.role.is_open()).collect();
    let open = after.iter().find(|port| port.role.is_open());
    let mut ways: Vec<(&Edge, Option<&Port<'_>>)> = ways_in_order(draft, &before.id)
        .map(|way| {
            let same = free.iter().position(|port| port.name == way.port());
            (way, same.map(|at| free.remove(at)))
        })
        .collect();
    // What is for when something went wrong, or took too long, is not for what went well.
    let mut free = free.into_iter().filter(|port| leads_on(&port.role));
    for (_, port) in &mut ways {
        *port = port.or_else(|| free.next()).or(open);
    }
    let change = |(way, port): (&Edge, Option<&Port<'_>>)| {
        let Some(port) = port else { return Some(Op::RemoveEdge { id: way.id.clone() }) };
        let is_asked = port.role == Role::Condition;
        let when = is_asked.then(|| way.when.clone().unwrap_or_default());
        let port = Some(port.name.to_owned()).filter(|port| port != "out");
        let edge = Edge { port, when, ..way.clone() };
        (edge != *way).then_some(Op::ReplaceEdge { edge })
    };
    ways.into_iter().filter_map(change).collect()
}

fn leads_on(role: &Role<'_>) -> bool {
    matches!(role, Role::Way | Role::Outcome { .. } | Role::Otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::kinds::KINDS;
    use serde_json::json;

    fn drawing(node: &serde_json::Value, edges: &[(&str, &str)]) -> Draft {
        let edge = |(at, (port, when)): (usize, &(&str, &str))| json!({ "id": format!("e{at}"), "from": "n", "port": port, "to": format!("to_{port}{at}"), "when": (!when.is_empty()).then_some(when) });
        let edges: Vec<_> = edges.iter().enumerate().map(edge).collect();
        serde_json::from_value(json!({ "format": 1, "name": "D", "nodes": [node], "edges": edges }))
            .unwrap()
    }

    fn becomes(mut draft: Draft, kind: &str) -> Draft {
        let before = draft.clone();
        let back = changed(&draft, "n", kind).unwrap().apply(&mut draft).unwrap();
        let mut again = draft.clone();
        back.apply(&mut again).unwrap();
        assert_eq!(again, before, "it can be undone");
        draft
    }

    fn ways(draft: &Draft) -> Vec<(&str, Option<&str>)> {
        draft.edges.iter().map(|edge| (edge.port(), edge.when.as_deref())).collect()
    }

    fn task() -> serde_json::Value {
        json!({
            "id": "n", "kind": "task", "name": "Sign the order", "lane": "cs", "group": "g",
            "owner": { "rule": "team", "team": "cs" }, "instructions": "Please", "quorum": 3,
            "sla": { "due": "P3D" }, "outcomes": [{ "id": "done" }, { "id": "failed" }],
            "timers": [{ "id": "late", "after": "P1D", "interrupting": true }],
        })
    }

    #[test]
    fn what_both_kinds_have_stays_and_the_rest_is_as_new() {
        let draft = becomes(drawing(&task(), &[]), "approval");
        let node = &draft.nodes[0];
        assert_eq!(
            (node.name.as_str(), node.lane.as_deref(), node.group.as_deref()),
            ("Sign the order", Some("cs"), Some("g"))
        );
        assert_eq!(node.settings["owner"], json!({ "rule": "team", "team": "cs" }));
        assert_eq!(node.settings["instructions"], json!("Please"));
        assert_eq!(node.settings["sla"], json!({ "due": "P3D" }));
        assert!(!node.settings.contains_key("outcomes"), "an approval has its own");
        let draft = becomes(draft, "wait");
        let kept: Vec<&str> = draft.nodes[0].settings.keys().map(String::as_str).collect();
        assert_eq!(kept, ["for"]);
        let fresh = json!({ "id": "n", "kind": "task", "name": "New task 2" });
        assert_eq!(becomes(drawing(&fresh, &[]), "wait").nodes[0].name, "Wait a day");
    }

    #[test]
    fn ways_keep_their_port_or_take_the_next() {
        let draft = drawing(&task(), &[("failed", ""), ("done", ""), ("late", "")]);
        // In the order of the edges: failed, done, late.
        let approval = becomes(draft.clone(), "approval");
        assert_eq!(ways(&approval), [("rejected", None), ("approved", None), ("late", None)]);
        assert_eq!(ways(&becomes(draft.clone(), "parallel")), [("out", None); 3]);
        let decision = becomes(draft.clone(), "decision");
        assert_eq!(ways(&decision), [("out", Some("")), ("default", None), ("out", Some(""))]);
        let set = becomes(draft.clone(), "set");
        assert_eq!(ways(&set), [("out", None)], "one way on is all it has");
        assert_eq!(set.edges[0].to, "to_done1");
        assert_eq!(ways(&becomes(draft, "end")), []);
    }

    #[test]
    fn conditions_stay_with_decisions_only() {
        let decision = json!({ "id": "n", "kind": "decision", "name": "Which?" });
        let draft = drawing(&decision, &[("out", "vars.a"), ("default", "")]);
        assert_eq!(ways(&becomes(draft.clone(), "task")), [("done", None)]);
        let action = becomes(draft, "action");
        assert_eq!(ways(&action), [("out", None)], "no way on becomes the one for failures");
    }

    #[test]
    fn every_kind_becomes_every_other_and_has_no_port_it_should_not() {
        for from in KINDS {
            for to in KINDS.iter().filter(|to| to.id != from.id) {
                let mut draft = Draft { format: 1, ..Draft::default() };
                let mut node = kinds::create(&draft, from.id, journey::draft::Point::default());
                "n".clone_into(&mut node.id);
                let names: Vec<_> = ports(&node).iter().map(|port| port.name.to_owned()).collect();
                draft.nodes.push(node);
                for (at, port) in names.iter().enumerate() {
                    draft.edges.push(Edge {
                        id: format!("e{at}"),
                        from: "n".to_owned(),
                        port: Some(port.clone()),
                        to: "x".to_owned(),
                        ..Edge::default()
                    });
                }
                if !fits(&draft.nodes[0], to.id) {
                    assert_eq!(changed(&draft, "n", to.id), None);
                    continue;
                }
                let draft = becomes(draft, to.id);
                let problems = journey::check(&draft, None).1;
                let bad = |problem: &&journey::Diagnostic| {
                    ["unknown-port", "unknown-member"].contains(&problem.code.as_str())
                };
                assert_eq!(problems.iter().find(bad), None, "{} to {}", from.id, to.id);
            }
        }
    }
}
