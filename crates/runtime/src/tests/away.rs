//! A database that takes nothing for a while.

use super::{START, Script, draft, publish, request};
use crate::{CallRequest, Mail, ManualClock, Perform, Runtime};
use async_trait::async_trait;
use journey::{Status, effect::Failure, instance::On};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use store::{Instances, Memory, nodes::NewNode};
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
