//! What grows has an end: instances below, what they take along, and the history of one instance.

use super::*;
use crate::{effect::Parent, limits};

fn each(items: usize, mode: &str) -> Journey {
    let node = json!({"id": "each", "kind": "for_each", "items": "input.sites", "as": "site", "body": {"from": "visit", "to": "visit"},
        "mode": mode, "max": items});
    journey(
        &json!([manual(), node, set("visit", "vars.seen", "vars.site"), end("done")]),
        &["start>each", "each>done"],
    )
}

fn sites(count: usize) -> Value {
    Value::Array((0..count).map(|at| json!(at)).collect())
}

fn asked(play: &Play<'_>) -> usize {
    play.transcript.matches("start child").count()
}

#[test]
fn the_room_below_is_shared_among_those_that_run_there() {
    let journey = each(1000, "parallel");
    for (room, starts) in [(limits::BELOW, 1000), (1000, 1000), (999, 0)] {
        let parent = Parent {
            instance: "ins_1".to_owned(),
            position: Position(1),
            index: 0,
            depth: 1,
            room,
        };
        let mut play = Play::new(&journey);
        let input = json!({"sites": sites(1000)});
        let at = "start".to_owned();
        play.event(Event::StartedBelow { node: at, input, parent, seed: None });
        assert_eq!(asked(&play), starts, "with room for {room}");
    }
}

#[test]
fn an_instance_below_knows_how_many_may_run_below_it() {
    let journey = each(1000, "parallel");
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let step =
        step(&journey, Instance::new(), start(json!({"sites": sites(1000)})), context).unwrap();
    let rooms: Vec<_> = step
        .effects
        .iter()
        .filter_map(|effect| match &effect.ask {
            Ask::StartChild(child) => Some(child.room),
            _ => None,
        })
        .collect();
    assert_eq!(rooms, vec![19; 1000], "twenty thousand in all");
}

#[test]
fn a_for_each_whose_instances_would_take_too_much_along_at_once_is_an_incident() {
    let large = json!({"sites": sites(100), "text": "x".repeat(500_000)});
    let at_once = each(100, "parallel");
    let mut play = Play::new(&at_once);
    play.event(start(large.clone()));
    let said = "1 incident limit.items: 100 instances at once would each take";
    assert!(play.transcript.contains(said), "{}", &play.transcript[..600]);
    let in_turn = each(100, "sequence");
    let mut play = Play::new(&in_turn);
    play.event(start(large));
    assert_eq!(asked(&play), 1, "one after the other they may");
}

#[test]
fn an_instance_with_too_long_a_history_is_moved_by_people_alone() {
    let journey = journey(
        &json!([manual(), {"id": "w", "kind": "wait", "for": "PT1H"}, {"id": "d", "kind": "decision"}, end("done")]),
        &["start>w", "w>d", "d:default>w", "d>done?input.n == 1"],
    );
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let mut instance =
        step(&journey, Instance::new(), start(json!({"n": 0})), context).unwrap().instance;
    let refused = loop {
        let position = instance.waits()[0].position;
        let fired = Event::TimerFired { position, timer: Timer::Wait };
        match step(&journey, instance.clone(), fired, context) {
            Ok(step) => instance = step.instance,
            Err(rejection) => break rejection,
        }
    };
    let limit = limits::RECORDS;
    assert_eq!(refused, Rejection::Limit { what: "records", limit });
    let position = instance.waits()[0].position;
    let message = refused.to_string();
    let stuck = Event::StepRefused { position, message };
    let stuck = step(&journey, instance, stuck, context).unwrap().instance;
    assert_eq!(stuck.status(), Status::Incident);
    let cancelled = Event::Cancelled { reason: "enough".to_owned(), by: "ana@x".to_owned() };
    let over = step(&journey, stuck, cancelled, context).unwrap().instance;
    assert_eq!(over.status(), Status::Cancelled);
}

#[test]
fn what_has_no_room_below_is_not_started_and_says_so() {
    let journey = each(3, "parallel");
    let parent =
        Parent { instance: "ins_1".to_owned(), position: Position(1), index: 0, depth: 1, room: 2 };
    let mut play = Play::new(&journey);
    let (at, input) = ("start".to_owned(), json!({"sites": sites(3)}));
    play.event(Event::StartedBelow { node: at, input, parent, seed: None });
    assert_eq!(asked(&play), 0);
    let told = format!("more than {} instances might come to run below one", limits::BELOW);
    assert!(play.transcript.contains(&told), "{}", play.transcript);
    assert!(matches!(play.instance.status(), Status::Incident));
}
