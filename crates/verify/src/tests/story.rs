//! A workspace in which much has happened, with instances at every kind of wait.

use super::{
    drawings::{
        calling, deciding, delivered, fallible, for_event, mailing, meeting, onboarding, visits,
        waiting,
    },
    house::{ADA, HOUR, House},
};
use journey::{
    Event, Position,
    draft::Exit,
    effect::{
        FailureKind::{Permanent, Transient},
        SlaState,
    },
    event::SlaChange,
    migrate::Mapping,
    sla::Reason,
};
use scratch::Place;
use serde_json::json;
use std::{collections::HashMap, time::Duration};
use store::{
    InstanceId, JourneyId, Paging, TaskId,
    accounts::Statement,
    directory::{NewTeam, NewUser, Role},
    instances::Filter,
    journeys::Mode,
    migrations::{Begun, NewMigration, Purpose, State},
};

/// What has happened.
pub(crate) struct Story {
    pub(crate) house: House,
    named: HashMap<&'static str, InstanceId>,
}

fn input(id: u32) -> serde_json::Value {
    json!({ "id": id.to_string(), "account": "" })
}

impl Story {
    /// The instance that has this name.
    pub(crate) fn of(&self, name: &str) -> InstanceId {
        self.named[name]
    }

    pub(crate) async fn lived() -> Self {
        Self::lived_at(Place::chosen().await).await
    }

    pub(crate) async fn lived_at(place: Place) -> Self {
        let house = House::at(place).await;
        let account = Statement {
            external_id: "A-1".to_owned(),
            name: "Ada".to_owned(),
            ..Statement::default()
        };
        house.store.create_account(&account, house.now()).await.unwrap();
        let user = NewUser {
            email: ADA.to_owned(),
            name: "Ada".to_owned(),
            role: Role::Member,
            password_hash: String::new(),
        };
        house.store.create_user(&user, house.now()).await.unwrap();
        let (name, members) = ("CS".to_owned(), vec![ADA.to_owned()]);
        let team = NewTeam { name, members, lead: None, calendar: None };
        house.store.create_team(&team, house.now()).await.unwrap();
        let mut story = Self { house, named: HashMap::new() };
        story.time_passes().await;
        story.calls().await;
        story.waits().await;
        story.below().await;
        story.called().await;
        story.people().await;
        story.shadow().await;
        story.moved().await;
        story
    }

    fn name(&mut self, name: &'static str, id: InstanceId) {
        self.named.insert(name, id);
    }

    /// What waited at the beginning, nine hours later.
    async fn time_passes(&mut self) {
        let house = &self.house;
        let onboarding = house.publish(&onboarding("late")).await;
        let late = house.open(onboarding, input(1)).await;
        house.until_at(late, "call").await;
        let slept = house.publish(&waiting(json!({ "for": "PT1H" }))).await;
        let slept = house.open(slept, input(1)).await;
        let timed_out = house.publish(&for_event("PT1H")).await;
        let timed_out = house.open(timed_out, input(1)).await;
        // Time goes on for all once they are at their waits.
        house.until_at(slept, "wait").await;
        house.until_at(timed_out, "wait").await;
        house.clock.advance(9 * HOUR);
        house.until_over(slept).await;
        house.until_over(timed_out).await;
        let has_escalated = |state: &journey::Instance| {
            state.waits().iter().any(|wait| format!("{:?}", wait.on).contains("Claimed"))
        };
        house.until(late, has_escalated).await;
        // A promise that begins anew may break anew.
        let position = house.until_at(late, "call").await;
        let change = SlaChange::Reset;
        house.deliver(late, Event::SlaChanged { position, by: ADA.to_owned(), change }).await;
        house.clock.advance(9 * HOUR);
        let has_breached = |state: &journey::Instance| {
            state.wait(position).unwrap().sla() == Some(SlaState::Breached)
        };
        house.until(late, has_breached).await;
        self.name("late", late);
        self.name("slept", slept);
        self.name("timed out", timed_out);
    }

