//! Runs journeys: claims due work, performs it, turns the answer into an event, takes a step and commits it.
//!
//! A caller is answered when what it asked for is durable, never before. Commits of many instances share one transaction. Whatever was
//! committed and not answered is done again after a restart, under the same idempotency key.

mod admission;
mod calendars;
mod causes;
mod changes;
mod children;
pub mod clock;
mod committer;
mod connections;
mod deeds;
mod dispatch;
mod fairness;
mod gates;
mod hands;
mod hints;
mod journeys;
mod lanes;
pub mod limits;
mod membership;
mod messages;
mod migrations;
mod moves;
mod paced;
mod perform;
mod poller;
mod refusals;
mod rests;
mod runtime;
mod shadow;
mod start;
mod timekeeper;
mod turn;
mod unheard;
mod why;
mod worker;

pub use admission::{Admitted, NotAdmitted};
pub use changes::Change;
pub use clock::{Clock, ManualClock, SystemClock};
pub use deeds::Opener;
pub use gates::{Breaker, Ended, Health, MAIL_SERVER};
pub use membership::JoinError;
pub use migrations::NotTakenBack;
pub use paced::Paced;
pub use perform::{CallRequest, Mail, Perform};
pub use runtime::{DeliverError, Runtime, Standing};
pub use start::{StartError, StartRequest, Started, Which};
pub use why::{Failing, Fired, NoAnswer, Why};

#[cfg(test)]
mod tests;
