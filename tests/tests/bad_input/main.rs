//! Every bad input over HTTP has its clear answer, changes nothing, and harms nobody else.

mod bodies;
mod connectors;
mod drafts;
mod hooks;
mod inputs;
mod lists;
mod roles;
mod sessions;
