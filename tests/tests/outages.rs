//! The database crashes, is cut off, or has no room: nothing acknowledged is lost, and all goes on by itself.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tests::cluster::{Cluster, LEASE_S};
use tests::disk::Disk;
use tests::load::Load;
use tests::postgres::Postgres;
use tests::server::ADMIN;
use tests::stage::Stage;
use tests::wire::{State, Wire};
use tokio::time::{Instant, sleep, timeout};

/// How long it may take until clients are served again.
const RECOVERY: Duration = Duration::from_mins(1);

/// Far longer than anyone waits for a database that is away, and shorter than they once did.
const SOON: Duration = Duration::from_secs(20);

/// How long a commit may take, and something to spare on a machine that others use.
const PATIENCE: Duration = Duration::from_secs(14);

/// How long reading may take, when a token is to be marked as used and cannot be.
const BRIEFLY: Duration = Duration::from_secs(5);

/// How many starts are enough to say that it goes on.
const SOME: usize = 15;

/// An amount of the suite's, or another that is asked for.
fn asked(name: &str, usual: &str) -> Result<Vec<u64>> {
    let text = std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    text.split(',').map(|number| number.parse().with_context(|| format!("{name}={text}"))).collect()
}

/// Waits until so many more starts are acknowledged.
async fn goes_on(load: &Load, more: usize) -> Result<()> {
    let (least, until) = (load.acknowledged().await + more, Instant::now() + RECOVERY);
    while load.acknowledged().await < least {
        ensure!(Instant::now() < until, "nothing is acknowledged any more");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn stage_on(database: String) -> Result<Stage> {
    let lease = ("WAYMARK_NODE_LEASE", LEASE_S.to_string());
    let stage = Stage::set_in(&[("WAYMARK_DATABASE_URL", database), lease]).await?;
    stage.publish("w1").await?;
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_again_and_again_loses_nothing_acknowledged() -> Result<()> {
    let database = Postgres::start()?;
    let stage = stage_on(database.address()).await?;
    let load = Load::begin(&[stage.server.stranger()?], 8);
    let crashes = asked("WAYMARK_TEST_CRASHES", "3")?[0];
    let pauses = asked("WAYMARK_TEST_CRASH_EVERY_MS", "700,1500")?;
    for (_, pause) in (0..crashes).zip(pauses.iter().cycle()) {
        goes_on(&load, SOME).await?;
        sleep(Duration::from_millis(*pause)).await;
        database.crash()?;
    }
    goes_on(&load, SOME).await?;
    // A database that is soon back is waited for, so that there may be none.
    let refused = load.refused().await;
    let ledger = load.end().await?;
    ledger.holds(&stage).await?;
    println!("figure: requests told to come back while PostgreSQL crashed: {refused}");
    println!("figure: crashes of PostgreSQL under load: {crashes}");
    println!(
        "figure: starts acknowledged while PostgreSQL crashed, none lost or stuck: {}",
        ledger.acknowledged.len()
    );
    Ok(())
}

/// `/metrics` answers sooner than a connection to the database is given up.
async fn figures_are_shown(stage: &Stage) -> Result<()> {
    let asking =
        async { reqwest::get(format!("{}/metrics", stage.server.url())).await?.text().await };
    let shown = timeout(Duration::from_secs(4), asking).await.context("no figures in time")??;
    ensure!(
        shown.contains("waymark_nodes_serving ") && shown.contains("process_open_fds "),
        "{shown}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_cut_off_from_its_database_comes_back() -> Result<()> {
    let database = Postgres::start()?;
    let wire = Wire::to(database.port()).await?;
    let stage = stage_on(database.address_through(wire.port())).await?;
    let cluster = Cluster::beside(stage, &database.address()).await?;
    let load = Load::begin(&cluster.strangers()?, 4);
    // Shorter than a lease, and longer: then the other server has taken over meanwhile.
    for seconds in asked("WAYMARK_TEST_CUTS_S", &format!("1,{}", LEASE_S + 2))? {
        for (state, how) in
            [(State::Silent, "every packet lost"), (State::Cut, "connections ended")]
        {
            goes_on(&load, SOME).await?;
            wire.set(state);
            let cut = Instant::now();
            figures_are_shown(&cluster.stage).await.with_context(|| format!("{state:?}"))?;
            sleep(Duration::from_secs(seconds).saturating_sub(cut.elapsed())).await;
            wire.set(State::Whole);
            cluster.until_serving(2).await.with_context(|| format!("{state:?} for {seconds} s"))?;
            println!("figure: cut off from PostgreSQL, {how}: {seconds} s");
        }
    }
    goes_on(&load, SOME).await?;
    let ledger = load.end().await?;
    ledger.holds(&cluster.stage).await?;
    ensure!(
        cluster.stage.server.log().contains("taken for gone"),
        "{}",
        cluster.stage.server.log()
    );
    println!(
        "figure: starts acknowledged while a server was cut off, none lost or stuck: {}",
        ledger.acknowledged.len()
    );
    Ok(())
}

/// Whether PostgreSQL waits for a standby that is gone.
async fn waits_for_a_standby(database: &Postgres, waits: bool) -> Result<()> {
    let mut asking = PgConnection::connect(&database.address()).await?;
    let change = if waits {
        "ALTER SYSTEM SET synchronous_standby_names = 'gone'"
    } else {
        "ALTER SYSTEM RESET synchronous_standby_names"
    };
    for statement in ["SET synchronous_commit = local", change, "SELECT pg_reload_conf()"] {
        sqlx::raw_sql(statement).execute(&mut asking).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_that_is_gone_keeps_nobody_waiting_for_long_and_nothing_once_it_is_back()
-> Result<()> {
    let database = Postgres::start()?;
    let stage = stage_on(database.address()).await?;
    let token = stage.admin.post("/api/v1/tokens", &json!({ "name": "reads" })).await?;
    let token = token.expect(201)?["token"].as_str().context("a token")?.to_owned();
    let reader = stage.server.stranger()?.with_token(&token);
    let load = Load::begin(&[stage.server.stranger()?], 8);
    goes_on(&load, SOME).await?;
    waits_for_a_standby(&database, true).await?;
    sleep(Duration::from_secs(1)).await;
    // What is asked for while others wait already is not kept waiting as long again.
    let asking = (0..6).map(|place| {
        let client = stage.server.stranger();
        async move {
            sleep(Duration::from_secs(2 * place)).await;
            let asked = json!({ "id": format!("late-{place}"), "segment": "smb", "account": "A", "email": "a@b.c", "arr": 1 });
            let answered = timeout(PATIENCE, client?.post("/hooks/w1", &asked)).await;
            answered.with_context(|| format!("no answer in time to {place}"))?
        }
    });
    let (answers, read) = tokio::join!(join_all(asking), async {
        sleep(Duration::from_secs(3)).await;
        for _ in 0..3 {
            let read = timeout(BRIEFLY, reader.get("/api/v1/accounts?limit=1")).await;
            read.context("a reader waits for what is written")??.expect(200)?;
        }
        anyhow::Ok(())
    });
    read?;
    for answer in answers {
        ensure!(answer?.status == 503, "nothing is acknowledged");
    }
    waits_for_a_standby(&database, false).await?;
    goes_on(&load, SOME).await?;
    let ledger = load.end().await?;
    // Nor is what was claimed meanwhile held until its lease is over.
    ledger.holds(&stage).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_its_database_says_so_soon_and_stops_when_it_is_asked_to() -> Result<()> {
    let database = Postgres::start()?;
    let mut stage = stage_on(database.address()).await?;
    database.stop()?;
    let client = stage.server.stranger()?;
    for _ in 0..3 {
        let asked = timeout(SOON, client.get("/readyz")).await.context("no answer in time")??;
        ensure!(asked.status == 503, "{}", asked.status);
    }
    let stopped = timeout(SOON, stage.server.stop()).await.context("it does not stop")??;
    ensure!(stopped.success(), "{stopped}: {}", stage.server.log());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_in_plain_words_and_forgotten_once_there_is_room() -> Result<()> {
    let mut stage = Stage::set().await?;
    stage.publish("w1").await?;
    stage.server.stop().await?;
    let Some(disk) = Disk::under(stage.server.data(), 64)? else {
        println!("only root can put a small disk under a folder");
        return Ok(());
    };
    stage.server.restart().await?;
    stage.admin = stage.server.sign_in(ADMIN).await?;
    let load = Load::begin(&[stage.server.stranger()?], 8);
    goes_on(&load, SOME).await?;
    let disks = asked("WAYMARK_TEST_FULL_DISKS", "2")?[0];
    for _ in 0..disks {
        disk.fill()?;
        until_refused(&load).await?;
        // What is only read is there all the while.
        stage.admin.get("/api/v1/instances").await?.expect(200)?;
        disk.clear()?;
        goes_on(&load, SOME).await?;
    }
    ends_well(load, &stage, "SQLite").await?;
    stage.server.kill()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_of_postgres_is_forgotten_once_there_is_room() -> Result<()> {
    let Some((database, disk)) = Postgres::start_on_disk(256)? else {
        println!("only root can put a small disk under a folder");
        return Ok(());
    };
    let stage = stage_on(database.address()).await?;
    let load = Load::begin(&[stage.server.stranger()?], 8);
    goes_on(&load, SOME).await?;
    disk.fill()?;
    until_refused(&load).await?;
    // Longer than the first tries of what was called meanwhile and cannot be written down.
    sleep(Duration::from_secs(7)).await;
    disk.clear()?;
    database.ensure_started()?;
    goes_on(&load, SOME).await?;
    ends_well(load, &stage, "PostgreSQL").await
}

/// Waits until the full disk is noticed.
async fn until_refused(load: &Load) -> Result<()> {
    let (before, until) = (load.refused().await, Instant::now() + RECOVERY);
    while load.refused().await < before + 50 {
        ensure!(Instant::now() < until, "nothing is refused though the disk is full");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Nothing acknowledged is lost, and who was refused was told why.
async fn ends_well(load: Load, stage: &Stage, database: &str) -> Result<()> {
    let ledger = load.end().await?;
    let is_said = |sentence: &String| sentence.contains("disk") && sentence.contains("full");
    ensure!(ledger.refused.keys().any(is_said), "{:?}", ledger.refused);
    ledger.holds(stage).await?;
    println!(
        "figure: starts acknowledged around full disks, none lost or stuck, {database}: {}",
        ledger.acknowledged.len()
    );
    Ok(())
}
