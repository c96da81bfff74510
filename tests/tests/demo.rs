//! The demo as someone who has just cloned the repository meets it.

use std::process::Command;

use anyhow::{Context, Result};
use tests::program::Program;
use tests::server::{Client, waymark};
use tests::stage::connectors;

/// The customers of the example data.
const CUSTOMERS: u64 = 7_043;

#[tokio::test]
async fn the_demo_is_filled_and_its_sign_ins_work() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(waymark()?);
    command.args(["demo", "--listen", "127.0.0.1:0", "--connectors"]).arg(connectors());
    let mut demo = Program::start(command, &folder.path().join("demo.log"))?;

    for role in ["admin", "designer", "member"] {
        let (email, password) = sign_in(&demo.log(), role)?;
        let mut client = Client::new(demo.url())?;
        client.sign_in(&email, &password).await?;
        let accounts = client.get("/api/v1/accounts?limit=1").await?.expect(200)?;
        assert_eq!(accounts["total"], CUSTOMERS);
    }

    let (email, password) = sign_in(&demo.log(), "member")?;
    let mut member = Client::new(demo.url())?;
    member.sign_in(&email, &password).await?;
    let tasks = member.get("/api/v1/tasks?queue=team").await?.expect(200)?;
    let offered = tasks["items"].as_array().context("tasks are a list")?;
    assert!(!offered.is_empty(), "someone of high value arrived: {tasks}");
    assert!(demo.stop().await?.success());
    Ok(())
}

/// What the demo printed for a role: `sign in as EMAIL with PASSWORD (ROLE)`.
fn sign_in(log: &str, role: &str) -> Result<(String, String)> {
    let line = log
        .lines()
        .find(|line| line.starts_with("sign in as ") && line.ends_with(&format!("({role})")));
    let mut words = line.context("the demo prints its sign-ins")?.split(' ').skip(3);
    let (email, password) = (words.next(), words.nth(1));
    Ok((email.context("an address")?.to_owned(), password.context("a password")?.to_owned()))
}
