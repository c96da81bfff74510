//! The tools above the canvas.

use super::{Trials, icon::Icon, model::Canvas, stage::is_small_screen};
use crate::editor::{Command, Input, Look};
use crate::messages::{plural, t};
use journey::Severity;
use leptos::prelude::*;

/// Undo, redo, tidy up, zoom, problems.
#[component]
pub(super) fn Toolbar(canvas: Canvas, panels: Panels) -> impl IntoView {
    let undo = Signal::derive(move || canvas.history.with(|(undo, _)| undo.clone()));
    let redo = Signal::derive(move || canvas.history.with(|(_, redo)| redo.clone()));
    view! {
        <div class="jc-toolbar" role="toolbar" aria-label=t!("Canvas tools")>
            <StepTool canvas name="undo" label=t!("Undo") keys="Ctrl+Z" command=Command::Undo step=undo/>
            <StepTool canvas name="redo" label=t!("Redo") keys="Ctrl+Shift+Z" command=Command::Redo step=redo/>
            <PanelTool name="history" label=t!("History") open=panels.past/>
            <span class="jc-divider"></span>
            <Show when=move || !panels.outline.get()>
                <DrawingTools canvas/>
            </Show>
            <PanelTool name="outline" label=t!("Outline (O)") open=panels.outline/>
            <PanelTool name="search" label=t!("Find a step (Ctrl+F)") open=panels.find/>
            <PanelTool name="keys" label=t!("Keyboard and pointer (?)") open=panels.keys/>
            <span class="jc-divider"></span>
            <RehearseTool open=panels.rehearsal/>
            <TrialTools/>
            <ProblemsTool canvas problems_open=panels.problems/>
        </div>
    }
}

/// What is of use only while the drawing is seen.
#[component]
fn DrawingTools(canvas: Canvas) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool wide"
            data-action="tidy"
            title=t!("Arrange all steps (Shift+T)")
            on:click=move |_| canvas.send(Input::Command(Command::TidyUp))
        >
            <Icon name="tidy"/>
            {t!("Tidy up")}
        </button>
        <span class="jc-divider"></span>
        <ZoomTools canvas/>
        <span class="jc-divider"></span>
    }
}

/// Which panels over the canvas are open.
#[derive(Clone, Copy, Default)]
pub(super) struct Panels {
    pub(super) problems: RwSignal<bool>,
    pub(super) past: RwSignal<bool>,
    pub(super) find: RwSignal<bool>,
    pub(super) keys: RwSignal<bool>,
    pub(super) outline: RwSignal<bool>,
    pub(super) rehearsal: RwSignal<bool>,
}

impl Panels {
    /// None is open but, where there is no room to draw, the outline.
    pub(super) fn at_first() -> Self {
        Self { outline: RwSignal::new(is_small_screen()), ..Self::default() }
    }
}

/// Opens and closes a panel.
#[component]
fn PanelTool(name: &'static str, label: &'static str, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool"
            data-action=name
            title=label
            aria-label=label
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Icon name=name/>
        </button>
    }
}

/// Opens and closes the rehearsal.
#[component]
fn RehearseTool(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool wide"
            data-action="rehearse"
            title=t!("Play it with the real engine; nothing reaches outside (R)")
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Icon name="trigger"/>
            {t!("Rehearse")}
        </button>
    }
}

/// Tries it on what has happened, and on what will, where the page can.
#[component]
fn TrialTools() -> impl IntoView {
    let tool = |name: &'static str,
                icon: &'static str,
                label: &'static str,
                title: &'static str,
                open: Callback<()>| {
        view! {
            <button type="button" class="jc-tool wide" data-action=name title=title on:click=move |_| open.run(())>
                <Icon name=icon/>
                {label}
            </button>
        }
    };
    use_context::<Trials>().map(|Trials { backtest, shadow }| {
        view! {
            {tool("backtest", "history", t!("Back-test"), t!("See what it would have done, had it been live in the past"), backtest)}
            {tool("shadow", "eye", t!("Shadow"), t!("Let it watch from now on, and only write down what it would do"), shadow)}
        }
    })
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
        {tool("zoom-out", "minus", t!("Zoom out (-)"), Command::Look(Look::Farther))}
        <button
            type="button"
            class="jc-tool scale"
            data-action="zoom-reset"
            title=t!("Actual size (0)")
            on:click=move |_| canvas.send(Input::Command(Command::Look(Look::LifeSize)))
        >
            {move || canvas.view.with(|view| format!("{:.0} %", view.scale * 100.0))}
        </button>
        {tool("zoom-in", "plus", t!("Zoom in (+)"), Command::Look(Look::Nearer))}
        {tool("fit", "fit", t!("Show everything (1)"), Command::Look(Look::All))}
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
    let words = move || counted(count(Severity::Error), count(Severity::Warning));
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

/// How many errors and how many warnings there are, each by its name.
fn counted(errors: usize, warnings: usize) -> String {
    let errors = (errors > 0).then(|| plural!(errors, "{count} error", "{count} errors"));
    let warnings = (warnings > 0).then(|| plural!(warnings, "{count} warning", "{count} warnings"));
    let both: Vec<String> = [errors, warnings].into_iter().flatten().collect();
    if both.is_empty() { t!("No problems").to_owned() } else { both.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_problems_names_errors_apart_from_warnings() {
        assert_eq!(counted(0, 0), "No problems");
        assert_eq!(counted(1, 0), "1 error");
        assert_eq!(counted(0, 1), "1 warning");
        assert_eq!(counted(2, 3), "2 errors, 3 warnings");
    }
}
