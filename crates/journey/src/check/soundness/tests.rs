use crate::check::{Diagnostic, check};
use crate::Draft;
use serde_json::{Value, json};

/// A journey in a few words: `id:kind[settings]` for nodes, `a>b`, `a.port>b` for edges.
fn draw(nodes: &[(&str, Value)], edges: &str) -> Draft {
    let nodes: Vec<Value> = nodes
        .iter()
        .map(|(id, settings)| {
            let mut node = settings.clone();
            node["id"] = json!(id);
            node
        })
        .collect();
    let edges: Vec<Value> = edges
        .split_whitespace()
        .map(|edge| {
            let (from, to) = edge.split_once('>').unwrap();
            let (from, port) = from.split_once('.').map_or((from, None), |(from, port)| (from, Some(port)));
            let mut drawn = json!({"id": edge, "from": from, "to": to});
            match port {
                Some("when") => drawn["when"] = json!("true"),
                Some(port) => drawn["port"] = json!(port),
                None => {}
            }
            drawn
        })
        .collect();
    serde_json::from_value(json!({"format": 1, "name": "t", "nodes": nodes, "edges": edges})).unwrap()
}

fn found(nodes: &[(&str, Value)], edges: &str) -> Vec<Diagnostic> {
    let found = check(&draw(nodes, edges), None).1;
    for one in &found { eprintln!("{} {:?} {:?} {:?}", one.code, one.node, one.counter_example, one.message); }
    found
}

fn task() -> Value {
    json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}]})
}
fn wait() -> Value { json!({"kind": "wait", "for": "PT1H"}) }
fn end() -> Value { json!({"kind": "end", "outcome": "done"}) }
fn trigger() -> Value { json!({"kind": "trigger", "on": {"type": "manual"}}) }
fn parallel() -> Value { json!({"kind": "parallel"}) }
fn decision() -> Value { json!({"kind": "decision"}) }
fn join(need: Value) -> Value { json!({"kind": "join", "need": need}) }

#[test]
fn scratch() {
    eprintln!("--- block");
    found(&[("s", trigger()), ("p", parallel()), ("a", task()), ("b", wait()), ("j", join(json!("all"))), ("e", end())], "s>p p>a p>b a.done>j b>j j>e");
    eprintln!("--- alternatives");
    found(&[("s", trigger()), ("p", decision()), ("a", task()), ("b", wait()), ("j", join(json!("all"))), ("e", end())], "s>p p.when>a p.default>b a.done>j b>j j>e");
    eprintln!("--- starved");
    found(&[("s", trigger()), ("p", decision()), ("a", task()), ("b", wait()), ("j", join(json!(2))), ("e", end())], "s>p p.when>a p.default>b a.done>j b>j j>e");
    eprintln!("--- twice");
    found(&[("s", trigger()), ("p", parallel()), ("a", wait()), ("b", wait()), ("c", wait()), ("t", task()), ("e", end())], "s>p p>a p>b a>c b>c c>t t.done>e");
    eprintln!("--- growth");
    found(&[("s", trigger()), ("w", wait()), ("p", parallel()), ("d", decision()), ("b", task()), ("e", end()), ("e2", end())], "s>w w>p p>d d.when>w d.default>e2 p>b b.done>e");
    eprintln!("--- growth any");
    found(&[("s", trigger()), ("w", wait()), ("p", parallel()), ("d", decision()), ("b", task()), ("m", join(json!("any"))), ("e", end()), ("x", wait())], "s>w w>p p>d d.when>w d.default>m p>b b.done>m m>x x>e");
    eprintln!("--- never finishes");
    found(&[("s", trigger()), ("t", wait()), ("p", parallel()), ("e", end())], "s>t t>p p>t p>e");
    eprintln!("--- deadlock");
    found(&[("s", trigger()), ("p", parallel()), ("j1", join(json!("all"))), ("j2", join(json!("all"))), ("p1", parallel()), ("p2", parallel()), ("e", end()), ("f", end())], "s>p p>j1 p>j2 j1>p1 j2>p2 p1>j2 p2>j1 p1>e p2>f");
}
