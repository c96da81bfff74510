//! The kinds on offer where a person wants a new node: after a double click, at a loose edge's end, in the middle of an edge.

use super::{icon::Icon, model::Canvas};
use crate::editor::{Command, Input, kinds};
use journey::ports::takes_edges;
use leptos::{ev, html, prelude::*};

/// A small searchable list at the point of the offer.
#[component]
pub(super) fn KindOffer(canvas: Canvas) -> impl IntoView {
    move || {
        canvas.offer.get().map(|offer| {
            let inward = offer.from.is_some() || offer.edge.is_some();
            let screen = canvas.read(super::super::editor::Editor::screen);
            let left = offer.at.x.min((screen.width - 250.0).max(0.0));
            let top = offer.at.y.min((screen.height - 330.0).max(0.0));
            view! {
                <div
                    class="jc-offer"
                    role="dialog"
                    aria-label="Add a step"
                    style:left=format!("{left}px")
                    style:top=format!("{top}px")
                >
                    <OfferList canvas inward/>
                </div>
            }
        })
    }
}

#[component]
fn OfferList(canvas: Canvas, inward: bool) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    let found = move || {
        let found = kinds::found(&search.get()).into_iter();
        found.filter(|kind| !inward || takes_edges(kind.id)).collect::<Vec<_>>()
    };
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            if let Some(kind) = found().first() {
                event.prevent_default();
                canvas.send(Input::Pick { kind: kind.id.to_owned() });
            }
        }
        "Escape" => canvas.send(Input::Command(Command::Escape)),
        _ => {}
    };
    view! {
        <input
            class="jc-offer-search"
            node_ref=field
            placeholder="Add a step…"
            aria-label="Search steps"
            on:input:target=move |event| search.set(event.target().value())
            on:keydown=on_key
        />
        <div class="jc-offer-list">
            <For each=found key=|kind| kind.id let:kind>
                <button
                    type="button"
                    class="jc-offer-kind"
                    data-offer=kind.id
                    data-kind=kind.id
                    on:click=move |_| canvas.send(Input::Pick { kind: kind.id.to_owned() })
                >
                    <span class="jc-badge-kind"><Icon name=kind.id/></span>
                    <span>{kind.title}<small>{kind.hint}</small></span>
                </button>
            </For>
        </div>
    }
}
