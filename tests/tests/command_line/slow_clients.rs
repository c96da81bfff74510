//! Clients that connect, begin to say something and stop: they are parted with, and others are answered.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tests::program::Program;
use tests::server::{Server, waymark};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// More than the server may have files open.
const CLIENTS: usize = 400;
/// How long the head of a request may take, as limits.rs of the server says, and much room.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_stop_half_way_do_not_make_the_server_deaf() -> Result<()> {
    let server = Server::start().await?;
    let id = i32::try_from(server.id()).ok().and_then(Pid::from_raw);
    let few = Rlimit { current: Some(300), maximum: Some(300) };
    prlimit(Some(id.context("a process id")?), Resource::Nofile, few)?;
    let host = server.url().trim_start_matches("http://");
    let mut clients = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        let mut client = TcpStream::connect(host).await?;
        client.write_all(b"GET / HT").await?;
        clients.push(client);
    }
    let until = Instant::now() + PATIENCE;
    while !server.log().contains("no connections can be taken just now") {
        ensure!(Instant::now() < until, "there was room for all: {}", server.log());
        sleep(Duration::from_millis(50)).await;
    }
    let another = server.stranger()?;
    while another.get("/readyz").await.is_ok_and(|answer| answer.status != 200) {
        ensure!(Instant::now() < until, "nobody is answered any more: {}", server.log());
        sleep(Duration::from_millis(100)).await;
    }
    let complaints = server.log().matches("no connections can be taken just now").count();
    ensure!(complaints <= 2, "it is said once in a while: {complaints}");
    drop(clients);
    Ok(())
}

#[tokio::test]
async fn the_server_may_open_as_many_files_as_the_system_allows() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -S -n 128 && exec \"$@\"", "sh"]).arg(waymark()?);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    let server = Program::start(command, &folder.path().join("server.log"))?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.id()))?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let [soft, hard, _] = line.context("a limit")?.split_whitespace().collect::<Vec<_>>()[3..]
    else {
        anyhow::bail!("{limits}");
    };
    ensure!(soft == hard, "{limits}");
    Ok(())
}
