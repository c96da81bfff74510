//! Migrations: living instances moved from one version of their journey to another, or looked at first.

use axum::{Json, extract::State, http::StatusCode};
use journey::{Draft, migrate};
use runtime::NotTakenBack;
use serde::Deserialize;
use store::{
    JourneyId, MigrationId,
    journeys::Mode,
    migrations::{Begun, Looked, Migration, NewMigration, Outcome, Purpose},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Created, FieldError, MigratedInstance, Page, RollBack};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query},
    problem::{Kind, Problem, Result},
    schemas,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(read))
        .routes(routes!(instances))
        .routes(routes!(roll_back))
}

/// Migrations of a journey, newest first.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/migrations", tag = "migrations", params(("id" = String, Path), Paging),
    responses((status = 200, body = Page<wire::Migration>), (status = 404, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<wire::Migration>>> {
    let journey = journey(&app, &id).await?;
    let found = app.store().migrations(journey, paging.of()?).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for migration in found.items {
        items.push(show(&app, migration).await?);
    }
    Ok(Json(Page { items, next_cursor: found.next.map(|id| id.to_string()) }))
}

/// Move the living instances of one version to another, in the background; with `dry_run` only look at them.
///
/// An instance that does not move cleanly stays where it is, and the list of instances says why.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/migrations", tag = "migrations", params(("id" = String, Path)),
    request_body = wire::NewMigration,
    responses((status = 202, body = Created), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 422, body = wire::Problem)))]
async fn begin(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<wire::NewMigration>,
) -> Result<(StatusCode, Json<Created>)> {
    let journey = journey(&app, &id).await?;
    check(&app, journey, &asked).await?;
    let migration = NewMigration {
        journey,
        from: asked.from,
        to: asked.to,
        mapping: asked.mapping,
        purpose: if asked.dry_run { Purpose::Preview } else { Purpose::Move },
        by: caller.0.email.clone(),
    };
    match app.store().create_migration(&migration, app.now()).await? {
        Begun::Busy(other) => {
            let detail = format!("its instances are being moved already, by {other}");
            Err(Problem::new(Kind::Conflict, detail))
        }
        Begun::Migration(id) => {
            app.audit(&caller, "journey.migrate", &id).await?;
            app.runtime().look_at_migrations();
            Ok((StatusCode::ACCEPTED, Json(Created { id: id.to_string() })))
        }
    }
}

/// Whether instances can be moved so: both versions are there, act, and the mapping fits them.
async fn check(app: &App, journey: JourneyId, asked: &wire::NewMigration) -> Result<()> {
    if asked.from == asked.to {
        return Err(Problem::field("/to", "name another version than the one they follow"));
    }
    let mut drafts = Vec::new();
    for (pointer, number) in [("/from", asked.from), ("/to", asked.to)] {
        let found = app.store().version(journey, number).await?;
        let version = found
            .ok_or_else(|| Problem::field(pointer, format!("there is no version {number}")))?;
        if version.mode == Mode::Shadow {
            let message = "it is a shadow version, which only writes down what it would do";
            return Err(Problem::field(pointer, message));
        }
        drafts.push(version.draft);
    }
    let (numbers, mapping) = ((asked.from, asked.to), asked.mapping.clone());
    let problems = schemas::apart(move || misfits(&drafts, numbers, &mapping)).await?;
    if problems.is_empty() {
        return Ok(());
    }
    let errors = problems.into_iter().map(|problem| FieldError {
        pointer: pointer_of(&problem, &asked.mapping),
        message: problem.sentence,
    });
    Err(Problem::fields(errors.collect()))
}

/// What is wrong with a mapping between two versions.
pub(crate) fn misfits(
    drafts: &[Draft],
    (from, to): (u64, u64),
    mapping: &migrate::Mapping,
) -> Vec<migrate::Reason> {
    let compiled: Vec<_> = drafts.iter().map(|draft| journey::check(draft, None).0).collect();
    let ([old, new], [Some(old_journey), Some(new_journey)]) = (drafts, compiled.as_slice()) else {
        // This release cannot follow one of them; the migration says so when it begins.
        return Vec::new();
    };
    let from = migrate::Version { number: from, draft: old, journey: old_journey };
    let to = migrate::Version { number: to, draft: new, journey: new_journey };
    migrate::Migration::new(from, to, mapping).err().unwrap_or_default()
}

/// The member of the mapping a problem is about: of the variables when only they have one of that name.
fn pointer_of(problem: &migrate::Reason, mapping: &migrate::Mapping) -> String {
    let Some(name) = problem.node.as_deref() else { return "/mapping".to_owned() };
    let is_variable = mapping.variables.contains_key(name) && !mapping.nodes.contains_key(name);
    let of = if is_variable { "variables" } else { "nodes" };
    format!("/mapping/{of}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// One migration, and how far it is.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/migrations/{migration}", tag = "migrations",
    params(("id" = String, Path), ("migration" = String, Path)),
    responses((status = 200, body = wire::Migration), (status = 404, body = wire::Problem)))]
