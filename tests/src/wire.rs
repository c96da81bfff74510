//! A wire between a server and its database that a test can hold or cut.

use std::io;
use std::net::SocketAddr;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the wire is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// What goes in comes out.
    Whole,
    /// Nothing comes out, and nobody is told: a network that loses every packet.
    Silent,
    /// Who is connected is disconnected, and nobody is connected.
    Cut,
}

/// A wire from a port of its own to another; it is gone when it is dropped.
pub struct Wire {
    port: u16,
    state: watch::Sender<State>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// Lays a wire to a port of this machine.
    pub async fn to(port: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let here = listener.local_addr()?.port();
        let (state, seen) = watch::channel(State::Whole);
        let far = SocketAddr::from(([127, 0, 0, 1], port));
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connect(near, far, seen.clone()));
            }
        });
        Ok(Self { port: here, state, accepting })
    }

    /// Its near end.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it is like that.
    pub fn set(&self, state: State) {
        self.state.send_replace(state);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Carries one connection until an end closes it or it is cut.
async fn connect(near: TcpStream, far: SocketAddr, mut state: watch::Receiver<State>) {
    let Ok(now) = state.wait_for(|state| *state != State::Silent).await.map(|now| *now) else {
        return;
    };
    if now == State::Cut {
        return;
    }
    let Ok(far) = TcpStream::connect(far).await else { return };
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let (mut up, mut down) = (state.clone(), state.clone());
    // Either end, or the cut, takes the other direction with it.
    tokio::select! {
        _ = carry(near_in, far_out, &mut up) => {}
        _ = carry(far_in, near_out, &mut down) => {}
        _ = state.wait_for(|state| *state == State::Cut) => {}
    }
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &mut watch::Receiver<State>,
) -> io::Result<()> {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 || state.wait_for(|state| *state == State::Whole).await.is_err() {
            return Ok(());
        }
        to.write_all(&bytes[..read]).await?;
    }
}
