//! A connector call that reaches nothing outside, in a fresh instance: what it costs, how many there are in a second, and how soon a
//! connector that was kept compiled is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use connector_compiler::Compiler;
use connector_host::{Call, Connection, Digest, Grants, Host, HostConfig, MemoryKv};
use serde_json::{Value, json};
use tests::server::waymark;
use tests::stage::connectors;
use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::figure::{Figure, Report, as_float, median};

const PART: &str = "connector";
/// How the server calls itself to compile.
const COMPILE: &str = "compile-connector";
/// Calls of one thread in a round.
const CALLS: u32 = 100_000;
/// Loads in a round.
const LOADS: u32 = 200;

/// Measures calls on one thread and on two, and loading.
pub(crate) async fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let echo = Echo::installed(folder.path()).await?;
    let runtime = Handle::current();
    // Before anything is counted.
    echo.on_threads(&runtime, 1)?;
    let (mut overhead, mut beside, mut load) = (Vec::new(), Vec::new(), Vec::new());
    let (mut one, mut ratio) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (alone, alone_rate) = echo.on_threads(&runtime, 1)?;
        overhead.push(median(&alone));
        one.push(alone_rate);
        let (both, rate) = echo.on_threads(&runtime, 2)?;
        beside.push(median(&both));
        ratio.push(rate / alone_rate);
        load.push(echo.loads()?);
    }
    let name = "a call in a fresh instance, median";
    report.add(Figure::new(PART, name, "µs", overhead).at_most(10.0));
    let name = "the same while another thread calls as well";
    report.add(Figure::new(PART, name, "µs", beside));
    report.add(Figure::new(PART, "calls per second on one thread", "1/s", one).at_least(100_000.0));
    report
        .add(Figure::new(PART, "calls on two threads, by those on one", "×", ratio).at_least(1.7));
    report.add(Figure::new(PART, "load of a compiled connector, median", "ms", load).at_most(1.0));
    Ok(())
}

/// A connector that answers at once with what it is given.
struct Echo {
    host: Host,
    call: Call,
    answer: Value,
}

impl Echo {
    /// Compiled in a child and installed as the server does, kept in `folder`.
    async fn installed(folder: &Path) -> Result<Self> {
        let path = connectors().join("hostile.wasm");
        let component = fs::read(&path)
            .with_context(|| format!("{}: run `cargo xtask connectors`", path.display()))?;
        let artefact = Compiler::new(waymark()?, [COMPILE]).compile(&component).await?;
        let (digest, kv) = (artefact.digest(), Arc::new(MemoryKv::default()));
        let host = Host::new(HostConfig::new(Some(folder.to_owned()), [7; 32], kv, || 0))?;
        host.install(artefact).await?;
        let answer = json!({ "id": "c1", "name": "Bench Ltd", "segment": "enterprise" });
        let call = Self::call(digest, &answer);
        Ok(Self { host, call, answer })
    }

    fn call(digest: Digest, input: &Value) -> Call {
        let connection = Connection::new("echo", json!({}), BTreeMap::new(), Grants::default());
        Call {
            digest,
            connection,
            operation: "echo".to_owned(),
            input: input.to_string(),
            idempotency_key: "key".to_owned(),
            attempt: 1,
            timeout: Duration::from_secs(30),
            traceparent: String::new(),
        }
    }

    /// Calls on this thread, one after the other; how long each took, in microseconds.
    fn calls(&self, runtime: &Handle) -> Result<Vec<f64>> {
        runtime.block_on(async {
            let mut micros = Vec::with_capacity(CALLS as usize);
            for _ in 0..CALLS {
                let begin = Instant::now();
                let outcome = self.host.call(self.call.clone()).await;
                micros.push(begin.elapsed().as_secs_f64() * 1e6);
                ensure!(outcome.result.as_ref() == Ok(&self.answer), "{:?}", outcome.result);
            }
            Ok(micros)
        })
    }

    /// Calls on so many threads at once; how long each took, and how many there were in a second.
    fn on_threads(&self, runtime: &Handle, threads: u32) -> Result<(Vec<f64>, f64)> {
        let begin = Instant::now();
        let micros = thread::scope(|scope| {
            let calling: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| self.calls(runtime))).collect();
            let mut micros = Vec::new();
            for calls in calling {
                micros.extend(calls.join().map_err(|_| anyhow!("a caller panicked"))??);
            }
            anyhow::Ok(micros)
        })?;
        let rate = as_float(micros.len() as u64) / begin.elapsed().as_secs_f64();
        Ok((micros, rate))
    }

    /// The median time to load what was kept, in milliseconds.
    fn loads(&self) -> Result<f64> {
        let mut milliseconds = Vec::new();
        for _ in 0..LOADS {
            self.host.unload(&self.call.digest);
            let begin = Instant::now();
            let loaded = self.host.load(&self.call.digest)?;
            milliseconds.push(begin.elapsed().as_secs_f64() * 1000.0);
            ensure!(loaded.is_some(), "it was kept");
        }
        Ok(median(&milliseconds))
    }
}
