//! The journey canvas: drawing a journey, and showing the way an instance took on the same drawing.
//!
//! Attributes that stay as they are, for tests and for whoever scripts a browser:
//! `[data-canvas=stage]` the surface; `[data-palette=KIND]` a kind in the palette; `[data-offer=KIND]` a kind on offer;
//! `[data-node=ID]` a card; `[data-port="ID:PORT"]` a port to draw from (a decision's `out` adds a way, `default` is its other way);
//! `[data-group=ID]` a group's frame or the card it is collapsed into, `[data-collapse=ID]` does the one or the other;
//! `[data-input=ID]` where edges arrive; `[data-edge=ID]` an edge; `[data-problem=ID]` a node's badge;
//! `[data-problems-count=N]` how many problems there are; `[data-problem-code=CODE]` one of the problems' list; `[data-stop=ID]` a step of how one comes about;
//! `[data-action=undo|redo|history|tidy|zoom-in|zoom-out|zoom-reset|fit|outline|search|keys|problems|delete|duplicate|line-left|…]` a tool;
//! `[data-panel=history|find|outline|rehearsal]` a panel over the canvas; `[data-row=ID]` a step in the outline, `[data-lead="ID:EDGE"]` where one of its ways leads, `[data-add-after="ID:PORT"]` adds a step there; `[data-found=ID]` a step that was found; `[data-rename]` the field for another name; `[data-tool=minimap]` the whole drawing in small;
//! `[data-inspector=ID]` the form of what is chosen; `[data-field=POINTER]` one of its fields (`/sla/due`, `/name`; `/leads/PORT` where a port leads);
//! `[data-sign=here|late|failed|took|visits]` what many instances did at a step;
//! `[data-field-problem=POINTER]` what is wrong with a field; `[data-add=LIST]` adds a row to a list, `[data-remove="LIST/N"]` takes one away.

#![expect(unreachable_pub, reason = "the component macro makes public what a component is made of")]

mod drawn;
mod edge;
mod far;
mod find;
mod groups;
mod icon;
mod inspector;
mod keys;
mod marks;
mod minimap;
mod model;
mod near;
mod node;
mod offer;
mod outline;
mod palette;
mod past;
mod problems;
mod rehearsal;
mod rename;
mod stage;
mod toolbar;
mod traffic;

