//! Hooks: the addresses webhooks are sent to, and what a delivery starts.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use intake::webhook;
use serde_json::{Map, Value};
use store::{JourneyId, directory::Made, hooks};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Hook, HookMade, NewHook, Page, Started};

use super::{idempotency, prefer};
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query},
    problem::{Kind, Problem, Result},
    seal::Sealer,
    slugs::{Open, Way},
    starting::{Opening, Trigger},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(delete))
        .routes(routes!(deliver))
}

/// Hooks by slug, without their secrets.
#[utoipa::path(get, path = "/api/v1/hooks", tag = "hooks", params(Paging),
    responses((status = 200, body = Page<Hook>), (status = 400, body = wire::Problem)))]
async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Result<Json<Page<Hook>>> {
    let limit = paging.limit()? as usize;
    let after = paging.cursor.unwrap_or_default();
    if !after.is_empty() && !is_slug(&after) {
        return Err(Problem::new(Kind::InvalidQuery, "`cursor` is not one this list gave"));
    }
    let hooks = app.store().hooks().await?;
    let mut rest = hooks.into_iter().filter(|hook| hook.slug > after);
    let items: Vec<Hook> = rest.by_ref().take(limit).map(show).collect();
    let last = items.last().map(|hook| hook.slug.clone());
    Ok(Json(Page { items, next_cursor: rest.next().and(last) }))
}

fn show(hook: hooks::Hook) -> Hook {
    Hook {
        slug: hook.slug,
        journey: hook.journey.to_string(),
        signed: hook.sealed_secret.is_some(),
        created_at: hook.created_at.to_rfc3339(),
    }
}

fn is_slug(text: &str) -> bool {
    let fits = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-' || letter == '_'
    };
    !text.is_empty() && text.len() <= 64 && text.chars().all(fits)
}

/// Make a hook for a journey; its signing secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/hooks", tag = "hooks", request_body = NewHook,
    responses((status = 201, body = HookMade), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewHook>,
) -> Result<(StatusCode, Json<HookMade>)> {
    if !is_slug(&asked.slug) {
        let message = "1 to 64 lower-case letters, digits, `-` and `_`";
        return Err(Problem::field("/slug", message));
    }
    let unknown = || Problem::field("/journey", format!("there is no journey '{}'", asked.journey));
    let journey: JourneyId = asked.journey.parse().map_err(|_| unknown())?;
    app.store().journey(journey).await?.ok_or_else(unknown)?;
    let secret = if asked.signed {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).map_err(|error| Problem::internal(&error))?;
        Some(webhook::secret(&bits))
    } else {
        None
    };
    let seal = |secret: &String| app.sealer().seal(&Sealer::hook(&asked.slug), secret.as_bytes());
    let hook = hooks::Hook {
        slug: asked.slug.clone(),
        journey,
        sealed_secret: secret
            .as_ref()
            .map(seal)
            .transpose()
            .map_err(|error| Problem::internal(&error))?,
        created_at: app.now(),
    };
    match app.store().create_hook(&hook).await? {
        Made::Made(()) => {}
        Made::Taken | Made::Unknown(_) => {
            let detail = format!("there is a hook '{}' already", hook.slug);
            return Err(Problem::new(Kind::Conflict, detail));
        }
    }
    app.slugs().forget();
    let action = if asked.signed { "hook.create" } else { "hook.create-unsigned" };
    app.audit(&caller, action, &hook.slug).await?;
    let made = HookMade { url: format!("/hooks/{}", hook.slug), secret };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Delete a hook; deliveries to it are not found any more.
#[utoipa::path(delete, path = "/api/v1/hooks/{slug}", tag = "hooks", params(("slug" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(slug): Path<String>,
) -> Result<StatusCode> {
    if !app.store().delete_hook(&slug).await? {
        return Err(Problem::not_found("hook", &slug));
    }
    app.slugs().forget();
    app.audit(&caller, "hook.delete", &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deliver a webhook: a JSON object, which becomes the input of the journey it starts.
#[utoipa::path(post, path = "/hooks/{slug}", tag = "hooks", params(("slug" = String, Path)), request_body = Object,
    responses((status = 202, body = Object), (status = 200, body = Started), (status = 401, body = wire::Problem),
        (status = 404, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn deliver(
    State(app): State<App>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response> {
    let body = body.map_err(extract::unreadable)?;
    let (journey, key) = admit(&app, &slug, &headers, &body).await?;
    let input: Map<String, Value> = extract::read_json(&body)?;
    let opening = Opening {
        journey,
        trigger: Trigger::Hook(slug),
        account: None,
        input: Value::Object(input),
        key,
    };
    let wait = prefer::wait(&headers);
    let started = app.open(opening, wait).await?;
    if wait.is_some() {
        return Ok(Json(Started { instances: vec![started] }).into_response());
    }
    let body = serde_json::json!({ "instances": [started.id] });
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

/// The journey a delivery is for, and the key under which it is taken once; refused when it must be signed and is not.
async fn admit(
    app: &App,
    slug: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(JourneyId, Option<String>)> {
    let way = app.slugs().way(app.store(), slug, app.now()).await?;
    let hook = match way.ok_or_else(|| Problem::not_found("hook", slug))? {
        Way::Made(hook) => hook,
        Way::Open(open) => return admit_unmanaged(open, slug, headers),
    };
    let Some(sealed) = &hook.sealed_secret else {
        return Ok((hook.journey, unsigned_key(slug, headers)));
    };
    let secret = app.sealer().open_sealed(&Sealer::hook(slug), sealed);
    let secret = secret.map_err(|error| {
        tracing::error!(hook = slug, %error, "no delivery can be taken");
        let detail = "the secret of this hook was sealed with a key that is gone: delete the hook and make it again";
        Problem::new(Kind::Unavailable, detail)
    })?;
    let secret = String::from_utf8(secret).map_err(|error| Problem::internal(&error))?;
    let id = webhook::verify(headers, body, &secret, app.now())
        .map_err(|distrust| Problem::new(Kind::InvalidSignature, distrust.to_string()))?;
    Ok((hook.journey, Some(format!("hook:{slug}:{id}"))))
}

/// A slug that only a journey's trigger names is open when its designer made it so.
fn admit_unmanaged(
    found: Open,
    slug: &str,
    headers: &HeaderMap,
) -> Result<(JourneyId, Option<String>)> {
    if found.is_signed {
        let detail =
            "this trigger takes signed deliveries only: make a hook for it to have a secret";
        return Err(Problem::new(Kind::InvalidSignature, detail));
    }
    Ok((found.journey, unsigned_key(slug, headers)))
}

/// An unsigned delivery is taken once when it says which one it is.
fn unsigned_key(slug: &str, headers: &HeaderMap) -> Option<String> {
    let named = ["webhook-id", idempotency::KEY].into_iter().find_map(|name| headers.get(name));
    let key = named?.to_str().ok().filter(|key| !key.is_empty())?;
    Some(format!("hook:{slug}:{key}"))
}
