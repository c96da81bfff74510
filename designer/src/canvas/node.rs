//! One node on the canvas: card, ports, badge.

use super::{
    drawn::{Face, NodeSignals},
    icon::Icon,
    model::Canvas,
    traffic::Signs,
};
use crate::editor::{
    geometry, kinds,
    ports::{Port, Role},
};
use crate::messages::{plural, t};
use journey::{Severity, ports::takes_edges};
use leptos::prelude::*;

/// A node's card.
#[component]
pub(super) fn NodeCard(canvas: Canvas, id: String) -> impl IntoView {
    let Some(NodeSignals { place, face, standing }) = canvas.node(&id) else {
        return ().into_any();
    };
    let kind = face.with_untracked(|face| face.kind.clone());
    let run = RunMarks { canvas, id: StoredValue::new(id.clone()) };
    let of = |read: fn(&super::drawn::Standing) -> bool| {
        let standing = standing.clone();
        move || standing.with(read)
    };
    let spoken = format!("{}: ", kinds::title(&kind));
    let height = {
        let face = face.clone();
        move || format!("{}px", face.with(|face| face.size.height))
    };
    let body = if kind == "note" {
        view! { <NoteBody face=face.clone()/> }.into_any()
    } else {
        view! { <CardBody id=id.clone() face=face.clone()/> }.into_any()
    };
    let is_selected = of(|standing| standing.selected);
    view! {
        <div
            class="jc-node"
            id=format!("jc-node-{id}")
            data-node=id.clone()
            data-kind=kind
            role="option"
            aria-selected=move || is_selected().to_string()
            class:selected=of(|standing| standing.selected)
            class:wrong=of(|standing| matches!(standing.problem, Some((Severity::Error, _))))
            class:possible=of(|standing| standing.possible)
            class:caught=of(|standing| standing.caught)
            class:visited=move || run.visited()
            class:unvisited=move || run.unvisited()
            class:waiting=move || run.waits()
            class:stuck=move || run.stuck()
            style:transform=move || place.with(|at| format!("translate({}px,{}px)", at.x, at.y))
            style:height=height
        >
            <span class="unseen">{spoken}</span>
            {body}
            {canvas.editable.then(|| {
                let standing = canvas.node(&id).map(|signals| signals.standing);
                view! { <Badge standing id=id.clone()/> }
            })}
            <RunBadge run/>
            <Signs canvas id=id.clone()/>
        </div>
    }
    .into_any()
}

#[component]
fn CardBody(id: String, face: ArcRwSignal<Face>) -> impl IntoView {
    let kind = face.with_untracked(|face| face.kind.clone());
    let takes_edges = takes_edges(&kind);
    let (name, line, ruled, rows) = (face.clone(), face.clone(), face.clone(), face);
    let is_ruled =
        move || ruled.with(|face| face.ports.iter().any(|(port, _)| !port.label.is_empty()));
    let node = id.clone();
    view! {
        <div class="jc-head" class:ruled=is_ruled>
            <span class="jc-badge-kind"><Icon name=kind/></span>
            <div class="jc-words">
                <div class="jc-name">{move || name.with(|face| face.name.clone())}</div>
                <div class="jc-summary">{move || line.with(|face| face.summary.clone())}</div>
            </div>
        </div>
        {takes_edges.then(|| view! { <span class="jc-input" data-input=id><i></i></span> })}
        {move || {
            rows.with(|face| {
                let all: Vec<Port> = face.ports.iter().map(|(port, _)| port.clone()).collect();
                let labelled = geometry::labelled(&all);
                face.ports
                    .iter()
                    .map(|(port, wired)| port_view(&node, port, *wired, labelled))
                    .collect_view()
            })
        }}
    }
}

fn port_view(node: &str, port: &Port, wired: bool, labelled: bool) -> AnyView {
    let role = match port.role {
        Role::Way | Role::Many | Role::Condition { .. } => "way",
        Role::Otherwise => "otherwise",
        Role::NewWay => "new",
        Role::Failure => "failure",
        Role::Timer => "timer",
    };
    let dot = if let Role::Condition { edge } = &port.role {
        view! { <span class="jc-port wired" data-edge=edge.clone()><i></i></span> }.into_any()
    } else {
        let name = format!("{node}:{}", port.id);
        view! { <span class="jc-port" class:wired=wired data-port=name><i></i></span> }.into_any()
    };
    if labelled {
        let label = port.label.clone();
        let title = label.clone();
        view! {
            <div class="jc-row" data-role=role>
                <span class="jc-row-label" title=title>{label}</span>
                {dot}
            </div>
        }
        .into_any()
    } else {
        view! { <div class="jc-row only" data-role=role>{dot}</div> }.into_any()
    }
}

#[component]
fn NoteBody(face: ArcRwSignal<Face>) -> impl IntoView {
    view! {
        <div class="jc-note-text">
            {move || {
                face.with(|face| {
                    if face.summary.is_empty() { t!("Write a remark…").to_owned() } else { face.summary.clone() }
                })
            }}
        </div>
    }
}

#[component]
fn Badge(standing: Option<ArcRwSignal<super::drawn::Standing>>, id: String) -> impl IntoView {
    move || {
        let problem =
            standing.as_ref().and_then(|standing| standing.with(|now| now.problem.clone()));
        problem.map(|(severity, words)| {
            let (name, class) = match severity {
                Severity::Error => ("error", "jc-problem error"),
                Severity::Warning => ("warning", "jc-problem warning"),
            };
            view! {
                <span class=class data-problem=id.clone() title=words.clone()>
                    <Icon name=name/>
                    <span class="unseen">{t!("Problem: {words}", words)}</span>
                </span>
            }
        })
    }
}

#[component]
fn RunBadge(run: RunMarks) -> impl IntoView {
    move || {
        run.words().map(|(class, icon, words)| {
            view! { <span class=class><Icon name=icon/>{words}</span> }
        })
    }
}

/// What the run says of one node.
#[derive(Clone, Copy)]
struct RunMarks {
    canvas: Canvas,
    id: StoredValue<String>,
}

impl RunMarks {
    /// What is said of the node, with how it looks and its icon.
    fn words(self) -> Option<(&'static str, &'static str, String)> {
        if self.stuck() {
            return Some(("jc-run stuck", "error", t!("Incident").to_owned()));
        }
        if self.waits() {
            return Some(("jc-run waiting", "wait", t!("Waiting here").to_owned()));
        }
        match self.times() {
            0 => None,
            1 => Some(("jc-run done", "check", t!("Done").to_owned())),
            times => {
                Some(("jc-run done", "check", plural!(times, "{count} time", "{count} times")))
            }
        }
    }

    fn ask<T: Default>(self, read: impl FnOnce(&crate::editor::Path, &String) -> T) -> T {
        self.canvas
            .run
            .with(|run| run.as_ref().map(|run| self.id.with_value(|id| read(run, id))))
            .unwrap_or_default()
    }

    fn times(self) -> u32 {
        self.ask(|run, id| run.entered.get(id).copied().unwrap_or_default())
    }

    fn visited(self) -> bool {
        self.times() > 0
    }

    fn unvisited(self) -> bool {
        self.ask(|run, id| !run.entered.is_empty() && !run.entered.contains_key(id))
    }

    fn waits(self) -> bool {
        self.ask(|run, id| run.waits.contains(id))
    }

    fn stuck(self) -> bool {
        self.ask(|run, id| run.incidents.contains(id))
    }
}
