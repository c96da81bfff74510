//! Rehearsing what is drawn: the real engine on a clock that is set by hand, and nothing reaches outside.
//!
//! Attributes that stay as they are: `[data-panel=rehearsal]`; `[data-open=PLACE]` something that waits, `[data-choose=PLACE]` opens it;
//! `[data-move=N]` a move, from 0; `[data-test=ID]` a test case in the list of results; `[data-field=rehearsal-now]` the clock.

mod begin;
mod cases;
mod choices;
mod expecting;
mod held;
mod state;
mod story;
mod waiting;

use super::icon::Icon;
use crate::{
    clock::moment,
    editor::Input,
    messages::{plural, t},
};
use begin::Begin;
pub use begin::FindAccount;
use cases::{CaseTools, Results};
use expecting::Expecting;
use held::Held;
use journey::{Diagnostic, rehearsal::Move};
use leptos::prelude::*;
pub(super) use state::Rehearsal;
use state::Shown;
use story::Story;
use waiting::Waiting;

/// How many of the errors that keep a drawing from being rehearsed are named.
const HINDRANCES: usize = 3;

/// The panel below the canvas.
#[component]
pub(super) fn RehearsalPanel(rehearsal: Rehearsal, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Show when=move || open.get()>
            <Panel rehearsal open/>
        </Show>
    }
}

/// What keeps the drawing from being rehearsed, each a step to where it is.
#[component]
fn Hindered(rehearsal: Rehearsal, problems: Vec<Diagnostic>) -> impl IntoView {
    let more = problems.len().saturating_sub(HINDRANCES);
    let row = move |problem: Diagnostic| {
        let Diagnostic { node, edge, message, .. } = problem;
        let show = move |_| {
            rehearsal.canvas().send(Input::Show { node: node.clone(), edge: edge.clone() });
        };
        view! { <li><button type="button" class="link" data-action="show-hindrance" on:click=show>{message}</button></li> }
    };
    view! {
        <div class="jc-fine" data-state="unplayable">
            <p>{t!("The drawing cannot be rehearsed while it has errors that keep it from being read:")}</p>
            <ul>{problems.into_iter().take(HINDRANCES).map(row).collect_view()}</ul>
            {(more > 0).then(|| view! { <p>{plural!(more, "And {count} more, among the problems of the drawing.", "And {count} more, among the problems of the drawing.")}</p> })}
        </div>
    }
}

#[component]
fn Panel(rehearsal: Rehearsal, open: RwSignal<bool>) -> impl IntoView {
    rehearsal.play_along();
    on_cleanup(move || rehearsal.leave());
    let beginning = RwSignal::new(false);
    let body = move || match rehearsal.shown.get() {
        Shown::Nothing => ().into_any(),
        Shown::Unplayable(problems) => view! { <Hindered rehearsal problems/> }.into_any(),
        Shown::Played(played) => view! {
            <div class="jc-rehearsal-body">
                <Waiting rehearsal played=played.clone()/>
                <Story rehearsal played=played.clone()/>
                <Held played/>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="jc-rehearsal" aria-label=t!("Rehearsal") data-panel="rehearsal">
            <header>
                <strong>{t!("Rehearsal")}</strong>
                <CaseTools rehearsal beginning/>
                <Expecting rehearsal/>
                <span class="jc-grow"></span>
                <button type="button" class="jc-tool" data-action="close-rehearsal" aria-label=t!("Close the rehearsal") on:click=move |_| open.set(false)>
                    <Icon name="close"/>
                </button>
            </header>
            <div class="jc-rehearsal-tools" role="toolbar" aria-label=t!("Moves")>
                <Moves rehearsal/>
                <span class="jc-divider"></span>
                <Clock rehearsal/>
            </div>
            <Show when=move || beginning.get() fallback=move || view! { <Results rehearsal/>{body} }>
                <Begin rehearsal open=beginning/>
            </Show>
        </section>
    }
}

/// Going on, going back.
#[component]
fn Moves(rehearsal: Rehearsal) -> impl IntoView {
    let next = Signal::derive(move || rehearsal.next());
    let selected = rehearsal.selected();
    let none = Signal::derive(move || rehearsal.case.with(|case| case.moves.is_empty()));
    view! {
        <button type="button" class="jc-tool" data-action="rehearsal-restart" title=t!("From the beginning") aria-label=t!("From the beginning") disabled=move || none.get() on:click=move |_| rehearsal.restart()><Icon name="history"/></button>
        <button type="button" class="jc-tool" data-action="rehearsal-back" title=t!("Take back the last move") aria-label=t!("Take back the last move") disabled=move || none.get() on:click=move |_| rehearsal.take_back()><Icon name="undo"/></button>
        <button type="button" class="jc-tool wide" data-action="rehearsal-step" title=t!("What is likely to happen next") disabled=move || next.with(Option::is_none)
            on:click=move |_| { if let Some(next) = next.get_untracked() { rehearsal.make(next) } }>
            <Icon name="walk"/>{t!("Step")}
        </button>
        <button type="button" class="jc-tool wide" data-action="rehearsal-run-to" title=t!("Go on to the step that is selected on the canvas") disabled=move || selected.with(Option::is_none)
            on:click=move |_| rehearsal.make(Move::Run { to: selected.get_untracked() })>
            <Icon name="target"/>{t!("Run to here")}
        </button>
        <button type="button" class="jc-tool wide" data-action="rehearsal-run" title=t!("Go on to the end") disabled=move || next.with(Option::is_none)
            on:click=move |_| rehearsal.make(Move::Run { to: None })>
            <Icon name="last"/>{t!("Run")}
        </button>
    }
}

/// What time it is, and letting it pass.
#[component]
fn Clock(rehearsal: Rehearsal) -> impl IntoView {
    let now = move || match rehearsal.shown.get() {
        Shown::Played(played) => moment(&played.now.to_rfc3339()),
        Shown::Nothing | Shown::Unplayable(_) => String::new(),
    };
    let pass = move |name: &'static str, label: &'static str, length: Option<&'static str>| {
        let made = Move::Wait { length: length.map(str::to_owned), until: None };
        view! {
            <button type="button" class="jc-tool wide" data-action=name on:click=move |_| rehearsal.make(made.clone())>{label}</button>
        }
    };
    view! {
        <Icon name="wait"/>
        <span class="jc-clock" data-field="rehearsal-now" aria-live="polite">{now}</span>
        {pass("pass-hour", t!("+1 hour"), Some("PT1H"))}
        {pass("pass-day", t!("+1 day"), Some("P1D"))}
        {pass("pass-week", t!("+1 week"), Some("P7D"))}
        {pass("pass-next", t!("Next due"), None)}
    }
}
