//! Settings: command line over environment over file over default.

use std::{
    env, fmt, fs,
    net::SocketAddr,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::{beside::refuse_stale_logs, lock, mail::MailSettings, network, telemetry::LogFormat};

/// A setting that cannot be understood, wherever it was made.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unusable(String);

impl Unusable {
    pub(crate) fn because(why: &anyhow::Error) -> Self {
        Self(format!("{why:#}"))
    }
}

/// Where a workspace lies.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Place {
    /// Folder of the workspace: its database, its key file and its compiled connectors.
    #[arg(long, env = "WAYMARK_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Database elsewhere than in the folder.
    #[arg(long, env = "WAYMARK_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
}

impl Place {
    /// The folder of the workspace, made if need be and known to be writable.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        let Some(folder) = &self.data else {
            bail!(Unusable("say where the workspace lies: --data DIR".to_owned()));
        };
        let shown = folder.display();
        if folder.is_file() {
            bail!("the data directory {shown} is a file");
        }
        fs::create_dir_all(folder)
            .with_context(|| format!("the data directory {shown} cannot be made"))?;
        tempfile::NamedTempFile::new_in(folder)
            .with_context(|| format!("the data directory {shown} is not writable"))?;
        Ok(folder.clone())
    }

    /// Where the database is.
    pub(crate) fn database(&self, folder: &Path) -> Result<Location> {
        let Some(url) = &self.database_url else {
            return Ok(Location::File(folder.join("waymark.sqlite")));
        };
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.trim_start_matches("//");
            if path.is_empty() || path.starts_with(":memory:") || path.contains('?') {
                let why = "a workspace is kept in a file: --database-url sqlite:PATH";
                bail!(Unusable(why.to_owned()));
            }
            return Ok(Location::File(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Postgres(url.clone()));
        }
        let why = "a workspace is kept in SQLite or PostgreSQL: --database-url sqlite:PATH or postgres://USER@HOST/NAME";
        bail!(Unusable(why.to_owned()))
    }
}

/// Where a workspace's database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// The file of an SQLite database.
    File(PathBuf),
    /// The address of a PostgreSQL database; it may hold a password.
    Postgres(String),
}

impl Location {
    /// Refuses a place where a file would be damaged.
    pub(crate) fn refuse_unfit(&self) -> Result<()> {
        let Self::File(file) = self else { return Ok(()) };
        if file.is_dir() {
            bail!("the database {} is a folder", file.display());
        }
        let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        network::refuse(beside.unwrap_or(Path::new(".")))?;
        refuse_stale_logs(file)?;
        lock::refuse_links(file)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "the database {}", file.display()),
            Self::Postgres(address) => f.write_str(&named(address)),
        }
    }
}

/// A PostgreSQL database by its name and where it is, without who asks and by which password.
fn named(address: &str) -> String {
    let server = url::Url::parse(address).ok().and_then(|address| {
        let host = address.host_str().filter(|host| !host.is_empty())?;
        let port = address.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{} at {host}{port}", address.path().trim_start_matches('/')))
    });
    let server = server.map(|server| format!(" {}", server.trim_start()));
    format!("the PostgreSQL database{}", server.unwrap_or_default())
}

/// For how many seconds a server can be believed to live without being heard of.
pub(crate) const LEASES: RangeInclusive<u64> = 2..=60;

/// `waymark.toml`; every setting may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) data: Option<PathBuf>,
    pub(crate) database_url: Option<String>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) log: Option<String>,
    pub(crate) log_format: Option<LogFormat>,
    pub(crate) node_name: Option<String>,
    /// In seconds.
    pub(crate) node_lease: Option<u64>,
    /// The mail server; may hold a password.
    pub(crate) smtp_url: Option<String>,
    /// From whom messages come.
    pub(crate) mail_from: Option<String>,
    /// Whether clients reach us by TLS, through a proxy: then cookies are `Secure`.
    pub(crate) behind_tls: Option<bool>,
}

impl File {
    /// Reads a settings file.
    pub(crate) fn read(path: &Path) -> Result<Self, Unusable> {
        Self::parse(path).map_err(|error| Unusable::because(&error))
    }

    fn parse(path: &Path) -> Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .with_context(|| format!("the settings file {shown} cannot be read"))?;
        let read: Self = toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            anyhow!("the settings file {shown} is not valid: line {line}: {}", error.message())
        })?;
        if let Some(lease) = read.node_lease.filter(|lease| !LEASES.contains(lease)) {
            let (least, most) = (LEASES.start(), LEASES.end());
            bail!(
                "the settings file {shown} is not valid: node_lease is {lease}, and can be {least} to {most} seconds"
            );
        }
        Ok(read)
    }
}

/// The mail server and the sender: from the environment or the settings file, never from the command line, where others would see the password.
pub(crate) fn mail(url: Option<String>, from: Option<String>) -> Result<Option<MailSettings>> {
    let set = |name: &str, file: Option<String>| {
        env::var(name).ok().or(file).filter(|value| !value.trim().is_empty())
    };
    match (set("WAYMARK_SMTP_URL", url), set("WAYMARK_MAIL_FROM", from)) {
        (Some(url), Some(from)) => Ok(Some(MailSettings { url, from })),
        (Some(_), None) => {
            let why = "say from whom messages come: WAYMARK_MAIL_FROM=ADDRESS";
            bail!(Unusable(why.to_owned()))
        }
        (None, _) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let error = toml::from_str::<File>("lissen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("lissen"), "{error}");
        let file: File = toml::from_str("listen = \"127.0.0.1:1\"\nlog_format = \"text\"").unwrap();
        assert_eq!(file.listen, Some("127.0.0.1:1".parse().unwrap()));
    }

    #[test]
    fn a_database_is_a_file_or_a_server() {
        let place = |url: Option<&str>| Place { data: None, database_url: url.map(str::to_owned) };
        let folder = Path::new("data");
        let file = |path: &str| Location::File(PathBuf::from(path));
        assert_eq!(place(None).database(folder).unwrap(), file("data/waymark.sqlite"));
        let elsewhere = place(Some("sqlite:///elsewhere/w.sqlite")).database(folder).unwrap();
        assert_eq!(elsewhere, file("/elsewhere/w.sqlite"));
        let url = "postgres://waymark:secret@db/waymark";
        let server = place(Some(url)).database(folder).unwrap();
        assert_eq!(server, Location::Postgres(url.to_owned()));
        assert_eq!(server.to_string(), "the PostgreSQL database waymark at db");
        let port = Location::Postgres("postgres://127.0.0.1:5433/one?sslmode=disable".to_owned());
        assert_eq!(port.to_string(), "the PostgreSQL database one at 127.0.0.1:5433");
        let socket = Location::Postgres("postgres:///one".to_owned());
        assert_eq!(socket.to_string(), "the PostgreSQL database");
        for none in ["mysql://x", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite:w?mode=ro"] {
            assert!(place(Some(none)).database(folder).is_err(), "{none}");
        }
    }
}
