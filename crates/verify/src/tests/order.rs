//! Events of accounts, handled in their order and out of it.

use super::{
    drawings::opened_by,
    house::{House, START, found},
};
use crate::Invariant::I8;
use serde_json::Map;
use std::time::Duration;
use store::{
    AccountId,
    accounts::{Created, Statement},
    events::NewEvent,
};

async fn account(house: &House, name: &str) -> AccountId {
    let statement = Statement { external_id: name.to_owned(), ..Statement::default() };
    let (Created::Account(id) | Created::Taken(id)) =
        house.store.create_account(&statement, START).await.unwrap();
    id
}

/// Twelve events of two accounts, each of which opens an instance.
async fn handled() -> House {
    let house = House::new().await;
    house.publish(&opened_by("paid")).await;
    let accounts = [account(&house, "A-1").await, account(&house, "A-2").await];
    let events: Vec<_> = (0..12)
        .map(|number| NewEvent {
            key: None,
            kind: "paid".to_owned(),
            account: Some(accounts[number % 2]),
            at: START,
            data: Map::new(),
            depth: 0,
            sent_by: None,
        })
        .collect();
    house.store.accept(&events, START).await.unwrap();
    house.runtime.look_at_events();
    for _ in 0..2_000 {
        if house.store.events_backlog(1).await.unwrap().waiting == 0 {
            return house;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("events still wait")
}

#[tokio::test]
async fn events_handled_in_their_order_are_clean() {
    let house = handled().await;
    let report = house.verify().await;
    assert!(report.is_clean(), "{report}");
    assert!(report.to_string().contains("I8 holds (12 looked at)"), "{report}");
}

#[tokio::test]
async fn events_of_an_account_that_were_handled_out_of_order_are_found() {
    let house = handled().await;
    // The first that was handled is said to have been the last.
    house.damage("UPDATE reactions SET id = (SELECT MAX(id) FROM reactions) + 1 WHERE id = (SELECT MIN(id) FROM reactions)").await;
    let report = house.verify().await;
    let (violations, sentences) = found(&report, I8);
    assert!(violations == 1 && sentences[0].contains("which came later"), "{report}");
    assert!(sentences[0].starts_with("acc_"), "{report}");
}
