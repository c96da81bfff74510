//! What a move keeps, what it reckons anew, and why it is refused.

use super::{Mapping, Migration, Plan, Replay, TimerChange, Verdict, Version, roll_back};
use crate::{
    Ask, Context, Draft, Effect, Event, Instance, Journey, Position, Record, Timestamp,
    calendar::Calendars,
    check,
    effect::{SlaState, Timer},
    step,
};
use serde_json::{Value, json};
use std::sync::LazyLock;

mod clocks;

const HOUR: i64 = 3_600_000;

/// A journey whose edges are written `from:port>to`, a decision's with its condition after `?`.
struct Drawn {
    number: u64,
    draft: Draft,
    journey: Journey,
}

impl Drawn {
    fn of(number: u64, nodes: &[Value], edges: &[&str]) -> Self {
        let manual = json!({"id": "start", "kind": "trigger", "on": {"type": "manual"}});
        let end = json!({"id": "end", "kind": "end", "outcome": "done"});
        let nodes: Vec<_> = [manual, end].iter().chain(nodes).cloned().collect();
        let edges: Vec<_> = edges.iter().map(|edge| read_edge(edge)).collect();
        let draft = json!({"format": 1, "name": "Test", "nodes": nodes, "edges": edges});
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let (journey, found) = check(&draft, None);
        Self { number, draft, journey: journey.unwrap_or_else(|| panic!("{found:#?}")) }
    }

    fn version(&self) -> Version<'_> {
        Version { number: self.number, draft: &self.draft, journey: &self.journey }
    }
}

fn read_edge(text: &str) -> Value {
    let (ends, when) = text.split_once('?').map_or((text, None), |(ends, when)| (ends, Some(when)));
    let (from, to) = ends.split_once('>').unwrap();
    let (from, port) = from.split_once(':').unwrap_or((from, "out"));
    let id = if matches!(port, "out" | "ok") { from.to_owned() } else { format!("{from}.{port}") };
    let mut edge = json!({"id": format!("{id}-{to}"), "from": from, "port": port, "to": to});
    if let Some(when) = when {
        edge["when"] = json!(when);
    }
    edge
}

fn task(id: &str, settings: Value) -> Value {
    let mut task = json!({"id": id, "kind": "task", "name": "Call", "owner": {"rule": "team", "team": "cs"},
        "sla": {"due": "PT10H", "escalation": []}, "outcomes": [{"id": "ok", "label": "OK"}]});
    for (name, value) in settings.as_object().unwrap() {
        task[name] = value.clone();
    }
    task
}

fn set(id: &str, to: &str, value: &str) -> Value {
    json!({"id": id, "kind": "set", "assign": [{"to": to, "value": value}]})
}

/// A life on the first version, at its beginning.
struct Life {
    instance: Instance,
    records: Vec<Record>,
    now: Timestamp,
}

impl Life {
    fn on(drawn: &Drawn) -> Self {
        let mut life = Self { instance: Instance::new(), records: Vec::new(), now: Timestamp(0) };
        life.event(drawn, Event::Started { trigger: "start".to_owned(), input: json!({"n": 1}) });
        life
    }

    fn event(&mut self, drawn: &Drawn, event: Event) -> Vec<Effect> {
        let step = step(&drawn.journey, self.instance.clone(), event, self.context()).unwrap();
        self.instance = step.instance;
        self.records.extend(step.records);
        step.effects
    }

    fn context(&self) -> Context<'static> {
        static CALENDARS: LazyLock<Calendars> = LazyLock::new(Calendars::default);
        Context { now: self.now, account: None, calendars: &CALENDARS }
    }

    fn at(mut self, hours: i64) -> Self {
        self.now = Timestamp(hours * HOUR);
        self
    }

    fn claimed(mut self, drawn: &Drawn) -> Self {
        let (position, by) = (self.instance.waits()[0].position, "ana@x".to_owned());
        self.event(drawn, Event::TaskClaimed { position, by });
        self
    }

    fn fired(mut self, drawn: &Drawn, timer: Timer) -> Self {
        self.event(drawn, Event::TimerFired { position: Position(1), timer });
        self
    }

    fn plan(&self, from: &Drawn, to: &Drawn, mapping: &Mapping) -> Plan {
        let migration = Migration::new(from.version(), to.version(), mapping).unwrap();
        migration.plan(&self.instance, &self.records, self.context(), "admin@x")
    }

    /// Moves it, and gives what is asked of the world.
    fn moved(&mut self, from: &Drawn, to: &Drawn) -> (Plan, Vec<Effect>) {
        let plan = self.plan(from, to, &Mapping::default());
        let event = plan.event().unwrap_or_else(|| panic!("{:?}", plan.reasons));
        let effects = self.event(to, event);
        (plan, effects)
    }

    fn taken_back(&self, from: &Drawn, to: &Drawn) -> Result<Plan, Vec<String>> {
        let versions = (from.version(), to.version());
        roll_back(versions, &self.records, self.context(), "admin@x")
            .map_err(|reasons| reasons.into_iter().map(|reason| reason.sentence).collect())
    }
}

