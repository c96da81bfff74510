//! Instances that move to another version while an event looks for those that wait for it.

use super::{
    House, START,
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
    journeys::{Mode, NewVersion},
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
    let (note, by) = (String::new(), "ada@x.y".to_owned());
    let version = NewVersion { draft: draft.clone(), revision: 1, mode: Mode::Live, note, by };
    house.store.publish(journey, &version, START).await.unwrap().unwrap();
    house.runtime.published(journey);
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
