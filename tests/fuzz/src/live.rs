//! A short life of a journey in which anything may happen to it.

use crate::Dice;
use journey::{
    Ask, Context, Effect, Event, Instance, Journey, Position, Rejection, Timestamp,
    calendar::Calendars,
    effect::{Ending, Failure, FailureKind},
    step,
};
use serde_json::{Value, json};

/// How much happens.
const EVENTS: i64 = 24;

const BY: &str = "ada@example.com";

/// Lives it: records rebuild the instance, and what is refused is refused with a sentence.
pub(crate) fn live(journey: &Journey, dice: &mut Dice) {
    let account = json!({ "id": "acc_1", "name": "Acme", "tier": "gold", "owner": BY });
    let triggers: Vec<String> = journey.triggers().map(|trigger| trigger.id().to_owned()).collect();
    let Some(trigger) = dice.pick(&triggers).cloned() else { return };
    let mut life = Life { instance: Instance::new(), asked: Vec::new() };
    let mut next = Event::Started { trigger, input: some_value(dice) };
    let calendars = Calendars::default();
    for hour in 0..EVENTS {
        let account = (!dice.one_in(8)).then_some(&account);
        let now = Timestamp(1_790_000_000_000 + hour * 3_600_000);
        life.take(journey, next, Context { now, account, calendars: &calendars });
        next = life.something(journey, dice);
    }
}

struct Life {
    instance: Instance,
    asked: Vec<Effect>,
}

impl Life {
    fn take(&mut self, journey: &Journey, event: Event, context: Context<'_>) {
        let step = match step(journey, self.instance.clone(), event, context) {
            Ok(step) => step,
            Err(rejection) => return check_rejection(&rejection),
        };
        for record in &step.records {
            let applied = self.instance.apply(record);
            assert!(applied.is_ok(), "{record:?} does not follow: {applied:?}");
        }
        assert_eq!(self.instance, step.instance, "records rebuild the instance");
        let text = serde_json::to_string(&step.instance).expect("an instance can be written");
        let read: Instance = serde_json::from_str(&text).expect("and read");
        assert_eq!(read, step.instance, "an instance that was written is the same");
        self.asked.extend(step.effects);
    }

    fn something(&self, journey: &Journey, dice: &mut Dice) -> Event {
        let position = dice.pick(self.instance.waits()).map_or(Position(0), |wait| wait.position);
        let by = BY.to_owned();
        let asked = self.asked.iter().rev().filter(|effect| effect.position == position);
        let timers: Vec<_> = asked.filter_map(|effect| timer(&effect.ask)).collect();
        let node = self.instance.wait(position).map(|wait| wait.node.clone()).unwrap_or_default();
        let outcomes = journey.task_outcomes(&node).iter().map(|outcome| outcome.id.clone());
        let mut outcomes: Vec<String> = outcomes.collect();
        outcomes.extend(["out", "approved", "accepted", "e1"].map(str::to_owned));
        let outcome = dice.pick(&outcomes).cloned().unwrap_or_default();
        match dice.roll(14) {
            0 | 1 => Event::CallSucceeded { position, output: some_value(dice) },
            2 => Event::CallFailed { position, failure: failure(dice) },
            3 | 4 => Event::TaskClaimed { position, by },
            5 | 6 => {
                let (person, form) = (json!({ "role": "admin", "teams": [] }), some_value(dice));
                Event::TaskCompleted { position, by, person, outcome, form }
            }
            7 => Event::Received { position, received: some_value(dice) },
            8 => Event::ChildStarted { position, index: 0, instance: "ins_1".to_owned() },
            9 => Event::ChildEnded { position, index: 0, ending: ending(dice) },
            10 => Event::IncidentSkipped { position, by, outcome },
            11 => Event::AccountChanged,
            12 if dice.one_in(6) => Event::Cancelled { reason: "enough".to_owned(), by },
            _ => match dice.pick(&timers) {
                Some(timer) => Event::TimerFired { position, timer: timer.clone() },
                None => Event::IncidentRetried { position, by },
            },
        }
    }
}

fn check_rejection(rejection: &Rejection) {
    crate::check_sentence(&rejection.to_string());
}

fn timer(ask: &Ask) -> Option<journey::effect::Timer> {
    match ask {
        Ask::Timer { timer } => Some(timer.clone()),
        Ask::Call(_)
        | Ask::OfferTask(_)
        | Ask::RenewTask(_)
        | Ask::AssignTask { .. }
        | Ask::ReassignTask { .. }
        | Ask::CloseTask { .. }
        | Ask::MarkTask { .. }
        | Ask::WriteAccount { .. }
        | Ask::Notify { .. }
        | Ask::Send(_)
        | Ask::Listen { .. }
        | Ask::StartChild(_)
        | Ask::StopChildren { .. }
        | Ask::Report { .. } => None,
    }
}

fn failure(dice: &mut Dice) -> Failure {
    let kinds = [FailureKind::Transient, FailureKind::Permanent, FailureKind::RateLimited];
    Failure {
        kind: dice.pick(&kinds).copied().unwrap_or(FailureKind::Internal),
        code: "x".to_owned(),
        message: "It failed.".to_owned(),
        retry_after_ms: dice.one_in(2).then_some(u64::MAX),
    }
}

fn ending(dice: &mut Dice) -> Ending {
    match dice.roll(3) {
        0 => Ending::Cancelled { reason: "enough".to_owned() },
        1 => Ending::NotStarted { message: "It is not there.".to_owned() },
        _ => {
            let vars = some_value(dice).as_object().cloned().unwrap_or_default();
            Ending::Ended { outcome: "done".to_owned(), vars }
        }
    }
}

fn some_value(dice: &mut Dice) -> Value {
    let values = [
        json!({ "n": 3, "list": [1, 2, { "n": 1 }], "name": "Ada", "account": "acc_1" }),
        json!({ "n": -1.5, "list": [], "name": "", "confidence": 0.9, "passed": true }),
        json!({ "n": u64::MAX, "list": vec!["a"; 40], "at": "2026-11-26T10:00:00Z" }),
        json!({}),
        json!([1, 2, 3]),
        Value::Null,
    ];
    dice.pick(&values).cloned().unwrap_or_default()
}
