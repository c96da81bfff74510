//! Work for people: their queues, and what they do with a task.

use axum::{Json, extract::State};
use journey::{Event, effect::SlaState};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    TaskId,
    tasks::{Filter, Queue, State as Standing, Task, Which},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{CompleteTask, DelegateTask, OutcomeView, Page, SendBack, SlaView, TaskView};

use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query, page},
    problem::{Kind, Problem, Result},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
        .routes(routes!(claim))
        .routes(routes!(release))
        .routes(routes!(complete))
        .routes(routes!(delegate))
        .routes(routes!(send_back))
}

/// Which tasks are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `mine` (when left out), `team` or `all`.
    queue: Option<String>,
    /// `offered`, `claimed`, `completed`, `cancelled` or `open`, which is the first two and what is meant when left out.
    status: Option<String>,
    /// Account id or external id.
    account: Option<String>,
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Tasks in order of their due dates: your own, your teams', or all you may see.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(Wanted),
    responses((status = 200, body = Page<TaskView>), (status = 400, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<TaskView>>> {
    let teams = caller.0.teams.clone();
    let queue = match wanted.queue.as_deref() {
        None | Some("mine") => Queue::Mine(caller.0.email.clone()),
        Some("team") => Queue::Teams(teams),
        Some("all") if caller.sees_all_teams() => Queue::All,
        Some("all") => return Err(Problem::new(Kind::Forbidden, "ask for `mine` or `team`")),
        Some(_) => {
            let detail = "`queue` is `mine`, `team` or `all`";
            return Err(Problem::new(Kind::InvalidQuery, detail));
        }
    };
    let which = match wanted.status.as_deref() {
        None | Some("open") => Which::Open,
        Some(word) => Which::Only(Standing::from_word(word).ok_or_else(|| {
            let detail = "`status` is `open`, `offered`, `claimed`, `completed` or `cancelled`";
            Problem::new(Kind::InvalidQuery, detail)
        })?),
    };
    let paging = Paging { limit: wanted.limit, cursor: wanted.cursor }.of()?;
    let account = match &wanted.account {
        None => None,
        Some(account) => match super::accounts::find(&app, account).await? {
            Some(account) => Some(account.id),
            None => return Ok(Json(Page { items: Vec::new(), next_cursor: None })),
        },
    };
    let tasks = app.store().tasks(Filter { queue, which, account }, paging).await?;
    Ok(Json(page(tasks, show)))
}

/// One task.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem)))]
async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TaskView>> {
    Ok(Json(show(find(&app, &caller, &id).await?)))
}

/// Take a task that is offered to your team or to you.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/claim", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn claim(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TaskView>> {
    let task = find(&app, &caller, &id).await?;
    let by = caller.0.email.clone();
    let position = task.id.position;
    app.deliver(task.id.instance, Event::TaskClaimed { position, by }).await?;
    read(State(app), caller, Path(id)).await
}

/// Put a task back before its team.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/release", tag = "tasks", params(("id" = String, Path)),
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem)))]
async fn release(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TaskView>> {
    let task = find(&app, &caller, &id).await?;
    let by = caller.0.email.clone();
    let position = task.id.position;
    app.deliver(task.id.instance, Event::TaskReleased { position, by }).await?;
    let task = reread(&app, task.id).await?;
    Ok(Json(show(task)))
}

/// Complete a task with an outcome and the answers of its form.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/complete", tag = "tasks", params(("id" = String, Path)),
    request_body = CompleteTask,
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn complete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<CompleteTask>,
) -> Result<Json<TaskView>> {
    let task = find(&app, &caller, &id).await?;
    if !task.outcomes.iter().any(|outcome| outcome.id == asked.outcome) {
        let message = format!("the task has no outcome '{}'", asked.outcome);
        return Err(Problem::field("/outcome", message));
    }
    let form = extract::object("/form", asked.form)?;
    extract::check_schema("/form", &task.form, &form)?;
    let event = Event::TaskCompleted {
        position: task.id.position,
        by: caller.0.email.clone(),
        person: person(&caller),
        outcome: asked.outcome,
        form,
    };
    app.deliver(task.id.instance, event).await?;
    Ok(Json(show(reread(&app, task.id).await?)))
}

