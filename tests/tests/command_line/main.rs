//! The command line as people and scripts meet it: every bad input has one line and an exit code, and nothing is lost.

mod backup;
mod commands;
mod deploy;
mod help;
mod import;
mod serve;
mod slow_clients;
mod stopping;
mod verify;
