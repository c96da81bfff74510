//! The mock systems as a program, for the demo and the browser tests.

use std::net::SocketAddr;

use clap::Parser;
use mock_systems::MockSystems;
use tokio::signal::unix::{SignalKind, signal};

/// A CRM, a billing system, a dispatch desk and a vendor portal that exist only here.
#[derive(Parser)]
struct Arguments {
    /// Where to listen: a loopback address, port 0 for a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let systems = MockSystems::listen(arguments.listen).await?;
    println!("listening on {}", systems.url());
    let mut terminate = signal(SignalKind::terminate())?;
    let asked_to_end = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    asked_to_end.await;
    drop(systems);
    Ok(())
}
