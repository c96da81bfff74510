//! What no one crate can promise is tested here, on the built programs: a real browser, a real server, real systems around it.

pub mod accessible;
pub mod canvas;
pub mod cdp;
pub mod cluster;
pub mod command;
pub mod crm;
pub mod disk;
pub mod document;
pub mod filled;
pub mod legible;
pub mod likeness;
pub mod load;
pub mod mock;
pub mod postgres;
pub mod program;
pub mod raw;
pub mod server;
pub mod stage;
pub mod telco;
pub mod visit;
pub mod webhook;
pub mod wire;
