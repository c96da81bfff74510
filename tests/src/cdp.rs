//! A real browser, driven as a person does: the pointer moves, fingers touch, keys are pressed; nothing is called from within.
//!
//! It speaks the `DevTools` protocol to Chromium over one web socket.

mod connection;
mod element;
mod input;
mod keys;
mod outside;
mod page;
mod pictures;
mod still;
mod trace;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tempfile::TempDir;

use connection::Connection;
pub use input::Point;
pub use keys::Modifiers;
pub use page::{Page, Scheme, Screen};
pub use trace::Busy;

/// What makes Chromium start anywhere, quiet and without asking its makers anything.
const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--lang=en-US",
];

/// What Chromium prints once it can be spoken to.
const READY: &str = "DevTools listening on ";

/// How long Chromium may take to start on a busy machine.
const START: Duration = Duration::from_mins(1);

/// A running Chromium with a profile of its own; all of its processes end when it is dropped.
pub struct Browser {
    child: Child,
    connection: Connection,
    _profile: TempDir,
}

impl Browser {
    /// Starts Chromium with nothing remembered.
    pub async fn launch() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let program =
            std::env::var_os("WAYMARK_CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into());
        let mut command = Command::new(&program);
        command
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank");
        // What it leaves lying about when it is killed goes with its profile.
        command.env("TMPDIR", profile.path()).process_group(0);
        // Moments look alike wherever the machine is.
        command.env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| {
            format!(
                "cannot start {}: `cargo xtask test` installs Chromium",
                program.to_string_lossy()
            )
        })?;
        let errors = child.stderr.take().context("the errors are piped")?;
        let (sender, receiver) = mpsc::channel();
        // Chromium writes for as long as it runs and stops when nobody reads.
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix(READY) {
                    let _ = sender.send(address.trim().to_owned());
                }
            }
        });
        let address = tokio::task::spawn_blocking(move || receiver.recv_timeout(START)).await?;
        let connection = match address {
            Ok(address) => Connection::open(&address).await,
            Err(_) => Err(anyhow::anyhow!("Chromium did not come up within {START:?}")),
        };
        match connection {
            Ok(connection) => Ok(Self { child, connection, _profile: profile }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// Opens an empty page that shares nothing with other pages: cookies and storage are its own.
    pub async fn page(&self, screen: Screen) -> Result<Page> {
        let context = self.connection.call("Target.createBrowserContext", json!({})).await?;
        let target =
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = self.connection.call("Target.createTarget", target).await?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.connection.call("Target.attachToTarget", attach).await?;
        let session = session["sessionId"].as_str().context("attaching gives a session")?;
        Page::attach(self.connection.session(session), screen).await
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends Chromium and every process it started; they form a group of their own.
fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}
