//! A journey that has passed `check`: compiled once per published version.
#![expect(clippy::wildcard_enum_match_arm, reason = "an accessor is about one kind of node")]

use crate::{
    Timestamp,
    calendar::{self, Duration},
    effect::{Offer, Outcome},
    expr::{EvalError, Expression, Scope},
    sample,
    settings::{self, Entry, Kind, On, Until},
};
use serde_json::Value;
use std::collections::HashMap;

mod reach;
pub use crate::settings::{Membership, Missed};
pub use timing::AccountDate;

mod timing;
mod why;

/// A checked, compiled journey. It exists only without error diagnostics, and is never edited.
#[derive(Debug)]
pub struct Journey {
    pub(crate) name: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) index: HashMap<String, usize>,
    pub(crate) exits: Vec<Exit>,
    /// How many of its nodes start instances below.
    pub(crate) callers: u32,
    /// JSON Schema (an object) of its variables.
    pub(crate) variables: Option<Value>,
    /// The calendar its durations are measured over unless they name another.
    pub(crate) calendar: Option<String>,
}

/// A node with its ways in and out, by place in [`Journey::nodes`].
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Whose work it is.
    pub(crate) team: Option<String>,
    /// Nodes that share one are at work one at a time.
    pub(crate) turn: Option<String>,
    pub(crate) assume: Option<Assume>,
    /// In the order of the draft.
    pub(crate) ways: Vec<Way>,
    /// Edges that lead here, with the place of the node each comes from.
    pub(crate) incoming: Vec<(String, usize)>,
}

/// What a shadow run takes for granted at a node, where a live one would ask the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assume {
    /// What a call gives.
    pub output: Option<Value>,
    /// How a task is completed.
    pub outcome: Option<String>,
    /// What is filled in.
    pub form: Option<Value>,
    /// How long it takes, in milliseconds.
    pub after_ms: Option<i64>,
}

impl Assume {
    /// How a task is completed: as is said where that is possible, or else by its first outcome, with the least its form takes.
    pub fn completion(&self, offer: &Offer) -> (String, Value) {
        let offered = |outcome: &&String| offer.outcomes.iter().any(|known| known.id == **outcome);
        let first = || offer.outcomes.first().map(|outcome| outcome.id.clone()).unwrap_or_default();
        let outcome = self.outcome.as_ref().filter(offered).cloned().unwrap_or_else(first);
        let form = self.form.clone().unwrap_or_else(|| sample::form(&offer.form));
        (outcome, form)
    }
}

/// An edge, seen from the node it leaves.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) edge: String,
    pub(crate) port: String,
    pub(crate) to: usize,
    pub(crate) when: Option<Expression>,
}

#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) when: Expression,
    pub(crate) outcome: String,
}

/// What opens an instance, as the drivers of the engine need to know it.
#[derive(Clone, Copy, Debug)]
pub struct Trigger<'a> {
    id: &'a str,
    settings: &'a settings::Trigger,
    /// The journey's calendar.
    calendar: Option<&'a str>,
}

