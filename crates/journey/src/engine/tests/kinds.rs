//! What the kinds of nodes beyond the first ten do.

use super::*;
use crate::{
    effect::{Ending, Parent, Seed, SlaState},
    event::SlaChange,
};

fn owner() -> Value {
    json!({"rule": "team", "team": "cs"})
}

fn sla() -> Value {
    json!({"due": "PT10H", "escalation": []})
}

fn approval(quorum: u64, limit: Option<&str>) -> Journey {
    let mut node = json!({"id": "ok", "kind": "approval", "title": "Discount {{ input.n }}", "owner": owner(), "sla": sla(), "quorum": quorum});
    if let Some(limit) = limit {
        node["limit"] = json!(limit);
    }
    journey(
        &json!([manual(), node, end("yes"), end("no")]),
        &["start>ok", "ok:approved>yes", "ok:rejected>no"],
    )
}

fn decided(by: &str, person: Value, outcome: &str) -> Event {
    Event::TaskCompleted {
        position: Position(1),
        by: by.to_owned(),
        person,
        outcome: outcome.to_owned(),
        form: json!({}),
    }
}

#[test]
fn an_approval_needs_as_many_people_as_it_says_each_once() {
    let journey = approval(2, None);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"n": 20}))).quietly(claimed(1, "ana@x"));
    play.event(decided("ana@x", Value::Null, "approved"))
        .gives(&["1 approved by ana@x", "  ask 1: assign nobody"]);
    play.event(claimed(1, "ana@x"))
        .gives(&["rejected: ana@x has approved already; someone else must, too"]);
    play.quietly(claimed(1, "cem@x")).quietly(Event::TaskDelegated {
        position: Position(1),
        by: "cem@x".to_owned(),
        to: "ana@x".to_owned(),
    });
    play.event(decided("ana@x", Value::Null, "approved"))
        .gives(&["rejected: ana@x has approved already; someone else must, too"]);
    play.quietly(Event::TaskReleased { position: Position(1), by: "ana@x".to_owned() });
    play.quietly(claimed(1, "ben@x")).quietly(decided("ben@x", Value::Null, "approved"));
    assert_eq!(play.instance.outcome(), Some("yes"));
}

#[test]
fn the_first_rejection_decides_an_approval() {
    let journey = approval(3, None);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"n": 20}))).quietly(claimed(1, "ana@x"));
    play.quietly(decided("ana@x", Value::Null, "rejected"));
    assert_eq!(play.instance.outcome(), Some("no"));
}

#[test]
fn an_approvals_limit_says_who_may_decide() {
    let journey = approval(1, Some("input.n <= 10 || by.role == 'admin' || 'finance' in by.teams"));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"n": 20}))).quietly(claimed(1, "ana@x"));
    play.event(decided("ana@x", json!({"role": "member", "teams": ["cs"]}), "approved"));
    assert!(play.transcript.contains("rejected: ana@x may not decide this"), "{}", play.transcript);
    play.quietly(decided("ana@x", json!({"role": "member", "teams": ["finance"]}), "approved"));
    assert_eq!(play.instance.outcome(), Some("yes"));
}

fn handoff(fields: Value) -> Journey {
    let node = json!({"id": "hand", "kind": "handoff", "name": "Hand over", "title": "Sales to CS", "from_team": "sales", "to_team": "cs", "sla": sla(),
        "fields": fields, "values": {"plan": "input.plan"}});
    journey(
        &json!([manual(), node, end("done")]),
        &["start>hand", "hand:accepted>done", "hand:sent_back>hand"],
    )
}

#[test]
fn a_handoff_is_sent_accepted_or_sent_back_with_a_reason() {
    let fields = json!({"type": "object", "properties": {"plan": {}, "goal": {}}, "required": ["plan", "goal"]});
    let journey = handoff(fields);
    let mut play = Play::new(&journey);
    play.event(start(json!({"plan": "gold"}))).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-hand",
        "1 enter hand",
        "1 wait",
        "  ask 1: offer 'Sales to CS' to sales",
        "  ask 1: mark Paused",
    ]);
    let resume = SlaChange::Resume;
    play.event(Event::SlaChanged { position: Position(1), by: "sam@x".to_owned(), change: resume })
        .gives(&["rejected: its clock starts when it is handed over"]);
    play.now = play.now.plus(20 * HOUR);
    play.quietly(claimed(1, "sam@x"));
    play.event(completed(1, "sam@x", "accepted", json!({"plan": "gold", "goal": "grow"})))
        .event(completed(1, "sam@x", "send", json!({"plan": "gold"})))
        .event(completed(1, "sam@x", "send", json!({"plan": "gold", "goal": "grow"})));
    play.gives(&[
        "rejected: there is no outcome 'accepted' here",
        "rejected: the form does not fit: 'goal' is required",
        "1 completed by sam@x: send",
        "1 leave",
        "2 enter hand",
        "2 wait",
        "  ask 1: close: send",
        "  ask 2: offer 'Sales to CS' to cs",
        "  ask 2 in 8h: timer warning",
        "  ask 2 in 10h: timer due",
    ]);
    play.quietly(claimed(2, "cem@x"));
    play.event(completed(2, "cem@x", "sent_back", json!({})))
        .gives(&["rejected: the form does not fit: say why it is sent back"]);
    play.quietly(completed(2, "cem@x", "sent_back", json!({"reason": "which goal?"})));
    let left = &play.instance.nodes()["hand"];
    assert_eq!(left.form, Some(json!({"plan": "gold", "goal": "grow"}).into()));
    assert_eq!(left.output, Some(json!({"reason": "which goal?"}).into()));
    play.quietly(claimed(3, "sam@x"));
    play.quietly(completed(3, "sam@x", "send", json!({"plan": "gold", "goal": "retain"})));
    play.quietly(claimed(4, "cem@x")).quietly(completed(4, "cem@x", "accepted", json!({})));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn a_handoff_asks_only_for_what_is_not_known() {
    let fields = json!({"type": "object", "properties": {"plan": {"type": "string"}, "goal": {"type": "string"}}, "required": ["plan", "goal"]});
    let journey = handoff(fields);
    let form_of = |instance: &Instance, event: Event| {
        let calendars = Calendars::default();
        let context = Context { now: Timestamp(MONDAY), account: None, calendars: &calendars };
        let step = step(&journey, instance.clone(), event, context).unwrap();
        let offer = step.effects.into_iter().find_map(|effect| match effect.ask {
            Ask::OfferTask(offer) => Some(offer),
            _ => None,
        });
        offer.unwrap().form
    };
    let form = form_of(&Instance::new(), start(json!({"plan": "gold"})));
    assert_eq!(form["required"], json!(["goal"]));
    assert_eq!(form["properties"]["plan"]["default"], json!("gold"));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"plan": "gold"}))).quietly(claimed(1, "sam@x"));
    play.quietly(completed(1, "sam@x", "send", json!({"goal": "grow"})));
    let sent = play.instance.nodes()["hand"].form.clone();
    assert_eq!(sent, Some(json!({"plan": "gold", "goal": "grow"}).into()));
    play.quietly(claimed(2, "cem@x"));
    // What was sent stands there when it comes back.
    let back = completed(2, "cem@x", "sent_back", json!({"reason": "which goal?"}));
    let form = form_of(&play.instance, back.clone());
    assert_eq!(form["required"], json!([]));
    assert_eq!(form["properties"]["goal"]["default"], json!("grow"));
    play.quietly(back).quietly(claimed(3, "sam@x"));
    play.quietly(completed(3, "sam@x", "send", json!({"goal": "retain"})));
    let sent = play.instance.nodes()["hand"].form.clone();
    assert_eq!(sent, Some(json!({"plan": "gold", "goal": "retain"}).into()));
}

