//! The instances of a back-test as a table that other programs read.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use store::{BacktestId, Page, Paging, Store, instances::status_word};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::BacktestRun;

use super::{Narrowed, find};
use crate::{
    app::App,
    extract::{Path, Query},
    http::exchange::file_name,
    limits,
    problem::Result,
};

const HEADING: [&str; 12] = [
    "number",
    "account",
    "external_id",
    "name",
    "trigger",
    "started_at",
    "ended_at",
    "status",
    "outcome",
    "late",
    "steps",
    "failure",
];

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// The instances of a back-test as CSV in UTF-8, with a heading: all that its list has, which are the first 5,000 at most.
///
/// `late` counts the broken promises of tasks, `steps` are the ids of those where it was, in order. A text that a spreadsheet would take for
/// a formula begins with `'`.
#[utoipa::path(get, path = "/api/v1/backtests/{id}/runs/export", tag = "backtests", params(("id" = String, Path), Narrowed),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn export(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(narrowed): Query<Narrowed>,
) -> Result<Response> {
    let (id, backtest) = find(&app, &id).await?;
    let file = format!("attachment; filename=\"{}-back-test.csv\"", file_name(&backtest.name));
    // A page of them at a time: all at once may be much.
    let pieces = stream::try_unfold(Some(None), move |place| {
        let (app, narrowed) = (app.clone(), narrowed.clone());
        async move {
            let Some(after) = place else { return anyhow::Ok(None) };
            let written = piece(app.store(), (id, after), &narrowed).await;
            let (written, next) = written.inspect_err(|error| {
                tracing::warn!(%error, backtest.id = %id, "a table of a back-test is broken off");
            })?;
            Ok(Some((Bytes::from(written), next.map(Some))))
        }
    });
    let kind = "text/csv; charset=utf-8".to_owned();
    Ok((
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, file)],
        Body::from_stream(pieces),
    )
        .into_response())
}

/// The lines of one page of the list, with the heading before the first, and after which number the next begins.
async fn piece(
    store: &dyn Store,
    (id, after): (BacktestId, Option<u32>),
    narrowed: &Narrowed,
) -> anyhow::Result<(Vec<u8>, Option<u32>)> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if after.is_none() {
        writer.write_record(HEADING)?;
    }
    let Page { items, next } =
        store.backtest_runs(id, Paging::new(after, limits::PAGE_MOST)).await?;
    for (_, run) in items {
        let run: BacktestRun = serde_json::from_value(run)?;
        if narrowed.takes(&run) {
            writer.write_record(record(run))?;
        }
    }
    Ok((writer.into_inner()?, next))
}

fn record(run: BacktestRun) -> [String; 12] {
    let late = run.stays.iter().filter(|stay| stay.late).count();
    let steps: Vec<String> = run.stays.into_iter().map(|stay| stay.node).collect();
    let (account, external_id, name) = match run.account {
        Some(account) => (account.id, account.external_id, account.name),
        None => Default::default(),
    };
    [
        run.number.to_string(),
        account,
        plain(external_id),
        plain(name),
        plain(run.trigger),
        run.started_at,
        run.ended_at.unwrap_or_default(),
        status_word(run.status).to_owned(),
        plain(run.outcome.unwrap_or_default()),
        late.to_string(),
        plain(steps.join(" ")),
        plain(run.failure.unwrap_or_default()),
    ]
}

/// A text that no spreadsheet takes for a formula.
fn plain(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_says_who_when_how_and_where() {
        let run = json!({
            "number": 7, "account": { "id": "acc_1", "external_id": "-5", "name": "=1+1" }, "trigger": "start",
            "started_at": "2026-01-05T09:00:00.000Z", "ended_at": "2026-01-06T09:00:00.000Z", "status": "ended", "outcome": "called",
            "failure": "The CRM refused it.",
            "stays": [
                { "node": "start", "at": "2026-01-05T09:00:00.000Z", "left_at": "2026-01-05T09:00:00.000Z", "late": false },
                { "node": "call", "at": "2026-01-05T09:00:00.000Z", "left_at": "2026-01-06T09:00:00.000Z", "late": true },
            ],
            "edges": [], "deeds": [],
        });
        let line = record(serde_json::from_value(run).unwrap()).join("|");
        let said = "7|acc_1|'-5|'=1+1|start|2026-01-05T09:00:00.000Z|2026-01-06T09:00:00.000Z|ended|called|1|start call|The CRM refused it.";
        assert_eq!(line, said);
    }

    #[test]
    fn what_is_not_there_stays_empty() {
        let run = json!({
            "number": 0, "trigger": "start", "started_at": "2026-01-05T09:00:00.000Z", "status": "running",
            "stays": [], "edges": [], "deeds": [],
        });
        let line = record(serde_json::from_value(run).unwrap()).join("|");
        assert_eq!(line, "0||||start|2026-01-05T09:00:00.000Z||running||0||");
    }
}
