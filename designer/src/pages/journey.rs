//! One journey: its editor, saved as it is drawn; publishing, versions, starting.

mod asking;
mod backtest;
mod hooks;
mod more;
mod publish;
mod rehearsed;
mod save;
mod trying;
mod versions;

use super::{id_in_path, start::StartForm};
use crate::{
    api::{self, Tagged},
    app::SignedIn,
    canvas::{FindAccount, JourneyEditor, JourneyView, OpenHooks, Trials, TryOperation},
    load::{load, read},
    messages::t,
    parts::{Dialog, Icon},
};
use backtest::BacktestForm;
pub(super) use backtest::days;
use hooks::Hooks;
use journey::{Diagnostic, Draft, Workspace};
use leptos::prelude::*;
use more::More;
use publish::PublishForm;
use rehearsed::{calendars, find_account};
use save::{SaveState, Saving};
use trying::try_operation;
use versions::Versions;
use wire::{JourneySummary, Mode, Role};

/// The journey in the address.
#[component]
pub(crate) fn JourneyPage() -> impl IntoView {
    let id = id_in_path();
    let held = load(move || {
        let id = id.get();
        async move {
            let summary: JourneySummary = api::get(&format!("/journeys/{id}")).await?;
            Ok((summary, save::read(&id).await?))
        }
    });
    let page = move |(summary, draft)| view! { <Drawn summary draft/> };
    view! { <div data-page="journey">{held.show(page)}</div> }
}

#[component]
fn Drawn(summary: JourneySummary, draft: Tagged<Draft>) -> impl IntoView {
    let SignedIn(session) = expect_context();
    let draws = session.with_untracked(|session| session.role != Role::Member);
    let id = StoredValue::new(summary.id.clone());
    document().set_title(&t!("{summary} · Waymark", summary = summary.name));
    let saving =
        Saving::new(&session.with_untracked(|session| session.email.clone()), &summary.id, draft);
    let live_version = RwSignal::new(summary.live_version);
    let problems = RwSignal::new(Vec::new());
    let (publishing, starting, listing) =
        (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let opened = move |open: RwSignal<bool>| move |_| open.set(true);
    let (hooking, hook) = (RwSignal::new(false), RwSignal::new(String::new()));
    let hooks = Callback::new(move |named: String| {
        hook.set(named);
        hooking.set(true);
    });
    provide_context(OpenHooks(hooks));
    let (testing, mode) = (RwSignal::new(false), RwSignal::new(Mode::Live));
    let publish = move |as_mode: Mode| {
        mode.set(as_mode);
        publishing.set(true);
    };
    provide_context(Trials {
        backtest: Callback::new(move |()| testing.set(true)),
        shadow: Callback::new(move |()| publish(Mode::Shadow)),
    });
    let published = Callback::new(move |(mode, number)| {
        if mode == Mode::Live {
            live_version.set(Some(number));
        }
        publishing.set(false);
    });
    view! {
        <div class="journey-page">
            <header class="journey-bar">
                <div class="titles">
                    <a class="button quiet square" href="/journeys" aria-label=t!("All journeys")><Icon name="back"/></a>
                    <h1 tabindex="-1">{move || saving.name()}</h1>
                    {move || live_version.get().map_or_else(
                        || view! { <span class="chip" data-state="draft">{t!("Draft")}</span> }.into_any(),
                        |number| view! { <span class="chip good" data-state="live">{t!("Live · v")}{number}</span> }.into_any(),
                    )}
                </div>
                {draws.then(|| view! { <SaveState saving/> })}
                <div class="actions">
                    <button class="button quiet" type="button" data-action="versions" on:click=opened(listing)><Icon name="history"/>{t!("Versions")}</button>
                    <More id draws hooks/>
                    <button class="button" type="button" data-action="start-journey" disabled=move || live_version.get().is_none() on:click=opened(starting)><Icon name="play"/>{t!("Start")}</button>
                    {draws.then(|| view! { <button class="button primary" type="button" data-action="publish" on:click=move |_| publish(Mode::Live)>{t!("Publish")}</button> })}
                </div>
            </header>
            <div class="journey-notes">{saving.banner()}</div>
            <div class="journey-stage">{stage(saving, draws, problems)}</div>
            <Dialog open=publishing title=t!("Publish this journey") name="publish"><PublishForm id saving mode problems published/></Dialog>
            <Dialog open=starting title=t!("Start this journey") name="start"><StartForm journey=id.get_value()/></Dialog>
            <Dialog open=hooking title=t!("Hooks") name="hooks"><Hooks id named=hook/></Dialog>
            <Dialog open=testing title=t!("Back-test this drawing") name="backtest"><BacktestForm id saving/></Dialog>
            <Dialog open=listing title=t!("Versions") name="versions"><Versions id saving draws open=listing/></Dialog>
        </div>
    }
}

fn stage(saving: Saving, draws: bool, problems: RwSignal<Vec<Diagnostic>>) -> AnyView {
    if !draws {
        return view! { <JourneyView draft=saving.shown path=Signal::stored(crate::editor::Path::default())/> }.into_any();
    }
    let known = read::<Workspace>(|| "/workspace".to_owned());
    let workspace = Signal::derive(move || known.ready().unwrap_or_default());
    let calendars = calendars();
    provide_context(FindAccount(find_account));
    provide_context(TryOperation(try_operation));
    view! {
        <JourneyEditor
            draft=saving.shown
            gave_way=saving.gave_way
            workspace
            calendars
            on_change=Callback::new(move |draft| saving.changed(draft))
            on_problems=Callback::new(move |found| problems.set(found))
        />
    }
    .into_any()
}
