//! A back-test of a year on the command line: what is remembered is written by the store while the server is down.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use journey::Timestamp;
use serde_json::{Map, Value, json};
use store::{
    AccountId, Accounts, Database, Events, Store,
    accounts::{Statement, Upserted},
    events::NewEvent,
};
use tests::server::Server;
use tests::stage::{Stage, TEAM};
use tokio::time::{Instant, sleep};

use crate::figure::{Figure, Report};
use crate::process;
use crate::stock::{self, GROUP};
use crate::w1::Kept;

const PART: &str = "backtest";
const ACCOUNTS: u32 = 5_000;
/// What customers did, spread over the year; each is heard by the journey's trigger.
const SIGNALS: u32 = 1_000_000;
/// One of so many starts an instance.
const STARTS: u32 = 100;
/// So often each account changed in the year, with the signals between.
const CHANGES: u32 = 12;
const YEAR: (&str, &str) = ("2025-01-01", "2025-12-31");
const YEAR_MS: i64 = 365 * 86_400_000;
const TARGET_S: f64 = 10.0;
/// How often it is looked at what the program holds resident.
const LOOK: Duration = Duration::from_millis(20);

/// Measures one back-test a round, all on one workspace.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let mut stage = Stage::set().await?;
    stage.server.stop().await?;
    let begin = Instant::now();
    remember(&stage).await?;
    eprintln!("{SIGNALS} signals of {ACCOUNTS} accounts in {:?}", begin.elapsed());
    let folder = tempfile::tempdir()?;
    let draft = folder.path().join("draft.json");
    fs::write(&draft, journey().to_string())?;
    let (mut seconds, mut cpu, mut resident) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (begin, spent) = (Instant::now(), process::children_cpu_seconds()?);
        resident.push(ask(&stage.server, &draft, &folder.path().join("answer.json")).await?);
        seconds.push(begin.elapsed().as_secs_f64());
        cpu.push(process::children_cpu_seconds()? - spent);
    }
    let what =
        format!("12 months, {ACCOUNTS} accounts, {SIGNALS} signals, {} starts", SIGNALS / STARTS);
    report.add(
        Figure::new(PART, format!("{what}: until the answer"), "s", seconds).at_most(TARGET_S),
    );
    report.add(Figure::new(PART, "CPU of it", "s", cpu));
    report.add(Figure::new(PART, "resident at its highest", "MiB", resident));
    Ok(())
}

/// A customer who hardly came back is called after two days if much depends on it, and is written to otherwise.
fn journey() -> Value {
    let nodes = json!([
        { "id": "start", "kind": "trigger", "name": "Hardly used", "on": { "type": "event", "event": "usage.reported", "when": "event.logins == 0" } },
        { "id": "large", "kind": "decision", "name": "Much depends on it?" },
        { "id": "pause", "kind": "wait", "name": "Two days", "for": "P2D" },
        { "id": "call", "kind": "task", "name": "Call", "title": "Call {{ account.name }}", "owner": { "rule": "team", "team": TEAM },
          "sla": { "due": "PT24H", "escalation": [] }, "outcomes": [{ "id": "done", "label": "Done" }] },
        { "id": "mail", "kind": "notify", "name": "Mail", "channel": "email", "to": { "rule": "team", "team": TEAM },
          "subject": "{{ account.name }} hardly uses it", "body": "Hello" },
        { "id": "called", "kind": "end", "name": "Called", "outcome": "called" },
        { "id": "mailed", "kind": "end", "name": "Mailed", "outcome": "mailed" }
    ]);
    let edges = json!([
        { "id": "e1", "from": "start", "to": "large" },
        { "id": "e2", "from": "large", "to": "pause", "when": "account.arr > 50000.0" },
        { "id": "e3", "from": "large", "port": "default", "to": "mail" },
        { "id": "e4", "from": "pause", "to": "call" },
        { "id": "e5", "from": "call", "port": "done", "to": "called" },
        { "id": "e6", "from": "mail", "to": "mailed" }
    ]);
    json!({ "format": 1, "name": "Hardly used", "nodes": nodes, "edges": edges })
}

