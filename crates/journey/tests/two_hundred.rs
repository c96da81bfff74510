//! A mixed journey of two hundred nodes, drawn by rule and kept in `examples/bench`, for whoever measures `check`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{Draft, Severity, check};
use serde_json::{Value, json};

#[derive(Default)]
struct Pen {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Pen {
    fn node(&mut self, id: &str, mut settings: Value) {
        settings["id"] = json!(id);
        settings["name"] = json!(id);
        self.nodes.push(settings);
    }

    fn edge(&mut self, from: &str, port: &str, to: &str) {
        let id = format!("e{}", self.edges.len());
        self.edges.push(json!({"id": id, "from": from, "port": port, "to": to}));
    }

    fn way(&mut self, from: &str, when: &str, to: &str) {
        let id = format!("e{}", self.edges.len());
        self.edges.push(json!({"id": id, "from": from, "to": to, "when": when}));
    }

    fn task(&mut self, id: &str, block: usize) {
        let title = format!("Block {block} for {{{{ input.name }}}}");
        let owner = json!({"rule": "user", "user": "ana@example.com"});
        let escalation = json!([{"at": "breach", "do": "notify", "to": owner}]);
        self.node(id, json!({"kind": "task", "title": title, "owner": owner, "sla": {"due": {"business": "P2D"}, "escalation": escalation}, "outcomes": [{"id": "done", "label": "Done"}, {"id": "no", "label": "No"}]}));
    }

    /// Eleven nodes: a value, a split into a task, a decision and a wait, a join, and a second look when it was declined.
    fn block(&mut self, at: usize, after: &str) {
        let id = |name: &str| format!("{name}{at}");
        let assign =
            json!([{"to": format!("vars.v{at}"), "value": format!("input.size * {} + 1", at + 1)}]);
        self.node(&id("set"), json!({"kind": "set", "assign": assign}));
        self.node(&id("split"), json!({"kind": "parallel"}));
        self.task(&id("first"), at);
        self.node(&id("choose"), json!({"kind": "decision", "mode": "inclusive"}));
        self.node(&id("pause"), json!({"kind": "wait", "for": "PT1H"}));
        self.node(&id("rest"), json!({"kind": "wait", "until": "now + duration('1h')"}));
        self.node(&id("mark"), json!({"kind": "milestone", "milestone": id("mark")}));
        self.node(&id("join"), json!({"kind": "join", "need": "all"}));
        self.node(&id("again"), json!({"kind": "decision"}));
        self.task(&id("second"), at);
        self.node(&id("cool"), json!({"kind": "wait", "for": "P1D"}));
        self.edge(&id("set"), "out", &id("split"));
        for to in ["first", "choose", "mark"] {
            self.edge(&id("split"), "out", &id(to));
        }
        let (small, large) =
            (format!("vars.v{at} > {at}"), "input.size > 100 && input.name.startsWith('A')");
        self.way(&id("choose"), &small, &id("pause"));
        self.way(&id("choose"), large, &id("rest"));
        self.edge(&id("choose"), "default", &id("join"));
        for (from, port) in
            [("pause", "out"), ("rest", "out"), ("mark", "out"), ("first", "done"), ("first", "no")]
        {
            self.edge(&id(from), port, &id("join"));
        }
        self.edge(&id("join"), "out", &id("again"));
        self.way(&id("again"), &format!("nodes.first{at}.outcome == 'no'"), &id("second"));
        self.edge(&id("again"), "default", after);
        self.edge(&id("second"), "done", after);
        self.edge(&id("second"), "no", &id("cool"));
        self.edge(&id("cool"), "out", &id("second"));
    }
}

fn two_hundred() -> Value {
    let mut pen = Pen::default();
    let input = json!({"type": "object", "required": ["name", "size"], "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}});
    pen.node("start", json!({"kind": "trigger", "on": {"type": "manual"}, "input": input}));
    pen.edge("start", "out", "set0");
    for at in 0..18 {
        let after = if at == 17 { "end".to_owned() } else { format!("set{}", at + 1) };
        pen.block(at, &after);
    }
    pen.node("end", json!({"kind": "end", "outcome": "done"}));
    json!({"format": 1, "name": "Two hundred nodes", "nodes": pen.nodes, "edges": pen.edges})
}

#[test]
fn the_journey_of_two_hundred_nodes_is_the_one_that_is_kept_and_is_sound() {
    let drawn = two_hundred();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/bench/two-hundred.json");
    if std::env::var_os("WAYMARK_DRAW").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&drawn).unwrap() + "\n").unwrap();
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(kept, drawn, "WAYMARK_DRAW=1 draws it again");
    let draft: Draft = serde_json::from_value(kept).unwrap();
    assert_eq!(draft.nodes.len(), 200);
    let found = check(&draft, None).1;
    assert!(found.iter().all(|one| one.severity == Severity::Warning), "{found:#?}");
    assert!(found.iter().all(|one| one.code == "unknown-here"), "{found:#?}");
}

/// Run by hand, optimized: says how long a check takes.
#[test]
#[ignore = "measures"]
fn a_check_of_two_hundred_nodes_is_measured() {
    let draft: Draft = serde_json::from_value(two_hundred()).unwrap();
    let begin = std::time::Instant::now();
    for _ in 0..20 {
        check(&draft, None);
    }
    println!("{:?} for each check", begin.elapsed() / 20);
}
