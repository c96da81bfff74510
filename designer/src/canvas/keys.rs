//! What keys and pointers do on the canvas, as a list.

use crate::{
    editor::{SHORTCUTS, Shortcut},
    messages::{Text, t},
    parts::Dialog,
};
use leptos::prelude::*;

/// The list, in a dialog.
#[component]
pub(super) fn KeyMap(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title=t!("Keyboard and pointer") name="keys">
            <div class="jc-keymap">
                {SHORTCUTS.into_iter().map(|(about, all)| view! { <Keys about all/> }).collect_view()}
            </div>
        </Dialog>
    }
}

#[component]
fn Keys(about: Text, all: &'static [Shortcut]) -> impl IntoView {
    let line = |shortcut: &Shortcut| {
        view! { <div><dt>{shortcut.keys.said()}</dt><dd>{shortcut.does.said()}</dd></div> }
    };
    view! {
        <section>
            <h3>{about.said()}</h3>
            <dl>{all.iter().map(line).collect_view()}</dl>
        </section>
    }
}
