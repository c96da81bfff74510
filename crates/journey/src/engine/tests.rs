//! Each test is a journey, a script of events, and the transcript the engine must give back.

use super::{Context, Rejection, Step, step};
use crate::{
    Ask, Event, Fact, Instance, Journey, Position, Status, Timestamp,
    calendar::Calendars,
    effect::{Close, Failure, FailureKind, Timer},
    reopen,
};
use serde_json::{Value, json};
use std::fmt::Write as _;

mod bounds;
mod kinds;
mod teams;
mod variables;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// A Monday, 10:00.
const MONDAY: i64 = 4 * DAY + 10 * HOUR;

/// A journey whose edges are written `from:port>to`, a decision's with its condition after `?`.
fn journey(nodes: &Value, edges: &[&str]) -> Journey {
    let edges: Vec<_> = edges.iter().map(|edge| read_edge(edge)).collect();
    build(json!({"format": 1, "name": "Test", "nodes": nodes, "edges": edges}))
}

fn build(draft: Value) -> Journey {
    // Some of these do on purpose what no journey may do.
    reopen(&serde_json::from_value(draft).unwrap()).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn read_edge(text: &str) -> Value {
    let (ends, when) = text.split_once('?').map_or((text, None), |(ends, when)| (ends, Some(when)));
    let (from, to) = ends.split_once('>').unwrap();
    let (from, port) = from.split_once(':').unwrap_or((from, "out"));
    let mut edge = json!({"id": format!("{from}-{to}"), "from": from, "port": port, "to": to});
    if let Some(when) = when {
        edge["when"] = json!(when);
    }
    edge
}

fn manual() -> Value {
    json!({"id": "start", "kind": "trigger", "on": {"type": "manual"}})
}

fn end(id: &str) -> Value {
    json!({"id": id, "kind": "end", "outcome": id})
}

fn set(id: &str, to: &str, value: &str) -> Value {
    json!({"id": id, "kind": "set", "assign": [{"to": to, "value": value}]})
}

fn start(input: Value) -> Event {
    Event::Started { trigger: "start".to_owned(), input }
}

/// Plays events and writes down what came out, proving each time that the records rebuild the instance.
struct Play<'a> {
    journey: &'a Journey,
    account: Option<Value>,
    calendars: Calendars,
    now: Timestamp,
    instance: Instance,
    rebuilt: Instance,
    transcript: String,
}

impl<'a> Play<'a> {
    fn new(journey: &'a Journey) -> Self {
        let (instance, rebuilt, now) = (Instance::new(), Instance::new(), Timestamp(MONDAY));
        let (calendars, transcript) = (Calendars::default(), String::new());
        Self { journey, account: None, calendars, now, instance, rebuilt, transcript }
    }

    fn over(mut self, calendars: Calendars) -> Self {
        self.calendars = calendars;
        self
    }

    fn of(mut self, account: Value) -> Self {
        self.account = Some(account);
        self
    }

    fn after(&mut self, milliseconds: i64, event: Event) -> &mut Self {
        self.now = self.now.plus(milliseconds);
        self.event(event)
    }

    fn event(&mut self, event: Event) -> &mut Self {
        let (account, calendars) = (self.account.as_ref(), &self.calendars);
        let context = Context { now: self.now, account, calendars };
        match step(self.journey, self.instance.clone(), event, context) {
            Ok(Step { instance, records, effects }) => {
                for record in &records {
                    let stored = serde_json::to_string(record).unwrap();
                    assert_eq!(&serde_json::from_str::<crate::Record>(&stored).unwrap(), record);
                    self.rebuilt.apply(record).unwrap();
                    self.write(&line(&record.fact));
                }
                for effect in effects {
                    let wait = effect.due.0 - self.now.0;
                    let when = if wait == 0 { String::new() } else { hours(wait) };
                    self.write(&format!(
                        "  ask {}{when}: {}",
                        effect.position.0,
                        asked(&effect.ask)
                    ));
                }
                assert_eq!(instance, self.rebuilt, "the records rebuild the instance");
                let text = serde_json::to_string(&instance).unwrap();
                assert_eq!(serde_json::from_str::<Instance>(&text).unwrap(), instance);
                self.instance = instance;
            }
            Err(rejection) => self.write(&format!("rejected: {rejection}")),
        }
        self
    }

    fn write(&mut self, line: &str) {
        writeln!(self.transcript, "{line}").unwrap();
    }

    /// The whole transcript, line by line: nothing else came out.
    fn gives(&mut self, want: &[&str]) -> &mut Self {
        let got: Vec<_> = self.transcript.lines().collect();
        assert_eq!(got, want, "\n{}", self.transcript);
        self.transcript.clear();
        self
    }

    fn quietly(&mut self, event: Event) -> &mut Self {
        self.event(event);
        self.transcript.clear();
        self
    }
}