/// Give a task you have claimed to another user.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/delegate", tag = "tasks", params(("id" = String, Path)),
    request_body = DelegateTask,
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn delegate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<DelegateTask>,
) -> Result<Json<TaskView>> {
    let task = find(&app, &caller, &id).await?;
    let to = asked.to.trim().to_lowercase();
    if app.store().user_by_email(&to).await?.is_none() {
        return Err(Problem::field("/to", format!("there is no user '{to}'")));
    }
    let (position, by) = (task.id.position, caller.0.email.clone());
    app.deliver(task.id.instance, Event::TaskDelegated { position, by, to }).await?;
    Ok(Json(show(reread(&app, task.id).await?)))
}

/// Send back what was handed over to you, with the reason.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/send-back", tag = "tasks", params(("id" = String, Path)),
    request_body = SendBack,
    responses((status = 200, body = TaskView), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn send_back(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<SendBack>,
) -> Result<Json<TaskView>> {
    const OUTCOME: &str = "sent_back";
    let task = find(&app, &caller, &id).await?;
    if !task.outcomes.iter().any(|outcome| outcome.id == OUTCOME) {
        let detail = "only what was handed over can be sent back";
        return Err(Problem::new(Kind::Conflict, detail));
    }
    if asked.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "say why it is sent back"));
    }
    let event = Event::TaskCompleted {
        position: task.id.position,
        by: caller.0.email.clone(),
        person: person(&caller),
        outcome: OUTCOME.to_owned(),
        form: json!({ "reason": asked.reason }),
    };
    app.deliver(task.id.instance, event).await?;
    Ok(Json(show(reread(&app, task.id).await?)))
}

/// What an approval's limit may read of who decides.
fn person(caller: &Caller) -> Value {
    json!({ "role": caller.0.role.word(), "teams": caller.0.teams })
}

/// The task, if the caller may know of it: their own, their teams', or any for those who see all teams.
pub(super) async fn find(app: &App, caller: &Caller, id: &str) -> Result<Task> {
    let missing = || Problem::not_found("task", id);
    let task = app.store().task(extract::id("task", id)?).await?.ok_or_else(missing)?;
    let sees = may_see(caller, [&task.holder, &task.assignee], task.team.as_deref());
    if sees { Ok(task) } else { Err(missing()) }
}

/// Whether the caller may know of a task that these people have and that is before this team.
pub(super) fn may_see<'a>(
    caller: &Caller,
    people: impl IntoIterator<Item = &'a Option<String>>,
    team: Option<&str>,
) -> bool {
    let mut people = people.into_iter();
    let is_theirs = people.any(|who| who.as_deref() == Some(caller.0.email.as_str()));
    let is_their_teams = team.is_some_and(|team| caller.0.teams.iter().any(|one| one == team));
    is_theirs || is_their_teams || caller.sees_all_teams()
}

async fn reread(app: &App, id: TaskId) -> Result<Task> {
    let task = app.store().task(id).await?;
    task.ok_or_else(|| Problem::not_found("task", &id.to_string()))
}

fn show(task: Task) -> TaskView {
    let state = match task.sla {
        SlaState::Ok => "ok",
        SlaState::Warning => "warning",
        SlaState::Breached => "breached",
        SlaState::Paused => "paused",
        SlaState::Met => "met",
        SlaState::Cancelled => "cancelled",
    };
    let outcomes = task.outcomes.into_iter();
    TaskView {
        id: task.id.to_string(),
        title: task.title,
        instructions: task.instructions,
        status: task.state.word().to_owned(),
        team: task.team,
        assignee: task.assignee,
        offered_to: task.offered_to,
        sla: SlaView { due: task.due.to_rfc3339(), state: state.to_owned() },
        priority: task.priority,
        instance: task.id.instance.to_string(),
        journey: task.journey.to_string(),
        journey_name: task.journey_name,
        node: task.node,
        account: task.account.map(super::instances::account),
        outcomes: outcomes
            .map(|outcome| OutcomeView { id: outcome.id, label: outcome.label })
            .collect(),
        form: task.form,
        outcome: task.outcome,
        answers: task.answers,
        created_at: task.created_at.to_rfc3339(),
    }
}
