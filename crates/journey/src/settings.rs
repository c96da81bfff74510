//! The typed settings of every kind of node, as `check` reads them from a draft.

use crate::{calendar::Duration, effect::Outcome, expr::Expression, template::Template};
use serde_json::Value;

/// What a node does, with its settings.
#[derive(Debug)]
pub(crate) enum Kind {
    Trigger(Box<Trigger>),
    Task(Box<Task>),
    Action(Box<Action>),
    Decision { inclusive: bool },
    Parallel,
    Join { need: Need },
    Wait(Until),
    Set(Vec<Assign>),
    End { outcome: String },
    Note,
}

#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) on: On,
    pub(crate) account: Option<Expression>,
    pub(crate) input: Option<Value>,
    pub(crate) entry: Entry,
}

#[derive(Debug)]
pub(crate) enum On {
    Manual,
    Webhook { hook: String, signed: bool, dedupe: Option<Expression> },
}

/// Who may enter, and how often.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) condition: Option<Expression>,
    pub(crate) one_per_account: bool,
    pub(crate) cool_down: Option<Duration>,
    pub(crate) cap_per_day: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) title: Option<Template>,
    pub(crate) instructions: Option<Template>,
    pub(crate) owner: OwnerRule,
    pub(crate) sla: Sla,
    pub(crate) form: Value,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) timers: Vec<Boundary>,
    pub(crate) priority: Option<Expression>,
}

/// Who should have a task; the fallback is asked when the rule finds nobody.
#[derive(Debug)]
pub(crate) struct OwnerRule {
    pub(crate) rule: Rule,
    pub(crate) fallback: Option<Box<OwnerRule>>,
}

#[derive(Debug)]
pub(crate) enum Rule {
    AccountOwner,
    Team(String),
    User(String),
    /// An e-mail address names a person, anything else a team.
    Expression(Expression),
}

#[derive(Debug)]
pub(crate) struct Sla {
    pub(crate) due: Duration,
    /// Part of the time after which to warn, between 0 and 1.
    pub(crate) warn_at: Option<f64>,
    pub(crate) escalation: Vec<Escalation>,
}

#[derive(Debug)]
pub(crate) struct Escalation {
    pub(crate) at: At,
    pub(crate) act: Act,
    pub(crate) to: OwnerRule,
}

#[derive(Debug, PartialEq)]
pub(crate) enum At {
    Warning,
    Breach,
    /// This long after the task was offered.
    After(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Remind,
    Reassign,
    Notify,
}

/// A timer on a task.
#[derive(Debug)]
pub(crate) struct Boundary {
    pub(crate) id: String,
    pub(crate) after: Duration,
    pub(crate) interrupting: bool,
}

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) connection: String,
    pub(crate) operation: String,
    pub(crate) input: Vec<(String, Expression)>,
    pub(crate) output: Option<String>,
    pub(crate) timeout_ms: u64,
    pub(crate) retry: Retry,
}

#[derive(Debug)]
pub(crate) struct Retry {
    pub(crate) attempts: u32,
    pub(crate) backoff_ms: i64,
    pub(crate) max_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    All,
    Any,
    Count(usize),
}

/// What a wait waits for.
#[derive(Debug)]
pub(crate) enum Until {
    Elapsed(Duration),
    Moment(Expression),
}

#[derive(Debug)]
pub(crate) struct Assign {
    pub(crate) to: Target,
    pub(crate) value: Expression,
}

#[derive(Debug)]
pub(crate) enum Target {
    Variable(String),
    AccountField(String),
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, backoff_ms: 1_000, max_ms: 300_000 }
    }
}
