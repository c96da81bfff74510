//! A modal dialog on the platform's own element: it keeps the focus, Escape closes it, and what lies beneath it stands still.

use super::Icon;
use crate::messages::t;
use leptos::{context::Provider, html, prelude::*};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Promise;

/// How often it is looked whether the dialogs over something are closed.
const LOOK_AGAIN_MS: i32 = 100;

/// How many dialogs are open.
#[derive(Clone, Copy)]
pub(crate) struct Dialogs(RwSignal<u32>);

impl Dialogs {
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(0)));
    }
}

/// In how many dialogs something is shown.
#[derive(Clone, Copy)]
struct Depth(u32);

/// What is shown somewhere, beneath the dialogs that are opened over it.
#[derive(Clone, Copy)]
pub(crate) struct Beneath {
    open: Option<RwSignal<u32>>,
    depth: u32,
}

impl Beneath {
    /// What is being made now.
    pub(crate) fn here() -> Self {
        let open = use_context::<Dialogs>().map(|Dialogs(open)| open);
        Self { open, depth: depth() }
    }

    /// Returns when no dialog is open over it.
    pub(crate) async fn uncovered(self) {
        let is_covered = || {
            let open = self.open.and_then(|open| open.try_get_untracked());
            open.is_some_and(|open| open > self.depth)
        };
        while is_covered() {
            a_while().await;
        }
    }
}

/// Lets a tenth of a second pass.
pub(crate) async fn a_while() {
    let passed = Promise::new(&mut |passed, _| {
        // Fails only where there are no timers, and then it has passed.
        let set =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&passed, LOOK_AGAIN_MS);
        if set.is_err() {
            let _ = passed.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(passed).await;
}

fn depth() -> u32 {
    use_context::<Depth>().map_or(0, |Depth(depth)| depth)
}

/// One dialog, counted while it is open.
#[derive(Clone)]
struct Counted {
    open: Option<RwSignal<u32>>,
    is_in: Arc<AtomicBool>,
}

impl Counted {
    fn new() -> Self {
        let open = use_context::<Dialogs>().map(|Dialogs(open)| open);
        Self { open, is_in: Arc::default() }
    }

    fn set(&self, is_open: bool) {
        if self.is_in.swap(is_open, Ordering::Relaxed) == is_open {
            return;
        }
        if let Some(open) = self.open {
            open.try_update(|open| {
                *open = if is_open { *open + 1 } else { open.saturating_sub(1) };
            });
        }
    }
}

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
    let counted = Counted::new();
    let gone = counted.clone();
    on_cleanup(move || gone.set(false));
    Effect::new(move |_| {
        let Some(dialog) = element.get() else { return };
        let is_open = open.get();
        if is_open {
            // Fails only when it is open already, which is what is wanted.
            let _ = dialog.show_modal();
        } else {
            dialog.close();
        }
        counted.set(is_open);
    });
    let (children, inside) = (StoredValue::new(children), depth() + 1);
    view! {
        <dialog class="dialog" aria-label=title data-dialog=name node_ref=element on:close=move |_| open.set(false)>
            <Show when=move || open.get()>
                <div class="content">
                    <header>
                        <h2>{title}</h2>
                        <button class="button quiet square" type="button" data-action="close-dialog" aria-label=t!("Close") on:click=move |_| open.set(false)><Icon name="cross"/></button>
                    </header>
                    <Provider value=Depth(inside)>{children.with_value(|children| children())}</Provider>
                </div>
            </Show>
        </dialog>
    }
}
