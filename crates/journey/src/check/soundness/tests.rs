//! The proof against the engine: on drawings without any plan, nothing happens that the proof rules out.

use crate::Draft;
use crate::check::check;
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
            let (from, port) =
                from.split_once('.').map_or((from, None), |(from, port)| (from, Some(port)));
            let mut drawn = json!({"id": edge, "from": from, "to": to});
            match port {
                Some("when") => drawn["when"] = json!("true"),
                Some(port) => drawn["port"] = json!(port),
                None => {}
            }
            drawn
        })
        .collect();
    serde_json::from_value(json!({"format": 1, "name": "t", "nodes": nodes, "edges": edges}))
        .unwrap()
}

fn wait() -> Value {
    json!({"kind": "wait", "for": "PT1H"})
}
fn end() -> Value {
    json!({"kind": "end", "outcome": "done"})
}
fn trigger() -> Value {
    json!({"kind": "trigger", "on": {"type": "manual"}})
}
fn parallel() -> Value {
    json!({"kind": "parallel"})
}
fn join(need: Value) -> Value {
    json!({"kind": "join", "need": need})
}

mod against_the_engine {
    use super::*;
    use crate::{
        Context, Event, Instance, Journey, Timestamp,
        check::{drawing, names, report::Report},
        effect::Timer,
        instance::{On, Task},
        step,
    };

    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
        }
    }

    fn compiled(draft: &Draft) -> Option<Journey> {
        let report = Report::default();
        let names = names::Names::of(draft, None, &report);
        drawing::compile(draft, &names, &report).finish()
    }

    /// A drawing without any plan: every way leads somewhere.
    fn scribble(dice: &mut Dice) -> Draft {
        let count = 4 + dice.roll(6);
        let mut nodes = vec![("s".to_owned(), trigger()), ("e".to_owned(), end())];
        let mut edges = String::new();
        let ids: Vec<String> = (0..count).map(|at| format!("n{at}")).collect();
        let mut targets = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let mut next = |dice: &mut Dice| {
                // Mostly forward, so that ends are reached.
                let to = if dice.roll(5) == 0 { dice.roll(count) } else { at + 1 + dice.roll(3) };
                ids.get(to).cloned().unwrap_or_else(|| "e".to_owned())
            };
            let node = match dice.roll(8) {
                0 => {
                    targets.push((format!("{id}"), next(dice)));
                    wait()
                }
                1 => {
                    targets.push((format!("{id}.done"), next(dice)));
                    targets.push((format!("{id}.no"), next(dice)));
                    json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}, {"id": "no"}]})
                }
                2 => {
                    targets.push((format!("{id}.done"), next(dice)));
                    targets.push((format!("{id}.late"), next(dice)));
                    json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}], "timers": [{"id": "late", "after": "PT1H", "interrupting": false}]})
                }
                3 | 4 => {
                    for _ in 0..2 + dice.roll(2) {
                        targets.push((id.clone(), next(dice)));
                    }
                    parallel()
                }
                5 => {
                    targets.push((format!("{id}.when"), next(dice)));
                    targets.push((format!("{id}.when"), next(dice)));
                    targets.push((format!("{id}.default"), next(dice)));
                    json!({"kind": "decision", "mode": "inclusive"})
                }
                6 => {
                    targets.push((id.clone(), next(dice)));
                    join(json!("all"))
                }
                _ => {
                    targets.push((id.clone(), next(dice)));
                    join(if dice.roll(2) == 0 { json!("any") } else { json!(2) })
                }
            };
            nodes.push((id.clone(), node));
        }
        targets.push(("s".to_owned(), "n0".to_owned()));
        for (from, to) in &targets {
            edges.push_str(&format!("{from}>{to} "));
        }
        let named: Vec<(&str, Value)> =
            nodes.iter().map(|(id, node)| (id.as_str(), node.clone())).collect();
        let mut draft = draw(&named, &edges);
        for (at, edge) in draft.edges.iter_mut().enumerate() {
            edge.id = format!("{}_{at}", edge.id);
            if edge.when.is_some() {
                edge.when = Some(format!("now.getMilliseconds() / {} % 2 == 0", 1 + at % 7 * 3));
            }
        }
        draft
    }

    #[derive(Default, Debug)]
    struct Seen {
        starved: Vec<String>,
        twice: Vec<String>,
        entered: Vec<String>,
    }

    fn run(journey: &Journey, dice: &mut Dice, seen: &mut Seen) {
        let calendars = crate::calendar::Calendars::default();
        let mut instance = Instance::new();
        let mut event = Event::Started { trigger: "s".to_owned(), input: json!({}) };
        for _ in 0..60 {
            let now = Timestamp(dice.roll(1_000) as i64);
            let Ok(next) = step(
                journey,
                instance.clone(),
                event,
                Context { now, account: None, calendars: &calendars },
            ) else {
                return;
            };
            instance = next.instance;
            for record in &next.records {
                if let crate::Fact::Entered { node, .. } = &record.fact {
                    seen.entered.push(node.clone());
                }
            }
            let waits = instance.waits();
            for (at, wait) in waits.iter().enumerate() {
                if let On::Incident { failure, .. } = &wait.on {
                    assert_eq!(failure.code, "join.starved");
                    seen.starved.push(wait.node.clone());
                }
                if !matches!(wait.on, On::Join { .. } | On::Incident { .. })
                    && waits[..at].iter().any(|other| other.node == wait.node)
                {
                    seen.twice.push(wait.node.clone());
                }
            }
            if waits.len() > 40 {
                return;
            }
            let open: Vec<_> = waits
                .iter()
                .filter(|wait| !matches!(wait.on, On::Join { .. } | On::Incident { .. }))
                .collect();
            if open.is_empty() {
                return;
            }
            let wait = open[dice.roll(open.len())];
            let position = wait.position;
            event = match &wait.on {
                On::Timer { .. } => Event::TimerFired { position, timer: Timer::Wait },
                On::Task { task: Task::Offered, .. } => {
                    Event::TaskClaimed { position, by: "a".to_owned() }
                }
                On::Task { fired, .. } => {
                    let timers = compiled_timers(journey, &wait.node);
                    if timers
                        && !fired.contains(&Timer::Boundary { id: "late".to_owned() })
                        && dice.roll(2) == 0
                    {
                        Event::TimerFired {
                            position,
                            timer: Timer::Boundary { id: "late".to_owned() },
                        }
                    } else {
                        let outcome = if !timers && dice.roll(2) == 0 { "no" } else { "done" };
                        Event::TaskCompleted {
                            position,
                            by: "a".to_owned(),
                            person: Value::Null,
                            outcome: outcome.to_owned(),
                            form: json!({}),
                        }
                    }
                }
                _ => unreachable!(),
            };
        }
    }

    fn compiled_timers(journey: &Journey, node: &str) -> bool {
        journey.nodes.iter().any(|it| it.id == node && it.ways.iter().any(|way| way.port == "late"))
    }

    #[test]
    fn no_random_drawing_does_what_the_proof_rules_out() {
        for seed in 1..=100_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
            let draft = scribble(&mut dice);
            let found = check(&draft, None).1;
            let has = |code: &str| found.iter().any(|one| one.code == code);
            let at = |code: &str| {
                found
                    .iter()
                    .filter(|one| one.code == code)
                    .filter_map(|one| one.node.clone())
                    .collect::<Vec<_>>()
            };
            let Some(journey) = compiled(&draft) else { continue };
            if has("endless-loop") {
                continue;
            }
            let mut seen = Seen::default();
            for _ in 0..200 {
                run(&journey, &mut dice, &mut seen);
                let is_unknown = has("soundness-unknown")
                    || has("unbounded-growth")
                    || has("never-finishes")
                    || has("no-way-to-end");
                for node in &seen.starved {
                    if !is_unknown && !at("join-starved").contains(node) {
                        panic!("seed {seed}: {node} starved")
                    }
                }
                for node in &seen.entered {
                    if at("never-runs").contains(node) {
                        panic!("seed {seed}: {node} ran")
                    }
                }
                if !is_unknown
                    && !seen.twice.is_empty()
                    && !has("runs-twice")
                    && draft.nodes.iter().any(|n| n.kind == "task")
                {
                    let node = &seen.twice[0];
                    if draft.node(node).unwrap().kind == "task" {
                        panic!("seed {seed}: {node} twice")
                    }
                }
            }
        }
    }
}
