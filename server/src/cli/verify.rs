//! `waymark verify`: whether anything was lost, compared with the records and with what others wrote down.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use store::{Failure, FailureKind, audit::Seal};
use verify::{AuditHead, Error, Evidence, Report};

use super::{End, Output, print};
use crate::{config::Place, workspace::Workspace};

/// What `verify` takes.
#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    place: Place,
    /// What clients were told is done, a JSON object a line: kind (start, hook, completion), key, id.
    #[arg(long, value_name = "FILE")]
    acknowledged: Option<PathBuf>,
    /// What arrived outside, a JSON object a line: key, and at if it is known.
    #[arg(long, value_name = "FILE")]
    sink: Option<PathBuf>,
    /// A seal of the audit log that was written down elsewhere, as `waymark audit-head` prints it.
    #[arg(long, value_name = "NUMBER:HASH")]
    audit_head: Option<AuditHead>,
}

/// Prints the newest seal of the audit log, to be kept elsewhere; nothing when there is none yet.
pub(crate) async fn audit_head(place: Place, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(&place).await?;
    if let Some(Seal { number, hash, lines, at }) = workspace.store.audit_head().await? {
        let value =
            json!({ "number": number, "hash": hash, "lines": lines, "at": at.to_rfc3339() });
        print(output, &format!("{number}:{hash}"), &value);
    }
    Ok(End::Well)
}

/// Checks a workspace, also while a server runs; a line for each invariant.
pub(crate) async fn run(asked: Verify, output: Output) -> Result<End> {
    let workspace = match Workspace::open_existing(&asked.place).await {
        Err(error) if is_damage(&error) => {
            return Ok(say(&Report::damaged(vec![super::told(&error)]), output));
        }
        opened => opened?,
    };
    let evidence = Evidence {
        acknowledged: asked.acknowledged,
        sink: asked.sink,
        audit_head: asked.audit_head,
        now: Some(workspace.clock.now()),
    };
    let report = match verify::verify(workspace.store.as_ref(), &evidence).await {
        Ok(report) => report,
        Err(error @ (Error::File { .. } | Error::Line { .. })) => {
            return Ok(End::Unreadable(error.into()));
        }
        Err(error @ Error::Store(_)) => return Err(error.into()),
    };
    if report.damage.is_empty() {
        workspace.warn_of_moved().await?;
    }
    Ok(say(&report, output))
}

/// Whether a workspace cannot be opened because of what stands in its database.
fn is_damage(error: &anyhow::Error) -> bool {
    let failure = error.downcast_ref::<Failure>();
    failure.is_some_and(|failure| failure.kind() == FailureKind::Corrupt)
}

fn say(report: &Report, output: Output) -> End {
    print(output, report.to_string().trim_end(), &json!(report));
    if report.is_clean() { End::Well } else { End::Found }
}
