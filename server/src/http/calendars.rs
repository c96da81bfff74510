//! Business calendars, which durations name.

use std::ops::RangeInclusive;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use journey::calendar::{ACCOUNT, Calendar, CalendarDraft, Holiday, Problems, TEAM, import_ics};
use serde::Deserialize;
use store::{
    calendars::{CalendarAt, Gone},
    directory::Made,
    journeys::Saved,
};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{FieldError, HolidaysImported, Page, RefusedHoliday};

use super::journeys::{Expected, expected, stale};
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, check_name},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, save, delete))
        .routes(routes!(import))
}

/// Every calendar by name; the one called `standard` holds where durations name none.
#[utoipa::path(get, path = "/api/v1/calendars", tag = "calendars", params(Paging),
    responses((status = 200, body = Page<Object>), (status = 400, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CalendarDraft>>> {
    let limit = paging.limit()? as usize;
    let after = paging.cursor.as_deref().map_or(Some(String::new()), named);
    let refused = || Problem::new(Kind::InvalidQuery, "`cursor` is not one this list gave");
    let after = after.ok_or_else(refused)?;
    let stored = app.store().calendars().await?;
    let standard = Calendar::standard();
    let is_replaced = stored.iter().any(|at| at.calendar.name() == standard.name());
    let stored = stored.into_iter().map(|at| at.calendar.into());
    let mut items: Vec<CalendarDraft> = stored.collect();
    if !is_replaced {
        items.push(standard.draft().clone());
        items.sort_by(|a, b| a.name.cmp(&b.name));
    }
    let mut rest = items.into_iter().filter(|calendar| calendar.name > after);
    let items: Vec<_> = rest.by_ref().take(limit).collect();
    let last = items.last().map(|calendar| hex::encode(&calendar.name));
    Ok(Json(Page { items, next_cursor: rest.next().and(last) }))
}

/// The name a cursor stands for: a name may have any character.
fn named(cursor: &str) -> Option<String> {
    String::from_utf8(hex::decode(cursor).ok()?).ok()
}

/// Make a calendar; one called `standard` holds from now on where durations name none.
#[utoipa::path(post, path = "/api/v1/calendars", tag = "calendars", request_body = Object,
    responses((status = 201, body = Object), (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(draft): Body<CalendarDraft>,
) -> Result<impl IntoResponse> {
    check_name("/name", &draft.name)?;
    if [ACCOUNT, TEAM].contains(&draft.name.as_str()) {
        let message = format!("in journeys '{}' stands for somebody's own calendar", draft.name);
        return Err(Problem::field("/name", message));
    }
    let calendar = checked(draft)?;
    match app.store().create_calendar(&calendar, app.now()).await? {
        Made::Made(()) => {}
        Made::Taken | Made::Unknown(_) => {
            let detail = format!("there is a calendar '{}' already", calendar.name());
            return Err(Problem::new(Kind::Conflict, detail));
        }
    }
    app.runtime().calendars_changed();
    app.audit(&caller, "calendar.create", &calendar.name()).await?;
    Ok((StatusCode::CREATED, [(header::ETAG, tag(1))], Json(CalendarDraft::from(calendar))))
}

/// One calendar, with the tag a save of it must name.
#[utoipa::path(get, path = "/api/v1/calendars/{name}", tag = "calendars", params(("name" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(name): Path<String>) -> Result<impl IntoResponse> {
    let CalendarAt { calendar, revision } = find(&app, &name).await?;
    Ok(([(header::ETAG, tag(revision))], Json(CalendarDraft::from(calendar))))
}

/// Save a calendar over the one `If-Match` names. What is due already stays due when it was; what follows is measured anew.
#[utoipa::path(put, path = "/api/v1/calendars/{name}", tag = "calendars", params(("name" = String, Path)),
    request_body = Object,
    responses((status = 204), (status = 404, body = wire::Problem), (status = 412, body = wire::Problem),
        (status = 422, body = wire::Problem), (status = 428, body = wire::Problem)))]
async fn save(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(draft): Body<CalendarDraft>,
) -> Result<impl IntoResponse> {
    if draft.name != name {
        let message = format!("this is the calendar '{name}'; another name is another calendar");
        return Err(Problem::field("/name", message));
    }
    let calendar = checked(draft)?;
    let revision = match expected(&headers)?.ok_or(Kind::IfMatchRequired)? {
        Expected::Revision(revision) => revision,
        Expected::Any => find(&app, &name).await?.revision,
    };
    let revision = write(&app, &calendar, revision).await?;
    app.audit(&caller, "calendar.save", &name).await?;
    Ok((StatusCode::NO_CONTENT, [(header::ETAG, tag(revision))]))
}

