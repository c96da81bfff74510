//! Instances below others, over a real file.

use super::*;
use crate::{
    shadow::Reach,
    turn::{self, Before},
};
use journey::{
    Context, Instance,
    calendar::Calendars,
    effect::{Ending, Follows, Parent},
    instance::{ChildState, On},
    step,
};
use serde_json::Map;
use store::{
    commits::{Commit, Guard},
    instances::{Filter as Which, Life, Summary},
    nodes::NewNode,
    work::Job,
};

/// A journey that visits each site of its input in a part of its own drawing: a call, then a task.
pub(super) fn visits(mode: &str) -> Draft {
    draft_of(
        "Visits",
        json!([
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" }, "account": "input.account" },
            { "id": "each", "kind": "for_each", "name": "Each site", "items": "input.sites", "as": "site", "max": 1000,
              "body": { "from": "book", "to": "visit" }, "mode": mode },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "success" },
            { "id": "failed", "kind": "end", "name": "Failed", "outcome": "failed" },
            { "id": "book", "kind": "action", "name": "Book", "connection": "crm", "operation": "book", "input": { "site": "vars.site" } },
            { "id": "visit", "kind": "task", "name": "Visit", "title": "Visit {{ vars.site }}", "owner": { "rule": "team", "team": "CS" },
              "sla": { "due": "PT8H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] }
        ]),
        json!([
            { "id": "e1", "from": "start", "to": "each" },
            { "id": "e2", "from": "each", "to": "done" },
            { "id": "e3", "from": "each", "port": "error", "to": "failed" },
            { "id": "e4", "from": "book", "to": "visit" }
        ]),
    )
}

/// A journey that calls another.
fn caller(name: &str, called: &str, waits: bool) -> Draft {
    draft_of(
        name,
        json!([
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } },
            { "id": "call", "kind": "journey", "name": "Call", "journey": called, "input": { "id": "input.id", "account": "''" }, "wait": waits },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "success" }
        ]),
        json!([{ "id": "e1", "from": "start", "to": "call" }, { "id": "e2", "from": "call", "to": "done" }]),
    )
}

fn draft_of(name: &str, nodes: Value, edges: Value) -> Draft {
    serde_json::from_value(json!({ "format": 1, "name": name, "nodes": nodes, "edges": edges }))
        .unwrap()
}

impl House {
    async fn open(&self, journey: JourneyId, input: Value) -> InstanceId {
        let request = StartRequest { input, ..request(journey, 1) };
        self.runtime.start_instance(request).await.unwrap().instance
    }

