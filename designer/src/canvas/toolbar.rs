//! The tools above the canvas, and the list of problems they open.

use super::{icon::Icon, model::Canvas};
use crate::editor::{Command, Input};
use journey::{Diagnostic, Severity};
use leptos::prelude::*;

/// Undo, redo, tidy up, zoom, problems.
#[component]
pub(super) fn Toolbar(canvas: Canvas, problems_open: RwSignal<bool>) -> impl IntoView {
    let undo = Signal::derive(move || canvas.history.with(|(undo, _)| undo.clone()));
    let redo = Signal::derive(move || canvas.history.with(|(_, redo)| redo.clone()));
    view! {
        <div class="jc-toolbar" role="toolbar" aria-label="Canvas tools">
            <StepTool canvas name="undo" label="Undo" keys="Ctrl+Z" command=Command::Undo step=undo/>
            <StepTool canvas name="redo" label="Redo" keys="Ctrl+Shift+Z" command=Command::Redo step=redo/>
            <span class="jc-divider"></span>
            <button
                type="button"
                class="jc-tool wide"
                data-action="tidy"
                title="Arrange all steps (Shift+T)"
                on:click=move |_| canvas.send(Input::Command(Command::TidyUp))
            >
                <Icon name="tidy"/>
                "Tidy up"
            </button>
            <span class="jc-divider"></span>
            <ZoomTools canvas/>
            <span class="jc-divider"></span>
            <ProblemsTool canvas problems_open/>
        </div>
    }
}

#[component]
fn StepTool(
    canvas: Canvas,
    name: &'static str,
    label: &'static str,
    keys: &'static str,
    command: Command,
    step: Signal<Option<String>>,
) -> impl IntoView {
    let words = move || match step.get() {
        Some(step) => format!("{label}: {step} ({keys})"),
        None => format!("{label} ({keys})"),
    };
    view! {
        <button
            type="button"
            class="jc-tool"
            data-action=name
            title=words
            aria-label=label
            disabled=move || step.with(Option::is_none)
            on:click=move |_| canvas.send(Input::Command(command))
        >
            <Icon name=name/>
        </button>
    }
}

/// Zoom in and out, the scale, fit.
#[component]
pub(super) fn ZoomTools(canvas: Canvas) -> impl IntoView {
    let tool =
        move |name: &'static str, icon: &'static str, label: &'static str, command: Command| {
            view! {
                <button
                    type="button"
                    class="jc-tool"
                    data-action=name
                    title=label
                    aria-label=label
                    on:click=move |_| canvas.send(Input::Command(command))
                >
                    <Icon name=icon/>
                </button>
            }
        };
    view! {
        {tool("zoom-out", "minus", "Zoom out (-)", Command::ZoomOut)}
        <button
            type="button"
            class="jc-tool scale"
            data-action="zoom-reset"
            title="Actual size (0)"
            on:click=move |_| canvas.send(Input::Command(Command::ZoomToLife))
        >
            {move || canvas.view.with(|view| format!("{:.0} %", view.scale * 100.0))}
        </button>
        {tool("zoom-in", "plus", "Zoom in (+)", Command::ZoomIn)}
        {tool("fit", "fit", "Show everything (1)", Command::Fit)}
    }
}

#[component]
fn ProblemsTool(canvas: Canvas, problems_open: RwSignal<bool>) -> impl IntoView {
    let count = move |severity: Severity| {
        canvas
            .problems
            .with(|all| all.iter().filter(|problem| problem.severity == severity).count())
    };
    let class = move || match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "jc-tool wide fine",
        (0, _) => "jc-tool wide warning",
        _ => "jc-tool wide error",
    };
    let words = move || match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "No problems".to_owned(),
        (0, 1) => "1 warning".to_owned(),
        (0, warnings) => format!("{warnings} warnings"),
        (1, _) => "1 problem".to_owned(),
        (errors, _) => format!("{errors} problems"),
    };
    let icon = move || match (count(Severity::Error), count(Severity::Warning)) {
        (0, 0) => "check",
        (0, _) => "warning",
        _ => "error",
    };
    view! {
        <button
            type="button"
            class=class
            data-action="problems"
            aria-expanded=move || problems_open.get().to_string()
            on:click=move |_| problems_open.update(|open| *open = !*open)
        >
            {move || view! { <Icon name=icon()/> }}
            <span data-problems-count=move || canvas.problems.with(Vec::len).to_string()>{words}</span>
        </button>
    }
}

/// Every problem; choosing one shows what it is about.
#[component]
pub(super) fn Problems(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    let list = move || {
        let mut problems = canvas.problems.get();
        problems.sort_by_key(|problem| problem.severity);
        problems.into_iter().map(|problem| view! { <Problem canvas problem/> }).collect_view()
    };
    view! {
        <Show when=move || open.get()>
            <section class="jc-problems" aria-label="Problems">
                <header>
                    <strong>"Problems"</strong>
                    <button type="button" class="jc-tool" aria-label="Close problems" on:click=move |_| open.set(false)>
                        <Icon name="close"/>
                    </button>
                </header>
                <Show
                    when=move || !canvas.problems.with(Vec::is_empty)
                    fallback=|| view! { <p class="jc-fine">"Nothing stands in the way of publishing."</p> }
                >
                    <ul>{list}</ul>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn Problem(canvas: Canvas, problem: Diagnostic) -> impl IntoView {
    let icon = match problem.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = canvas.read(|editor| {
        let node = problem.node.as_deref().and_then(|id| editor.draft().node(id));
        node.map_or_else(|| "Journey".to_owned(), |node| node.name.clone())
    });
    let (node, edge) = (problem.node.clone(), problem.edge.clone());
    let fixes = problem
        .fixes
        .into_iter()
        .map(|fix| {
            let (label, change) = (fix.label.clone(), fix.change);
            view! {
                <button
                    type="button"
                    class="jc-fix"
                    on:click=move |_| canvas.send(Input::Fix { label: label.clone(), change: change.clone() })
                >
                    <Icon name="fix"/>
                    {fix.label}
                </button>
            }
        })
        .collect_view();
    view! {
        <li class=icon data-problem-code=problem.code>
            <button
                type="button"
                class="jc-problem-row"
                on:click=move |_| canvas.send(Input::Show { node: node.clone(), edge: edge.clone() })
            >
                <Icon name=icon/>
                <span><b>{place}</b>{problem.message}</span>
            </button>
            {fixes}
        </li>
    }
}
