//! Each test is a small journey and the moves of a case.

use super::*;
use crate::{
    Draft, Status,
    effect::SlaState,
    reopen,
    workspace::{Connection, Operation},
};
use serde_json::json;

/// A journey whose edges are written `from:port>to`, a decision's with its condition after `?`.
fn journey(nodes: &Value, edges: &[&str]) -> Journey {
    let edges: Vec<Value> = edges
        .iter()
        .map(|text| {
            let (ends, when) =
                text.split_once('?').map_or((*text, None), |(ends, when)| (ends, Some(when)));
            let (from, to) = ends.split_once('>').unwrap();
            let (from, port) = from.split_once(':').unwrap_or((from, "out"));
            let mut edge =
                json!({"id": format!("{from}-{port}-{to}"), "from": from, "port": port, "to": to});
            if let Some(when) = when {
                edge["when"] = json!(when);
            }
            edge
        })
        .collect();
    let draft = json!({"format": 1, "name": "Test", "nodes": nodes, "edges": edges});
    let draft: Draft = serde_json::from_value(draft).unwrap();
    reopen(&draft).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn manual() -> Value {
    json!({"id": "start", "kind": "trigger", "on": {"type": "manual"}})
}

fn end(id: &str) -> Value {
    json!({"id": id, "kind": "end", "outcome": id})
}

fn task(id: &str, outcomes: &[&str]) -> Value {
    let outcomes: Vec<Value> = outcomes.iter().map(|id| json!({"id": id})).collect();
    json!({"id": id, "kind": "task", "title": id, "owner": {"rule": "team", "team": "cs"},
        "sla": {"due": "P2D", "warn_at": 0.5, "escalation": []}, "outcomes": outcomes})
}

fn call(id: &str) -> Value {
    json!({"id": id, "kind": "action", "connection": "billing", "operation": "read", "input": {}, "output": id,
        "retry": {"attempts": 2, "backoff": "PT10S"}})
}

fn play_moves(journey: &Journey, moves: &Value) -> Played {
    let case = json!({ "moves": moves });
    played(journey, &case, &World::default())
}

fn played(journey: &Journey, case: &Value, world: &World) -> Played {
    play(journey, &serde_json::from_value(case.clone()).unwrap(), world)
}

/// A call, a decision on what it gives, a task.
fn usual() -> Journey {
    journey(
        &json!([
            manual(),
            call("bill"),
            {"id": "much", "kind": "decision"},
            task("ask", &["yes", "no"]),
            end("paid"),
            end("small"),
            end("lost")
        ]),
        &[
            "start>bill",
            "bill>much",
            "much>ask?has(nodes.bill.output.sum) && nodes.bill.output.sum > 100",
            "much:default>small",
            "ask:yes>paid",
            "ask:no>lost",
        ],
    )
}

/// A world in which billing gives sums of 500.
fn billing() -> World {
    let output =
        json!({"type": "object", "properties": {"sum": {"type": "number", "example": 500}}});
    let operation = Operation { output, ..Operation::default() };
    let operations = [("read".to_owned(), operation)].into_iter().collect();
    let connection = Connection { connector: "billing".to_owned(), operations };
    let mut world = World::default();
    world.workspace.connections.insert("billing".to_owned(), connection);
    world
}

#[test]
fn what_waits_is_open_with_what_may_be_answered() {
    let journey = usual();
    let world = billing();
    let first = played(&journey, &json!({ "moves": [] }), &world);
    let What::Call { call, example } = &first.open[0].what else { panic!("{:?}", first.open) };
    assert_eq!((call.operation.as_str(), example), ("read", &json!({ "sum": 500 })));
    assert_eq!(first.next, Some(Move::Answer { at: Some(Place::first("bill")), output: None }));
    let asked = played(&journey, &json!({ "moves": [{"do": "answer", "at": "bill"}] }), &world);
    let What::Task { offer, sla: SlaState::Ok, approved: 0, .. } = &asked.open[0].what else {
        panic!("{:?}", asked.open)
    };
    assert_eq!((offer.title.as_str(), offer.outcomes.len()), ("ask", 2));
    assert_eq!(asked.asked.len(), 2, "a call and a task");
    assert_eq!(asked.failure(), None);
}

#[test]
fn a_move_answers_the_calls_that_stand_before_it() {
    let journey = usual();
    let moves = json!([{"do": "complete", "at": "ask", "outcome": "no"}, {"do": "expect", "ended": "lost", "passed": ["bill", "ask"], "avoided": ["paid"]}]);
    let done = played(&journey, &json!({ "moves": moves }), &billing());
    assert_eq!(done.failure(), None);
    assert!(done.taken().contains("ask-no-lost") && !done.taken().contains("ask-yes-paid"));
    // Where nothing is known of what a call gives, it gives nothing.
    let small = play_moves(&journey, &moves);
    assert_eq!(small.failure(), Some((Some(0), "No task waits at 'ask'.")));
    assert_eq!(small.took[1], Took::NotReached);
}

#[test]
fn a_call_fails_is_tried_again_and_is_a_person_s_in_the_end() {
    let journey = usual();
    let fail = json!({"do": "fail", "at": "bill", "kind": "transient", "message": "away"});
    let once = play_moves(&journey, &json!([fail]));
    let What::Later { due } = once.open[0].what else { panic!("{:?}", once.open) };
    assert_eq!(once.next, Some(Move::Wait { length: None, until: None }));
    assert!(due > once.now);
    let twice = play_moves(&journey, &json!([fail, {"do": "wait"}, fail]));
    let What::Incident { failure, ways } = &twice.open[0].what else { panic!("{:?}", twice.open) };
    assert_eq!((failure.message.as_str(), ways.as_slice()), ("away", &["out".to_owned()][..]));
    assert_eq!((twice.now, twice.next), (due, None));
    let moves = json!([fail, {"do": "wait"}, fail, {"do": "skip", "at": "bill", "outcome": "out"}, {"do": "expect", "ended": "small"}]);
    assert_eq!(play_moves(&journey, &moves).failure(), None);
    let moves = json!([fail, {"do": "wait"}, fail, {"do": "end", "at": "bill", "outcome": "given_up"}, {"do": "expect", "ended": "given_up"}]);
    assert_eq!(play_moves(&journey, &moves).failure(), None);
}

#[test]
fn time_passes_and_what_is_due_happens_in_order() {
    let mut ask = task("ask", &["yes"]);
    ask["timers"] = json!([{"id": "late", "after": "P3D", "interrupting": true}]);
    let journey = journey(
        &json!([manual(), ask, end("done"), end("too_late")]),
        &["start>ask", "ask:yes>done", "ask:late>too_late"],
    );
    let standing = |moves: Value| {
        let played = play_moves(&journey, &moves);
        assert_eq!(played.failure(), None);
        match &played.open[..] {
            [one] => match &one.what {
                What::Task { sla, .. } => format!("{sla:?}"),
                other => panic!("{other:?}"),
            },
            _ => played.runs[0].instance.outcome().unwrap().to_owned(),
        }
    };
    assert_eq!(standing(json!([{"do": "wait", "for": "PT20H"}])), "Ok");
    assert_eq!(standing(json!([{"do": "wait"}])), "Warning");
    assert_eq!(standing(json!([{"do": "wait"}, {"do": "wait"}])), "Breached");
    assert_eq!(standing(json!([{"do": "wait", "for": "P2D"}])), "Breached");
    assert_eq!(standing(json!([{"do": "wait", "until": "2026-01-08T09:00:00Z"}])), "too_late");
    let paused = json!([{"do": "pause", "at": "ask", "reason": "waiting_on_customer"}, {"do": "wait", "for": "PT60H"}]);
    assert_eq!(standing(paused), "Paused");
    let back = play_moves(&journey, &json!([{"do": "wait", "until": "2026-01-01T00:00:00Z"}]));
    assert_eq!(back.failure(), Some((Some(0), "It is 2026-01-05T09:00:00.000Z already.")));
}

#[test]
fn events_find_who_waits_for_their_name_and_key() {
    let wait = json!({"id": "w", "kind": "wait", "event": {"name": "paid", "key": "event.invoice", "mine": "input.invoice"}, "timeout": "P2D"});
    let journey = journey(
        &json!([manual(), wait, end("paid"), end("late")]),
        &["start>w", "w>paid", "w:timeout>late"],
    );
    let play_event = |moves: Value| {
        let case = json!({ "input": {"invoice": 7}, "moves": moves });
        played(&journey, &case, &World::default())
    };
    let ours = play_event(
        json!([{"do": "event", "name": "paid", "data": {"invoice": 7}}, {"do": "expect", "ended": "paid", "that": "nodes.w.output.invoice == 7"}]),
    );
    assert_eq!(ours.failure(), None);
    let other = play_event(json!([{"do": "event", "name": "paid", "data": {"invoice": 8}}]));
    assert_eq!(other.failure(), Some((Some(0), "Nothing waits for 'paid' with that key.")));
    let here = play_event(
        json!([{"do": "event", "name": "paid", "at": "w"}, {"do": "expect", "ended": "paid"}]),
    );
    assert_eq!(here.failure(), None);
    let late = play_event(json!([{"do": "wait"}, {"do": "expect", "ended": "late"}]));
    assert_eq!(late.failure(), None);
}

#[test]
fn an_event_is_about_the_account_of_the_rehearsal() {
    let wait = json!({"id": "w", "kind": "wait", "event": {"name": "met", "key": "event.account", "mine": "account.id"}, "timeout": "P2D"});
    let journey = journey(
        &json!([manual(), wait, end("met"), end("late")]),
        &["start>w", "w>met", "w:timeout>late"],
    );
    let ours = json!([{"do": "event", "name": "met"}, {"do": "expect", "ended": "met"}]);
    assert_eq!(play_moves(&journey, &ours).failure(), None);
    let other = json!([{"do": "event", "name": "met", "data": {"account": "acc_other"}}]);
    let why = "Nothing waits for 'met' with that key.";
    assert_eq!(play_moves(&journey, &other).failure(), Some((Some(0), why)));
}

#[test]
fn parts_of_the_drawing_run_below_and_are_told_apart_by_number() {
    let each = json!({"id": "each", "kind": "for_each", "items": "input.sites", "as": "site", "body": {"from": "visit", "to": "visit"}, "mode": "parallel", "max": 5});
    let journey = journey(
        &json!([manual(), each, task("visit", &["out"]), end("done")]),
        &["start>each", "each>done"],
    );
    let case = |moves: Value| {
        played(
            &journey,
            &json!({ "input": {"sites": ["a", "b"]}, "moves": moves }),
            &World::default(),
        )
    };
    let begun = case(json!([]));
    assert_eq!(begun.runs.len(), 3);
    let places: Vec<String> = begun.open.iter().map(|open| open.place.to_string()).collect();
    assert_eq!(places, ["each", "visit", "visit#2"]);
    let What::Items { over: 0, of: 2 } = begun.open[0].what else { panic!("{:?}", begun.open) };
    let moves = json!([{"do": "complete", "at": "visit#2"}, {"do": "add_item", "at": "each", "item": "c"}, {"do": "complete", "at": "visit"},
        {"do": "expect", "at": "visit"}, {"do": "complete", "at": "visit"}, {"do": "expect", "ended": "done", "passed": ["visit"]}]);
    let done = case(moves);
    assert_eq!(done.failure(), None);
    assert_eq!(done.runs.len(), 4);
    let cancelled = case(json!([{"do": "cancel", "reason": "a mistake"}]));
    assert!(cancelled.runs.iter().all(|run| run.instance.status() == Status::Cancelled));
}

#[test]
fn another_journey_is_over_as_the_case_says() {
    let sub = json!({"id": "sub", "kind": "journey", "journey": "adoption", "input": {}, "output": {"seats": "output.vars.seats"}});
    let journey = journey(&json!([manual(), sub, end("done")]), &["start>sub", "sub>done"]);
    let begun = play_moves(&journey, &json!([]));
    let called = begun.open.iter().find(|open| matches!(open.what, What::Journey { .. }));
    assert_eq!(called.map(|open| open.place.to_string()), Some("sub".to_owned()));
    let moves = json!([{"do": "return", "at": "sub", "outcome": "adopted", "vars": {"seats": 4}}, {"do": "expect", "ended": "done", "that": "vars.seats == 4"}]);
    assert_eq!(play_moves(&journey, &moves).failure(), None);
}

#[test]
fn the_account_is_written_changed_and_watched() {
    let wait =
        json!({"id": "w", "kind": "wait", "condition": "account.seats > 10", "timeout": "P9D"});
    let write = json!({"id": "write", "kind": "set", "assign": [{"to": "account.tier", "value": "'gold'"}]});
    let journey = journey(
        &json!([manual(), wait, write, end("done"), end("late")]),
        &["start>w", "w>write", "write>done", "w:timeout>late"],
    );
    let case = |moves: Value| {
        let case = json!({ "account": {"seats": 3, "name": "Acme"}, "moves": moves });
        played(&journey, &case, &World::default())
    };
    let moves = json!([{"do": "change", "account": {"seats": 11}}, {"do": "expect", "ended": "done", "that": "account.tier == 'gold' && account.name == 'Acme'"}]);
    let done = case(moves);
    assert_eq!(done.failure(), None);
    assert!(matches!(&done.asked[..], [Asked { deed: Deed::Write(_), .. }]));
    assert_eq!(case(json!([{"do": "wait"}])).runs[0].instance.outcome(), Some("late"));
}

#[test]
fn several_people_approve_one_after_the_other() {
    let approval = json!({"id": "ok", "kind": "approval", "title": "OK?", "owner": {"rule": "team", "team": "cs"}, "quorum": 2, "sla": {"due": "P1D", "escalation": []}});
    let journey = journey(
        &json!([manual(), approval, end("yes"), end("no")]),
        &["start>ok", "ok:approved>yes", "ok:rejected>no"],
    );
    let first = play_moves(&journey, &json!([{"do": "complete", "at": "ok"}]));
    let What::Task { approved: 1, .. } = first.open[0].what else { panic!("{:?}", first.open) };
    let both = json!([{"do": "complete", "at": "ok"}, {"do": "complete", "at": "ok"}, {"do": "expect", "ended": "yes"}]);
    assert_eq!(play_moves(&journey, &both).failure(), None);
}

#[test]
fn running_to_a_step_does_what_is_likely_until_it_is_there() {
    let journey = usual();
    let to_task = json!({ "moves": [{"do": "run", "to": "ask"}, {"do": "expect", "at": "ask"}] });
    assert_eq!(played(&journey, &to_task, &billing()).failure(), None);
    let to_end = json!({ "moves": [{"do": "run"}, {"do": "expect", "ended": "paid"}] });
    assert_eq!(played(&journey, &to_end, &billing()).failure(), None);
    let by_an_outcome =
        json!({ "moves": [{"do": "run", "to": "lost"}, {"do": "expect", "ended": "lost"}] });
    assert_eq!(played(&journey, &by_an_outcome, &billing()).failure(), None);
    let elsewhere = json!({ "moves": [{"do": "run", "to": "small"}] });
    let missed = played(&journey, &elsewhere, &billing());
    assert_eq!(missed.failure(), Some((Some(0), "It does not come to 'small' this way.")));
    let nowhere = play_moves(&journey, &json!([{"do": "run", "to": "moon"}]));
    assert_eq!(nowhere.failure(), Some((Some(0), "There is no step 'moon'.")));
}

#[test]
fn what_is_expected_and_not_so_is_said_and_the_case_goes_on() {
    let journey = usual();
    let moves = json!([
        {"do": "expect", "at": "ask", "ended": "paid", "passed": ["ask"], "avoided": ["bill"], "that": "input.x == 1"},
        {"do": "answer"},
        {"do": "expect", "that": "1 +"},
        {"do": "expect", "ended": "small"}
    ]);
    let played = play_moves(&journey, &moves);
    let Took::Failed(why) = &played.took[0] else { panic!("{:?}", played.took) };
    assert_eq!(
        why,
        "Nothing waits at 'ask': it waits at 'bill'. It has not ended with 'paid': it waits at 'bill'. It did not come to 'ask'. It came to 'bill'. 'input.x == 1' has no value: 'input.x' is missing."
    );
    assert!(
        matches!(&played.took[2], Took::Failed(why) if why.starts_with("'1 +' cannot be read: "))
    );
    assert_eq!((&played.took[1], &played.took[3]), (&Took::Done, &Took::Done));
}

#[test]
fn a_beginning_that_is_refused_is_said() {
    let journey = usual();
    let none = played(
        &journey,
        &json!({ "trigger": "gone", "moves": [{"do": "run"}] }),
        &World::default(),
    );
    assert_eq!(none.failure(), Some((None, "There is no trigger 'gone'.")));
    assert_eq!(none.took, [Took::NotReached]);
}

#[test]
fn a_loop_without_end_is_left_after_so_many_moves() {
    let journey = journey(
        &json!([manual(), {"id": "w", "kind": "wait", "for": "P1D"}, {"id": "d", "kind": "decision"}, end("never")]),
        &["start>w", "w>d", "d>never?false", "d:default>w"],
    );
    let endless = play_moves(&journey, &json!([{"do": "run", "to": "never"}]));
    let why = "It goes on and on: 1000 moves were not enough.";
    assert_eq!(endless.failure(), Some((Some(0), why)));
    let long = play_moves(&journey, &json!([{"do": "wait", "for": "P3000D"}]));
    assert_eq!(long.failure(), None);
}

#[test]
fn the_same_case_is_played_the_same_way() {
    let case = json!({ "moves": [{"do": "run"}] });
    let (one, other) = (played(&usual(), &case, &billing()), played(&usual(), &case, &billing()));
    assert_eq!(one.runs[0].records, other.runs[0].records);
    assert!(!one.runs[0].records.is_empty());
}
