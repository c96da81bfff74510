//! A text that is to be taken elsewhere: shown whole, and copied by a button.

use super::Toasts;
use crate::messages::t;
use leptos::{html, prelude::*};

/// A line of text with a button that copies it; where the browser does not let it, the text is marked for the keyboard.
#[component]
pub(crate) fn Copied(
    /// What it is called.
    label: &'static str,
    /// What browser tests find it by.
    name: &'static str,
    text: String,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let field = NodeRef::<html::Input>::new();
    let copy = move |_| {
        let Some(field) = field.get_untracked() else { return };
        field.select();
        if !window().is_secure_context() {
            toasts.say(t!("It is marked. Copy it with Ctrl+C."));
            return;
        }
        let written = window().navigator().clipboard().write_text(&field.value());
        leptos::task::spawn_local(async move {
            match wasm_bindgen_futures::JsFuture::from(written).await {
                Ok(_) => toasts.say(t!("Copied.")),
                Err(_) => toasts.say(t!("It is marked. Copy it with Ctrl+C.")),
            }
        });
    };
    let id = format!("field-{name}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div class="copied">
                <input class="input mono" id=id readonly value=text node_ref=field/>
                <button class="button" type="button" data-action=format!("copy-{name}") aria-label=t!("Copy: {label}", label) on:click=copy>{t!("Copy")}</button>
            </div>
        </div>
    }
}
