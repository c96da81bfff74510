//! kill -9 at any point loses nothing acknowledged and calls nothing twice in effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::cluster::Cluster;
use tests::crm;
use tests::server::Client;
use tests::stage::Stage;
use tokio::sync::Mutex;
use tokio::time::sleep;

const CLIENTS: usize = 9;

/// What each journey does outside by the time it waits at its task.
const EFFECTS: u64 = 2;

/// How much there is of it at least.
struct Amounts {
    kills: u64,
    effects: u64,
}

impl Amounts {
    /// Those of the suite, or those that are asked for.
    fn asked_for() -> Self {
        let asked = |name| std::env::var(name).ok().and_then(|amount| amount.parse().ok());
        Self {
            kills: asked("WAYMARK_TEST_KILLS").unwrap_or(20),
            effects: asked("WAYMARK_TEST_EFFECTS").unwrap_or(200),
        }
    }
}

/// What the server has acknowledged, kept outside it: our key and the instance it answered with.
type Ledger = Arc<Mutex<Vec<(String, String)>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_twenty_kills() -> Result<()> {
    survives(Cluster::alone(Stage::set().await?), "SQLite").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_twenty_kills_of_one_of_three_on_postgres() -> Result<()> {
    survives(Cluster::of(3).await?, "PostgreSQL").await
}

async fn survives(mut cluster: Cluster, database: &str) -> Result<()> {
    cluster.stage.publish("w1").await?;
    let (ledger, number) = (Ledger::default(), Arc::new(AtomicU64::new(0)));
    let (least, mut kills) = (Amounts::asked_for(), 0);
    while kills < least.kills || (ledger.lock().await.len() as u64) * EFFECTS < least.effects {
        die_once(&mut cluster, kills, &ledger, &number).await?;
        kills += 1;
    }
    let ledger = ledger.lock().await;
    ensure!(ledger.len() >= 100, "too few acknowledged to prove anything: {}", ledger.len());
    for (key, instance) in ledger.iter() {
        at_its_task(&cluster.stage, instance).await.with_context(|| format!("journey {key}"))?;
    }
    let effects = each_effect_happened_once(&cluster.stage, &ledger).await?;
    nothing_is_lost(&cluster.stage, &ledger).await?;
    println!("figure: kills -9, {database}: {kills}");
    println!(
        "figure: starts acknowledged while servers were killed, none lost or stuck, {database}: {}",
        ledger.len()
    );
    println!("figure: effects outside, none twice, {database}: {effects}");
    Ok(())
}

/// Starts journeys on all servers until one of them is killed, and starts that again; each round dies at another point of its work.
async fn die_once(
    cluster: &mut Cluster,
    round: u64,
    ledger: &Ledger,
    number: &Arc<AtomicU64>,
) -> Result<()> {
    let over = Arc::new(AtomicBool::new(false));
    let (strangers, nodes) = (cluster.strangers()?, cluster.others.len() + 1);
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let client = strangers[client % nodes].clone();
            let (ledger, number, over) = (ledger.clone(), number.clone(), over.clone());
            tokio::spawn(start_until(over, client, ledger, number))
        })
        .collect();
    sleep(Duration::from_millis(60 + 37 * round % 400)).await;
    let victim = usize::try_from(round)? * 7 % nodes;
    cluster.kill(victim)?;
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await?;
    }
    cluster.restart(victim).await
}

/// What the product itself says when it is shown what was acknowledged and what arrived outside.
async fn nothing_is_lost(stage: &Stage, ledger: &[(String, String)]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, lines: Vec<Value>| -> Result<String> {
        let file = folder.path().join(name);
        let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
        std::fs::write(&file, lines.join("\n") + "\n")?;
        Ok(file.display().to_string())
    };
    // These deliveries carry no key of their own.
    let told = ledger.iter().map(|(_, id)| json!({ "kind": "hook", "key": "", "id": id }));
    let acknowledged = write("acknowledged", told.collect())?;
    let sink = write("sink", crm::arrived(&stage.mock).await?)?;
    let arguments = ["verify", "--acknowledged", &acknowledged, "--sink", &sink];
    let verified = stage.server.command(&arguments)?;
    let (said, failed) = (&verified.stdout, &verified.stderr);
    let said = String::from_utf8_lossy(said);
    ensure!(verified.status.success(), "{said}{}", String::from_utf8_lossy(failed));
    for holds in ["I1 holds", "I2 holds", "I4 holds", "I6 holds"] {
        ensure!(said.contains(holds), "{said}");
    }
    // And it would say so: an instance that never was.
    let lost = json!({ "kind": "hook", "key": "", "id": "ins_0000000000001" });
    let lost = write("lost", vec![lost])?;
    let verified = stage.server.command(&["verify", "--acknowledged", &lost])?;
    ensure!(verified.status.code() == Some(1), "{}", String::from_utf8_lossy(&verified.stdout));
    Ok(())
}

/// Starts journeys one after another until its server is gone or the round is over; writes down only what was acknowledged.
async fn start_until(
    over: Arc<AtomicBool>,
    client: Client,
    ledger: Ledger,
    number: Arc<AtomicU64>,
) {
    while !over.load(Ordering::Relaxed) {
        let key = format!("k{}", number.fetch_add(1, Ordering::Relaxed));
        let body = json!({
            "id": key, "segment": "smb", "account": "Kill Ltd", "email": "K@EXAMPLE.COM", "arr": 600,
        });
        let Ok(answer) = client.post("/hooks/w1", &body).await else { return };
        if answer.status != 202 {
            continue;
        }
        if let Some(instance) = answer.body["instances"][0].as_str() {
            ledger.lock().await.push((key, instance.to_owned()));
        }
    }
}

async fn at_its_task(stage: &Stage, instance: &str) -> Result<()> {
    let seen = stage.rest(instance).await?;
    ensure!(seen["status"] == "running", "{instance} is not at its task: {seen}");
    Ok(())
}

/// The mock keeps one effect per idempotency key; a second key for the same operation would be a second effect.
async fn each_effect_happened_once(stage: &Stage, ledger: &[(String, String)]) -> Result<usize> {
    let effects = crm::effects(&stage.mock).await?;
    for (key, _) in ledger {
        let upsert = ("upsert".to_owned(), key.clone());
        ensure!(effects.get(&upsert) == Some(&1), "upsert of {key} did not happen exactly once");
    }
    let twice: Vec<_> = effects.iter().filter(|(_, effects)| **effects != 1).collect();
    ensure!(twice.is_empty(), "called twice in effect: {twice:?}");
    Ok(effects.len())
}
