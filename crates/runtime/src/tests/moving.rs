//! Instances that move to another version while an event looks for those that wait for it.

use super::{
    House, START,
    children::visits,
    events::{empty_house, event, line, trigger, wait_for},
    publish,
};
use journey::{
    Context, Event, Status,
    calendar::Calendars,
    migrate::{Mapping, Migration, Version},
};
use serde_json::json;
use store::{
    InstanceId, Paging,
    instances::Filter,
    journeys::Mode,
    migrations::{Begun, NewMigration, Outcome, Purpose},
};

/// More than are looked at together, on the version that is looked at last.
const WAITING: usize = 1_000;
const MOVING: usize = 500;

impl House {
    /// The move of an instance from version 2 to version 1, planned and not yet made.
    async fn planned(&self, id: InstanceId, (from, to): (Version<'_>, Version<'_>)) -> Event {
        let state = self.store.instance(id).await.unwrap().unwrap().state;
        let records = self.store.records(id, Paging::first(100)).await.unwrap().items;
        let (mapping, calendars) = (Mapping::default(), Calendars::default());
        let migration = Migration::new(from, to, &mapping).unwrap();
        let context = Context { now: START, account: None, calendars: &calendars };
        migration.plan(&state, &records, context, "ada@x.y").event().unwrap()
    }
}

#[tokio::test]
async fn an_event_finds_those_that_move_to_a_version_it_has_looked_at() {
    let house = empty_house().await;
    let draft = line(&[trigger(json!({ "type": "manual" })), wait_for("ping")]);
    let journey = publish(house.store.as_ref(), &draft).await;
    house.publish_again(journey, Mode::Live).await;
    let compiled = journey::reopen(&draft).unwrap();
    let version = |number| Version { number, draft: &draft, journey: &compiled };
    let mut waiting = Vec::with_capacity(WAITING);
    for _ in 0..WAITING {
        waiting.push(house.begin(journey, json!({ "order": "7" })).await);
    }
    let mut moves = Vec::with_capacity(MOVING);
    for id in &waiting[WAITING - MOVING..] {
        moves.push((*id, house.planned(*id, (version(2), version(1))).await));
    }
    let moving = async {
        let mut moved = 0;
        for (id, event) in moves.into_iter().rev() {
            // Who was woken first does not move any more.
            moved += usize::from(house.runtime.deliver(id, event).await.is_ok());
        }
        moved
    };
    let ping = [event("ping", None, json!({ "order": "7" }))];
    let (moved, _) = tokio::join!(moving, house.send(&ping));
    assert!(moved > 0, "nobody moved while the event was at work");
    for id in waiting {
        assert_eq!(house.status(id).await, Status::Ended, "{id}");
    }
}

#[tokio::test]
async fn an_instance_moves_with_those_below_it() {
    let house = empty_house().await;
    let draft = visits("parallel");
    let journey = publish(house.store.as_ref(), &draft).await;
    let input = json!({ "sites": ["north", "south"], "account": "" });
    let parent = house.begin(journey, input).await;
    let tasks = house.tasks(2).await;
    house.publish_again(journey, Mode::Live).await;
    let by = "ada@x.y".to_owned();
    let (mapping, purpose) = (Mapping::default(), Purpose::Move);
    let migration = NewMigration { journey, from: 1, to: 2, mapping, purpose, by };
    let begun = house.store.create_migration(&migration, START).await.unwrap();
    let Begun::Migration(migration) = begun else { panic!("{begun:?}") };
    house.runtime.look_at_migrations();
    let moved = async || {
        let moved = Some(Outcome::Moved);
        let looked = house.store.looked(migration, moved, Paging::first(10)).await.unwrap();
        looked.items.len() == 3
    };
    house.until(moved).await;
    let all = Filter { journey: Some(journey), ..Filter::default() };
    let all = house.store.instances(all, Paging::first(10)).await.unwrap().items;
    assert!(all.iter().all(|one| one.version == 2), "{all:?}");
    for task in tasks {
        house.complete(task).await.unwrap();
    }
    assert_eq!(house.over(parent).await, Status::Ended);
}
