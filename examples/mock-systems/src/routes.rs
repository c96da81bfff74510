use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::control::{Control, Gate};
use crate::ledger::{Asked, CallRecord, Count, Ledger};

/// What the systems know.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) gate: Gate,
}

/// What each system answers to an operation on `id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// The CRM: its own id of the customer and a health from 0 to 99, always the same for the same customer.
    #[serde(rename_all = "camelCase")]
    Crm {
        /// Always true.
        ok: bool,
        /// The customer's id in the CRM.
        crm_id: String,
        /// 0..=99.
        health: u64,
    },
    /// Billing: the invoice it wrote.
    #[serde(rename_all = "camelCase")]
    Billing {
        /// Always true.
        ok: bool,
        /// The invoice's id.
        invoice_id: String,
    },
    /// Dispatch: the visit it booked.
    #[serde(rename_all = "camelCase")]
    Dispatch {
        /// Always true.
        ok: bool,
        /// The visit's id.
        visit_id: String,
    },
    /// The vendor portal: the order it took.
    #[serde(rename_all = "camelCase")]
    Vendor {
        /// Always true.
        ok: bool,
        /// The order's id.
        order_id: String,
    },
}

impl Answer {
    /// The answer of `system`, or None when there is no such system.
    pub fn of(system: &str, operation: &str, id: &str) -> Option<Self> {
        let number = number_of(id);
        let named = |prefix: &str| format!("{prefix}-{operation}-{number:08}");
        Some(match system {
            "crm" => {
                Answer::Crm { ok: true, crm_id: format!("C-{number:08}"), health: number % 100 }
            }
            "billing" => Answer::Billing { ok: true, invoice_id: named("INV") },
            "dispatch" => Answer::Dispatch { ok: true, visit_id: named("VIS") },
            "vendor" => Answer::Vendor { ok: true, order_id: named("ORD") },
            _ => return None,
        })
    }
}

/// A number below 10⁸ that depends only on `id` (FNV-1a).
fn number_of(id: &str) -> u64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % 100_000_000
}

pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/{system}/{operation}/{id}", post(act))
        .route("/calls", get(calls).delete(clear))
        .route("/counts", get(counts))
        .route("/control", get(control).put(set_control))
        .with_state(world)
}

async fn act(
    State(world): State<Arc<World>>,
    Path((system, operation, id)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(answer) = Answer::of(&system, &operation, &id) else {
        return problem(StatusCode::NOT_FOUND, &format!("there is no system `{system}`"));
    };
    let body = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&body) };
    let Ok(body) = body else { return problem(StatusCode::BAD_REQUEST, "the body is not JSON") };
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    let asked = Asked { system, operation, id, key, body };
    let verdict = world.gate.judge();
    if !verdict.latency.is_zero() {
        tokio::time::sleep(verdict.latency).await;
    }
    if let Some(status) = verdict.refusal {
        world.ledger.refuse(asked, status);
        return refusal(status);
    }
    Json(world.ledger.perform(asked, json!(answer))).into_response()
}

fn refusal(status: u16) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let answer = problem(code, "told to fail");
    if code == StatusCode::TOO_MANY_REQUESTS {
        ([("retry-after", "1")], answer).into_response()
    } else {
        answer
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    (status, Json(json!({ "ok": false, "error": detail }))).into_response()
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Calls {
    items: Vec<CallRecord>,
    next_after: Option<u64>,
}

async fn calls(State(world): State<Arc<World>>, Query(page): Query<Page>) -> Json<Calls> {
    let limit = page.limit.unwrap_or(1000).clamp(1, 10_000);
    let items = world.ledger.page(page.after, limit);
    let next_after = if items.len() == limit { items.last().map(|call| call.seq) } else { None };
    Json(Calls { items, next_after })
}

#[derive(Serialize)]
struct Counts {
    items: Vec<Count>,
}

async fn counts(State(world): State<Arc<World>>) -> Json<Counts> {
    Json(Counts { items: world.ledger.counts() })
}

async fn clear(State(world): State<Arc<World>>) -> StatusCode {
    world.ledger.clear();
    StatusCode::NO_CONTENT
}

async fn control(State(world): State<Arc<World>>) -> Json<Control> {
    Json(world.gate.control())
}

async fn set_control(State(world): State<Arc<World>>, Json(control): Json<Control>) -> StatusCode {
    world.gate.set(control);
    StatusCode::NO_CONTENT
}