#[test]
fn each_visit_of_a_handoff_begins_with_the_sending_team() {
    let fields =
        json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]});
    let hand = json!({"id": "hand", "kind": "handoff", "name": "Hand over", "from_team": "sales", "to_team": "cs", "sla": sla(), "fields": fields,
        "timers": [{"id": "late", "after": "PT1H", "interrupting": true}]});
    let wait = json!({"id": "rest", "kind": "wait", "for": "PT2H"});
    let both = json!({"id": "both", "kind": "parallel"});
    let ways = [
        "start>both",
        "both>hand",
        "both>rest",
        "rest>hand",
        "hand:accepted>done",
        "hand:sent_back>back",
        "hand:late>rest",
    ];
    let journey = journey(&json!([manual(), both, hand, wait, end("done"), end("back")]), &ways);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({})));
    let position = play.instance.waits().iter().find(|wait| wait.node == "hand").unwrap().position;
    play.quietly(claimed(position.0, "sam@x"));
    play.quietly(completed(position.0, "sam@x", "send", json!({"a": "FIRST"})));
    let rest = play.instance.waits().iter().find(|wait| wait.node == "rest").unwrap().position;
    // The other branch comes while the first is being accepted.
    play.after(2 * HOUR, timer(rest.0, Timer::Wait));
    assert!(
        play.transcript.contains("  ask 5: offer 'Hand over' to sales\n"),
        "{}",
        play.transcript
    );
}

#[test]
fn what_does_not_fit_the_fields_of_a_handoff_is_asked() {
    let fields =
        json!({"type": "object", "properties": {"plan": {"type": "string"}}, "required": ["plan"]});
    let journey = handoff(fields);
    for (input, team) in [
        (json!({"plan": "gold"}), "cs"),
        (json!({"plan": 42}), "sales"),
        (json!({"plan": null}), "sales"),
        (json!({}), "sales"),
    ] {
        let mut play = Play::new(&journey);
        play.event(start(input));
        assert!(
            play.transcript.contains(&format!("offer 'Sales to CS' to {team}")),
            "{}",
            play.transcript
        );
    }
}

#[test]
fn a_clock_without_its_calendar_can_be_stopped_and_cancelled() {
    let journey = promised();
    for over in [SlaChange::Stop, SlaChange::Cancel { reason: "gone".to_owned() }] {
        let mut play = Play::new(&journey);
        play.quietly(start(json!({})));
        let hours = crate::calendar::WeeklyHours::on_working_days("09:00", "17:00");
        let (name, time_zone) = ("other".to_owned(), "UTC".to_owned());
        let draft = crate::calendar::CalendarDraft { name, time_zone, hours, ..Default::default() };
        let other = crate::calendar::Calendar::try_from(draft).unwrap();
        play.calendars = Calendars::new(other, []);
        play.event(change(SlaChange::Resume)).event(change(over));
        assert!(
            play.transcript.starts_with("rejected: there is no calendar 'standard'"),
            "{}",
            play.transcript
        );
        assert!(clock(&play).is_over());
    }
}

#[test]
fn a_promise_that_is_over_is_not_escalated() {
    let sla = json!({"due": "PT1H", "escalation": [{"at": "PT2H", "do": "notify", "to": owner()}]});
    let task = json!({"id": "ask", "kind": "task", "owner": owner(), "sla": sla, "outcomes": [{"id": "ok"}]});
    let journey = journey(&json!([manual(), task, end("done")]), &["start>ask", "ask:ok>done"]);
    let rung = || timer(1, Timer::Escalation { step: 0 });
    let dropped = || SlaChange::Cancel { reason: "dropped".to_owned() };
    for (over, standing) in [(SlaChange::Stop, SlaState::Met), (dropped(), SlaState::Cancelled)] {
        let mut play = Play::new(&journey);
        play.quietly(start(json!({}))).quietly(change(over));
        assert_eq!(play.instance.waits()[0].sla(), Some(standing));
        play.after(3 * HOUR, rung()).gives(&[]);
    }
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).after(3 * HOUR, rung());
    assert!(play.transcript.contains("1 escalated, step 0"), "{}", play.transcript);
}

