//! What a rehearsal takes from the workspace: its calendars, and an account to begin with.

use crate::{
    api,
    load::load,
    messages::t,
    pages::account_search::AccountSearch,
    parts::{ProblemView, Toasts},
};
use journey::calendar::{Calendar, CalendarDraft, Calendars};
use leptos::prelude::*;
use serde_json::{Map, Value};
use wire::{Account, AccountRef, Page, Problem, Team};

/// Most teams whose calendars are asked for.
const TEAMS: u32 = 500;

/// The workspace's calendars, and which of them each team keeps; the standard one until they are there.
pub(super) fn calendars() -> Signal<Calendars> {
    let held = load(|| async {
        let calendars: Page<CalendarDraft> = api::get("/calendars").await?;
        let teams: Page<Team> = api::get(&format!("/teams?limit={TEAMS}")).await?;
        Ok((calendars.items, teams.items))
    });
    Signal::derive(move || {
        held.ready().map(|(drafts, teams)| made(drafts, teams)).unwrap_or_default()
    })
}

fn made(drafts: Vec<CalendarDraft>, teams: Vec<Team>) -> Calendars {
    let mut all: Vec<Calendar> =
        drafts.into_iter().filter_map(|draft| Calendar::try_from(draft).ok()).collect();
    let standard = all.iter().position(|calendar| calendar.name() == Calendar::standard().name());
    let standard = standard.map_or_else(|| Calendar::standard().clone(), |at| all.remove(at));
    let kept = teams.into_iter().filter_map(|team| Some((team.name, team.calendar?)));
    Calendars::new(standard, all).kept_by(kept)
}

/// A search that gives the fields of the account that is chosen, as expressions read them.
pub(super) fn find_account(found: Callback<Map<String, Value>>) -> AnyView {
    view! { <Find found/> }.into_any()
}

#[component]
fn Find(found: Callback<Map<String, Value>>) -> impl IntoView {
    let chosen = RwSignal::new(None::<AccountRef>);
    let problem = RwSignal::new(None::<Problem>);
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        let Some(account) = chosen.get() else { return };
        leptos::task::spawn_local(async move {
            match api::get::<Account>(&format!("/accounts/{}", account.id)).await {
                Ok(account) => {
                    toasts.say(&t!("{account} is chosen.", account = account.name));
                    found.run(as_read(account));
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    });
    view! {
        <AccountSearch chosen/>
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
    }
}

/// An account as expressions read it: its own fields flat beside the known ones.
fn as_read(account: Account) -> Map<String, Value> {
    let Ok(Value::Object(mut record)) = serde_json::to_value(account) else { return Map::new() };
    record.remove("created_at");
    record.remove("updated_at");
    if let Some(Value::Object(fields)) = record.remove("fields") {
        record.extend(fields);
    }
    record
}