/// A time to wait, as a transcript says it.
#[expect(clippy::cast_precision_loss, reason = "a test's waits are short")]
fn hours(wait: i64) -> String {
    format!(" in {}h", wait as f64 / HOUR as f64)
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Started { trigger, .. } => format!("started by {trigger}"),
        Fact::Entered { position, node, .. } => format!("{} enter {node}", position.0),
        Fact::Waiting { position, .. } => format!("{} wait", position.0),
        Fact::Arrived { position, edge } => format!("{} arrived {edge}", position.0),
        Fact::Joined { position, owed, .. } => {
            format!("{} joined, owed {}", position.0, owed.join(" "))
        }
        Fact::Absorbed { node, edge } => format!("{node} absorbed {edge}"),
        Fact::EndReached { outcome, .. } => format!("end {outcome}"),
        Fact::VariableSet { name, value } => format!("vars.{name} = {value}"),
        Fact::AccountFieldSet { field, value } => format!("account.{field} = {value}"),
        Fact::CallSucceeded { position, output } => format!("{} answered {}", position.0, **output),
        Fact::CallFailed { position, failure, attempt } => {
            format!("{} attempt {attempt} failed: {}", position.0, failure.code)
        }
        Fact::CallRetried { position, attempt, .. } => {
            format!("{} attempt {attempt} to come", position.0)
        }
        Fact::TaskClaimed { position, by } => format!("{} claimed by {by}", position.0),
        Fact::TaskReleased { position, by } => format!("{} released by {by}", position.0),
        Fact::TaskCompleted { position, by, outcome, .. } => {
            format!("{} completed by {by}: {outcome}", position.0)
        }
        Fact::TaskEscalated { position, step, did } => {
            let did = did.as_ref().expect("what it did is kept");
            let to = did.to.as_ref().map_or("nobody", person);
            format!("{} escalated, step {step}: {:?} {to}", position.0, did.act)
        }
        Fact::TaskReassigned { position, .. } => format!("{} reassigned", position.0),
        Fact::SlaWarned { position } => format!("{} warned", position.0),
        Fact::SlaBreached { position, .. } => format!("{} breached", position.0),
        Fact::TimerFired { position, timer } => format!("{} timer {timer}", position.0),
        Fact::IncidentRaised { position, failure } => {
            format!("{} incident {}: {}", position.0, failure.code, failure.message)
        }
        Fact::IncidentRetried { position, by } => format!("{} retried by {by}", position.0),
        Fact::IncidentSkipped { position, by, outcome } => {
            format!("{} skipped by {by}: {outcome}", position.0)
        }
        other => new_fact(other),
    }
}

/// The facts of the kinds of nodes beyond the first ten.
fn new_fact(fact: &Fact) -> String {
    match fact {
        Fact::StartedBelow { node, parent, .. } => {
            format!("started at {node} below {} {}", parent.position.0, parent.index)
        }
        Fact::SlaChanged { position, by, change } => {
            format!("{} sla {} by {by}", position.0, serde_json::to_value(change).unwrap())
        }
        Fact::TaskDelegated { position, by, to } => {
            format!("{} given to {to} by {by}", position.0)
        }
        Fact::Approved { position, by, .. } => format!("{} approved by {by}", position.0),
        Fact::HandedOver { position, form } => format!("{} handed over {}", position.0, **form),
        Fact::IncidentEnded { position, by } => format!("{} ended by {by}", position.0),
        Fact::Received { position, received } => format!("{} received {}", position.0, **received),
        Fact::TimedOut { position } => format!("{} timed out", position.0),
        Fact::ConditionHeld { position } => format!("{} holds", position.0),
        Fact::ChildAsked { position, index } => format!("{} child {index} asked", position.0),
        Fact::ChildStarted { position, index, instance } => {
            format!("{} child {index} is {instance}", position.0)
        }
        Fact::ChildEnded { position, index, ending } => {
            format!("{} child {index} over: {}", position.0, serde_json::to_value(ending).unwrap())
        }
        Fact::ItemAdded { position, item, by } => format!("{} item {item} by {by}", position.0),
        Fact::Returned { position, output } => format!("{} returned {}", position.0, **output),
        Fact::RulesHeld { position, rules } => format!("{} rules {rules:?}", position.0),
        Fact::Judged { position, outcome, why } => format!("{} {outcome}: {why}", position.0),
        Fact::Told { position, to, about } => {
            format!("{} told {}: {about}", position.0, person(to))
        }
        Fact::MilestoneReached { position, milestone, elapsed_ms } => {
            format!("{} milestone {milestone} after {elapsed_ms} ms", position.0)
        }
        Fact::TurnCame { position } => format!("{} its turn", position.0),
        Fact::Withdrawn { position, why } => format!("{} withdrawn: {why}", position.0),
        Fact::UndoKept { position, undo } => {
            format!("{} keeps undo {} {}", position.0, undo.operation, undo.input)
        }
        Fact::CancelBegan { reason, by } => format!("cancelling by {by}: {reason}"),
        Fact::Undone { position } => format!("{} undone", position.0),
        Fact::Left { position, edges } => {
            format!("{} leave {}", position.0, edges.join(" ")).trim_end().to_owned()
        }
        Fact::Ended { outcome } => format!("ended {outcome}"),
        Fact::Migrated(migrated) => format!("moved to version {}", migrated.to),
        Fact::Cancelled { reason, by } => format!("cancelled by {by}: {reason}"),
        other => unreachable!("{other:?} has words above"),
    }
}

fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Call(call) => format!(
            "call {}.{} {} attempt {}",
            call.connection, call.operation, call.input, call.attempt
        ),
        Ask::Timer { timer } => match timer {
            Timer::Wait => "timer".to_owned(),
            Timer::Warning => "timer warning".to_owned(),
            Timer::Due => "timer due".to_owned(),
            Timer::Escalation { step } => format!("timer escalation {step}"),
            Timer::Boundary { id } => format!("timer {id}"),
            Timer::Timeout => "timer timeout".to_owned(),
            Timer::Recheck => "timer recheck".to_owned(),
        },
        Ask::Send(message) => {
            format!("send '{}' to {}", message.subject, person(&message.to))
        }
        Ask::Listen { name, key } => format!("listen for {name} {key}"),
        Ask::StartChild(child) => format!(
            "start child {} {} with {}",
            child.index,
            serde_json::to_value(&child.follows).unwrap(),
            child.input
        ),
        Ask::StopChildren { reason } => format!("stop children: {reason}"),
        Ask::Report { parent, ending } => format!(
            "report to {} {}: {}",
            parent.position.0,
            parent.index,
            serde_json::to_value(ending).unwrap()
        ),
        Ask::OfferTask(offer) => format!("offer '{}' to {}", offer.title, person(&offer.owner)),
        Ask::AssignTask { assignee } => {
            format!("assign {}", assignee.as_deref().unwrap_or("nobody"))
        }
        Ask::ReassignTask { owner } => format!("reassign to {}", person(owner)),
        Ask::CloseTask { close: Close::Completed { outcome, .. } } => format!("close: {outcome}"),
        Ask::CloseTask { close: Close::Cancelled { reason } } => {
            format!("close: cancelled, {reason}")
        }
        Ask::MarkTask { sla, .. } => format!("mark {sla:?}"),
        Ask::WriteAccount { fields } => format!("write account {}", Value::Object(fields.clone())),
        Ask::RenewTask(offer) => format!("renew '{}'", offer.title),
        Ask::Notify { to, about } => format!("notify {} of '{about}'", person(to)),
    }
}

fn person(owner: &crate::effect::Owner) -> &str {
    owner.user.as_deref().or(owner.team.as_deref()).unwrap_or("nobody")
}

fn transient() -> Failure {
    Failure {
        kind: FailureKind::Transient,
        code: "http.503".to_owned(),
        message: "busy".to_owned(),
        retry_after_ms: None,
    }
}

fn call_failed(position: u32, failure: Failure) -> Event {
    Event::CallFailed { position: Position(position), failure }
}

fn answered(position: u32, output: Value) -> Event {
    Event::CallSucceeded { position: Position(position), output }
}

fn timer(position: u32, timer: Timer) -> Event {
    Event::TimerFired { position: Position(position), timer }
}

fn claimed(position: u32, by: &str) -> Event {
    Event::TaskClaimed { position: Position(position), by: by.to_owned() }
}

fn completed(position: u32, by: &str, outcome: &str, form: Value) -> Event {
    Event::TaskCompleted {
        position: Position(position),
        by: by.to_owned(),
        person: Value::Null,
        outcome: outcome.to_owned(),
        form,
    }
}

fn action_journey(error: bool) -> Journey {
    let call = json!({"id": "call", "kind": "action", "connection": "crm", "operation": "upsert", "input": {"id": "input.id"}, "output": "crm",
        "retry": {"attempts": 3, "backoff": "PT1H", "max": "PT90M"}});
    let nodes = json!([
        manual(),
        call,
        set("keep", "vars.kept", "vars.crm.n + nodes.call.output.n"),
        end("ok"),
        end("bad")
    ]);
    let mut edges = vec!["start>call", "call>keep", "keep>ok"];
    if error {
        edges.push("call:error>bad");
    } else {
        return journey(&json!([nodes[0], nodes[1], nodes[2], nodes[3]]), &edges);
    }
    journey(&nodes, &edges)
}

