//! The typed settings of every kind of node, as `check` reads them from a draft.

use crate::{
    calendar::Duration,
    effect::{Act, Outcome},
    expr::Expression,
    recurrence::Recurrence,
    sla,
    template::Template,
};
use serde_json::Value;

/// What a node does, with its settings.
#[derive(Debug)]
pub(crate) enum Kind {
    Trigger(Box<Trigger>),
    Task(Box<Task>),
    Action(Box<Action>),
    Decision(Choice),
    Parallel,
    Join(Join),
    ForEach(Box<ForEach>),
    Wait(Box<Wait>),
    Journey(Box<SubJourney>),
    Set(Vec<Assign>),
    Milestone { milestone: String, stage: Option<String> },
    Notify(Box<Notify>),
    End { outcome: String, everything: bool },
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
    Webhook {
        hook: String,
        signed: bool,
        dedupe: Option<Expression>,
    },
    Event {
        event: String,
        when: Option<Expression>,
    },
    /// A field of a record changed, from one value to another where they are given.
    Change {
        object: String,
        field: String,
        from: Option<Value>,
        to: Option<Value>,
    },
    Schedule(Box<Schedule>),
    /// A date in a field of the account is reached, or is this long ahead.
    Date {
        field: String,
        before: Option<Duration>,
    },
    Segment {
        segment: String,
        change: Membership,
    },
    Health {
        to: String,
    },
    /// Another journey calls this one.
    Journey,
}

#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) rrule: String,
    pub(crate) timezone: String,
    /// The rule in the time zone, read.
    pub(crate) recurrence: Recurrence,
    /// One instance for each account of this segment; one without an account when `None`.
    pub(crate) for_each: Option<String>,
    pub(crate) missed: Missed,
}

/// What becomes of times that passed while nothing was running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    Skip,
    /// The last one of them.
    #[default]
    Once,
    All,
}

/// How an account's place in a segment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    Entered,
    Left,
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
    pub(crate) sort: Sort,
    pub(crate) title: Option<Template>,
    pub(crate) instructions: Option<Template>,
    pub(crate) owner: OwnerRule,
    pub(crate) sla: Sla,
    pub(crate) form: Value,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) timers: Vec<Boundary>,
    pub(crate) priority: Option<Expression>,
}

/// What is asked of the person.
#[derive(Debug)]
pub(crate) enum Sort {
    Task,
    Approval {
        /// How many people must approve.
        quorum: usize,
        /// Read with `by`: whether this person may decide.
        limit: Option<Expression>,
    },
    Handoff(Box<Handoff>),
}

#[derive(Debug)]
pub(crate) struct Handoff {
    pub(crate) from_team: String,
    pub(crate) to_team: String,
    pub(crate) fields: Value,
    pub(crate) values: Vec<(String, Expression)>,
}

/// Who should have a task; the fallback is asked when the rule finds nobody.
#[derive(Debug)]
pub(crate) struct OwnerRule {
    pub(crate) rule: Who,
    pub(crate) fallback: Option<Box<OwnerRule>>,
}

#[derive(Debug)]
pub(crate) enum Who {
    AccountOwner,
    Team(String),
    User(String),
    /// An e-mail address names a person, anything else a team.
    Expression(Expression),
}

#[derive(Debug)]
pub(crate) struct Sla {
    pub(crate) kind: sla::Kind,
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
    pub(crate) undo: Option<Undo>,
    /// What makes it an AI check.
    pub(crate) judge: Option<Judge>,
}

/// The operation that takes back what an action did.
#[derive(Debug)]
pub(crate) struct Undo {
    pub(crate) operation: String,
    pub(crate) input: Vec<(String, Expression)>,
}

/// How a verdict is read.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) verdict: Value,
    /// Least confidence of a verdict that is followed, between 0 and 1.
    pub(crate) threshold: f64,
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

#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) need: Need,
    /// Whether what could still arrive is withdrawn when it goes on.
    pub(crate) cancel_rest: bool,
}

/// How a decision chooses.
#[derive(Debug)]
pub(crate) enum Choice {
    /// The first way whose condition holds.
    One,
    /// Every way whose condition holds.
    All,
    Table(Box<Table>),
}

#[derive(Debug)]
pub(crate) struct Table {
    /// Whether every rule that holds is taken, not the first alone.
    pub(crate) collects: bool,
    pub(crate) inputs: Vec<Expression>,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Debug)]
pub(crate) struct Rule {
    /// A cell for each input; `None` lets anything pass.
    pub(crate) when: Vec<Option<Cell>>,
    pub(crate) set: Vec<(String, Expression)>,
    pub(crate) port: String,
}

#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) test: Expression,
    /// Whether it reads its column's value.
    pub(crate) reads_it: bool,
}

#[derive(Debug)]
pub(crate) struct ForEach {
    pub(crate) items: Expression,
    pub(crate) name: String,
    pub(crate) body: Body,
    pub(crate) in_sequence: bool,
    pub(crate) max: usize,
    /// How many that end are enough to go on; all of them when `None`.
    pub(crate) need: Option<Expression>,
    /// Whether those that still run then are cancelled.
    pub(crate) cancel_rest: bool,
}

/// What runs for each item.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// Its id or name.
    Journey(String),
    /// Nodes of this journey, from the one that begins.
    Range { from: String, to: String },
}

#[derive(Debug)]
pub(crate) struct SubJourney {
    /// Its id or name.
    pub(crate) journey: String,
    /// The newest live one when `None`.
    pub(crate) version: Option<u64>,
    pub(crate) input: Vec<(String, Expression)>,
    pub(crate) output: Vec<(String, Expression)>,
    pub(crate) waits: bool,
}

#[derive(Debug)]
pub(crate) struct Notify {
    pub(crate) channel: Channel,
    pub(crate) to: OwnerRule,
    pub(crate) subject: Option<Template>,
    pub(crate) body: Template,
    /// The calendar within whose hours messages go out.
    pub(crate) hours: Option<String>,
    /// Most messages one recipient gets in 24 hours.
    pub(crate) cap: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    App,
    Connection(String),
}

#[derive(Debug)]
pub(crate) struct Wait {
    pub(crate) until: Until,
    pub(crate) timeout: Option<Duration>,
}

/// What a wait waits for.
#[derive(Debug)]
pub(crate) enum Until {
    Elapsed(Duration),
    Moment(Expression),
    Event {
        name: String,
        /// Read from each event, as `event`.
        key: Expression,
        /// Read once, when the wait begins.
        mine: Expression,
    },
    Condition(Expression),
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
