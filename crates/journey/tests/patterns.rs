//! The workflow control-flow patterns, each played on the journey that shows it (examples/patterns).
//!
//! The numbers and names are those of Russell, ter Hofstede, van der Aalst and Mulyar, "Workflow Control-Flow Patterns: A Revised View" (2006).

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use journey::{
    Ask, Context, Effect, Event, Instance, Journey, Position, Severity, Status, Step, Timestamp,
    Workspace,
    calendar::Calendars,
    check,
    effect::{Ending, Failure, FailureKind, Timer},
    format,
    instance::On,
    journey::event_scope,
    step,
    workspace::{Connection, Operation},
};
use serde_json::{Value, json};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/patterns"))
}

fn workspace() -> Workspace {
    let operation = |_: &str| Operation { idempotent: true, ..Operation::default() };
    let operations = ["upsert", "note"].map(|name| (name.to_owned(), operation(name)));
    let crm = Connection { connector: "crm".to_owned(), operations: operations.into() };
    Workspace {
        connections: [("crm".to_owned(), crm)].into(),
        teams: ["success".to_owned()].into(),
        users: ["lead@example.com".to_owned()].into(),
        calendars: ["standard".to_owned()].into(),
        journeys: ["1. Sequence".to_owned()].into(),
        ..Workspace::default()
    }
}

fn pattern(name: &str) -> Journey {
    let text = std::fs::read(folder().join(format!("{name}.json")));
    let draft = format::read(&text.unwrap_or_else(|error| panic!("{name}: {error}"))).unwrap();
    let (journey, found) = check(&draft, Some(&workspace()));
    journey.unwrap_or_else(|| panic!("{name}: {found:#?}"))
}

/// An instance of a pattern's journey, moved by what happens at its nodes.
struct Play {
    journey: Journey,
    instance: Instance,
    asked: Vec<Effect>,
    entered: Vec<String>,
}

impl Play {
    fn start(name: &str, input: Value) -> Self {
        let mut play = Self {
            journey: pattern(name),
            instance: Instance::new(),
            asked: Vec::new(),
            entered: Vec::new(),
        };
        play.event(Event::Started { trigger: "start".to_owned(), input });
        play
    }

    fn event(&mut self, event: Event) -> &mut Self {
        let calendars = Calendars::default();
        let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
        let taken = step(&self.journey, self.instance.clone(), event.clone(), context);
        let Step { instance, records, effects } =
            taken.unwrap_or_else(|rejection| panic!("{event:?}: {rejection}"));
        for record in &records {
            if let journey::Fact::Entered { node, .. } = &record.fact {
                self.entered.push(node.clone());
            }
        }
        self.asked.extend(effects);
        self.instance = instance;
        self
    }

    /// Where the instance waits at a node, the earliest first.
    fn at(&self, node: &str) -> Position {
        let wait = self.instance.waits().iter().find(|wait| wait.node == node);
        wait.unwrap_or_else(|| panic!("nothing waits at {node}: {:?}", self.instance.waits()))
            .position
    }

    fn complete(&mut self, node: &str, outcome: &str) -> &mut Self {
        let (position, by) = (self.at(node), "ana@example.com".to_owned());
        self.event(Event::TaskClaimed { position, by: by.clone() });
        self.event(Event::TaskCompleted {
            position,
            by,
            person: Value::Null,
            outcome: outcome.to_owned(),
            form: json!({}),
        })
    }

    fn done(&mut self, node: &str) -> &mut Self {
        self.complete(node, "done")
    }

    fn timer(&mut self, node: &str, timer: Timer) -> &mut Self {
        let position = self.at(node);
        self.event(Event::TimerFired { position, timer })
    }

    /// An event that carries the key the node waits for.
    fn receives(&mut self, node: &str, event: Value) -> &mut Self {
        let (position, received) = (self.at(node), event_scope(&event));
        let key = self.journey.correlation_key(node, &received).unwrap();
        let wait = self.instance.wait(position).unwrap();
        assert!(matches!(&wait.on, On::Event { key: mine, .. } if Some(mine) == key.as_ref()));
        self.event(Event::Received { position, received })
    }