#[test]
fn an_action_calls_and_keeps_the_answer() {
    let journey = action_journey(true);
    Play::new(&journey)
        .event(start(json!({"id": "7"})))
        .event(answered(1, json!({"n": 2})))
        .event(answered(1, json!({"n": 2})))
        .gives(&[
            "started by start",
            "0 enter start",
            "0 leave start-call",
            "1 enter call",
            "1 wait",
            r#"  ask 1: call crm.upsert {"id":"7"} attempt 1"#,
            r#"1 answered {"n":2}"#,
            r#"vars.crm = {"n":2}"#,
            "1 leave call-keep",
            "2 enter keep",
            "vars.kept = 4",
            "2 leave keep-ok",
            "3 enter ok",
            "end ok",
            "3 leave",
            "ended ok",
            "rejected: the instance is over",
        ]);
}

#[test]
fn a_failed_call_is_tried_again_with_growing_pauses_and_then_leaves_by_error() {
    let journey = action_journey(true);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"id": "7"})))
        .event(call_failed(1, transient()))
        .event(call_failed(1, transient()))
        .event(call_failed(1, transient()));
    play.gives(&[
        "1 attempt 1 failed: http.503",
        "1 attempt 2 to come",
        r#"  ask 1 in 1h: call crm.upsert {"id":"7"} attempt 2"#,
        "1 attempt 2 failed: http.503",
        "1 attempt 3 to come",
        r#"  ask 1 in 1.5h: call crm.upsert {"id":"7"} attempt 3"#,
        "1 attempt 3 failed: http.503",
        "1 leave call-bad",
        "2 enter bad",
        "end bad",
        "2 leave",
        "ended bad",
    ]);
    assert_eq!(play.instance.nodes()["call"].error.as_ref().unwrap()["code"], "http.503");
}

#[test]
fn the_other_side_is_left_alone_for_as_long_as_it_asks() {
    let journey = action_journey(true);
    let failure = Failure { retry_after_ms: Some(5 * HOUR as u64), ..transient() };
    Play::new(&journey).quietly(start(json!({"id": "7"}))).event(call_failed(1, failure)).gives(&[
        "1 attempt 1 failed: http.503",
        "1 attempt 2 to come",
        r#"  ask 1 in 5h: call crm.upsert {"id":"7"} attempt 2"#,
    ]);
}

#[test]
fn a_failure_without_a_way_is_an_incident_that_is_retried_or_skipped() {
    let journey = action_journey(false);
    let permanent = || Failure { kind: FailureKind::Permanent, ..transient() };
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"id": "7"}))).event(call_failed(1, permanent()));
    assert_eq!(play.instance.status(), Status::Incident);
    let by = || "ana".to_owned();
    let position = Position(1);
    play.event(answered(1, json!({})))
        .event(Event::IncidentRetried { position, by: by() })
        .event(call_failed(1, permanent()))
        .event(Event::IncidentSkipped { position, by: by(), outcome: "sideways".to_owned() })
        .event(Event::IncidentSkipped { position, by: by(), outcome: "out".to_owned() });
    play.gives(&[
        "1 attempt 1 failed: http.503",
        "1 incident http.503: busy",
        "rejected: position 1 waits for something else",
        "1 retried by ana",
        "1 wait",
        r#"  ask 1: call crm.upsert {"id":"7"} attempt 1"#,
        "1 attempt 1 failed: http.503",
        "1 incident http.503: busy",
        "rejected: there is no outcome 'sideways' here",
        "1 skipped by ana: out",
        "1 leave call-keep",
        "2 enter keep",
        "2 incident expression.failed: the value of 'kept': 'vars.crm' is missing",
    ]);
    assert_eq!(play.instance.status(), Status::Incident);
}

fn task_journey(task: Value) -> Journey {
    let mut node = json!({"id": "ask", "kind": "task", "name": "Ask", "title": "Ask {{ input.who }}", "owner": {"rule": "account_owner", "fallback": {"rule": "team", "team": "cs"}},
        "sla": {"due": "PT10H", "escalation": [
            {"at": "warning", "do": "remind", "to": {"rule": "team", "team": "cs"}},
            {"at": "breach", "do": "reassign", "to": {"rule": "user", "user": "lead@x"}},
            {"at": "PT20H", "do": "notify", "to": {"rule": "user", "user": "boss@x"}}]},
        "form": {"type": "object", "required": ["note"]},
        "outcomes": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]});
    node.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
    let nodes = json!([manual(), node, end("good"), end("bad"), end("late")]);
    let mut edges = vec!["start>ask", "ask:yes>good", "ask:no>bad"];
    if task.get("timers").is_some() {
        edges.push("ask:late>late");
        return journey(&nodes, &edges);
    }
    journey(&json!([nodes[0], nodes[1], nodes[2], nodes[3]]), &edges)
}

