//! What the machine itself can do, measured in the same run: without it no figure says anything.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::clients::ask;
use crate::figure::{Figure, Report, percentile};
use crate::process;

/// Durable writes in a round.
const WRITES: usize = 200;

/// Single commits in a round.
const COMMITS: u32 = 200;
/// Requests of the least that a server can answer, in a round, and who asks them.
const HELLOS: u32 = 20_000;
const CLIENTS: usize = 16;

/// Measures how long a durable write takes, what single commits come to, and what a request costs at the least.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    durable_writes(report, rounds)?;
    single_commits(report, rounds).await?;
    hello(report, rounds).await
}

async fn single_commits(report: &mut Report, rounds: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("single.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = options.connect().await?;
    sqlx::query("CREATE TABLE rows (body TEXT NOT NULL)").execute(&mut connection).await?;
    let mut rates = Vec::new();
    for _ in 0..rounds {
        let begin = Instant::now();
        for _ in 0..COMMITS {
            let insert = sqlx::query("INSERT INTO rows (body) VALUES ($1)").bind("a row");
            insert.execute(&mut connection).await?;
        }
        rates.push(f64::from(COMMITS) / begin.elapsed().as_secs_f64());
    }
    connection.close().await?;
    report.add(Figure::new("machine", "durable commits of one row, SQLite", "1/s", rates));
    Ok(())
}

/// What a request costs a server that only says hello, on one thread.
async fn hello(report: &mut Report, rounds: u32) -> Result<()> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || serve_hello(tell));
    let (address, thread) = told.await??;
    let mut micros = Vec::new();
    for _ in 0..rounds {
        let left = Arc::new(AtomicU32::new(HELLOS));
        let next = move || {
            let taken =
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            taken.ok()
        };
        let (client, url) = (reqwest::Client::new(), format!("http://{address}/"));
        let before = process::thread_cpu_seconds(&thread)?;
        ask(CLIENTS, next, move |_| {
            let request = client.get(&url);
            async move { Ok(request.send().await?.error_for_status()?.bytes().await?) }
        })
        .await?;
        let spent = process::thread_cpu_seconds(&thread)? - before;
        micros.push(spent * 1e6 / f64::from(HELLOS));
    }
    report.add(Figure::new("machine", "CPU of a request that is answered hello", "µs", micros));
    Ok(())
}

/// Serves until the program ends; tells where, and on which thread.
fn serve_hello(tell: oneshot::Sender<Result<(SocketAddr, String)>>) {
    let serving = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(serving) = serving else { return };
    serving.block_on(async {
        let listening = async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let thread = std::fs::read_link("/proc/thread-self")?;
            let thread = thread.file_name().context("a thread has a number")?;
            Ok((listener, thread.to_string_lossy().into_owned()))
        };
        match listening
            .await
            .and_then(|(listener, thread)| Ok((listener.local_addr()?, listener, thread)))
        {
            Ok((address, listener, thread)) => {
                let _ = tell.send(Ok((address, thread)));
                let router = axum::Router::new().route("/", axum::routing::get(async || "hello"));
                let _ = axum::serve(listener, router).await;
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        }
    });
}

fn durable_writes(report: &mut Report, rounds: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("durable"))?;
    let mut medians = Vec::new();
    for _ in 0..rounds {
        let mut took = Vec::with_capacity(WRITES);
        for _ in 0..WRITES {
            let begin = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            took.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        took.sort_by(f64::total_cmp);
        medians.push(percentile(&took, 0.5));
    }
    report.add(Figure::new(
        "machine",
        "a durable write of 4 KiB (fdatasync), median",
        "ms",
        medians,
    ));
    Ok(())
}
