//! One file for each page.

#![expect(unreachable_pub, reason = "the component macro makes public what a component is made of")]

pub(crate) mod account;
mod account_search;
pub(crate) mod accounts;
pub(crate) mod backtest;
pub(crate) mod calendar;
pub(crate) mod calendars;
pub(crate) mod compare;
pub(crate) mod connectors;
pub(crate) mod home;
pub(crate) mod inbox;
pub(crate) mod instance;
pub(crate) mod instances;
pub(crate) mod journey;
pub(crate) mod journeys;
mod making;
pub(crate) mod migration;
pub(crate) mod migrations;
pub(crate) mod notices;
mod paging;
mod people;
pub(crate) mod review;
pub(crate) mod reviews;
mod rows;
pub(crate) mod runs;
pub(crate) mod servers;
pub(crate) mod settings;
pub(crate) mod shadow;
pub(crate) mod shell;
pub(crate) mod sign_in;
mod start;
pub(crate) mod task;
pub(crate) mod why;

use crate::clock::{moment, now};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The id in this page's address.
fn id_in_path() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.read().get("id").unwrap_or_default())
}

/// `base` with those parts that say something.
fn address(base: &str, parts: &[(&str, &str)]) -> String {
    let mut address = base.to_owned();
    for (name, value) in parts.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let sign = if address.contains('?') { '&' } else { '?' };
        address.push_str(&format!("{sign}{name}={}", crate::api::encoded(value.trim())));
    }
    address
}
