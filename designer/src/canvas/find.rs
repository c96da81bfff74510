//! Finding a step by its name, its kind or its id.

use super::{icon::Icon, model::Canvas};
use crate::editor::{Input, kinds};
use crate::messages::t;
use leptos::{ev, html, prelude::*};

/// How many of those found are listed.
const LISTED: usize = 8;

/// A step that was found.
#[derive(Clone, PartialEq)]
struct Found {
    id: String,
    kind: String,
    name: String,
}

/// The search, above the canvas.
#[component]
pub(super) fn Find(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Show when=move || open.get()>
            <Search canvas open/>
        </Show>
    }
}

#[component]
fn Search(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    let (typed, field) = (RwSignal::new(String::new()), NodeRef::<html::Input>::new());
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // A field that cannot have the focus can be clicked.
            let _ = field.focus();
        }
    });
    let found = Memo::new(move |_| {
        canvas.follow();
        found(canvas, &typed.get())
    });
    let show = move |id: String| canvas.send(Input::Show { node: Some(id), edge: None });
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            if let Some(first) = found.with(|found| found.first().cloned()) {
                show(first.id);
                open.set(false);
            }
        }
        "Escape" => open.set(false),
        _ => {}
    };
    view! {
        <section class="jc-find" role="search" aria-label=t!("Find a step") data-panel="find">
            <label class="jc-search">
                <Icon name="search"/>
                <input
                    node_ref=field
                    placeholder=t!("Find a step")
                    aria-label=t!("Find a step")
                    on:input:target=move |event| typed.set(event.target().value())
                    on:keydown=on_key
                />
            </label>
            <ul>
                <For each=move || found.get() key=|found| found.id.clone() let:found>
                    {
                        let id = found.id.clone();
                        view! {
                            <li>
                                <button type="button" class="jc-offer-kind" data-kind=found.kind.clone() data-found=found.id on:click=move |_| show(id.clone())>
                                    <span class="jc-badge-kind"><Icon name=found.kind.clone()/></span>
                                    <span>{found.name}<small>{kinds::title(&found.kind).to_owned()}</small></span>
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
            <Show when=move || !typed.with(String::is_empty) && found.with(Vec::is_empty)>
                <p class="jc-muted">{t!("No step is called that.")}</p>
            </Show>
        </section>
    }
}

fn found(canvas: Canvas, typed: &str) -> Vec<Found> {
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return Vec::new();
    }
    let has = |text: &str| text.to_lowercase().contains(&typed);
    canvas.read(|editor| {
        let fits = editor
            .draft()
            .nodes
            .iter()
            .filter(|node| has(&node.name) || has(&node.id) || has(kinds::title(&node.kind)));
        let shown = fits.take(LISTED).map(|node| Found {
            id: node.id.clone(),
            kind: node.kind.clone(),
            name: node.name.clone(),
        });
        shown.collect()
    })
}