    fn child_ends(&mut self, node: &str, index: u32) -> &mut Self {
        let position = self.at(node);
        let ending = Ending::Ended { outcome: "done".to_owned(), vars: serde_json::Map::new() };
        self.event(Event::ChildEnded { position, index, ending })
    }

    /// The nodes it waits at, joins left out, in order.
    fn waits_at(&self, want: &[&str]) -> &Self {
        let waits = self.instance.waits().iter();
        let waits = waits.filter(|wait| !matches!(wait.on, On::Join { .. } | On::Turn));
        let got: Vec<_> = waits.map(|wait| wait.node.as_str()).collect();
        assert_eq!(got, want);
        self
    }

    fn ended(&self, outcome: &str) {
        assert_eq!(self.instance.status(), Status::Ended, "{:?}", self.instance.waits());
        assert_eq!(self.instance.outcome(), Some(outcome));
    }

    fn times(&self, node: &str) -> usize {
        self.entered.iter().filter(|entered| *entered == node).count()
    }

    fn children(&self) -> usize {
        self.asked.iter().filter(|effect| matches!(effect.ask, Ask::StartChild(_))).count()
    }

    fn stopped(&self) -> bool {
        self.asked.iter().any(|effect| matches!(effect.ask, Ask::StopChildren { .. }))
    }
}

#[test]
fn every_pattern_has_a_sound_journey_and_a_line_in_the_guide() {
    let guide = std::fs::read_to_string(folder().join("../../docs/patterns.md")).unwrap();
    let mut shown = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let draft = format::read(&std::fs::read(&path).unwrap()).unwrap();
        let (_, found) = check(&draft, Some(&workspace()));
        let errors: Vec<_> =
            found.iter().filter(|found| found.severity == Severity::Error).collect();
        assert_eq!(errors, Vec::<&journey::Diagnostic>::new(), "{name}");
        assert!(guide.contains(&format!("patterns/{name}.json")), "the guide shows {name}");
        shown += 1;
    }
    let rows = guide.lines().filter(|line| line.starts_with("| ")).skip(1);
    let numbers: Vec<u32> =
        rows.filter_map(|row| row.split('|').nth(1)?.trim().parse().ok()).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<_>>(), "each of the 43 has its row");
    let left_out = guide.lines().filter(|line| line.contains("left out")).count();
    assert_eq!(shown + left_out, 43, "each is shown, or says why it is not");
}

#[test]
fn pattern_01_sequence() {
    Play::start("01-sequence", json!({})).done("call").done("write").ended("done");
}

#[test]
fn pattern_02_parallel_split() {
    let mut play = Play::start("02-parallel-split", json!({}));
    play.waits_at(&["billing", "kick_off"]);
    play.done("kick_off").done("billing").ended("met");
}

#[test]
fn pattern_03_synchronization() {
    let mut play = Play::start("03-synchronization", json!({}));
    play.done("billing").waits_at(&["kick_off"]);
    play.done("kick_off").ended("done");
    assert_eq!(play.times("done"), 1);
}

#[test]
fn pattern_04_exclusive_choice() {
    Play::start("04-exclusive-choice", json!({"arr": 900})).waits_at(&["call"]);
    Play::start("04-exclusive-choice", json!({"arr": 100})).waits_at(&["mail"]);
}

#[test]
fn pattern_05_simple_merge() {
    for (arr, node) in [(900, "call"), (100, "mail")] {
        let mut play = Play::start("05-simple-merge", json!({ "arr": arr }));
        play.done(node).done("log").ended("done");
        assert_eq!(play.times("log"), 1);
    }
}

#[test]
fn pattern_06_multi_choice() {
    let both = Play::start("06-multi-choice", json!({"users": 20, "legacy": true}));
    both.waits_at(&["training", "migration"]);
    Play::start("06-multi-choice", json!({"users": 20, "legacy": false})).waits_at(&["training"]);
    Play::start("06-multi-choice", json!({"users": 1, "legacy": false})).ended("nothing");
}

