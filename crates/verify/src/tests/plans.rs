//! How the databases go about what the product says to them: every statement that servers say while much happens, once very much is there.

use super::{
    drawings::opened_by,
    house::{HOUR, House, START},
    story::Story,
};
use journey::Draft;
use scratch::{
    Place,
    plans::{Hand, partitions},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, time::Duration};
use store::{
    AccountId, Store,
    accounts::{Created, Statement},
    events::NewEvent,
    statements::{Said, heard, listen},
};

/// Statements of servers that look into more than one slot, and why. A list is a page that a person reads; all others are by slot.
const ACROSS: &[(&str, &str)] = &[
    ("WITH RECURSIVE hops", "who waits longest is asked of all"),
    (
        "FROM work WHERE (lane, available_at) >= ",
        "what is due longest in a lane is taken, wherever it is",
    ),
    ("SELECT MIN(available_at) FROM work", "the poller sleeps until something is due anywhere"),
    ("SELECT slot, lane FROM event_lanes WHERE turn >= 0", "who waits longest is asked of all"),
    ("FROM pending_events ORDER BY event LIMIT", "what waits anywhere is counted"),
    (
        "DELETE FROM pending_events WHERE slot IN ($2, 0)",
        "events that concern no account wait in slot 0",
    ),
    ("WHERE w.lease <> 0 AND w.node = ", "a node that is gone leaves work of all slots"),
    (
        "SET available_at = due_at, lease = 0, node = 0 WHERE lease <> 0",
        "a node that is gone leaves work of all slots",
    ),
    (
        "SELECT COUNT(*) FROM messages WHERE journey = ",
        "a cap counts what a person got, whatever account it was about",
    ),
    (
        "SELECT COUNT(*) FROM instances WHERE journey = $1 AND version",
        "a list: how many live on a version",
    ),
    (
        "SELECT id FROM instances WHERE journey = $1 AND id > $2",
        "a migration goes through all instances of a journey",
    ),
    ("WHERE i.id < $1 AND i.journey = ", "a list of instances"),
];

/// Statements that go through a table that grows, and why; to remove all that is in one, SQLite looks at nothing.
const THROUGH: &[(&str, &str)] = &[(
    "DELETE FROM dates",
    "a new release lists all triggers anew, once; a version that is published, those of its journey",
)];

/// What servers say while much happens, and a hand on a workspace in which there is very much of it.
async fn said_at(place: Place) -> (House, BTreeSet<Said>, Hand) {
    listen();
    let house = Story::lived_at(place).await.house;
    let account = account(&house).await;
    send(house.store.as_ref(), account).await;
    while house.store.events_backlog(1).await.unwrap().waiting > 0 {
        house.runtime.look_at_events();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.clock.advance(HOUR);
    house.runtime.shutdown(Duration::from_secs(20)).await;
    let said = heard();
    house.store.close().await;
    // What nobody dispatches any more.
    let beside = house.place.open(2).await;
    send(beside.as_ref(), account).await;
    beside.close().await;
    let mut hand = Hand::on(&house.place).await;
    for empty in hand.fill().await {
        // What is inserted alone goes through nothing.
        let reads = said.iter().find(|said| said.text.contains(&format!("FROM {empty} ")));
        assert_eq!(reads, None, "nothing is in {empty}");
    }
    (house, said, hand)
}

/// An account whose date opens something some day, and whose payments do.
async fn account(house: &House) -> AccountId {
    let on_date = json!({ "type": "date", "field": "ends" });
    for drawing in [opened_by("paid"), by(on_date)] {
        house.publish(&drawing).await;
    }
    let fields = json!({ "ends": "2031-10-20" });
    let statement = Statement {
        external_id: "A-2".to_owned(),
        fields: fields.as_object().cloned().unwrap_or_default(),
        ..Statement::default()
    };
    let made = house.store.create_account(&statement, house.now()).await.unwrap();
    let (Created::Account(account) | Created::Taken(account)) = made;
    account
}

fn by(on: Value) -> Draft {
    let mut drawing = serde_json::to_value(opened_by("paid")).unwrap();
    drawing["nodes"][0]["on"] = on;
    serde_json::from_value(drawing).unwrap()
}

async fn send(store: &dyn Store, account: AccountId) {
    let event = NewEvent {
        key: None,
        kind: "paid".to_owned(),
        account: Some(account),
        at: START,
        data: Map::new(),
        depth: 0,
        sent_by: None,
    };
    store.accept(&[event], START).await.unwrap();
}

/// Which of these speak of the statement.
fn excuse(list: &'static [(&str, &str)], said: &Said) -> Option<&'static str> {
    list.iter().map(|(piece, _)| *piece).find(|piece| said.text.contains(piece))
}

/// Each statement does as it should or is excused, and each excuse is needed.
fn assert_excused(found: &[(Said, String)], list: &'static [(&str, &str)]) {
    let excused: BTreeSet<_> = found.iter().filter_map(|(said, _)| excuse(list, said)).collect();
    let others = found.iter().filter(|(said, _)| excuse(list, said).is_none());
    let others: Vec<_> = others.map(|(said, plan)| format!("{}\n{plan}", said.text)).collect();
    assert!(others.is_empty(), "{}", others.join("\n"));
    for (piece, why) in list {
        assert!(excused.contains(piece), "no statement needs to be excused ({why}): {piece}");
    }
}

#[tokio::test]
async fn what_is_about_an_instance_or_an_account_touches_one_partition() {
    let (_house, said, mut hand) = said_at(Place::Postgres(scratch::partitioned().await)).await;
    let (mut across, mut within) = (Vec::new(), 0);
    for said in said {
        let plan = hand.steps(&said).await;
        // Tables are partitioned alike: the same number is the same slots.
        let parts: BTreeSet<_> =
            partitions(&plan).into_iter().filter_map(|it| it.chars().last()).collect();
        match parts.len() {
            0 => {}
            1 => within += 1,
            _ => across.push((said, plan)),
        }
    }
    assert!(within >= 20, "{within} statements are by slot");
    assert_excused(&across, ACROSS);
}

async fn goes_through_nothing_but(excused: &'static [(&str, &str)], place: Place) {
    let (_house, said, mut hand) = said_at(place).await;
    assert!(said.len() > 60, "{}", said.len());
    let mut through = Vec::new();
    for said in said {
        let (plan, tables) = hand.plan(&said).await;
        if !tables.is_empty() {
            through.push((said, plan));
        }
    }
    assert_excused(&through, excused);
}

#[tokio::test]
async fn no_statement_goes_through_a_table_that_grows() {
    goes_through_nothing_but(&[], Place::File(tempfile::tempdir().unwrap())).await;
}

#[tokio::test]
async fn no_statement_goes_through_a_table_that_grows_on_postgres() {
    goes_through_nothing_but(THROUGH, Place::Postgres(scratch::database().await)).await;
}
