//! The kinds on offer where a person wants a new node: after a double click, at a loose edge's end, in the middle of an edge.

use super::{icon::Icon, model::Canvas, stage};
use crate::editor::{Command, Input, Offer, change_kind, kinds};
use crate::messages::t;
use journey::{draft::Node, ports::takes_edges};
use leptos::{ev, html, prelude::*};

/// A small searchable list at the point of the offer.
#[component]
pub(super) fn KindOffer(canvas: Canvas) -> impl IntoView {
    Effect::new(move |was_offered: Option<bool>| {
        let is_offered = canvas.offer.with(Option::is_some);
        if was_offered == Some(true) && !is_offered {
            stage::take_keyboard();
        }
        is_offered
    });
    move || {
        canvas.offer.get().map(|offer| {
            let wanted = Wanted::of(canvas, &offer);
            let label = wanted.label();
            let screen = canvas.read(super::super::editor::Editor::screen);
            let left = offer.at.x.min((screen.width - 250.0).max(0.0));
            let top = offer.at.y.min((screen.height - 330.0).max(0.0));
            view! {
                <div
                    class="jc-offer"
                    role="dialog"
                    aria-label=label
                    style:left=format!("{left}px")
                    style:top=format!("{top}px")
                >
                    <OfferList canvas wanted/>
                </div>
            }
        })
    }
}

/// What the kinds on offer are for.
#[derive(Clone, Debug)]
enum Wanted {
    Anywhere,
    /// It is going to have a way that leads to it.
    Inward,
    /// It takes the place of this node.
    Instead(Node),
}

impl Wanted {
    fn of(canvas: Canvas, offer: &Offer) -> Self {
        let changes = offer.changes.as_ref();
        let node = changes.and_then(|id| canvas.read(|editor| editor.draft().node(id).cloned()));
        match node {
            Some(node) => Self::Instead(node),
            None if offer.from.is_some() || offer.edge.is_some() => Self::Inward,
            None => Self::Anywhere,
        }
    }

    fn takes(&self, kind: &str) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Inward => takes_edges(kind),
            Self::Instead(node) => change_kind::fits(node, kind),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::Anywhere | Self::Inward => t!("Add a step"),
            Self::Instead(_) => t!("Make it another kind"),
        }
    }
}

#[component]
fn OfferList(canvas: Canvas, wanted: Wanted) -> impl IntoView {
    let label = wanted.label();
    let search = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    let wanted = StoredValue::new(wanted);
    let found = move || {
        let found = kinds::found(&search.get()).into_iter();
        let is_wanted = |kind: &&kinds::Kind| wanted.with_value(|wanted| wanted.takes(kind.id));
        found.filter(is_wanted).collect::<Vec<_>>()
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
            placeholder=format!("{label}…")
            aria-label=t!("Search steps")
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
                    <span>{kind.title.said()}<small>{kind.hint.said()}</small></span>
                </button>
            </For>
        </div>
    }
}
