//! The clocks of tasks' promises: how they stand, whose turn it was, and what people do to them.

use axum::{Json, extract::State};
use journey::{
    Event, Record, Timestamp,
    calendar::Calendar,
    event::SlaChange,
    sla::{
        Clock, Kind as Promised, Party, Reason, Spent, State as Standing, Turn, clock_of,
        whose_turn,
    },
};
use serde::Deserialize;
use serde_json::Value;
use store::{Paging, TaskId};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{PromiseView, SpentView, TurnView};

use super::tasks::find;
use crate::{
    app::App,
    auth::caller::Caller,
    cli::walk,
    extract::{Body, Path},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(promise, change_promise))
}

/// How the clock of a task's promise stands, and whose turn it was while it ran.
#[utoipa::path(get, path = "/api/v1/tasks/{id}/sla", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = PromiseView), (status = 404, body = wire::Problem)))]
async fn promise(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PromiseView>> {
    let task = find(&app, &caller, &id).await?;
    let found = clock(&app, task.id).await?;
    let (clock, is_unsent) = found.ok_or_else(|| Problem::not_found("promise of a task", &id))?;
    let calendar = match app.store().calendar(clock.calendar()).await? {
        Some(at) => at.calendar,
        None if clock.calendar() == Calendar::standard().name() => Calendar::standard().clone(),
        None => {
            let detail =
                format!("its calendar '{}' is gone: make one of that name again", clock.calendar());
            return Err(Problem::new(Kind::Conflict, detail));
        }
    };
    let shown = show(&clock, app.now(), &calendar);
    if is_unsent {
        return Ok(Json(PromiseView { state: "not_sent".to_owned(), ..shown }));
    }
    Ok(Json(shown))
}

/// Pause the clock of a task's promise (with a reason), resume, reset, stop or cancel it.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/sla", tag = "tasks", params(("id" = String, Path)),
    request_body = Asked,
    responses((status = 200, body = PromiseView), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn change_promise(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<Asked>,
) -> Result<Json<PromiseView>> {
    let change = asked.change()?;
    let task = find(&app, &caller, &id).await?;
    let is_theirs = task.assignee.as_deref() == Some(caller.0.email.as_str());
    if !is_theirs && !caller.sees_all_teams() {
        let detail = "claim the task first: its clock is its assignee's to stop";
        return Err(Problem::new(Kind::Forbidden, detail));
    }
    let (position, by) = (task.id.position, caller.0.email.clone());
    app.deliver(task.id.instance, Event::SlaChanged { position, by, change }).await?;
    promise(State(app), caller, Path(id)).await
}

/// What is asked of a clock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePromise)]
struct Asked {
    /// `pause`, `resume`, `reset`, `stop` or `cancel`.
    r#do: String,
    /// Why it is paused (`waiting_on_customer`, `waiting_on_vendor`, or a person's words) or cancelled.
    #[serde(default)]
    reason: Value,
}

impl Asked {
    fn change(self) -> Result<SlaChange> {
        let reason = self.reason.get("other").unwrap_or(&self.reason).as_str();
        let reason = || reason.filter(|reason| !reason.trim().is_empty());
        let needed = || reason().ok_or_else(|| Problem::field("/reason", "say why"));
        Ok(match self.r#do.as_str() {
            "pause" => SlaChange::Pause {
                reason: match needed()? {
                    "waiting_on_customer" => Reason::WaitingOnCustomer,
                    "waiting_on_vendor" => Reason::WaitingOnVendor,
                    words => Reason::Other(words.to_owned()),
                },
            },
            "resume" => SlaChange::Resume,
            "reset" => SlaChange::Reset,
            "stop" => SlaChange::Stop,
            "cancel" => SlaChange::Cancel { reason: needed()?.to_owned() },
            _ => {
                return Err(Problem::field("/do", "pause, resume, reset, stop or cancel"));
            }
        })
    }
}

/// The clock of an open task, or of one that is done: then it is found in the records. And whether it waits for a handoff to be sent.
async fn clock(app: &App, task: TaskId) -> Result<Option<(Clock, bool)>> {
    let store = app.store();
    let instance = store.instance(task.instance).await?.map(|stored| stored.state);
    let wait = instance.as_ref().and_then(|instance| instance.wait(task.position));
    if let Some((clock, wait)) = wait.and_then(|wait| Some((wait.clock()?, wait))) {
        return Ok(Some((clock.clone(), wait.is_unsent())));
    }
    let mut records: Vec<Record> = Vec::new();
    walk(|paging: Paging<u64>| store.records(task.instance, paging), |record| records.push(record))
        .await?;
    let clock = clock_of(&records, task.position);
    let clock = clock.map_err(|corrupt| Problem::internal(&corrupt))?;
    Ok(clock.map(|clock| (clock, false)))
}

fn show(clock: &Clock, now: Timestamp, calendar: &Calendar) -> PromiseView {
    let breach = clock.breach();
    let spent = whose_turn(clock.turns(), now, calendar);
    let spent = [("customer", spent.customer), ("team", spent.team), ("vendor", spent.vendor)];
    PromiseView {
        kind: match clock.kind() {
            Promised::Sla => "sla",
            Promised::Ola => "ola",
            Promised::Vendor => "vendor",
        }
        .to_owned(),
        calendar: clock.calendar().to_owned(),
        due: clock.due().to_rfc3339(),
        state: match clock.state() {
            Standing::Running => "running",
            Standing::Paused { .. } => "paused",
            Standing::Met { .. } => "met",
            Standing::Breached(_) => "breached",
            Standing::Cancelled { .. } => "cancelled",
        }
        .to_owned(),
        remaining_ms: clock.remaining_ms(now, calendar),
        breached_at: breach.map(|breach| breach.at.to_rfc3339()),
        noticed_at: breach.map(|breach| breach.noticed.to_rfc3339()),
        cancelled_because: match clock.state() {
            Standing::Cancelled { reason, .. } => Some(reason.to_owned()),
            Standing::Running
            | Standing::Paused { .. }
            | Standing::Met { .. }
            | Standing::Breached(_) => None,
        },
        turns: clock.turns().iter().map(turn).collect(),
        spent: spent.into_iter().map(|(party, spent)| spent_view(party, spent)).collect(),
    }
}

fn turn(turn: &Turn) -> TurnView {
    TurnView {
        from: turn.from.to_rfc3339(),
        to: turn.to.map(Timestamp::to_rfc3339),
        party: match turn.party {
            Party::Customer => "customer",
            Party::Team => "team",
            Party::Vendor => "vendor",
        }
        .to_owned(),
        paused: turn.paused.as_ref().map(|reason| match reason {
            Reason::WaitingOnCustomer => "waiting on the customer".to_owned(),
            Reason::WaitingOnVendor => "waiting on the vendor".to_owned(),
            Reason::Other(words) => words.clone(),
        }),
    }
}

fn spent_view(party: &str, spent: Spent) -> SpentView {
    SpentView {
        party: party.to_owned(),
        elapsed_ms: spent.elapsed_ms,
        working_ms: spent.working_ms,
    }
}
