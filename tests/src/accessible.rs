//! Whether everybody can use a page: what axe-core finds in it, with none of its rules switched off.

use std::path::PathBuf;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cdp::Page;

/// What is wrong: the rule, what it wants, and up to three of the elements that break it.
const VIOLATIONS: &str = "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
    (rule) => `${rule.id}: ${rule.help}: ${rule.nodes.slice(0, 3).map((node) => `${node.target}: ${node.html.slice(0, 200)}`).join(' | ')}`))";

/// Fails if something of the page keeps somebody from using it.
pub async fn must_be_accessible(page: &Page) -> Result<()> {
    if page.evaluate("typeof axe").await? == "undefined" {
        page.evaluate(axe()?).await?;
    }
    let found = page.evaluate(VIOLATIONS).await?;
    let url = page.url().await?;
    ensure!(found == Value::Array(Vec::new()), "{url} keeps people out: {found:#}");
    Ok(())
}

/// The script, read once.
fn axe() -> Result<&'static str> {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    if let Some(script) = SCRIPT.get() {
        return Ok(script);
    }
    let file = std::env::var_os("WAYMARK_AXE").map(PathBuf::from);
    let file = file.context("WAYMARK_AXE names no axe.min.js; `cargo xtask test` sets it")?;
    let script = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    Ok(SCRIPT.get_or_init(|| format!("{script}; null")))
}
