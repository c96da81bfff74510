//! Drafts made to break `check`: too many states, the limits themselves, every kind of loop, JSON without end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{
    Context, Diagnostic, Draft, Event, Instance, Record, Timestamp,
    calendar::Calendars,
    check, diff,
    effect::Timer,
    explain, limits,
    migrate::{Mapping, Migration, Verdict, Version},
    reopen, step,
};
use serde_json::{Value, json};

/// A drawing in few words: nodes by id and settings, edges as `from.port>to`.
#[derive(Default)]
struct Pen {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

impl Pen {
    fn new() -> Self {
        let mut pen = Self::default();
        pen.node("s", json!({"kind": "trigger", "on": {"type": "manual"}}));
        pen.node("e", json!({"kind": "end", "outcome": "done"}));
        pen
    }

    fn node(&mut self, id: &str, mut settings: Value) {
        settings["id"] = json!(id);
        settings["name"] = json!(id);
        self.nodes.push(settings);
    }

    fn kind(&mut self, kind: &str, id: &str) {
        let settings = match kind {
            "task" => {
                json!({"kind": "task", "owner": {"rule": "user", "user": "u@x"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}, {"id": "no"}]})
            }
            "wait" => json!({"kind": "wait", "for": "PT1H"}),
            "set" => json!({"kind": "set", "assign": [{"to": "vars.a", "value": "1"}]}),
            "inclusive" => json!({"kind": "decision", "mode": "inclusive"}),
            "any" => json!({"kind": "join", "need": "any"}),
            "two" => json!({"kind": "join", "need": 2}),
            "action" => json!({"kind": "action", "connection": "c", "operation": "o", "input": {}}),
            "reminded" => {
                json!({"kind": "task", "owner": {"rule": "user", "user": "u@x"}, "sla": {"due": "P1D"}, "outcomes": [{"id": "done"}], "timers": [{"id": "late", "after": "PT1H", "interrupting": false}]})
            }
            other => json!({"kind": other}),
        };
        self.node(id, settings);
    }

    fn kinds(&mut self, kind: &str, ids: &str) {
        ids.split_whitespace().for_each(|id| self.kind(kind, id));
    }

    fn edges(&mut self, edges: &str) {
        for edge in edges.split_whitespace() {
            let (from, to) = edge.split_once('>').unwrap();
            let (from, port) = from.split_once('.').unwrap_or((from, "out"));
            let id = format!("e{}", self.edges.len());
            let mut line = json!({"id": id, "from": from, "to": to});
            match port {
                "when" => line["when"] = json!("has(input.x)"),
                "out" => {}
                port => line["port"] = json!(port),
            }
            self.edges.push(line);
        }
    }

    fn draft(self) -> Draft {
        serde_json::from_value(
            json!({"format": 1, "name": "Hostile", "nodes": self.nodes, "edges": self.edges}),
        )
        .unwrap()
    }
}

fn codes(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(|one| one.code.as_str()).collect()
}

/// The states that were looked at before `check` gave up; `None` when everything was proven.
fn states(draft: &Draft) -> Option<usize> {
    let found = check(draft, None).1;
    let unknown = found.iter().find(|one| one.code == "soundness-unknown")?;
    Some(unknown.message.split(' ').next().unwrap().parse().unwrap())
}

/// Runs on a stack on which nothing recurses as deep as a drawing is long.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 * 1024).spawn(run).unwrap().join().unwrap();
}

/// Twenty ways of ten tasks, of which each may leave for a second join.
fn twenty_ways(kind: &str) -> Draft {
    let mut pen = Pen::new();
    pen.kind("parallel", "p");
    pen.kinds(kind, "j k");
    pen.kinds("wait", "x y");
    pen.edges("s>p j>x k>y x>e y>e");
    for way in 0..20 {
        for task in 0..10 {
            pen.kind("task", &format!("t{way}_{task}"));
            let next = if task == 9 { "j".to_owned() } else { format!("t{way}_{}", task + 1) };
            pen.edges(&format!("t{way}_{task}.done>{next} t{way}_{task}.no>k"));
        }
        pen.edges(&format!("p>t{way}_0"));
    }
    pen.draft()
}