#[test]
fn pattern_07_structured_synchronizing_merge() {
    let name = "07-structured-synchronizing-merge";
    let mut both = Play::start(name, json!({"users": 20, "legacy": true}));
    both.done("training").waits_at(&["migration"]);
    both.done("migration").ended("done");
    Play::start(name, json!({"users": 20, "legacy": false})).done("training").ended("done");
    Play::start(name, json!({"users": 1, "legacy": false})).ended("done");
}

#[test]
fn pattern_08_multi_merge() {
    let mut play = Play::start("08-multi-merge", json!({}));
    play.done("billing").done("audit").done("kick_off").done("audit").ended("done");
    assert_eq!(play.times("audit"), 2);
}

#[test]
fn pattern_09_structured_discriminator() {
    let mut play = Play::start("09-structured-discriminator", json!({}));
    play.done("ask_phone").waits_at(&["ask_mail", "plan"]);
    play.done("ask_mail").done("plan").ended("done");
    assert_eq!(play.times("plan"), 1);
}

#[test]
fn pattern_10_arbitrary_cycles() {
    let mut play = Play::start("10-arbitrary-cycles", json!({}));
    play.complete("draft_plan", "question").complete("clarify", "answered");
    play.complete("draft_plan", "ready").complete("review", "unclear");
    play.complete("clarify", "answered").complete("draft_plan", "ready");
    play.complete("review", "accepted").ended("done");
    assert_eq!(play.times("draft_plan"), 3);
}

#[test]
fn pattern_11_implicit_termination() {
    let mut play = Play::start("11-implicit-termination", json!({}));
    play.done("billing");
    assert_eq!(play.instance.status(), Status::Running);
    play.done("kick_off").ended("paid");
}

#[test]
fn pattern_12_multiple_instances_without_synchronization() {
    let name = "12-multiple-instances-without-synchronization";
    let mut play = Play::start(name, json!({"sites": ["a", "b", "c"]}));
    for index in 0..3 {
        let (position, instance) = (play.at("visit"), format!("ins_{index}"));
        play.event(Event::ChildStarted { position, index: 0, instance });
    }
    play.ended("done");
    assert_eq!(play.children(), 3, "none of them was waited for");
}

#[test]
fn pattern_13_multiple_instances_known_when_drawn() {
    let mut play = Play::start("13-multiple-instances-design-time", json!({}));
    assert_eq!(play.children(), 3);
    play.child_ends("reviews", 2).child_ends("reviews", 0).waits_at(&["reviews"]);
    play.child_ends("reviews", 1).ended("done");
}

#[test]
fn pattern_14_multiple_instances_known_when_it_begins() {
    let mut play = Play::start("14-multiple-instances-run-time", json!({"sites": ["a", "b"]}));
    assert_eq!(play.children(), 2);
    play.child_ends("visits", 1).child_ends("visits", 0).ended("done");
}

#[test]
fn pattern_15_multiple_instances_not_known_before() {
    let name = "15-multiple-instances-without-prior-knowledge";
    let mut play = Play::start(name, json!({"sites": ["a"]}));
    let (position, by) = (play.at("visits"), "ana@example.com".to_owned());
    play.event(Event::ItemAdded { position, item: json!("b"), by });
    assert_eq!(play.children(), 2);
    play.child_ends("visits", 0).waits_at(&["visits"]);
    play.child_ends("visits", 1).ended("done");
}

#[test]
fn pattern_16_deferred_choice() {
    let mut paid = Play::start("16-deferred-choice", json!({"invoice": 7}));
    paid.receives("paid", json!({"data": {"invoice": 7}})).ended("done");
    let mut promised = Play::start("16-deferred-choice", json!({"invoice": 7}));
    promised.complete("chase", "promised").ended("done");
}

#[test]
fn pattern_17_interleaved_parallel_routing() {
    let mut play = Play::start("17-interleaved-parallel-routing", json!({}));
    play.waits_at(&["survey"]);
    play.done("survey").waits_at(&["train"]);
    play.done("train").waits_at(&["install"]);
    play.done("install").ended("done");
}

#[test]
fn pattern_18_milestone() {
    let mut play = Play::start("18-milestone", json!({}));
    play.waits_at(&["sign", "signed"]);
    play.complete("sign", "signed").waits_at(&["order_hardware"]);
    play.done("order_hardware").ended("done");
    let mut late = Play::start("18-milestone", json!({}));
    late.timer("signed", Timer::Timeout).ended("too_late");
    assert_eq!(late.times("order_hardware"), 0);
}