    async fn below(&self, parent: InstanceId) -> Vec<Summary> {
        let filter = Which { parent: Some(parent), ..Which::default() };
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.instances(filter, Paging::new(after, 500)).await.unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// Waits until something holds, looking again whenever anything changes.
    pub(super) async fn until<F: Future<Output = bool>>(&self, mut holds: impl FnMut() -> F) {
        let mut changes = self.runtime.subscribe();
        let waiting = async {
            while !holds().await {
                let _ = tokio::time::timeout(Duration::from_millis(200), changes.recv()).await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("it holds at last");
    }

    pub(super) async fn over(&self, id: InstanceId) -> Status {
        self.until(async || matches!(self.status(id).await, Status::Ended | Status::Cancelled))
            .await;
        self.status(id).await
    }

    pub(super) async fn tasks(&self, count: usize) -> Vec<TaskId> {
        let open = async || {
            let page =
                self.store.tasks(Filter::open(Queue::All), Paging::first(500)).await.unwrap();
            page.items.into_iter().map(|task| task.id).collect::<Vec<_>>()
        };
        self.until(async || open().await.len() == count).await;
        open().await
    }

    async fn no_work_is_left(&self) {
        self.until(async || self.store.next_due().await.unwrap().is_none()).await;
    }

    async fn outcome(&self, id: InstanceId) -> Option<String> {
        let stored = self.store.instance(id).await.unwrap().unwrap();
        stored.state.outcome().map(str::to_owned)
    }
}

#[tokio::test]
async fn two_hundred_items_run_at_once_and_are_all_collected() {
    let script = Script::of([]);
    let house = house(Arc::clone(&script)).await;
    let account =
        Statement { external_id: "A-1".to_owned(), name: "Ada".to_owned(), ..Statement::default() };
    house.store.create_account(&account, START).await.unwrap();
    let journey = publish(house.store.as_ref(), &visits("parallel")).await;
    let sites: Vec<u32> = (0..200).collect();
    let parent = house.open(journey, json!({ "sites": sites, "account": "A-1" })).await;
    let tasks = house.tasks(200).await;
    let below = house.below(parent).await;
    assert_eq!(below.len(), 200, "one instance for each item, none twice");
    assert!(below.iter().all(|child| child.parent == Some(parent) && child.version == 1));
    let of = |child: &Summary| child.account.as_ref().map(|account| account.external_id.clone());
    assert!(below.iter().all(|child| of(child).as_deref() == Some("A-1")));
    for task in tasks {
        house.complete(task).await.unwrap();
    }
    assert_eq!(house.over(parent).await, Status::Ended);
    assert_eq!(house.outcome(parent).await.as_deref(), Some("success"));
    let stored = house.store.instance(parent).await.unwrap().unwrap();
    let output = stored.state.nodes()["each"].output.clone().unwrap();
    let output = output.as_array().unwrap();
    assert_eq!(output.len(), 200);
    for (index, item) in output.iter().enumerate() {
        assert_eq!((&item["index"], &item["vars"]["site"]), (&json!(index), &json!(index)));
    }
    assert_eq!(script.keys().len(), 200, "each item's call was made once");
    house.no_work_is_left().await;
}

#[tokio::test]
async fn cancelling_cancels_what_runs_below_and_closes_its_tasks() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &visits("parallel")).await;
    let sites: Vec<u32> = (0..150).collect();
    let parent = house.open(journey, json!({ "sites": sites, "account": "" })).await;
    house.tasks(150).await;
    let cancel = Event::Cancelled { reason: "churned".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(parent, cancel).await.unwrap();
    house.tasks(0).await;
    house.no_work_is_left().await;
    let below = house.below(parent).await;
    assert_eq!(below.len(), 150);
    assert!(below.iter().all(|child| child.status == Status::Cancelled));
    assert_eq!(house.status(parent).await, Status::Cancelled);
}

#[tokio::test]
async fn cancelling_while_instances_are_being_started_leaves_none_running() {
    let house = house(Script::hanging()).await;
    let journey = publish(house.store.as_ref(), &visits("parallel")).await;
    let sites: Vec<u32> = (0..300).collect();
    let parent = house.open(journey, json!({ "sites": sites, "account": "" })).await;
    let cancel = Event::Cancelled { reason: "churned".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(parent, cancel).await.unwrap();
    house
        .until(async || {
            let below = house.below(parent).await;
            below.iter().all(|child| child.status == Status::Cancelled)
                && house
                    .store
                    .children_at(parent, Position(1), Paging::first(1))
                    .await
                    .unwrap()
                    .items
                    .is_empty()
                && claim(house.store.as_ref(), START.plus(1), START.plus(2)).await.is_empty()
        })
        .await;
}

#[tokio::test]
async fn in_sequence_the_next_item_begins_when_the_one_before_is_over() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &visits("sequence")).await;
    let parent = house.open(journey, json!({ "sites": ["a", "b", "c"], "account": "" })).await;
    for site in ["a", "b", "c"] {
        let [task] = house.tasks(1).await[..] else { panic!("one at a time") };
        let shown = house.store.task(task).await.unwrap().unwrap();
        assert_eq!(shown.title, format!("Visit {site}"));
        house.complete(task).await.unwrap();
    }
    assert_eq!(house.over(parent).await, Status::Ended);
}

#[tokio::test]
async fn a_journey_that_cannot_be_called_is_an_incident_that_says_why() {
    let house = house(Script::of([])).await;
    let why = async |draft: Draft| {
        let journey = publish(house.store.as_ref(), &draft).await;
        let parent = house.open(journey, json!({ "id": "1" })).await;
        house.until(async || house.status(parent).await == Status::Incident).await;
        let stored = house.store.instance(parent).await.unwrap().unwrap();
        let On::Incident { failure, .. } = &stored.state.waits()[0].on else { panic!("it waits") };
        failure.message.clone()
    };
    let missing = why(caller("First", "Nowhere", true)).await;
    assert!(missing.ends_with("there is no journey 'Nowhere'"), "{missing}");
    house.store.create_journey(&caller("Drafted", "x", true), START).await.unwrap();
    let unpublished = why(caller("Second", "Drafted", true)).await;
    assert!(unpublished.ends_with("has no live version; publish it"), "{unpublished}");
    house.store.create_journey(&caller("Drafted", "x", true), START).await.unwrap();
    let several = why(caller("Third", "Drafted", true)).await;
    assert!(several.ends_with("call the right one by its id"), "{several}");
}

#[tokio::test]
async fn a_journey_called_by_its_name_gives_its_outcome_back() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &caller("Caller", "Onboarding", true)).await;
    let parent = house.open(journey, json!({ "id": "7" })).await;
    let [task] = house.tasks(1).await[..] else { panic!("one task") };
    let below = house.below(parent).await;
    assert_eq!(below[0].journey, house.journey);
    house.complete(task).await.unwrap();
    assert_eq!(house.over(parent).await, Status::Ended);
    let stored = house.store.instance(parent).await.unwrap().unwrap();
    let output = stored.state.nodes()["call"].output.clone().unwrap();
    assert_eq!(output["outcome"], json!("success"));
    house.no_work_is_left().await;
}