#[test]
fn a_task_is_offered_claimed_and_completed_once() {
    let journey = task_journey(json!({}));
    let note = || json!({"note": "fine"});
    let mut play = Play::new(&journey).of(json!({"owner": "ana@x"}));
    play.event(start(json!({"who": "Ada"})));
    play.gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-ask",
        "1 enter ask",
        "1 wait",
        "  ask 1: offer 'Ask Ada' to ana@x",
        "  ask 1 in 8h: timer warning",
        "  ask 1 in 10h: timer due",
        "  ask 1 in 20h: timer escalation 2",
    ]);
    play.event(completed(1, "ana@x", "yes", note()))
        .event(claimed(1, "ana@x"))
        .event(claimed(1, "ben@x"))
        .event(completed(1, "ben@x", "yes", note()))
        .event(completed(1, "ana@x", "maybe", note()))
        .event(completed(1, "ana@x", "yes", json!({})))
        .event(Event::TaskReleased { position: Position(1), by: "ana@x".to_owned() })
        .event(claimed(1, "ben@x"))
        .event(completed(1, "ben@x", "no", note()))
        .event(completed(1, "ben@x", "no", note()));
    play.gives(&[
        "rejected: the task is not claimed by ana@x",
        "1 claimed by ana@x",
        "  ask 1: assign ana@x",
        "rejected: the task is already claimed by ana@x",
        "rejected: the task is not claimed by ben@x",
        "rejected: there is no outcome 'maybe' here",
        "rejected: the form does not fit: 'note' is required",
        "1 released by ana@x",
        "  ask 1: assign nobody",
        "1 claimed by ben@x",
        "  ask 1: assign ben@x",
        "1 completed by ben@x: no",
        "1 leave ask-bad",
        "2 enter bad",
        "end bad",
        "2 leave",
        "ended bad",
        "  ask 1: close: no",
        "rejected: the instance is over",
    ]);
    assert_eq!(play.instance.nodes()["ask"].form, Some(note().into()));
}

#[test]
fn an_open_task_warns_breaches_and_climbs_its_ladder_once() {
    let journey = task_journey(json!({}));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"who": "Ada"}))).quietly(claimed(1, "ana@x"));
    play.after(8 * HOUR, timer(1, Timer::Warning))
        .event(timer(1, Timer::Warning))
        .after(2 * HOUR, timer(1, Timer::Due))
        .after(10 * HOUR, timer(1, Timer::Escalation { step: 2 }))
        .event(timer(1, Timer::Escalation { step: 0 }))
        .event(timer(1, Timer::Wait));
    play.gives(&[
        "1 warned",
        "1 escalated, step 0: Remind cs",
        "  ask 1: mark Warning",
        "  ask 1: notify cs of 'Ask Ada'",
        "rejected: nothing waits at position 1",
        "1 breached",
        "1 escalated, step 1: Reassign lead@x",
        "1 reassigned",
        "  ask 1: mark Breached",
        "  ask 1: reassign to lead@x",
        "  ask 1: assign lead@x",
        "1 escalated, step 2: Notify boss@x",
        "  ask 1: notify boss@x of 'Ask Ada'",
        "rejected: nothing waits at position 1",
        "rejected: position 1 waits for something else",
    ]);
    play.event(completed(1, "lead@x", "yes", json!({"note": "done"})));
    assert_eq!(play.instance.outcome(), Some("good"));
}

#[test]
fn an_interrupting_timer_takes_the_task_away() {
    let journey = task_journey(
        json!({"timers": [{"id": "late", "after": {"business": "P1D"}, "interrupting": true}]}),
    );
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"who": "Ada"})))
        .after(DAY, timer(1, Timer::Boundary { id: "late".to_owned() }));
    // It is noticed first of all that came to pass, and yet fires last.
    play.gives(&[
        "1 warned",
        "1 escalated, step 0: Remind cs",
        "1 breached",
        "1 escalated, step 1: Reassign lead@x",
        "1 reassigned",
        "1 escalated, step 2: Notify boss@x",
        "1 timer late",
        "1 leave ask-late",
        "2 enter late",
        "end late",
        "2 leave",
        "ended late",
        "  ask 1: mark Warning",
        "  ask 1: notify cs of 'Ask Ada'",
        "  ask 1: mark Breached",
        "  ask 1: reassign to lead@x",
        "  ask 1: assign lead@x",
        "  ask 1: notify boss@x of 'Ask Ada'",
        "  ask 1: close: cancelled, its timer 'late' fired",
    ]);
}

#[test]
fn a_timer_that_does_not_interrupt_runs_beside_the_task() {
    let journey =
        task_journey(json!({"timers": [{"id": "late", "after": "P1D", "interrupting": false}]}));
    let late = || timer(1, Timer::Boundary { id: "late".to_owned() });
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"who": "Ada"}))).event(late()).event(late());
    play.gives(&[
        "1 timer late",
        "2 enter late",
        "end late",
        "2 leave",
        "rejected: nothing waits at position 1",
    ]);
    play.quietly(claimed(1, "ana@x")).event(completed(1, "ana@x", "yes", json!({"note": ""})));
    assert_eq!(play.instance.outcome(), Some("late"), "the first end decides");
}

