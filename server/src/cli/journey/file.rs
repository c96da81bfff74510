//! Journeys in files: as drafts, and as other programs write and read them.

use std::{
    fmt, fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use exchange::{Imported, LeftOut, bpmn};
use serde_json::json;
use wire::ReadAs;

use super::check;
use crate::{
    cli::{End, Output, check_name, print, say},
    config::Place,
    exchanging,
    workspace::Workspace,
};

/// What `journey import` takes.
#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// What the file is; its name tells when this is left out.
    #[arg(long, value_enum)]
    format: Option<Read>,
    /// The draft, or what becomes one.
    file: PathBuf,
}

/// What `journey export` takes.
#[derive(Args)]
pub(crate) struct Export {
    #[command(flatten)]
    named: super::Named,
    /// How the draft is written.
    #[arg(long, value_enum, default_value_t = Written::Json)]
    format: Written,
}

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Read {
    Json,
    Bpmn,
    Markdown,
    Csv,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    Json,
    Bpmn,
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "json",
            Self::Bpmn => "bpmn",
        })
    }
}

/// Makes a journey of a file, and tells what of it is left out.
pub(crate) async fn import(asked: Import, output: Output) -> Result<End> {
    let format = asked.format.unwrap_or_else(|| named(&asked.file));
    let Imported { draft, left_out } = match read(&asked.file, format) {
        Ok(imported) => imported,
        Err(error) => return Ok(End::Unreadable(error)),
    };
    check_name(&draft.name)?;
    let workspace = Workspace::open(&asked.place).await?;
    let id = workspace.store.create_journey(&draft, workspace.clock.now()).await?;
    workspace.audit("journey.create", &id).await?;
    match (output, format) {
        (Output::Json, Read::Json) => print(output, "", &json!({ "id": id.to_string() })),
        (Output::Json, _) => {
            print(output, "", &json!({ "id": id.to_string(), "left_out": left_out }));
        }
        (Output::Text, _) => {
            say(&id.to_string());
            for left in &left_out {
                eprintln!("{}", line(left));
            }
        }
    }
    Ok(End::Well)
}

/// Prints the draft of a journey.
pub(crate) async fn export(asked: Export) -> Result<End> {
    let id = asked.named.id;
    let workspace = Workspace::open_to_look(&asked.named.place).await?;
    let found = workspace.store.draft(id).await?;
    let found = found.with_context(|| format!("there is no journey {id}"))?;
    match asked.format {
        Written::Json => say(&serde_json::to_string_pretty(&found.draft)?),
        Written::Bpmn => say(bpmn::export(&found.draft).trim_end()),
    }
    Ok(End::Well)
}

fn read(file: &Path, format: Read) -> Result<Imported> {
    let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let format = match format {
        Read::Json => return Ok(Imported { draft: check::read(file)?, left_out: Vec::new() }),
        Read::Bpmn => ReadAs::Bpmn,
        Read::Markdown => ReadAs::Markdown,
        Read::Csv => ReadAs::Csv,
    };
    let read = exchanging::read(format, &name, &text(file)?);
    read.with_context(|| format!("{} cannot be imported", file.display()))
}

/// What a file is by its name.
fn named(file: &Path) -> Read {
    match ReadAs::named(&file.to_string_lossy()) {
        ReadAs::Json => Read::Json,
        ReadAs::Bpmn => Read::Bpmn,
        ReadAs::Markdown => Read::Markdown,
        ReadAs::Csv => Read::Csv,
    }
}

/// The text of a file; one that is longer than anything that is read is read no further.
fn text(file: &Path) -> Result<String> {
    let shown = file.display();
    let unreadable = || format!("{shown} cannot be read");
    let mut bytes = Vec::new();
    let limit = exchange::limits::FILE_BYTES as u64 + 1;
    fs::File::open(file)
        .with_context(unreadable)?
        .take(limit)
        .read_to_end(&mut bytes)
        .with_context(unreadable)?;
    String::from_utf8(bytes).with_context(|| format!("{shown} is not UTF-8; save it as UTF-8"))
}

fn line(left: &LeftOut) -> String {
    let LeftOut { line, id, name, kind, sentence } = left;
    let called = match (name.as_str(), id.as_str()) {
        ("", "") => String::new(),
        ("", id) => format!(" {id}"),
        (name, "") => format!(" “{name}”"),
        (name, id) => format!(" “{name}” ({id})"),
    };
    format!("line {line}: {kind}{called}: {sentence}")
}
