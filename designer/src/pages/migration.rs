//! One move of instances: how far it is, what becomes of each instance, and the ways to do it and to take it back.

mod looked;

use super::{id_in_path, making::Making, moment, people::People};
use crate::{
    api,
    app::SignedIn,
    load::read,
    messages::{Text, plural, t},
    parts::{Dialog, Icon, PageHead, Toasts},
    words::{grouped, moves::OUTCOMES, spoken},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use looked::LookedAt;
use std::time::Duration;
use wire::{Created, Migration, NewMigration, Role};

/// A move that goes on is read again after this long.
const AGAIN: Duration = Duration::from_millis(700);

/// The migration in the address.
#[component]
pub(crate) fn MigrationPage() -> impl IntoView {
    let (id, params) = (id_in_path(), use_params_map());
    let migration = Memo::new(move |_| params.read().get("migration").unwrap_or_default());
    let base = Memo::new(move |_| format!("/journeys/{}/migrations/{}", id.get(), migration.get()));
    let held = read::<Migration>(move || base.get());
    held.follow(AGAIN, |held| held.state == "running");
    let outcome = RwSignal::new(String::new());
    view! {
        <div class="page" data-page="migration">
            {held.show(move |migration| view! { <Head migration id/> })}
            {move || held.ready().map(|migration| view! { <Counts migration outcome/> })}
            <LookedAt id base outcome held/>
        </div>
    }
}

#[component]
fn Head(migration: Migration, id: Memo<String>) -> impl IntoView {
    let people = expect_context::<People>();
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let asking = RwSignal::new(false);
    let title = t!("Version {from} to {to}", from = migration.from, to = migration.to);
    let (tone, word) = match (migration.state.as_str(), migration.dry_run) {
        ("running", _) => ("accent", t!("Running").to_owned()),
        ("done", true) => ("good", t!("Looked at").to_owned()),
        ("done", false) => ("good", t!("Done").to_owned()),
        (other, _) => ("danger", spoken(other)),
    };
    let can_move = draws && migration.dry_run && migration.state == "done";
    let by = migration.started_by.clone();
    let left = plural!(
        migration.left,
        "{count} instance follows version {from} now",
        "{count} instances follow version {from} now",
        from = migration.from
    );
    view! {
        <PageHead title back=("/journeys", t!("Journeys"))>
            <a class="button" href=move || format!("/journeys/{}/migrations", id.get())>{t!("All moves")}</a>
            {can_move.then(|| view! { <button class="button primary" type="button" data-action="move" on:click=move |_| asking.set(true)>{t!("Move them")}</button> })}
        </PageHead>
        <div class="facts" data-state=migration.state.clone()>
            <span class=format!("chip {tone}")>{word}</span>
            <span>{move || people.name(&by)}" · "{moment(&migration.started_at)}</span>
            <span>{left}</span>
        </div>
        {(!migration.note.is_empty()).then(|| view! { <p class="notice" role="status"><Icon name="alert"/><span>{migration.note.clone()}</span></p> })}
        <Dialog open=asking title=t!("Move these instances") name="move"><MoveForm migration=migration.clone() id open=asking/></Dialog>
    }
}

#[component]
fn MoveForm(migration: Migration, id: Memo<String>, open: RwSignal<bool>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let making = Making::new();
    let clean = migration.outcomes.get("moves_cleanly").copied().unwrap_or_default();
    let asked = StoredValue::new(NewMigration {
        from: migration.from,
        to: migration.to,
        mapping: migration.mapping,
        dry_run: false,
    });
    let go = move |_| {
        let base = format!("/journeys/{}/migrations", id.get_untracked());
        making.make(async move {
            let made: Created = api::post(&base, &asked.get_value()).await?;
            toasts.say(t!("They are being moved."));
            open.try_set(false);
            Ok(format!("{base}/{}", made.id))
        });
    };
    view! {
        <p>{plural!(clean, "{count} instance moves now. It goes on where it stands; nothing is done again. What cannot move stays.", "{count} instances move now. Each goes on where it stands; nothing is done again. What cannot move stays.")}</p>
        {making.refused()}
        <div class="actions">
            <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Not now")}</button>
            <button class="button primary" type="button" data-action="confirm-move" disabled=move || making.busy() on:click=go>{t!("Move them")}</button>
        </div>
    }
}

/// How many came to what; pressing one keeps the list to it.
#[component]
fn Counts(migration: Migration, outcome: RwSignal<String>) -> impl IntoView {
    let there = OUTCOMES
        .into_iter()
        .filter_map(|(name, words, ..)| Some((name, words, *migration.outcomes.get(name)?)));
    let tile = move |(name, words, number): (&'static str, Text, u64)| {
        let chosen = move || outcome.with(|outcome| outcome == name);
        let press =
            move |_| outcome.set(if untrack(chosen) { String::new() } else { name.to_owned() });
        view! {
            <button class="card tile" type="button" data-outcome=name aria-pressed=move || chosen().to_string() on:click=press>
                <span class="label">{words.said()}</span><span class="figure">{grouped(number)}</span>
            </button>
        }
    };
    view! { <div class="tiles" data-field="outcomes">{there.map(tile).collect_view()}</div> }
}