    async fn calls(&mut self) {
        let house = &self.house;
        let journey = house.publish(&onboarding("upsert")).await;
        house.fail("upsert", &[Transient]);
        let ended = house.open_as(journey, input(2), Some("k-ended")).await;
        let is_retrying = |state: &journey::Instance| {
            state.waits().iter().any(|wait| wait.node == "upsert" && wait.due().is_some())
        };
        house.until(ended, is_retrying).await;
        house.clock.advance(11_000);
        let position = house.until_at(ended, "call").await;
        house.complete(TaskId { instance: ended, position }, ADA, "done").await;
        let cancelled = house.open(journey, input(3)).await;
        house.until_at(cancelled, "call").await;
        let cancel = Event::Cancelled { reason: "churned".to_owned(), by: ADA.to_owned() };
        house.deliver(cancelled, cancel).await;
        house.until_over(cancelled).await;
        let tasked = house.open_as(journey, input(4), Some("k-tasked")).await;
        let position = house.until_at(tasked, "call").await;
        house.claim(tasked, position, ADA).await;
        house.fail("upsert", &[Transient]);
        let retrying = house.open(journey, input(5)).await;
        house.until(retrying, is_retrying).await;
        house.fail("upsert", &[Permanent]);
        let incident = house.open(journey, input(6)).await;
        house.until_incident(incident).await;
        house.fail("upsert", &[Permanent]);
        let retried = house.open(journey, input(20)).await;
        house.until_incident(retried).await;
        let retry = Event::IncidentRetried { position: UPSERT, by: ADA.to_owned() };
        house.deliver(retried, retry).await;
        house.until_at(retried, "call").await;
        let mailing = house.publish(&mailing()).await;
        let mailed = house.open(mailing, input(21)).await;
        house.until_over(mailed).await;
        let hanging = house.publish(&onboarding("hang")).await;
        let calling = house.open(hanging, input(7)).await;
        house.until_at(calling, "upsert").await;
        let fallible = house.publish(&fallible()).await;
        house.fail("try", &[Transient, Transient]);
        let failed = house.open(fallible, input(8)).await;
        house.until_over(failed).await;
        for (name, id) in [
            ("ended", ended),
            ("cancelled", cancelled),
            ("tasked", tasked),
            ("retrying", retrying),
            ("incident", incident),
            ("calling", calling),
            ("failed", failed),
        ] {
            self.name(name, id);
        }
    }

    async fn waits(&mut self) {
        let house = &self.house;
        let journey = house.publish(&for_event("P30D")).await;
        let listening = house.open(journey, input(9)).await;
        let journey = house.publish(&waiting(json!({ "for": "P1D" }))).await;
        let pausing = house.open(journey, input(10)).await;
        let condition = json!({ "condition": "account.health > 5.0", "timeout": "P30D" });
        let journey = house.publish(&waiting(condition)).await;
        let watching = house.open(journey, json!({ "id": "11", "account": "A-1" })).await;
        let condition = json!({ "condition": "now > timestamp('2099-01-01T00:00:00Z')" });
        let journey = house.publish(&waiting(condition)).await;
        house.open(journey, input(22)).await;
        let mut drawing = waiting(json!({ "for": "P1D" }));
        let (when, outcome) = ("account.segment == 'gone'".to_owned(), "churned".to_owned());
        drawing.exits.push(Exit { when, outcome, ..Exit::default() });
        let journey = house.publish(&drawing).await;
        let exiting = house.open(journey, json!({ "id": "19", "account": "A-1" })).await;
        let journey = house.publish(&meeting()).await;
        let joining = house.open(journey, input(12)).await;
        house.until_at(joining, "meet").await;
        self.name("listening", listening);
        self.name("pausing", pausing);
        self.name("watching", watching);
        self.name("exiting", exiting);
        self.name("joining", joining);
    }

    async fn below(&mut self) {
        let sites = json!({ "sites": ["north", "south"], "account": "" });
        let journey = self.house.publish(&visits("parallel")).await;
        let parent = self.house.open(journey, sites.clone()).await;
        let children = self.house.children(parent, 2).await;
        for child in &children {
            self.house.until_at(*child, "visit").await;
        }
        let position = self.house.until_at(children[0], "visit").await;
        self.house.complete(TaskId { instance: children[0], position }, ADA, "done").await;
        let is_told = |state: &journey::Instance| {
            let text = format!("{:?}", state.waits());
            text.contains("Over") && text.contains("Running")
        };
        self.house.until(parent, is_told).await;
        let journey = self.house.publish(&visits("sequence")).await;
        let sequence = self.house.open(journey, sites).await;
        self.house.children(sequence, 1).await;
        let is_running =
            |state: &journey::Instance| format!("{:?}", state.waits()).contains("Running");
        self.house.until(sequence, is_running).await;
        self.name("parent", parent);
        self.name("child", children[1]);
        self.name("sequence", sequence);
    }

