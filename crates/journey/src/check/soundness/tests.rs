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
        Context, Event, Instance, Journey, Record, Timestamp, Wait,
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

    /// A node of any kind, and how its ways are written.
    fn node_and_ways(dice: &mut Dice) -> (Value, Vec<&'static str>) {
        let task = |more: Value| {
            let mut task = json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}});
            task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            task
        };
        match dice.roll(8) {
            0 => (wait(), vec![""]),
            1 => (task(json!({"outcomes": [{"id": "done"}, {"id": "no"}]})), vec![".done", ".no"]),
            2 => {
                let timers = json!([{"id": "late", "after": "PT1H", "interrupting": false}]);
                let task = task(json!({"outcomes": [{"id": "done"}], "timers": timers}));
                (task, vec![".done", ".late"])
            }
            3 | 4 => (parallel(), vec![""; 2 + dice.roll(2)]),
            5 => {
                let ways = vec![".when", ".when", ".default"];
                (json!({"kind": "decision", "mode": "inclusive"}), ways)
            }
            6 => (join(json!("all")), vec![""]),
            _ => (join(if dice.roll(2) == 0 { json!("any") } else { json!(2) }), vec![""]),
        }
    }

    /// A drawing without any plan: every way leads somewhere.
    fn scribble(dice: &mut Dice) -> Draft {
        let count = 4 + dice.roll(6);
        let mut nodes = vec![("s".to_owned(), trigger()), ("e".to_owned(), end())];
        let mut edges = String::new();
        let ids: Vec<String> = (0..count).map(|at| format!("n{at}")).collect();
        let mut targets = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let next = |dice: &mut Dice| {
                // Mostly forward, so that ends are reached.
                let to = if dice.roll(5) == 0 { dice.roll(count) } else { at + 1 + dice.roll(3) };
                ids.get(to).cloned().unwrap_or_else(|| "e".to_owned())
            };
            let (node, ways) = node_and_ways(dice);
            targets.extend(ways.iter().map(|way| (format!("{id}{way}"), next(dice))));
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

    /// Lets one instance live, whatever comes first.
    fn run(journey: &Journey, dice: &mut Dice, seen: &mut Seen) {
        let calendars = crate::calendar::Calendars::default();
        let mut instance = Instance::new();
        let mut event = Event::Started { trigger: "s".to_owned(), input: json!({}) };
        for _ in 0..60 {
            let now = Timestamp(i64::try_from(dice.roll(1_000)).unwrap());
            let context = Context { now, account: None, calendars: &calendars };
            let Ok(next) = step(journey, instance.clone(), event, context) else { return };
            instance = next.instance;
            seen.note(&instance, &next.records);
            let waits = instance.waits();
            let open: Vec<_> = waits.iter().filter(|wait| is_open(wait)).collect();
            if open.is_empty() || waits.len() > 40 {
                return;
            }
            event = follow(journey, open[dice.roll(open.len())], dice);
        }
    }

    fn is_open(wait: &Wait) -> bool {
        !matches!(wait.on, On::Join { .. } | On::Incident { .. })
    }

    impl Seen {
        fn note(&mut self, instance: &Instance, records: &[Record]) {
            for record in records {
                if let crate::Fact::Entered { node, .. } = &record.fact {
                    self.entered.push(node.clone());
                }
            }
            for (at, wait) in instance.waits().iter().enumerate() {
                if let On::Incident { failure, .. } = &wait.on {
                    assert_eq!(failure.code, "join.starved");
                    self.starved.push(wait.node.clone());
                }
                let others = &instance.waits()[..at];
                if is_open(wait) && others.iter().any(|other| other.node == wait.node) {
                    self.twice.push(wait.node.clone());
                }
            }
        }
    }

    /// Something that may happen to what waits.
    fn follow(journey: &Journey, wait: &Wait, dice: &mut Dice) -> Event {
        let position = wait.position;
        let late = Timer::Boundary { id: "late".to_owned() };
        match &wait.on {
            On::Timer { .. } => Event::TimerFired { position, timer: Timer::Wait },
            On::Task { task: Task::Offered, .. } => {
                Event::TaskClaimed { position, by: "a".to_owned() }
            }
            On::Task { fired, .. } => {
                let has_timer = compiled_timers(journey, &wait.node);
                if has_timer && !fired.contains(&late) && dice.roll(2) == 0 {
                    return Event::TimerFired { position, timer: late };
                }
                let outcome = if !has_timer && dice.roll(2) == 0 { "no" } else { "done" };
                Event::TaskCompleted {
                    position,
                    by: "a".to_owned(),
                    person: Value::Null,
                    outcome: outcome.to_owned(),
                    form: json!({}),
                }
            }
            other => unreachable!("no drawing here waits for {other:?}"),
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
                let starved = at("join-starved");
                let known = |node: &String| is_unknown || starved.contains(node);
                let unforeseen = seen.starved.iter().find(|node| !known(node));
                assert_eq!(unforeseen, None, "seed {seed}: it starved");
                let never = at("never-runs");
                let ran = seen.entered.iter().find(|node| never.contains(node));
                assert_eq!(ran, None, "seed {seed}: it ran");
                let is_task = |node: &&String| draft.node(node).unwrap().kind == "task";
                let twice = seen.twice.first().filter(is_task);
                let foreseen = is_unknown || has("runs-twice");
                assert_eq!(twice.filter(|_| !foreseen), None, "seed {seed}: it ran twice");
            }
        }
    }
}