impl Journey {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every node's id and name, in the order of the draft.
    pub fn node_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.iter().map(|node| (node.id.as_str(), node.name.as_str()))
    }

    pub fn triggers(&self) -> impl Iterator<Item = Trigger<'_>> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Trigger(settings) => {
                // A trigger looks before anyone's own time is known.
                let calendar = self.calendar().filter(|name| !calendar::is_relative(name));
                Some(Trigger { id: &node.id, settings, calendar })
            }
            _ => None,
        })
    }

    pub fn trigger(&self, id: &str) -> Option<Trigger<'_>> {
        self.triggers().find(|trigger| trigger.id == id)
    }

    /// The trigger people start by hand; the first one when there are several.
    pub fn manual_trigger(&self) -> Option<Trigger<'_>> {
        self.triggers().find(|trigger| matches!(trigger.settings.on, On::Manual))
    }

    /// Every webhook's slug and the id of its trigger.
    pub fn webhook_slugs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.triggers().filter_map(|trigger| Some((trigger.hook()?, trigger.id)))
    }

    /// JSON Schema of a task's form; `None` when the node is no task or asks nothing.
    pub fn task_form(&self, node: &str) -> Option<&Value> {
        self.task(node).map(|task| &task.form).filter(|form| !form.is_null())
    }

    /// How a task can be completed; empty when the node is no task.
    pub fn task_outcomes(&self, node: &str) -> &[Outcome] {
        self.task(node).map_or(&[], |task| &task.outcomes)
    }

    /// The connection and operation an action calls; `None` when the node is no action.
    pub fn operation(&self, node: &str) -> Option<(&str, &str)> {
        match &self.find(node)?.kind {
            Kind::Action(action) => Some((&action.connection, &action.operation)),
            _ => None,
        }
    }

    /// How often a node's call is made, or its message sent, before its failure stands; `None` when it makes no call.
    pub fn attempts(&self, node: &str) -> Option<u32> {
        match &self.find(node)?.kind {
            Kind::Action(action) => Some(action.retry.attempts),
            Kind::Notify(_) => Some(settings::Retry::default().attempts),
            _ => None,
        }
    }

    /// The ids of a task's own timers; none when the node is no task.
    pub fn task_timers(&self, node: &str) -> impl Iterator<Item = &str> {
        let timers = self.task(node).map_or(&[][..], |task| &task.timers);
        timers.iter().map(|timer| timer.id.as_str())
    }

    /// What a shadow run takes for granted at a node; `None` when the draft does not say.
    pub fn assumed(&self, node: &str) -> Option<&Assume> {
        self.find(node)?.assume.as_ref()
    }

    /// The key under which a trigger takes one input only once; `None` when it takes every one.
    ///
    /// # Errors
    ///
    /// The trigger's `dedupe` expression has no value for this input.
    pub fn dedupe_key(&self, trigger: &str, input: &Value) -> Result<Option<String>, EvalError> {
        match self.trigger(trigger).map(|trigger| &trigger.settings.on) {
            Some(On::Webhook { dedupe: Some(dedupe), .. }) => named(dedupe, input),
            _ => Ok(None),
        }
    }

    /// The account (its id or external id) an input is about; `None` when the trigger does not say.
    ///
    /// # Errors
    ///
    /// The trigger's `account` expression has no value for this input.
    pub fn account_of(&self, trigger: &str, input: &Value) -> Result<Option<String>, EvalError> {
        match self.trigger(trigger).and_then(|trigger| trigger.settings.account.as_ref()) {
            Some(account) => named(account, input),
            None => Ok(None),
        }
    }

    /// The key of an event for a wait that waits for events of its name; `None` when it has none, or the node is no such wait.
    ///
    /// # Errors
    ///
    /// The wait's `key` has no value for this event; `event` is as [`event_scope`] makes it.
    pub fn correlation_key(&self, node: &str, event: &Value) -> Result<Option<String>, EvalError> {
        match self.find(node).map(|node| &node.kind) {
            Some(Kind::Wait(wait)) => match &wait.until {
                Until::Event { key, .. } => {
                    key.evaluate(&Scope::new(&[("event", event)])).map(text_of)
                }
                Until::Elapsed(_) | Until::Moment(_) | Until::Condition(_) => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// The trigger another journey starts it by: the one made for that, or the manual one.
    pub fn called_trigger(&self) -> Option<Trigger<'_>> {
        let called = |trigger: &Trigger<'_>| matches!(trigger.settings.on, On::Journey);
        self.triggers().find(called).or_else(|| self.manual_trigger())
    }

    /// The calendar its durations are measured over unless they name another; the standard one when `None`.
    pub fn calendar(&self) -> Option<&str> {
        self.calendar.as_deref()
    }

    /// Whether it has exits, which are looked at when the account changes.
    pub fn has_exits(&self) -> bool {
        !self.exits.is_empty()
    }

    pub(crate) fn place(&self, node: &str) -> Option<usize> {
        self.index.get(node).copied()
    }

    pub(crate) fn find(&self, node: &str) -> Option<&Node> {
        self.place(node).map(|place| &self.nodes[place])
    }

    pub(crate) fn task(&self, node: &str) -> Option<&settings::Task> {
        match &self.find(node)?.kind {
            Kind::Task(task) => Some(task),
            _ => None,
        }
    }
}

/// A text an expression gives for an input; null and the empty text are none.
fn named(expression: &Expression, input: &Value) -> Result<Option<String>, EvalError> {
    expression.evaluate(&Scope::new(&[("input", input)])).map(text_of)
}

/// A value as a key or a name; null and the empty text are none.
pub(crate) fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// What a trigger listens to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Opens<'a> {
    Manual,
    Webhook {
        hook: &'a str,
        signed: bool,
    },
    Event {
        event: &'a str,
    },
    Change {
        object: &'a str,
        field: &'a str,
    },
    Schedule {
        rrule: &'a str,
        timezone: &'a str,
        /// A segment whose accounts get an instance each.
        for_each: Option<&'a str>,
        missed: Missed,
    },
    Date {
        field: &'a str,
        before: Option<&'a Duration>,
    },
    Segment {
        segment: &'a str,
        change: Membership,
    },
    Health {
        to: &'a str,
    },
    /// Another journey.
    Journey,
}

