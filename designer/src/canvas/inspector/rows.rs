//! The parts of a form: sections, and rows that are added and taken away.

use super::super::icon::Icon;
use crate::messages::t;
use leptos::{ev, prelude::*};

/// A heading with its part of the form.
#[component]
pub(super) fn Section(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <fieldset class="jc-section">
            <legend>{title}</legend>
            {children()}
        </fieldset>
    }
}

/// Adds a row to a list.
#[component]
pub(super) fn AddRow(
    #[prop(into)] list: String,
    #[prop(into)] label: String,
    on_add: Callback<()>,
) -> impl IntoView {
    view! {
        <button type="button" class="jc-add" data-add=list on:click=move |_| on_add.run(())>
            <Icon name="plus"/>
            {label}
        </button>
    }
}

/// Adds a row under the name that is typed beside the button, by the button or the Enter key.
#[component]
pub(super) fn NewRow(
    #[prop(into)] list: String,
    placeholder: &'static str,
    label: &'static str,
    /// Gets the name, never an empty one; whether it was taken, so that another can be typed.
    on_add: Callback<String, bool>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let add = move || {
        let name = typed.get_untracked().trim().to_owned();
        if !name.is_empty() && on_add.run(name) {
            typed.set(String::new());
        }
    };
    view! {
        <div class="jc-rowline">
            <input
                class="jc-control"
                placeholder=placeholder
                aria-label=label
                data-field=format!("/{list}/new")
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
                on:keydown=move |event: ev::KeyboardEvent| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        add();
                    }
                }
            />
            <AddRow list label=t!("Add") on_add=Callback::new(move |()| add())/>
        </div>
    }
}

/// Takes a row away.
#[component]
pub(super) fn RemoveRow(#[prop(into)] row: String, on_remove: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="jc-tool danger"
            data-remove=row
            aria-label=t!("Remove")
            title=t!("Remove")
            on:click=move |_| on_remove.run(())
        >
            <Icon name="trash"/>
        </button>
    }
}
