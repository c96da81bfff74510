//! What the compiler cannot check: the promises of the architecture, kept by rules that read the repository.

mod bare_texts;
mod catalogue;
mod crossings;
mod dependencies;
mod digests;
mod licences;
mod links;
mod machine_paths;
mod markers;
mod names;
mod sentences;
mod sizes;
mod sql;
mod styles;

use std::fmt;
use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{self, announce};
use crate::workspace::Workspace;

/// One broken promise, and where.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    sentence: String,
}

impl Violation {
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, sentence: sentence.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.sentence)
    }
}

/// A file of the repository that is text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    #[cfg(test)]
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Lines with their numbers, counted from one.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    fn is_rust(&self) -> bool {
        self.extension() == "rs"
    }

    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// The rules name what they look for, so they are not read by those that look for words.
    fn is_a_rule(&self) -> bool {
        self.path.starts_with("xtask/src/tidy")
    }

    /// Whether the whole file is tests.
    fn is_tests(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.contains("/tests/")
            || self.path.starts_with("tests/")
    }
}

/// Reports every violation, one line each, and fails if there is one.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    announce("tidy");
    let sources = sources(workspace)?;
    let mut violations = Vec::new();
    for rule in [
        crossings::check,
        sql::check,
        sizes::check,
        names::check,
        markers::check,
        styles::check,
        machine_paths::check,
        bare_texts::check,
        sentences::check,
        catalogue::check,
    ] {
        violations.extend(rule(&sources));
    }
    violations.extend(dependencies::check(&dependencies::packages(workspace)));
    violations.extend(links::check(&sources, |path| workspace.root().join(path).exists()));
    violations.extend(licences::check(workspace)?);
    violations.extend(digests::check(workspace)?);
    violations.sort();
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        bail!("tidy found {} violations", violations.len());
    }
    println!("    {} files, nothing to mend", sources.len());
    Ok(())
}

/// Records the digests of frozen files that have none yet.
pub(crate) fn bless_new(workspace: &Workspace) -> Result<()> {
    digests::bless_new(workspace)
}

/// Every text file git knows or would add.
fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.current_dir(workspace.root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let mut sources = Vec::new();
    for path in command::capture(&mut git)?.split('\0').filter(|path| !path.is_empty()) {
        if let Ok(text) = fs::read_to_string(workspace.root().join(path)) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
