//! Back-tests of what real databases remember.

use crate::{Answer, Progress, Question, Unanswered, limits, recall, relive};
use journey::{Draft, Status, Timestamp};
use scratch::Place;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{
    AccountId, Store,
    accounts::{Created, Statement},
    events::NewEvent,
    would_have::Kind,
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Monday, the beginning of what is remembered.
fn monday() -> Timestamp {
    Timestamp::from_rfc3339("2026-01-05T00:00:00Z").unwrap()
}

fn day(number: i64) -> Timestamp {
    monday().plus(number * DAY)
}

struct House {
    store: Arc<dyn Store>,
    _place: Place,
}

impl House {
    async fn open() -> Self {
        let place = Place::chosen().await;
        Self { store: place.open(1).await, _place: place }
    }

    async fn account(&self, external_id: &str, at: Timestamp, fields: Value) -> AccountId {
        let statement = Statement {
            external_id: external_id.to_owned(),
            name: external_id.to_owned(),
            segment: Some("smb".to_owned()),
            fields: fields.as_object().cloned().unwrap_or_default(),
            ..Statement::default()
        };
        match self.store.create_account(&statement, at).await.unwrap() {
            Created::Account(id) => id,
            Created::Taken(id) => panic!("{id} is there already"),
        }
    }

    async fn change(&self, account: AccountId, at: Timestamp, members: Value) {
        let members = members.as_object().cloned().unwrap();
        self.store.patch_account(account, &members, at).await.unwrap().unwrap();
    }

    async fn event(&self, kind: &str, account: AccountId, at: Timestamp, received: Timestamp) {
        let event = NewEvent {
            key: None,
            kind: kind.to_owned(),
            account: Some(account),
            at,
            data: serde_json::Map::new(),
            depth: 0,
            sent_by: None,
        };
        self.store.accept(&[event], received).await.unwrap();
    }

    async fn ask(&self, draft: Value, from: Timestamp, to: Timestamp) -> Answer {
        self.try_to_ask(draft, from, to, &Progress::default()).await.unwrap()
    }

    async fn try_to_ask(
        &self,
        draft: Value,
        from: Timestamp,
        to: Timestamp,
        progress: &Progress,
    ) -> Result<Answer, Unanswered> {
        let draft: Draft = serde_json::from_value(draft).unwrap();
        let question = Question { journey: None, draft, from, to };
        let past = recall(self.store.as_ref(), question, progress).await?;
        std::thread::scope(|scope| scope.spawn(|| relive(past, progress)).join().unwrap())
    }
}

/// Opened by an event: what is gold gets a task, the others end at once.
fn gold(on: &Value) -> Value {
    json!({
        "format": 1, "name": "Gold",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": on },
            { "id": "gold", "kind": "decision", "name": "Gold?" },
            { "id": "pause", "kind": "wait", "name": "Pause", "for": "P2D" },
            { "id": "call", "kind": "task", "name": "Call", "title": "Call", "owner": { "rule": "team", "team": "CS" },
              "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
            { "id": "good", "kind": "end", "name": "Good", "outcome": "called" },
            { "id": "other", "kind": "end", "name": "Other", "outcome": "not_gold" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "gold" },
            { "id": "e2", "from": "gold", "to": "pause", "when": "account.plan == 'gold'" },
            { "id": "e3", "from": "gold", "port": "default", "to": "other" },
            { "id": "e4", "from": "pause", "to": "call" },
            { "id": "e5", "from": "call", "port": "done", "to": "good" }
        ]
    })
}

fn outcomes(answer: &Answer) -> Vec<(&str, u64)> {
    answer.outcomes.iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect()
}

#[tokio::test]
async fn an_account_is_read_as_it_stood_and_never_as_it_is_today() {
    let house = House::open().await;
    let ada = house.account("ada", day(-9), json!({ "plan": "free" })).await;
    house.event("asked", ada, day(1), day(1)).await;
    house.change(ada, day(3), json!({ "plan": "gold" })).await;
    house.event("asked", ada, day(4), day(4)).await;
    house.change(ada, day(20), json!({ "plan": "lost" })).await;
    house.event("asked", ada, day(21), day(21)).await;
    // After all that is asked about: as it is today it would have been called at once.
    house.change(ada, day(30), json!({ "plan": "gold" })).await;
    let draft = gold(&json!({ "type": "event", "event": "asked" }));
    let answer = house.ask(draft.clone(), day(0), day(28)).await;
    assert_eq!(answer.started, 3);
    assert_eq!(outcomes(&answer), [("not_gold", 2), ("called", 1)]);
    assert_eq!((answer.accounts, answer.came_later, answer.happened), (1, 0, 5));
    let run = &answer.runs[1];
    assert_eq!((run.started_at, run.status), (day(4), Status::Ended));
    let ways: Vec<_> = run.stays.iter().map(|stay| (stay.node.as_str(), stay.at)).collect();
    assert_eq!(ways[..3], [("start", day(4)), ("gold", day(4)), ("pause", day(4))], "{ways:?}");
    assert_eq!(ways[3], ("call", day(6)));
    assert_eq!(answer.deeds, [(Kind::Started, 3), (Kind::Task, 1)]);
    assert_eq!(answer.owners, [("CS".to_owned(), 1)]);
    assert_eq!(answer.weeks, [(day(0), 2), (day(7), 0), (day(14), 0), (day(21), 1)]);
    // Whoever asks for less sees less of it, and what is not over by then is still there.
    let answer = house.ask(draft, day(2), day(5)).await;
    assert_eq!(answer.statuses, [(Status::Running, 1)]);
    let here: Vec<_> = answer.flow.nodes().filter(|(_, figures)| figures.here > 0).collect();
    assert_eq!(here.iter().map(|(node, _)| *node).collect::<Vec<_>>(), ["pause"]);
}

#[tokio::test]
async fn what_was_reported_late_counts_as_of_when_it_happened() {
    let house = House::open().await;
    // Came into the workspace long after, with its history.
    let ada = house.account("ada", day(100), json!({ "plan": "gold" })).await;
    house.event("asked", ada, day(5), day(101)).await;
    house.event("asked", ada, day(2), day(102)).await;
    house.event("asked", ada, day(99), day(103)).await;
    let draft = gold(&json!({ "type": "event", "event": "asked" }));
    let answer = house.ask(draft, day(0), day(28)).await;
    let starts: Vec<_> = answer.runs.iter().map(|run| run.started_at).collect();
    assert_eq!(starts, [day(2), day(5)]);
    assert_eq!((answer.came_later, outcomes(&answer)), (1, vec![("called", 2)]));
}

#[tokio::test]
async fn changes_schedules_and_entry_rules_work_as_live() {
    let house = House::open().await;
    let ada = house.account("ada", day(-9), json!({ "plan": "free" })).await;
    house.account("ben", day(-9), json!({ "plan": "free" })).await;
    house.change(ada, day(3), json!({ "plan": "gold" })).await;
    let change = json!({ "type": "change", "object": "account", "field": "plan", "to": "gold" });
    let answer = house.ask(gold(&change), day(0), day(28)).await;
    assert_eq!((answer.started, outcomes(&answer)), (1, vec![("called", 1)]));
    assert_eq!(answer.runs[0].account.as_ref().map(|one| one.id), Some(ada));

    let on = json!({ "type": "schedule", "rrule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9", "timezone": "UTC", "for_each": "smb" });
    let mut weekly = gold(&on);
    weekly["nodes"][0]["entry"] = json!({ "cool_down": "P20D" });
    let answer = house.ask(weekly, day(0), day(28)).await;
    // Both on the first Monday and again on the fourth.
    assert_eq!(answer.started, 4, "{answer:?}");
    let kept_out: Vec<_> =
        answer.kept_out.iter().map(|one| (one.code.as_str(), one.count)).collect();
    assert_eq!(kept_out, [("cool-down", 4)]);
}

#[tokio::test]
async fn what_failed_is_told_with_its_step() {
    let house = House::open().await;
    let ada = house.account("ada", day(-9), json!({ "plan": "gold" })).await;
    house.event("asked", ada, day(1), day(1)).await;
    house.event("asked", ada, day(2), day(2)).await;
    let draft = json!({
        "format": 1, "name": "Keep it",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "event", "event": "asked" } },
            { "id": "keep", "kind": "set", "name": "Keep it",
              "assign": [{ "to": "vars.size", "value": "account.no_such_field" }] },
            { "id": "end", "kind": "end", "name": "End", "outcome": "kept" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "keep" },
            { "id": "e2", "from": "keep", "to": "end" }
        ]
    });
    let answer = house.ask(draft, day(0), day(28)).await;
    assert_eq!(answer.statuses, [(Status::Incident, 2)]);
    let [failed] = &answer.failed[..] else { panic!("{:?}", answer.failed) };
    assert_eq!((failed.node.as_str(), failed.count), ("keep", 2));
    assert!(failed.example.contains("no_such_field"), "{failed:?}");
    assert_eq!(answer.runs[0].failure.as_ref(), Some(&failed.example));
}

