//! `waymark backtest`: what a draft would have done, had it been live for some time.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, anyhow};
use backtest::{Progress, Question, Unanswered};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use journey::{Draft, Severity};
use serde_json::json;
use store::{JourneyId, Store};
use wire::{BacktestSummary, Counted};

use super::{End, Output, journey::check, print};
use crate::{backtesting, config::Place, http, schemas, workspace::Workspace};

/// What `backtest` takes.
#[derive(Args)]
pub(crate) struct Backtest {
    #[command(flatten)]
    place: Place,
    /// A draft as a file, or the id of a journey whose saved draft is meant.
    #[arg(long, value_name = "FILE|ID")]
    journey: String,
    /// A date, 2026-01-31, or a time as RFC 3339.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// A date, which is in, or until before a time; at most until now.
    #[arg(long, value_name = "DATE")]
    to: String,
}

/// Lives the history of a workspace again, also while a server runs: exit 1 when the draft has errors, 2 when it cannot be read.
pub(crate) async fn run(asked: Backtest, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(&asked.place).await?;
    let store = workspace.store.as_ref();
    let now = workspace.clock.now();
    let (from, to) = match backtesting::span((&asked.from, &asked.to), now) {
        Ok(span) => span,
        Err(why) => return Ok(End::Unreadable(anyhow!("--from, --to: {why}"))),
    };
    let (journey, draft) = match asked.journey.parse::<JourneyId>() {
        Ok(id) => (Some(id), saved(store, id).await?),
        Err(_) => match check::read(Path::new(&asked.journey)) {
            Ok(draft) => (None, draft),
            Err(error) => return Ok(End::Unreadable(error)),
        },
    };
    let known = http::workspace::gather(store, now).await?;
    let mut diagnostics = schemas::check(&draft, Some(&known));
    diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    if !diagnostics.is_empty() {
        check::tell(&diagnostics, output);
        return Ok(End::Found);
    }
    let name = draft.name.clone();
    let question = Question { journey, draft, from, to };
    let answer = watched(store, question).await?;
    let (summary, runs) = backtesting::shown(answer);
    let value = json!({
        "from": from.to_rfc3339(), "to": to.to_rfc3339(), "name": name,
        "summary": summary, "runs": runs,
    });
    print(output, &told(&summary), &value);
    Ok(End::Well)
}

async fn saved(store: &dyn Store, id: JourneyId) -> Result<Draft> {
    let found = store.draft(id).await?;
    Ok(found.with_context(|| format!("there is no journey {id}"))?.draft)
}

/// The answer, with a bar on standard error that shows how far it is.
async fn watched(store: &dyn Store, question: Question) -> Result<backtest::Answer, Unanswered> {
    let progress = Arc::new(Progress::default());
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    let answering = backtesting::answer(store, question, Arc::clone(&progress));
    tokio::pin!(answering);
    let answered = loop {
        tokio::select! {
            answered = &mut answering => break answered,
            () = tokio::time::sleep(Duration::from_millis(100)) => {
                let (done, of) = progress.come_to();
                bar.tick();
                bar.set_message(if of == 0 {
                    "reading what is remembered".to_owned()
                } else {
                    format!("{done} of {of} that happened")
                });
            }
        }
    };
    bar.finish_and_clear();
    answered
}

fn told(summary: &BacktestSummary) -> String {
    let mut lines = vec![
        format!(
            "{} would have started, of {} accounts and {} that happened",
            summary.started, summary.accounts, summary.happened
        ),
        format!(
            "ended {}\trunning {}\tincidents {}\tcancelled {}",
            summary.ended, summary.running, summary.incidents, summary.cancelled
        ),
    ];
    if summary.came_later > 0 {
        lines.push(format!(
            "{} accounts came into the workspace later and were taken as they were when they came",
            summary.came_later
        ));
    }
    let each = |what: &str, all: &[Counted]| {
        all.iter().map(|one| format!("{what}\t{}\t{}", one.name, one.count)).collect::<Vec<_>>()
    };
    lines.extend(each("outcome", &summary.outcomes));
    lines.extend(each("tasks of", &summary.owners));
    if summary.more_owners > 0 {
        lines.push(format!("tasks of\t{} others", summary.more_owners));
    }
    lines.extend(summary.deeds.iter().map(|(kind, count)| format!("deeds\t{kind}\t{count}")));
    lines.extend((summary.nodes.iter()).map(|node| {
        let late =
            if node.breached > 0 { format!("\t{} late", node.breached) } else { String::new() };
        format!("step\t{}\t{} came\t{} are here{late}", node.node, node.visits, node.here)
    }));
    lines.extend(
        (summary.failed.iter())
            .map(|one| format!("failed\t{}\t{}\tsuch as: {}", one.node, one.count, one.example)),
    );
    lines.extend(
        (summary.kept_out.iter())
            .map(|one| format!("kept out\t{}\t{}\tsuch as: {}", one.code, one.count, one.example)),
    );
    lines.join("\n")
}