#[test]
fn at_least_a_hundred_thousand_states_are_looked_at_before_it_is_unknown() {
    for kind in ["any", "two", "join"] {
        let states = states(&twenty_ways(kind)).unwrap();
        assert!((100_000..=limits::PROOF_STATES).contains(&states), "{kind}: {states}");
    }
}

#[test]
fn twenty_ways_of_ten_tasks_into_one_join_are_proven() {
    let mut pen = Pen::new();
    pen.kinds("parallel", "p");
    pen.kinds("join", "j");
    pen.edges("s>p j>e");
    for way in 0..20 {
        for task in 0..10 {
            pen.kind("task", &format!("t{way}_{task}"));
            let next = if task == 9 { "j".to_owned() } else { format!("t{way}_{}", task + 1) };
            pen.edges(&format!("t{way}_{task}.done>{next} t{way}_{task}.no>{next}"));
        }
        pen.edges(&format!("p>t{way}_0"));
    }
    assert_eq!(states(&pen.draft()), None);
}

#[test]
fn nested_inclusive_decisions_are_proven() {
    let mut pen = Pen::new();
    pen.edges("s>d0");
    for depth in 0..60 {
        let (inner, outer) = (depth + 1, depth);
        pen.kind("inclusive", &format!("d{outer}"));
        pen.kind("task", &format!("t{outer}"));
        pen.kind("join", &format!("j{outer}"));
        pen.edges(&format!(
            "d{outer}.when>t{outer} d{outer}.when>d{inner} d{outer}.default>j{outer} t{outer}.done>j{outer} t{outer}.no>j{outer}"
        ));
        let after = if depth == 0 { "e".to_owned() } else { format!("j{}", depth - 1) };
        pen.edges(&format!("j{outer}>{after}"));
    }
    pen.kind("wait", "d60");
    pen.edges("d60>j59");
    assert_eq!(states(&pen.draft()), None);
}

/// A ring, a ladder and a fan as large as a draft may be.
fn largest() -> Vec<Draft> {
    let mut chain = Pen::new();
    let last = limits::NODES - 3;
    for at in 0..=last {
        chain.kind("task", &format!("t{at}"));
        let next = if at == last { "e".to_owned() } else { format!("t{}", at + 1) };
        chain.edges(&format!("t{at}.done>{next} t{at}.no>t0"));
    }
    chain.edges("s>t0");
    let mut fan = Pen::new();
    fan.kinds("parallel", "p");
    fan.kinds("join", "j");
    fan.edges("s>p j>e");
    for at in 0..limits::NODES - 4 {
        fan.kind("wait", &format!("w{at}"));
        fan.edges(&format!("p>w{at} w{at}>j"));
    }
    let mut nested = Pen::new();
    let depth = (limits::NODES - 3) / 2;
    for at in 0..depth {
        nested.kind("parallel", &format!("p{at}"));
        nested.kind("join", &format!("j{at}"));
        nested.edges(&format!("p{at}>p{} p{at}>j{at}", at + 1));
        let after = if at == 0 { "e".to_owned() } else { format!("j{}", at - 1) };
        nested.edges(&format!("j{at}>{after}"));
    }
    nested.kind("wait", &format!("p{depth}"));
    nested.edges(&format!("s>p0 p{depth}>j{}", depth - 1));
    vec![chain.draft(), fan.draft(), nested.draft()]
}

#[test]
fn the_largest_drafts_are_checked_on_a_small_stack() {
    on_a_small_stack(|| {
        for draft in largest() {
            let found = check(&draft, None).1;
            assert!(!codes(&found).contains(&"too-large"));
            assert!(!codes(&found).contains(&"soundness-unknown"), "{} nodes", draft.nodes.len());
        }
    });
}

#[test]
fn one_node_or_edge_too_many_is_refused_by_name() {
    let mut draft = largest().swap_remove(0);
    draft.nodes.push(draft.nodes[2].clone());
    draft.nodes.push(draft.nodes[2].clone());
    let found = check(&draft, None).1;
    assert_eq!(codes(&found), ["too-large"]);
    assert_eq!(found[0].field.as_deref(), Some("/nodes"));
}

