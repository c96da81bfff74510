//! The pure engine: what a step, an expression and a check cost in CPU time of the thread.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use journey::{
    Context, Event, Instance, Journey, Timestamp,
    calendar::Calendars,
    check,
    draft::{Draft, Edge},
    expr::{Expression, Scope},
    step,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use crate::figure::{Figure, Report};

const PART: &str = "engine";
/// Steps in a round.
const STEPS: u32 = 20_000;
/// Nodes that a step through [`mix`] enters.
const ENTERED: u32 = 12;

/// Measures steps, expressions and checking.
pub(crate) fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let mixed = compile(&mix("input.n > 3 && input.kind == 'a'"))?;
    let plain = compile(&mix("true"))?;
    let input = document();
    let name = "a step through 12 nodes, 7 expressions over a 2 KB document";
    let took = steps(&mixed, &input, rounds)?;
    let per_node = took.iter().map(|micros| micros / f64::from(ENTERED)).collect();
    report.add(Figure::new(PART, name, "µs", took).at_most(20.0));
    report.add(Figure::new(PART, "the same, per node entered", "µs", per_node));
    let name = "the same step with constants instead";
    report.add(Figure::new(PART, name, "µs", steps(&plain, &input, rounds)?).at_most(5.0));

    let text = "input.n > 3 && input.kind == 'a'";
    let condition = Expression::parse(text).context("a condition")?;
    let scope = Scope::new(&[("input", &input)]);
    let evaluated = micros(rounds, 200_000, || condition.holds(&scope).is_ok())?;
    report.add(Figure::new(PART, "a condition over a 2 KB document", "µs", evaluated));
    let parsed = micros(rounds, 2_000, || Expression::parse(text).is_ok())?;
    report.add(Figure::new(PART, "parsing it", "µs", parsed));
    let large = chain(200)?;
    let checked = micros(rounds, 20, || check(&large, None).0.is_some())?;
    let checked = checked.into_iter().map(|micros| micros / 1000.0).collect();
    let name = "check of 200 nodes with 198 expressions (native)";
    report.add(Figure::new(PART, name, "ms", checked).at_most(50.0));
    Ok(())
}

/// CPU time per call in microseconds, round by round.
fn micros(rounds: u32, calls: u32, mut call: impl FnMut() -> bool) -> Result<Vec<f64>> {
    (0..rounds)
        .map(|_| {
            let begin = cpu_micros();
            for _ in 0..calls {
                ensure!(black_box(call()), "what is measured failed");
            }
            Ok((cpu_micros() - begin) / f64::from(calls))
        })
        .collect()
}

/// CPU time per first step of an instance in microseconds, round by round.
fn steps(journey: &Journey, input: &Value, rounds: u32) -> Result<Vec<f64>> {
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    (0..rounds)
        .map(|_| {
            // Events are made beforehand: copying the document is the caller's cost.
            let events: Vec<_> = (0..STEPS).map(|_| start(input)).collect();
            let begin = cpu_micros();
            for event in events {
                let step = step(journey, Instance::new(), black_box(event), context);
                ensure!(step.is_ok(), "the step that is measured was rejected");
            }
            Ok((cpu_micros() - begin) / f64::from(STEPS))
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "seconds of one run")]
fn cpu_micros() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
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

fn compile(draft: &Value) -> Result<Journey> {
    let draft: Draft = serde_json::from_value(draft.clone())?;
    let (journey, found) = check(&draft, None);
    journey.with_context(|| format!("{found:#?}"))
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

fn chain(length: usize) -> Result<Draft> {
    let mut nodes = vec![json!({"id": "n0", "kind": "trigger", "on": {"type": "manual"}})];
    for at in 1..length - 1 {
        nodes.push(json!({"id": format!("n{at}"), "kind": "set", "assign": [{"to": "vars.x", "value": "input.n > 3 && input.kind == 'a'"}]}));
    }
    nodes.push(json!({"id": format!("n{}", length - 1), "kind": "end", "outcome": "done"}));
    let mut draft: Draft =
        serde_json::from_value(json!({"format": 1, "name": "Chain", "nodes": nodes}))?;
    draft.edges = (1..length)
        .map(|at| Edge {
            id: format!("e{at}"),
            from: format!("n{}", at - 1),
            to: format!("n{at}"),
            ..Edge::default()
        })
        .collect();
    Ok(draft)
}
