//! The journeys that the engine and the browser are measured with.

use std::fs;

use ::tests::stage::root;
use anyhow::{Context as _, Result};
use journey::{Journey, check, draft::Draft};
use serde_json::{Value, json};

/// A condition on two fields.
pub(crate) const CONDITION: &str = "input.n > 3 && input.kind == 'a'";

/// A document of about 2 KB for which [`CONDITION`] holds.
pub(crate) fn document() -> Value {
    let mut document = json!({"n": 7, "kind": "a"});
    for at in 0..60 {
        document[format!("field_{at}")] = json!("some text of a field");
    }
    document
}

/// The draft, checked.
pub(crate) fn compile(draft: &Draft) -> Result<Journey> {
    let (journey, found) = check(draft, None);
    journey.with_context(|| format!("{found:#?}"))
}

/// A trigger, three decisions by `condition`, a parallel, four sets, a join and an end.
pub(crate) fn mix(condition: &str) -> Result<Draft> {
    let mut drawing = Drawing::new();
    for (before, decision, after) in [("start", "d1", "s1"), ("s1", "d2", "s2"), ("s2", "d3", "p")]
    {
        drawing.node(decision, json!({"kind": "decision"}));
        drawing.edge(before, decision, json!({}));
        drawing.edge(decision, after, json!({"when": condition}));
        drawing.edge(decision, "end", json!({"port": "default"}));
    }
    for (at, value) in [(1, "1"), (2, "2"), (3, "3"), (4, "'four'")] {
        drawing.node(&format!("s{at}"), set(at, value));
    }
    drawing.node("p", json!({"kind": "parallel"}));
    drawing.node("j", json!({"kind": "join"}));
    for way in ["s3", "s4"] {
        drawing.edge("p", way, json!({}));
        drawing.edge(way, "j", json!({}));
    }
    drawing.edge("j", "end", json!({}));
    drawing.end("Mix")
}

/// A trigger, ten sets of `value` and an end.
pub(crate) fn ten_sets(value: &str) -> Result<Draft> {
    let (mut drawing, mut last) = (Drawing::new(), "start".to_owned());
    for at in 0..10 {
        last = drawing.after(&last, &format!("s{at}"), set(at, value));
    }
    drawing.edge(&last, "end", json!({}));
    drawing.end("Ten")
}

/// A trigger, a wait for the instant that the input names, one call and an end.
pub(crate) fn waiting() -> Result<Draft> {
    let mut drawing = Drawing::new();
    let until = json!({"kind": "wait", "name": "Wait", "until": "timestamp(input.at)"});
    drawing.after("start", "wait", until);
    let call = json!({
        "kind": "action", "name": "Call", "connection": "crm", "operation": "upsert",
        "input": {"id": "input.id"}, "timeout": "PT30S", "retry": {"attempts": 5, "backoff": "PT1S", "max": "PT5M"},
    });
    drawing.after("wait", "call", call);
    drawing.edge("call", "end", json!({}));
    drawing.end("Waiting (W2)")
}

/// A trigger and, by the input's `kind`, a task of `person`'s, a task of `team`'s, an end, or a value that cannot be worked out.
pub(crate) fn standing(person: &str, team: &str) -> Result<Draft> {
    let mut drawing = Drawing::new();
    drawing.after("start", "kind", json!({"kind": "decision"}));
    for (kind, owner) in [
        ("mine", json!({"rule": "user", "user": person})),
        ("team", json!({"rule": "team", "team": team})),
    ] {
        drawing.node(
            kind,
            json!({
                "kind": "task", "title": "Call about {{ input.number }}", "owner": owner, "sla": {"due": "P30D"},
                "outcomes": [{"id": "done", "label": "Done"}],
            }),
        );
        drawing.edge("kind", kind, json!({"when": format!("input.kind == '{kind}'")}));
        drawing.edge(kind, "end", json!({"port": "done"}));
    }
    drawing.node("broken", set(0, "1 / int(input.kind)"));
    drawing.edge("kind", "broken", json!({"when": "input.kind == '0'"}));
    drawing.edge("broken", "end", json!({}));
    drawing.edge("kind", "end", json!({"port": "default"}));
    drawing.end("Standing (lists)")
}

/// A journey of 200 nodes as they are drawn: tasks, waits and inclusive decisions side by side, joins, loops, and what they compute.
pub(crate) fn two_hundred() -> Result<Draft> {
    let path = root().join("examples/bench/two-hundred.json");
    let text = fs::read(&path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&text)?)
}

/// A journey of 1,000 nodes and about 1,500 edges, drawn in rows: sets and decisions by turns, whose other way leads on some rows further.
pub(crate) fn thousand() -> Result<Draft> {
    let mut drawing = Drawing::new();
    let name = |at: usize| format!("n{at}");
    for at in 0..998 {
        let node = if at % 2 == 0 { set(at, "1") } else { json!({"kind": "decision"}) };
        drawing.node(&name(at), node);
    }
    drawing.edge("start", &name(0), json!({}));
    for at in 0..998 {
        let to = |at: usize| if at < 998 { name(at) } else { "end".to_owned() };
        if at % 2 == 0 {
            drawing.edge(&name(at), &to(at + 1), json!({}));
        } else {
            drawing.edge(&name(at), &to(at + 1), json!({"when": CONDITION}));
            drawing.edge(&name(at), &to(at + 43), json!({"port": "default"}));
        }
    }
    drawing.end("A thousand nodes")
}

fn set(at: usize, value: &str) -> Value {
    json!({"kind": "set", "assign": [{"to": format!("vars.v{at}"), "value": value}]})
}

/// A draft as it grows, its nodes in rows of twenty.
struct Drawing {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Drawing {
    /// Only a trigger, `start`.
    fn new() -> Self {
        let mut drawing = Self { nodes: Vec::new(), edges: Vec::new() };
        drawing.node("start", json!({"kind": "trigger", "on": {"type": "manual"}}));
        drawing
    }

    fn node(&mut self, id: &str, mut node: Value) {
        let at = self.nodes.len();
        node["id"] = json!(id);
        node["position"] = json!({"x": at % 20 * 290, "y": at / 20 * 260});
        self.nodes.push(node);
    }

    fn edge(&mut self, from: &str, to: &str, mut edge: Value) {
        edge["id"] = json!(format!("e{}", self.edges.len()));
        edge["from"] = json!(from);
        edge["to"] = json!(to);
        self.edges.push(edge);
    }

    /// A node with an edge from the one before; its id.
    fn after(&mut self, before: &str, id: &str, node: Value) -> String {
        self.node(id, node);
        self.edge(before, id, json!({}));
        id.to_owned()
    }

    /// The draft, with the node `end`.
    fn end(mut self, name: &str) -> Result<Draft> {
        self.node("end", json!({"kind": "end", "outcome": "done"}));
        let draft = json!({"format": 1, "name": name, "nodes": self.nodes, "edges": self.edges});
        Ok(serde_json::from_value(draft)?)
    }
}
