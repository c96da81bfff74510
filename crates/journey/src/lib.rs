//! The journey model and its engine: what a designer draws, what is wrong with it, and what an instance does next.
//!
//! No clock, no randomness, no IO, no async: the same code decides in the server and in the browser.

pub mod calendar;
pub mod check;
pub mod diff;
mod document;
pub mod draft;
pub mod effect;
pub mod engine;
pub mod event;
pub mod explain;
pub mod expr;
pub mod flow;
pub mod format;
pub mod instance;
pub mod limits;
pub mod listing;
pub mod migrate;
pub mod passage;
pub mod ports;
pub mod record;
pub mod recurrence;
mod references;
pub mod rehearsal;
pub mod sample;
#[cfg(feature = "schema")]
mod schema;
mod settings;
pub mod sla;
pub mod standing;
pub mod template;
mod time;
pub mod workspace;

pub use check::{Diagnostic, Severity, check, references, reopen};
pub use document::Document;
pub use draft::Draft;
pub use effect::{Ask, Effect};
pub use engine::{Context, Rejection, Step, preview, step};
pub use event::Event;
pub use instance::{Instance, Position, Status, Wait};
pub use journey::Journey;
pub use record::{Fact, Record};
pub use references::{Called, References};
#[cfg(feature = "schema")]
pub use schema::schema;
pub use time::{Date, Timestamp};
pub use workspace::Workspace;

pub mod journey;

#[cfg(test)]
#[path = "../tests/dice/dice.rs"]
mod dice;
