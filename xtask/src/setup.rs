//! What the machine needs beyond Rust: each part is looked for first, and installed only when it is missing.

mod axe;
mod browser;
mod components;
mod debian;
mod postgres;
mod schemathesis;
mod wasm_target;

pub(crate) use axe::{CHOSEN as AXE, axe};
pub(crate) use browser::chromium;
pub(crate) use components::components;
pub(crate) use postgres::postgres;
pub(crate) use schemathesis::{CHOSEN as SCHEMATHESIS, schemathesis};
pub(crate) use wasm_target::WasmToolchain;
