use super::*;
use serde_json::json;

fn records(facts: Value) -> Vec<RecordView> {
    let facts = facts.as_array().unwrap().iter().enumerate();
    facts
        .map(|(sequence, fact)| {
            let mut record = fact.clone();
            record["sequence"] = json!(sequence);
            record["at"] = json!("2026-03-02T12:00:00.000Z");
            serde_json::from_value(record).unwrap()
        })
        .collect()
}

fn call() -> Draft {
    serde_json::from_value(json!({
        "format": 1, "name": "Welcome",
        "nodes": [{ "id": "call", "kind": "task", "name": "Welcome call" }]
    }))
    .unwrap()
}

fn told(facts: Value, draft: Option<&Draft>) -> Vec<String> {
    timeline(&records(facts), draft, &str::to_owned).into_iter().map(|line| line.what).collect()
}

#[test]
fn a_task_is_told_by_its_name_and_who_did_it() {
    let facts = json!([
        { "fact": "started", "trigger": "start", "input": { "plan": "fiber" } },
        { "fact": "entered", "position": 1, "node": "call", "edge": "e1" },
        { "fact": "task_claimed", "position": 1, "by": "ada@example.com" },
        { "fact": "task_completed", "position": 1, "by": "ada@example.com", "outcome": "reached", "form": {} },
        { "fact": "left", "position": 1, "edges": ["e2"] },
        { "fact": "ended", "outcome": "welcomed" }
    ]);
    assert_eq!(
        told(facts, Some(&call())),
        [
            "The journey started",
            "ada@example.com claimed “Welcome call”",
            "ada@example.com completed “Welcome call”: Reached",
            "The journey ended: Welcomed",
        ]
    );
}

#[test]
fn what_was_handed_in_is_told_beside_the_start() {
    let lines = timeline(
        &records(
            json!([{ "fact": "started", "trigger": "start", "input": { "plan": "fiber", "paid": true } }]),
        ),
        None,
        &str::to_owned,
    );
    assert_eq!(lines[0].more, "Paid: Yes · Plan: fiber");
}

#[test]
fn a_node_without_a_drawing_is_told_by_its_id() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "site_survey", "edge": null },
        { "fact": "sla_breached", "position": 1, "due": 0 }
    ]);
    assert_eq!(told(facts, None), ["“Site survey” is overdue"]);
}

#[test]
fn an_offered_task_tells_when_it_is_due() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "call", "edge": "e1" },
        { "fact": "waiting", "position": 1, "on": { "kind": "task", "task": { "state": "offered" }, "due": 0 } }
    ]);
    let lines = timeline(&records(facts), Some(&call()), &str::to_owned);
    assert_eq!(lines[0].more, "Due");
    assert_eq!(lines[0].moment.as_deref(), Some("1970-01-01T00:00:00.000Z"));
}

#[test]
fn a_table_tells_which_of_its_rules_held_and_a_wait_that_it_was_too_long() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "call", "edge": "e1" },
        { "fact": "rules_held", "position": 1, "rules": [0, 2] },
        { "fact": "timed_out", "position": 1 },
    ]);
    let lines = timeline(&records(facts), Some(&call()), &str::to_owned);
    let told: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.what.as_str(), line.more.as_str())).collect();
    let want = [
        ("“Welcome call” went by its table", "Rules 1, 3 held."),
        ("What “Welcome call” waits for did not come in time", ""),
    ];
    assert_eq!(told, want);
}

#[test]
fn an_escalation_tells_who_was_reminded_told_or_given_the_task_and_by_which_step() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "call", "edge": "e1" },
        { "fact": "task_escalated", "position": 1, "step": 0, "did": { "act": "remind", "to": { "team": "success" } } },
        { "fact": "task_escalated", "position": 1, "step": 1, "did": { "act": "notify", "to": { "user": "boss@x" } } },
        { "fact": "task_escalated", "position": 1, "step": 2, "did": { "act": "reassign", "to": { "user": "lead@x" } } },
        { "fact": "task_reassigned", "position": 1, "to": { "user": "lead@x" } },
        { "fact": "task_escalated", "position": 1, "step": 3, "did": { "act": "notify" } },
    ]);
    let lines = timeline(&records(facts), Some(&call()), &str::to_owned);
    let told: Vec<(&str, &str)> =
        lines.iter().map(|line| (line.what.as_str(), line.more.as_str())).collect();
    let want = [
        ("“Welcome call” was escalated: reminded team success", "Step 1 of its escalation."),
        ("“Welcome call” was escalated: told boss@x", "Step 2 of its escalation."),
        ("“Welcome call” was escalated: given to lead@x", "Step 3 of its escalation."),
        (
            "“Welcome call” was escalated, but there was nobody to turn to",
            "Step 4 of its escalation.",
        ),
    ];
    assert_eq!(told, want);
}

#[test]
fn an_escalation_of_which_only_the_step_is_known_tells_that_and_who_has_the_task() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "call", "edge": "e1" },
        { "fact": "task_escalated", "position": 1, "step": 0 },
        { "fact": "task_reassigned", "position": 1, "to": { "team": "success" } },
    ]);
    let want = ["“Welcome call” was escalated", "“Welcome call” was given to team success"];
    assert_eq!(told(facts, Some(&call())), want);
}

#[test]
fn what_people_were_told_inside_the_product_is_told_with_its_words() {
    let facts = json!([
        { "fact": "entered", "position": 1, "node": "tell_team", "edge": "e1" },
        { "fact": "told", "position": 1, "to": { "team": "success" }, "about": "Acme renews: call them" },
    ]);
    let lines = timeline(&records(facts), None, &str::to_owned);
    assert_eq!(lines[0].what, "“Tell team” told team success");
    assert_eq!(lines[0].more, "Acme renews: call them");
}
