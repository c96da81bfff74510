//! Request and response bodies, shared by the server, the designer and the command line.
//!
//! JSON, `snake_case`, times RFC 3339 in UTC, durations ISO 8601. Ids carry their kind (`jrn_…`, `ins_…`) and are opaque.

mod account;
mod admin;
mod backtest;
mod calendar;
mod connector;
mod event;
mod flow;
mod instance;
mod journey;
mod migration;
mod notice;
mod patch;
mod problem;
mod review;
mod session;
mod stream;
mod task;
mod why;
mod would_have;

pub use account::*;
pub use admin::*;
pub use backtest::*;
pub use calendar::*;
pub use connector::*;
pub use event::*;
pub use flow::*;
pub use instance::*;
pub use journey::*;
pub use migration::*;
pub use notice::*;
pub use patch::*;
pub use problem::*;
pub use review::*;
pub use session::*;
pub use stream::*;
pub use task::*;
pub use why::*;
pub use would_have::*;

use serde::{Deserialize, Serialize};

/// One page of a list; `next_cursor` is null on the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

/// The id of what a request made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Created {
    pub id: String,
}
