//! The time that a node's team keeps.

use super::*;
use crate::{
    calendar::{Calendar, CalendarDraft, WeeklyHours},
    effect::Ask,
};

/// The standard calendar, and one that is open from 10:00 to 12:00 UTC, which the field team keeps.
fn calendars() -> Calendars {
    let hours = WeeklyHours::on_working_days("10:00", "12:00");
    let (name, time_zone) = ("short".to_owned(), "UTC".to_owned());
    let draft = CalendarDraft { name, time_zone, hours, ..CalendarDraft::default() };
    let short = Calendar::try_from(draft).unwrap();
    Calendars::new(Calendar::standard().clone(), [short])
        .kept_by([("field".to_owned(), "short".to_owned())])
}

/// Three hours of the team's time.
fn three_hours() -> Value {
    json!({"business": "PT3H", "calendar": "team"})
}

fn task(owner: &Value) -> Value {
    let sla = json!({"due": three_hours(), "escalation": []});
    json!({"id": "t", "kind": "task", "owner": owner, "sla": sla, "outcomes": [{"id": "out"}]})
}

fn of_team(team: &str) -> Value {
    json!({"rule": "team", "team": team})
}

/// The node between a start and an end; every way out leads to the end.
fn drawn(node: &Value, ways: &[&str], settings: &Value) -> Journey {
    let ways = ways.iter().map(|way| json!({"id": way, "from": "t", "port": way, "to": "done"}));
    let edges: Vec<_> = std::iter::once(read_edge("start>t")).chain(ways).collect();
    let lanes = json!([{"id": "ours", "team": "field"}]);
    build(
        json!({"format": 1, "name": "Test", "nodes": [manual(), node, end("done")], "edges": edges, "lanes": lanes, "settings": settings}),
    )
}

/// In how many hours the node is due when it is come to on Monday at 14:00.
fn due(node: &Value, settings: &Value) -> i64 {
    let ways: &[_] = if node["kind"] == "handoff" { &["accepted", "sent_back"] } else { &["out"] };
    let journey = drawn(node, ways, settings);
    let mut play = Play::new(&journey).over(calendars());
    play.after(4 * HOUR, start(json!({})));
    let due = play.instance.waits()[0].due().unwrap_or_else(|| panic!("{}", play.transcript));
    (due.0 - play.now.0) / HOUR
}

// Three hours of two a day are over on Wednesday at 11:00, of eight a day on Monday at 17:00.
const FIELD: i64 = 45;
const USUAL: i64 = 3;

#[test]
fn the_time_is_that_of_the_team_that_has_the_work() {
    let user = json!({"rule": "user", "user": "ana@x"});
    let in_lane = |mut node: Value| {
        node["lane"] = json!("ours");
        node
    };
    let wait = in_lane(json!({"id": "t", "kind": "wait", "for": three_hours()}));
    let cases = [
        (task(&of_team("field")), FIELD),
        (task(&of_team("sales")), USUAL),
        (task(&user), USUAL),
        (in_lane(task(&user)), FIELD),
        // The owner's team goes before the lane's.
        (in_lane(task(&of_team("sales"))), USUAL),
        (wait, FIELD),
    ];
    for (node, hours) in cases {
        assert_eq!(due(&node, &json!({})), hours, "{node}");
    }
}

#[test]
fn a_journey_can_keep_the_time_of_each_team() {
    let mut node = task(&of_team("field"));
    node["sla"]["due"] = json!({"business": "PT3H"});
    assert_eq!(due(&node, &json!({"calendar": "team"})), FIELD);
    assert_eq!(due(&node, &json!({})), USUAL);
    node["owner"] = of_team("sales");
    assert_eq!(due(&node, &json!({"calendar": "team"})), USUAL);
    // A team that keeps none keeps the journey's.
    let sales = task(&of_team("sales"));
    assert_eq!(due(&sales, &json!({"calendar": "short"})), FIELD);
}

#[test]
fn a_message_to_a_team_goes_out_in_its_hours_and_a_handoff_is_accepted_in_those_of_the_team_it_goes_to()
 {
    let tell = json!({"id": "t", "kind": "notify", "channel": "email", "to": of_team("field"), "subject": "S", "body": "B", "hours": "team"});
    // On Tuesday at 10:00.
    assert_eq!(due(&tell, &json!({})), 20);
    let sla = json!({"due": three_hours(), "escalation": []});
    let handoff = json!({"id": "t", "kind": "handoff", "from_team": "sales", "to_team": "field", "sla": sla, "fields": {"type": "object", "properties": {"plan": {"type": "string"}}}});
    assert_eq!(due(&handoff, &json!({})), FIELD);
}

#[test]
fn every_timer_of_a_task_keeps_the_teams_time() {
    let mut node = task(&of_team("field"));
    node["sla"]["escalation"] = json!([{"at": three_hours(), "do": "remind", "to": of_team("cs")}]);
    node["timers"] = json!([{"id": "late", "after": three_hours(), "interrupting": false}]);
    let journey = drawn(&node, &["out", "late"], &json!({}));
    let (now, calendars) = (Timestamp(MONDAY + 4 * HOUR), calendars());
    let context = Context { now, account: None, calendars: &calendars };
    let effects = step(&journey, Instance::new(), start(json!({})), context).unwrap().effects;
    let timers = effects.iter().filter(|effect| matches!(effect.ask, Ask::Timer { .. }));
    let hours: Vec<_> = timers.map(|timer| (timer.due.0 - now.0) / HOUR).collect();
    assert_eq!(hours.iter().filter(|hours| **hours == FIELD).count(), 3, "{hours:?}");
}
