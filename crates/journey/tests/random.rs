//! Random drafts and random events: a rejected event changes nothing, records rebuild the instance, nothing panics.
#![expect(clippy::wildcard_enum_match_arm, reason = "only some asks matter here")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{
    Ask, Context, Draft, Effect, Event, Instance, Journey, Position, Rejection, Timestamp,
    calendar::Calendars,
    check,
    effect::{Failure, FailureKind, Timer},
    instance::On,
    step,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[path = "dice/dice.rs"]
mod dice;

use dice::Dice;

const CONDITIONS: &[&str] = &[
    "input.n > 3",
    "vars.a == 1",
    "input.n % 2 == 0",
    "has(vars.a) && vars.a > 2",
    "account.tier == 'gold'",
    "nodes.n1.outcome == 'yes'",
    "input.list.exists(x, x == input.n)",
    "true",
    "input.missing == 1",
];
const VALUES: &[&str] = &[
    "1",
    "input.n + 1",
    "input.list",
    "has(vars.a) ? vars.a : 0",
    "vars.a + 1",
    "{'k': [input.n]}",
    "now",
];

/// Draws a draft block by block: mostly sound, sometimes bent out of shape.
struct Pen<'d> {
    dice: &'d mut Dice,
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

/// A loose end: a node and the port the next edge leaves by.
type Loose = (String, &'static str);

impl Pen<'_> {
    fn node(&mut self, mut settings: Value) -> String {
        let id = format!("n{}", self.nodes.len());
        settings["id"] = json!(id);
        settings["name"] = json!(id);
        self.nodes.push(settings);
        id
    }

    fn edge(&mut self, (from, port): &Loose, to: &str, when: Option<&str>) {
        let id = format!("e{}", self.edges.len());
        let mut edge = json!({"id": id, "from": from, "to": to});
        if *port != "out" {
            edge["port"] = json!(port);
        }
        if let Some(when) = when {
            edge["when"] = json!(when);
        }
        self.edges.push(edge);
    }

    fn connect(&mut self, loose: Vec<Loose>, to: &str) {
        for end in loose {
            self.edge(&end, to, None);
        }
    }

    fn block(&mut self, loose: Vec<Loose>, depth: usize) -> Vec<Loose> {
        let sides = if depth > 2 { 4 } else { 7 };
        match self.dice.roll(sides) {
            0 => {
                let node = self.set();
                self.connect(loose, &node);
                vec![(node, "out")]
            }
            1 => self.action(loose),
            2 => self.task(loose),
            3 => {
                let wait = if self.dice.one_in(2) {
                    json!({"kind": "wait", "for": "PT1H"})
                } else {
                    json!({"kind": "wait", "until": "now + duration('1h')"})
                };
                let node = self.node(wait);
                self.connect(loose, &node);
                vec![(node, "out")]
            }
            4 | 5 => self.fork(loose, depth),
            _ => self.split(loose, depth),
        }
    }

    fn set(&mut self) -> String {
        let to = *self.dice.pick(&["vars.a", "vars.b", "account.tier"]);
        let value = *self.dice.pick(VALUES);
        self.node(json!({"kind": "set", "assign": [{"to": to, "value": value}]}))
    }

    fn action(&mut self, loose: Vec<Loose>) -> Vec<Loose> {
        let input = if self.dice.one_in(4) {
            json!({"x": self.dice.pick(VALUES)})
        } else {
            json!({"x": "input.n"})
        };
        let node = self.node(json!({"kind": "action", "connection": "c", "operation": "o", "output": "a", "input": input, "retry": {"attempts": 2}}));
        self.connect(loose, &node);
        let mut ends = vec![(node.clone(), "out")];
        if self.dice.one_in(2) {
            ends.push((node, "error"));
        }
        ends
    }

    fn task(&mut self, loose: Vec<Loose>) -> Vec<Loose> {
        let owner = self
            .dice
            .pick(&[
                json!({"rule": "team", "team": "t"}),
                json!({"rule": "account_owner", "fallback": {"rule": "user", "user": "u@x"}}),
                json!({"rule": "account_owner"}),
            ])
            .clone();
        let escalation = json!([{"at": "breach", "do": "reassign", "to": {"rule": "user", "user": "u@x"}}, {"at": "PT1H", "do": "remind", "to": {"rule": "team", "team": "t"}}, {"at": "warning", "do": "notify", "to": {"rule": "account_owner"}}]);
        let mut task = json!({"kind": "task", "title": "T {{ input.n }}", "owner": owner, "sla": {"due": {"business": "P1D"}, "escalation": escalation}, "outcomes": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]});
        let mut ports = vec!["yes", "no"];
        if self.dice.one_in(2) {
            task["timers"] =
                json!([{"id": "late", "after": "P2D", "interrupting": self.dice.one_in(2)}]);
            ports.push("late");
        }
        let node = self.node(task);
        self.connect(loose, &node);
        ports.into_iter().map(|port| (node.clone(), port)).collect()
    }

    /// A decision whose ways each hold a block, and come together without a join.
    fn fork(&mut self, loose: Vec<Loose>, depth: usize) -> Vec<Loose> {
        let mode = *self.dice.pick(&["exclusive", "inclusive"]);
        let node = self.node(json!({"kind": "decision", "mode": mode}));
        self.connect(loose, &node);
        let mut ends = Vec::new();
        for _ in 0..=self.dice.roll(2) {
            let first = self.set();
            let when = *self.dice.pick(CONDITIONS);
            self.edge(&(node.clone(), "out"), &first, Some(when));
            ends.extend(self.block(vec![(first, "out")], depth + 1));
        }
        ends.push((node, "default"));
        ends
    }

    fn split(&mut self, loose: Vec<Loose>, depth: usize) -> Vec<Loose> {
        let split = self.node(json!({"kind": "parallel"}));
        self.connect(loose, &split);
        let mut ends = Vec::new();
        for _ in 0..2 + self.dice.roll(2) {
            let first = self.set();
            self.edge(&(split.clone(), "out"), &first, None);
            ends.extend(self.block(vec![(first, "out")], depth + 1));
        }
        let need = self.dice.pick(&[json!("all"), json!("any"), json!(2)]).clone();
        let join = self.node(json!({"kind": "join", "need": need}));
        self.connect(ends, &join);
        vec![(join, "out")]
    }

    /// Leads some edge elsewhere, or takes a setting away: the draft may now be wrong, or loop.
    fn bend(&mut self) {
        let nodes = self.nodes.len();
        match self.dice.roll(4) {
            0 => {
                let to = format!("n{}", self.dice.roll(nodes));
                let edge = self.dice.roll(self.edges.len());
                self.edges[edge]["to"] = json!(to);
            }
            1 => {
                let edge = self.dice.roll(self.edges.len());
                self.edges.remove(edge);
            }
            2 => {
                let node = self.dice.roll(nodes);
                let members: Vec<_> =
                    self.nodes[node].as_object().unwrap().keys().cloned().collect();
                let member = self.dice.pick(&members).clone();
                self.nodes[node][&member] =
                    self.dice.pick(&[json!(null), json!(3), json!("x"), json!([1])]).clone();
            }
            _ => {
                let edge = self.dice.roll(self.edges.len());
                self.edges[edge]["when"] = json!("input.n ==");
            }
        }
    }
}

