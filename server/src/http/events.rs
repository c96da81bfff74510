//! Events: taken in durably, and shown with what came of them.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode};
use journey::{Timestamp, limits::VALUE_DEPTH, listing};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{
    AccountId, EventId, Paging as Part, ReactionId,
    events::{self, ACCOUNT_CHANGED, Filter, Taken},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Accepted, Event, FieldError, NewEvent, NewEvents, Page, Reaction};

use super::accounts;
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query},
    limits,
    problem::{Problem, Result},
};

/// Reactions shown with each event of a list.
const SHOWN: u32 = 10;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, take_in)).routes(routes!(read))
}

/// Take events in, all or none; answered when they are durable, dispatched after that.
#[utoipa::path(post, path = "/api/v1/events", tag = "events", request_body = NewEvents,
    responses((status = 202, body = Accepted), (status = 422, body = wire::Problem), (status = 413, body = wire::Problem)))]
async fn take_in(
    State(app): State<App>,
    caller: Caller,
    Body(asked): Body<NewEvents>,
) -> Result<(StatusCode, Json<Accepted>)> {
    if asked.events.is_empty() || asked.events.len() > limits::EVENTS {
        let message = format!("1 to {} events at once", limits::EVENTS);
        return Err(Problem::field("/events", message));
    }
    let _place = app.runtime().admit_events().await?;
    let events = read_all(&app, &caller, asked.events).await?;
    let taken = app.store().accept(&events, app.now()).await?;
    app.runtime().look_at_events();
    if let Some(Taken::In(first)) = taken.iter().find(|one| matches!(one, Taken::In(_))) {
        app.audit(&caller, "event.take-in", first).await?;
    }
    let duplicates = taken.iter().filter(|one| matches!(one, Taken::Before(_))).count();
    let ids = taken.iter().map(|(Taken::In(id) | Taken::Before(id))| id.to_string()).collect();
    let accepted = taken.len() - duplicates;
    Ok((StatusCode::ACCEPTED, Json(Accepted { accepted, duplicates, ids })))
}

/// Reads a batch; every wrong member of every event is named.
async fn read_all(app: &App, caller: &Caller, sent: Vec<Value>) -> Result<Vec<events::NewEvent>> {
    let mut wrong = Vec::new();
    let mut read = Vec::with_capacity(sent.len());
    let mut known = HashMap::new();
    for (place, sent) in sent.into_iter().enumerate() {
        let mut errors = Errors { at: format!("/events/{place}"), found: Vec::new() };
        if let Some(event) = errors.shape(sent) {
            let account = find(app, &mut known, &mut errors, event.account.as_deref()).await?;
            let event = errors.meaning(event, account, app.now());
            let sent_by = Some(caller.0.email.clone());
            read.extend(event.map(|event| events::NewEvent { sent_by, ..event }));
        }
        wrong.extend(errors.found);
        if wrong.len() >= limits::FIELD_ERRORS {
            break;
        }
    }
    if wrong.is_empty() { Ok(read) } else { Err(Problem::fields(wrong)) }
}

/// The account an event names; one batch often names the same.
async fn find(
    app: &App,
    known: &mut HashMap<String, Option<AccountId>>,
    errors: &mut Errors,
    named: Option<&str>,
) -> Result<Option<AccountId>> {
    let Some(named) = named else { return Ok(None) };
    let found = if let Some(found) = known.get(named) {
        *found
    } else {
        let found = accounts::find(app, named).await?.map(|account| account.id);
        known.insert(named.to_owned(), found);
        found
    };
    if found.is_none() {
        errors.add("/account", format!("there is no account '{named}'"));
    }
    Ok(found)
}

/// What is wrong with one event.
struct Errors {
    at: String,
    found: Vec<FieldError>,
}

impl Errors {
    fn add(&mut self, member: &str, message: impl Into<String>) {
        let pointer = format!("{}{member}", self.at);
        self.found.push(FieldError { pointer, message: message.into() });
    }

    /// Members of the right types.
    fn shape(&mut self, sent: Value) -> Option<NewEvent> {
        match serde_path_to_error::deserialize(sent) {
            Ok(event) => Some(event),
            Err(error) => {
                self.add(&extract::pointer(error.path()), error.inner().to_string());
                None
            }
        }
    }

