//! Reading what other programs wrote as a journey: one way for the command line and for requests.

use anyhow::{Context, Result};
use exchange::{Imported, bpmn, checklist};
use wire::ReadAs;

/// The draft that a text is, or that becomes of it; `name` is that of its file, for texts without one.
///
/// # Errors
///
/// It is not what `format` says, with the place.
pub(crate) fn read(format: ReadAs, name: &str, text: &str) -> Result<Imported> {
    Ok(match format {
        ReadAs::Json => Imported {
            draft: serde_json::from_str(text)
                .context("this is not a draft as Waymark writes it")?,
            left_out: Vec::new(),
        },
        ReadAs::Bpmn => bpmn::import(text)?,
        ReadAs::Markdown => checklist::import(name, text, checklist::Format::Markdown)?,
        ReadAs::Csv => checklist::import(name, text, checklist::Format::Csv)?,
    })
}