#[test]
fn a_handoff_with_nothing_left_to_ask_goes_to_the_receiving_team_at_once() {
    let fields = json!({"type": "object", "properties": {"plan": {}}, "required": ["plan"]});
    let journey = handoff(fields);
    let mut play = Play::new(&journey);
    play.event(start(json!({"plan": "gold"})));
    assert!(play.transcript.contains("1 handed over {\"plan\":\"gold\"}"), "{}", play.transcript);
    assert!(play.transcript.contains("offer 'Sales to CS' to cs"), "{}", play.transcript);
}

#[test]
fn a_task_is_delegated_by_whoever_has_it() {
    let journey = approval(1, None);
    let give = |by: &str| Event::TaskDelegated {
        position: Position(1),
        by: by.to_owned(),
        to: "ben@x".to_owned(),
    };
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"n": 1}))).quietly(claimed(1, "ana@x"));
    play.event(give("eve@x")).event(give("ana@x")).gives(&[
        "rejected: the task is not claimed by eve@x",
        "1 given to ben@x by ana@x",
        "  ask 1: assign ben@x",
    ]);
    play.quietly(decided("ben@x", Value::Null, "approved"));
    assert_eq!(play.instance.outcome(), Some("yes"));
}

fn ai_check() -> Journey {
    let node = json!({"id": "look", "kind": "ai_check", "connection": "ai", "operation": "check", "input": {}, "threshold": 0.8,
        "verdict": {"type": "object", "required": ["risk"]}, "retry": {"attempts": 1}});
    journey(
        &json!([manual(), node, end("good"), end("bad"), end("person")]),
        &["start>look", "look:passed>good", "look:failed>bad", "look:unsure>person"],
    )
}

#[test]
fn an_ai_check_is_followed_only_when_it_is_sure_enough() {
    let journey = ai_check();
    let answer = |passed: bool, confidence: f64| json!({"passed": passed, "confidence": confidence, "evidence": ["p. 3"], "risk": "low"});
    let mut without_risk = answer(true, 0.9);
    without_risk.as_object_mut().unwrap().remove("risk");
    let mut without_evidence = answer(true, 0.9);
    without_evidence.as_object_mut().unwrap().remove("evidence");
    let cases = [
        (answer(true, 0.9), "good"),
        (answer(false, 0.8), "bad"),
        (answer(true, 0.79), "person"),
        (answer(true, 7.0), "person"),
        (without_risk, "person"),
        (without_evidence, "person"),
        (json!("yes"), "person"),
    ];
    for (answer, outcome) in cases {
        let mut play = Play::new(&journey);
        play.quietly(start(json!({}))).event(answered(1, answer));
        assert_eq!(play.instance.outcome(), Some(outcome), "{}", play.transcript);
    }
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).event(call_failed(1, transient()));
    assert_eq!(play.instance.outcome(), Some("person"), "the machine is away");
}

fn table(hit: &str) -> Journey {
    let node = json!({"id": "t", "kind": "decision", "table": {"hit": hit, "inputs": ["input.segment", "input.arr", "input.vip"], "rules": [
        {"when": ["'smb'", "-", ""], "set": {"tier": "'low'"}, "port": "low"},
        {"when": ["'enterprise'", "it >= 500", ""], "set": {"tier": "'gold'"}, "port": "high"},
        {"when": ["-", "100", "true"], "set": {"tier": "'vip'"}, "port": "high"},
        {"when": ["input.segment != 'smb'", "", ""], "set": {"tier": "'mid'"}, "port": "low"}]}});
    journey(
        &json!([manual(), node, end("low"), end("high"), end("none")]),
        &["start>t", "t:low>low", "t:high>high", "t:default>none"],
    )
}

#[test]
fn a_table_takes_the_first_rule_that_holds() {
    let journey = table("first");
    let cases = [
        (json!({"segment": "smb", "arr": 900, "vip": true}), "low", "low"),
        (json!({"segment": "enterprise", "arr": 500, "vip": false}), "high", "gold"),
        (json!({"segment": "mid", "arr": 100.0, "vip": true}), "high", "vip"),
        (json!({"segment": "mid", "arr": 100, "vip": false}), "low", "mid"),
    ];
    for (input, outcome, tier) in cases {
        let mut play = Play::new(&journey);
        play.event(start(input));
        assert_eq!(play.instance.outcome(), Some(outcome), "{}", play.transcript);
        assert_eq!(play.instance.vars()["tier"], tier);
    }
}

#[test]
fn a_collecting_table_takes_every_rule_that_holds() {
    let journey = table("collect");
    let mut play = Play::new(&journey);
    play.event(start(json!({"segment": "enterprise", "arr": 600, "vip": true})));
    assert!(play.transcript.contains("1 rules [1, 3]"), "{}", play.transcript);
    assert_eq!(play.instance.vars()["tier"], json!(["gold", "mid"]));
    assert!(play.transcript.contains("1 leave t-low t-high"), "{}", play.transcript);
}

#[test]
fn a_table_whose_cell_has_no_value_is_an_incident_that_names_the_rule() {
    let journey = table("first");
    let mut play = Play::new(&journey);
    play.event(start(json!({"segment": "enterprise", "arr": "much", "vip": true})));
    assert!(
        play.transcript.contains("1 incident expression.failed: the table's rule 2"),
        "{}",
        play.transcript
    );
}

fn waiting(wait: Value) -> Journey {
    let mut node = json!({"id": "w", "kind": "wait", "timeout": "P2D"});
    node.as_object_mut().unwrap().extend(wait.as_object().unwrap().clone());
    journey(
        &json!([
            manual(),
            node,
            set("keep", "vars.kept", "has(nodes.w.output.sum)"),
            end("came"),
            end("late")
        ]),
        &["start>w", "w>keep", "keep>came", "w:timeout>late"],
    )
}

