//! Group commit: one task that writes what many callers bring in one transaction, and answers each when it is durable.

use crate::limits;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use store::{
    Failure, FailureKind, Store,
    commits::{Commit, Guard, Refused},
    planted::{Mistake, makes},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

/// What became of a commit.
pub(crate) type Verdict = Result<Result<(), Refused>, Arc<Failure>>;

struct Entry {
    commit: Commit,
    answer: oneshot::Sender<Verdict>,
}

/// The way to the committing task.
#[derive(Clone, Debug)]
pub(crate) struct Committer {
    queue: mpsc::Sender<Entry>,
    transactions: Arc<AtomicU64>,
}

/// The committing task is gone: the process is ending.
#[derive(Debug)]
pub(crate) struct Gone;

impl Committer {
    /// Starts the task; it ends when the last committer is dropped and everything is written.
    pub(crate) fn start(store: Arc<dyn Store>) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, entries) = mpsc::channel(limits::REQUESTS + limits::JOBS);
        let transactions = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(run(store, entries, Arc::clone(&transactions)));
        (Self { queue, transactions }, task)
    }

    /// Returns when the commit is durable or refused.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<Verdict, Gone> {
        let (answer, verdict) = oneshot::channel();
        self.queue.send(Entry { commit, answer }).await.map_err(|_| Gone)?;
        verdict.await.map_err(|_| Gone)
    }

    /// How many transactions were written.
    pub(crate) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }
}

async fn run(
    store: Arc<dyn Store>,
    mut entries: mpsc::Receiver<Entry>,
    transactions: Arc<AtomicU64>,
) {
    let mut expected = 1;
    while let Some(first) = entries.recv().await {
        let group = gather(first, &mut entries, expected).await;
        expected = group.len();
        transactions.fetch_add(1, Ordering::Relaxed);
        if let Some(late) = write(store.as_ref(), group).await {
            // Who came meanwhile has waited as long, and would wait as long again.
            while let Ok(entry) = entries.try_recv() {
                let _ = entry.answer.send(Err(Arc::clone(&late)));
            }
        }
    }
}

/// As many as came last time, or what comes within two milliseconds: a lone caller is not kept waiting.
async fn gather(first: Entry, entries: &mut mpsc::Receiver<Entry>, expected: usize) -> Vec<Entry> {
    let until = Instant::now() + Duration::from_millis(limits::GROUP_WAIT_MS);
    let mut group = vec![first];
    while group.len() < limits::GROUP {
        match entries.try_recv() {
            Ok(entry) => group.push(entry),
            Err(mpsc::error::TryRecvError::Disconnected) => break,
            Err(mpsc::error::TryRecvError::Empty) if group.len() >= expected => break,
            Err(mpsc::error::TryRecvError::Empty) => {
                match timeout_at(until, entries.recv()).await {
                    Ok(Some(entry)) => group.push(entry),
                    Ok(None) | Err(_) => break,
                }
            }
        }
    }
    group
}

/// Writes a group and answers; the failure when the database does not make it durable in time.
async fn write(store: &dyn Store, group: Vec<Entry>) -> Option<Arc<Failure>> {
    let (commits, answers): (Vec<_>, Vec<_>) =
        group.into_iter().map(|entry| (entry.commit, entry.answer)).unzip();
    let is_start = |commit: &Commit| matches!(commit.guard, Guard::New { .. });
    if makes(Mistake::EarlyAcknowledgement) && commits.iter().all(is_start) {
        for answer in answers {
            let _ = answer.send(Ok(Ok(())));
        }
        return None;
    }
    match store.commit(&commits).await {
        Ok(verdicts) => {
            for (answer, verdict) in answers.into_iter().zip(verdicts) {
                // A caller that has gone away finds its commit by its key.
                let _ = answer.send(Ok(verdict));
            }
            None
        }
        Err(failure) if failure.is_late() => {
            let failure = Arc::new(failure);
            for answer in answers {
                let _ = answer.send(Err(Arc::clone(&failure)));
            }
            Some(failure)
        }
        Err(failure) => {
            settle(store, commits, answers, Arc::new(failure)).await;
            None
        }
    }
}

/// A group that failed: a commit that is there after all succeeded, and one bad commit must not keep the others out.
async fn settle(
    store: &dyn Store,
    commits: Vec<Commit>,
    answers: Vec<oneshot::Sender<Verdict>>,
    failure: Arc<Failure>,
) {
    let alone = matches!(failure.kind(), FailureKind::Unknown | FailureKind::Corrupt);
    for (commit, answer) in commits.into_iter().zip(answers) {
        let verdict = if alone {
            settle_one(store, commit, &failure).await
        } else {
            Err(Arc::clone(&failure))
        };
        let _ = answer.send(verdict);
    }
}

async fn settle_one(store: &dyn Store, commit: Commit, failure: &Arc<Failure>) -> Verdict {
    // When that cannot be read either, it stays unknown.
    let stored = store.instance(commit.instance).await.map_err(|_| Arc::clone(failure))?;
    // A step without records leaves the state as it was, which says nothing of whether it was written.
    let tells = !commit.records.is_empty();
    if tells && stored.is_some_and(|stored| stored.state == commit.state) {
        return Ok(Ok(()));
    }
    let mut verdicts = store.commit(&[commit]).await.map_err(Arc::new)?;
    Ok(verdicts.pop().unwrap_or(Err(Refused::LostRace)))
}