#[test]
fn a_task_nobody_can_own_is_an_incident_until_somebody_can() {
    let journey = task_journey(json!({"owner": {"rule": "account_owner"}}));
    let mut play = Play::new(&journey).of(json!({"owner": null}));
    play.quietly(start(json!({"who": "Ada"})));
    assert_eq!(play.instance.status(), Status::Incident);
    play.account = Some(json!({"owner": "ana@x"}));
    play.event(Event::IncidentRetried { position: Position(1), by: "ben".to_owned() });
    assert!(play.transcript.contains("offer 'Ask Ada' to ana@x"), "{}", play.transcript);
}

#[test]
fn an_exclusive_decision_takes_the_first_way_that_holds() {
    let nodes =
        json!([manual(), {"id": "d", "kind": "decision"}, end("high"), end("mid"), end("low")]);
    let journey =
        journey(&nodes, &["start>d", "d>high?input.n > 9", "d>mid?input.n > 4", "d:default>low"]);
    for (n, outcome) in [(10, "high"), (5, "mid"), (0, "low")] {
        let mut play = Play::new(&journey);
        play.event(start(json!({ "n": n })));
        assert_eq!(play.instance.outcome(), Some(outcome));
    }
    Play::new(&journey).event(start(json!({}))).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-d",
        "1 enter d",
        "1 incident expression.failed: the condition of the way 'd-high': 'input.n' is missing",
    ]);
}

#[test]
fn a_decision_that_failed_is_skipped_by_the_way_a_person_names() {
    let nodes = json!([manual(), {"id": "d", "kind": "decision"}, end("high"), end("low")]);
    let journey = journey(&nodes, &["start>d", "d>high?input.n > 9", "d:default>low"]);
    let skip = |outcome: &str| Event::IncidentSkipped {
        position: Position(1),
        by: "ana".to_owned(),
        outcome: outcome.to_owned(),
    };
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).event(skip("out")).event(skip("d-high"));
    assert_eq!(play.instance.outcome(), Some("high"));
    play.gives(&[
        "rejected: there is no outcome 'out' here",
        "1 skipped by ana: d-high",
        "1 leave d-high",
        "2 enter high",
        "end high",
        "2 leave",
        "ended high",
    ]);
}

/// An inclusive decision over a and b, each a task-like wait, meeting in a join.
fn meeting(need: Value) -> Journey {
    let wait = |id: &str| json!({"id": id, "kind": "wait", "for": "PT1H"});
    let nodes = json!([manual(), {"id": "d", "kind": "decision", "mode": "inclusive"}, wait("a"), wait("b"), wait("c"),
        {"id": "j", "kind": "join", "need": need}, wait("z"), end("done")]);
    journey(
        &nodes,
        &[
            "start>d",
            "d>a?input.a",
            "d>b?input.b",
            "d:default>c",
            "a>j",
            "b>j",
            "c>j",
            "j>z",
            "z>done",
        ],
    )
}

#[test]
fn a_join_waits_for_every_way_that_can_still_arrive() {
    let journey = meeting(json!("all"));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"a": true, "b": true}))).event(timer(2, Timer::Wait));
    play.gives(&["2 leave a-j", "4 enter j", "4 wait"]);
    play.event(timer(3, Timer::Wait)).gives(&[
        "3 leave b-j",
        "4 arrived b-j",
        "4 leave j-z",
        "5 enter z",
        "5 wait",
        "  ask 5 in 1h: timer",
    ]);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"a": false, "b": true}))).event(timer(2, Timer::Wait));
    play.gives(&[
        "2 leave b-j",
        "3 enter j",
        "3 wait",
        "3 leave j-z",
        "4 enter z",
        "4 wait",
        "  ask 4 in 1h: timer",
    ]);
}

#[test]
fn a_join_of_any_goes_on_at_once_and_absorbs_the_rest() {
    let journey = meeting(json!("any"));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"a": true, "b": true}))).event(timer(3, Timer::Wait));
    play.gives(&[
        "3 leave b-j",
        "4 enter j",
        "4 wait",
        "4 joined, owed a-j",
        "4 leave j-z",
        "5 enter z",
        "5 wait",
        "  ask 5 in 1h: timer",
    ]);
    play.event(timer(2, Timer::Wait)).event(timer(5, Timer::Wait));
    play.gives(&[
        "2 leave a-j",
        "j absorbed a-j",
        "5 leave z-done",
        "6 enter done",
        "end done",
        "6 leave",
        "ended done",
    ]);
}

