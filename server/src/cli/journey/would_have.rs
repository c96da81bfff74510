//! `waymark journey would-have` and `promote`: what a shadow version would have done, and making it live.

use anyhow::{Context, Result, bail};
use clap::Args;
use journey::Severity;
use serde_json::json;
use store::{
    JourneyId, Paging,
    journeys::{Mode, Promotion},
    would_have::{Filter, IsMarked, Kind, Mark, WouldHave},
};

use super::{Named, check, may_publish};
use crate::{
    cli::{End, Output, print, walk},
    http,
    reviewing::Sought,
    schemas,
    slugs::Slugs,
    workspace::Workspace,
};

/// A shadow version of a journey.
#[derive(Args)]
pub(crate) struct OfVersion {
    #[command(flatten)]
    named: Named,
    /// Number of the shadow version.
    number: u64,
}

/// What `journey would-have` takes.
#[derive(Args)]
pub(crate) struct Listed {
    #[command(flatten)]
    of: OfVersion,
    /// Only what is of this kind: started, call, task, message, write, notice or child.
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// Only what is marked so: right, wrong, `dont_care` or unmarked.
    #[arg(long, value_parser = mark)]
    mark: Option<IsMarked>,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::from_word(word)
        .ok_or_else(|| "a kind is started, call, task, message, write, notice or child".to_owned())
}

fn mark(word: &str) -> Result<IsMarked, String> {
    if word == "unmarked" {
        return Ok(IsMarked::Not);
    }
    let mark = Mark::from_word(word).map(IsMarked::As);
    mark.ok_or_else(|| "a mark is right, wrong, dont_care or unmarked".to_owned())
}

/// Lists what a shadow version would have done, newest first.
pub(super) async fn list(asked: Listed, output: Output) -> Result<End> {
    let workspace = Workspace::open_to_look(&asked.of.named.place).await?;
    let (id, number) = asked.of.find_in(&workspace).await?;
    let store = workspace.store.as_ref();
    let filter = Filter { kind: asked.kind, mark: asked.mark, account: None };
    walk(
        |paging: Paging<_>| store.would_have(id, number, filter, paging),
        |row: WouldHave| {
            let account = row.account.map(|account| account.external_id).unwrap_or_default();
            let mark = row.marked.as_ref().map_or("unmarked", |marked| marked.mark.word());
            let (at, summary) = (row.at.to_rfc3339(), &row.deed.summary);
            let text = format!("{}\t{at}\t{account}\t{mark}\t{summary}", row.id);
            let value = json!({
                "id": row.id.to_string(), "at": at, "instance": row.instance.to_string(), "account": account,
                "node": row.deed.node, "kind": row.deed.kind, "summary": summary, "body": row.deed.body, "mark": mark,
            });
            print(output, &text, &value);
        },
    )
    .await?;
    Ok(End::Well)
}

/// Makes a shadow version live. What ran for it is ended by the server within the hour.
pub(super) async fn promote(asked: OfVersion, output: Output) -> Result<End> {
    let workspace = Workspace::open(&asked.named.place).await?;
    let (id, number) = asked.find_in(&workspace).await?;
    let (store, now) = (workspace.store.as_ref(), workspace.clock.now());
    let missing = || format!("there is no version {number} of {id}");
    let found = store.version(id, number).await?.with_context(missing)?;
    let known = http::workspace::gather(store, workspace.clock.now()).await?;
    let mut diagnostics = schemas::check(&found.draft, Some(&known));
    diagnostics.extend(Slugs::default().taken(store, id, &found.draft, now).await?);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        check::tell(&diagnostics, output);
        return Ok(End::Found);
    }
    let review = may_publish(store, id, Mode::Live, Sought::Drawing(&found.draft)).await?;
    let promotion = Promotion { note: String::new(), by: "command line".to_owned(), review };
    let promoted = store.promote(id, number, &promotion, now).await?;
    let (version, number) = promoted.with_context(missing)?;
    workspace.audit("journey.promote", &version).await?;
    let value = json!({ "id": version.to_string(), "number": number });
    print(output, &format!("{version} version {number}"), &value);
    Ok(End::Well)
}

impl OfVersion {
    async fn find_in(&self, workspace: &Workspace) -> Result<(JourneyId, u64)> {
        let id = self.named.id;
        let found = workspace.store.version(id, self.number).await?;
        match found.map(|version| version.mode) {
            None => bail!("there is no version {} of {id}", self.number),
            Some(Mode::Live) => {
                bail!("version {} is live: it acts, and takes no notes", self.number)
            }
            Some(Mode::Shadow) => Ok((id, self.number)),
        }
    }
}
