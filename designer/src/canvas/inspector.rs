//! The form of what is chosen, beside the canvas.

mod action;
mod decision;
mod duration;
mod field;
mod form;
mod leads;
mod outcomes;
mod owner;
mod set;
mod task;
mod trigger;

use super::{
    icon::Icon,
    model::{Canvas, Chosen},
};
use crate::editor::{Command, Input, kinds};
use duration::DurationField;
use field::{Choices, Place, ProblemLines, SelectField, TextField};
use leptos::{html, prelude::*};

/// Shows the form of the one node or edge that is chosen.
#[component]
pub(super) fn Inspector(canvas: Canvas) -> impl IntoView {
    let panel = NodeRef::<html::Aside>::new();
    Effect::new(move |_| {
        canvas.chosen.track();
        // Another step's settings begin at their top.
        if let Some(panel) = panel.get() {
            panel.set_scroll_top(0);
        }
    });
    view! {
        <aside class="jc-inspector" aria-label="Settings" node_ref=panel on:focusout=move |_| canvas.send(Input::Settle)>
            {move || match canvas.chosen.get() {
                Chosen::Nothing => view! { <Overview canvas/> }.into_any(),
                Chosen::Node { id, kind } => view! { <NodeForm canvas id kind/> }.into_any(),
                Chosen::Edge(id) => view! { <EdgeForm canvas id/> }.into_any(),
                Chosen::Several(count) => view! { <SeveralForm canvas count/> }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn Overview(canvas: Canvas) -> impl IntoView {
    let counts = move || {
        canvas.follow();
        canvas.read(|editor| {
            let draft = editor.draft();
            (draft.nodes.len(), draft.edges.len())
        })
    };
    view! {
        <div class="jc-overview" data-inspector="journey">
            <h2>"Journey"</h2>
            <p class="jc-muted">
                {move || {
                    let (nodes, edges) = counts();
                    format!("{nodes} steps · {edges} connections")
                }}
            </p>
            <p>"Choose a step to change its settings."</p>
            <dl class="jc-keys">
                <dt>"Connect"</dt><dd>"drag from a dot on a step's right side"</dd>
                <dt>"Pan"</dt><dd>"drag the ground, or hold Space"</dd>
                <dt>"Zoom"</dt><dd>"wheel or pinch"</dd>
                <dt>"Choose several"</dt><dd>"Shift + drag"</dd>
                <dt>"Copy, paste"</dt><dd>"Ctrl+C, Ctrl+V"</dd>
                <dt>"Duplicate"</dt><dd>"Ctrl+D"</dd>
                <dt>"Undo, redo"</dt><dd>"Ctrl+Z, Ctrl+Shift+Z"</dd>
                <dt>"Delete"</dt><dd>"Del"</dd>
            </dl>
        </div>
    }
}

#[component]
fn NodeForm(canvas: Canvas, id: String, kind: String) -> impl IntoView {
    let place = Place::new(canvas, id.clone());
    let title = kinds::title(&kind).to_owned();
    let form = match kind.as_str() {
        "trigger" => view! { <trigger::TriggerForm place/> }.into_any(),
        "task" => view! { <task::TaskForm place/> }.into_any(),
        "action" => view! { <action::ActionForm place/> }.into_any(),
        "decision" => view! { <decision::DecisionForm place/> }.into_any(),
        "join" => view! { <JoinForm place/> }.into_any(),
        "wait" => view! { <DurationField place label="How long" pointer="/for"/> }.into_any(),
        "set" => view! { <set::SetForm place/> }.into_any(),
        "end" => view! {
            <TextField place label="Outcome" pointer="/outcome" hint="What the instance is said to have ended with, e.g. onboarded."/>
        }
        .into_any(),
        "note" => view! { <TextField place label="Text" pointer="/text" rows=6_u32/> }.into_any(),
        _ => view! { <p class="jc-muted">"Its settings are kept as they are."</p> }.into_any(),
    };
    let named = kind != "note";
    let (inspected, accent) = (id.clone(), kind.clone());
    view! {
        <div class="jc-form" data-inspector=inspected data-kind=accent>
            <header class="jc-form-head">
                <span class="jc-badge-kind"><Icon name=kind/></span>
                <div>
                    <h2>{title}</h2>
                    <code>{id}</code>
                </div>
                <ChosenTools canvas/>
            </header>
            <ProblemLines place pointer=""/>
            {named.then(|| view! { <TextField place label="Name" pointer="/name"/> })}
            {form}
            <leads::Leads place/>
        </div>
    }
}

#[component]
fn ChosenTools(canvas: Canvas) -> impl IntoView {
    view! {
        <div class="jc-form-tools">
            <button
                type="button"
                class="jc-tool"
                data-action="duplicate"
                title="Duplicate (Ctrl+D)"
                aria-label="Duplicate"
                on:click=move |_| canvas.send(Input::Command(Command::Duplicate))
            >
                <Icon name="copy"/>
            </button>
            <DeleteTool canvas/>
        </div>
    }
}

#[component]
fn DeleteTool(canvas: Canvas) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool danger"
            data-action="delete"
            title="Delete (Del)"
            aria-label="Delete"
            on:click=move |_| canvas.send(Input::Command(Command::Delete))
        >
            <Icon name="trash"/>
        </button>
    }
}

#[component]
fn JoinForm(place: Place) -> impl IntoView {
    let choices: Choices = vec![
        ("all".to_owned(), "all branches have arrived".to_owned()),
        ("any".to_owned(), "the first branch arrives".to_owned()),
    ];
    view! { <SelectField place label="Go on when" pointer="/need" choices=Signal::stored(choices)/> }
}

#[component]
fn EdgeForm(canvas: Canvas, id: String) -> impl IntoView {
    let from_decision = canvas.read(|editor| {
        let draft = editor.draft();
        let edge = draft.edges.iter().find(|edge| edge.id == id);
        edge.and_then(|edge| draft.node(&edge.from)).is_some_and(|node| node.kind == "decision")
    });
    let (inspected, shown) = (id.clone(), id.clone());
    view! {
        <div class="jc-form" data-inspector=inspected>
            <header class="jc-form-head">
                <div>
                    <h2>"Connection"</h2>
                    <code>{shown}</code>
                </div>
                <div class="jc-form-tools"><DeleteTool canvas/></div>
            </header>
            <decision::WayFields canvas edge=id conditional=from_decision/>
        </div>
    }
}

#[component]
fn SeveralForm(canvas: Canvas, count: usize) -> impl IntoView {
    view! {
        <div class="jc-form" data-inspector="several">
            <header class="jc-form-head">
                <div><h2>{format!("{count} steps chosen")}</h2></div>
                <ChosenTools canvas/>
            </header>
            <p class="jc-muted">"Drag one to move them all; arrow keys move them by a step of the grid."</p>
        </div>
    }
}