#[tokio::test]
async fn what_ends_when_nobody_waits_any_more_changes_nothing() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &caller("Caller", "Onboarding", false)).await;
    let parent = house.open(journey, json!({ "id": "7" })).await;
    assert_eq!(house.over(parent).await, Status::Ended);
    let before = house.facts(parent).await;
    let [task] = house.tasks(1).await[..] else { panic!("one task") };
    house.complete(task).await.unwrap();
    house.no_work_is_left().await;
    assert_eq!(house.facts(parent).await, before);
}

#[tokio::test]
async fn journeys_that_call_themselves_stop_at_the_limit_of_depth() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &caller("Endless", "Endless", true)).await;
    let first = house.open(journey, json!({ "id": "1" })).await;
    let mut deepest = first;
    for _ in 0..journey::limits::DEPTH {
        house.until(async || house.below(deepest).await.len() == 1).await;
        deepest = house.below(deepest).await[0].id;
    }
    house.until(async || house.status(deepest).await == Status::Incident).await;
    assert_eq!(house.below(deepest).await, []);
    let cancel = Event::Cancelled { reason: "enough".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(first, cancel).await.unwrap();
    house.until(async || house.status(deepest).await == Status::Cancelled).await;
}

/// A commit of one step, as the runtime would make it.
fn commit_of(
    journey: &journey::Journey,
    (id, life, guard): (InstanceId, Life, Guard),
    event: Event,
) -> Commit {
    let state = Instance::new();
    let calendars = Calendars::default();
    let context = Context { now: START, account: None, calendars: &calendars };
    let step = step(journey, state.clone(), event, context).unwrap();
    let before = Before {
        id,
        journey,
        life,
        overlay: Map::new(),
        guard,
        state: &state,
        done: None,
        deed: None,
        cause: None,
        now: START,
    };
    turn::commit(before, step, &Reach::World)
}

#[tokio::test]
async fn an_instance_started_before_a_kill_is_found_and_not_started_again() {
    let place = Place::chosen().await;
    let store = place.open(1).await;
    let draft = visits("parallel");
    let id = publish(store.as_ref(), &draft).await;
    let (journey, _) = journey::check(&draft, None);
    let journey = journey.unwrap();
    let life = Life {
        journey: id,
        version: 1,
        account: None,
        parent: None,
        shadow: None,
        started_at: START,
    };

    // A process starts the instance above, claims the work of the one below, starts it, and is gone before it could tell.
    let parent = store.ids().instance(START, store.ids().any_slot());
    let guard = Guard::New {
        trigger: "start".to_owned(),
        dedupe_key: None,
        entry: store::commits::EntryRule::default(),
    };
    let input = json!({ "sites": ["a"], "account": "" });
    let event = Event::Started { trigger: "start".to_owned(), input: input.clone() };
    store.join(&NewNode::alone()).await.unwrap();
    let start = commit_of(&journey, (parent, life, guard), event);
    assert_eq!(store.commit(&[start]).await.unwrap(), [Ok(())]);
    let claimed = claim(store.as_ref(), START, START.plus(limits::LEASE_MS)).await;
    let [work] = &claimed[..] else { panic!("one piece of work: {claimed:?}") };
    let Job::StartChild(asked) = &work.job else { panic!("it starts an instance") };
    assert_eq!(asked.follows, Follows::Part { from: "book".to_owned() });
    let child = store.ids().instance(START, parent.slot());
    let (instance, position) = (parent.to_string(), work.key.position);
    let (index, depth, room) = (asked.index, asked.depth, asked.room);
    let above = Parent { instance, position, index, depth, room };
    let begun = Event::StartedBelow {
        node: "book".to_owned(),
        input,
        parent: above,
        seed: asked.seed.clone(),
    };
    let guard = Guard::Below { work: (work.key.clone(), work.lease) };
    let below = Life { parent: Some(parent), ..life };
    let begun = commit_of(&journey, (child, below, guard), begun);
    assert_eq!(store.commit(&[begun]).await.unwrap(), [Ok(())]);

    // The next process does the work again.
    let clock = ManualClock::new(START.plus(1));
    let script = Script::of([]);
    let runtime =
        Runtime::start(Arc::clone(&store), script, Arc::new(clock.clone()), NewNode::alone()).await;
    let house = House { runtime: runtime.unwrap(), store, clock, journey: id, place };
    let [task] = house.tasks(1).await[..] else { panic!("one task") };
    assert_eq!(task.instance, child);
    house.complete(task).await.unwrap();
    assert_eq!(house.over(parent).await, Status::Ended);
    assert_eq!(house.below(parent).await.len(), 1);
    let started = house.one_moment_of(parent).await.0.into_iter().filter_map(|record| {
        let journey::Fact::ChildStarted { instance, .. } = record.fact else { return None };
        Some(instance)
    });
    assert_eq!(started.collect::<Vec<_>>(), [child.to_string()]);
}

