//! A modal dialog on the platform's own element: it keeps the focus, Escape closes it.

use super::Icon;
use leptos::{html, prelude::*};

/// Shown while `open`; its content is built anew each time.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    title: &'static str,
    /// What browser tests find it by.
    name: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        if open.get() {
            // Fails only when it is open already, which is what is wanted.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog class="dialog" aria-label=title data-dialog=name node_ref=element on:close=move |_| open.set(false)>
            <Show when=move || open.get()>
                <div class="content">
                    <header>
                        <h2>{title}</h2>
                        <button class="button quiet square" type="button" data-action="close-dialog" aria-label="Close" on:click=move |_| open.set(false)><Icon name="cross"/></button>
                    </header>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </dialog>
    }
}
