//! The proof against the engine: on drawings without any plan, nothing happens that the proof rules out.

use crate::Draft;
use crate::check::{Diagnostic, Severity, check};
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

mod behind_loops {
    use super::*;

    fn task() -> Value {
        json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}]})
    }

    fn reminded() -> Value {
        let timers = json!([
            {"id": "late", "after": "PT1H", "interrupting": false},
            {"id": "later", "after": "PT2H", "interrupting": false}
        ]);
        json!({"kind": "task", "owner": {"rule": "team", "team": "t"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}, {"id": "again"}], "timers": timers})
    }

    /// Where loops leave branches behind, and where work runs twice, with the run that shows it.
    fn told(nodes: &[(&str, Value)], edges: &str) -> Vec<String> {
        let mut all = vec![("s", trigger()), ("e", end())];
        all.extend(nodes.iter().cloned());
        let found = check(&draw(&all, edges), None).1;
        let line = |one: &Diagnostic| {
            let (code, node) = (one.code.as_str(), one.node.as_deref().unwrap_or_default());
            let walk = || one.counter_example.clone().unwrap_or_default().join(" ");
            match code {
                "unbounded-growth" | "soundness-unknown" => Some(format!("{code} {node}")),
                "runs-twice" => Some(format!("{code} {node} by {}", walk())),
                _ => None,
            }
        };
        found.iter().filter_map(line).collect()
    }

    /// As in the random drawing 13,928: the way round is never taken, so no loop is the reason.
    #[test]
    fn branches_beside_a_loop_that_never_comes_round_run_twice() {
        let mut nodes = vec![
            ("p", parallel()),
            ("q", parallel()),
            ("t", task()),
            ("j", join(json!(2))),
            ("w", wait()),
        ];
        let edges = "s>p p>t p>q q>t q>j t.done>e j>w w>p";
        assert_eq!(told(&nodes, edges), ["runs-twice t by s>p p>t p>q q>t"]);
        nodes.extend([("a", wait()), ("b", wait())]);
        let edges = "s>p p>q q>a q>b a>t b>t t.done>e p>j j>w w>p";
        assert_eq!(told(&nodes, edges), ["runs-twice t by s>p p>j p>q q>a a>t q>b b>t"]);
    }

    #[test]
    fn branches_that_a_loop_leaves_behind_in_one_round_run_twice() {
        let nodes = [
            ("w", wait()),
            ("p", parallel()),
            ("q", parallel()),
            ("a", wait()),
            ("b", wait()),
            ("t", task()),
        ];
        let edges = "s>w w>p p>w p>q q>a q>b a>t b>t t.done>e";
        assert_eq!(
            told(&nodes, edges),
            ["unbounded-growth p", "runs-twice t by s>w w>p p>q q>a a>t q>b b>t"]
        );
    }

    #[test]
    fn branches_that_one_round_joins_run_once() {
        let nodes = [
            ("w", wait()),
            ("p", parallel()),
            ("q", parallel()),
            ("a", wait()),
            ("b", wait()),
            ("j", join(json!("all"))),
            ("t", task()),
        ];
        let edges = "s>w w>p p>w p>q q>a q>b a>j b>j j>t t.done>e";
        assert_eq!(told(&nodes, edges), ["unbounded-growth p"]);
        // What a fork sends out at once is joined too.
        let edges = "s>w w>p p>w p>a p>b a>j b>j j>t t.done>e";
        let nodes = [
            ("w", wait()),
            ("p", parallel()),
            ("a", wait()),
            ("b", wait()),
            ("j", join(json!("all"))),
            ("t", task()),
        ];
        assert_eq!(told(&nodes, edges), ["unbounded-growth p"]);
    }

    #[test]
    fn two_timers_of_one_round_run_twice() {
        let nodes = [("r", reminded()), ("t", task())];
        let edges = "s>r r.done>e r.again>r r.late>t r.later>t t.done>e";
        assert_eq!(
            told(&nodes, edges),
            ["unbounded-growth r", "runs-twice t by s>r r.late>t r.later>t"]
        );
    }

    #[test]
    fn a_loop_that_no_instance_comes_to_leaves_nothing_behind() {
        let nodes = [("j", join(json!(2))), ("w", wait()), ("r", reminded()), ("t", task())];
        let live = "s>w w>r r.done>e r.again>r r.late>t t.done>e";
        assert_eq!(told(&nodes, live), ["unbounded-growth r"]);
        let behind_a_dead_join = "s>j j>r r.done>e r.again>r r.late>t t.done>e";
        assert_eq!(told(&nodes, behind_a_dead_join), [""; 0]);
        let unreachable = "s>w w>e r.done>e r.again>r r.late>t t.done>e";
        assert_eq!(told(&nodes, unreachable), [""; 0]);
    }

    #[test]
    fn a_decision_that_only_ends_branches_leaves_none_behind() {
        let either = json!({"kind": "decision", "mode": "inclusive"});
        let nodes = [("w", wait()), ("p", parallel()), ("d", either), ("t", task())];
        let edges = "s>w w>p p>w p>d d.when>e d.default>e";
        assert_eq!(told(&nodes, edges), [""; 0]);
        let edges = "s>w w>p p>w p>d d.when>t d.default>e t.done>e";
        assert_eq!(told(&nodes, edges), ["unbounded-growth p"]);
    }

    /// What the inner loop leaves behind in several of its rounds is told of once, as that loop's.
    #[test]
    fn a_loop_within_what_a_loop_leaves_behind_is_told_of_by_itself() {
        let nodes = [
            ("w", wait()),
            ("p", parallel()),
            ("v", wait()),
            ("q", parallel()),
            ("a", wait()),
            ("b", wait()),
            ("t", task()),
        ];
        let edges = "s>w w>p p>w p>v v>q q>v q>a a>t t.done>e";
        assert_eq!(told(&nodes, edges), ["unbounded-growth p", "unbounded-growth q"]);
        let mut nodes = nodes.to_vec();
        nodes.push(("r", parallel()));
        let edges = "s>w w>p p>w p>v v>q q>v q>r r>a r>b a>t b>t t.done>e";
        let found = told(&nodes, edges);
        assert_eq!(found[..2], ["unbounded-growth p", "unbounded-growth q"]);
        assert_eq!(found[2..], ["runs-twice t by s>w w>p p>v v>q q>r r>a a>t r>b b>t"]);
        // Where a loop sends several branches to one place, that they multiply is an error, whatever else there is.
        let edges = "s>w w>p p>w p>v v>q q>v q>a q>b a>t b>t t.done>e";
        assert_eq!(told(&nodes[..7], edges), ["unbounded-growth p", "unbounded-growth q"]);
        let draft = draw(&[&[("s", trigger()), ("e", end())], &nodes[..7]].concat(), edges);
        let found = check(&draft, None).1;
        let growing = found.iter().filter(|one| one.code == "unbounded-growth");
        assert!(
            growing.clone().all(|one| one.severity == Severity::Error),
            "{:?}",
            growing.collect::<Vec<_>>()
        );
    }
}

