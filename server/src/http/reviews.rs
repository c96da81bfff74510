//! Reviews: a draft frozen for a second person, who decides whether it may be published.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use runtime::Change;
use store::{
    JourneyId, ReviewId,
    journeys::DraftAt,
    reviews::{
        Asked, Bundle, Decided, Decision, Dependency, NewReview, Review, State as Stands, Verdict,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    AskReview, Created, DecideReview, DependencyKind, Page, ReviewDecision, ReviewInFull,
    ReviewState, ReviewedDependency,
};

use super::{
    journeys::stale,
    versions::{publishable, shown_mode, stored_mode},
};
use crate::{
    app::App,
    auth::caller::Caller,
    extract::{self, Body, Paging, Path, Query},
    limits,
    problem::{Kind, Problem, Result},
    reviewing, schemas,
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(open))
        .routes(routes!(read))
        .routes(routes!(decide))
        .routes(routes!(withdraw))
}

/// Reviews of a journey, newest first.
#[utoipa::path(get, path = "/api/v1/journeys/{id}/reviews", tag = "reviews", params(("id" = String, Path), Paging),
    responses((status = 200, body = Page<wire::Review>), (status = 404, body = wire::Problem)))]
async fn list(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<wire::Review>>> {
    let journey = extract::id("journey", &id)?;
    name(&app, journey).await?;
    let found = app.store().reviews(journey, paging.of()?).await?;
    Ok(Json(show_page(&app, found).await?))
}

/// Ask another person to review the saved draft: the one that `If-Match` names, or without it whichever is there.
///
/// The draft and what it depends on are frozen. What keeps it from being published keeps it from being reviewed.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/reviews", tag = "reviews", params(("id" = String, Path)),
    request_body = AskReview,
    responses((status = 201, body = Created), (status = 404, body = wire::Problem), (status = 409, body = wire::Problem),
        (status = 412, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(asked): Body<AskReview>,
) -> Result<(StatusCode, Json<Created>)> {
    let journey = extract::id("journey", &id)?;
    let note = said("/note", asked.note)?;
    let mode = stored_mode(asked.mode);
    let found = publishable(&app, journey, mode, &headers).await?;
    let revision = found.revision;
    let review = NewReview {
        journey,
        revision,
        mode,
        note,
        by: caller.0.email.clone(),
        drawn_by: app.store().who_saved(journey).await?,
        bundle: freeze(&app, journey, found).await?,
    };
    let asked = app.store().ask_review(&review, app.now()).await?;
    match asked.ok_or_else(|| Problem::not_found("journey", &id))? {
        Asked::LostRace { current } => Err(stale(current, revision)),
        Asked::Busy(open) => {
            let detail =
                format!("its review {open} is open: have it decided on, or withdraw it, first");
            Err(Problem::new(Kind::Conflict, detail))
        }
        Asked::Review(id) => {
            app.audit(&caller, "review.ask", &id).await?;
            app.runtime().tell(Change::Review { id, journey });
            Ok((StatusCode::CREATED, Json(Created { id: id.to_string() })))
        }
    }
}

async fn freeze(app: &App, journey: JourneyId, found: DraftAt) -> Result<Bundle> {
    let naming = move || (journey::references(&found.draft), found.draft);
    let (references, draft) = schemas::apart(naming).await?;
    let depends_on = reviewing::depends_on(app.store(), journey, references).await?;
    let live_version = app.store().live_version(journey).await?;
    Ok(Bundle { draft, live_version, depends_on })
}

/// Reviews of all journeys that wait for a decision, newest first.
#[utoipa::path(get, path = "/api/v1/reviews", tag = "reviews", params(Paging),
    responses((status = 200, body = Page<wire::Review>)))]
async fn open(
    State(app): State<App>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<wire::Review>>> {
    let found = app.store().open_reviews(paging.of()?).await?;
    Ok(Json(show_page(&app, found).await?))
}

/// One review: what was frozen, and what of it has changed since.
#[utoipa::path(get, path = "/api/v1/reviews/{id}", tag = "reviews", params(("id" = String, Path)),
    responses((status = 200, body = ReviewInFull), (status = 404, body = wire::Problem)))]
async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ReviewInFull>> {
    let (review, bundle) = find(&app, &id).await?;
    let mut depends_on = Vec::with_capacity(bundle.depends_on.len());
    for dependency in &bundle.depends_on {
        let changed = reviewing::change(app.store(), dependency).await?;
        depends_on.push(show_dependency(dependency, changed));
    }
    let present = app.store().draft(review.journey).await?;
    Ok(Json(ReviewInFull {
        saved_since: present.is_none_or(|present| present.revision != review.revision),
        review: show(&app, review).await?,
        draft: bundle.draft,
        live_version: bundle.live_version,
        depends_on,
    }))
}

/// Approve an open review, or send it back: for another person than who asked for it, and than who saved the draft last.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/decide", tag = "reviews", params(("id" = String, Path)),
    request_body = DecideReview,
    responses((status = 204), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem), (status = 422, body = wire::Problem)))]
async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Body(asked): Body<DecideReview>,
) -> Result<StatusCode> {
    let comment = said("/comment", asked.comment)?;
    if asked.decision == ReviewDecision::SendBack && comment.trim().is_empty() {
        return Err(Problem::field("/comment", "say what is to be changed"));
    }
    let (review, _) = find(&app, &id).await?;
    let me = &caller.0.email;
    if review.asked_by == *me {
        let detail = "you asked for this review: another person decides on it";
        return Err(Problem::new(Kind::AnotherPerson, detail));
    }
    if review.drawn_by.as_ref() == Some(me) {
        let detail = "you saved this draft last: another person decides on it";
        return Err(Problem::new(Kind::AnotherPerson, detail));
    }
    let decision = match asked.decision {
        ReviewDecision::Approve => Decision::Approve,
        ReviewDecision::SendBack => Decision::SendBack,
    };
    end(&app, &caller, &review, (decision, comment)).await
}

