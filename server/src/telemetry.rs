//! What the program tells about itself: structured logs and metrics.

use anyhow::{Context, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::{config::Unusable, figures};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// One JSON object a line, for machines.
    #[default]
    Json,
    /// Lines for a person at a terminal.
    Text,
}

/// Upper bounds of the request-time histogram, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 10.0];

/// Starts logging to standard error; `filter` has the syntax of `RUST_LOG`.
pub(crate) fn log(filter: &str, format: LogFormat) -> Result<()> {
    let filter = EnvFilter::try_new(filter).context("the log filter cannot be read");
    let filter = filter.map_err(|error| Unusable::because(&error))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A line for which there is no room is lost. To tell that on the same way would panic, and end whatever had something to say.
    let lines = lines.log_internal_errors(false);
    let started = match format {
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
        LogFormat::Text => lines.with_ansi(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!(error).context("logging cannot start"))
}

/// Starts collecting metrics for the whole program.
pub(crate) fn measure() -> Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?;
    let handle = builder.install_recorder().context("metrics cannot start")?;
    metrics::describe_counter!(
        "waymark_http_requests_total",
        "Requests answered, by route and status."
    );
    metrics::describe_histogram!("waymark_http_request_seconds", "Time to answer, by route.");
    let transactions = "Transactions written for instances.";
    metrics::describe_counter!("waymark_instance_transactions_total", transactions);
    metrics::describe_gauge!("waymark_events_pending", "Events that wait to be dispatched.");
    let oldest = "How long the oldest event has waited to be dispatched.";
    metrics::describe_gauge!("waymark_events_oldest_pending_seconds", oldest);
    figures::describe();
    Ok(handle)
}