#[test]
fn pattern_19_cancel_task() {
    let mut play = Play::start("19-cancel-task", json!({}));
    play.timer("call", Timer::Boundary { id: "late".to_owned() }).waits_at(&["mail"]);
    let withdrawn = |effect: &Effect| matches!(&effect.ask, Ask::CloseTask { .. });
    assert!(play.asked.iter().any(withdrawn));
}

#[test]
fn pattern_20_cancel_case() {
    let mut play = Play::start("20-cancel-case", json!({"id": "7"}));
    let position = play.at("reserve");
    play.event(Event::CallSucceeded { position, output: json!({}) });
    let by = "ana@example.com".to_owned();
    play.event(Event::Cancelled { reason: "churned".to_owned(), by });
    let position = play.at("reserve");
    assert!(matches!(play.instance.wait(position).unwrap().on, On::Undo { .. }));
    play.event(Event::CallSucceeded { position, output: json!({}) });
    assert_eq!(play.instance.status(), Status::Cancelled);
}

#[test]
fn pattern_21_structured_loop() {
    let mut play = Play::start("21-structured-loop", json!({}));
    play.complete("try_call", "not_reached").complete("try_call", "not_reached");
    play.complete("try_call", "reached").ended("done");
    let mut never = Play::start("21-structured-loop", json!({}));
    for _ in 0..3 {
        never.complete("try_call", "not_reached");
    }
    never.ended("given_up");
}

#[test]
fn pattern_22_recursion() {
    let mut play = Play::start("22-recursion", json!({"depth": 2}));
    assert_eq!(play.children(), 1);
    let follows_itself = |effect: &Effect| matches!(&effect.ask, Ask::StartChild(child) if child.input == json!({"depth": 1}));
    assert!(play.asked.iter().any(follows_itself));
    play.child_ends("below", 0).ended("done");
    Play::start("22-recursion", json!({"depth": 0})).ended("done");
}

#[test]
fn pattern_23_transient_trigger() {
    let mut play = Play::start("23-transient-trigger", json!({"order": 7}));
    let listens = |play: &Play| {
        play.asked.iter().filter(|effect| matches!(effect.ask, Ask::Listen { .. })).count()
    };
    assert_eq!(listens(&play), 0, "nothing listens before it is waited for");
    play.done("prepare");
    assert_eq!(listens(&play), 1);
    play.receives("delivered", json!({"data": {"order": 7}})).ended("done");
}

#[test]
fn pattern_24_persistent_trigger() {
    let mut play = Play::start("24-persistent-trigger", json!({"order": 7}));
    play.receives("delivered", json!({"data": {"order": 7}})).waits_at(&["prepare"]);
    play.done("prepare").ended("done");
}

#[test]
fn pattern_25_cancel_region() {
    let mut play = Play::start("25-cancel-region", json!({"account": "acc_1"}));
    play.done("plan").receives("stop", json!({"account": "acc_1"})).waits_at(&["close"]);
    play.done("close").ended("done");
    let mut whole = Play::start("25-cancel-region", json!({"account": "acc_1"}));
    whole.done("plan").done("build").done("close").ended("done");
}

#[test]
fn pattern_26_cancel_multiple_instances() {
    let input = json!({"sites": ["a", "b"], "account": "acc_1"});
    let mut play = Play::start("26-cancel-multiple-instance-task", input);
    play.child_ends("visits", 0).receives("stop", json!({"account": "acc_1"})).ended("done");
    assert!(play.stopped());
}

#[test]
fn pattern_27_complete_multiple_instances() {
    let mut play = Play::start("27-complete-multiple-instance-task", json!({"sites": ["a", "b"]}));
    play.child_ends("visits", 1).complete("enough", "enough").waits_at(&["report"]);
    assert!(play.stopped());
}

#[test]
fn pattern_29_cancelling_discriminator() {
    Play::start("29-cancelling-discriminator", json!({})).done("ask_mail").ended("done");
}

