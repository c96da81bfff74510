//! Another name, written where the name stands.

use super::{drawn::Chosen, model::Canvas};
use crate::editor::{
    Input,
    geometry::{Area, HEAD_HEIGHT},
};
use crate::messages::t;
use journey::draft::Point;
use leptos::{ev, html, prelude::*};
use serde_json::json;

/// How wide the field is at least, in pixels.
const NARROWEST: f64 = 160.0;

/// What is being renamed; provided to all of an editor's canvas.
#[derive(Clone, Copy, Default)]
pub(super) struct Renaming(RwSignal<Option<Named>>);

/// A thing that people name on the drawing, by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Node(String),
    Group(String),
}

impl Renaming {
    /// Begins with what is chosen; `false` when that has no name.
    pub(super) fn begin(self, canvas: Canvas) -> bool {
        let is_note = |id: &String| {
            canvas.read(|editor| editor.draft().node(id).is_none_or(|node| node.kind == "note"))
        };
        let named = match canvas.chosen.get_untracked() {
            Chosen::Node { id, .. } if !is_note(&id) => Named::Node(id),
            Chosen::Group(id) => Named::Group(id),
            Chosen::Node { .. } | Chosen::Nothing | Chosen::Edge(_) | Chosen::Several(_) => {
                return false;
            }
        };
        self.0.set(Some(named));
        true
    }
}

/// The field over the name of what is renamed: Enter keeps what is written, Escape what was there.
#[component]
pub(super) fn RenameField(canvas: Canvas, renaming: Renaming) -> impl IntoView {
    move || {
        let named = renaming.0.get()?;
        let (_, before) = of(canvas, &named)?;
        Some(view! { <Field canvas renaming named before/> })
    }
}

#[component]
fn Field(canvas: Canvas, renaming: Renaming, named: Named, before: String) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
                field.select();
            });
        }
    });
    let (shown, written, initial) = (named.clone(), named, before.clone());
    let place = Memo::new(move |_| {
        let view = canvas.view.get();
        canvas.follow();
        let (area, _) = of(canvas, &shown)?;
        let corner = view.to_screen(Point { x: area.x, y: area.y });
        Some((corner, (area.width * view.scale).max(NARROWEST)))
    });
    let pixels = move |read: fn((Point, f64)) -> f64| {
        move || place.get().map(|place| format!("{}px", read(place)))
    };
    let keep = move || {
        // It is left once: by the key, or by the focus that goes.
        let Some(_) = renaming.0.try_update(Option::take).flatten() else { return };
        let typed = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        if typed.trim() != before && !typed.trim().is_empty() {
            write(canvas, &written, typed.trim());
        }
    };
    let on_blur = keep.clone();
    let on_key = move |event: ev::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Enter" => keep(),
            "Escape" => renaming.0.set(None),
            _ => return,
        }
        event.prevent_default();
        super::stage::focus(&event);
    };
    view! {
        <input
            class="jc-rename"
            node_ref=field
            aria-label=t!("Name")
            data-rename=""
            style:left=pixels(|(corner, _)| corner.x)
            style:top=pixels(|(corner, _)| corner.y)
            style:width=pixels(|(_, width)| width)
            value=initial
            on:keydown=on_key
            on:blur=move |_| on_blur()
        />
    }
}

fn write(canvas: Canvas, named: &Named, name: &str) {
    let value = Some(json!(name));
    let input = match named {
        Named::Node(node) => Input::Set { node: node.clone(), field: "/name".to_owned(), value },
        Named::Group(id) => {
            let at = canvas
                .read(|editor| editor.draft().groups.iter().position(|group| group.id == *id));
            let Some(at) = at else { return };
            Input::SetJourney { field: format!("/groups/{at}/name"), value }
        }
    };
    canvas.send(input);
    canvas.send(Input::Settle);
}

/// Where a name stands on the drawing, and the name; `None` for what is gone.
fn of(canvas: Canvas, named: &Named) -> Option<(Area, String)> {
    canvas.read(|editor| match named {
        Named::Node(id) => {
            let area = editor.area(id)?;
            Some((Area { height: HEAD_HEIGHT, ..area }, editor.draft().node(id)?.name.clone()))
        }
        Named::Group(id) => {
            let group = editor.groups().into_iter().find(|group| group.group == *id)?;
            Some((group.area, group.name))
        }
    })
}
