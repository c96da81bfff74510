//! Customer accounts.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use store::accounts::{self, Patched, Search, Statement};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{ACCOUNTS_COUNTED, Account, AccountPage, ChangeAccount, Created, NewAccount};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{Body, Paging, Path, Query, check_name},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(read, change))
}

/// Which accounts are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Text in the name, the external id or the owner, in any case.
    q: Option<String>,
    segment: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Accounts by name, and how many there are in all, counted up to 50,000.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", params(Wanted),
    responses((status = 200, body = AccountPage)))]
async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<AccountPage>> {
    let is_first = wanted.cursor.is_none();
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor };
    let search = Search { q: wanted.q.filter(|q| !q.trim().is_empty()), segment: wanted.segment };
    let accounts = app.store().accounts(&search, paging.of()?).await?;
    // The only page has them all: a search is not made twice.
    let total = if is_first && accounts.next.is_none() {
        accounts.items.len() as u64
    } else {
        app.store().count_accounts(&search, ACCOUNTS_COUNTED).await?
    };
    Ok(Json(AccountPage {
        items: accounts.items.into_iter().map(show).collect(),
        next_cursor: accounts.next.map(|cursor| cursor.to_string()),
        total,
    }))
}

/// Make an account.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = NewAccount,
    responses((status = 201, body = Created), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewAccount>,
) -> Result<(StatusCode, Json<Created>)> {
    check_name("/external_id", &asked.external_id)?;
    check_name("/name", &asked.name)?;
    let statement = Statement {
        external_id: asked.external_id,
        name: asked.name,
        segment: asked.segment,
        owner: asked.owner,
        arr: asked.arr,
        fields: asked.fields,
    };
    match app.store().create_account(&statement, app.now()).await? {
        accounts::Created::Account(id) => {
            app.runtime().look_at_events();
            app.audit(&caller, "account.create", &id).await?;
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
        accounts::Created::Taken(id) => {
            let detail = format!("'{}' is the account {id} already", statement.external_id);
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}

/// One account, by its id or its external id.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 200, body = Account), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Account>> {
    let account = find(&app, &id).await?.ok_or_else(|| Problem::not_found("account", &id))?;
    Ok(Json(show(account)))
}

/// Change members of an account; a null clears.
#[utoipa::path(patch, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path)),
    request_body = ChangeAccount,
    responses((status = 200, body = Account), (status = 404, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<ChangeAccount>,
) -> Result<Json<Account>> {
    let account = find(&app, &id).await?.ok_or_else(|| Problem::not_found("account", &id))?;
    if asked.members.get("fields").is_some_and(serde_json::Value::is_object) {
        let message = "a change names fields beside `name` and the rest, not below `fields`";
        return Err(Problem::field("/fields", message));
    }
    match app.store().patch_account(account.id, &asked.members, app.now()).await? {
        None => Err(Problem::not_found("account", &id)),
        Some(Patched::Unfit { member, why }) => Err(Problem::field(format!("/{member}"), why)),
        Some(Patched::Account(account)) => {
            app.runtime().look_at_events();
            app.audit(&caller, "account.change", &account.id).await?;
            Ok(Json(show(*account)))
        }
    }
}

/// The account with this id or external id.
pub(crate) async fn find(app: &App, id: &str) -> Result<Option<accounts::Account>> {
    let found = match id.parse() {
        Ok(id) => app.store().account(id).await?,
        Err(_) => None,
    };
    match found {
        Some(account) => Ok(Some(account)),
        None => Ok(app.store().account_by_external_id(id).await?),
    }
}

fn show(account: accounts::Account) -> Account {
    Account {
        id: account.id.to_string(),
        external_id: account.external_id,
        name: account.name,
        segment: account.segment,
        owner: account.owner,
        arr: account.arr,
        fields: account.fields,
        created_at: account.created_at.to_rfc3339(),
        updated_at: account.updated_at.to_rfc3339(),
    }
}