#[tokio::test]
async fn whoever_waits_for_the_stop_hears_it() {
    let progress = Progress::default();
    let (heard, ()) = tokio::join!(
        tokio::time::timeout(std::time::Duration::from_secs(10), progress.stopped()),
        async {
            tokio::task::yield_now().await;
            progress.stop();
        }
    );
    heard.unwrap();
}

#[tokio::test]
async fn all_outcomes_are_told_and_how_many_owners_are_not() {
    let house = House::open().await;
    let many = limits::OWNERS + 3;
    let mut draft = gold(&json!({ "type": "event", "event": "asked" }));
    let mut accounts = Vec::new();
    for number in 0..many {
        let name = format!("a{number}");
        accounts.push(house.account(&name, day(-9), json!({ "plan": "gold" })).await);
    }
    let twice = house.account("twice", day(-9), json!({ "plan": "gold" })).await;
    for account in accounts.into_iter().chain([twice]) {
        house.event("asked", account, day(1), day(1)).await;
    }
    house.event("asked", twice, day(2), day(2)).await;
    draft["nodes"][3]["owner"] =
        json!({ "rule": "expression", "value": "account.name + '@example.com'" });
    let answer = house.ask(draft, day(0), day(28)).await;
    assert_eq!((answer.owners.len(), answer.more_owners), (limits::OWNERS, 4));
    assert_eq!(answer.owners[0], ("twice@example.com".to_owned(), 2));
    assert!(answer.owners[1..].iter().all(|(_, tasks)| *tasks == 1), "{:?}", answer.owners);

    let on = json!({ "type": "event", "event": "asked" });
    let answer = house.ask(told_apart(&on, many), day(0), day(28)).await;
    assert_eq!((answer.outcomes.len(), answer.started), (many, many as u64 + 2));
}

