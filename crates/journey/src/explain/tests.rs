//! How an instance stood, and the way it took.

use super::{Became, NoState, path, state_at};
use crate::{
    Context, Draft, Event, Instance, Journey, Position, Record, Timestamp,
    calendar::Calendars,
    check,
    migrate::{Mapping, Migration, Version},
    step,
};
use serde_json::{Value, json};

fn drawn(nodes: &Value, edges: &Value) -> (Draft, Journey) {
    let draft = json!({"format": 1, "name": "Test", "nodes": nodes, "edges": edges});
    let draft: Draft = serde_json::from_value(draft).unwrap();
    let (journey, found) = check(&draft, None);
    let journey = journey.unwrap_or_else(|| panic!("{found:#?}"));
    (draft, journey)
}

fn calling(task: &str) -> (Draft, Journey) {
    let edge = |id: &str, from: &str, port: &str, to: &str| json!({"id": id, "from": from, "port": port, "to": to});
    drawn(
        &json!([
            {"id": "start", "kind": "trigger", "on": {"type": "manual"}}, {"id": "set", "kind": "set", "assign": [{"to": "vars.a", "value": "1"}]},
            {"id": task, "kind": "task", "name": "Call", "owner": {"rule": "team", "team": "cs"}, "sla": {"due": "PT8H", "escalation": []}, "outcomes": [{"id": "ok", "label": "OK"}]},
            {"id": "end", "kind": "end", "outcome": "done"}
        ]),
        &json!([
            edge("1", "start", "out", "set"),
            edge("2", "set", "out", task),
            edge("3", task, "ok", "end")
        ]),
    )
}

/// The records that some events at hours make, and the instance after them.
fn play(journey: &Journey, events: Vec<Event>) -> (Instance, Vec<Record>) {
    let (mut instance, mut records) = (Instance::new(), Vec::new());
    for (hour, event) in (0..).zip(events) {
        let calendars = Calendars::default();
        let now = Timestamp(hour * 3_600_000);
        let context = Context { now, account: None, calendars: &calendars };
        let taken = step(journey, instance, event, context).unwrap();
        instance = taken.instance;
        records.extend(taken.records);
    }
    (instance, records)
}

fn start() -> Event {
    Event::Started { trigger: "start".to_owned(), input: json!({}) }
}

fn claim() -> Event {
    Event::TaskClaimed { position: Position(2), by: "ana@x".to_owned() }
}

#[test]
fn every_state_of_the_past_is_what_its_records_made() {
    let (_, journey) = calling("call");
    let (instance, records) = play(&journey, vec![start(), claim()]);
    let last = records.len() as u64 - 1;
    assert_eq!(state_at(&records, last), Ok(instance));
    let before = state_at(&records, 0).unwrap();
    assert_eq!((before.sequence(), before.vars().len()), (1, 0));
    for sequence in 0..last {
        assert_eq!(state_at(&records, sequence).unwrap().sequence(), sequence + 1);
    }
    let count = last + 1;
    assert_eq!(state_at(&records, count), Err(NoState::Beyond { sequence: count, count }));
    assert!(state_at(&[], 0).is_err());
    assert!(state_at(&records, u64::MAX).is_err());
}

#[test]
fn a_history_with_a_hole_has_no_state_behind_it() {
    let (_, journey) = calling("call");
    let (_, mut records) = play(&journey, vec![start()]);
    records.remove(1);
    assert!(state_at(&records, 0).is_ok());
    assert!(
        matches!(state_at(&records, 1), Err(NoState::Corrupt(corrupt)) if corrupt.sequence == 2)
    );
}

#[test]
fn the_path_tells_when_each_node_and_edge_was_taken() {
    let (_, journey) = calling("call");
    let done = Event::TaskCompleted {
        position: Position(2),
        by: "ana@x".to_owned(),
        person: Value::Null,
        outcome: "ok".to_owned(),
        form: json!({}),
    };
    let (_, records) = play(&journey, vec![start(), claim(), done]);
    let path = path(&records);
    let visits: Vec<_> = path
        .visits
        .iter()
        .map(|visit| {
            (
                visit.node.as_str(),
                visit.entered.0 / 3_600_000,
                visit.left.map(|at| at.0 / 3_600_000),
                visit.became,
            )
        })
        .collect();
    let want = [
        ("start", 0, Some(0), Became::Left),
        ("set", 0, Some(0), Became::Left),
        ("call", 0, Some(2), Became::Left),
        ("end", 2, Some(2), Became::Left),
    ];
    assert_eq!(visits, want);
    let edges: Vec<_> =
        path.edges.iter().map(|taken| (taken.edge.as_str(), taken.at.0 / 3_600_000)).collect();
    assert_eq!(edges, [("1", 0), ("2", 0), ("3", 2)]);
    let text = serde_json::to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<super::Path>(&text).unwrap(), path);
}

#[test]
fn what_still_goes_on_was_not_left_and_a_cancelled_instance_withdraws_it() {
    let (_, journey) = calling("call");
    let (_, records) = play(&journey, vec![start()]);
    let open = &path(&records).visits[2];
    assert_eq!((open.left, open.became), (None, Became::Waiting));
    let cancel = Event::Cancelled { reason: "enough".to_owned(), by: "ana@x".to_owned() };
    let (_, records) = play(&journey, vec![start(), cancel]);
    assert_eq!(path(&records).visits[2].became, Became::Withdrawn);
}

#[test]
fn after_a_move_the_whole_path_has_the_names_of_the_new_version() {
    let ((old, from), (new, to)) = (calling("call"), calling("phone"));
    let (instance, mut records) = play(&from, vec![start(), claim()]);
    let mapping =
        Mapping { nodes: [("call".to_owned(), "phone".to_owned())].into(), ..Mapping::default() };
    let (from, into) = (
        Version { number: 1, draft: &old, journey: &from },
        Version { number: 2, draft: &new, journey: &to },
    );
    let migration = Migration::new(from, into, &mapping).unwrap();
    let calendars = Calendars::default();
    let context = Context { now: Timestamp(0), account: None, calendars: &calendars };
    let event = migration.plan(&instance, &records, context, "ana@x").event().unwrap();
    let moved = step(&to, instance, event, context).unwrap();
    records.extend(moved.records);
    let nodes: Vec<_> = path(&records).visits.into_iter().map(|visit| visit.node).collect();
    assert_eq!(nodes, ["start", "set", "phone"]);
}