async fn read(
    State(app): State<App>,
    Path((id, migration)): Path<(String, String)>,
) -> Result<Json<wire::Migration>> {
    let found = find(&app, &id, &migration).await?;
    Ok(Json(show(&app, found).await?))
}

/// Which instances are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// One of the outcomes a migration counts.
    outcome: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What became of each instance, and why, oldest instance first.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/migrations/{migration}/instances", tag = "migrations",
    params(("id" = String, Path), ("migration" = String, Path), Wanted),
    responses((status = 200, body = Page<MigratedInstance>), (status = 400, body = wire::Problem), (status = 404, body = wire::Problem)))]
async fn instances(
    State(app): State<App>,
    Path((id, migration)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<MigratedInstance>>> {
    let found = find(&app, &id, &migration).await?;
    let outcome = wanted.outcome.as_deref().map(|word| {
        let unknown = || Problem::new(Kind::InvalidQuery, format!("there is no outcome `{word}`"));
        Outcome::from_word(word).ok_or_else(unknown)
    });
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let looked = app.store().looked(found.id, outcome.transpose()?, paging).await?;
    let mut items = Vec::with_capacity(looked.items.len());
    for one in looked.items {
        items.push(show_looked(&app, one).await?);
    }
    Ok(Json(Page { items, next_cursor: looked.next.map(|id| id.to_string()) }))
}

async fn show_looked(app: &App, one: Looked) -> Result<MigratedInstance> {
    let summary = app.store().instance_summary(one.instance).await?;
    Ok(MigratedInstance {
        instance: one.instance.to_string(),
        account: summary.and_then(|summary| summary.account).map(super::instances::account),
        outcome: one.outcome.word().to_owned(),
        at: one.at.to_rfc3339(),
        plan: one.detail,
    })
}

/// Take one instance back to the version it came from; refused once it has been where only the newer version leads.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/migrations/{migration}/roll-back", tag = "migrations",
    params(("id" = String, Path), ("migration" = String, Path)), request_body = RollBack,
    responses((status = 204), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn roll_back(
    State(app): State<App>,
    caller: Caller,
    Path((id, migration)): Path<(String, String)>,
    Body(asked): Body<RollBack>,
) -> Result<StatusCode> {
    let found = find(&app, &id, &migration).await?;
    let instance = extract::id("instance", &asked.instance)?;
    let looked = app.store().looked_at(found.id, instance).await?;
    let looked = looked.ok_or_else(|| Problem::not_found("instance", &asked.instance))?;
    if looked.outcome != Outcome::Moved {
        let detail = format!("it was not moved by this migration: {}", looked.outcome.word());
        return Err(Problem::new(Kind::Conflict, detail));
    }
    // A server that was ended here has taken it back and could not say so.
    let stands = app.store().instance_summary(instance).await?;
    if stands.is_none_or(|stands| stands.version != found.from) {
        let versions = (found.to, found.from);
        app.runtime().take_back(instance, versions, &caller.0.email).await.map_err(refused)?;
    }
    let back = Looked { outcome: Outcome::RolledBack, at: app.now(), ..looked };
    app.store().note_looked(found.id, &[back], None).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn refused(why: NotTakenBack) -> Problem {
    match why {
        NotTakenBack::Refused(_) => Problem::new(Kind::Conflict, why.to_string()),
        NotTakenBack::Deliver(error) => Problem::from(error),
    }
}

async fn journey(app: &App, id: &str) -> Result<JourneyId> {
    let journey = extract::id("journey", id)?;
    app.store().journey(journey).await?.ok_or_else(|| Problem::not_found("journey", id))?;
    Ok(journey)
}

async fn find(app: &App, journey: &str, id: &str) -> Result<Migration> {
    let of: JourneyId = extract::id("journey", journey)?;
    let migration: MigrationId = extract::id("migration", id)?;
    let found = app.store().migration(migration).await?;
    let found = found.filter(|migration| migration.journey == of);
    found.ok_or_else(|| Problem::not_found("migration", id))
}

async fn show(app: &App, migration: Migration) -> Result<wire::Migration> {
    let outcomes = app.store().outcomes(migration.id).await?;
    let left = app.store().count_living_on(migration.journey, migration.from).await?;
    Ok(wire::Migration {
        id: migration.id.to_string(),
        journey: migration.journey.to_string(),
        from: migration.from,
        to: migration.to,
        mapping: migration.mapping,
        dry_run: migration.purpose == Purpose::Preview,
        state: migration.state.word().to_owned(),
        note: migration.note,
        started_by: migration.by,
        started_at: migration.created_at.to_rfc3339(),
        finished_at: migration.finished_at.map(journey::Timestamp::to_rfc3339),
        outcomes: outcomes.into_iter().map(|(word, count)| (word.to_owned(), count)).collect(),
        left,
    })
}
