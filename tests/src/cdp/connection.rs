//! Calls and events over one web socket, told apart by their ids and sessions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// How long the browser may take to answer a call.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connection to the browser itself.
#[derive(Clone)]
pub(super) struct Connection {
    shared: Arc<Shared>,
}

/// A connection to one page.
#[derive(Clone)]
pub(super) struct Session {
    connection: Connection,
    id: String,
}

struct Shared {
    next: AtomicU64,
    outgoing: mpsc::UnboundedSender<String>,
    open: Mutex<Open>,
}

/// Who waits for what.
#[derive(Default)]
struct Open {
    calls: HashMap<u64, oneshot::Sender<Value>>,
    events: HashMap<String, Vec<mpsc::UnboundedSender<Value>>>,
}

impl Connection {
    pub(super) async fn open(address: &str) -> Result<Self> {
        let (socket, _) = connect_async(address).await.context("connecting to Chromium")?;
        let (mut sink, mut stream) = socket.split();
        let (outgoing, mut waiting) = mpsc::unbounded_channel::<String>();
        let shared = Arc::new(Shared { next: AtomicU64::new(1), outgoing, open: Mutex::default() });
        let reader = Arc::downgrade(&shared);
        tokio::spawn(async move {
            while let Some(text) = waiting.recv().await {
                if sink.send(Message::text(text)).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let (Some(shared), Ok(text)) = (reader.upgrade(), message.to_text()) else {
                    continue;
                };
                if let Ok(value) = serde_json::from_str(text) {
                    shared.receive(value);
                }
            }
            if let Some(shared) = reader.upgrade() {
                // Dropping the senders tells everyone who waits that no answer will come.
                *shared.open.lock().unwrap_or_else(PoisonError::into_inner) = Open::default();
            }
        });
        Ok(Self { shared })
    }

    /// Calls the browser.
    pub(super) async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.send(json!({ "method": method, "params": parameters })).await
    }

    /// The page of that session.
    pub(super) fn session(&self, id: &str) -> Session {
        Session { connection: self.clone(), id: id.to_owned() }
    }

    async fn send(&self, mut message: Value) -> Result<Value> {
        let id = self.shared.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).calls.insert(id, sender);
        message["id"] = json!(id);
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        self.shared.outgoing.send(message.to_string()).context("Chromium has gone")?;
        let answer = tokio::time::timeout(PATIENCE, receiver).await;
        let answer =
            answer.with_context(|| format!("{method} was not answered within {PATIENCE:?}"))?;
        let answer = answer.with_context(|| format!("Chromium ended during {method}"))?;
        if let Some(error) = answer.get("error") {
            bail!("{method}: {error}");
        }
        Ok(answer["result"].clone())
    }
}

impl Session {
    /// Calls the page.
    pub(super) async fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.connection
            .send(json!({ "method": method, "params": parameters, "sessionId": self.id }))
            .await
    }

    /// Every event of the page from now on.
    pub(super) fn events(&self) -> mpsc::UnboundedReceiver<Value> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut open = self.connection.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.events.entry(self.id.clone()).or_default().push(sender);
        receiver
    }
}

impl Shared {
    fn receive(&self, message: Value) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = message["id"].as_u64() {
            if let Some(call) = open.calls.remove(&id) {
                // The caller may have lost patience.
                let _ = call.send(message);
            }
        } else if let Some(session) = message["sessionId"].as_str()
            && let Some(listeners) = open.events.get_mut(session)
        {
            listeners.retain(|listener| listener.send(message.clone()).is_ok());
        }
    }
}