/// Ana completes the task at a position.
fn completed(position: Position) -> Event {
    let (by, outcome) = ("ana@x".to_owned(), "ok".to_owned());
    Event::TaskCompleted { position, by, person: Value::Null, outcome, form: json!({}) }
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.reasons.iter().map(|reason| reason.code.as_str()).collect()
}

fn notes(plan: &Plan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.code.as_str()).collect()
}

fn timers(plan: &Plan) -> Vec<(Timer, TimerChange, Option<i64>, Option<i64>)> {
    let hours = |at: Option<Timestamp>| at.map(|at| at.0 / HOUR);
    let timers = plan.waits[0].timers.iter();
    timers
        .map(|plan| (plan.timer.clone(), plan.change, hours(plan.before), hours(plan.after)))
        .collect()
}

fn one_task(number: u64, settings: Value) -> Drawn {
    Drawn::of(number, &[task("call", settings)], &["start>call", "call:ok>end"])
}

#[test]
fn a_task_that_is_drawn_the_same_keeps_its_clock_and_its_person() {
    let (old, new) = (one_task(1, json!({})), one_task(2, json!({})));
    let mut life = Life::on(&old).claimed(&old).at(3);
    let (plan, effects) = life.moved(&old, &new);
    assert_eq!(effects, []);
    assert_eq!(
        timers(&plan),
        [
            (Timer::Warning, TimerChange::Kept, Some(8), Some(8)),
            (Timer::Due, TimerChange::Kept, Some(10), Some(10))
        ]
    );
    let told = plan.waits[0].task.clone().unwrap();
    assert_eq!((told.assignee.as_deref(), told.changes.len()), (Some("ana@x"), 0));
    assert_eq!(plan.replay, Replay::Same);
    assert_eq!((plan.notes.len(), plan.reasons.len()), (0, 0));
}

#[test]
fn another_promise_is_reckoned_from_when_the_task_was_offered() {
    let (old, new) = (
        one_task(1, json!({})),
        one_task(2, json!({"sla": {"due": "PT4H", "warn_at": 0.5, "escalation": []}})),
    );
    let mut life = Life::on(&old).at(3);
    let (plan, effects) = life.moved(&old, &new);
    assert_eq!(
        timers(&plan),
        [
            (Timer::Warning, TimerChange::Recomputed, Some(8), Some(2)),
            (Timer::Due, TimerChange::Recomputed, Some(10), Some(4))
        ]
    );
    assert_eq!(notes(&plan), ["fires-at-once"]);
    assert_eq!(life.instance.waits()[0].due(), Some(Timestamp(4 * HOUR)));
    let due: Vec<_> = effects.iter().map(|effect| effect.due.0 / HOUR).collect();
    assert_eq!(due, [2, 4, 3], "both timers, and the task as people see it");
    assert!(matches!(&effects[2].ask, Ask::RenewTask(offer) if offer.due == Timestamp(4 * HOUR)));
}

#[test]
fn a_breach_stays_a_breach_and_no_timer_fires_twice() {
    let (old, new) =
        (one_task(1, json!({})), one_task(2, json!({"sla": {"due": "P5D", "escalation": []}})));
    let mut life = Life::on(&old).at(9).fired(&old, Timer::Warning).at(11).fired(&old, Timer::Due);
    let (plan, effects) = life.moved(&old, &new);
    assert_eq!(timers(&plan), []);
    assert!(effects.iter().all(|effect| !matches!(effect.ask, Ask::Timer { .. })), "{effects:?}");
    assert_eq!(plan.waits[0].sla.unwrap().state, SlaState::Breached);
    assert_eq!(life.instance.waits()[0].sla(), Some(SlaState::Breached));
}

