use super::{
    Database, Write,
    written::{number, to_json},
};
use crate::sql::{Builder, Insert, Kind, Row, query, values};
use crate::{
    BacktestId, Backtests, Failure, JourneyId, Page, Paging,
    backtests::{BROKEN_OFF, Backtest, End, NewBacktest, State, last_word},
    failure::Doing,
    limits,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Draft, Timestamp};
use serde_json::Value;
use std::sync::LazyLock;

const KEEPING: &str = "keep a back-test";
const NOTING: &str = "write down how far a back-test has come";
const ENDING: &str = "end a back-test";
const READING: &str = "read a back-test";

/// Those of a list, which are without what is tried and what came of it.
const COLUMNS: &str = "SELECT id, journey, name, from_at, to_at, asked_at, asked_by, state, done, total, seen_at, ended_at, failure
        FROM backtests";

static RUNS: LazyLock<Insert> = LazyLock::new(|| {
    let columns = [("backtest", Kind::Int), ("number", Kind::Int), ("run", Kind::Text)];
    Insert::new("backtest_runs", &columns, |_| String::new())
});

#[async_trait]
impl Backtests for Database {
    async fn keep_backtest(
        &self,
        backtest: &NewBacktest,
        now: Timestamp,
    ) -> Result<BacktestId, Failure> {
        let draft = to_json(&backtest.draft)?;
        let mut tx = self.write_beside().await?;
        let id = self.ids.backtest(now, self.ids.any_slot());
        insert(&mut tx, id, backtest, draft, now).await?;
        tidy(&mut tx, backtest.journey, now).await?;
        tx.commit(Point::KeepBacktest).await?;
        Ok(id)
    }

    async fn backtest(&self, id: BacktestId) -> Result<Option<Backtest>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE id = ").push_bind(id.number());
        let row = query.build().fetch_optional(&self.reader).await.doing(READING)?;
        row.as_ref().map(backtest).transpose()
    }

    async fn backtest_draft(&self, id: BacktestId) -> Result<Option<Draft>, Failure> {
        let row = query("SELECT draft FROM backtests WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read what a back-test tries")?;
        row.as_ref().map(|row| row.json("draft")).transpose()
    }

    async fn backtest_summary(&self, id: BacktestId) -> Result<Option<Value>, Failure> {
        let row = query("SELECT summary FROM backtests WHERE id = $1")
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read what came of a back-test")?;
        Ok(row.as_ref().map(|row| row.opt_json("summary")).transpose()?.flatten())
    }

    async fn backtests(
        &self,
        journey: Option<JourneyId>,
        paging: Paging<BacktestId>,
    ) -> Result<Page<Backtest, BacktestId>, Failure> {
        let mut query = Builder::new(COLUMNS);
        query.push(" WHERE id < ").push_bind(paging.after.map_or(i64::MAX, BacktestId::number));
        if let Some(journey) = journey {
            query.push(" AND journey = ").push_bind(journey.number());
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list back-tests")?;
        let rows = rows.iter().map(backtest).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |backtest: &Backtest| backtest.id))
    }

    async fn backtest_came_to(
        &self,
        id: BacktestId,
        done: u64,
        of: u64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let mut tx = self.write_beside().await?;
        let noted = query(
            "UPDATE backtests SET done = $2, total = $3, seen_at = $4 WHERE id = $1 AND state = 'running'",
        )
        .bind(id.number())
        .bind(number(done))
        .bind(number(of))
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing(NOTING)?;
        tx.commit(Point::NoteBacktest).await?;
        Ok(noted.rows_affected() == 1)
    }

    async fn end_backtest(
        &self,
        id: BacktestId,
        end: &End,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let (summary, failure, runs) = match end {
            End::Done { summary, runs } => (Some(to_json(summary)?), None, runs.as_slice()),
            End::Failed(why) => (None, Some(why), [].as_slice()),
            End::Cancelled => (None, None, [].as_slice()),
        };
        let mut tx = self.write_beside().await?;
        // Of two that end it at once the second waits for the row, and finds it over.
        let ended = query(
            "UPDATE backtests SET state = $2, summary = $3, failure = $4, ended_at = $5
             WHERE id = $1 AND state = 'running'",
        )
        .bind(id.number())
        .bind(end.state().word())
        .bind(summary)
        .bind(failure)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing(ENDING)?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        insert_runs(&mut tx, id, runs).await?;
        tx.commit(Point::EndBacktest).await?;
        Ok(true)
    }

    async fn backtest_runs(
        &self,
        id: BacktestId,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, Value), u32>, Failure> {
        let rows = query(
            "SELECT number, run FROM backtest_runs WHERE backtest = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(id.number())
        .bind(paging.after.map_or(-1, i64::from))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list the runs of a back-test")?;
        let rows = rows.iter().map(run).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |(number, _): &(u32, Value)| *number))
    }
}

