//! A program that knows the interface only by its description tries all of it, with what fits and what does not.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::filled::Filled;
use tests::server::ADMIN;

/// Names the program: schemathesis, as `cargo xtask test` installs it.
const PROGRAM: &str = "WAYMARK_SCHEMATHESIS";

/// How many examples each operation is given at most, instead of a few.
const EXAMPLES: &str = "WAYMARK_TEST_EXAMPLES";

/// What every answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// Operations that are left out: an answer without an end, a body that is a program, and what tells the server to take nothing more.
const LEFT_OUT: [&str; 3] = ["/api/v1/stream", "/api/v1/connectors", "/api/v1/nodes/{id}/drain"];

#[tokio::test]
async fn the_interface_answers_as_it_describes_itself() -> Result<()> {
    let filled = Filled::new(&[]).await?;
    let server = &filled.stage.server;
    let output = server.command(&["token", "create", "--user", ADMIN.email, "--name", "try"])?;
    let printed = String::from_utf8(output.stdout)?;
    let token = printed.lines().last().context("the token is the last line")?;
    let before = done(&filled).await?;
    let folder = tempfile::tempdir()?;
    let mut program =
        Command::new(std::env::var_os(PROGRAM).with_context(|| {
            format!("{PROGRAM} names no program; `cargo xtask test` installs it")
        })?);
    program.current_dir(folder.path());
    program.arg("run").arg(format!("{}/api/openapi.json", server.url()));
    program.args(["--header", &format!("Authorization: Bearer {token}")]);
    program.args(["--phases", "coverage,fuzzing", "--checks", CHECKS, "--seed", "1"]);
    let examples = std::env::var(EXAMPLES).unwrap_or_else(|_| "20".to_owned());
    // One worker: two that read their own sources at once end each other in some versions of Python (its issue 106905).
    program.args(["--max-examples", &examples, "--workers", "1", "--continue-on-failure"]);
    program.args(["--generation-database", "none", "--warnings", "off", "--no-color"]);
    program.args(LEFT_OUT.iter().flat_map(|path| ["--exclude-path", path]));
    let output = program.output().context("schemathesis cannot be started")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let generated = said.lines().find(|line| line.contains(" generated, "));
    println!("figure: examples of the interface: {}", generated.unwrap_or_default().trim());
    for line in server.log().lines() {
        ensure!(!line.contains("panicked") && !line.contains("\"level\":\"ERROR\""), "{line}");
    }
    // Whoever is refused at every door finds nothing wrong behind them.
    let after = done(&filled).await?;
    let new: BTreeSet<&String> = after.difference(&before).collect();
    ensure!(new.len() >= 5, "it did so little that nothing is proved: {new:?}\n{said}");
    Ok(())
}

/// What kinds of things were done, by the audit log.
async fn done(filled: &Filled) -> Result<BTreeSet<String>> {
    let log = filled.stage.admin.get("/api/v1/audit?limit=500").await?.expect(200)?;
    let entries = log["items"].as_array().context("a list")?;
    let action = |entry: &Value| entry["action"].as_str().map(str::to_owned);
    Ok(entries.iter().filter_map(action).collect())
}