use crate::editor::{Command, Input, Path, shortcut};
use crate::messages::t;
use drawn::Chosen;
use find::Find;
use inspector::{Eyes, Inspector};
pub use inspector::{ToTry, TryOperation};
use journey::{Diagnostic, Draft, Workspace, calendar::Calendars};
use keys::KeyMap;
use leptos::{ev, prelude::*};
use minimap::Minimap;
use model::{Canvas, Listeners};
use offer::KindOffer;
use outline::Outline;
use palette::Palette;
use past::Past;
use problems::Problems;
pub use rehearsal::FindAccount;
use rehearsal::{Rehearsal, RehearsalPanel};
use rename::{RenameField, Renaming};
use stage::Stage;
use toolbar::{Panels, Toolbar, ZoomTools};
pub use traffic::{Sign, Tone, Traffic};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Draws and edits one draft: palette, canvas, toolbar, inspector and problems.
///
/// `draft` is loaded once; whenever it is then set to something the editor does not hold (a conflict was resolved, a version restored),
/// it takes the place of what is drawn as a step that can be undone. `gave_way` is set to a draft that gave way to what is drawn. `workspace` and `calendars` are what a rehearsal goes by. `on_change` gets every change for saving; `on_problems` what `check` says of it.
#[component]
pub fn JourneyEditor(
    #[prop(into)] draft: Signal<Draft>,
    #[prop(into)] gave_way: Signal<Option<Draft>>,
    #[prop(into)] workspace: Signal<Workspace>,
    #[prop(into)] calendars: Signal<Calendars>,
    #[prop(into)] on_change: Callback<Draft>,
    #[prop(optional, into)] on_problems: Option<Callback<Vec<Diagnostic>>>,
) -> impl IntoView {
    let run = RwSignal::new(None);
    let listeners = Listeners { on_change: Some(on_change), on_problems };
    let canvas = Canvas::editing(run.into(), listeners);
    let rehearsal = Rehearsal::new(canvas, run, calendars);
    provide_context(Eyes::closed(calendars));
    let renaming = Renaming::default();
    provide_context(renaming);
    let (space, panels) = (RwSignal::new(false), Panels::at_first());
    Effect::new(move |_| canvas.send(Input::Workspace(workspace.get())));
    edit(canvas, draft);
    Effect::new(move |_| {
        if let Some(other) = gave_way.get() {
            canvas.send(Input::GaveWay(other));
        }
    });
    view! {
        <div
            class="jc"
            class:run=move || run.with(Option::is_some)
            on:keydown=move |event| key_down(canvas, renaming, (space, panels), &event)
            on:keyup=move |event: ev::KeyboardEvent| {
                if event.key() == " " {
                    space.set(false);
                }
            }
            on:copy=move |event| copy(canvas, Command::Copy, &event)
            on:cut=move |event| copy(canvas, Command::Cut, &event)
            on:paste=move |event| paste(canvas, &event)
        >
            <Palette canvas/>
            <div class="jc-middle">
                <Toolbar canvas panels/>
                <Stage canvas space/>
                <Minimap canvas/>
                <Outline canvas open=panels.outline/>
                <KindOffer canvas/>
                <RenameField canvas renaming/>
                <Find canvas open=panels.find/>
                <Past canvas open=panels.past/>
                <Problems canvas open=panels.problems/>
                <RehearsalPanel rehearsal open=panels.rehearsal/>
            </div>
            <Inspector canvas/>
            <KeyMap open=panels.keys/>
            <div class="jc-said" role="status" aria-live="polite">{move || canvas.said.get()}</div>
        </div>
    }
}

/// Shows the journey's hooks; given the name the trigger's setting has. In the context of an editor whose page can.
#[derive(Clone, Copy)]
pub struct OpenHooks(pub Callback<String>);

/// Ways to try the drawing beyond a rehearsal. In the context of an editor whose page has them.
#[derive(Clone, Copy)]
pub struct Trials {
    /// Asks what it would have done, had it been live for some time.
    pub backtest: Callback<()>,
    /// Lets it watch what happens from now on.
    pub shadow: Callback<()>,
}

/// A thing of a drawing that somebody is to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// By its id.
    Node(String),
    /// By its id.
    Edge(String),
}

/// Shows a journey read-only, with the way an instance took or what many did; what `spot` names is brought into view and chosen. `on_choose` is
/// told which step is chosen on the drawing.
#[component]
pub fn JourneyView(
    #[prop(into)] draft: Signal<Draft>,
    #[prop(into)] path: Signal<Path>,
    #[prop(optional, into)] spot: Signal<Option<Spot>>,
    #[prop(optional)] traffic: Option<Signal<Traffic>>,
    #[prop(optional)] on_choose: Option<Callback<String>>,
) -> impl IntoView {
    let canvas = Canvas::surveying(traffic, Signal::derive(move || Some(path.get())));
    if let Some(on_choose) = on_choose {
        Effect::new(move |_| {
            if let Chosen::Node { id, .. } = canvas.chosen.get() {
                on_choose.run(id);
            }
        });
    }
    Effect::new(move |_| {
        canvas.send(Input::Load(draft.get()));
        let (node, edge) = match spot.get() {
            Some(Spot::Node(id)) => (Some(id), None),
            Some(Spot::Edge(id)) => (None, Some(id)),
            None => return,
        };
        canvas.send(Input::Show { node, edge });
    });
    view! {
        <div class="jc viewing" class:run=move || path.with(|path| !path.entered.is_empty())>
            <div class="jc-middle">
                <div class="jc-toolbar" role="toolbar" aria-label=t!("Canvas tools")>
                    <ZoomTools canvas/>
                </div>
                <Stage canvas space=RwSignal::new(false)/>
            </div>
        </div>
    }
}

