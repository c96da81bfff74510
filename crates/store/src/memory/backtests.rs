use super::{Memory, before, page};
use crate::{
    BacktestId, Backtests, Failure, JourneyId, Page, Paging,
    backtests::{BROKEN_OFF, Backtest, End, NewBacktest, State},
    limits,
};
use async_trait::async_trait;
use journey::{Draft, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<BacktestId, Row>,
}

#[derive(Debug)]
struct Row {
    backtest: Backtest,
    draft: Draft,
    summary: Option<Value>,
    runs: Vec<Value>,
}

#[async_trait]
impl Backtests for Memory {
    async fn keep_backtest(
        &self,
        backtest: &NewBacktest,
        now: Timestamp,
    ) -> Result<BacktestId, Failure> {
        let backtests = &mut self.to_write()?.backtests;
        let NewBacktest { journey, draft, from, to, by } = backtest.clone();
        let id = self.ids.backtest(now, self.ids.any_slot());
        let backtest = Backtest {
            id,
            journey,
            name: draft.name.clone(),
            from,
            to,
            asked_at: now,
            asked_by: by,
            state: State::Running,
            done: 0,
            of: 0,
            seen_at: now,
            ended_at: None,
            failure: None,
        };
        backtests.rows.insert(id, Row { backtest, draft, summary: None, runs: Vec::new() });
        backtests.break_off(journey, now);
        backtests.remove_old(journey);
        Ok(id)
    }

    async fn backtest(&self, id: BacktestId) -> Result<Option<Backtest>, Failure> {
        Ok(self.kept().backtests.rows.get(&id).map(|row| row.backtest.clone()))
    }

    async fn backtest_draft(&self, id: BacktestId) -> Result<Option<Draft>, Failure> {
        Ok(self.kept().backtests.rows.get(&id).map(|row| row.draft.clone()))
    }

    async fn backtest_summary(&self, id: BacktestId) -> Result<Option<Value>, Failure> {
        Ok(self.kept().backtests.rows.get(&id).and_then(|row| row.summary.clone()))
    }

    async fn backtests(
        &self,
        journey: Option<JourneyId>,
        paging: Paging<BacktestId>,
    ) -> Result<Page<Backtest, BacktestId>, Failure> {
        let kept = self.kept();
        let rows = kept.backtests.rows.range(before(paging.after)).rev();
        let rows = rows.map(|(_, row)| &row.backtest);
        let rows = rows.filter(|row| journey.is_none_or(|journey| row.journey == Some(journey)));
        Ok(page(rows.cloned(), &paging, |row| row.id))
    }

    async fn backtest_came_to(
        &self,
        id: BacktestId,
        done: u64,
        of: u64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let backtests = &mut self.to_write()?.backtests;
        let Some(Row { backtest, .. }) = backtests.running(id) else { return Ok(false) };
        (backtest.done, backtest.of, backtest.seen_at) = (done, of, now);
        Ok(true)
    }

    async fn end_backtest(
        &self,
        id: BacktestId,
        end: &End,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let backtests = &mut self.to_write()?.backtests;
        let Some(row) = backtests.running(id) else { return Ok(false) };
        row.backtest.state = end.state();
        row.backtest.ended_at = Some(now);
        match end {
            End::Done { summary, runs } => {
                row.summary = Some(summary.clone());
                row.runs.clone_from(runs);
            }
            End::Failed(why) => row.backtest.failure = Some(why.clone()),
            End::Cancelled => {}
        }
        Ok(true)
    }

    async fn backtest_runs(
        &self,
        id: BacktestId,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, Value), u32>, Failure> {
        let kept = self.kept();
        let runs = kept.backtests.rows.get(&id).map_or(&[][..], |row| &row.runs);
        let runs = (0..).zip(runs.iter().cloned());
        let runs = runs.filter(|(number, _)| paging.after.is_none_or(|after| *number > after));
        Ok(page(runs, &paging, |(number, _)| *number))
    }
}

impl Kept {
    fn running(&mut self, id: BacktestId) -> Option<&mut Row> {
        self.rows.get_mut(&id).filter(|row| row.backtest.state == State::Running)
    }

    /// Those of a journey, or of none, that broke off have failed.
    fn break_off(&mut self, journey: Option<JourneyId>, now: Timestamp) {
        let alike = self.rows.values_mut().filter(|row| row.backtest.journey == journey);
        for row in alike.filter(|row| row.backtest.is_broken_off(now)) {
            row.backtest.state = State::Failed;
            row.backtest.ended_at = Some(now);
            row.backtest.failure = Some(BROKEN_OFF.to_owned());
        }
    }

    /// Removes those of a journey, or of none, that are over and of which there are enough newer ones.
    fn remove_old(&mut self, journey: Option<JourneyId>) {
        let alike = self.rows.values().rev().filter(|row| row.backtest.journey == journey);
        let older = alike.skip(limits::BACKTESTS as usize);
        let over = older.filter(|row| row.backtest.state != State::Running);
        let over: Vec<_> = over.map(|row| row.backtest.id).collect();
        self.rows.retain(|id, _| !over.contains(id));
    }
}
