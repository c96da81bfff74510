use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use connector_compiler::Compiler;
use connector_host::{Digest, Host, HostConfig};
use journey::Timestamp;
use store::{Database, Store, connectors::NewConnector};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::Shelf;
use crate::{cli, connectors::Remembered};

/// A shelf with nothing on it, and a connector in its store.
struct Bare {
    shelf: Arc<Shelf>,
    digest: Digest,
    folder: TempDir,
}

impl Bare {
    /// Its compiler writes a line whenever it is begun, and takes as long as it is told.
    async fn new(compiled: Option<PathBuf>, seconds: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(Database::open(&folder.path().join("waymark.sqlite"), 7).await.unwrap());
        let component =
            fs::read(Path::new(&named("WAYMARK_CONNECTORS_DIR")).join("crm.wasm")).unwrap();
        let digest = Digest::of(&component);
        let connector = NewConnector {
            name: "crm".to_owned(),
            version: "1.0.0".to_owned(),
            digest: digest.to_string(),
            manifest: serde_json::Value::Null,
            component,
        };
        store.install(&connector, Timestamp(0)).await.unwrap();
        let kv = Arc::new(Remembered::new(Arc::clone(&store)));
        let config =
            HostConfig { slots: 2, threads: 1, ..HostConfig::new(compiled, [7; 32], kv, || 0) };
        let script = format!(
            "echo begun >> '{}'; sleep {seconds}; exec '{}' {}",
            folder.path().join("begun").display(),
            named("WAYMARK_BIN"),
            cli::COMPILE
        );
        let compiler = Compiler::new("/bin/sh", ["-c", &script]);
        let shelf = Arc::new(Shelf::new(store, Host::new(config).unwrap(), compiler));
        Self { shelf, digest, folder }
    }

    fn times_compiled(&self) -> usize {
        fs::read_to_string(self.folder.path().join("begun"))
            .map_or(0, |begun| begun.lines().count())
    }
}

fn named(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set; run `cargo xtask test`"))
}

#[tokio::test]
async fn a_connector_that_many_calls_find_missing_is_compiled_once() {
    let bare = Bare::new(None, "0").await;
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (shelf, digest) = (Arc::clone(&bare.shelf), bare.digest);
            tokio::spawn(async move { shelf.ensure("crm", digest).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(bare.times_compiled(), 1);
}

#[tokio::test]
async fn a_connector_that_takes_longer_than_a_call_is_ready_for_a_later_one() {
    let bare = Bare::new(None, "0.3").await;
    let hurried = timeout(Duration::from_millis(50), bare.shelf.ensure("crm", bare.digest)).await;
    assert!(hurried.is_err());
    let ready = async {
        while bare.shelf.host().manifest(&bare.digest).is_none() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_mins(1), ready).await.unwrap();
    bare.shelf.ensure("crm", bare.digest).await.unwrap();
    assert_eq!(bare.times_compiled(), 1);
}

#[tokio::test]
async fn a_connector_that_cannot_be_kept_on_the_disk_runs_all_the_same() {
    let blocked = tempfile::NamedTempFile::new().unwrap();
    // A folder that is a file keeps nothing.
    let bare = Bare::new(Some(blocked.path().to_owned()), "0").await;
    bare.shelf.ensure("crm", bare.digest).await.unwrap();
    assert!(bare.shelf.host().manifest(&bare.digest).is_some());
}

#[tokio::test]
async fn a_connector_that_is_put_away_is_made_ready_again() {
    let bare = Bare::new(None, "0").await;
    for times in 1..=2 {
        bare.shelf.ensure("crm", bare.digest).await.unwrap();
        assert_eq!(bare.times_compiled(), times);
        bare.shelf.remove(&bare.digest);
    }
}