#[test]
fn a_join_that_can_never_have_enough_is_an_incident() {
    let journey = meeting(json!(2));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"a": true, "b": false}))).event(timer(2, Timer::Wait));
    play.gives(&[
        "2 leave a-j",
        "3 enter j",
        "3 wait",
        "3 incident join.starved: the join needs 2 ways, 1 arrived, and no other can",
    ]);
    let skip = Event::IncidentSkipped {
        position: Position(3),
        by: "ana".to_owned(),
        outcome: "out".to_owned(),
    };
    play.event(skip).gives(&[
        "3 skipped by ana: out",
        "3 leave j-z",
        "4 enter z",
        "4 wait",
        "  ask 4 in 1h: timer",
    ]);
}

#[test]
fn parallel_ways_run_side_by_side_and_end_when_the_last_is_gone() {
    let wait = |id: &str| json!({"id": id, "kind": "wait", "for": "PT1H"});
    let nodes = json!([manual(), {"id": "p", "kind": "parallel"}, wait("a"), wait("b"), end("one"), end("two")]);
    let journey = journey(&nodes, &["start>p", "p>a", "p>b", "a>one", "b>two"]);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({})))
        .event(timer(3, Timer::Wait))
        .event(timer(3, Timer::Wait))
        .event(timer(2, Timer::Wait));
    play.gives(&[
        "3 leave b-two",
        "4 enter two",
        "end two",
        "4 leave",
        "rejected: nothing waits at position 3",
        "2 leave a-one",
        "5 enter one",
        "end one",
        "5 leave",
        "ended two",
    ]);
}

#[test]
fn a_wait_ends_at_its_time_and_not_twice() {
    let nodes = json!([manual(), {"id": "w", "kind": "wait", "until": "input.at"}, end("done")]);
    let journey = journey(&nodes, &["start>w", "w>done"]);
    let wait = |at: &str| {
        let mut play = Play::new(&journey);
        play.event(start(json!({ "at": at })));
        play.transcript.lines().last().unwrap().to_owned()
    };
    assert_eq!(wait("1970-01-05T12:00:00Z"), "  ask 1 in 2h: timer");
    assert_eq!(wait("1970-01-06"), "  ask 1 in 14h: timer");
    assert_eq!(
        wait("1970-01-05T09:00:00Z"),
        "  ask 1 in -1h: timer",
        "a time that has passed still waits for its timer"
    );
    assert!(wait("soon").contains("1 incident expression.failed"), "{}", wait("soon"));
}

#[test]
fn a_set_writes_in_order_and_later_nodes_see_the_account_it_wrote() {
    let both = json!({"id": "s", "kind": "set", "assign": [{"to": "vars.a", "value": "1"}, {"to": "vars.a", "value": "vars.a + 1"}, {"to": "account.tier", "value": "'gold'"}]});
    let nodes = json!([manual(), both, {"id": "d", "kind": "decision"}, end("gold"), end("other")]);
    let journey =
        journey(&nodes, &["start>s", "s>d", "d>gold?account.tier == 'gold'", "d:default>other"]);
    Play::new(&journey).of(json!({"tier": "tin"})).event(start(json!({}))).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-s",
        "1 enter s",
        "vars.a = 1",
        "vars.a = 2",
        r#"account.tier = "gold""#,
        "1 leave s-d",
        "2 enter d",
        "2 leave d-gold",
        "3 enter gold",
        "end gold",
        "3 leave",
        "ended gold",
        r#"  ask 1: write account {"tier":"gold"}"#,
    ]);
    let mut without = Play::new(&journey);
    without.event(start(json!({})));
    assert!(without.transcript.contains("incident account.missing"), "{}", without.transcript);
}

#[test]
fn a_trigger_takes_only_what_fits_and_is_admitted() {
    let trigger = json!({"id": "start", "kind": "trigger", "on": {"type": "manual"}, "input": {"type": "object", "required": ["id"]}, "entry": {"condition": "input.id != 'no' && account.ok"}});
    let journey = journey(&json!([trigger, end("done")]), &["start>done"]);
    let mut play = Play::new(&journey).of(json!({"ok": true}));
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!([deep]);
    }
    play.event(start(json!({})))
        .event(start(json!({"id": "no"})))
        .event(start(json!({"id": deep})))
        .event(start(json!({"id": "x".repeat(2_000_000)})))
        .event(Event::Started { trigger: "done".to_owned(), input: json!({}) })
        .event(timer(0, Timer::Wait))
        .event(Event::Cancelled { reason: "no".to_owned(), by: "ana".to_owned() })
        .event(start(json!({"id": "yes"})));
    play.gives(&[
        "rejected: the input does not fit the trigger: 'id' is required",
        "rejected: the entry condition does not hold: input.id != 'no' && account.ok",
        "rejected: the input does not fit the trigger: it is nested too deeply",
        "rejected: the input does not fit the trigger: it is larger than 1 MiB",
        "rejected: the journey has no trigger 'done'",
        "rejected: nothing waits at position 0",
        "rejected: nothing waits at position 0",
        "started by start",
        "0 enter start",
        "0 leave start-done",
        "1 enter done",
        "end done",
        "1 leave",
        "ended done",
    ]);
    let mut without = Play::new(&journey);
    without.event(start(json!({"id": "yes"})));
    without.gives(&["rejected: the entry condition has no answer: 'account.ok' is missing"]);
}