#[test]
fn a_wait_for_an_event_takes_it_once_or_times_out() {
    let journey = waiting(
        json!({"event": {"name": "paid", "key": "event.data.invoice", "mine": "input.invoice"}}),
    );
    let event =
        crate::journey::event_scope(&json!({"type": "paid", "data": {"invoice": 7, "sum": 3}}));
    assert_eq!(journey.correlation_key("w", &event), Ok(Some("7".to_owned())));
    let mut play = Play::new(&journey);
    play.event(start(json!({"invoice": 7}))).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-w",
        "1 enter w",
        "1 wait",
        "  ask 1: listen for paid 7",
        "  ask 1 in 48h: timer timeout",
    ]);
    let received = || Event::Received { position: Position(1), received: event.clone() };
    play.event(received()).event(received());
    assert_eq!(play.instance.outcome(), Some("came"));
    assert_eq!(play.instance.vars()["kept"], json!(true));
    assert!(play.transcript.ends_with("rejected: the instance is over\n"), "{}", play.transcript);
    let mut late = Play::new(&journey);
    late.quietly(start(json!({"invoice": 7}))).after(2 * DAY, timer(1, Timer::Timeout));
    assert_eq!(late.instance.outcome(), Some("late"));
}

#[test]
fn an_event_without_data_leaves_null_which_is_kept() {
    let journey =
        waiting(json!({"event": {"name": "paid", "key": "event.type", "mine": "input.invoice"}}));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"invoice": "paid"})));
    // Play reads each state as it was written, and compares.
    play.event(Event::Received { position: Position(1), received: json!({"type": "paid"}) });
    assert_eq!(play.instance.nodes()["w"].output, Some(Value::Null.into()));
}

#[test]
fn a_wait_without_a_key_is_an_incident() {
    let journey =
        waiting(json!({"event": {"name": "paid", "key": "event.id", "mine": "input.invoice"}}));
    let mut play = Play::new(&journey);
    play.event(start(json!({"invoice": ""})));
    assert!(play.transcript.contains("incident key.missing"), "{}", play.transcript);
}

#[test]
fn a_wait_for_a_condition_goes_on_when_the_account_makes_it_hold() {
    let journey = waiting(json!({"condition": "account.health > 50"}));
    let mut play = Play::new(&journey).of(json!({"health": 10}));
    play.event(start(json!({}))).event(Event::AccountChanged).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-w",
        "1 enter w",
        "1 wait",
        "  ask 1 in 48h: timer timeout",
    ]);
    assert!(play.instance.watches_account(&journey));
    play.account = Some(json!({"health": 60}));
    play.event(Event::AccountChanged);
    assert!(play.transcript.starts_with("1 holds\n1 leave w-keep\n"), "{}", play.transcript);
    assert_eq!(play.instance.outcome(), Some("came"));
    let mut at_once = Play::new(&journey).of(json!({"health": 60}));
    at_once.event(start(json!({})));
    assert_eq!(at_once.instance.outcome(), Some("came"));
}

#[test]
fn a_condition_that_reads_the_time_is_looked_at_again() {
    let journey = waiting(json!({"condition": "now > timestamp('1970-01-05T11:30:00Z')"}));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({})));
    play.after(HOUR, timer(1, Timer::Recheck)).gives(&["  ask 1 in 1h: timer recheck"]);
    play.after(HOUR, timer(1, Timer::Recheck));
    assert_eq!(play.instance.outcome(), Some("came"));
}

#[test]
fn an_exit_is_taken_when_the_account_changes() {
    let journey = build(
        json!({"format": 1, "name": "Exit", "exits": [{"when": "account.signed", "outcome": "signed"}],
        "nodes": [manual(), {"id": "w", "kind": "wait", "for": "P9D"}, end("lapsed")],
        "edges": [read_edge("start>w"), read_edge("w>lapsed")]}),
    );
    let mut play = Play::new(&journey).of(json!({"signed": false}));
    play.quietly(start(json!({})));
    assert!(play.instance.watches_account(&journey));
    play.account = Some(json!({"signed": true}));
    play.event(Event::AccountChanged).gives(&["ended signed"]);
    assert!(!play.instance.watches_account(&journey));
}

fn each(mode: &str, error: bool) -> Journey {
    let node = json!({"id": "each", "kind": "for_each", "items": "input.sites", "as": "site", "body": "visit", "mode": mode, "max": 3});
    let mut nodes = vec![manual(), node, end("done")];
    let mut edges = vec!["start>each", "each>done"];
    if error {
        nodes.push(end("failed"));
        edges.push("each:error>failed");
    }
    journey(&json!(nodes), &edges)
}

fn ended(index: u32, outcome: &str) -> Event {
    let vars = [("n".to_owned(), json!(index))].into_iter().collect();
    let ending = Ending::Ended { outcome: outcome.to_owned(), vars };
    Event::ChildEnded { position: Position(1), index, ending }
}

fn started(index: u32) -> Event {
    Event::ChildStarted { position: Position(1), index, instance: format!("ins_{index}") }
}

#[test]
fn items_in_sequence_run_one_after_another() {
    let journey = each("sequence", false);
    let mut play = Play::new(&journey);
    play.event(start(json!({"sites": ["a", "b"]}))).gives(&[
        "started by start",
        "0 enter start",
        "0 leave start-each",
        "1 enter each",
        "1 wait",
        "1 child 0 asked",
        r#"  ask 1: start child 0 {"follows":"journey","journey":"visit"} with {"index":0,"input":{"sites":["a","b"]},"site":"a"}"#,
    ]);
    play.quietly(started(0)).event(ended(1, "early")).event(ended(0, "ok")).gives(&[
        "rejected: nothing waits at position 1",
        r#"1 child 0 over: {"ending":"ended","outcome":"ok","vars":{"n":0}}"#,
        "1 child 1 asked",
        r#"  ask 1: start child 1 {"follows":"journey","journey":"visit"} with {"index":1,"input":{"sites":["a","b"]},"site":"b"}"#,
    ]);
    play.quietly(ended(1, "ok"));
    assert_eq!(play.instance.outcome(), Some("done"));
    let output = play.instance.nodes()["each"].output.clone().unwrap();
    assert_eq!(output[1], json!({"index": 1, "outcome": "ok", "vars": {"n": 1}}));
}

