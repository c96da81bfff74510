//! How fast the pure engine is: node transitions, whole steps, evaluating and checking. `cargo run --release -p journey --example engine`.

use journey::{
    Context, Event, Instance, Journey, Timestamp, check,
    draft::{Draft, Edge},
    expr::{Expression, Scope},
    step,
};
use serde_json::{Value, json};
use std::{hint::black_box, time::Duration};

fn main() {
    let mixed = compile(&mix("input.n > 3 && input.kind == 'a'"));
    let plain = compile(&mix("true"));
    let input = document();
    println!(
        "a step through 12 nodes, 3 conditions on two fields and 4 computed values: {}",
        per(&mixed, &input, 1)
    );
    println!("the same with constants instead: {}", per(&plain, &input, 1));
    println!(
        "per node entered, mix of 4 set, 3 decision, parallel, join, end: {}",
        per(&mixed, &input, 13)
    );
    let condition = Expression::parse("input.n > 3 && input.kind == 'a'").expect("it is CEL");
    let scope = Scope::new(&[("input", &input)]);
    println!(
        "one condition over a 2 KB document: {}",
        time(200_000, || condition.holds(&scope).is_ok())
    );
    let text = "input.n > 3 && input.kind == 'a'";
    println!("parsing it: {}", time(2_000, || Expression::parse(text).is_ok()));
    let large = chain(200);
    println!(
        "check of 200 nodes with 199 expressions: {}",
        time(20, || check(&large, None).0.is_some())
    );
    let context = Context { now: Timestamp(0), account: None };
    if let Ok(step) = step(&mixed, Instance::new(), start(&input), context) {
        let bytes = serde_json::to_vec(&step.instance).map_or(0, |bytes| bytes.len());
        println!("an instance over a 2 KB document is {bytes} bytes of JSON");
    }
}

/// Wall time per call, over the fastest of five rounds.
fn time(rounds: u32, mut call: impl FnMut() -> bool) -> String {
    let mut best = Duration::MAX;
    for _ in 0..5 {
        #[expect(clippy::disallowed_methods, reason = "a measurement, outside the engine")]
        let begin = std::time::Instant::now();
        for _ in 0..rounds {
            assert!(black_box(call()), "what is measured succeeds");
        }
        best = best.min(begin.elapsed() / rounds);
    }
    format!("{best:?}")
}

fn per(journey: &Journey, input: &Value, nodes: u32) -> String {
    let context = Context { now: Timestamp(0), account: None };
    let mut best = Duration::MAX;
    for _ in 0..5 {
        // Events are made beforehand: copying the document is the caller's cost.
        let events: Vec<_> = (0..20_000).map(|_| start(input)).collect();
        #[expect(clippy::disallowed_methods, reason = "a measurement, outside the engine")]
        let begin = std::time::Instant::now();
        for event in events {
            assert!(step(journey, Instance::new(), black_box(event), context).is_ok());
        }
        best = best.min(begin.elapsed() / (20_000 * nodes));
    }
    format!("{best:?}")
}

fn start(input: &Value) -> Event {
    Event::Started { trigger: "start".to_owned(), input: input.clone() }
}

fn document() -> Value {
    let mut document = json!({"n": 7, "kind": "a"});
    for at in 0..60 {
        document[format!("field_{at}")] = json!("some text of a field");
    }
    document
}

fn compile(draft: &Value) -> Journey {
    let draft: Draft = serde_json::from_value(draft.clone()).expect("it is a draft");
    let (journey, found) = check(&draft, None);
    journey.unwrap_or_else(|| panic!("{found:#?}"))
}

/// Trigger, 3 decisions, a parallel, 4 sets, a join and an end.
fn mix(condition: &str) -> Value {
    let set = |id: &str, value: &str| json!({"id": id, "kind": "set", "assign": [{"to": format!("vars.{id}"), "value": value}]});
    let decision = |id: &str| json!({"id": id, "kind": "decision"});
    let edge = |from: &str, to: &str| json!({"id": format!("{from}-{to}"), "from": from, "to": to});
    let mut edges = vec![
        edge("start", "d1"),
        edge("s1", "d2"),
        edge("s2", "d3"),
        edge("p", "s3"),
        edge("p", "s4"),
        edge("s3", "j"),
        edge("s4", "j"),
        edge("j", "end"),
    ];
    for (from, to) in [("d1", "s1"), ("d2", "s2"), ("d3", "p")] {
        let mut way = edge(from, to);
        way["when"] = json!(condition);
        let mut other = edge(from, "end");
        other["port"] = json!("default");
        edges.extend([way, other]);
    }
    let nodes = json!([
        {"id": "start", "kind": "trigger", "on": {"type": "manual"}}, decision("d1"), set("s1", "input.n"), decision("d2"), set("s2", "1"),
        decision("d3"), {"id": "p", "kind": "parallel"}, set("s3", "2"), set("s4", "'three'"), {"id": "j", "kind": "join"},
        {"id": "end", "kind": "end", "outcome": "done"},
    ]);
    json!({"format": 1, "name": "Mix", "nodes": nodes, "edges": edges})
}

fn chain(length: usize) -> Draft {
    let mut nodes = vec![json!({"id": "n0", "kind": "trigger", "on": {"type": "manual"}})];
    for at in 1..length - 1 {
        nodes.push(json!({"id": format!("n{at}"), "kind": "set", "assign": [{"to": "vars.x", "value": "input.n > 3 && input.kind == 'a'"}]}));
    }
    nodes.push(json!({"id": format!("n{}", length - 1), "kind": "end", "outcome": "done"}));
    let mut draft: Draft =
        serde_json::from_value(json!({"format": 1, "name": "Chain", "nodes": nodes}))
            .expect("it is a draft");
    draft.edges = (1..length)
        .map(|at| Edge {
            id: format!("e{at}"),
            from: format!("n{}", at - 1),
            to: format!("n{at}"),
            ..Edge::default()
        })
        .collect();
    draft
}
