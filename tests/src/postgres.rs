//! A PostgreSQL of a test's own, which it may end and start as it likes.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::disk::Disk;

/// Whom it runs as: it refuses to run as root.
const SERVANT: &str = "postgres";

/// A running server with one database; it ends when it is dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
}

impl Postgres {
    /// Starts one on loopback, in a folder of its own.
    pub fn start() -> Result<Self> {
        Self::start_in(tempfile::tempdir()?)
    }

    /// As [`Self::start`], on a disk of so many MiB; `None` without the right to make one.
    pub fn start_on_disk(size: u32) -> Result<Option<(Self, Disk)>> {
        let folder = tempfile::tempdir()?;
        let Some(disk) = Disk::under(folder.path(), size)? else { return Ok(None) };
        Ok(Some((Self::start_in(folder)?, disk)))
    }

    fn start_in(folder: TempDir) -> Result<Self> {
        if is_root() {
            run(Command::new("chown").arg(SERVANT).arg(folder.path()))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let made = Self { programs: programs()?, folder, port };
        let mut make = made.program("initdb");
        make.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        run(make.arg("--no-sync").arg("--pgdata").arg(made.data()))?;
        made.control("start")?;
        Ok(made)
    }

    /// The address of its database, as whoever reaches it through `port` has it.
    pub fn address_through(&self, port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// The address of its database.
    pub fn address(&self) -> String {
        self.address_through(self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it, and nobody listens where it did.
    pub fn stop(&self) -> Result<()> {
        self.control("stop")
    }

    /// Starts it where it has given up.
    pub fn ensure_started(&self) -> Result<()> {
        let mut ask = self.program("pg_ctl");
        ask.args(["status", "--pgdata"]).arg(self.data()).stdout(Stdio::null());
        if ask.status().context("cannot ask for PostgreSQL")?.success() {
            Ok(())
        } else {
            self.control("start")
        }
    }

    /// Ends it between two instructions and starts it again: it mends its files by its log.
    pub fn crash(&self) -> Result<()> {
        self.control("restart")
    }

    fn control(&self, verb: &str) -> Result<()> {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c min_wal_size=32MB -c max_wal_size=64MB",
            self.port
        );
        let mut control = self.program("pg_ctl");
        control.args([verb, "--silent", "--wait", "--options", &settings, "--pgdata"]);
        control.arg(self.data()).arg("--log").arg(self.folder.path().join("log"));
        if verb != "start" {
            control.arg("--mode=immediate");
        }
        run(&mut control)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid", SERVANT, "--regid", SERVANT, "--clear-groups"]).arg(program);
        // It starts where it may not look around.
        command.current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // What is left of it is in a folder for temporary files.
        let _ = self.control("stop");
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a program to its end. What it starts keeps its output, so that goes to a file.
fn run(command: &mut Command) -> Result<()> {
    let said = tempfile::NamedTempFile::new()?;
    let write = || anyhow::Ok(Stdio::from(File::options().append(true).open(said.path())?));
    command.stdin(Stdio::null()).stdout(write()?).stderr(write()?);
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    let said = fs::read_to_string(said.path()).unwrap_or_default();
    ensure!(status.success(), "{command:?} ended with {status}: {said}");
    Ok(())
}

/// Where the programs of PostgreSQL are: on the search path, or where Debian keeps each version's.
fn programs() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let searched = std::env::split_paths(&path).find(|folder| folder.join("pg_ctl").is_file());
    if let Some(folder) = searched {
        return Ok(folder);
    }
    let versions = fs::read_dir(Path::new("/usr/lib/postgresql"));
    let versions = versions.context("no PostgreSQL: `cargo xtask setup` installs one")?;
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    folders
        .filter(|folder| folder.join("pg_ctl").is_file())
        .max()
        .context("no PostgreSQL: `cargo xtask setup` installs one")
}
