//! A program of ours as a process: started, waited for until it listens, ended gently or at once.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

/// What a program of ours prints once it answers.
const READY: &str = "listening on ";

/// How long a program may take to start on a busy machine.
const START: Duration = Duration::from_secs(30);

/// How long a program may take to end in good order.
const STOP: Duration = Duration::from_secs(30);

/// A running program that serves HTTP; it is killed when dropped.
pub struct Program {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Program {
    /// Starts `command` and waits for its line `listening on http://…`; everything it says goes to `log`.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let shown = format!("{command:?}");
        let file = File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file.try_clone()?);
        let mut child = command.spawn().with_context(|| format!("cannot start {shown}"))?;
        let output = child.stdout.take().context("the output is piped")?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || forward(BufReader::new(output), file, &sender));
        if let Ok(url) = receiver.recv_timeout(START) {
            return Ok(Self { child, url, log: log.to_path_buf() });
        }
        // It may have ended already; the status says which.
        let _ = child.kill();
        let status = child.wait()?;
        bail!(
            "{shown} did not come up ({status}):\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended; one that nobody has waited for is a zombie, which answers nothing.
    pub fn is_running(&self) -> bool {
        let stat =
            fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
    }

    /// Everything it has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it between two instructions, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        let id =
            i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id")?;
        kill_process(id, Signal::TERM)?;
        self.end().await
    }

    /// Waits until it has ended by itself.
    pub async fn end(&mut self) -> Result<ExitStatus> {
        let until = Instant::now() + STOP;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(20)).await;
        }
        bail!("{} still runs after {STOP:?}:\n{}", self.url, self.log())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, and a drop has nobody to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program of that name: where `variable` says, or where the build leaves it.
pub fn built(variable: &str, name: &str) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    // A test program lies in `TARGET/debug/deps`.
    let test = std::env::current_exe()?;
    let path = test.ancestors().nth(2).context("a test lies in the target directory")?.join(name);
    if !path.exists() {
        bail!(
            "{} is not built: run `cargo xtask test`, or `cargo build --bin {name}`",
            path.display()
        );
    }
    Ok(path)
}

fn forward(output: impl BufRead, mut log: File, ready: &mpsc::Sender<String>) {
    for line in output.lines() {
        let Ok(line) = line else { return };
        if let Some((_, url)) = line.split_once(READY) {
            // Nobody listens any more once the program has come up.
            let _ = ready.send(url.trim().trim_end_matches('/').to_owned());
        }
        if writeln!(log, "{line}").is_err() {
            return;
        }
    }
}