#[test]
fn items_in_parallel_run_together_and_one_that_fails_is_told_when_all_are_over() {
    for error in [true, false] {
        let journey = each("parallel", error);
        let mut play = Play::new(&journey);
        play.event(start(json!({"sites": [1, 2, 3]})));
        assert_eq!(play.transcript.matches("ask 1: start child").count(), 3);
        let ending = Ending::Cancelled { reason: "closed".to_owned() };
        play.quietly(Event::ChildEnded { position: Position(1), index: 1, ending });
        assert_eq!(play.instance.status(), Status::Running);
        play.quietly(ended(2, "ok")).event(ended(0, "ok"));
        if error {
            assert_eq!(play.instance.outcome(), Some("failed"));
        } else {
            assert!(play.transcript.contains("1 incident journey.failed"), "{}", play.transcript);
            play.event(Event::IncidentRetried { position: Position(1), by: "ana".to_owned() });
            assert!(play.transcript.contains("ask 2: start child 0"), "new ones at a new position");
        }
    }
}

#[test]
fn items_are_a_list_of_at_most_as_many_as_it_says() {
    let journey = each("sequence", false);
    for (sites, code) in [
        (json!([1, 2, 3, 4]), "limit.items"),
        (json!("a"), "expression.failed"),
        (json!(vec![0; 5_000]), "limit.items"),
        (json!(vec![0; 100_000]), "limit.items"),
    ] {
        let mut play = Play::new(&journey);
        play.event(start(json!({"sites": sites})));
        let incident = play.transcript.lines().find(|line| line.contains("1 incident"));
        assert!(incident.is_some_and(|line| line.contains(code)), "{}", play.transcript);
    }
    let mut play = Play::new(&journey);
    play.event(start(json!({"sites": []})));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn an_item_can_be_added_while_others_run() {
    let journey = each("parallel", false);
    let add =
        || Event::ItemAdded { position: Position(1), item: json!("late"), by: "ana".to_owned() };
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"sites": ["a", "b"]})));
    play.event(add());
    assert!(play.transcript.contains("ask 1: start child 2"), "{}", play.transcript);
    play.transcript.clear();
    play.event(add()).gives(&["rejected: the step reached the limit of 3 items"]);
    play.quietly(ended(0, "ok")).quietly(ended(1, "ok")).quietly(ended(2, "ok"));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn a_part_of_the_drawing_runs_below_with_the_variables_of_its_parent() {
    let each = json!({"id": "each", "kind": "for_each", "items": "[1, 2]", "as": "n", "body": {"from": "add", "to": "pause"}, "mode": "parallel"});
    let journey = journey(
        &json!([
            manual(),
            set("base", "vars.base", "10"),
            each,
            end("done"),
            set("add", "vars.sum", "vars.base + vars.n"),
            {"id": "pause", "kind": "wait", "for": "PT1H"}
        ]),
        &["start>base", "base>each", "each>done", "add>pause"],
    );
    let mut play = Play::new(&journey);
    play.event(start(json!({})));
    let want = r#"start child 1 {"follows":"part","from":"add"} with {}"#;
    assert!(play.transcript.contains(want), "{}", play.transcript);
    let parent = Parent {
        instance: "ins_1".to_owned(),
        position: Position(2),
        index: 1,
        depth: 1,
        room: 100,
    };
    let vars = json!({"base": 10, "n": 2, "index": 1}).as_object().unwrap().clone();
    let seed = Some(Box::new(Seed { vars, nodes: std::collections::BTreeMap::new() }));
    let mut below = Play::new(&journey);
    below.event(Event::StartedBelow { node: "add".to_owned(), input: json!({}), parent, seed });
    below.after(HOUR, timer(1, Timer::Wait));
    assert!(
        below.transcript.ends_with(
            "ended ended\n  ask 0: report to 2 1: {\"ending\":\"ended\",\"outcome\":\"ended\",\"vars\":{\"base\":10,\"index\":1,\"n\":2,\"sum\":12}}\n"
        ),
        "{}",
        below.transcript
    );
}

fn calling(waits: bool) -> Journey {
    let node = json!({"id": "call", "kind": "journey", "journey": "adoption", "version": 3, "input": {"who": "input.id"},
        "output": {"crm": "output.vars.n", "how": "output.outcome"}, "wait": waits});
    journey(
        &json!([manual(), node, end("done"), end("failed")]),
        &["start>call", "call>done", "call:error>failed"],
    )
}

#[test]
fn a_sub_journey_gives_back_what_its_output_maps() {
    let journey = calling(true);
    let mut play = Play::new(&journey);
    play.event(start(json!({"id": "7"})));
    let want =
        r#"start child 0 {"follows":"journey","journey":"adoption","version":3} with {"who":"7"}"#;
    assert!(play.transcript.contains(want), "{}", play.transcript);
    play.quietly(started(0));
    assert_eq!(play.instance.status(), Status::Running);
    play.quietly(ended(0, "healthy"));
    assert_eq!(play.instance.vars()["how"], "healthy");
    assert_eq!(play.instance.vars()["crm"], 0);
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn a_sub_journey_that_is_not_waited_for_goes_on_when_it_has_started() {
    let journey = calling(false);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"id": "7"}))).quietly(started(0));
    assert_eq!(play.instance.outcome(), Some("done"));
    let mut play = Play::new(&journey);
    let ending = Ending::NotStarted { message: "no such journey".to_owned() };
    play.quietly(start(json!({"id": "7"})));
    play.quietly(Event::ChildEnded { position: Position(1), index: 0, ending });
    assert_eq!(play.instance.outcome(), Some("failed"));
}

#[test]
fn journeys_that_call_one_another_without_end_are_stopped() {
    let journey = calling(true);
    let parent = Parent {
        instance: "ins_1".to_owned(),
        position: Position(1),
        index: 0,
        depth: crate::limits::DEPTH,
        room: 100,
    };
    let mut play = Play::new(&journey);
    let input = json!({"id": "7"});
    play.event(Event::StartedBelow { node: "start".to_owned(), input, parent, seed: None });
    assert!(!play.transcript.contains("start child"), "{}", play.transcript);
    assert_eq!(play.instance.outcome(), Some("failed"));
}

