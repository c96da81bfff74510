use super::*;
use serde_json::json;

fn must_say<const N: usize>(cases: [(&str, Value, &str); N]) {
    for (kind, held, words) in cases {
        let settings = held.as_object().cloned().unwrap_or_default();
        let node = Node { kind: kind.to_owned(), settings, ..Node::default() };
        assert_eq!(summary(&Draft::default(), &node), words);
    }
}

#[test]
fn a_triggers_card_says_what_opens_the_journey() {
    must_say([
        (
            "trigger",
            json!({ "on": { "type": "event", "event": "order.shipped" } }),
            "Event · order.shipped",
        ),
        (
            "trigger",
            json!({ "on": { "type": "change", "field": "stage", "from": "trial", "to": "live" } }),
            "stage: trial → live",
        ),
        (
            "trigger",
            json!({ "on": { "type": "schedule", "rrule": "FREQ=DAILY;BYHOUR=9;BYMINUTE=0" } }),
            "Every day at 09:00",
        ),
        (
            "trigger",
            json!({ "on": { "type": "date", "field": "contract_end", "before": { "business": "P90D" } } }),
            "90 business days before contract_end",
        ),
        (
            "trigger",
            json!({ "on": { "type": "segment", "segment": "smb", "change": "left" } }),
            "Account leaves smb",
        ),
        ("trigger", json!({ "on": { "type": "health", "to": "red" } }), "Health becomes red"),
    ]);
}

#[test]
fn a_card_says_in_plain_words_what_its_step_does() {
    must_say([
        (
            "approval",
            json!({ "owner": { "rule": "team", "team": "finance" }, "quorum": 2, "sla": { "due": "P1D" } }),
            "2 of finance · 1 day",
        ),
        ("handoff", json!({ "from_team": "sales", "to_team": "" }), "sales → choose a team"),
        (
            "ai_check",
            json!({ "connection": "llm", "operation": "judge", "threshold": 0.8 }),
            "llm · judge · sure from 80 %",
        ),
        (
            "decision",
            json!({ "table": { "hit": "collect", "rules": [{}] } }),
            "1 rule, all that hold",
        ),
        (
            "join",
            json!({ "need": 2, "cancel_rest": true }),
            "Goes on when 2 have arrived, ends the rest",
        ),
        (
            "for_each",
            json!({ "as": "contact", "body": "Call one", "mode": "sequence" }),
            "Each contact: Call one, one by one",
        ),
        (
            "wait",
            json!({ "event": { "name": "order.shipped" }, "timeout": "P3D" }),
            "For event order.shipped, at most 3 days",
        ),
        (
            "journey",
            json!({ "journey": "Renewal", "version": 3, "wait": false }),
            "Renewal v3 · goes on at once",
        ),
        (
            "milestone",
            json!({ "milestone": "first_value", "stage": "adoption" }),
            "first_value · stage adoption",
        ),
        (
            "notify",
            json!({ "channel": "email", "to": "account.email" }),
            "By email · account.email",
        ),
        ("end", json!({ "outcome": "churned", "everything": true }), "churned · ends everything"),
    ]);
}