/// An event as expressions read it: the members of its data flat, beside `key`, `type`, `account`, `at` and `data`.
pub fn event_scope(event: &Value) -> Value {
    let mut scope = event.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in event.as_object().into_iter().flatten() {
        scope.insert(name.clone(), value.clone());
    }
    Value::Object(scope)
}

impl<'a> Trigger<'a> {
    /// What it listens to.
    pub fn opens(&self) -> Opens<'a> {
        match &self.settings.on {
            On::Manual => Opens::Manual,
            On::Webhook { hook, signed, .. } => Opens::Webhook { hook, signed: *signed },
            On::Event { event, .. } => Opens::Event { event },
            On::Change { object, field, .. } => Opens::Change { object, field },
            On::Schedule(schedule) => Opens::Schedule {
                rrule: &schedule.rrule,
                timezone: &schedule.timezone,
                for_each: schedule.for_each.as_deref(),
                missed: schedule.missed,
            },
            On::Date { field, before } => Opens::Date { field, before: before.as_ref() },
            On::Segment { segment, change } => Opens::Segment { segment, change: *change },
            On::Health { to } => Opens::Health { to },
            On::Journey => Opens::Journey,
        }
    }

    /// Whether an event of its name opens an instance, by its `when`; `event` is as [`event_scope`] makes it.
    ///
    /// # Errors
    ///
    /// The condition has no value for this event.
    pub fn takes_event(
        &self,
        event: &Value,
        account: &Value,
        now: Timestamp,
    ) -> Result<bool, EvalError> {
        let On::Event { when: Some(when), .. } = &self.settings.on else { return Ok(true) };
        let roots = [("input", event), ("event", event), ("account", account)];
        when.holds(&Scope::new(&roots).with_time("now", now))
    }

    /// Whether a change of its field from one value to another opens an instance.
    pub fn takes_change(&self, from: &Value, to: &Value) -> bool {
        let On::Change { from: want_from, to: want_to, .. } = &self.settings.on else {
            return false;
        };
        let fits = |want: &Option<Value>, is: &Value| want.as_ref().is_none_or(|want| want == is);
        from != to && fits(want_from, from) && fits(want_to, to)
    }

    /// The node's id.
    pub fn id(&self) -> &'a str {
        self.id
    }

    pub fn is_manual(&self) -> bool {
        matches!(self.settings.on, On::Manual)
    }

    /// The webhook's slug; `None` when it is no webhook.
    pub fn hook(&self) -> Option<&'a str> {
        match &self.settings.on {
            On::Webhook { hook, .. } => Some(hook),
            _ => None,
        }
    }

    /// Whether a webhook takes signed messages only.
    pub fn is_signed(&self) -> bool {
        matches!(self.settings.on, On::Webhook { signed: true, .. })
    }

    /// JSON Schema of what it takes.
    pub fn input_schema(&self) -> Option<&'a Value> {
        self.settings.input.as_ref()
    }

    /// Whether an account may have only one running instance of the journey.
    pub fn is_one_per_account(&self) -> bool {
        self.entry().one_per_account
    }

    /// How many instances it may open a day.
    pub fn cap_per_day(&self) -> Option<u64> {
        self.entry().cap_per_day
    }

    fn entry(&self) -> &'a Entry {
        &self.settings.entry
    }

    pub(crate) fn condition(&self) -> Option<&'a Expression> {
        self.settings.entry.condition.as_ref()
    }
}
