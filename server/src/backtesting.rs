//! Runs back-tests beside the server's own work: one after the other, each on a thread of its own, and writes down how far they have come.

use std::{sync::Arc, thread};

use backtest::{Answer, Past, Progress, Question, Ran, Unanswered, recall, relive};
use journey::{Status, Timestamp};
use serde_json::json;
use store::{BacktestId, Store, backtests::End, would_have::Kind};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use wire::{
    BacktestDeed, BacktestRun, BacktestStay, BacktestSummary, Counted, FailedStep, KeptOut, Week,
};

use crate::{app::App, flow, http, limits};

/// One is lived at a time: each may take a processor and much memory.
static TURN: Semaphore = Semaphore::const_new(1);

static PLACES: Semaphore = Semaphore::const_new(limits::BACKTESTS);

/// One of those that run or wait for their turn; it is free again when this is dropped.
pub(crate) struct Place(#[expect(dead_code, reason = "it is held")] SemaphorePermit<'static>);

impl Place {
    /// `None` when all are taken.
    pub(crate) fn take() -> Option<Self> {
        PLACES.try_acquire().ok().map(Self)
    }
}

/// What a date or a time of a question means.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadTime {
    #[error("'{0}' is neither a date, such as 2026-01-31, nor a time as RFC 3339 writes it")]
    From(String),
    #[error("'{0}' is neither a date, such as 2026-01-31, nor a time as RFC 3339 writes it")]
    To(String),
    #[error("it must come after `from`, and not lie in the future as a whole")]
    Nothing,
    #[error("at most ten years can be lived again")]
    TooLong,
}

/// From when until before when is asked: a date ends at its end, and the future is left out.
pub(crate) fn span(
    (from, to): (&str, &str),
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), BadTime> {
    let begins =
        Timestamp::from_date_or_time(from).ok_or_else(|| BadTime::From(from.to_owned()))?;
    let ends = Timestamp::from_date_or_time(to).ok_or_else(|| BadTime::To(to.to_owned()))?;
    let is_date = Timestamp::from_rfc3339(to).is_none();
    let ends = if is_date { ends.plus(limits::DAY_MS) } else { ends }.min(now);
    if ends <= begins {
        return Err(BadTime::Nothing);
    }
    if ends.0 - begins.0 > limits::BACKTEST_MS {
        return Err(BadTime::TooLong);
    }
    Ok((begins, ends))
}

/// Begins one that was written down; what comes of it is written down, too.
pub(crate) fn begin(app: &App, (id, place): (BacktestId, Place), question: Question) {
    let app = app.clone();
    tokio::spawn(async move {
        let progress = Arc::new(Progress::default());
        let answering = answer(app.store(), question, Arc::clone(&progress));
        tokio::pin!(answering);
        let answered = loop {
            tokio::select! {
                answered = &mut answering => break answered,
                () = app.stopping().cancelled() => {
                    progress.stop();
                    break Err(Unanswered::Broken("go on: the server was stopped. Ask again"));
                }
                () = tokio::time::sleep(limits::BACKTEST_BEAT) => report(&app, id, &progress).await,
            }
        };
        report(&app, id, &progress).await;
        let end = match answered {
            Ok(answer) => done(answer),
            Err(why) => End::Failed(sentence(&why)),
        };
        if let Err(failure) = app.store().end_backtest(id, &end, app.now()).await {
            tracing::warn!(error = %failure, backtest.id = %id, "what came of a back-test is not written down");
        }
        drop(place);
    });
}

/// Says how far it has come; it stops when nobody wants to know.
async fn report(app: &App, id: BacktestId, progress: &Progress) {
    let (done, of) = progress.come_to();
    match app.store().backtest_came_to(id, done, of, app.now()).await {
        Ok(true) => {}
        Ok(false) => progress.stop(),
        Err(failure) => {
            tracing::warn!(error = %failure, backtest.id = %id, "how far a back-test has come is not written down");
        }
    }
}