/// Withdraw an open review, as who asked for it.
#[utoipa::path(post, path = "/api/v1/reviews/{id}/withdraw", tag = "reviews", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = wire::Problem), (status = 404, body = wire::Problem),
        (status = 409, body = wire::Problem)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    let (review, _) = find(&app, &id).await?;
    if review.asked_by != caller.0.email {
        let detail = format!("{} asked for this review, and alone withdraws it", review.asked_by);
        return Err(Problem::new(Kind::AnotherPerson, detail));
    }
    end(&app, &caller, &review, (Decision::Withdraw, String::new())).await
}

async fn end(
    app: &App,
    caller: &Caller,
    review: &Review,
    (decision, comment): (Decision, String),
) -> Result<StatusCode> {
    let verdict = Verdict { decision, comment, by: caller.0.email.clone() };
    let (id, journey) = (review.id, review.journey);
    let decided = app.store().decide_review(id, &verdict, app.now()).await?;
    match decided.ok_or_else(|| Problem::not_found("review", &id.to_string()))? {
        Decided::Over(review) => Err(Problem::new(Kind::Conflict, over(&review))),
        Decided::Done => {
            let action = match decision {
                Decision::Approve => "review.approve",
                Decision::SendBack => "review.send-back",
                Decision::Withdraw => "review.withdraw",
            };
            app.audit(caller, action, &id).await?;
            app.runtime().tell(Change::Review { id, journey });
            Ok(StatusCode::NO_CONTENT)
        }
    }
}

/// Why an open review was expected and there is none.
fn over(review: &Review) -> String {
    let by = review.decided_by.as_deref().unwrap_or("somebody");
    match review.state {
        Stands::Open => "it is open".to_owned(),
        Stands::Approved | Stands::Published => format!("{by} has approved it already"),
        Stands::SentBack => format!("{by} has sent it back already"),
        Stands::Withdrawn => format!("{by} has withdrawn it"),
    }
}

async fn find(app: &App, id: &str) -> Result<(Review, Bundle)> {
    let found = app.store().review(extract::id("review", id)?).await?;
    found.ok_or_else(|| Problem::not_found("review", id))
}

/// A note or a comment, when it is not too long.
fn said(pointer: &str, text: Option<String>) -> Result<String> {
    let text = text.unwrap_or_default();
    if text.len() > limits::NOTE_BYTES {
        let most = limits::NOTE_BYTES;
        return Err(Problem::field(pointer, format!("it is at most {most} bytes")));
    }
    Ok(text)
}

/// What the journey is called.
async fn name(app: &App, journey: JourneyId) -> Result<String> {
    let found = app.store().journey(journey).await?;
    Ok(found.ok_or_else(|| Problem::not_found("journey", &journey.to_string()))?.name)
}

async fn show_page(app: &App, found: store::Page<Review, ReviewId>) -> Result<Page<wire::Review>> {
    let mut items = Vec::with_capacity(found.items.len());
    for review in found.items {
        items.push(show(app, review).await?);
    }
    Ok(Page { items, next_cursor: found.next.map(|id| id.to_string()) })
}

async fn show(app: &App, review: Review) -> Result<wire::Review> {
    Ok(wire::Review {
        id: review.id.to_string(),
        journey: review.journey.to_string(),
        journey_name: name(app, review.journey).await?,
        revision: review.revision,
        mode: shown_mode(review.mode),
        state: match review.state {
            Stands::Open => ReviewState::Open,
            Stands::Approved => ReviewState::Approved,
            Stands::SentBack => ReviewState::SentBack,
            Stands::Withdrawn => ReviewState::Withdrawn,
            Stands::Published => ReviewState::Published,
        },
        note: review.note,
        asked_at: review.asked_at.to_rfc3339(),
        asked_by: review.asked_by,
        drawn_by: review.drawn_by,
        decided_at: review.decided_at.map(journey::Timestamp::to_rfc3339),
        decided_by: review.decided_by,
        comment: review.comment,
        version: review.version,
    })
}

fn show_dependency(dependency: &Dependency, changed: Option<String>) -> ReviewedDependency {
    let (kind, reviewed, journey) = match dependency {
        Dependency::Journey { id, version, .. } => {
            (DependencyKind::Journey, format!("version {version}"), Some(id.to_string()))
        }
        Dependency::Connection { connector, version, operations, .. } => {
            let used: Vec<&str> = operations.iter().map(String::as_str).collect();
            let words = format!("{connector} {version}, used for {}", used.join(", "));
            (DependencyKind::Connection, words, None)
        }
        Dependency::Team { calendar, .. } => {
            let words = match calendar {
                Some(calendar) => format!("keeps the hours of '{calendar}'"),
                None => "keeps no hours of its own".to_owned(),
            };
            (DependencyKind::Team, words, None)
        }
        Dependency::Calendar { calendar } => {
            (DependencyKind::Calendar, format!("in {}", calendar.draft().time_zone), None)
        }
    };
    let name = reviewing::name_of(dependency).to_owned();
    ReviewedDependency { kind, name, reviewed, changed, journey }
}