fn draw(dice: &mut Dice) -> Draft {
    let mut pen = Pen { dice, nodes: Vec::new(), edges: Vec::new() };
    let trigger = pen.node(json!({"kind": "trigger", "on": {"type": "manual"}}));
    let mut loose = vec![(trigger, "out")];
    for _ in 0..2 + pen.dice.roll(4) {
        loose = pen.block(loose, 0);
    }
    let end = pen.node(json!({"kind": "end", "outcome": "done"}));
    pen.connect(loose, &end);
    if pen.dice.one_in(4) {
        for _ in 0..=pen.dice.roll(3) {
            pen.bend();
        }
    }
    let exits = if pen.dice.one_in(4) {
        json!([{"when": "vars.a == 7", "outcome": "out_early"}])
    } else {
        json!([])
    };
    let mut draft = json!({"format": 1, "name": "Random", "nodes": pen.nodes, "edges": pen.edges, "exits": exits});
    for member in draft["nodes"].as_array_mut().unwrap() {
        if !member["id"].is_string() || !member["kind"].is_string() || !member["name"].is_string() {
            // A draft has texts there or cannot be read at all.
            *member = json!({"id": "n1", "kind": "set", "name": "again"});
        }
    }
    serde_json::from_value(draft).unwrap()
}

fn failure(dice: &mut Dice) -> Failure {
    let kind =
        *dice.pick(&[FailureKind::Transient, FailureKind::Permanent, FailureKind::RateLimited]);
    Failure {
        kind,
        code: "x".to_owned(),
        message: "x".to_owned(),
        retry_after_ms: dice.one_in(2).then_some(5_000),
    }
}