    /// Members with values that can be taken in.
    fn meaning(
        &mut self,
        event: NewEvent,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Option<events::NewEvent> {
        if event.key.is_empty() || event.key.len() > limits::KEY_BYTES {
            self.add("/key", format!("a text of 1 to {} bytes", limits::KEY_BYTES));
        }
        if extract::check_name("/type", &event.kind).is_err() {
            self.add("/type", format!("one line of 1 to {} characters", limits::NAME_CHARACTERS));
        }
        if event.kind == ACCOUNT_CHANGED {
            self.add("/type", "changes of accounts are written by Waymark: change the account");
        }
        let at = match event.at.as_deref().map(Timestamp::from_rfc3339) {
            None => Some(now),
            Some(at) => at,
        };
        if at.is_none() {
            self.add("/at", "a time such as 2026-01-31T09:00:00Z");
        }
        self.data(&event.data);
        self.known_kind(&event);
        let fits = self.found.is_empty();
        fits.then_some(events::NewEvent {
            key: Some(event.key),
            kind: event.kind,
            account,
            at: at?,
            data: event.data,
            depth: 0,
            sent_by: None,
        })
    }

    fn data(&mut self, data: &Map<String, Value>) {
        let value = Value::Object(data.clone());
        if is_deeper(&value, VALUE_DEPTH) {
            self.add("/data", format!("at most {VALUE_DEPTH} levels of lists and objects"));
        } else if value.to_string().len() > limits::EVENT_BYTES {
            self.add("/data", format!("at most {} KiB of JSON", limits::EVENT_BYTES / 1024));
        }
    }

    /// Events with a meaning of their own say what they are about.
    fn known_kind(&mut self, event: &NewEvent) {
        for member in listing::needed_data(&event.kind) {
            if !event.data.get(*member).is_some_and(Value::is_string) {
                let message = format!("`{}` events name it, as a text", event.kind);
                self.add(&format!("/data/{member}"), message);
            }
        }
        if !listing::needed_data(&event.kind).is_empty() && event.account.is_none() {
            self.add("/account", format!("`{}` events are about an account", event.kind));
        }
    }
}

/// Whether lists and objects lie in each other deeper than this.
fn is_deeper(value: &Value, most: usize) -> bool {
    let mut open = vec![(value, 1)];
    while let Some((value, depth)) = open.pop() {
        let inside: Vec<&Value> = match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.values().collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => continue,
        };
        if depth > most {
            return true;
        }
        open.extend(inside.into_iter().map(|value| (value, depth + 1)));
    }
    false
}

/// Which events are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Account id or external id.
    account: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Events, newest first, each with the first of what came of it.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Wanted),
    responses((status = 200, body = Page<Event>), (status = 400, body = wire::Problem)))]
async fn list(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Json<Page<Event>>> {
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let account = match &wanted.account {
        None => None,
        Some(named) => match accounts::find(&app, named).await? {
            Some(account) => Some(account.id),
            None => return Ok(Json(Page { items: Vec::new(), next_cursor: None })),
        },
    };
    let events = app.store().events(&Filter { kind: wanted.kind, account }, paging).await?;
    let mut items = Vec::with_capacity(events.items.len());
    for event in events.items {
        items.push(show(&app, event, Part::first(SHOWN)).await?);
    }
    Ok(Json(Page { items, next_cursor: events.next.map(|next| next.to_string()) }))
}

/// One event, with a page of what came of it.
#[utoipa::path(get, path = "/api/v1/events/{id}", tag = "events", params(("id" = String, Path), Paging),
    responses((status = 200, body = Event), (status = 404, body = wire::Problem)))]
async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Event>> {
    let event: EventId = extract::id("event", &id)?;
    let found = app.store().event(event).await?;
    let found = found.ok_or_else(|| Problem::not_found("event", &id))?;
    Ok(Json(show(&app, found, paging.of()?).await?))
}

async fn show(app: &App, event: events::Event, paging: Part<ReactionId>) -> Result<Event> {
    let reactions = app.store().reactions(event.id, paging).await?;
    Ok(Event {
        id: event.id.to_string(),
        key: event.key,
        kind: event.kind,
        account: event.account.map(|account| account.to_string()),
        at: event.at.to_rfc3339(),
        received_at: event.received_at.to_rfc3339(),
        data: event.data,
        pending: event.is_pending,
        depth: event.depth,
        sent_by: event.sent_by,
        reactions: reactions.items.into_iter().map(show_reaction).collect(),
        next_cursor: reactions.next.map(|next| next.to_string()),
    })
}

/// What came of something, as it is shown.
pub(crate) fn show_reaction(one: events::Reaction) -> Reaction {
    let events::Reaction { reaction, at, .. } = one;
    let reason = reaction.reason;
    let (code, sentence, facts) = reason.map_or((None, None, Value::Null), |reason| {
        (Some(reason.code), Some(reason.sentence), reason.facts)
    });
    Reaction {
        kind: reaction.kind.word().to_owned(),
        journey: reaction.journey.to_string(),
        version: reaction.version,
        node: reaction.node,
        account: reaction.account.map(|account| account.to_string()),
        instance: reaction.instance.map(|(instance, _)| instance.to_string()),
        event: reaction.event.map(|event| event.to_string()),
        code,
        sentence,
        facts,
        at: at.to_rfc3339(),
    }
}