    async fn called(&mut self) {
        let house = &self.house;
        let journey = house.publish(&waiting(json!({ "for": "P1D" }))).await.to_string();
        let caller = house.publish(&calling(&journey, true)).await;
        let caller = house.open(caller, input(23)).await;
        let is_running =
            |state: &journey::Instance| format!("{:?}", state.waits()).contains("Running");
        house.until(caller, is_running).await;
        let sender = house.publish(&calling(&journey, false)).await;
        let sender = house.open(sender, input(24)).await;
        house.until_over(sender).await;
        let journey = house.publish(&delivered()).await;
        let hooked = house.deliver_hook(journey, json!({ "order": "o-1", "account": "" })).await;
        self.name("hooked", hooked);
    }

    async fn people(&mut self) {
        let house = &self.house;
        let journey = house.publish(&deciding()).await;
        let half = house.open(journey, input(13)).await;
        let position = house.until_at(half, "ok").await;
        house.complete(TaskId { instance: half, position }, ADA, "approved").await;
        let handed = house.open(journey, input(14)).await;
        let task = TaskId { instance: handed, position };
        house.complete(task, ADA, "approved").await;
        house.complete(task, "bob@x.y", "approved").await;
        house.until_at(handed, "hand").await;
        let journey = house.publish(&onboarding("paused")).await;
        let paused = house.open(journey, input(15)).await;
        let position = house.until_at(paused, "call").await;
        let change = SlaChange::Pause { reason: Reason::WaitingOnCustomer };
        house.deliver(paused, Event::SlaChanged { position, by: ADA.to_owned(), change }).await;
        self.name("half approved", half);
        self.name("handed over", handed);
        self.name("paused", paused);
    }

    /// A shadow runs beside a live instance of its journey.
    async fn shadow(&mut self) {
        let house = &self.house;
        let journey = house.publish(&onboarding("beside")).await;
        house.publish_as(journey, Mode::Shadow).await;
        let live = house.open(journey, input(16)).await;
        house.until_at(live, "call").await;
        let filter =
            Filter { journey: Some(journey), mode: Some(Mode::Shadow), ..Filter::default() };
        let shadow = loop {
            let page = house.store.instances(filter, Paging::first(1)).await.unwrap();
            if let Some(shadow) = page.items.first() {
                break shadow.id;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        house.until_at(shadow, "call").await;
        self.name("shadow", shadow);
    }

    /// A waiting instance goes on with another version.
    async fn moved(&mut self) {
        let house = &self.house;
        let journey = house.publish(&for_event("P30D")).await;
        let moved = house.open(journey, input(17)).await;
        house.until_at(moved, "wait").await;
        let tasks = house.publish(&onboarding("moves")).await;
        let tasked = house.open(tasks, input(18)).await;
        house.until_at(tasked, "call").await;
        move_all(house, journey).await;
        move_all(house, tasks).await;
        self.name("moved", moved);
        self.name("moved task", tasked);
    }
}

async fn move_all(house: &House, journey: JourneyId) {
    house.publish_as(journey, Mode::Live).await;
    let (mapping, purpose, by) = (Mapping::default(), Purpose::Move, ADA.to_owned());
    let migration = NewMigration { journey, from: 1, to: 2, mapping, purpose, by };
    let begun = house.store.create_migration(&migration, house.now()).await.unwrap();
    let Begun::Migration(migration) = begun else { panic!("{begun:?}") };
    house.runtime.look_at_migrations();
    for _ in 0..2_000 {
        let found = house.store.migration(migration).await.unwrap().unwrap();
        if found.state == State::Done {
            assert_eq!(house.store.count_living_on(journey, 1).await.unwrap(), 0);
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the instances never moved");
}

/// Where the first call of an onboarding is.
pub(crate) const UPSERT: Position = Position(1);