const USERS: &[&str] = &["ana@x", "u@x"];

/// Something that may or may not fit what the instance waits for.
fn event(dice: &mut Dice, instance: &Instance, asked: &[Effect]) -> Event {
    let position = if instance.waits().is_empty() || dice.one_in(8) {
        Position(u32::try_from(dice.roll(40)).unwrap())
    } else {
        dice.pick(instance.waits()).position
    };
    let by = (*dice.pick(USERS)).to_owned();
    let fitting = instance.wait(position).filter(|_| !dice.one_in(6)).map(|wait| &wait.on);
    let timers: Vec<_> = asked
        .iter()
        .filter_map(|effect| match &effect.ask {
            Ask::Timer { timer } if effect.position == position => Some(timer.clone()),
            _ => None,
        })
        .collect();
    let outcome = (*dice.pick(&["yes", "no", "out", "default", "error", "e3"])).to_owned();
    let roll = match fitting {
        Some(On::Call { .. }) => dice.roll(3) / 2,
        Some(On::Task { .. }) => 2 + dice.roll(4),
        Some(On::Timer { .. }) => 5,
        Some(On::Incident { .. }) => 6 + dice.roll(2),
        Some(
            On::Join { .. }
            | On::Event { .. }
            | On::Condition { .. }
            | On::Children { .. }
            | On::Turn
            | On::Undo { .. },
        )
        | None => dice.roll(10),
    };
    match roll {
        0 => Event::CallSucceeded { position, output: json!({"tier": "gold", "n": dice.roll(9)}) },
        1 => Event::CallFailed { position, failure: failure(dice) },
        2 => Event::TaskClaimed { position, by },
        3 if dice.one_in(3) => Event::TaskReleased { position, by },
        3 | 4 => {
            let by = match fitting {
                Some(On::Task { task: journey::instance::Task::Claimed { assignee }, .. }) => {
                    assignee.clone()
                }
                _ => by,
            };
            Event::TaskCompleted {
                position,
                by,
                person: Value::Null,
                outcome,
                form: json!({"f": 1}),
            }
        }
        5 if !timers.is_empty() => {
            Event::TimerFired { position, timer: dice.pick(&timers).clone() }
        }
        5 => Event::TimerFired { position, timer: Timer::Wait },
        6 => Event::IncidentRetried { position, by },
        7 => Event::IncidentSkipped { position, by, outcome },
        8 => Event::Started { trigger: "n0".to_owned(), input: json!({}) },
        _ if dice.one_in(20) => Event::Cancelled { reason: "enough".to_owned(), by },
        _ => Event::TimerFired { position, timer: Timer::Boundary { id: "late".to_owned() } },
    }
}

#[derive(Default)]
struct Tally {
    entered: BTreeMap<String, u64>,
    accepted: u64,
    rejected: u64,
    over: u64,
}