/// Each of so many accounts comes to an end of its own, `a0` to the first.
fn told_apart(on: &Value, many: usize) -> Value {
    let mut nodes = vec![
        json!({ "id": "start", "kind": "trigger", "name": "Start", "on": on }),
        json!({ "id": "who", "kind": "decision", "name": "Who?" }),
    ];
    let mut edges = vec![json!({ "id": "in", "from": "start", "to": "who" })];
    for number in 0..many {
        let end = format!("end{number}");
        nodes.push(json!({ "id": end, "kind": "end", "name": end, "outcome": end }));
        edges.push(if number == 0 {
            json!({ "id": "e0", "from": "who", "port": "default", "to": end })
        } else {
            json!({ "id": format!("e{number}"), "from": "who", "to": end, "when": format!("account.name == 'a{number}'") })
        });
    }
    json!({ "format": 1, "name": "Told apart", "nodes": nodes, "edges": edges })
}

#[tokio::test]
async fn it_says_why_it_has_no_answer() {
    let house = House::open().await;
    let ada = house.account("ada", day(-9), json!({ "plan": "free" })).await;
    house.event("asked", ada, day(1), day(1)).await;
    let draft = gold(&json!({ "type": "event", "event": "asked" }));
    let stopped = Progress::default();
    stopped.stop();
    stopped.stopped().await;
    let answer = house.try_to_ask(draft.clone(), day(0), day(9), &stopped).await;
    assert!(matches!(answer, Err(Unanswered::Stopped)), "{answer:?}");
    let mut broken = draft;
    broken["nodes"][2]["for"] = json!("soon");
    let answer = house.try_to_ask(broken, day(0), day(9), &Progress::default()).await;
    assert!(matches!(answer, Err(Unanswered::Draft(_))), "{answer:?}");
}

#[tokio::test]
async fn more_at_once_than_memory_is_for_is_refused() {
    let house = House::open().await;
    let on = json!({ "type": "schedule", "rrule": "FREQ=MINUTELY", "timezone": "UTC" });
    let draft = json!({
        "format": 1, "name": "For ever",
        "nodes": [
            { "id": "start", "kind": "trigger", "name": "Start", "on": on },
            { "id": "pause", "kind": "wait", "name": "Pause", "for": "P3600D" },
            { "id": "end", "kind": "end", "name": "End", "outcome": "over" }
        ],
        "edges": [
            { "id": "e1", "from": "start", "to": "pause" },
            { "id": "e2", "from": "pause", "to": "end" }
        ]
    });
    let answer = house.try_to_ask(draft, day(0), day(60), &Progress::default()).await;
    let Err(Unanswered::TooMuch { what, limit }) = answer else { panic!("{answer:?}") };
    assert_eq!((what, limit), ("instances under way at once", limits::UNDER_WAY as u64));
}