#[test]
fn a_ladder_is_matched_by_what_its_steps_do() {
    let rung = |at: &str, who: &str| json!({"at": at, "do": "remind", "to": {"rule": "user", "user": who}});
    let ladder = |steps: Vec<Value>| json!({"sla": {"due": "PT10H", "escalation": steps}});
    let old =
        one_task(1, ladder(vec![rung("PT1H", "a@x"), rung("PT2H", "b@x"), rung("PT3H", "c@x")]));
    let new =
        one_task(2, ladder(vec![rung("PT4H", "d@x"), rung("PT1H", "a@x"), rung("PT5H", "c@x")]));
    let mut life = Life::on(&old).at(1).fired(&old, Timer::Escalation { step: 0 });
    let (plan, _) = life.moved(&old, &new);
    let step = |step| Timer::Escalation { step };
    assert_eq!(
        timers(&plan)[2..],
        [
            (step(0), TimerChange::Added, None, Some(4)),
            (step(2), TimerChange::Recomputed, Some(3), Some(5)),
            (step(1), TimerChange::Dropped, Some(2), None),
        ]
    );
    let life = life.fired(&new, step(2));
    let again = step_again(&life, &new, step(1));
    assert!(again.is_err(), "what has fired at its old place does not fire at its new one");
}

fn step_again(life: &Life, drawn: &Drawn, timer: Timer) -> Result<(), crate::Rejection> {
    let event = Event::TimerFired { position: Position(1), timer };
    step(&drawn.journey, life.instance.clone(), event, life.context()).map(drop)
}

#[test]
fn people_see_the_new_form_and_a_task_nobody_has_claimed_goes_to_the_new_owner() {
    let old = one_task(1, json!({}));
    let form = json!({"type": "object", "properties": {"x": {}}, "required": ["x"]});
    let new = one_task(2, json!({"form": form, "owner": {"rule": "team", "team": "am"}}));
    let (_, effects) = Life::on(&old).moved(&old, &new);
    assert!(matches!(&effects[0].ask, Ask::RenewTask(offer) if offer.form == form), "{effects:?}");
    assert!(
        matches!(&effects[1].ask, Ask::ReassignTask { owner } if owner.team.as_deref() == Some("am"))
    );
    let (plan, effects) = Life::on(&old).claimed(&old).moved(&old, &new);
    assert!(
        matches!(&effects[1].ask, Ask::ReassignTask { owner } if owner.team.as_deref() == Some("am"))
    );
    assert!(
        matches!(&effects[2].ask, Ask::AssignTask { assignee } if assignee.as_deref() == Some("ana@x")),
        "whoever claimed it keeps it, and gives it back to the new team: {effects:?}"
    );
    let told = plan.waits[0].task.clone().unwrap();
    assert_eq!(
        (told.changes, told.is_offered_anew),
        (vec!["form".to_owned(), "owner".to_owned()], false)
    );
}

#[test]
fn an_approval_that_needs_no_more_than_it_has_goes_on() {
    let asked = |number, quorum: u64| {
        let node = json!({"id": "ask", "kind": "approval", "name": "Ask", "owner": {"rule": "team", "team": "cs"},
            "sla": {"due": "PT10H", "escalation": []}, "quorum": quorum});
        let ways = ["start>ask", "ask:approved>end", "ask:rejected>end"];
        Drawn::of(number, &[node], &ways)
    };
    let (three, two, still) = (asked(1, 3), asked(2, 2), asked(3, 3));
    let approved = |drawn: &Drawn| {
        let mut life = Life::on(drawn);
        for by in ["ana@x", "ben@x"] {
            let (position, by) = (life.instance.waits()[0].position, by.to_owned());
            life.event(drawn, Event::TaskClaimed { position, by: by.clone() });
            let (outcome, form) = ("approved".to_owned(), json!({}));
            let event = Event::TaskCompleted { position, by, person: Value::Null, outcome, form };
            life.event(drawn, event);
        }
        life
    };
    let mut life = approved(&three);
    let (plan, effects) = life.moved(&three, &two);
    assert_eq!(plan.waits[0].task.clone().unwrap().changes, ["quorum"]);
    assert!(life.instance.is_over(), "{effects:?}");
    let mut life = approved(&three);
    life.moved(&three, &still);
    assert!(!life.instance.is_over());
}