/// As many edges as a draft may have, four from each node to the next.
fn edges_to_the_limit() -> Draft {
    let mut pen = Pen::new();
    let last = limits::NODES - 3;
    for at in 0..=last {
        pen.kind("inclusive", &format!("d{at}"));
        let next = if at == last { "e".to_owned() } else { format!("d{}", at + 1) };
        pen.edges(&format!("d{at}.default>{next} d{at}.when>{next}"));
        pen.edges(&format!("d{at}.when>{next} d{at}.when>{next}"));
    }
    pen.edges("s>d0");
    pen.draft()
}

#[test]
fn a_draft_with_all_the_edges_it_may_have_is_checked_on_a_small_stack() {
    on_a_small_stack(|| {
        let draft = edges_to_the_limit();
        assert!(limits::EDGES - draft.edges.len() < 10, "{}", draft.edges.len());
        let found = check(&draft, None).1;
        assert!(!codes(&found).contains(&"too-large"));
    });
}

#[test]
fn a_task_with_more_outcomes_than_a_person_can_read_is_refused() {
    let outcomes: Vec<_> = (0..4_000).map(|at| json!({"id": format!("o{at}")})).collect();
    let mut pen = Pen::new();
    let owner = json!({"rule": "user", "user": "u@x"});
    pen.node(
        "t",
        json!({"kind": "task", "owner": owner, "sla": {"due": "P1D"}, "outcomes": outcomes}),
    );
    pen.edges("s>t");
    for at in 0..4_000 {
        pen.edges(&format!("t.o{at}>e"));
    }
    let found = check(&pen.draft(), None).1;
    let large = found.iter().find(|one| one.code == "too-large").unwrap();
    assert_eq!((large.node.as_deref(), large.field.as_deref()), (Some("t"), Some("/outcomes")));
}

#[test]
fn lists_within_lists_within_lists_are_proven() {
    let mut pen = Pen::new();
    for at in 0..12 {
        let (body, after) = (format!("f{}", at + 1), format!("a{at}"));
        let (from, to) =
            if at == 11 { ("t".to_owned(), "t".to_owned()) } else { (body, format!("b{at}")) };
        pen.node(&format!("f{at}"), json!({"kind": "for_each", "items": "input.items", "as": "item", "body": {"from": from, "to": to}}));
        pen.kind("set", &after);
        if at < 11 {
            pen.kind("set", &format!("b{at}"));
            pen.edges(&format!("f{}>b{at}", at + 1));
        }
    }
    pen.kind("task", "t");
    pen.edges("s>f0 f0>e");
    let found = check(&pen.draft(), None).1;
    assert!(!codes(&found).contains(&"soundness-unknown"), "{found:#?}");
}

/// A journey that waits again and again, and the records of one that has waited very often.
fn long_life(waits: usize) -> (Draft, Vec<Record>) {
    let mut pen = Pen::new();
    pen.kinds("wait", "w");
    pen.kind("decision", "d");
    pen.edges("s>w w>d d.default>w d.when>e");
    let draft = pen.draft();
    let journey = reopen(&draft).unwrap();
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let started = Event::Started { trigger: "s".to_owned(), input: json!({}) };
    let first = step(&journey, Instance::new(), started, context).unwrap();
    let (mut instance, mut records) = (first.instance, first.records);
    for _ in 0..waits {
        let position = instance.waits()[0].position;
        let fired = Event::TimerFired { position, timer: Timer::Wait };
        let next = step(&journey, instance, fired, context).unwrap();
        instance = next.instance;
        records.extend(next.records);
    }
    (draft, records)
}

#[test]
fn a_history_as_long_as_it_may_be_is_explained_and_moved_on_a_small_stack() {
    on_a_small_stack(|| {
        let (draft, records) = long_life(19_000);
        assert!(records.len() > 90_000, "{}", records.len());
        let last = records.last().unwrap().sequence;
        let instance = explain::state_at(&records, last).unwrap();
        assert_eq!(explain::path(&records).visits.len(), 2 * 19_000 + 2);
        let (old, new) = (reopen(&draft).unwrap(), reopen(&draft).unwrap());
        let version = |number, journey| Version { number, draft: &draft, journey };
        let mapping = Mapping::default();
        let migration = Migration::new(version(1, &old), version(2, &new), &mapping).unwrap();
        let calendars = Calendars::default();
        let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
        let plan = migration.plan(&instance, &records, context, "ana@x");
        assert_eq!(plan.verdict, Verdict::MovesCleanly, "{:?}", plan.reasons);
    });
}