#[test]
fn pattern_30_structured_partial_join() {
    let mut play = Play::start("30-structured-partial-join", json!({}));
    play.done("cem").waits_at(&["ana", "ben"]);
    play.done("ana").waits_at(&["ben", "plan"]);
    play.done("ben").done("plan").ended("done");
    assert_eq!(play.times("plan"), 1);
}

#[test]
fn pattern_32_cancelling_partial_join() {
    Play::start("32-cancelling-partial-join", json!({})).done("cem").done("ana").ended("done");
}

#[test]
fn pattern_33_generalized_and_join() {
    let mut play = Play::start("33-generalized-and-join", json!({}));
    play.done("left").done("left");
    assert_eq!(play.times("after"), 0);
    play.done("right").waits_at(&["right", "after"]);
    play.done("right").done("after").done("after").ended("done");
    assert_eq!(play.times("after"), 2);
}

#[test]
fn pattern_34_static_partial_join_for_multiple_instances() {
    let input = json!({"vendors": ["a", "b", "c"]});
    let mut play = Play::start("34-static-partial-join-for-multiple-instances", input);
    play.child_ends("offers", 2).waits_at(&["offers"]);
    play.child_ends("offers", 0).ended("done");
    assert!(!play.stopped(), "the third runs on");
}

#[test]
fn pattern_35_cancelling_partial_join_for_multiple_instances() {
    let input = json!({"vendors": ["a", "b", "c"]});
    let mut play = Play::start("35-cancelling-partial-join-for-multiple-instances", input);
    play.child_ends("offers", 2).child_ends("offers", 0).ended("done");
    assert!(play.stopped());
}

#[test]
fn pattern_36_dynamic_partial_join_for_multiple_instances() {
    let input = json!({"vendors": ["a", "b"], "wanted": 3});
    let mut play = Play::start("36-dynamic-partial-join-for-multiple-instances", input);
    let (position, by) = (play.at("offers"), "ana@example.com".to_owned());
    play.event(Event::ItemAdded { position, item: json!("c"), by: by.clone() });
    play.event(Event::ItemAdded { position, item: json!("d"), by });
    play.child_ends("offers", 3).child_ends("offers", 0).waits_at(&["offers"]);
    play.child_ends("offers", 1).ended("done");
}

#[test]
fn pattern_37_local_synchronizing_merge() {
    let name = "37-local-synchronizing-merge";
    let mut both = Play::start(name, json!({"legacy": true}));
    both.done("site").waits_at(&["migrate"]);
    both.done("migrate").ended("done");
    let mut one = Play::start(name, json!({"legacy": false}));
    one.done("site").ended("skipped");
    assert_eq!(one.times("done"), 1);
}

#[test]
fn pattern_38_general_synchronizing_merge() {
    let mut play = Play::start("38-general-synchronizing-merge", json!({}));
    play.done("site").complete("check", "again").waits_at(&["check"]);
    play.complete("check", "fine").ended("done");
    assert_eq!(play.times("done"), 1);
}

#[test]
fn pattern_39_critical_section() {
    let mut play = Play::start("39-critical-section", json!({}));
    assert_eq!(play.children(), 1, "the other waits for its turn");
    play.child_ends("left", 0);
    assert_eq!(play.children(), 2);
    play.child_ends("right", 0).ended("done");
}

#[test]
fn pattern_40_interleaved_routing() {
    let mut play = Play::start("40-interleaved-routing", json!({}));
    for node in ["survey", "install", "train"] {
        play.waits_at(&[node]);
        play.done(node);
    }
    play.ended("done");
}

#[test]
fn pattern_43_explicit_termination() {
    let mut play = Play::start("43-explicit-termination", json!({}));
    play.complete("sell", "lost").ended("lost");
    assert_eq!(play.times("done"), 0);
}

#[test]
fn a_failure_in_a_pattern_takes_the_way_it_is_drawn() {
    let mut play = Play::start("20-cancel-case", json!({"id": "7"}));
    let position = play.at("reserve");
    let failure = Failure {
        kind: FailureKind::Permanent,
        code: "crm.gone".to_owned(),
        message: "gone".to_owned(),
        retry_after_ms: None,
    };
    play.event(Event::CallFailed { position, failure }).ended("failed");
}