#[test]
fn boundary_timers_are_matched_by_their_ids() {
    let timed = |number, id: &str, after: &str| {
        let timers = json!({"timers": [{"id": id, "after": after, "interrupting": true}]});
        let way = format!("call:{id}>end");
        Drawn::of(number, &[task("call", timers)], &["start>call", "call:ok>end", &way])
    };
    let old = timed(1, "late", "PT2H");
    let life = Life::on(&old);
    let boundary = |id: &str| Timer::Boundary { id: id.to_owned() };
    let plan = life.plan(&old, &timed(2, "late", "PT5H"), &Mapping::default());
    assert_eq!(timers(&plan)[2..], [(boundary("late"), TimerChange::Recomputed, Some(2), Some(5))]);
    let plan = life.plan(&old, &timed(2, "later", "PT5H"), &Mapping::default());
    assert_eq!(
        timers(&plan)[2..],
        [
            (boundary("later"), TimerChange::Added, None, Some(5)),
            (boundary("late"), TimerChange::Dropped, Some(2), None)
        ]
    );
}

fn waiting(number: u64, wait: Value) -> Drawn {
    let mut node = json!({"id": "pause", "kind": "wait", "name": "Pause"});
    for (name, value) in wait.as_object().unwrap() {
        node[name] = value.clone();
    }
    Drawn::of(number, &[node], &["start>pause", "pause>end"])
}

#[test]
fn a_wait_for_time_ends_at_its_new_time_only_when_its_setting_changed() {
    let (day, moment) = (
        waiting(1, json!({"for": "PT24H"})),
        waiting(2, json!({"until": "'1970-01-01T06:00:00Z'"})),
    );
    let end = |life: &Life| life.instance.waits()[0].due().map(|due| due.0 / HOUR);
    let mut life = Life::on(&day).at(2);
    assert_eq!(life.moved(&day, &waiting(2, json!({"for": "PT24H"}))).1, []);
    assert_eq!(end(&life), Some(24));
    let mut life = Life::on(&day).at(2);
    life.moved(&day, &waiting(2, json!({"for": "PT30H"})));
    assert_eq!(end(&life), Some(30));
    let mut life = Life::on(&day).at(2);
    life.moved(&day, &moment);
    assert_eq!(end(&life), Some(6));
    let back = life.taken_back(&moment, &day).unwrap();
    life.event(&day, back.event().unwrap());
    assert_eq!(end(&life), Some(24), "taken back, it ends when it would have");
    let never = waiting(2, json!({"until": "input.n"}));
    assert_eq!(
        codes(&Life::on(&day).plan(&day, &never, &Mapping::default())),
        ["time-unreachable"]
    );
}

#[test]
fn a_node_that_is_gone_needs_a_mapping_or_must_stay() {
    let old = one_task(1, json!({}));
    let renamed = Drawn::of(2, &[task("phone", json!({}))], &["start>phone", "phone:ok>end"]);
    let life = Life::on(&old);
    let plan = life.plan(&old, &renamed, &Mapping::default());
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::NeedsMapping, vec!["node-gone"]));
    assert_eq!(
        plan.reasons[0].sentence,
        "The instance waits at the task 'Call', but version 2 does not have it; map it to a new node of the same kind."
    );
    let mapping =
        Mapping { nodes: [("call".to_owned(), "phone".to_owned())].into(), ..Mapping::default() };
    let plan = life.plan(&old, &renamed, &mapping);
    assert_eq!(plan.verdict, Verdict::MovesCleanly, "{:?}", plan.reasons);
    assert_eq!(plan.waits[0].to_node.as_deref(), Some("phone"));
    assert_eq!(plan.replay, Replay::Same);
    let without = Drawn::of(2, &[], &["start>end"]);
    let plan = life.plan(&old, &without, &Mapping::default());
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::MustStay, vec!["node-gone"]));
    let other = waiting(2, json!({"for": "PT1H"}));
    let mut drawn = other.draft.clone();
    drawn.nodes[2].id = "call".to_owned();
    for edge in &mut drawn.edges {
        edge.from = edge.from.replace("pause", "call");
        edge.to = edge.to.replace("pause", "call");
    }
    let journey = check(&drawn, None).0.unwrap();
    let other = Drawn { number: 2, draft: drawn, journey };
    assert_eq!(codes(&life.plan(&old, &other, &Mapping::default())), ["other-kind"]);
}

