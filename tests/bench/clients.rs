//! Clients that each ask, wait for the answer and ask again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::figure::percentile;

/// What a round of asking came to.
pub(crate) struct Load<T> {
    /// What was answered.
    pub(crate) answers: Vec<T>,
    /// How long each took, in milliseconds, shortest first.
    milliseconds: Vec<f64>,
    wall: Duration,
}

impl<T> Load<T> {
    /// How many were answered.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2⁵²")]
    pub(crate) fn count(&self) -> f64 {
        self.milliseconds.len() as f64
    }

    /// Answers in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.count() / self.wall.as_secs_f64()
    }

    /// The latency within which a share of the answers came, in milliseconds.
    pub(crate) fn latency(&self, share: f64) -> f64 {
        percentile(&self.milliseconds, share)
    }
}

/// Lets `clients` ask until `next` has nothing more for them; the first failure ends the round.
pub(crate) async fn ask<T, A, F>(
    clients: usize,
    next: impl Fn() -> Option<A> + Send + Sync + 'static,
    ask: impl Fn(A) -> F + Send + Sync + 'static,
) -> Result<Load<T>>
where
    T: Send + 'static,
    A: Send + 'static,
    F: Future<Output = Result<T>> + Send + 'static,
{
    let (next, ask) = (Arc::new(next), Arc::new(ask));
    let begin = Instant::now();
    let mut asking = JoinSet::new();
    for _ in 0..clients {
        let (next, ask) = (next.clone(), ask.clone());
        asking.spawn(async move {
            let mut answered = Vec::new();
            while let Some(what) = next() {
                let begin = Instant::now();
                let answer = ask(what).await?;
                answered.push((answer, begin.elapsed().as_secs_f64() * 1000.0));
            }
            anyhow::Ok(answered)
        });
    }
    let mut load = Load { answers: Vec::new(), milliseconds: Vec::new(), wall: Duration::ZERO };
    while let Some(answered) = asking.join_next().await {
        for (answer, milliseconds) in answered?? {
            load.answers.push(answer);
            load.milliseconds.push(milliseconds);
        }
    }
    load.wall = begin.elapsed();
    load.milliseconds.sort_by(f64::total_cmp);
    Ok(load)
}
