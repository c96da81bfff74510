//! A journey that has passed `check`: compiled once per published version.
#![expect(clippy::wildcard_enum_match_arm, reason = "an accessor is about one kind of node")]

use crate::{
    Timestamp,
    calendar::Duration,
    effect::Outcome,
    expr::{EvalError, Expression, Scope},
    settings::{self, Entry, Kind, On},
};
use serde_json::Value;
use std::collections::HashMap;

mod reach;

/// A checked, compiled journey. It exists only without error diagnostics, and is never edited.
#[derive(Debug)]
pub struct Journey {
    pub(crate) name: String,
    pub(crate) nodes: Vec<Node>,
    pub(crate) index: HashMap<String, usize>,
    pub(crate) exits: Vec<Exit>,
}

/// A node with its ways in and out, by place in [`Journey::nodes`].
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// In the order of the draft.
    pub(crate) ways: Vec<Way>,
    /// Edges that lead here, with the place of the node each comes from.
    pub(crate) incoming: Vec<(String, usize)>,
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
            Kind::Trigger(settings) => Some(Trigger { id: &node.id, settings }),
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
    Ok(match expression.evaluate(&Scope::new(&[("input", input)]))? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

impl<'a> Trigger<'a> {
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
            On::Manual => None,
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

    /// Until when an account that entered at `last` may not enter again.
    pub fn cools_down_until(&self, last: Timestamp) -> Option<Timestamp> {
        self.entry().cool_down.as_ref().map(|cool_down: &Duration| cool_down.after(last))
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