/// Delete a calendar that no team keeps and nothing that runs or can start names.
#[utoipa::path(delete, path = "/api/v1/calendars/{name}", tag = "calendars", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = wire::Problem)))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode> {
    match app.store().delete_calendar(&name).await? {
        Gone::Deleted => {}
        Gone::Missing => return Err(Problem::not_found("calendar", &name)),
        Gone::Used { journey } => {
            let detail = format!(
                "the journey '{journey}' keeps its time by it: publish a version without it, and move or end what runs"
            );
            return Err(Problem::new(Kind::Conflict, detail));
        }
        Gone::Counting { instance } => {
            let detail = format!(
                "a clock of the instance {instance} is measured by it: it can go when that is over"
            );
            return Err(Problem::new(Kind::Conflict, detail));
        }
        Gone::Named { account } => {
            let detail =
                format!("the account '{account}' names it: give the account another one first");
            return Err(Problem::new(Kind::Conflict, detail));
        }
        Gone::Kept { team } => {
            let detail = format!("the team '{team}' keeps it: give the team another one first");
            return Err(Problem::new(Kind::Conflict, detail));
        }
    }
    app.runtime().calendars_changed();
    app.audit(&caller, "calendar.delete", &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which years of a file are read; this one and the next four unless said.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Years {
    from: Option<i16>,
    until: Option<i16>,
}

/// The bytes of an iCalendar file.
struct File(Bytes);

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_none_or(|kind| !kind.starts_with("text/calendar")) {
            let detail = "send the file with `Content-Type: text/calendar`";
            return Err(Problem::new(Kind::UnsupportedMedia, detail));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(extract::unreadable)
    }
}

/// Add the holidays of an iCalendar file; those that are there stay.
#[utoipa::path(post, path = "/api/v1/calendars/{name}/import", tag = "calendars", params(("name" = String, Path), Years),
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = HolidaysImported), (status = 404, body = wire::Problem), (status = 412, body = wire::Problem),
        (status = 413, body = wire::Problem), (status = 415, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn import(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(years): Query<Years>,
    File(file): File,
) -> Result<Json<HolidaysImported>> {
    let CalendarAt { calendar, revision } = find(&app, &name).await?;
    let mut draft = CalendarDraft::from(calendar);
    let imported = import_ics(&file, &draft.time_zone, &within(&app, &years));
    let imported = imported.map_err(|error| Problem::field("", error.to_string()))?;
    let added = add(&mut draft.holidays, imported.holidays);
    write(&app, &checked(draft)?, revision).await?;
    app.audit(&caller, "calendar.import", &name).await?;
    let refused = imported.refused.into_iter().map(|refused| RefusedHoliday {
        line: refused.line as u64,
        name: refused.name,
        reason: refused.reason,
    });
    Ok(Json(HolidaysImported { added: added as u64, refused: refused.collect() }))
}

fn within(app: &App, years: &Years) -> RangeInclusive<i16> {
    let this = app.now().to_rfc3339().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2000);
    let from = years.from.unwrap_or(this);
    from..=years.until.unwrap_or(from.saturating_add(4))
}

/// Adds what is new, in the order of the dates; how many there were.
fn add(holidays: &mut Vec<Holiday>, new: Vec<Holiday>) -> usize {
    let before = holidays.len();
    for holiday in new {
        if !holidays.iter().any(|known| known.date == holiday.date) {
            holidays.push(holiday);
        }
    }
    holidays.sort_by(|a, b| a.date.cmp(&b.date));
    holidays.len() - before
}

async fn find(app: &App, name: &str) -> Result<CalendarAt> {
    let found = app.store().calendar(name).await?;
    found.ok_or_else(|| Problem::not_found("calendar", name))
}

async fn write(app: &App, calendar: &Calendar, expected: u64) -> Result<u64> {
    let saved = app.store().save_calendar(calendar, expected, app.now()).await?;
    match saved.ok_or_else(|| Problem::not_found("calendar", calendar.name()))? {
        Saved::Revision(revision) => {
            app.runtime().calendars_changed();
            Ok(revision)
        }
        Saved::LostRace { current } => Err(stale(current, expected)),
    }
}

fn checked(draft: CalendarDraft) -> Result<Calendar> {
    Calendar::try_from(draft).map_err(|Problems(problems)| {
        let named = problems.into_iter();
        let named =
            named.map(|found| FieldError { pointer: found.pointer, message: found.message });
        Problem::fields(named.collect())
    })
}

fn tag(revision: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{revision}\"")).expect("digits in quotes are a header value")
}
