//! Clients that start journeys whatever happens, and a ledger of what they were told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::header::RETRY_AFTER;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::crm;
use crate::server::{Answer, Client};
use crate::stage::Stage;

/// How soon a client asks again after it was refused or heard nothing.
const AGAIN: Duration = Duration::from_millis(100);

/// Clients at work.
pub struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    number: AtomicU64,
    ledger: Mutex<Ledger>,
}

/// What clients were told.
#[derive(Default)]
pub struct Ledger {
    /// Keys and the instances they opened.
    pub acknowledged: Vec<(String, String)>,
    /// The sentences of refusals that came with a time to come back at, by how many there were.
    pub refused: BTreeMap<String, u64>,
    /// What was refused otherwise.
    pub odd: Vec<String>,
}

impl Load {
    /// So many clients of each of these start journeys at the hook of the example `w1`, each start under a key until it is acknowledged.
    pub fn begin(servers: &[Client], each: usize) -> Self {
        let shared = Arc::<Shared>::default();
        let clients = servers.iter().flat_map(|server| std::iter::repeat_n(server, each));
        let clients = clients.map(|client| tokio::spawn(work(client.clone(), shared.clone())));
        Self { clients: clients.collect(), shared }
    }

    /// How many starts were acknowledged so far.
    pub async fn acknowledged(&self) -> usize {
        self.shared.ledger.lock().await.acknowledged.len()
    }

    /// How many were refused so far.
    pub async fn refused(&self) -> u64 {
        self.shared.ledger.lock().await.refused.values().sum()
    }

    /// Ends the work; a start that is under way comes to its answer.
    pub async fn end(self) -> Result<Ledger> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await?;
        }
        let ledger = std::mem::take(&mut *self.shared.ledger.lock().await);
        Ok(ledger)
    }
}

async fn work(client: Client, shared: Arc<Shared>) {
    while !shared.is_over.load(Ordering::Relaxed) {
        let key = format!("k{}", shared.number.fetch_add(1, Ordering::Relaxed));
        let body = json!({
            "id": key, "segment": "smb", "account": "Load Ltd", "email": "L@EXAMPLE.COM", "arr": 600,
        });
        while !shared.is_over.load(Ordering::Relaxed) {
            let request = client.request(Method::POST, "/hooks/w1");
            let request = request.header("Idempotency-Key", &key).json(&body);
            // Who hears nothing asks again.
            let Ok(answer) = client.send(request).await else {
                sleep(AGAIN).await;
                continue;
            };
            let mut ledger = shared.ledger.lock().await;
            if let Some(instance) =
                answer.body["instances"][0].as_str().filter(|_| answer.status == 202)
            {
                ledger.acknowledged.push((key, instance.to_owned()));
                break;
            }
            ledger.refuse(&answer);
            drop(ledger);
            sleep(AGAIN).await;
        }
    }
}

impl Ledger {
    fn refuse(&mut self, answer: &Answer) {
        let sentence = answer.body["detail"].as_str().map(str::to_owned);
        // 409: the first asking is still at work.
        let may_come_back = matches!(answer.status, 409 | 429 | 503);
        let is_fair = may_come_back && answer.headers.contains_key(RETRY_AFTER);
        match sentence.filter(|_| is_fair) {
            Some(sentence) => *self.refused.entry(sentence).or_default() += 1,
            None => self.odd.push(format!("{}: {}", answer.status, answer.body)),
        }
    }

    /// Everything acknowledged is there, once, came to its task, had its effects once, and `verify` agrees.
    pub async fn holds(&self, stage: &Stage) -> Result<()> {
        ensure!(self.odd.is_empty(), "answers that are neither yes nor come back: {:?}", self.odd);
        for (key, instance) in &self.acknowledged {
            let seen = stage.rest(instance).await.with_context(|| format!("journey {key}"))?;
            ensure!(seen["status"] == "running", "{key} is not at its task: {seen}");
        }
        let effects = crm::effects(&stage.mock).await?;
        for (key, _) in &self.acknowledged {
            let upsert = ("upsert".to_owned(), key.clone());
            ensure!(effects.get(&upsert) == Some(&1), "upsert of {key} was not done once");
        }
        let twice: Vec<_> = effects.iter().filter(|(_, times)| **times != 1).collect();
        ensure!(twice.is_empty(), "done twice: {twice:?}");
        self.verified(stage).await
    }

    async fn verified(&self, stage: &Stage) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let write = |name: &str, lines: Vec<Value>| -> Result<String> {
            let file = folder.path().join(name);
            let lines: Vec<_> = lines.iter().map(|line| format!("{line}\n")).collect();
            std::fs::write(&file, lines.concat())?;
            Ok(file.display().to_string())
        };
        let told = self.acknowledged.iter();
        let told = told
            .map(|(key, id)| json!({ "kind": "hook", "key": format!("hook:w1:{key}"), "id": id }));
        let acknowledged = write("acknowledged", told.collect())?;
        let sink = write("sink", crm::arrived(&stage.mock).await?)?;
        let verify = ["verify", "--acknowledged", &acknowledged, "--sink", &sink];
        let verified = stage.server.command(&verify)?;
        let said = String::from_utf8_lossy(&verified.stdout).into_owned();
        let failed = String::from_utf8_lossy(&verified.stderr);
        ensure!(verified.status.success() && said.contains("I1 holds"), "{said}{failed}");
        Ok(())
    }
}