#[test]
fn a_mapping_that_cannot_be_used_says_all_that_is_wrong_with_it() {
    let nodes = [task("a", json!({})), task("b", json!({})), set("c", "vars.x", "1")];
    let edges = ["start>a", "a:ok>b", "b:ok>c", "c>end"];
    let (old, new) = (Drawn::of(1, &nodes, &edges), Drawn::of(2, &nodes, &edges));
    let map = |nodes: &[(&str, &str)]| Mapping {
        nodes: nodes.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
        variables: [("x".to_owned(), "y".to_owned()), ("z".to_owned(), "y".to_owned())].into(),
    };
    let mapping = map(&[("a", "c"), ("b", "c"), ("nowhere", "a"), ("start", "nowhere")]);
    let problems = Migration::new(old.version(), new.version(), &mapping).unwrap_err();
    let sentences: Vec<_> = problems.iter().map(|problem| problem.sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "The task 'Call' cannot become the set 'c'; map a node to one of the same kind.",
            "The task 'Call' cannot become the set 'c'; map a node to one of the same kind.",
            "Version 1 has no node 'nowhere'.",
            "Version 2 has no node 'nowhere'.",
            "The nodes 'a' and 'b' are both mapped to 'c'; one can be.",
            "The variables 'x' and 'z' are both mapped to 'y'; one can be.",
        ]
    );
}

#[test]
fn a_call_that_is_out_stays_until_it_is_answered_unless_it_is_the_same_one() {
    let calling = |number, operation: &str, input: &str| {
        let node = json!({"id": "crm", "kind": "action", "connection": "c", "operation": operation, "input": {"x": input}});
        Drawn::of(number, &[node], &["start>crm", "crm>end"])
    };
    let old = calling(1, "upsert", "1");
    let life = Life::on(&old);
    let plan = life.plan(&old, &calling(2, "delete", "1"), &Mapping::default());
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::MustStay, vec!["call-out"]));
    assert_eq!(
        life.plan(&old, &calling(2, "upsert", "2"), &Mapping::default()).verdict,
        Verdict::MovesCleanly
    );
}

fn joining(number: u64, need: &Value, edges: &[&str]) -> Drawn {
    let nodes = [
        json!({"id": "split", "kind": "parallel"}),
        task("a", json!({})),
        task("b", json!({})),
        task("c", json!({})),
        json!({"id": "join", "kind": "join", "need": need}),
        set("extra", "vars.x", "1"),
    ];
    let used =
        |node: &&Value| node["id"] != "extra" || edges.iter().any(|edge| edge.contains("extra"));
    let nodes: Vec<_> = nodes.iter().filter(used).cloned().collect();
    Drawn::of(number, &nodes, edges)
}

const JOIN: [&str; 8] = [
    "start>split",
    "split>a",
    "split>b",
    "split>c",
    "a:ok>join",
    "b:ok>join",
    "c:ok>join",
    "join>end",
];

/// Has come to the join by one way of three.
fn half_joined(old: &Drawn) -> Life {
    let (mut life, by) = (Life::on(old), "ana@x".to_owned());
    let position = life.instance.waits()[0].position;
    life.event(old, Event::TaskClaimed { position, by: by.clone() });
    life.event(old, completed(position));
    life
}

