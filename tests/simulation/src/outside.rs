//! The outside: it is slow, fails, hangs, forgets to answer, and does each thing once however often it is asked.

use crate::{dice::Dice, time::NodeClock, trace::Trace};
use async_trait::async_trait;
use journey::effect::{Failure, FailureKind};
use runtime::{CallRequest, Clock, Mail, Perform};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::InstanceId;
use tokio::time::sleep;

/// What the outside did and saw. Clones are the same outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Every call as it arrived: its key, and the time by the node's clock.
    pub(crate) arrived: Vec<(String, i64)>,
    /// What was done, by idempotency key.
    pub(crate) done: BTreeMap<String, InstanceId>,
    /// Keys that came with another request than before.
    pub(crate) altered: BTreeSet<String>,
    requests: BTreeMap<String, String>,
    times: BTreeMap<String, u32>,
}

impl Outside {
    pub(crate) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How one node reaches the outside.
pub(crate) struct Way {
    pub(crate) seed: u64,
    pub(crate) node: String,
    pub(crate) outside: Outside,
    pub(crate) clock: Arc<NodeClock>,
    pub(crate) trace: Trace,
}

/// How a call goes.
#[derive(Clone, Copy, Debug)]
enum Course {
    Answers,
    /// Nothing is done.
    Fails(FailureKind),
    /// It is done, and the answer is lost.
    Loses,
    /// It is done or not, and nobody ever says.
    Hangs(bool),
}

fn course(dice: &mut Dice) -> Course {
    match dice.roll(20) {
        0..=11 => Course::Answers,
        12 | 13 => Course::Fails(FailureKind::Transient),
        14 => Course::Fails(FailureKind::RateLimited),
        15 => Course::Fails(FailureKind::Permanent),
        16 | 17 => Course::Loses,
        18 => Course::Hangs(true),
        _ => Course::Hangs(false),
    }
}

fn latency(dice: &mut Dice) -> Duration {
    let milliseconds = match dice.roll(8) {
        0 => 0,
        1 => 1_000 + dice.roll(4_000),
        _ => dice.roll(200),
    };
    Duration::from_millis(milliseconds)
}

#[async_trait]
impl Perform for Way {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        let (key, attempt) = (request.idempotency_key.clone(), request.attempt);
        self.trace.tell(self.clock.age(), &self.node, format_args!("calls {key} #{attempt}"));
        let time = self.arrive(&request);
        let mut dice = Dice::about(self.seed, &format!("{key}#{time}"));
        let course = course(&mut dice);
        sleep(latency(&mut dice)).await;
        let answer = match course {
            Course::Answers => {
                self.effect(&request);
                sleep(latency(&mut dice)).await;
                Ok(json!({ "receipt": key }))
            }
            Course::Fails(kind) => Err(failure(kind)),
            Course::Loses => {
                self.effect(&request);
                Err(failure(FailureKind::Transient))
            }
            Course::Hangs(done) => {
                if done {
                    self.effect(&request);
                }
                std::future::pending().await
            }
        };
        let said = answer.as_ref().map_or_else(|failure| failure.code.as_str(), |_| "done");
        self.trace.tell(self.clock.age(), &self.node, format_args!("hears {key} {said}"));
        answer
    }

    async fn send(&self, mail: Mail) -> Result<(), Failure> {
        let key = mail.idempotency_key;
        self.trace.tell(self.clock.age(), &self.node, format_args!("mails {key}"));
        Ok(())
    }
}

impl Way {
    /// How many times the key has arrived now.
    fn arrive(&self, request: &CallRequest) -> u32 {
        let (key, now) = (request.idempotency_key.clone(), self.clock.now());
        let mut seen = self.outside.seen();
        let said = format!("{}/{} {}", request.connection, request.operation, request.input);
        if *seen.requests.entry(key.clone()).or_insert_with(|| said.clone()) != said {
            seen.altered.insert(key.clone());
        }
        let times = seen.times.entry(key.clone()).or_default();
        *times += 1;
        let times = *times;
        seen.arrived.push((key, now.0));
        times
    }

    /// The same key does nothing more.
    fn effect(&self, request: &CallRequest) {
        let key = request.idempotency_key.clone();
        self.outside.seen().done.entry(key).or_insert(request.instance);
    }
}

fn failure(kind: FailureKind) -> Failure {
    let code = format!("outside.{kind:?}").to_lowercase();
    let message = "the outside is having a bad day".to_owned();
    let retry_after_ms = (kind == FailureKind::RateLimited).then_some(700);
    Failure { kind, code, message, retry_after_ms }
}
