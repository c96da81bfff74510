//! SIGTERM: whoever waits is answered, and the program ends well and in time. A server whose database is gone ends at once.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::program::Program;
use tests::server::{Answer, Client, waymark};
use tests::stage::Stage;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// Requests under way, then connectors' answers: what limits.rs of the server allows together, and some room.
const LIMIT: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);

fn delivery(client: &Client, id: &str) -> reqwest::RequestBuilder {
    let body =
        json!({ "id": id, "segment": "smb", "account": "Acme", "email": "a@b.c", "arr": 600 });
    client.request(Method::POST, "/hooks/w1").header("prefer", "wait=50").json(&body)
}

async fn slow_down(stage: &Stage, latency_ms: u64) -> Result<()> {
    let control = Client::new(stage.mock.url())?;
    let set = control.put("/control", &json!({ "latency_ms": latency_ms })).await?;
    ensure!(set.status < 300, "{}", set.body);
    Ok(())
}

/// Waits until an instance waits for its connector's answer.
async fn until_it_calls(stage: &Stage) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(instance) = running(&stage.admin).await?.first() {
            let id = instance["id"].as_str().context("an id")?;
            let standing =
                stage.admin.get(&format!("/api/v1/instances/{id}")).await?.expect(200)?;
            if standing["waits"][0]["kind"] == "call" {
                return Ok(());
            }
        }
        ensure!(Instant::now() < until, "the connector was never called");
        sleep(Duration::from_millis(20)).await;
    }
}

async fn running(client: &Client) -> Result<Vec<Value>> {
    let page = client.get("/api/v1/instances").await?.expect(200)?;
    Ok(page["items"].as_array().context("items")?.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_waits_is_answered_and_its_work_is_taken_up_again() -> Result<()> {
    let mut stage = Stage::set().await?;
    stage.publish("w1").await?;
    slow_down(&stage, 60_000).await?;
    let sender = stage.server.stranger()?;
    let waiting: tokio::task::JoinHandle<Result<Answer>> =
        tokio::spawn(async move { sender.send(delivery(&sender, "c1")).await });
    until_it_calls(&stage).await?;
    let asked = Instant::now();
    let status = stage.server.stop().await?;
    ensure!(status.success(), "{status}: {}", stage.server.log());
    ensure!(asked.elapsed() < LIMIT, "it took {:?}", asked.elapsed());
    let answer = waiting.await??.expect(200).context("whoever waits is answered")?;
    ensure!(answer["instances"][0]["status"] == "running", "{answer}");

    slow_down(&stage, 0).await?;
    stage.server.restart().await?;
    let id = answer["instances"][0]["id"].as_str().context("an id")?;
    let standing = stage.rest(id).await?;
    ensure!(standing["waits"][0]["kind"] == "task", "{standing}");
    ensure!(running(&stage.admin).await?.len() == 1, "one instance");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_and_half_sent_connections_do_not_keep_it() -> Result<()> {
    let mut stage = Stage::set().await?;
    let host = stage.server.url().trim_start_matches("http://").to_owned();
    let idle = TcpStream::connect(&host).await?;
    let mut half = TcpStream::connect(&host).await?;
    half.write_all(b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{").await?;
    stage.admin.get("/readyz").await?.expect(200)?;
    let asked = Instant::now();
    let status = stage.server.stop().await?;
    ensure!(status.success() && asked.elapsed() < LIMIT, "{status} after {:?}", asked.elapsed());
    drop((idle, half));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_tells_of_changes_ends_with_the_server_and_is_there_again() -> Result<()> {
    let mut stage = Stage::set().await?;
    stage.publish("w1").await?;
    let listen = async |stage: &Stage| {
        let client = stage.admin.clone();
        let request = client.request(Method::GET, "/api/v1/stream").timeout(PATIENCE);
        anyhow::Ok(request.send().await?.error_for_status()?)
    };
    let mut stream = listen(&stage).await?;
    stage.admin.send(delivery(&stage.admin, "c1")).await?.expect(200)?;
    let first = stream.chunk().await?.context("a change")?;
    let text = String::from_utf8_lossy(&first).into_owned();
    ensure!(text.starts_with("data: {\"change\":"), "{text}");
    let ended = tokio::spawn(async move { while let Ok(Some(_)) = stream.chunk().await {} });
    ensure!(stage.server.stop().await?.success(), "{}", stage.server.log());
    timeout(PATIENCE, ended).await.context("the stream ends with the server")??;

    stage.server.restart().await?;
    let mut again = listen(&stage).await?;
    stage.admin.send(delivery(&stage.admin, "c2")).await?.expect(200)?;
    ensure!(again.chunk().await?.is_some(), "a new stream tells of changes");
    Ok(())
}

#[tokio::test]
async fn a_server_ends_once_its_database_is_removed_and_not_when_it_is_moved() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, moved) = (folder.path().join("data"), folder.path().join("moved"));
    let mut serve = std::process::Command::new(waymark()?);
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    let mut program = Program::start(serve, &folder.path().join("log"))?;
    let client = Client::new(program.url())?;
    std::fs::rename(&data, &moved)?;
    // It looks every second.
    sleep(Duration::from_millis(2_500)).await;
    client.get("/readyz").await?.expect(200)?;
    std::fs::remove_dir_all(&moved)?;
    if let Ok(answer) = client.get("/readyz").await {
        ensure!(answer.status == 503, "{}: {}", answer.status, answer.body);
    }
    let status = program.end().await?;
    ensure!(status.code() == Some(1), "{status}: {}", program.log());
    ensure!(program.log().contains("the database was removed"), "{}", program.log());
    Ok(())
}
