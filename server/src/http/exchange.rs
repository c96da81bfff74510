//! Journeys as other programs write and read them: made of a file, and written as one.

use axum::{
    Json,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{ImportJourney, JourneyImported, JourneyLeftOut, WrittenAs};

use super::journeys::check_size;
use crate::{
    app::App,
    auth::caller::Caller,
    exchanging,
    extract::{self, Body, Path, Query, check_name},
    limits,
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    let import = OpenApiRouter::new()
        .routes(routes!(import))
        .layer(DefaultBodyLimit::max(journey::limits::DRAFT_BYTES + limits::DRAFT_ENVELOPE_BYTES));
    import.routes(routes!(export))
}

/// Make a journey of a file; what of the file has no counterpart is listed.
#[utoipa::path(post, path = "/api/v1/journeys/import", tag = "journeys", request_body = ImportJourney,
    responses((status = 201, body = JourneyImported), (status = 413, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn import(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<ImportJourney>,
) -> Result<(StatusCode, Json<JourneyImported>)> {
    let reading = move || exchanging::read(asked.format, &asked.name, &asked.text);
    let read = tokio::task::spawn_blocking(reading).await;
    let read = read.map_err(|error| Problem::internal(&error))?;
    let imported = read.map_err(|unreadable| Problem::field("/text", unreadable.to_string()))?;
    check_name("/name", &imported.draft.name)?;
    check_size(&imported.draft)?;
    let id = app.store().create_journey(&imported.draft, app.now()).await?;
    app.audit(&caller, "journey.import", &id).await?;
    let left_out = imported.left_out.into_iter().map(show).collect();
    Ok((StatusCode::CREATED, Json(JourneyImported { id: id.to_string(), left_out })))
}

fn show(left: exchange::LeftOut) -> JourneyLeftOut {
    let exchange::LeftOut { line, id, name, kind, sentence } = left;
    JourneyLeftOut { line: line as u64, id, name, kind, sentence }
}

/// How a journey is written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Exporting {
    /// `json`, the draft as it is, or `bpmn`; `json` when left out.
    #[serde(default)]
    #[param(inline)]
    format: WrittenAs,
}

/// The draft as a file.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/export", tag = "journeys", params(("id" = String, Path), Exporting),
    responses((status = 200, content((Object = "application/json"), (String = "application/bpmn+xml"))), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn export(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(asked): Query<Exporting>,
) -> Result<Response> {
    let found = app.store().draft(extract::id("journey", &id)?).await?;
    let draft = found.ok_or_else(|| Problem::not_found("journey", &id))?.draft;
    let (text, kind, ending) = match asked.format {
        WrittenAs::Json => {
            let text = serde_json::to_string_pretty(&draft);
            (text.map_err(|error| Problem::internal(&error))?, "application/json", "json")
        }
        WrittenAs::Bpmn => (exchange::bpmn::export(&draft), "application/bpmn+xml", "bpmn"),
    };
    let file = format!("attachment; filename=\"{}.{ending}\"", file_name(&draft.name));
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, file)], text)
        .into_response())
}

/// A name as a file may have it anywhere.
pub(super) fn file_name(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' }
    };
    let words: String = name.chars().take(80).map(plain).collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "journey".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_as_the_journey_in_plain_letters() {
        assert_eq!(file_name("Onboarding: Größe \"XL\"/2"), "onboarding-gr-e-xl-2");
        assert_eq!(file_name("オンボーディング"), "journey");
    }
}
