//! Connectors that misbehave, run by the real host: each is stopped and named, and harms nothing but its own call.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]

mod install;
mod limits;
mod outside;
mod secrets;
mod stage;
