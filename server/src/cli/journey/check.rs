//! `waymark journey check FILE`.

use std::{fs, path::Path};

use anyhow::Context;
use journey::{Diagnostic, Draft, Severity};

use crate::{
    cli::{End, Output, say},
    schemas,
};

/// Checks the draft in `file` away from any workspace.
pub(crate) fn run(file: &Path, output: Output) -> End {
    let draft = match read(file) {
        Ok(draft) => draft,
        Err(error) => return End::Unreadable(error),
    };
    let diagnostics = schemas::check(&draft, None);
    tell(&diagnostics, output);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        End::Found
    } else {
        End::Well
    }
}

/// Prints what is wrong with a draft.
pub(crate) fn tell(diagnostics: &[Diagnostic], output: Output) {
    match output {
        Output::Json => say(&serde_json::json!({ "diagnostics": diagnostics }).to_string()),
        Output::Text => diagnostics.iter().for_each(|diagnostic| say(&line(diagnostic))),
    }
}

/// Reads a draft from a file.
pub(crate) fn read(file: &Path) -> anyhow::Result<Draft> {
    let shown = file.display();
    let size = fs::metadata(file).with_context(|| format!("{shown} cannot be read"))?.len();
    if size > journey::limits::DRAFT_BYTES as u64 {
        let limit = journey::limits::DRAFT_BYTES;
        anyhow::bail!("{shown} is {size} bytes; a draft has at most {limit}");
    }
    let bytes = fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{shown} is not a draft"))
}

fn line(diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = diagnostic.node.as_deref().or(diagnostic.edge.as_deref()).unwrap_or("journey");
    let field = diagnostic.field.as_deref().unwrap_or("");
    format!("{severity}[{}] {place}{field}: {}", diagnostic.code, diagnostic.message)
}
