//! One small HTTP server that plays a CRM, a billing system, a dispatch desk and a vendor portal, and a mail server that keeps its mail.
//!
//! `POST /SYSTEM/OPERATION/ID` acts and answers at once. An `Idempotency-Key` seen before gives the first answer again: the call is
//! counted, its effect is not. `GET /calls` is the log, `GET /counts` the sums, `PUT /control` makes it slow, faulty or strict.

mod control;
mod ledger;
mod mail;
mod routes;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use control::Control;
pub use ledger::{CallRecord, Count};
pub use mail::{Letter, MailServer};
pub use routes::Answer;

use routes::World;

/// A running set of systems on an address of its own; they end when dropped.
pub struct MockSystems {
    address: SocketAddr,
    world: Arc<World>,
    server: JoinHandle<std::io::Result<()>>,
}

impl MockSystems {
    /// Starts them on a free loopback port.
    pub async fn start() -> std::io::Result<Self> {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Starts them on `address`, which must be a loopback address: they believe whatever they are told.
    pub async fn listen(address: SocketAddr) -> std::io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidInput,
                format!("{address} is not a loopback address"),
            ));
        }
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let world = Arc::new(World::default());
        let router = routes::router(Arc::clone(&world));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(MockSystems { address, world, server })
    }

    /// Where they listen, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every call so far, oldest first.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.world.ledger.calls()
    }

    /// How often each operation was called for each id, and how often it had an effect.
    pub fn counts(&self) -> Vec<Count> {
        self.world.ledger.counts()
    }

    /// Changes how they behave from now on.
    pub fn control(&self, control: Control) {
        self.world.gate.set(control);
    }
}

impl Drop for MockSystems {
    fn drop(&mut self) {
        self.server.abort();
    }
}