/// Loads the first draft, and puts a later one in its place when it is not what the editor holds.
fn edit(canvas: Canvas, draft: Signal<Draft>) {
    Effect::new(move |loaded: Option<()>| {
        let draft = draft.get();
        if loaded.is_none() {
            canvas.send(Input::Load(draft));
        } else if canvas.read(|editor| *editor.draft() != draft) {
            canvas.send(Input::Replace(draft));
        }
    });
}

fn key_down(
    canvas: Canvas,
    renaming: Renaming,
    (space, panels): (RwSignal<bool>, Panels),
    event: &ev::KeyboardEvent,
) {
    let command = event.ctrl_key() || event.meta_key();
    if command && event.key().eq_ignore_ascii_case("f") {
        event.prevent_default();
        return panels.find.set(true);
    }
    if is_typing(event) || panels.keys.get_untracked() {
        return;
    }
    if event.key() == "F2" && renaming.begin(canvas) {
        return event.prevent_default();
    }
    if event.key() == "?" {
        event.prevent_default();
        return panels.keys.set(true);
    }
    if event.key().eq_ignore_ascii_case("o") && !command {
        event.prevent_default();
        return panels.outline.update(|open| *open = !*open);
    }
    if event.key().eq_ignore_ascii_case("r") && !command {
        event.prevent_default();
        return panels.rehearsal.update(|open| *open = !*open);
    }
    if event.key() == "Enter" && (on_stage(event) || outline::on_step(event)) {
        event.prevent_default();
        return focus_settings(event);
    }
    if event.key() == " " {
        if on_stage(event) {
            event.prevent_default();
            space.set(true);
        }
        return;
    }
    if let Some(command) = shortcut(&event.key(), command, event.shift_key()) {
        event.prevent_default();
        canvas.send(Input::Command(command));
    }
}

/// Leads the keyboard from the canvas to the first field of what is chosen there.
fn focus_settings(event: &ev::KeyboardEvent) {
    let editor = target(event).and_then(|stage| stage.closest(".jc").ok().flatten());
    let field = editor.and_then(|editor| {
        editor.query_selector("[data-inspector] :is(input, textarea, select)").ok().flatten()
    });
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A field that cannot have the focus leaves it where it is.
        let _ = field.focus();
    }
}

fn copy(canvas: Canvas, command: Command, event: &ev::ClipboardEvent) {
    if is_typing(event) {
        return;
    }
    canvas.send(Input::Command(command));
    if let (Some(text), Some(board)) = (canvas.take_copied(), event.clipboard_data()) {
        // A browser that refuses keeps its clipboard as it was.
        let _ = board.set_data("text/plain", &text);
        event.prevent_default();
    }
}

fn paste(canvas: Canvas, event: &ev::ClipboardEvent) {
    if is_typing(event) {
        return;
    }
    let text = event.clipboard_data().and_then(|board| board.get_data("text/plain").ok());
    if let Some(text) = text {
        event.prevent_default();
        canvas.send(Input::Paste { text });
    }
}

/// Whether a key or the clipboard is meant for a field rather than the canvas.
fn is_typing(event: &web_sys::Event) -> bool {
    on_kind(event, "input, textarea, select")
}

fn on_stage(event: &web_sys::Event) -> bool {
    on_kind(event, "[data-canvas=stage]")
}

/// Whether what an event happened to is what a selector names.
fn on_kind(event: &web_sys::Event, selector: &str) -> bool {
    target(event).is_some_and(|target| target.matches(selector).unwrap_or(false))
}

fn target(event: &web_sys::Event) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()
}
