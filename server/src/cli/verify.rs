//! `waymark verify`: whether anything was lost, compared with the records and with what others wrote down.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use verify::Evidence;

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
    /// What arrived outside, a JSON object a line: key, operation, at.
    #[arg(long, value_name = "FILE")]
    sink: Option<PathBuf>,
}

/// Checks a workspace, also while a server runs; a line for each invariant.
pub(crate) async fn run(asked: Verify, output: Output) -> Result<End> {
    let workspace = Workspace::open_existing(&asked.place).await?;
    let evidence = Evidence { acknowledged: asked.acknowledged, sink: asked.sink };
    let report = verify::verify(workspace.store.as_ref(), &evidence).await?;
    print(output, report.to_string().trim_end(), &json!(report));
    Ok(if report.is_clean() { End::Well } else { End::Found })
}
