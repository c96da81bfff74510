//! What many instances did, on their drawing: a few words below each step and a number at each edge.

use super::{drawn::Line, icon::Icon, model::Canvas};
use leptos::prelude::*;
use std::collections::HashMap;

/// What is shown of instances on a drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traffic {
    /// By the ids of steps, the most pressing first.
    pub nodes: HashMap<String, Vec<Sign>>,
    /// How often each edge was gone along, by their ids.
    pub edges: HashMap<String, String>,
}

/// A few words about a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    pub tone: Tone,
    /// What it is about, for those who find it by that.
    pub name: &'static str,
    pub words: String,
}

/// How a sign is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Here,
    Danger,
}

/// The signs of one step.
#[component]
pub(super) fn Signs(canvas: Canvas, id: String) -> impl IntoView {
    move || {
        let traffic = canvas.traffic?;
        let signs = traffic.with(|traffic| traffic.nodes.get(&id).cloned())?;
        Some(view! { <span class="jc-signs">{signs.into_iter().map(sign).collect_view()}</span> })
    }
}

fn sign(sign: Sign) -> impl IntoView {
    let (class, icon) = match sign.tone {
        Tone::Plain => ("jc-sign", None),
        Tone::Here => ("jc-sign here", None),
        Tone::Danger => ("jc-sign danger", Some("error")),
    };
    view! { <span class=class data-sign=sign.name>{icon.map(|name| view! { <Icon name/> })}{sign.words}</span> }
}

/// How often an edge was gone along.
#[component]
pub(super) fn EdgeCount(canvas: Canvas, id: String, line: ArcRwSignal<Line>) -> impl IntoView {
    move || {
        let traffic = canvas.traffic?;
        let count = traffic.with(|traffic| traffic.edges.get(&id).cloned())?;
        let at = line.with(|line| line.middle);
        Some(view! { <text class="jc-edge-count" x=at.x y=at.y + 18.0>{count}</text> })
    }
}
