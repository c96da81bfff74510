//! A PostgreSQL for as long as the suite runs, on loopback and in a directory of its own.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::command::{self, announce};

/// Names another PostgreSQL than one started here: `postgres://USER@HOST:PORT`, without a database.
pub(crate) const ADDRESS: &str = "WAYMARK_POSTGRES_URL";

/// Whom the server runs as: it refuses to run as root.
const SERVANT: &str = "postgres";
/// How it runs.
const SETTINGS: [&str; 3] =
    ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
/// How it runs besides for the suite. Nobody pulls its plug, since tests that do have a server of their own; and many databases, of which
/// each test makes its own, would fill a disk with their log.
const SHORT_LIVED: [&str; 4] =
    ["fsync=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=256MB"];
/// How often it is asked whether it is there.
const LOOKS: usize = 600;
const BETWEEN: Duration = Duration::from_millis(100);

/// A server, stopped and removed when it is dropped.
pub(crate) struct Cluster {
    address: String,
    own: Option<Own>,
}

struct Own {
    programs: PathBuf,
    folder: PathBuf,
    server: Child,
}

impl Cluster {
    /// Starts a server with the programs in a folder, unless one is named. What it acknowledges is durable.
    pub(crate) fn start(programs: &Path) -> Result<Self> {
        Self::start_with(programs, &[])
    }

    /// As [`Self::start`], for many databases that nobody needs tomorrow.
    pub(crate) fn start_for_tests(programs: &Path) -> Result<Self> {
        Self::start_with(programs, &SHORT_LIVED)
    }

    fn start_with(programs: &Path, besides: &[&str]) -> Result<Self> {
        if let Ok(address) = std::env::var(ADDRESS) {
            return Ok(Self { address, own: None });
        }
        announce("starting a PostgreSQL for the tests");
        let folder = std::env::temp_dir().join(format!("waymark-postgres-{}", std::process::id()));
        fs::create_dir_all(&folder).context("cannot make a folder for PostgreSQL")?;
        if is_root()? {
            command::capture(Command::new("chown").arg(SERVANT).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut make = as_servant(programs, "initdb")?;
        make.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        command::capture(make.arg("--no-sync").arg("--pgdata").arg(&data))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut serve = as_servant(programs, "postgres")?;
        serve.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for setting in SETTINGS.iter().chain(besides) {
            serve.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log"))?;
        let server = serve.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let server = server.spawn().context("cannot start PostgreSQL")?;
        let own = Own { programs: programs.to_owned(), folder, server };
        let cluster =
            Self { address: format!("postgres://postgres@127.0.0.1:{port}"), own: Some(own) };
        cluster.wait(port)?;
        Ok(cluster)
    }

    /// Where it is reached; a database's name is to be added.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn wait(&self, port: u16) -> Result<()> {
        let Some(own) = &self.own else { return Ok(()) };
        for _ in 0..LOOKS {
            let mut ready = Command::new(own.programs.join("pg_isready"));
            ready.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            if ready.status().is_ok_and(|status| status.success()) {
                return Ok(());
            }
            sleep(BETWEEN);
        }
        let log = fs::read_to_string(own.folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL did not start:\n{log}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(own) = &mut self.own else { return };
        // What is left of it is in a folder for temporary files.
        if let Ok(mut stop) = as_servant(&own.programs, "pg_ctl") {
            let stop = stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]);
            let _ = stop.arg(own.folder.join("data")).status();
        }
        let _ = own.server.wait();
        let _ = fs::remove_dir_all(&own.folder);
    }
}

fn is_root() -> Result<bool> {
    Ok(command::capture(Command::new("id").arg("-u"))?.trim() == "0")
}

/// A program of PostgreSQL's, run as somebody it accepts.
fn as_servant(programs: &Path, name: &str) -> Result<Command> {
    let program = programs.join(name);
    if !is_root()? {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", SERVANT, "--regid", SERVANT, "--clear-groups"]).arg(program);
    // It starts where it may not look around.
    command.current_dir("/");
    Ok(command)
}