/// Writes a year: the accounts, what they did, and how they changed meanwhile.
async fn remember(stage: &Stage) -> Result<()> {
    let store = stock::open(stage, Kept::File, 7).await?;
    let begins = Timestamp::from_date_or_time(YEAR.0).context("a date")?;
    let accounts = accounts(&store, begins.plus(-1)).await?;
    let each = SIGNALS / CHANGES;
    for month in 0..CHANGES {
        change(&store, &accounts, (month, at(begins, month * each))).await?;
        let last = if month + 1 == CHANGES { SIGNALS } else { (month + 1) * each };
        let mut number = month * each;
        while number < last {
            let group = number..last.min(number + GROUP);
            number = group.end;
            let signals: Vec<_> =
                group.map(|one| signal(one, &accounts, at(begins, one))).collect();
            store.accept(&signals, at(begins, number - 1)).await?;
        }
        stock::dispatch(&store).await?;
    }
    store.close().await;
    Ok(())
}

/// When the signal of a number came.
fn at(begins: Timestamp, number: u32) -> Timestamp {
    begins.plus(YEAR_MS * i64::from(number) / i64::from(SIGNALS))
}

async fn accounts(store: &Database, now: Timestamp) -> Result<Vec<AccountId>> {
    let all: Vec<_> = (0..ACCOUNTS).map(|number| statement(number, 0)).collect();
    written(store, &all, now).await
}

/// All accounts are other ones from now on.
async fn change(
    store: &Database,
    accounts: &[AccountId],
    (month, now): (u32, Timestamp),
) -> Result<()> {
    let all: Vec<_> = (0..ACCOUNTS).map(|number| statement(number, month + 1)).collect();
    let same = written(store, &all, now).await?;
    ensure!(same == accounts, "they are the same accounts");
    Ok(())
}

async fn written(store: &Database, all: &[Statement], now: Timestamp) -> Result<Vec<AccountId>> {
    let mut ids = Vec::new();
    for group in all.chunks(GROUP as usize) {
        let made = store.upsert_accounts(group, None, now).await?;
        ids.extend(made.into_iter().map(Upserted::id));
    }
    Ok(ids)
}

fn statement(number: u32, month: u32) -> Statement {
    Statement {
        external_id: format!("A{number:07}"),
        name: format!("Customer {number}"),
        segment: Some("smb".to_owned()),
        owner: None,
        arr: Some(f64::from((number * 37 + month * 911) % 1000) * 100.0),
        fields: Map::from_iter([("seats".to_owned(), json!(number % 50))]),
    }
}

fn signal(number: u32, accounts: &[AccountId], at: Timestamp) -> NewEvent {
    // Another account each time, and not the same ones that start something.
    let account = accounts[(number as usize * 7 + number as usize / 5_000) % accounts.len()];
    NewEvent {
        key: None,
        kind: "usage.reported".to_owned(),
        account: Some(account),
        at,
        data: Map::from_iter([("logins".to_owned(), json!(number % STARTS))]),
        depth: 0,
        sent_by: None,
    }
}

/// Asks on the command line, and says how much it held resident at its highest, in MiB.
async fn ask(server: &Server, draft: &Path, answer: &Path) -> Result<f64> {
    let draft = draft.to_str().context("a path in letters")?;
    let arguments = ["backtest", "--json", "--journey", draft, "--from", YEAR.0, "--to", YEAR.1];
    let mut asked = server.program(&arguments)?.stdout(fs::File::create(answer)?).spawn()?;
    let mut most = 0.0;
    let ended = loop {
        // Its memory is gone once it has ended.
        most = process::resident_mib(asked.id(), "VmHWM").unwrap_or(most);
        match asked.try_wait()? {
            Some(ended) => break ended,
            None => sleep(LOOK).await,
        }
    };
    ensure!(ended.success(), "there is no answer: {ended}");
    let answer: Value = serde_json::from_slice(&fs::read(answer)?)?;
    let started = &answer["summary"]["started"];
    ensure!(*started == SIGNALS / STARTS, "{started} started");
    Ok(most)
}