/// Answers a question when its turn has come; one that is stopped before that does not wait for it.
pub(crate) async fn answer(
    store: &dyn Store,
    question: Question,
    progress: Arc<Progress>,
) -> Result<Answer, Unanswered> {
    let _turn = tokio::select! {
        // Nobody closes it.
        turn = TURN.acquire() => turn,
        () = progress.stopped() => return Err(Unanswered::Stopped),
    };
    let past = recall(store, question, &progress).await?;
    on_a_thread(past, progress).await
}

async fn on_a_thread(past: Past, progress: Arc<Progress>) -> Result<Answer, Unanswered> {
    let (tell, told) = oneshot::channel();
    let lived = thread::Builder::new().name("backtest".to_owned()).spawn(move || {
        // Whoever asked may have gone.
        let _ = tell.send(relive(past, &progress));
    });
    lived.map_err(|_| Unanswered::Broken("have a thread of its own"))?;
    told.await.unwrap_or(Err(Unanswered::Broken("go on: it broke off. Look into the server's log")))
}

fn sentence(why: &Unanswered) -> String {
    let text = why.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

fn done(answer: Answer) -> End {
    let (summary, runs) = shown(answer);
    End::Done { summary: json!(summary), runs: runs.iter().map(|run| json!(run)).collect() }
}

/// What came of it as clients read it.
pub(crate) fn shown(answer: Answer) -> (BacktestSummary, Vec<BacktestRun>) {
    let counted = |(name, count)| Counted { name, count };
    let (nodes, edges) = flow::shown(&answer.flow);
    let weeks = answer.weeks.into_iter();
    let stand = |status: Status| {
        let found = answer.statuses.iter().find(|(of, _)| *of == status);
        found.map_or(0, |(_, count)| *count)
    };
    let summary = BacktestSummary {
        accounts: answer.accounts,
        came_later: answer.came_later,
        happened: answer.happened,
        started: answer.started,
        running: stand(Status::Running),
        incidents: stand(Status::Incident),
        ended: stand(Status::Ended),
        cancelled: stand(Status::Cancelled),
        outcomes: answer.outcomes.into_iter().map(counted).collect(),
        weeks: weeks.map(|(from, count)| Week { from: from.to_rfc3339(), count }).collect(),
        deeds: (answer.deeds.into_iter())
            .map(|(kind, count)| (Kind::word(kind).to_owned(), count))
            .collect(),
        owners: answer.owners.into_iter().map(counted).collect(),
        more_owners: answer.more_owners,
        kept_out: (answer.kept_out.into_iter())
            .map(|one| KeptOut { code: one.code, example: one.example, count: one.count })
            .collect(),
        failed: (answer.failed.into_iter())
            .map(|one| FailedStep { node: one.node, example: one.example, count: one.count })
            .collect(),
        runs: answer.runs.len() as u64,
        nodes,
        edges,
    };
    let runs = answer.runs.into_iter().zip(0_u32..).map(|(run, number)| shown_run(run, number));
    (summary, runs.collect())
}

fn shown_run(run: Ran, number: u32) -> BacktestRun {
    let stays = run.stays.into_iter().map(|stay| BacktestStay {
        node: stay.node,
        at: stay.at.to_rfc3339(),
        left_at: stay.left_at.map(Timestamp::to_rfc3339),
        late: stay.is_late,
    });
    BacktestRun {
        number,
        account: run.account.map(http::instances::account),
        trigger: run.trigger,
        started_at: run.started_at.to_rfc3339(),
        ended_at: run.ended_at.map(Timestamp::to_rfc3339),
        status: run.status,
        outcome: run.outcome,
        failure: run.failure,
        stays: stays.collect(),
        edges: run.edges,
        deeds: (run.deeds.into_iter())
            .map(|(node, summary)| BacktestDeed { node, summary })
            .collect(),
    }
}
