//! `waymark journey check FILE`.

use std::{fs, io::Read as _, path::Path};

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
    let limit = journey::limits::DRAFT_BYTES;
    let unreadable = || format!("{shown} cannot be read");
    // What has no size of its own, as a pipe, is read no further than a draft can be long.
    let mut bytes = Vec::new();
    let mut reader = fs::File::open(file).with_context(unreadable)?.take(limit as u64 + 1);
    reader.read_to_end(&mut bytes).with_context(unreadable)?;
    anyhow::ensure!(bytes.len() <= limit, "{shown} is longer than a draft may be: {limit} bytes");
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