#[test]
fn a_hundred_thousand_nodes_are_compared_on_a_small_stack() {
    on_a_small_stack(|| {
        let mut pen = Pen::new();
        for at in 0..100_000 {
            pen.kind("wait", &format!("w{at}"));
            pen.edges(&format!("w{at}>w{}", (at + 1) % 100_000));
        }
        let before = pen.draft();
        let mut after = before.clone();
        after.nodes[50_000].name = "Other".to_owned();
        let found = diff::diff(&before, &after);
        assert_eq!(found.changes.len(), 1, "{found:?}");
        assert_eq!(codes(&check(&before, None).1), ["too-large"]);
    });
}

type Loop =
    (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);

/// Every kind of loop: its kinds of nodes, its edges, and what must be said of it besides promises of tasks.
const LOOPS: &[Loop] = &[
    (
        "a node to itself",
        &[("set", "a"), ("decision", "d")],
        "s>a a>d d.when>d d.default>e",
        &["endless-loop"],
    ),
    (
        "two nodes",
        &[("set", "a"), ("decision", "d")],
        "s>a a>d d.when>a d.default>e",
        &["endless-loop"],
    ),
    ("two nodes and no way out", &[("wait", "a b")], "s>a a>b b>a", &["no-way-to-end"]),
    ("with a wait", &[("wait", "a"), ("decision", "d")], "s>a a>d d.when>a d.default>e", &[]),
    (
        "of calls",
        &[("action", "a"), ("decision", "d")],
        "s>a a>d a.error>e d.when>a d.default>e",
        &["busy-loop"],
    ),
    ("an error way back", &[("action", "a"), ("wait", "w")], "s>a a>e a.error>w w>a", &[]),
    ("an error way straight back", &[("action", "a")], "s>a a>e a.error>a", &["busy-loop"]),
    (
        "through parallel and join",
        &[("parallel", "p"), ("join", "j"), ("wait", "a b"), ("decision", "d")],
        "s>p p>a p>b a>j b>j j>d d.when>p d.default>e",
        &[],
    ),
    (
        "through parallel without join",
        &[("parallel", "p"), ("wait", "a b"), ("decision", "d")],
        "s>p p>a p>b a>d b>d d.when>p d.default>e",
        &["unbounded-growth"],
    ),
    (
        "into the middle of a parallel block",
        &[("parallel", "p"), ("join", "j"), ("wait", "a b"), ("decision", "d")],
        "s>p p>a p>b a>j b>j j>d d.when>a d.default>e",
        &[],
    ),
    (
        "a reminder that leads back",
        &[("reminded", "t")],
        "s>t t.done>e t.late>t",
        &["unbounded-growth"],
    ),
    ("never finished", &[("wait", "w"), ("parallel", "p")], "s>w w>p p>e p>w", &["never-finishes"]),
    (
        "of joins",
        &[("parallel", "p"), ("any", "j k"), ("wait", "w")],
        "s>p p>j p>w w>e j>k k>j",
        &["endless-loop"],
    ),
];

#[test]
fn every_kind_of_loop_is_given_its_diagnosis() {
    let about = [
        "endless-loop",
        "busy-loop",
        "no-way-to-end",
        "never-finishes",
        "unbounded-growth",
        "joins-deadlock",
        "join-starved",
        "soundness-unknown",
    ];
    for (name, kinds, edges, wants) in LOOPS {
        let mut pen = Pen::new();
        kinds.iter().for_each(|(kind, ids)| pen.kinds(kind, ids));
        pen.edges(edges);
        let found = check(&pen.draft(), None).1;
        for want in *wants {
            assert!(codes(&found).contains(want), "{name}: {:?}", codes(&found));
        }
        let said = codes(&found).into_iter().any(|code| about.contains(&code));
        assert_eq!(said, !wants.is_empty(), "{name}: {:?}", codes(&found));
    }
}

#[test]
fn json_without_end_is_refused_and_overflows_nothing() {
    on_a_small_stack(|| {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
            let text = format!(
                r#"{{"format": 1, "name": "x", "nodes": [], "edges": [], "more": {deep}}}"#
            );
            assert!(serde_json::from_str::<Draft>(&text).is_err());
        }
    });
}