mod against_the_engine {
    use super::*;
    use crate::dice::Dice;
    use crate::{
        Context, Event, Fact, Instance, Journey, Record, Timestamp, Wait,
        check::{
            concurrent::{self, AtOnce},
            drawing, names,
            report::Report,
        },
        effect::Timer,
        instance::{On, Task},
        step,
    };
    use std::{collections::HashSet, ops::RangeInclusive};

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
        starved: HashSet<String>,
        twice: HashSet<String>,
        entered: HashSet<String>,
        joined: HashSet<String>,
        beside: HashSet<(String, String)>,
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
                if let Fact::Entered { node, .. } = &record.fact {
                    self.entered.insert(node.clone());
                }
            }
            for (at, wait) in instance.waits().iter().enumerate() {
                match &wait.on {
                    On::Incident { failure, .. } => {
                        assert_eq!(failure.code, "join.starved");
                        self.starved.insert(wait.node.clone());
                    }
                    On::Join { arrived } if arrived.len() > 1 => {
                        self.joined.insert(wait.node.clone());
                    }
                    _ => {}
                }
                if !is_open(wait) {
                    continue;
                }
                for other in instance.waits()[..at].iter().filter(|other| is_open(other)) {
                    self.beside.insert((other.node.clone(), wait.node.clone()));
                    if other.node == wait.node {
                        self.twice.insert(wait.node.clone());
                    }
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

    /// What was told of one drawing.
    struct Told {
        draft: Draft,
        found: Vec<Diagnostic>,
        /// Not everything was looked at.
        is_unknown: bool,
    }

    impl Told {
        fn of(draft: Draft) -> Self {
            let found = check(&draft, None).1;
            let is_cut = |one: &Diagnostic| {
                let grows = one.code == "unbounded-growth" && one.severity == Severity::Error;
                one.code == "soundness-unknown" || grows
            };
            let is_unknown = found.iter().any(is_cut);
            Self { draft, found, is_unknown }
        }

        fn nodes(&self, code: &str) -> Vec<&str> {
            let told = self.found.iter().filter(|one| one.code == code);
            told.filter_map(|one| one.node.as_deref()).collect()
        }

        fn leads(&self, from: &str, to: &str) -> bool {
            let mut seen = HashSet::new();
            let mut open = vec![from];
            while let Some(at) = open.pop() {
                if at == to {
                    return true;
                }
                if seen.insert(at) {
                    let out = self.draft.edges.iter().filter(|edge| edge.from == at);
                    open.extend(out.map(|edge| edge.to.as_str()));
                }
            }
            false
        }

        /// What an instance did that the proof rules out.
        fn unforeseen(&self, seen: &Seen, at_once: Option<&AtOnce>) -> Option<String> {
            let is_among = |code: &str, node: &str| self.nodes(code).contains(&node);
            let starved = seen
                .starved
                .iter()
                .find(|node| !self.is_unknown && !is_among("join-starved", node));
            let ran = seen.entered.iter().find(|node| is_among("never-runs", node));
            let joined = seen.joined.iter().find(|node| is_among("join-of-alternatives", node));
            let is_task =
                |node: &&String| self.draft.node(node).is_some_and(|node| node.kind == "task");
            let is_told = |node: &str| {
                let mut told =
                    self.nodes("runs-twice").into_iter().chain(self.nodes("unbounded-growth"));
                told.any(|from| self.leads(from, node))
            };
            let twice =
                seen.twice.iter().filter(is_task).find(|node| !self.is_unknown && !is_told(node));
            let place = |id: &str| self.draft.nodes.iter().position(|node| node.id == id).unwrap();
            let is_ruled_out = |(one, other): &&(String, String)| {
                let (one, other) = (place(one), place(other));
                at_once.is_some_and(|at_once| {
                    if one == other {
                        !at_once.twice[one]
                    } else {
                        !at_once.pairs.contains(&(one.min(other), one.max(other)))
                    }
                })
            };
            let is_in_order = self.nodes("joins-deadlock").is_empty();
            let beside =
                seen.beside.iter().filter(|_| is_in_order && !self.is_unknown).find(is_ruled_out);
            let say = |what: &str, node: Option<&String>| node.map(|node| format!("{node} {what}"));
            say("starved", starved)
                .or(say("ran", ran))
                .or(say("joined two", joined))
                .or(say("stood twice", twice))
                .or(beside
                    .map(|(one, other)| format!("{one} and {other} stood beside one another")))
        }
    }

    /// A random drawing that an instance can live in, and what is told of it.
    struct Drawn {
        /// For what comes after the drawing.
        dice: Dice,
        told: Told,
        journey: Journey,
        at_once: Option<concurrent::AtOnce>,
    }

    /// The drawing of a seed; nothing when it would run for ever.
    fn drawn(seed: u64) -> Option<Drawn> {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let told = Told::of(scribble(&mut dice));
        let report = Report::default();
        let names = names::Names::of(&told.draft, None, &report);
        let drawing = drawing::compile(&told.draft, &names, &report);
        let at_once = concurrent::at_once(&drawing);
        let journey = drawing.finish()?;
        told.nodes("endless-loop").is_empty().then_some(Drawn { dice, told, journey, at_once })
    }

    /// Lets instances of random drawings live and says what the proof ruled out, by seed.
    fn unforeseen(seeds: RangeInclusive<u64>, lives: usize) -> Vec<String> {
        let mut wrong = Vec::new();
        for seed in seeds {
            let Some(Drawn { mut dice, told, journey, at_once }) = drawn(seed) else { continue };
            let mut seen = Seen::default();
            for _ in 0..lives {
                run(&journey, &mut dice, &mut seen);
            }
            let what = told.unforeseen(&seen, at_once.as_ref());
            wrong.extend(what.map(|what| format!("seed {seed}: {what}")));
        }
        wrong
    }

    #[test]
    fn no_random_drawing_does_what_the_proof_rules_out() {
        assert_eq!(unforeseen(1..=400, 50), [""; 0]);
        // Branches that come to a task one after the other, to a join by one way of several, round a loop to a join, or beside a loop that no instance comes round.
        for seed in [6_498, 7_543, 8_800, 10_291, 13_928, 14_468, 37_674] {
            assert_eq!(unforeseen(seed..=seed, 200), [""; 0]);
        }
    }

    /// Lets one instance live so that as many branches wait as can, those in a loop before others; gives how many that were.
    fn grow(journey: &Journey, knot: &HashSet<String>, dice: &mut Dice) -> usize {
        let calendars = crate::calendar::Calendars::default();
        let worth = |instance: &Instance| {
            let waits = instance.waits();
            waits.len()
                + waits.iter().filter(|wait| is_open(wait) && knot.contains(&wait.node)).count()
        };
        let mut instance = Instance::new();
        let mut event = Event::Started { trigger: "s".to_owned(), input: json!({}) };
        for _ in 0..600 {
            let mut best: Option<Instance> = None;
            for _ in 0..12 {
                let now = Timestamp(i64::try_from(dice.roll(1_000)).unwrap());
                let context = Context { now, account: None, calendars: &calendars };
                if let Ok(next) = step(journey, instance.clone(), event.clone(), context)
                    && best.as_ref().is_none_or(|best| worth(&next.instance) > worth(best))
                {
                    best = Some(next.instance);
                }
                let open: Vec<_> = instance.waits().iter().filter(|wait| is_open(wait)).collect();
                if !open.is_empty() {
                    event = follow(journey, open[dice.roll(open.len())], dice);
                }
            }
            // Seldom something that makes less of it: a round may begin so.
            let is_fit = |next: &Instance| worth(next) >= worth(&instance) || dice.one_in(30);
            if let Some(next) = best.filter(is_fit) {
                instance = next;
            }
            let open: Vec<_> = instance.waits().iter().filter(|wait| is_open(wait)).collect();
            if open.is_empty() || instance.waits().len() > GROWN {
                break;
            }
            event = follow(journey, open[dice.roll(open.len())], dice);
        }
        instance.waits().len()
    }

    /// More branches than any drawing here has without a loop.
    const GROWN: usize = 25;

    fn growth(seeds: RangeInclusive<u64>) -> (usize, Vec<String>) {
        let (mut told_of, mut unseen) = (0, Vec::new());
        for seed in seeds {
            let Some(Drawn { mut dice, told, journey, .. }) = drawn(seed) else { continue };
            for node in told.nodes("unbounded-growth") {
                told_of += 1;
                let ids = told.draft.nodes.iter().map(|node| node.id.as_str());
                let knot: HashSet<String> = ids
                    .filter(|other| told.leads(node, other) && told.leads(other, node))
                    .map(str::to_owned)
                    .collect();
                if (0..40).all(|_| grow(&journey, &knot, &mut dice) <= GROWN) {
                    unseen.push(format!("seed {seed}: {node}"));
                }
            }
        }
        (told_of, unseen)
    }

    /// Where it does not, a join on the way round starves, or the search for it was too short.
    #[test]
    fn growth_that_is_told_of_happens() {
        let (told_of, unseen) = growth(1..=100);
        assert!(told_of >= 15, "{told_of}");
        assert!(unseen.is_empty(), "{unseen:?}");
    }
}
