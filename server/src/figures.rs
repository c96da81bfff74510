//! Figures for `/metrics` that are asked for when somebody looks: how much there is, how far work is behind, and how connections are doing.

mod program;

use std::{collections::BTreeMap, time::Duration};

use journey::Timestamp;
use metrics::{counter, gauge};
use runtime::{Breaker, Ended, Health, MAIL_SERVER};
use store::work::{Backlog, KINDS};

pub(crate) use program::render as render_program;

/// The connection's name in the figures of mail.
const MAIL: &str = "(mail server)";

/// Says what the figures are.
pub(crate) fn describe() {
    use metrics::{describe_counter, describe_gauge};
    describe_gauge!("waymark_build_info", "1; the version of the program is a label.");
    describe_gauge!(
        "waymark_instances_running",
        "Instances that are not over, counted up to 10,000."
    );
    describe_gauge!(
        "waymark_incidents_open",
        "Instances that only a person can move on, counted up to 10,000."
    );
    describe_gauge!(
        "waymark_nodes_serving",
        "Servers that take part in everything, as this one knows."
    );
    describe_gauge!(
        "waymark_work_waiting",
        "Due work that nobody has in hand, by kind, counted up to 10,000."
    );
    describe_gauge!(
        "waymark_work_oldest_waiting_seconds",
        "How long the oldest due work has waited, by kind."
    );
    describe_counter!("waymark_connection_calls_total", "Calls, by connection and how they ended.");
    describe_gauge!("waymark_connection_calls_out", "Calls out now, by connection.");
    describe_counter!(
        "waymark_connection_rate_waits_total",
        "Calls that waited for their place in the connection's rate."
    );
    describe_gauge!(
        "waymark_connection_breaker",
        "0: calls go out. 1: one is out, or the next will be, to see whether the other side is back. 2: calls wait."
    );
    describe_gauge!(
        "waymark_connection_breaker_since_seconds",
        "Since when the breaker is not closed, in seconds since 1970; 0 while it is."
    );
    describe_gauge!(
        "waymark_connection_told_to_wait_seconds",
        "For how much longer the other side wants to be left alone."
    );
}

/// Which program it is, and with how many others it serves.
pub(crate) fn show_servers(serving: u32) {
    gauge!("waymark_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!("waymark_nodes_serving").set(f64::from(serving));
}

/// How many instances there are to look after.
pub(crate) fn show_instances(running: u64, incidents: u64) {
    gauge!("waymark_instances_running").set(small(running));
    gauge!("waymark_incidents_open").set(small(incidents));
}

/// How many events wait to be dispatched, and the oldest for how long.
pub(crate) fn show_events(backlog: Backlog, now: Timestamp) {
    let age = backlog.oldest.map_or(0.0, |oldest| seconds(now.0.saturating_sub(oldest.0)));
    gauge!("waymark_events_oldest_pending_seconds").set(age);
    gauge!("waymark_events_pending").set(small(backlog.waiting));
}

/// How far work is behind.
pub(crate) fn show_work(backlog: &BTreeMap<String, Backlog>, now: Timestamp) {
    for kind in KINDS {
        let Backlog { waiting, oldest } = backlog.get(kind).copied().unwrap_or_default();
        gauge!("waymark_work_waiting", "kind" => kind).set(small(waiting));
        let age = oldest.map_or(0.0, |oldest| seconds(now.0.saturating_sub(oldest.0)));
        gauge!("waymark_work_oldest_waiting_seconds", "kind" => kind).set(age);
    }
}

/// How connections are doing.
pub(crate) fn show_connections(connections: &BTreeMap<String, Health>, now: Timestamp) {
    for (name, health) in connections {
        let connection = if name == MAIL_SERVER { MAIL } else { name }.to_owned();
        let Ended { succeeded, refused, told_to_wait, timed_out, failed } = health.ended;
        for (outcome, calls) in [
            ("succeeded", succeeded),
            ("refused", refused),
            ("told_to_wait", told_to_wait),
            ("timed_out", timed_out),
            ("failed", failed),
        ] {
            let labels = [("connection", connection.clone()), ("outcome", outcome.to_owned())];
            counter!("waymark_connection_calls_total", &labels).absolute(calls);
        }
        let labels = [("connection", connection)];
        counter!("waymark_connection_rate_waits_total", &labels).absolute(health.rate_waits);
        gauge!("waymark_connection_calls_out", &labels).set(small(health.calls_out as u64));
        let (breaker, since) = match health.breaker {
            Breaker::Closed => (0.0, 0.0),
            Breaker::HalfOpen { since } => (1.0, seconds(since.0)),
            Breaker::Open { since, .. } => (2.0, seconds(since.0)),
        };
        gauge!("waymark_connection_breaker", &labels).set(breaker);
        gauge!("waymark_connection_breaker_since_seconds", &labels).set(since);
        let wait = health.told_to_wait_until.map_or(0.0, |until| seconds(until.0 - now.0));
        gauge!("waymark_connection_told_to_wait_seconds", &labels).set(wait);
    }
}

/// From milliseconds.
pub(crate) fn seconds(milliseconds: i64) -> f64 {
    Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)).as_secs_f64()
}

fn small(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;

    const NOW: Timestamp = Timestamp(1_700_000_060_000);

    #[test]
    fn figures_say_how_old_the_oldest_of_each_kind_is_and_how_connections_are_doing() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let since = NOW.plus(-60_000);
        let backlog = Backlog { waiting: 20_000, oldest: Some(since) };
        let health = Health {
            breaker: Breaker::Open { since, until: NOW.plus(5_000) },
            told_to_wait_until: Some(NOW.plus(30_000)),
            calls_out: 3,
            ended: Ended { timed_out: 10, ..Ended::default() },
            rate_waits: 7,
        };
        let connections = BTreeMap::from([("crm".to_owned(), health), (String::new(), health)]);
        metrics::with_local_recorder(&recorder, || {
            show_work(&BTreeMap::from([("call".to_owned(), backlog)]), NOW);
            show_connections(&connections, NOW);
            show_servers(3);
            show_instances(7, 2);
        });
        let shown = recorder.handle().render();
        for line in [
            "waymark_nodes_serving 3",
            "waymark_instances_running 7",
            "waymark_incidents_open 2",
            "waymark_work_waiting{kind=\"call\"} 20000",
            "waymark_work_oldest_waiting_seconds{kind=\"call\"} 60",
            "waymark_work_oldest_waiting_seconds{kind=\"report\"} 0",
            "waymark_connection_calls_total{connection=\"crm\",outcome=\"timed_out\"} 10",
            "waymark_connection_calls_out{connection=\"crm\"} 3",
            "waymark_connection_rate_waits_total{connection=\"crm\"} 7",
            "waymark_connection_breaker{connection=\"(mail server)\"} 2",
            "waymark_connection_breaker_since_seconds{connection=\"crm\"} 1700000000",
            "waymark_connection_told_to_wait_seconds{connection=\"crm\"} 30",
        ] {
            assert!(shown.lines().any(|one| one == line), "{line}\n{shown}");
        }
        metrics::with_local_recorder(&recorder, || show_work(&BTreeMap::new(), NOW));
        let shown = recorder.handle().render();
        assert!(shown.contains("waymark_work_waiting{kind=\"call\"} 0"), "it ends when it is over");
    }
}