#[tokio::test]
async fn an_event_that_changes_nothing_leaves_no_trace_and_an_added_item_does() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &visits("parallel")).await;
    let parent = house.open(journey, json!({ "sites": ["a"], "account": "" })).await;
    house.tasks(1).await;
    house.until(async || house.count(parent, "child_started").await == 1).await;
    let transactions = house.runtime.transactions();
    let before = house.store.instance(parent).await.unwrap().unwrap();
    house.clock.advance(1_000);
    house.runtime.deliver(parent, Event::AccountChanged).await.unwrap();
    assert_eq!(house.runtime.transactions(), transactions, "nothing was written");
    assert_eq!(house.store.instance(parent).await.unwrap().unwrap(), before);
    let (position, by) = (Position(1), "ada@x.y".to_owned());
    let added = Event::ItemAdded { position, item: json!("b"), by };
    house.runtime.deliver(parent, added).await.unwrap();
    house.tasks(2).await;
    let stored = house.store.instance(parent).await.unwrap().unwrap();
    let On::Children { children } = &stored.state.wait(position).unwrap().on else { panic!() };
    assert!(children.iter().all(|child| !matches!(child.state, ChildState::Ahead)));
}

#[tokio::test]
async fn a_condition_that_reads_the_time_is_looked_at_again_until_it_holds() {
    let house = house(Script::of([])).await;
    let until = START.plus(90 * 60_000).to_rfc3339();
    let draft = draft_of(
        "Later",
        json!([
            { "id": "start", "kind": "trigger", "name": "Start", "on": { "type": "manual" } },
            { "id": "later", "kind": "wait", "name": "Later", "condition": format!("now > timestamp('{until}')") },
            { "id": "done", "kind": "end", "name": "Done", "outcome": "success" }
        ]),
        json!([{ "id": "e1", "from": "start", "to": "later" }, { "id": "e2", "from": "later", "to": "done" }]),
    );
    let journey = publish(house.store.as_ref(), &draft).await;
    let waiting = house.open(journey, json!({})).await;
    let due = house.store.next_due().await.unwrap();
    assert_eq!(due, Some(START.plus(3_600_000)));
    house.clock.advance(3_600_001);
    // A step without a record: the work for the next look replaces the one that was answered.
    house.until(async || house.store.next_due().await.unwrap() > due).await;
    assert_eq!(house.status(waiting).await, Status::Running);
    house.clock.advance(3_600_001);
    assert_eq!(house.over(waiting).await, Status::Ended);
}

#[tokio::test]
async fn an_instance_below_that_is_cancelled_is_told_above() {
    let house = house(Script::of([])).await;
    let journey = publish(house.store.as_ref(), &visits("parallel")).await;
    let parent = house.open(journey, json!({ "sites": ["a"], "account": "" })).await;
    house.tasks(1).await;
    let child = house.below(parent).await[0].id;
    let cancel = Event::Cancelled { reason: "closed".to_owned(), by: "ada@x.y".to_owned() };
    house.runtime.deliver(child, cancel).await.unwrap();
    assert_eq!(house.over(parent).await, Status::Ended);
    assert_eq!(house.outcome(parent).await.as_deref(), Some("failed"));
    let ended = house.one_moment_of(parent).await.0.into_iter().find_map(|record| {
        let journey::Fact::ChildEnded { ending, .. } = record.fact else { return None };
        Some(ending)
    });
    assert_eq!(ended, Some(Ending::Cancelled { reason: "closed".to_owned() }));
}
