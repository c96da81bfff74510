//! Back-tests: a draft tried on the history of the workspace, by a server in the background, and what came of it.

use crate::{BacktestId, Failure, JourneyId, Page, Paging, limits, words};
use async_trait::async_trait;
use journey::{Draft, Timestamp};
use serde_json::Value;

/// Why one failed that whoever ran it left: its server was killed, or stood still.
pub const BROKEN_OFF: &str = "Nothing was heard of the server that ran it for a minute. Ask again.";

words! {
    /// How a back-test stands.
    State {
        Running = "running",
        Done = "done",
        Failed = "failed",
        /// By somebody, before it was done.
        Cancelled = "cancelled",
    }
}

/// A back-test to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewBacktest {
    /// The journey the draft is of; none when it is no journey's.
    pub journey: Option<JourneyId>,
    /// What is tried, as it was when the back-test was asked for.
    pub draft: Draft,
    /// Where the history begins that it is tried on; it goes up to `to`.
    pub from: Timestamp,
    pub to: Timestamp,
    /// E-mail address of who asks.
    pub by: String,
}

/// A back-test without its draft and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    pub id: BacktestId,
    pub journey: Option<JourneyId>,
    /// The draft's.
    pub name: String,
    pub from: Timestamp,
    pub to: Timestamp,
    pub asked_at: Timestamp,
    pub asked_by: String,
    pub state: State,
    /// How many events of the history it has gone through.
    pub done: u64,
    /// How many there are, as far as that is known.
    pub of: u64,
    /// When whoever runs it was heard of last.
    pub seen_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Why it failed, in a sentence.
    pub failure: Option<String>,
}

impl Backtest {
    /// Whether it runs as far as is written down, and nobody runs it any more.
    pub fn is_broken_off(&self, now: Timestamp) -> bool {
        self.state == State::Running && self.seen_at < last_word(now)
    }
}

/// Whoever runs a back-test and was heard of last before this is taken to run it no longer.
pub(crate) fn last_word(now: Timestamp) -> Timestamp {
    now.plus(-limits::BACKTEST_SILENT_MS)
}

/// How a running back-test ends.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Done {
        summary: Value,
        /// What the draft would have done, run by run; the number of a run is its place, from 0 on.
        runs: Vec<Value>,
    },
    /// With a sentence that says why.
    Failed(String),
    Cancelled,
}

impl End {
    /// How the back-test stands after it.
    pub fn state(&self) -> State {
        match self {
            Self::Done { .. } => State::Done,
            Self::Failed(_) => State::Failed,
            Self::Cancelled => State::Cancelled,
        }
    }
}

/// Back-tests of drafts. Whoever runs one tells how far it has come; any server reads what came of it.
#[async_trait]
pub trait Backtests {
    /// Keeps a back-test that runs from now on. Of its journey, or of those without one, those that broke off have failed from now on, and
    /// the newest [`crate::limits::BACKTESTS`] stay, and older ones that still run; the others go with their runs.
    async fn keep_backtest(
        &self,
        backtest: &NewBacktest,
        now: Timestamp,
    ) -> Result<BacktestId, Failure>;

    async fn backtest(&self, id: BacktestId) -> Result<Option<Backtest>, Failure>;

    /// What is tried; `None` when there is no such back-test.
    async fn backtest_draft(&self, id: BacktestId) -> Result<Option<Draft>, Failure>;

    /// What came of it as a whole; `None` unless it is done.
    async fn backtest_summary(&self, id: BacktestId) -> Result<Option<Value>, Failure>;

    /// Those of a journey, or all, newest first.
    async fn backtests(
        &self,
        journey: Option<JourneyId>,
        paging: Paging<BacktestId>,
    ) -> Result<Page<Backtest, BacktestId>, Failure>;

    /// Writes down how far a running one has come, and that whoever runs it lives; whether it still runs.
    async fn backtest_came_to(
        &self,
        id: BacktestId,
        done: u64,
        of: u64,
        now: Timestamp,
    ) -> Result<bool, Failure>;

    /// Ends a running one, and writes all that came of it with that; of two who end it at once one does. `false` when it was over already,
    /// or there is none.
    async fn end_backtest(
        &self,
        id: BacktestId,
        end: &End,
        now: Timestamp,
    ) -> Result<bool, Failure>;

    /// The runs of one that is done, by their numbers.
    async fn backtest_runs(
        &self,
        id: BacktestId,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, Value), u32>, Failure>;
}
