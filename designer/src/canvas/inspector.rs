//! The form of what is chosen, beside the canvas.

mod action;
mod builder;
mod call;
mod code;
mod controls;
mod decision;
mod due;
mod duration;
mod eyes;
mod field;
mod flow;
mod for_each;
mod form;
mod group;
mod journey;
mod leads;
mod names;
mod notify;
mod outcomes;
mod owner;
mod rows;
mod set;
mod sub_journey;
mod table;
mod task;
mod trigger;
mod try_it;
mod wait;

use super::{drawn::Chosen, icon::Icon, model::Canvas};
use crate::editor::{Command, Input, Line, kinds};
use crate::messages::t;
use ::journey::ports::{holds, takes_edges};
use builder::Building;
use duration::DurationField;
pub(super) use eyes::Eyes;
use eyes::EyesBar;
use field::{Optional, Place, ProblemLines, SelectField, TextField};
use leptos::{html, prelude::*};
pub use try_it::{ToTry, TryOperation};

/// Shows the form of the one node or edge that is chosen, or of the journey itself.
#[component]
pub(super) fn Inspector(canvas: Canvas) -> impl IntoView {
    let panel = NodeRef::<html::Aside>::new();
    provide_context(Building(RwSignal::new(false)));
    Effect::new(move |_| {
        canvas.chosen.track();
        // Another step's settings begin at their top.
        if let Some(panel) = panel.get() {
            panel.set_scroll_top(0);
        }
    });
    view! {
        <aside class="jc-inspector" aria-label=t!("Settings") node_ref=panel on:focusout=move |_| canvas.send(Input::Settle)>
            <EyesBar/>
            {move || match canvas.chosen.get() {
                Chosen::Nothing => view! { <journey::JourneyForm canvas/> }.into_any(),
                Chosen::Node { id, kind } => view! { <NodeForm canvas id kind/> }.into_any(),
                Chosen::Edge(id) => view! { <EdgeForm canvas id/> }.into_any(),
                Chosen::Group(id) => view! { <group::GroupForm canvas id/> }.into_any(),
                Chosen::Several(count) => view! { <SeveralForm canvas count/> }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn NodeForm(canvas: Canvas, id: String, kind: String) -> impl IntoView {
    let place = Place::new(canvas, id.clone());
    let title = kinds::title(&kind).to_owned();
    let form = form(place, &kind);
    let named = kind != "note";
    let holds = holds(&kind);
    let changeable = takes_edges(&kind);
    let (inspected, accent) = (id.clone(), kind.clone());
    view! {
        <div class="jc-form" data-inspector=inspected data-kind=accent>
            <header class="jc-form-head">
                <span class="jc-badge-kind"><Icon name=kind/></span>
                <div>
                    <h2>{title}</h2>
                    <code>{id}</code>
                </div>
                <ChosenTools canvas>
                    {changeable.then(|| view! { <ChangeKindTool canvas/> })}
                </ChosenTools>
            </header>
            <ProblemLines place pointer=""/>
            {named.then(|| view! { <TextField place label=t!("Name") pointer="/name"/> })}
            {form}
            {holds.then(|| view! { <DurationField place label=t!("Target: nine of ten are through within") pointer="/target" optional=Optional::Yes/> })}
            {named.then(|| view! { <LaneField place/> })}
            <group::GroupField place/>
            <leads::Leads place/>
        </div>
    }
}

fn form(place: Place, kind: &str) -> AnyView {
    match kind {
        "trigger" => view! { <trigger::TriggerForm place/> }.into_any(),
        "task" => view! { <task::TaskForm place/> }.into_any(),
        "approval" => view! { <task::ApprovalForm place/> }.into_any(),
        "handoff" => view! { <task::HandoffForm place/> }.into_any(),
        "action" => view! { <action::ActionForm place/> }.into_any(),
        "ai_check" => view! { <action::AiCheckForm place/> }.into_any(),
        "decision" => view! { <decision::DecisionForm place/> }.into_any(),
        "parallel" => {
            view! { <p class="jc-hint">{t!("Every way that leaves here is taken at once.")}</p> }
                .into_any()
        }
        "join" => view! { <flow::JoinForm place/> }.into_any(),
        "for_each" => view! { <for_each::ForEachForm place/> }.into_any(),
        "wait" => view! { <wait::WaitForm place/> }.into_any(),
        "journey" => view! { <sub_journey::SubJourneyForm place/> }.into_any(),
        "set" => view! { <set::SetForm place/> }.into_any(),
        "milestone" => view! { <flow::MilestoneForm place/> }.into_any(),
        "notify" => view! { <notify::NotifyForm place/> }.into_any(),
        "end" => view! { <flow::EndForm place/> }.into_any(),
        "note" => {
            view! { <TextField place label=t!("Text") pointer="/text" rows=6_u32/> }.into_any()
        }
        _ => {
            view! { <p class="jc-muted">{t!("Its settings are kept as they are.")}</p> }.into_any()
        }
    }
}

/// The lane a step is drawn in, once the journey has lanes.
#[component]
fn LaneField(place: Place) -> impl IntoView {
    let lanes = names::lanes(place);
    let choices = Signal::derive(move || {
        let none = (String::new(), t!("no lane").to_owned());
        std::iter::once(none).chain(lanes.get()).collect()
    });
    view! {
        <Show when=move || !lanes.with(Vec::is_empty)>
            <SelectField place label=t!("Lane") pointer="/lane" choices optional=Optional::Yes/>
        </Show>
    }
}

#[component]
fn ChangeKindTool(canvas: Canvas) -> impl IntoView {
    view! {
        <ChosenTool
            canvas
            action="change-kind"
            icon="change"
            label=t!("Make it another kind")
            key="K"
            command=Command::ChangeKind
        />
    }
}

#[component]
fn ChosenTools(canvas: Canvas, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    view! {
        <div class="jc-form-tools">
            {children.map(|children| children())}
            <ChosenTool
                canvas
                action="duplicate"
                icon="copy"
                label=t!("Duplicate")
                key="Ctrl+D"
                command=Command::Duplicate
            />
            <DeleteTool canvas/>
        </div>
    }
}

#[component]
fn DeleteTool(canvas: Canvas) -> impl IntoView {
    view! {
        <ChosenTool
            canvas
            action="delete"
            icon="trash"
            label=t!("Delete")
            key="Del"
            command=Command::Delete
        />
    }
}

/// A button that does to what is chosen what a key does.
#[component]
fn ChosenTool(
    canvas: Canvas,
    action: &'static str,
    icon: &'static str,
    label: &'static str,
    key: &'static str,
    command: Command,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool"
            class:danger=command == Command::Delete
            data-action=action
            title=format!("{label} ({key})")
            aria-label=label
            on:click=move |_| canvas.send(Input::Command(command))
        >
            <Icon name=icon/>
        </button>
    }
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
                    <h2>{t!("Connection")}</h2>
                    <code>{shown}</code>
                </div>
                <div class="jc-form-tools"><DeleteTool canvas/></div>
            </header>
            <decision::WayFields canvas edge=id conditional=from_decision/>
        </div>
    }
}

#[component]
fn LineTool(canvas: Canvas, count: usize, line: Line) -> impl IntoView {
    let icon = match line {
        Line::Left => "line-left",
        Line::Centre => "line-centre",
        Line::Right => "line-right",
        Line::Top => "line-top",
        Line::Middle => "line-middle",
        Line::Bottom => "line-bottom",
        Line::Across => "space-across",
        Line::Down => "space-down",
    };
    view! {
        <button
            type="button"
            class="jc-tool"
            data-action=icon
            title=line.name()
            aria-label=line.name()
            disabled=count < line.needs()
            on:click=move |_| canvas.send(Input::Command(Command::Line(line)))
        >
            <Icon name=icon/>
        </button>
    }
}

#[component]
fn SeveralForm(canvas: Canvas, count: usize) -> impl IntoView {
    view! {
        <div class="jc-form" data-inspector="several">
            <header class="jc-form-head">
                <div><h2>{t!("{count} steps chosen", count)}</h2></div>
                <ChosenTools canvas/>
            </header>
            <p class="jc-muted">{t!("Drag one to move them all; arrow keys move them by a step of the grid.")}</p>
            <group::GroupTool canvas words=t!("Group them")/>
            <h3>{t!("Line up")}</h3>
            <div class="jc-lines" role="group" aria-label=t!("Line up")>
                {Line::ALL.into_iter().map(|line| view! { <LineTool canvas count line/> }).collect_view()}
            </div>
        </div>
    }
}