#[test]
fn a_cancelled_instance_stops_those_below_it_and_tells_the_one_above() {
    let journey = calling(true);
    let parent = Parent {
        instance: "ins_1".to_owned(),
        position: Position(4),
        index: 2,
        depth: 1,
        room: 100,
    };
    let mut play = Play::new(&journey);
    let input = json!({"id": "7"});
    play.quietly(Event::StartedBelow { node: "start".to_owned(), input, parent, seed: None });
    play.event(Event::Cancelled { reason: "gone".to_owned(), by: "ana".to_owned() }).gives(&[
        "cancelled by ana: gone",
        "  ask 1: stop children: gone",
        r#"  ask 0: report to 4 2: {"ending":"cancelled","reason":"gone"}"#,
    ]);
}

fn undoable() -> Journey {
    let action = |id: &str| {
        json!({"id": id, "kind": "action", "connection": "crm", "operation": "add", "input": {"id": format!("'{id}'")},
        "undo": {"operation": "remove", "input": {"id": format!("nodes.{id}.output.id")}}, "retry": {"attempts": 2, "backoff": "PT1H", "max": "PT1H"}})
    };
    let task = json!({"id": "ask", "kind": "task", "owner": owner(), "sla": sla(), "outcomes": [{"id": "ok"}]});
    journey(
        &json!([manual(), action("a"), action("b"), task, end("done")]),
        &["start>a", "a>b", "b>ask", "ask:ok>done"],
    )
}

#[test]
fn what_was_done_is_undone_in_reverse_when_the_instance_is_cancelled() {
    let journey = undoable();
    let mut play = Play::new(&journey);
    play.quietly(start(json!({})));
    play.quietly(answered(1, json!({"id": 11}))).quietly(answered(2, json!({"id": 22})));
    let cancel = || Event::Cancelled { reason: "churned".to_owned(), by: "ana".to_owned() };
    play.event(cancel()).event(cancel()).gives(&[
        "cancelling by ana: churned",
        "4 enter b",
        "4 wait",
        "  ask 3: close: cancelled, churned",
        r#"  ask 4: call crm.remove {"id":22} attempt 1"#,
        "rejected: it is being cancelled already: what was done is undone",
    ]);
    play.event(call_failed(4, transient())).event(answered(4, json!({}))).gives(&[
        "4 attempt 1 failed: http.503",
        "4 attempt 2 to come",
        r#"  ask 4 in 1h: call crm.remove {"id":22} attempt 2"#,
        "4 undone",
        "5 enter a",
        "5 wait",
        r#"  ask 5: call crm.remove {"id":11} attempt 1"#,
    ]);
    let permanent = Failure { kind: FailureKind::Permanent, ..transient() };
    play.quietly(call_failed(5, permanent));
    assert_eq!(play.instance.status(), Status::Incident);
    play.event(Event::IncidentRetried { position: Position(5), by: "ana".to_owned() })
        .event(answered(5, json!({})))
        .gives(&[
            "5 retried by ana",
            "5 wait",
            r#"  ask 5: call crm.remove {"id":11} attempt 1"#,
            "5 undone",
            "cancelled by ana: churned",
        ]);
    assert_eq!(play.instance.status(), Status::Cancelled);
}

#[test]
fn an_undo_that_cannot_be_made_is_skipped_by_a_person() {
    let journey = undoable();
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).quietly(answered(1, json!({"id": 11})));
    play.quietly(Event::Cancelled { reason: "x".to_owned(), by: "ana".to_owned() });
    play.quietly(call_failed(3, Failure { kind: FailureKind::Permanent, ..transient() }));
    let outcome = "out".to_owned();
    play.quietly(Event::IncidentSkipped { position: Position(3), by: "ana".to_owned(), outcome });
    assert_eq!(play.instance.status(), Status::Cancelled);
}

#[test]
fn nodes_that_share_a_turn_are_at_work_one_at_a_time() {
    let task = |id: &str| json!({"id": id, "kind": "task", "owner": owner(), "sla": sla(), "outcomes": [{"id": "ok"}], "turn": "room"});
    let journey = journey(
        &json!([manual(), {"id": "p", "kind": "parallel"}, task("a"), task("b"), {"id": "j", "kind": "join"}, end("done")]),
        &["start>p", "p>a", "p>b", "a:ok>j", "b:ok>j", "j>done"],
    );
    let mut play = Play::new(&journey);
    play.event(start(json!({})));
    assert_eq!(play.transcript.matches("offer").count(), 1, "{}", play.transcript);
    play.quietly(claimed(2, "ana@x")).event(completed(2, "ana@x", "ok", json!({})));
    assert!(play.transcript.contains("3 its turn\n3 wait\n"), "{}", play.transcript);
    play.quietly(claimed(3, "ana@x")).event(completed(3, "ana@x", "ok", json!({})));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn a_milestone_measures_from_the_start_and_sets_the_stage() {
    let milestone =
        json!({"id": "live", "kind": "milestone", "milestone": "go-live", "stage": "adoption"});
    let journey = journey(
        &json!([manual(), {"id": "w", "kind": "wait", "for": "PT2H"}, milestone, end("done")]),
        &["start>w", "w>live", "live>done"],
    );
    let mut play = Play::new(&journey).of(json!({"id": "acc_1"}));
    play.quietly(start(json!({}))).after(2 * HOUR, timer(1, Timer::Wait));
    assert!(
        play.transcript.contains("2 milestone go-live after 7200000 ms"),
        "{}",
        play.transcript
    );
    assert!(play.transcript.contains(r#"write account {"lifecycle_stage":"adoption"}"#));
    let mut nobody = Play::new(&journey);
    nobody.quietly(start(json!({}))).after(2 * HOUR, timer(1, Timer::Wait));
    assert!(nobody.transcript.contains("2 incident account.missing"), "{}", nobody.transcript);
}

fn notify(channel: &str) -> Journey {
    let node = json!({"id": "tell", "kind": "notify", "channel": channel, "to": "input.who", "subject": "Hello {{ input.name }}", "body": "It is due.", "cap": 2});
    journey(&json!([manual(), node, end("done")]), &["start>tell", "tell>done"])
}

#[test]
fn a_message_is_sent_like_a_call() {
    let journey = notify("email");
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"who": "cs", "name": "Ada"})));
    play.event(call_failed(1, transient())).gives(&[
        "1 attempt 1 failed: http.503",
        "1 attempt 2 to come",
        "  ask 1 in 0.0002777777777777778h: send 'Hello Ada' to cs",
    ]);
    play.quietly(answered(1, json!({"sent": true})));
    assert_eq!(play.instance.outcome(), Some("done"));
    let mut refused = Play::new(&journey);
    refused.quietly(start(json!({"who": "ana@x", "name": "Ada"})));
    refused.event(call_failed(1, Failure { kind: FailureKind::Permanent, ..transient() }));
    assert_eq!(refused.instance.status(), Status::Incident);
}