async fn insert(
    tx: &mut Write,
    id: BacktestId,
    backtest: &NewBacktest,
    draft: String,
    now: Timestamp,
) -> Result<(), Failure> {
    query(
        "INSERT INTO backtests (id, journey, name, from_at, to_at, asked_at, asked_by, state, seen_at, draft)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', $6, $8)",
    )
    .bind(id.number())
    .bind(backtest.journey.map(JourneyId::number))
    .bind(&backtest.draft.name)
    .bind(backtest.from.0)
    .bind(backtest.to.0)
    .bind(now.0)
    .bind(&backtest.by)
    .bind(draft)
    .execute(&mut *tx)
    .await
    .doing(KEEPING)?;
    Ok(())
}

/// Ends those of a journey, or of none, that broke off, and removes those that are over and of which there are enough newer ones.
async fn tidy(tx: &mut Write, journey: Option<JourneyId>, now: Timestamp) -> Result<(), Failure> {
    let mut all = Builder::new("SELECT id, state, seen_at FROM backtests WHERE journey ");
    match journey {
        Some(journey) => all.push("= ").push_bind(journey.number()),
        None => all.push("IS NULL"),
    };
    all.push(" ORDER BY id DESC LIMIT ")
        .push_bind(i64::from(limits::BACKTESTS + limits::PAGE_ROWS));
    let all = all.build().fetch_all(&mut *tx).await.doing(KEEPING)?;
    // In one order everywhere, so that no two wait for each other; whoever finds one gone leaves its runs to who removed it.
    for (row, newer) in all.iter().zip(0..) {
        let id = row.int("id")?;
        let runs = row.word("state", State::from_word)? == State::Running;
        if runs && row.time("seen_at")? < last_word(now) {
            break_off(tx, id, now).await?;
        }
        if newer >= limits::BACKTESTS {
            remove(tx, id).await?;
        }
    }
    Ok(())
}

/// It has failed, unless something is heard of it meanwhile.
async fn break_off(tx: &mut Write, id: i64, now: Timestamp) -> Result<(), Failure> {
    query(
        "UPDATE backtests SET state = 'failed', failure = $2, ended_at = $3
         WHERE id = $1 AND state = 'running' AND seen_at < $4",
    )
    .bind(id)
    .bind(BROKEN_OFF)
    .bind(now.0)
    .bind(last_word(now).0)
    .execute(&mut *tx)
    .await
    .doing(KEEPING)?;
    Ok(())
}

async fn remove(tx: &mut Write, id: i64) -> Result<(), Failure> {
    let gone = query("DELETE FROM backtests WHERE id = $1 AND state <> 'running'")
        .bind(id)
        .execute(&mut *tx)
        .await
        .doing(KEEPING)?;
    if gone.rows_affected() == 1 {
        query("DELETE FROM backtest_runs WHERE backtest = $1")
            .bind(id)
            .execute(&mut *tx)
            .await
            .doing(KEEPING)?;
    }
    Ok(())
}

async fn insert_runs(tx: &mut Write, id: BacktestId, runs: &[Value]) -> Result<(), Failure> {
    let firsts = (0_i64..).step_by(limits::RUNS_AT_ONCE);
    for (piece, first) in runs.chunks(limits::RUNS_AT_ONCE).zip(firsts) {
        let texts = piece.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
        let rows = texts.iter().zip(first..).map(|(run, place)| values![id.number(), place, run]);
        RUNS.write(tx, rows.collect()).await.doing(ENDING)?;
    }
    Ok(())
}

fn backtest(row: &Row) -> Result<Backtest, Failure> {
    Ok(Backtest {
        id: BacktestId::stored(row.int("id")?),
        journey: row.opt_int("journey")?.map(JourneyId::stored),
        name: row.text("name")?,
        from: row.time("from_at")?,
        to: row.time("to_at")?,
        asked_at: row.time("asked_at")?,
        asked_by: row.text("asked_by")?,
        state: row.word("state", State::from_word)?,
        done: row.count("done")?,
        of: row.count("total")?,
        seen_at: row.time("seen_at")?,
        ended_at: row.opt_time("ended_at")?,
        failure: row.opt_text("failure")?,
    })
}

fn run(row: &Row) -> Result<(u32, Value), Failure> {
    let number = u32::try_from(row.int("number")?).ok().doing("read a stored row")?;
    Ok((number, row.json("run")?))
}
