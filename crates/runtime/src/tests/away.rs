//! A database that takes nothing for a while.

use super::{START, Script, draft, publish, request};
use crate::{CallRequest, Mail, ManualClock, Perform, Runtime, StartError};
use async_trait::async_trait;
use journey::{Status, effect::Failure, instance::On};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use store::{InstanceId, Instances, Memory, Paging, instances::Filter, nodes::NewNode};
use tokio::{sync::Notify, time::sleep};

/// When the outside is called, the database is lost.
struct Unlucky {
    outside: Arc<Script>,
    memory: Arc<Memory>,
    called: Notify,
}

#[async_trait]
impl Perform for Unlucky {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        self.memory.cut_off_after(0);
        self.called.notify_one();
        self.outside.call(request).await
    }

    async fn send(&self, mail: Mail) -> Result<(), Failure> {
        self.outside.send(mail).await
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_the_database_did_not_take_for_long_is_brought_when_it_does() {
    let memory = Arc::new(Memory::new(1));
    let (outside, called) = (Script::of([]), Notify::new());
    let unlucky =
        Arc::new(Unlucky { outside: Arc::clone(&outside), memory: Arc::clone(&memory), called });
    let journey = publish(memory.as_ref(), &draft()).await;
    let (store, clock) = (Arc::<Memory>::clone(&memory), Arc::new(ManualClock::new(START)));
    let performer = Arc::<Unlucky>::clone(&unlucky);
    let runtime = Runtime::start(store, performer, clock, NewNode::alone()).await.unwrap();
    let started = runtime.start_instance(request(journey, 1)).await.unwrap().instance;
    unlucky.called.notified().await;
    // Not as long as a lease: the node lives, and nobody takes over what it has in hand.
    sleep(Duration::from_secs(9)).await;
    memory.cut_off_after(u64::MAX);
    sleep(Duration::from_secs(10)).await;
    let stored = memory.instance(started).await.unwrap().unwrap().state;
    assert_eq!(stored.status(), Status::Running);
    assert!(matches!(stored.waits()[0].on, On::Task { .. }), "{:?}", stored.waits());
    assert_eq!(outside.keys().len(), 1, "the call was not made again");
}

/// Starts a journey whose call is claimed with the commit of the start, of which nobody hears.
async fn started_unheard() -> (Arc<Memory>, Arc<Script>, Runtime, InstanceId) {
    let (memory, outside) = (Arc::new(Memory::new(1)), Script::of([]));
    let journey = publish(memory.as_ref(), &draft()).await;
    let (store, clock) = (Arc::<Memory>::clone(&memory), Arc::new(ManualClock::new(START)));
    let performer = Arc::<Script>::clone(&outside);
    let runtime = Runtime::start(store, performer, clock, NewNode::alone()).await.unwrap();
    memory.cut_off_after(1);
    let refused = runtime.start_instance(request(journey, 1)).await;
    assert!(matches!(refused, Err(StartError::Failure(_))), "{refused:?}");
    let written = memory.instances(Filter::default(), Paging::first(9)).await.unwrap().items;
    (memory, outside, runtime, written[0].id)
}

#[tokio::test(start_paused = true)]
async fn work_that_was_claimed_with_a_commit_nobody_heard_of_is_done_when_the_database_is_back() {
    let (memory, outside, _runtime, started) = started_unheard().await;
    sleep(Duration::from_secs(9)).await;
    assert_eq!(outside.keys().len(), 0);
    memory.cut_off_after(u64::MAX);
    sleep(Duration::from_secs(2)).await;
    let stored = memory.instance(started).await.unwrap().unwrap().state;
    assert!(matches!(stored.waits()[0].on, On::Task { .. }), "{:?}", stored.waits());
    assert_eq!(outside.keys().len(), 1);
}