#[test]
fn what_has_arrived_at_a_join_must_be_a_way_into_it_still() {
    let old = joining(1, &json!("all"), &JOIN);
    let life = half_joined(&old);
    let mut edges = JOIN;
    edges[4] = "a:ok>extra";
    let longer = joining(2, &json!("all"), &[&edges[..], &["extra>join"]].concat());
    let plan = life.plan(&old, &longer, &Mapping::default());
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::MustStay, vec!["join-way-gone"]));
    assert_eq!(
        plan.reasons[0].sentence,
        "The way 'a-join' has arrived at the join 'join', and version 2 has no such way into it."
    );
    let same = joining(2, &json!("all"), &JOIN);
    let mut draft = same.draft.clone();
    draft.edges[4].id = "another".to_owned();
    let journey = check(&draft, None).0.unwrap();
    let reworded = Drawn { number: 2, draft, journey };
    let mut life = life;
    life.moved(&old, &reworded);
    let text = serde_json::to_string(&life.instance).unwrap();
    assert!(text.contains(r#""arrived":["another"]"#), "{text}");
}

#[test]
fn a_join_that_could_no_longer_go_on_must_stay() {
    let old = joining(1, &json!("all"), &JOIN);
    let mut edges = JOIN;
    edges[5] = "b:ok>end";
    edges[6] = "c:ok>end";
    let life = half_joined(&old);
    let plan = life.plan(&old, &joining(2, &json!("all"), &edges), &Mapping::default());
    assert_eq!(plan.verdict, Verdict::MovesCleanly, "all that can arrive have: {:?}", plan.reasons);
    assert_eq!(notes(&plan), ["goes-on-at-once"]);
    edges[6] = "c:ok>join";
    let two = joining(2, &json!(2), &edges);
    assert_eq!(life.plan(&old, &two, &Mapping::default()).verdict, Verdict::MovesCleanly);
    let three = Drawn::of(
        2,
        &[
            json!({"id": "split", "kind": "parallel"}),
            task("a", json!({})),
            task("b", json!({})),
            task("c", json!({})),
            task("d", json!({})),
            json!({"id": "join", "kind": "join", "need": 3}),
        ],
        &[
            "start>d",
            "d:ok>split",
            "split>a",
            "split>b",
            "split>c",
            "a:ok>join",
            "b:ok>end",
            "c:ok>join",
            "split>join",
            "join>end",
        ],
    );
    assert_eq!(codes(&life.plan(&old, &three, &Mapping::default())), ["join-starves"]);
}

#[test]
fn what_the_rest_reads_must_be_there_or_be_written_on_the_way() {
    let reading = |number, nodes: &[Value], edges: &[&str]| {
        let nodes: Vec<_> = nodes
            .iter()
            .cloned()
            .chain([task("call", json!({})), set("last", "vars.b", "vars.a + 1")])
            .collect();
        Drawn::of(number, &nodes, edges)
    };
    let old = Drawn::of(1, &[task("call", json!({}))], &["start>call", "call:ok>end"]);
    let life = Life::on(&old);
    let before = reading(
        2,
        &[set("first", "vars.a", "1")],
        &["start>first", "first>call", "call:ok>last", "last>end"],
    );
    let plan = life.plan(&old, &before, &Mapping::default());
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::NeedsMapping, vec!["value-missing"]));
    assert!(
        plan.reasons[0].sentence.starts_with("In version 2, the set 'last' reads vars.a, which"),
        "{:?}",
        plan.reasons
    );
    let after = reading(
        2,
        &[set("first", "vars.a", "1")],
        &["start>call", "call:ok>first", "first>last", "last>end"],
    );
    assert_eq!(life.plan(&old, &after, &Mapping::default()).verdict, Verdict::MovesCleanly);

    let named = Drawn::of(
        1,
        &[set("first", "vars.old", "1"), task("call", json!({}))],
        &["start>first", "first>call", "call:ok>end"],
    );
    let mapping =
        Mapping { variables: [("old".to_owned(), "a".to_owned())].into(), ..Mapping::default() };
    let mut life = Life::on(&named);
    let plan = life.plan(&named, &before, &mapping);
    assert_eq!(plan.verdict, Verdict::MovesCleanly, "{:?}", plan.reasons);
    life.event(&before, plan.event().unwrap());
    assert_eq!(life.instance.vars()["a"], 1);
    assert!(!life.instance.vars().contains_key("old"));
}

#[test]
fn a_replay_that_goes_another_way_is_told_and_stands_in_no_ones_way() {
    let deciding = |number, when: &str| {
        let way = format!("fork>a?{when}");
        Drawn::of(
            number,
            &[
                json!({"id": "fork", "kind": "decision", "mode": "exclusive"}),
                task("a", json!({})),
                task("b", json!({"name": "Mail"})),
            ],
            &["start>fork", &way, "fork:default>b", "a:ok>end", "b:ok>end"],
        )
    };
    let (old, new) = (deciding(1, "input.n == 1"), deciding(2, "input.n > 1"));
    let plan = Life::on(&old).plan(&old, &new, &Mapping::default());
    assert_eq!(plan.verdict, Verdict::MovesCleanly);
    let sentence = "Under version 2 it would be at the task 'Mail' now.".to_owned();
    assert_eq!(plan.replay, Replay::Differs { at: None, sentence });
    let life = Life::on(&old).claimed(&old);
    let Replay::Differs { at: Some(at), .. } = life.plan(&old, &new, &Mapping::default()).replay
    else {
        panic!("the claim has nothing to claim");
    };
    assert_eq!(at, life.instance.sequence() - 1);
}