#[test]
fn a_message_inside_the_product_is_only_written_down() {
    let journey = notify("app");
    let mut play = Play::new(&journey);
    play.event(start(json!({"who": "ana@x", "name": "Ada"})));
    assert!(play.transcript.contains("told ana@x: Hello Ada: It is due."));
    assert!(play.transcript.contains("notify ana@x of 'Hello Ada: It is due.'"));
    assert_eq!(play.instance.outcome(), Some("done"));
    let mut nobody = Play::new(&journey);
    nobody.event(start(json!({"who": "", "name": "Ada"})));
    assert!(nobody.transcript.contains("incident owner.unresolved"), "{}", nobody.transcript);
}

#[test]
fn a_message_through_a_connection_calls_its_notify_operation() {
    let journey = notify("chat");
    let mut play = Play::new(&journey);
    play.event(start(json!({"who": "cs", "name": "Ada"})));
    let want = r#"call chat.notify {"body":"It is due.","subject":"Hello Ada","to":{"team":"cs"}} attempt 1"#;
    assert!(play.transcript.contains(want), "{}", play.transcript);
}

fn race(cancel_rest: bool, everything: bool) -> Journey {
    let last = json!({"id": "done", "kind": "end", "outcome": "done", "everything": everything});
    journey(
        &json!([manual(), {"id": "p", "kind": "parallel"}, {"id": "a", "kind": "wait", "for": "PT1H"}, {"id": "b", "kind": "wait", "for": "PT9H"},
            {"id": "c", "kind": "wait", "for": "PT9H"}, {"id": "j", "kind": "join", "need": "any", "cancel_rest": cancel_rest}, last, end("other")]),
        &["start>p", "p>a", "p>b", "p>c", "a>j", "b>j", "c>other", "j>done"],
    )
}

#[test]
fn a_join_that_cancels_the_rest_withdraws_what_could_still_arrive() {
    let journey = race(true, false);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).after(HOUR, timer(2, Timer::Wait)).gives(&[
        "2 leave a-j",
        "5 enter j",
        "5 wait",
        "3 withdrawn: 'j' went on without it",
        "5 leave j-done",
        "6 enter done",
        "end done",
        "6 leave",
    ]);
    play.event(timer(3, Timer::Wait)).event(timer(4, Timer::Wait));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn an_end_of_everything_withdraws_all_other_branches() {
    let journey = race(false, true);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).after(HOUR, timer(2, Timer::Wait));
    assert!(play.transcript.contains("4 withdrawn: the end 'done' was reached"));
    assert_eq!(play.instance.outcome(), Some("done"));
}

#[test]
fn an_instance_is_ended_at_an_incident_with_the_outcome_a_person_names() {
    let journey = notify("email");
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"who": "", "name": "Ada"})));
    let end = || Event::IncidentEnded {
        position: Position(1),
        by: "ana".to_owned(),
        outcome: "given_up".to_owned(),
    };
    play.event(end()).event(end()).gives(&[
        "1 ended by ana",
        "ended given_up",
        "rejected: the instance is over",
    ]);
}

#[test]
fn a_message_outside_its_hours_goes_out_when_the_calendar_opens() {
    let node = json!({"id": "tell", "kind": "notify", "channel": "email", "to": "'ana@x'", "subject": "S", "body": "B", "hours": "standard"});
    let journey = journey(&json!([manual(), node, end("done")]), &["start>tell", "tell>done"]);
    let mut play = Play::new(&journey);
    // Monday 20:00: the standard calendar opens at 09:00 the next day.
    play.after(10 * HOUR, start(json!({})));
    assert!(play.transcript.contains("ask 1 in 13h: send 'S' to ana@x"), "{}", play.transcript);
    assert_eq!(
        play.instance.waits()[0].due(),
        Some(play.now.plus(13 * HOUR)),
        "it says until when"
    );
}

#[test]
fn a_calendar_nobody_knows_is_an_incident_until_there_is_one() {
    let node =
        json!({"id": "w", "kind": "wait", "for": {"business": "P1D", "calendar": "account"}});
    let journey = journey(&json!([manual(), node, end("done")]), &["start>w", "w>done"]);
    let mut play = Play::new(&journey).of(json!({"calendar": "mars"}));
    play.quietly(start(json!({})));
    assert_eq!(play.instance.status(), Status::Incident);
    play.account = Some(json!({"calendar": "standard"}));
    play.event(Event::IncidentRetried { position: Position(1), by: "ana".to_owned() });
    assert!(play.transcript.contains("ask 1 in 24h: timer"), "{}", play.transcript);
}

fn promised() -> Journey {
    let sla = json!({"due": {"business": "PT8H", "calendar": "standard"}, "kind": "vendor", "warn_at": 0.5, "escalation": [{"at": "breach", "do": "notify", "to": owner()}]});
    let task = json!({"id": "ask", "kind": "task", "owner": owner(), "sla": sla, "outcomes": [{"id": "ok"}]});
    journey(&json!([manual(), task, end("done")]), &["start>ask", "ask:ok>done"])
}

