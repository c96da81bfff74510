//! The list of problems, and for those with a counter-example how it comes about.

use super::{icon::Icon, model::Canvas};
use crate::editor::{
    Input,
    walk::{Stop, stops},
};
use crate::messages::t;
use journey::{Diagnostic, Severity};
use leptos::{ev, html, prelude::*};

/// Every problem; choosing one shows what it is about.
#[component]
pub(super) fn Problems(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    let list = move || {
        let mut problems = canvas.problems.get();
        problems.sort_by_key(|problem| problem.severity);
        problems
    };
    view! {
        <Show when=move || open.get()>
            <section class="jc-problems" aria-label=t!("Problems")>
                <header>
                    <strong>{t!("Problems")}</strong>
                    <button type="button" class="jc-tool" aria-label=t!("Close problems") on:click=move |_| open.set(false)>
                        <Icon name="close"/>
                    </button>
                </header>
                <Show
                    when=move || !canvas.problems.with(Vec::is_empty)
                    fallback=|| view! { <p class="jc-fine">{t!("Nothing stands in the way of publishing.")}</p> }
                >
                    <ul>
                        <For each=list key=|problem| format!("{problem:?}") let:problem>
                            <Problem canvas problem/>
                        </For>
                    </ul>
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
    let about = problem.node.clone();
    let place = move || {
        canvas.follow();
        canvas.read(|editor| {
            let node = about.as_deref().and_then(|id| editor.draft().node(id));
            node.map_or_else(|| t!("Journey").to_owned(), |node| node.name.clone())
        })
    };
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
    let walk = problem.counter_example.filter(|edges| !edges.is_empty());
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
            {walk.map(|edges| view! { <CounterExample canvas edges/> })}
        </li>
    }
}

/// Shows and hides the walk that leads to a problem.
#[component]
fn CounterExample(canvas: Canvas, edges: Vec<String>) -> impl IntoView {
    let open = RwSignal::new(false);
    let edges = StoredValue::new(edges);
    let words =
        move || if open.get() { t!("Hide how it happens") } else { t!("Show how it happens") };
    view! {
        <button
            type="button"
            class="jc-fix"
            data-action="show-walk"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Icon name="walk"/>
            {words}
        </button>
        <Show when=move || open.get()>
            <Walk canvas edges=edges.get_value() open/>
        </Show>
    }
}

/// The steps of a walk: one is looked at, and its node is in the middle of the canvas.
#[component]
fn Walk(canvas: Canvas, edges: Vec<String>, open: RwSignal<bool>) -> impl IntoView {
    let told = StoredValue::new(canvas.read(|editor| stops(editor.draft(), &edges)));
    let count = told.with_value(Vec::len);
    let at = RwSignal::new(0_usize);
    let list = NodeRef::<html::Ol>::new();
    let go = Callback::new(move |to: usize| {
        let to = to.min(count.saturating_sub(1));
        at.set(to);
        if let Some(node) = told.with_value(|told| told.get(to).map(|stop| stop.node.clone())) {
            canvas.send(Input::Show { node: Some(node), edge: None });
        }
        bring_into_view(list, to);
    });
    go.run(0);
    let key_down = move |event: ev::KeyboardEvent| {
        let now = at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => go.run(now + 1),
            "ArrowUp" | "ArrowLeft" => go.run(now.saturating_sub(1)),
            "Home" => go.run(0),
            "End" => go.run(count),
            "Escape" => open.set(false),
            _ => return,
        }
        // On the canvas these keys would move the step that is shown.
        event.prevent_default();
        event.stop_propagation();
    };
    let (is_first, is_last) = (move || at.get() == 0, move || at.get() + 1 == count);
    let rows = told.get_value().into_iter().enumerate();
    let rows = rows.map(|(index, stop)| view! { <Step index stop at go/> }).collect_view();
    view! {
        <div class="jc-walk" role="group" aria-label=t!("How it happens") data-field="walk" on:keydown=key_down>
            <div class="jc-walk-tools">
                <button type="button" class="jc-tool" data-action="walk-back" aria-label=t!("Step before") title=t!("Step before (Up)") disabled=is_first on:click=move |_| go.run(at.get_untracked().saturating_sub(1))><Icon name="up"/></button>
                <button type="button" class="jc-tool" data-action="walk-on" aria-label=t!("Next step") title=t!("Next step (Down)") disabled=is_last on:click=move |_| go.run(at.get_untracked() + 1)><Icon name="down"/></button>
                <span class="jc-muted" aria-live="polite" data-field="walk-at">{move || t!("Step {number} of {count}", number = at.get() + 1, count)}</span>
            </div>
            <ol node_ref=list>{rows}</ol>
        </div>
    }
}

#[component]
fn Step(index: usize, stop: Stop, at: RwSignal<usize>, go: Callback<usize>) -> impl IntoView {
    let here = move || at.get() == index;
    view! {
        <li>
            <button
                type="button"
                class="jc-walk-step"
                data-stop=stop.node
                aria-current=move || here().then_some("step")
                tabindex=move || if here() { "0" } else { "-1" }
                on:click=move |_| go.run(index)
            >
                {stop.words}
            </button>
        </li>
    }
}

/// Scrolls the list, and takes the focus along when it is on one of the steps.
fn bring_into_view(list: NodeRef<html::Ol>, to: usize) {
    let Some(list) = list.get_untracked() else { return };
    let Ok(Some(step)) = list.query_selector(&format!("li:nth-child({}) button", to + 1)) else {
        return;
    };
    let focused = document().active_element();
    if focused.is_some_and(|focused| list.contains(Some(&focused))) {
        // A browser that refuses leaves the focus where it is.
        let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(step).focus();
    } else {
        step.scroll_into_view_with_bool(false);
    }
}