#[test]
fn a_move_is_taken_back_until_something_only_the_newer_version_has_was_reached() {
    let old = Drawn::of(
        1,
        &[task("call", json!({})), set("x", "vars.x", "1")],
        &["start>call", "call:ok>x", "x>end"],
    );
    let new = Drawn::of(
        2,
        &[task("call", json!({})), task("more", json!({"name": "More"}))],
        &["start>call", "call:ok>more", "more:ok>end"],
    );
    let mut life = Life::on(&old);
    assert_eq!(
        life.taken_back(&old, &new).unwrap_err(),
        ["The instance was never moved to another version."]
    );
    let before = life.instance.waits().to_vec();
    life.moved(&old, &new);
    assert_eq!(
        life.taken_back(&old, &new).unwrap_err(),
        ["The last move was from version 1 to version 2."]
    );
    let mut kept =
        Life { instance: life.instance.clone(), records: life.records.clone(), now: life.now };
    let back = kept.taken_back(&new, &old).unwrap();
    kept.event(&old, back.event().unwrap());
    assert_eq!(kept.instance.waits(), before);
    let mut life = life.claimed(&new);
    assert!(life.taken_back(&new, &old).is_ok(), "a claim is no reason to stay");
    life.event(&new, completed(Position(1)));
    assert_eq!(
        life.taken_back(&new, &old).unwrap_err(),
        ["Since the move the instance has been at the task 'More', which version 1 does not have."]
    );
}

#[test]
fn a_plan_made_for_other_waits_is_refused_and_changes_nothing() {
    let old = one_task(1, json!({}));
    let new = one_task(2, json!({}));
    let life = Life::on(&old);
    let mut migrated = life.plan(&old, &new, &Mapping::default()).migrated.unwrap();
    migrated.waits[0].position = Position(7);
    let sequence = life.instance.sequence();
    let event = Event::Migrated { migrated: Box::new(migrated.clone()), sequence };
    assert!(step(&new.journey, life.instance.clone(), event, life.context()).is_err());
    let planned = life.plan(&old, &new, &Mapping::default()).event().unwrap();
    let claimed = Life { instance: life.instance.clone(), records: Vec::new(), now: life.now };
    let claimed = claimed.claimed(&old);
    let late = step(&new.journey, claimed.instance, planned, life.context());
    assert_eq!(late, Err(crate::Rejection::MovedOn), "a plan is for the instance as it was");
    let mut instance = life.instance.clone();
    let fact = crate::Fact::Migrated(Box::new(migrated));
    let record = Record { sequence: instance.sequence(), at: life.now, fact };
    assert!(instance.apply(&record).is_err());
    assert_eq!(instance, life.instance);
}

#[test]
fn names_that_would_clash_are_refused() {
    let nodes =
        [set("first", "vars.a", "1"), set("second", "vars.b", "2"), task("call", json!({}))];
    let edges = ["start>first", "first>second", "second>call", "call:ok>end"];
    let (old, new) = (Drawn::of(1, &nodes, &edges), Drawn::of(2, &nodes, &edges));
    let mapping =
        Mapping { variables: [("a".to_owned(), "b".to_owned())].into(), ..Mapping::default() };
    let plan = Life::on(&old).plan(&old, &new, &mapping);
    assert_eq!((plan.verdict, codes(&plan)), (Verdict::NeedsMapping, vec!["names-clash"]));
    let swapped = Mapping {
        variables: [("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())].into(),
        ..Mapping::default()
    };
    let mut life = Life::on(&old);
    let plan = life.plan(&old, &new, &swapped);
    life.event(&new, plan.event().unwrap());
    assert_eq!((&life.instance.vars()["a"], &life.instance.vars()["b"]), (&json!(2), &json!(1)));
}