fn live(dice: &mut Dice, journey: &Journey, kinds: &BTreeMap<String, String>, tally: &mut Tally) {
    let account = json!({"tier": dice.pick(&["gold", "tin"]), "owner": dice.pick(&["ana@x", ""])});
    let (mut instance, mut rebuilt) = (Instance::new(), Instance::new());
    let mut asked: Vec<Effect> = Vec::new();
    let input = json!({"n": dice.roll(10), "list": [1, 2, 3]});
    let mut next = Event::Started { trigger: "n0".to_owned(), input };
    for minute in 0..60 {
        let account = (!dice.one_in(10)).then_some(&account);
        let calendars = Calendars::default();
        let context = Context { now: Timestamp(minute * 60_000), account, calendars: &calendars };
        let taken = step(journey, instance.clone(), next.clone(), context);
        assert_eq!(
            taken,
            step(journey, rebuilt.clone(), next.clone(), context),
            "a step depends on its arguments alone"
        );
        match taken {
            Ok(step) => {
                tally.accepted += 1;
                // A timer of a clock that runs for longer now says nothing; one that is early is asked for again.
                let is_timer = |effect: &Effect| matches!(effect.ask, Ask::Timer { .. });
                let says_nothing = matches!(next, Event::TimerFired { .. })
                    && step.effects.iter().all(is_timer)
                    && step.instance == instance;
                assert!(
                    !step.records.is_empty() || says_nothing,
                    "what is accepted is written down: {next:?}"
                );
                for record in &step.records {
                    rebuilt.apply(record).unwrap_or_else(|corrupt| panic!("{corrupt}"));
                    if let journey::Fact::Entered { node, .. } = &record.fact {
                        *tally.entered.entry(kinds[node].clone()).or_default() += 1;
                    }
                }
                same(&step.instance, &rebuilt);
                asked.extend(step.effects);
                instance = step.instance;
            }
            Err(Rejection::Limit { what, .. }) => {
                panic!("these journeys stay within every limit, not of {what}")
            }
            // What was rejected left no record, and the instance rebuilt from records alone goes on as if it had not been.
            Err(_) => tally.rejected += 1,
        }
        next = event(dice, &instance, &asked);
        if instance.is_over() && dice.one_in(3) {
            break;
        }
    }
    tally.over += u64::from(instance.is_over());
}

/// An instance is what its records make of it, and what its JSON says.
fn same(instance: &Instance, rebuilt: &Instance) {
    assert_eq!(instance, rebuilt, "records rebuild the instance");
    let text = serde_json::to_string(instance).unwrap();
    assert_eq!(&serde_json::from_str::<Instance>(&text).unwrap(), instance);
    assert_eq!(instance.is_over(), instance.waits().is_empty(), "it waits exactly while it lives");
}

#[test]
fn random_journeys_keep_the_engines_promises() {
    let (mut drafts, mut clean) = (0_u32, 0_u32);
    let mut tally = Tally::default();
    for seed in 1..=300_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let draft = draw(&mut dice);
        drafts += 1;
        let (journey, diagnostics) = check(&draft, None);
        let errors = diagnostics.iter().any(|found| found.severity == journey::Severity::Error);
        assert_eq!(journey.is_none(), errors, "seed {seed}");
        let Some(journey) = journey else { continue };
        clean += 1;
        let kinds = draft.nodes.iter().map(|node| (node.id.clone(), node.kind.clone())).collect();
        for _ in 0..20 {
            live(&mut dice, &journey, &kinds, &mut tally);
        }
    }
    println!(
        "{clean} of {drafts} drafts clean; {} accepted, {} rejected, {} over; {:?}",
        tally.accepted, tally.rejected, tally.over, tally.entered
    );
    assert!(clean * 2 >= drafts, "{clean} of {drafts} drafts check clean");
    for kind in ["trigger", "task", "action", "decision", "parallel", "join", "wait", "set", "end"]
    {
        let entered = tally.entered.get(kind).copied().unwrap_or_default();
        assert!(entered >= 1_000, "{kind} was entered {entered} times");
    }
    assert!(
        tally.rejected >= 1_000 && tally.over >= 1_000,
        "{} rejected, {} over",
        tally.rejected,
        tally.over
    );
}
