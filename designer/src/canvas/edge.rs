//! One edge: its line, a wide line to hit, its label and its tools.

use super::{drawn::Line, model::Canvas, traffic::EdgeCount};
use crate::editor::{Command, Input, route};
use crate::messages::t;
use leptos::prelude::*;

/// An edge between two cards.
#[component]
pub(super) fn EdgeLine(canvas: Canvas, id: String) -> impl IntoView {
    let Some(line) = canvas.edge(&id) else {
        return ().into_any();
    };
    let path = || {
        let line = line.clone();
        move || line.with(|line| line.path.clone())
    };
    let of = |read: fn(&Line) -> bool| {
        let line = line.clone();
        move || line.with(read)
    };
    let taken = {
        let id = id.clone();
        move || canvas.run.with(|run| run.as_ref().is_some_and(|run| run.edges.contains(&id)))
    };
    let marker = {
        let taken = taken.clone();
        let selected = of(|line| line.selected);
        move || if taken() || selected() { "url(#jc-arrow-strong)" } else { "url(#jc-arrow)" }
    };
    let hovered = RwSignal::new(false);
    let has_tools = {
        let selected = of(|line| line.selected);
        move || canvas.editable && (hovered.get() || selected())
    };
    let (edge, own, with_tools) = (id.clone(), id.clone(), line.clone());
    view! {
        <g
            class="jc-edge"
            data-edge=edge
            on:pointerenter=move |_| hovered.set(true)
            on:pointerleave=move |_| hovered.set(false)
            class:selected=of(|line| line.selected)
            class:problem=of(|line| line.problem)
            class:aside=of(|line| line.aside)
            class:taken=taken
        >
            <path class="jc-edge-hit" d=path()></path>
            <path class="jc-edge-line" d=path() marker-end=marker></path>
            <EdgeLabel line=line.clone()/>
            <EdgeCount canvas id=id.clone() line=line.clone()/>
            <Show when=has_tools>
                <EdgeTools canvas id=own.clone() line=with_tools.clone()/>
            </Show>
        </g>
    }
    .into_any()
}

#[component]
fn EdgeLabel(line: ArcRwSignal<Line>) -> impl IntoView {
    move || {
        line.with(|line| {
            (!line.label.is_empty()).then(|| {
                view! {
                    <text class="jc-edge-label" x=line.middle.x y=line.middle.y - 8.0>
                        {line.label.clone()}
                    </text>
                }
            })
        })
    }
}

/// "+" puts a node into the edge, "×" takes the edge away. Only for an edge that is pointed at or chosen: a thousand of them are dear.
#[component]
fn EdgeTools(canvas: Canvas, id: String, line: ArcRwSignal<Line>) -> impl IntoView {
    let at = move || line.with(|line| format!("translate({} {})", line.middle.x, line.middle.y));
    let (add, remove) = (id.clone(), id);
    let offer = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        let at = super::stage::point_on_stage(&event);
        canvas.send(Input::OfferKinds { at: at.unwrap_or_default(), edge: Some(add.clone()) });
    };
    let delete = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        canvas.send(Input::Show { node: None, edge: Some(remove.clone()) });
        canvas.send(Input::Command(Command::Delete));
    };
    view! {
        <g class="jc-edge-tools" transform=at>
            <g class="jc-edge-tool" data-tool="insert" on:click=offer>
                <title>{t!("Add a step here")}</title>
                <circle cx="-13" r="11"></circle>
                <path d="M-13 -5v10M-18 0h10"></path>
            </g>
            <g class="jc-edge-tool danger" data-tool="delete" on:click=delete>
                <title>{t!("Delete connection")}</title>
                <circle cx="13" r="11"></circle>
                <path d="M9.500 -3.500l7 7M16.500 -3.500l-7 7"></path>
            </g>
        </g>
    }
}

/// The edge that is being drawn.
#[component]
pub(super) fn LooseEdge(canvas: Canvas) -> impl IntoView {
    move || {
        canvas.connecting.get().map(|connecting| {
            let corners = canvas.read(|editor| editor.loose(&connecting));
            let end = corners.last().copied().unwrap_or(connecting.now);
            let class = if connecting.target.is_some() { "jc-loose caught" } else { "jc-loose" };
            view! {
                <g class=class>
                    <path d=route::path(&corners)></path>
                    <circle cx=end.x cy=end.y r="5"></circle>
                </g>
            }
        })
    }
}
