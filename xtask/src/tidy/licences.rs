//! Every crate we build with has a licence that `deny.toml` allows, so that no copyleft slips in.

use std::fs;

use anyhow::{Context, Result};

use super::Violation;
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let text = fs::read_to_string(workspace.root().join("deny.toml")).context("deny.toml")?;
    let allowed = allowed(&text);
    let mut violations = Vec::new();
    for package in workspace.packages() {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !permits(licence, &allowed) {
            violations.push(Violation::new(
                "Cargo.lock",
                1,
                format!("`{name}` has the licence `{licence}`, which deny.toml does not allow"),
            ));
        }
    }
    Ok(violations)
}

/// The names in `allow = [ … ]` of the section `[licenses]`.
fn allowed(text: &str) -> Vec<String> {
    let section = text.split("[licenses]").nth(1).unwrap_or_default();
    let list = section
        .split("allow = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap_or_default();
    let uncommented: Vec<&str> =
        list.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    uncommented.join("").split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Whether an SPDX expression can be met with allowed licences alone; an unreadable one cannot.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let permitted = reader.any();
    permitted == Some(true) && reader.words.is_empty()
}

/// Reads `A OR B AND (C)` by descent; `AND` binds tighter, as SPDX says.
struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn any(&mut self) -> Option<bool> {
        let mut permitted = self.all()?;
        while self.take("OR") {
            permitted |= self.all()?;
        }
        Some(permitted)
    }

    fn all(&mut self) -> Option<bool> {
        let mut permitted = self.one()?;
        while self.take("AND") {
            permitted &= self.one()?;
        }
        Some(permitted)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let inside = self.any()?;
            return self.take(")").then_some(inside);
        }
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        let mut name = (*first).to_owned();
        if self.take("WITH") {
            let (exception, rest) = self.words.split_first()?;
            self.words = rest;
            name = format!("{name} WITH {exception}");
        }
        Some(self.allowed.contains(&name))
    }

    fn take(&mut self, word: &str) -> bool {
        match self.words.split_first() {
            Some((first, rest)) if *first == word => {
                self.words = rest;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DENY: &str = "[advisories]\n[licenses]\nallow = [\n  \"MIT\", # short\n  \"Apache-2.0\",\n  \"Apache-2.0 WITH LLVM-exception\",\n]\n";

    #[test]
    fn copyleft_is_refused_unless_there_is_a_choice() {
        let allowed = allowed(DENY);
        for refused in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND LGPL-3.0-only",
            "",
            "MIT OR",
            "MIT)",
        ] {
            assert!(!permits(refused, &allowed), "{refused}");
        }
        for permitted in [
            "MIT",
            "MIT/GPL-2.0",
            "LGPL-2.1-or-later OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT) AND Apache-2.0",
        ] {
            assert!(permits(permitted, &allowed), "{permitted}");
        }
    }
}
