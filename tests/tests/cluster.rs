//! Three servers on one PostgreSQL database are one product.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::cluster::{Cluster, LEASE_S};
use tests::crm;
use tests::server::Client;
use tokio::time::{Instant, sleep, timeout};

/// Longer than a lease.
const LAPSE: Duration = Duration::from_secs(LEASE_S + 1);

fn delivery(key: &str) -> Value {
    json!({ "id": key, "segment": "smb", "account": "Acme", "email": "A@EXAMPLE.COM", "arr": 600 })
}

/// Delivers to one server and waits there for the rest.
async fn deliver(client: &Client, key: &str) -> Result<String> {
    let request = client.request(Method::POST, "/hooks/w1").header("Idempotency-Key", key);
    let request = request.header("Prefer", "wait=20").json(&delivery(key));
    let answer = client.send(request).await?;
    ensure!(answer.status / 100 == 2, "{}: {}", answer.status, answer.body);
    let opened = &answer.body["instances"][0];
    ensure!(opened["status"] == "running", "it has come to rest: {opened}");
    Ok(opened["id"].as_str().context("an instance")?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_hooks_tasks_and_streams_work_on_any_server() -> Result<()> {
    let cluster = Cluster::of(3).await?;
    cluster.stage.publish("w1").await?;
    let [second, third] = &cluster.others[..] else { anyhow::bail!("three servers") };
    // A session of one server is one of all.
    let cookie = cluster.stage.admin.cookie().context("a session")?.to_owned();
    let (at_second, at_third) =
        (second.stranger()?.with_cookie(&cookie), third.stranger()?.with_cookie(&cookie));
    at_third.get("/api/v1/session").await?.expect(200)?;
    // A page on the third hears what the second brings about.
    let mut stream = at_third.request(Method::GET, "/api/v1/stream").send().await?;
    // What was published on the first is delivered to the second.
    let instance = deliver(&second.stranger()?, "k1").await?;
    let told = timeout(Duration::from_secs(10), async {
        let mut text = String::new();
        while !text.contains(&instance) {
            let piece = stream.chunk().await?.context("the stream goes on")?;
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        anyhow::Ok(())
    });
    told.await.context("the third server's stream says nothing of the instance")??;
    // Its task is claimed at the third and completed at the second.
    let tasks = at_third.get("/api/v1/tasks?queue=all").await?.expect(200)?;
    let task = tasks["items"][0]["id"].as_str().context("a task")?.to_owned();
    at_third.post(&format!("/api/v1/tasks/{task}/claim"), &json!({})).await?.expect(200)?;
    let done = json!({ "outcome": tasks["items"][0]["outcomes"][0]["id"], "form": {} });
    at_second.post(&format!("/api/v1/tasks/{task}/complete"), &done).await?.expect(200)?;
    let path = format!("/api/v1/instances/{instance}");
    let ended = cluster.stage.admin.get(&path).await?.expect(200)?;
    ensure!(ended["status"] == "ended", "{ended:#}");
    // Signed out at one, signed out at all.
    at_second.delete("/api/v1/session").await?.expect(204)?;
    at_third.get("/api/v1/session").await?.problem(401, "not-signed-in")?;
    let over = timeout(Duration::from_secs(20), async {
        while stream.chunk().await?.is_some() {}
        anyhow::Ok(())
    });
    over.await.context("the stream of who signed out goes on")??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_delivery_a_thousand_times_at_once_opens_one_instance() -> Result<()> {
    let cluster = Cluster::of(3).await?;
    cluster.stage.publish("w1").await?;
    let clients = cluster.strangers()?;
    let deliveries = (0..1_000).map(|number: usize| {
        let client = &clients[number % clients.len()];
        async move {
            // The first may still be at work: then whoever repeats it is told to come back.
            loop {
                let request = client.request(Method::POST, "/hooks/w1");
                let request = request.header("Idempotency-Key", "once").json(&delivery("once"));
                let answer = client.send(request).await?;
                match answer.status {
                    202 => break anyhow::Ok(answer.body["instances"][0].clone()),
                    409 | 429 | 503 => sleep(Duration::from_millis(50)).await,
                    status => anyhow::bail!("{status}: {}", answer.body),
                }
            }
        }
    });
    let opened = try_join_all(deliveries).await?;
    ensure!(opened.iter().all(|one| *one == opened[0] && one.is_string()), "{opened:?}");
    cluster.stage.rest(opened[0].as_str().unwrap_or_default()).await?;
    let instances = cluster.stage.admin.get("/api/v1/instances").await?.expect(200)?;
    ensure!(instances["items"].as_array().is_some_and(|all| all.len() == 1), "{instances:#}");
    let effects = crm::effects(&cluster.stage.mock).await?;
    ensure!(effects.values().all(|times| *times == 1), "{effects:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_held_goes_on_elsewhere_when_it_is_killed_or_stands_still() -> Result<()> {
    let mut cluster = Cluster::of(3).await?;
    cluster.stage.publish("w1").await?;
    // The CRM takes its time, so that calls are out.
    cluster.stage.mock.slow_down(Duration::from_millis(1_500)).await?;
    let mut begun = Vec::new();
    for node in &cluster.others {
        let client = node.stranger()?;
        for number in 0..5 {
            let key = format!("{}-{number}", node.url());
            let answer = client.post("/hooks/w1", &delivery(&key)).await?.expect(202)?;
            begun.push(answer["instances"][0].as_str().context("an instance")?.to_owned());
        }
    }
    let [killed, suspended] = &mut cluster.others[..] else { anyhow::bail!("three servers") };
    killed.kill()?;
    suspended.suspend()?;
    cluster.until_serving(1).await?;
    for instance in &begun {
        ensure!(cluster.stage.rest(instance).await?["status"] == "running", "at its task");
    }
    // It wakes with answers in hand that others have brought already, and takes part anew.
    cluster.others[1].resume()?;
    cluster.others[0].restart().await?;
    cluster.until_serving(3).await?;
    ensure!(cluster.others[1].log().contains("taken for gone"), "{}", cluster.others[1].log());
    let effects = crm::effects(&cluster.stage.mock).await?;
    ensure!(
        effects.len() >= begun.len() && effects.values().all(|times| *times == 1),
        "{effects:?}"
    );
    let verified = cluster.stage.server.command(&["verify"])?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_drained_and_replaced_without_anyone_noticing() -> Result<()> {
    let mut cluster = Cluster::of(3).await?;
    cluster.stage.publish("w1").await?;
    let nodes = cluster.nodes().await?;
    let leaving = cluster.others[1].url().rsplit(':').next().context("a port")?.to_owned();
    let is_it = |node: &&Value| node["name"].as_str().is_some_and(|name| name.ends_with(&leaving));
    let node = nodes.iter().find(is_it).context("it is listed")?;
    let id = node["id"].as_str().context("an id")?.to_owned();
    let drained = cluster.stage.server.command(&["node", "drain", &id])?;
    ensure!(drained.status.success(), "{}", String::from_utf8_lossy(&drained.stderr));
    let outside = cluster.others[1].stranger()?;
    let until = Instant::now() + LAPSE;
    while outside.get("/readyz").await?.status == 200 {
        ensure!(Instant::now() < until, "it is still ready");
        sleep(Duration::from_millis(50)).await;
    }
    cluster.until_serving(2).await?;
    // Who does not know yet is answered all the same; the others do the work.
    let instance = deliver(&outside, "k1").await?;
    ensure!(cluster.stage.rest(&instance).await?["status"] == "running", "at its task");
    cluster.others[1].stop().await?;
    let states: Vec<Value> =
        cluster.nodes().await?.iter().map(|node| node["state"].clone()).collect();
    ensure!(states == ["serving", "serving", "left"], "{states:?}");
    cluster.others[1].restart().await?;
    cluster.until_serving(3).await?;
    let listed = cluster.stage.server.command(&["node", "list"])?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    ensure!(listed.lines().count() == 4 && listed.contains("left"), "{listed}");
    let audit = cluster.stage.admin.get("/api/v1/audit").await?.expect(200)?;
    ensure!(audit.to_string().contains("node.drain"), "{audit}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_another_key_is_refused() -> Result<()> {
    let cluster = Cluster::of(1).await?;
    let folder = tempfile::tempdir()?;
    let mut other = std::process::Command::new(tests::server::waymark()?);
    other.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    other.env("WAYMARK_DATABASE_URL", cluster.stage.server.database_url());
    let refused = other.output()?;
    let said = String::from_utf8_lossy(&refused.stderr);
    ensure!(!refused.status.success() && said.contains("secrets.key"), "{said}");
    Ok(())
}
