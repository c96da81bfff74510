//! The part with the lists, and with what is set up once and seldom looked at.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the macro fails for a function whose part does not come"
)]

use super::{Draw, Later};
use crate::pages::{
    account::AccountPage, accounts::AccountsPage, calendar::CalendarPage, calendars::CalendarsPage,
    connectors::ConnectorsPage, instances::InstancesPage, journeys::JourneysPage,
    migration::MigrationPage, migrations::MigrationsPage, reviews::ReviewsPage,
    servers::ServersPage, settings::SettingsPage, shadow::ShadowPage, why::WhyPage,
};
use leptos::{
    prelude::*,
    wasm_split::{SplitLoaderError, wasm_split},
};

/// Pages that list, and pages on which things are set up.
#[derive(Clone, Copy)]
pub(crate) enum Desk {
    Account,
    Accounts,
    Calendar,
    Calendars,
    Connectors,
    Instances,
    Journeys,
    Migration,
    Migrations,
    Reviews,
    Servers,
    Settings,
    Shadow,
    Why,
}

impl Later for Desk {
    async fn code() -> Result<Draw<Self>, SplitLoaderError> {
        desk().await
    }

    fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Accounts => "accounts",
            Self::Calendar => "calendar",
            Self::Calendars => "calendars",
            Self::Connectors => "connectors",
            Self::Instances => "instances",
            Self::Journeys => "journeys",
            Self::Migration => "migration",
            Self::Migrations => "migrations",
            Self::Reviews => "reviews",
            Self::Servers => "servers",
            Self::Settings => "settings",
            Self::Shadow => "shadow",
            Self::Why => "why",
        }
    }
}

#[wasm_split(desk, wasm_split_path = ::leptos::wasm_split, fallible)]
fn desk() -> Result<Draw<Desk>, SplitLoaderError> {
    Ok(draw)
}

fn draw(page: Desk) -> AnyView {
    match page {
        Desk::Account => view! { <AccountPage/> }.into_any(),
        Desk::Accounts => view! { <AccountsPage/> }.into_any(),
        Desk::Calendar => view! { <CalendarPage/> }.into_any(),
        Desk::Calendars => view! { <CalendarsPage/> }.into_any(),
        Desk::Connectors => view! { <ConnectorsPage/> }.into_any(),
        Desk::Instances => view! { <InstancesPage/> }.into_any(),
        Desk::Journeys => view! { <JourneysPage/> }.into_any(),
        Desk::Migration => view! { <MigrationPage/> }.into_any(),
        Desk::Migrations => view! { <MigrationsPage/> }.into_any(),
        Desk::Reviews => view! { <ReviewsPage/> }.into_any(),
        Desk::Servers => view! { <ServersPage/> }.into_any(),
        Desk::Settings => view! { <SettingsPage/> }.into_any(),
        Desk::Shadow => view! { <ShadowPage/> }.into_any(),
        Desk::Why => view! { <WhyPage/> }.into_any(),
    }
}
