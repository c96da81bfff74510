//! The real `waymark` binary on a workspace of its own, and clients that speak to it as the outside does.

mod client;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::program::{Program, built};
pub use client::{Answer, Client};

/// How long a started server may take until it is ready.
const READY: Duration = Duration::from_secs(30);

/// The password of everyone a test creates.
pub const PASSWORD: &str = "correct horse battery staple";

/// Someone who can sign in.
#[derive(Clone, Copy)]
pub struct Person {
    /// What they sign in with.
    pub email: &'static str,
    /// What others see.
    pub name: &'static str,
    /// `admin`, `designer` or `member`.
    pub role: &'static str,
}

/// Runs the workspace.
pub const ADMIN: Person = Person { email: "ada@example.com", name: "Ada Admin", role: "admin" };
/// Draws and publishes journeys.
pub const DESIGNER: Person =
    Person { email: "dora@example.com", name: "Dora Designer", role: "designer" };
/// Completes tasks.
pub const MEMBER: Person = Person { email: "max@example.com", name: "Max Member", role: "member" };

/// A server with a workspace of its own; both are gone when it is dropped.
pub struct Server {
    data: TempDir,
    program: Program,
    environment: Environment,
}

/// Variables and their values.
type Environment = Vec<(&'static str, String)>;

impl Server {
    /// Starts a server on an empty workspace in which only [`ADMIN`], [`DESIGNER`] and [`MEMBER`] exist.
    pub async fn start() -> Result<Self> {
        Self::start_in(&[]).await
    }

    /// The same, with these variables in its environment.
    pub async fn start_in(environment: &[(&'static str, String)]) -> Result<Self> {
        let data = tempfile::tempdir()?;
        for person in [ADMIN, DESIGNER, MEMBER] {
            create(data.path(), person, environment)?;
        }
        let environment = environment.to_vec();
        let program = serve(data.path(), "127.0.0.1:0", &environment, &[])?;
        let server = Self { data, program, environment };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// Starts a server on a workspace that is there, with these variables in its environment.
    pub async fn on(data: TempDir, environment: &[(&'static str, String)]) -> Result<Self> {
        let environment = environment.to_vec();
        let program = serve(data.path(), "127.0.0.1:0", &environment, &[])?;
        let server = Self { data, program, environment };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// Where it listens, without a slash at the end.
    pub fn url(&self) -> &str {
        self.program.url()
    }

    /// Its data directory, for commands that work beside it.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The file of its database.
    pub fn database(&self) -> PathBuf {
        self.data().join("waymark.sqlite")
    }

    /// The address of its database, when it is told one.
    pub fn database_url(&self) -> &str {
        let told = self.environment.iter().find(|(name, _)| *name == "WAYMARK_DATABASE_URL");
        told.map_or("", |(_, url)| url)
    }

    /// The variables it was started with.
    pub fn environment(&self) -> &[(&'static str, String)] {
        &self.environment
    }

    /// Everything it has logged, over all its restarts.
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.program.id()
    }

    /// A client without a session.
    pub fn stranger(&self) -> Result<Client> {
        Client::new(self.url())
    }

    /// A client with a session of `person`'s.
    pub async fn sign_in(&self, person: Person) -> Result<Client> {
        sign_in(self.url(), person).await
    }

    /// Runs `waymark ARGUMENTS --data DIR` and gives what it wrote, whether it succeeded or not.
    pub fn command(&self, arguments: &[&str]) -> Result<Output> {
        let output = self.program(arguments)?.output();
        output.with_context(|| format!("waymark {}", arguments.join(" ")))
    }

    /// `waymark ARGUMENTS --data DIR`, to be run.
    pub fn program(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(waymark()?);
        command.envs(self.environment.iter().cloned());
        command.args(arguments).arg("--data").arg(self.data()).stdin(Stdio::null());
        Ok(command)
    }

    /// Ends the process between two instructions.
    pub fn kill(&mut self) -> Result<()> {
        self.program.kill()
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.program.stop().await
    }

    /// Starts it again on the same data and the same address, after [`kill`](Self::kill) or [`stop`](Self::stop).
    pub async fn restart(&mut self) -> Result<()> {
        self.restart_with(&[]).await
    }

    /// As [`restart`](Self::restart), with these arguments for this once.
    pub async fn restart_with(&mut self, arguments: &[&str]) -> Result<()> {
        let address = self.url().trim_start_matches("http://").to_owned();
        self.program = serve(self.data.path(), &address, &self.environment, arguments)?;
        self.wait_until_ready().await
    }

    /// As [`restart`](Self::restart), with these variables in its environment from now on.
    pub async fn restart_in(&mut self, environment: &[(&'static str, String)]) -> Result<()> {
        self.environment = environment.to_vec();
        self.restart().await
    }

    /// A server on the workspace in another folder, which outlives it.
    pub async fn beside(&self, data: &Path) -> Result<Beside> {
        let program = serve(data, "127.0.0.1:0", &self.environment, &[])?;
        let beside = Beside { program };
        wait_until_ready(&beside.program).await?;
        Ok(beside)
    }

    async fn wait_until_ready(&self) -> Result<()> {
        wait_until_ready(&self.program).await
    }
}

/// A server on a workspace that another made; its folder is somebody else's.
pub struct Beside {
    program: Program,
}

impl Beside {
    /// A client with a session of `person`'s.
    pub async fn sign_in(&self, person: Person) -> Result<Client> {
        sign_in(self.program.url(), person).await
    }
}

pub(crate) async fn sign_in(url: &str, person: Person) -> Result<Client> {
    let mut client = Client::new(url)?;
    client.sign_in(person.email, PASSWORD).await?;
    Ok(client)
}

pub(crate) async fn wait_until_ready(program: &Program) -> Result<()> {
    let client = Client::new(program.url())?;
    let until = Instant::now() + READY;
    while Instant::now() < until && program.is_running() {
        if client.get("/readyz").await.is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        sleep(Duration::from_millis(20)).await;
    }
    bail!("the server has ended, or is not ready after {READY:?}:\n{}", program.log())
}

/// The `waymark` binary under test.
pub fn waymark() -> Result<PathBuf> {
    built("WAYMARK_BIN", "waymark")
}

fn serve(
    data: &Path,
    address: &str,
    environment: &Environment,
    arguments: &[&str],
) -> Result<Program> {
    let mut command = Command::new(waymark()?);
    command.envs(environment.iter().cloned());
    command.arg("serve").arg("--data").arg(data).args(["--listen", address]).args(arguments);
    Program::start(command, &data.join("server.log"))
}

fn create(data: &Path, person: Person, environment: &[(&str, String)]) -> Result<()> {
    let mut command = Command::new(waymark()?);
    command.envs(environment.iter().cloned());
    command.args(["user", "create", "--data"]).arg(data);
    command.args([
        "--email",
        person.email,
        "--name",
        person.name,
        "--role",
        person.role,
        "--password-stdin",
    ]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("cannot start waymark")?;
    writeln!(child.stdin.take().context("the input is piped")?, "{PASSWORD}")?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("waymark user create {}: {}", person.email, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
