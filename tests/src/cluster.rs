//! Several real servers that share one PostgreSQL database, with the systems their journeys call.

use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::program::Program;
use crate::server::{ADMIN, Client, Person, sign_in, wait_until_ready, waymark};
use crate::stage::Stage;

/// How long a node is believed to live without being heard of, in seconds: short, so that tests need not wait long.
pub const LEASE_S: u64 = 3;

/// How long servers may take to notice each other.
const NOTICE: Duration = Duration::from_secs(30);

/// One of the servers.
pub struct Node {
    data: TempDir,
    program: Program,
    address: String,
    database: String,
}

/// The servers; the first is the stage's.
pub struct Cluster {
    /// The first server, the outside systems and an administrator.
    pub stage: Stage,
    /// The others.
    pub others: Vec<Node>,
}

impl Cluster {
    /// The server of a stage, without company.
    pub fn alone(stage: Stage) -> Self {
        Self { stage, others: Vec::new() }
    }

    /// Ends one of them between two instructions.
    pub fn kill(&mut self, place: usize) -> Result<()> {
        match place.checked_sub(1) {
            None => self.stage.server.kill(),
            Some(place) => self.others[place].kill(),
        }
    }

    /// Starts it again where it was.
    pub async fn restart(&mut self, place: usize) -> Result<()> {
        match place.checked_sub(1) {
            None => self.stage.server.restart().await,
            Some(place) => self.others[place].restart().await,
        }
    }

    /// Starts so many servers on a new database.
    pub async fn of(nodes: usize) -> Result<Self> {
        let database = scratch::database().await;
        let environment = [
            ("WAYMARK_DATABASE_URL", database.clone()),
            ("WAYMARK_NODE_LEASE", LEASE_S.to_string()),
        ];
        let stage = Stage::set_in(&environment).await?;
        let mut others = Vec::new();
        for _ in 1..nodes {
            others.push(Node::beside(&stage, &database).await?);
        }
        let cluster = Self { stage, others };
        cluster.until_serving(nodes).await?;
        Ok(cluster)
    }

    /// The server of a stage, and one more that reaches the same database by this address.
    pub async fn beside(stage: Stage, database: &str) -> Result<Self> {
        let others = vec![Node::beside(&stage, database).await?];
        let cluster = Self { stage, others };
        cluster.until_serving(2).await?;
        Ok(cluster)
    }

    /// The process of each server.
    pub fn ids(&self) -> Vec<u32> {
        let others = self.others.iter().map(|node| node.program.id());
        std::iter::once(self.stage.server.id()).chain(others).collect()
    }

    /// A client of each server that is nobody yet.
    pub fn strangers(&self) -> Result<Vec<Client>> {
        let mut clients = vec![self.stage.server.stranger()?];
        for node in &self.others {
            clients.push(node.stranger()?);
        }
        Ok(clients)
    }

    /// What the servers say of each other.
    pub async fn nodes(&self) -> Result<Vec<Value>> {
        let nodes = self.stage.admin.get("/api/v1/nodes").await?.expect(200)?;
        Ok(nodes.as_array().context("nodes are a list")?.clone())
    }

    /// Waits until so many take part and every slot is looked after, fairly.
    pub async fn until_serving(&self, count: usize) -> Result<()> {
        let until = Instant::now() + NOTICE;
        let least = 1_024 / count as u64 - count as u64;
        loop {
            let nodes = self.nodes().await?;
            let serving: Vec<_> = nodes.iter().filter(|node| node["state"] == "serving").collect();
            let slots: Vec<u64> =
                serving.iter().filter_map(|node| node["slots"].as_u64()).collect();
            if serving.len() == count
                && slots.iter().sum::<u64>() == 1_024
                && slots.iter().all(|slots| *slots >= least)
            {
                return Ok(());
            }
            ensure!(Instant::now() < until, "not {count} that share all slots: {nodes:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Node {
    async fn beside(stage: &Stage, database: &str) -> Result<Self> {
        let data = tempfile::tempdir()?;
        // All servers of a workspace seal secrets with one key.
        fs::copy(stage.server.data().join("secrets.key"), data.path().join("secrets.key"))?;
        let program = serve(&data, "127.0.0.1:0", database)?;
        wait_until_ready(&program).await?;
        let address = program.url().trim_start_matches("http://").to_owned();
        Ok(Self { data, program, address, database: database.to_owned() })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.program.url()
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        self.program.log()
    }

    /// A client without a session.
    pub fn stranger(&self) -> Result<Client> {
        Client::new(self.url())
    }

    /// A client with a session of an administrator, opened here.
    pub async fn admin(&self) -> Result<Client> {
        self.sign_in(ADMIN).await
    }

    /// A client with a session of `person`'s, opened here.
    pub async fn sign_in(&self, person: Person) -> Result<Client> {
        sign_in(self.url(), person).await
    }

    /// Ends it between two instructions.
    pub fn kill(&mut self) -> Result<()> {
        self.program.kill()
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(&mut self) -> Result<()> {
        let status = self.program.stop().await?;
        ensure!(status.success(), "{status}: {}", self.log());
        Ok(())
    }

    /// Starts it again where it was.
    pub async fn restart(&mut self) -> Result<()> {
        self.program = serve(&self.data, &self.address, &self.database)?;
        wait_until_ready(&self.program).await
    }

    /// It stands still, as a machine that is suspended, until it is resumed.
    pub fn suspend(&self) -> Result<()> {
        signal(self.program.id(), Signal::STOP)
    }

    /// It goes on where it stood.
    pub fn resume(&self) -> Result<()> {
        signal(self.program.id(), Signal::CONT)
    }
}

/// Sends a signal to a process of ours.
pub fn signal(id: u32, signal: Signal) -> Result<()> {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw).context("a process id")?;
    kill_process(id, signal)?;
    Ok(())
}

fn serve(data: &TempDir, address: &str, database: &str) -> Result<Program> {
    let mut command = Command::new(waymark()?);
    command.env("WAYMARK_DATABASE_URL", database);
    command.env("WAYMARK_NODE_LEASE", LEASE_S.to_string());
    command.arg("serve").arg("--data").arg(data.path()).args(["--listen", address]);
    Program::start(command, &data.path().join("server.log"))
}