fn change(change: SlaChange) -> Event {
    Event::SlaChanged { position: Position(1), by: "ana@x".to_owned(), change }
}

fn clock<'a>(play: &'a Play<'_>) -> &'a crate::sla::Clock {
    match &play.instance.wait(Position(1)).unwrap().on {
        crate::instance::On::Task { clock: Some(clock), .. } => clock,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_promise_that_is_paused_is_due_as_much_later_as_it_waited() {
    let journey = promised();
    let mut play = Play::new(&journey);
    // Monday 10:00: half of eight hours is over at 14:00, all of them on Tuesday at 10:00.
    play.event(start(json!({})));
    assert!(play.transcript.contains("ask 1 in 4h: timer warning\n  ask 1 in 24h: timer due"));
    play.transcript.clear();
    let pause = || change(SlaChange::Pause { reason: crate::sla::Reason::WaitingOnCustomer });
    play.after(2 * HOUR, pause()).event(pause()).gives(&[
        r#"1 sla {"reason":"waiting_on_customer","remaining_ms":21600000,"sla":"paused"} by ana@x"#,
        "  ask 1: mark Paused",
        "rejected: the clock is already paused",
    ]);
    play.after(2 * HOUR, timer(1, Timer::Warning)).gives(&[]);
    // Tuesday 10:00: two hours to the warning, six to the due time.
    play.after(20 * HOUR, change(SlaChange::Resume));
    assert!(
        play.transcript.ends_with(
            "  ask 1: mark Ok\n  ask 1 in 2h: timer warning\n  ask 1 in 6h: timer due\n"
        ),
        "{}",
        play.transcript
    );
    assert_eq!(clock(&play).due(), play.now.plus(6 * HOUR));
    let calendar = crate::calendar::Calendar::standard();
    let spent = crate::sla::whose_turn(clock(&play).turns(), play.now, calendar);
    assert_eq!(spent.customer.elapsed_ms, 22 * HOUR);
    assert_eq!(spent.vendor.working_ms, 2 * HOUR);
}

#[test]
fn a_promise_nobody_looked_at_in_time_is_broken_when_it_was_due() {
    let journey = promised();
    let mut play = Play::new(&journey);
    play.quietly(start(json!({})));
    let due = clock(&play).due();
    // The warning fires three days late, after the due time.
    play.after(3 * DAY, timer(1, Timer::Warning)).gives(&[
        "1 warned",
        "1 breached",
        "1 escalated, step 0: Notify cs",
        "  ask 1: mark Warning",
        "  ask 1: mark Breached",
        "  ask 1: notify cs of ''",
    ]);
    let breach = clock(&play).breach().unwrap();
    assert_eq!((breach.at, breach.noticed), (due, play.now));
    play.event(timer(1, Timer::Due)).gives(&["rejected: nothing waits at position 1"]);
}

#[test]
fn a_promise_outlives_a_clock_that_is_set_back_behind_its_start() {
    let journey = promised();
    let mut play = Play::new(&journey);
    play.after(9 * DAY, start(json!({})));
    let started = play.now;
    play.after(-DAY, timer(1, Timer::Warning));
    assert!(play.transcript.contains("1 warned"), "{}", play.transcript);
    play.quietly(change(SlaChange::Pause { reason: crate::sla::Reason::WaitingOnCustomer }));
    play.quietly(change(SlaChange::Resume)).quietly(change(SlaChange::Stop));
    assert!(clock(&play).turns().iter().all(|turn| turn.from >= started));
}

#[test]
fn a_due_time_the_clock_was_set_back_behind_is_waited_for_again() {
    let journey = promised();
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).quietly(timer(1, Timer::Warning));
    let due = clock(&play).due();
    play.now = due.plus(-HOUR);
    play.event(timer(1, Timer::Due)).gives(&["  ask 1 in 1h: timer due"]);
    play.after(HOUR, timer(1, Timer::Due));
    assert!(play.transcript.starts_with("1 breached"), "{}", play.transcript);
    assert_eq!(clock(&play).breach().unwrap().at, due);
}

#[test]
fn a_promise_is_reset_stopped_and_cancelled() {
    let journey = promised();
    let mut play = Play::new(&journey);
    play.quietly(start(json!({}))).quietly(timer(1, Timer::Warning));
    play.after(2 * HOUR, change(SlaChange::Reset));
    assert!(play.transcript.contains("ask 1 in 4h: timer warning"), "{}", play.transcript);
    assert_eq!(play.instance.waits()[0].sla(), Some(crate::effect::SlaState::Ok));
    play.quietly(change(SlaChange::Stop));
    play.after(9 * DAY, timer(1, Timer::Due)).gives(&[]);
    play.event(change(SlaChange::Resume))
        .gives(&["rejected: the clock has stopped or was cancelled"]);
    let mut other = Play::new(&journey);
    other.quietly(start(json!({})));
    other.quietly(change(SlaChange::Cancel { reason: "waived".to_owned() }));
    other.after(9 * DAY, timer(1, Timer::Due)).gives(&[]);
}

#[test]
fn the_clock_of_a_task_that_is_done_is_found_in_its_records() {
    let journey = promised();
    let mut records = Vec::new();
    let mut instance = Instance::new();
    let calendars = Calendars::default();
    let mut now = Timestamp(MONDAY);
    for event in [
        start(json!({})),
        change(SlaChange::Pause { reason: crate::sla::Reason::Other("holiday".to_owned()) }),
        claimed(1, "ana@x"),
        completed(1, "ana@x", "ok", json!({})),
    ] {
        let context = Context { now, account: None, calendars: &calendars };
        let taken = step(&journey, instance, event, context).unwrap();
        instance = taken.instance;
        records.extend(taken.records);
        now = now.plus(HOUR);
    }
    let clock = crate::sla::clock_of(&records, Position(1)).unwrap().unwrap();
    assert!(clock.is_over());
    assert_eq!(clock.turns().len(), 2);
    assert_eq!(crate::sla::clock_of(&records, Position(0)), Ok(None));
}
