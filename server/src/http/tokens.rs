//! API tokens: programs act as the user who made them.

use axum::{Json, extract::State, http::StatusCode};
use store::TokenId;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{NewToken, Page, Token, TokenMade};

use crate::{
    app::App,
    auth::{caller::Caller, secret},
    extract::{self, Body, Paging, Path, Query, check_name, page},
    problem::{Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// Your tokens, oldest first; an administrator sees everyone's.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", params(Paging),
    responses((status = 200, body = Page<Token>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Token>>> {
    let whose = (!caller.is_admin()).then_some(caller.0.id);
    let tokens = app.store().tokens(whose, paging.of()?).await?;
    Ok(Json(page(tokens, |token| Token {
        id: token.id.to_string(),
        name: token.name,
        user: token.user,
        created_at: token.created_at.to_rfc3339(),
        last_used_at: token.last_used_at.map(journey::Timestamp::to_rfc3339),
    })))
}

/// Make a token; its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = TokenMade), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewToken>,
) -> Result<(StatusCode, Json<TokenMade>)> {
    check_name("/name", &asked.name)?;
    let token =
        secret::generate(secret::TOKEN_PREFIX).map_err(|error| Problem::internal(&error))?;
    let hash = secret::hash(&token);
    let id = app.store().create_token(caller.0.id, &asked.name, &hash, app.now()).await?;
    app.audit(&caller, "token.create", &id).await?;
    Ok((StatusCode::CREATED, Json(TokenMade { id: id.to_string(), token })))
}

/// Revoke a token; it stops working at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let token: TokenId = extract::id("token", &id)?;
    let is_theirs = caller.is_admin() || owns(&app, &caller, token).await?;
    if !is_theirs || !app.store().revoke_token(token).await? {
        return Err(Problem::not_found("token", &id));
    }
    app.audit(&caller, "token.revoke", &token).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn owns(app: &App, caller: &Caller, token: TokenId) -> Result<bool> {
    let mut paging = store::Paging::first(store::limits::PAGE_ROWS);
    loop {
        let tokens = app.store().tokens(Some(caller.0.id), paging).await?;
        if tokens.items.iter().any(|one| one.id == token) {
            return Ok(true);
        }
        let Some(next) = tokens.next else { return Ok(false) };
        paging = store::Paging::new(Some(next), store::limits::PAGE_ROWS);
    }
}
