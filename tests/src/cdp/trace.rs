//! What the browser was busy with, by its own trace.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::time::{Duration, timeout};

use super::page::Page;

/// What is traced: the tasks of each thread, and the script they run.
const CATEGORIES: [&str; 3] =
    ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"];

/// How long the browser may take to hand over what it traced.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a page's main thread was busy with, in milliseconds of its CPU time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Busy {
    /// All of its tasks: script, styles, layout, painting.
    pub main: f64,
    /// Script and WebAssembly alone.
    pub script: f64,
}

impl Page {
    /// Traces the page while something is done in it.
    pub async fn traced(&self, work: impl Future<Output = Result<()>>) -> Result<Busy> {
        let mut events = self.session.events();
        let config = json!({ "includedCategories": CATEGORIES, "excludedCategories": ["*"] });
        let start = json!({ "transferMode": "ReportEvents", "traceConfig": config });
        self.session.call("Tracing.start", start).await?;
        work.await?;
        self.session.call("Tracing.end", json!({})).await?;
        let mut traced = Vec::new();
        loop {
            let event = timeout(PATIENCE, events.recv()).await?.context("Chromium has gone")?;
            match event["method"].as_str() {
                Some("Tracing.dataCollected") => {
                    traced
                        .extend(event["params"]["value"].as_array().into_iter().flatten().cloned());
                }
                Some("Tracing.tracingComplete") => return busy(&traced),
                _ => {}
            }
        }
    }
}

/// Which process and thread an event is of.
fn thread(event: &Value) -> (u64, u64) {
    (event["pid"].as_u64().unwrap_or_default(), event["tid"].as_u64().unwrap_or_default())
}

/// The sums over the main thread of the page that was busiest: the browser may have others.
fn busy(traced: &[Value]) -> Result<Busy> {
    let is_main = |event: &&Value| {
        event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain"
    };
    let threads = traced.iter().filter(is_main).map(thread);
    let sums = threads.map(|of| {
        let own = || traced.iter().filter(move |event| thread(event) == of && event["ph"] == "X");
        let is_task = |event: &&Value| {
            matches!(event["name"].as_str(), Some("ThreadControllerImpl::RunTask" | "RunTask"))
        };
        let is_script = |event: &&Value| {
            matches!(
                event["name"].as_str(),
                Some("FunctionCall" | "EvaluateScript" | "v8.callFunction" | "RunMicrotasks")
            )
        };
        Busy { main: outermost(own().filter(is_task)), script: outermost(own().filter(is_script)) }
    });
    match sums.max_by(|a, b| a.main.total_cmp(&b.main)) {
        Some(busy) if busy.main > 0.0 => Ok(busy),
        _ => bail!("the trace has no tasks of a page among its {} events", traced.len()),
    }
}

/// Milliseconds of CPU in events, not counting those that lie within another of them.
fn outermost<'a>(events: impl Iterator<Item = &'a Value>) -> f64 {
    let span = |event: &Value| {
        let (start, length) = (event["ts"].as_f64(), event["dur"].as_f64());
        let cpu = event["tdur"].as_f64().or(length);
        Some((start?, length.unwrap_or_default(), cpu.unwrap_or_default()))
    };
    let mut spans: Vec<(f64, f64, f64)> = events.filter_map(span).collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let (mut end, mut sum) = (f64::MIN, 0.0);
    for (start, length, cpu) in spans {
        if start >= end {
            end = start + length;
            sum += cpu;
        }
    }
    sum / 1000.0
}