#[test]
fn an_exit_ends_everything_and_withdraws_its_tasks() {
    let task = json!({"id": "ask", "kind": "task", "name": "Ask", "owner": {"rule": "team", "team": "cs"}, "sla": {"due": "PT1H"}, "outcomes": [{"id": "yes", "label": "Yes"}]});
    let call = json!({"id": "call", "kind": "action", "connection": "c", "operation": "o", "input": {}, "output": "signed"});
    let nodes = json!([manual(), {"id": "p", "kind": "parallel"}, task, call, end("done")]);
    let edges: Vec<_> = ["start>p", "p>ask", "p>call", "ask:yes>done", "call>done"]
        .iter()
        .map(|edge| read_edge(edge))
        .collect();
    let exits = json!([{"when": "vars.signed", "outcome": "renewed"}]);
    let journey =
        build(json!({"format": 1, "name": "Exit", "nodes": nodes, "edges": edges, "exits": exits}));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).event(answered(3, json!(true))).event(timer(2, Timer::Due));
    play.gives(&[
        "3 answered true",
        "vars.signed = true",
        "3 leave call-done",
        "4 enter done",
        "end done",
        "4 leave",
        "ended renewed",
        "  ask 2: close: cancelled, the journey's exit 'renewed' was taken",
        "rejected: the instance is over",
    ]);
}

#[test]
fn a_cancelled_instance_withdraws_its_tasks_and_takes_nothing_more() {
    let journey = task_journey(json!({}));
    let mut play = Play::new(&journey);
    let cancel = || Event::Cancelled { reason: "churned".to_owned(), by: "ana@x".to_owned() };
    play.quietly(start(json!({"who": "Ada"})))
        .event(cancel())
        .event(cancel())
        .event(start(json!({})));
    play.gives(&[
        "cancelled by ana@x: churned",
        "  ask 1: close: cancelled, churned",
        "rejected: the instance is over",
        "rejected: the instance is over",
    ]);
    assert_eq!(play.instance.status(), Status::Cancelled);
}

#[test]
fn a_second_start_is_rejected() {
    let journey = task_journey(json!({}));
    Play::new(&journey)
        .quietly(start(json!({"who": "Ada"})))
        .event(start(json!({})))
        .gives(&["rejected: the instance has already started"]);
}

#[test]
fn an_answer_that_is_too_large_fails_the_call_and_is_not_kept() {
    let journey = action_journey(true);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"id": "7"}))).event(answered(1, json!("x".repeat(2_000_000))));
    assert_eq!(play.instance.outcome(), Some("bad"));
    assert!(play.instance.nodes()["call"].output.is_none());
}

#[test]
fn ways_that_double_without_end_are_stopped_with_nothing_changed() {
    let mut nodes = vec![manual()];
    let mut edges = vec!["start>p0".to_owned()];
    for at in 0..20 {
        nodes.push(json!({"id": format!("p{at}"), "kind": "parallel"}));
        let next = if at == 19 { "done".to_owned() } else { format!("p{}", at + 1) };
        nodes.push(set(&format!("s{at}"), "vars.x", "1"));
        edges.extend([format!("p{at}>s{at}"), format!("p{at}>{next}"), format!("s{at}>{next}")]);
    }
    nodes.push(end("done"));
    let edges: Vec<_> = edges.iter().map(String::as_str).collect();
    let journey = journey(&json!(nodes), &edges);
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let got = step(&journey, Instance::new(), start(json!({})), context);
    assert!(matches!(got, Err(Rejection::Limit { what: "nodes", .. })), "{got:?}");
}

#[test]
fn records_out_of_order_are_refused_and_change_nothing() {
    let journey = task_journey(json!({}));
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let step = step(&journey, Instance::new(), start(json!({"who": "Ada"})), context).unwrap();
    let mut instance = Instance::new();
    assert_eq!(instance.apply(&step.records[1]).unwrap_err().sequence, 1);
    assert_eq!(instance, Instance::new());
    let mut forged = step.records[0].clone();
    forged.fact = Fact::Left { position: Position(9), edges: Vec::new() };
    assert!(instance.apply(&forged).is_err());
    assert_eq!(instance, Instance::new());
}
