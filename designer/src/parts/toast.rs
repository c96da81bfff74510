//! Short messages that say something was done, read out by screen readers.

use super::Icon;
use leptos::prelude::*;
use std::time::Duration;

const SHOWN: Duration = Duration::from_secs(5);

/// The messages that are shown now.
#[derive(Clone, Copy)]
pub(crate) struct Toasts(RwSignal<Vec<(u32, String)>>);

impl Toasts {
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(Vec::new())));
    }

    /// Says something for a few seconds.
    pub(crate) fn say(self, text: &str) {
        let text = text.to_owned();
        let id = self.0.try_update(|shown| {
            let id = shown.last().map_or(0, |(id, _)| id.wrapping_add(1));
            shown.push((id, text));
            id
        });
        if let Some(id) = id {
            set_timeout(
                move || {
                    // The rack may be gone with the page before its message is.
                    let _ = self.0.try_update(|shown| shown.retain(|(other, _)| *other != id));
                },
                SHOWN,
            );
        }
    }
}

/// Where the messages appear.
#[component]
pub(crate) fn ToastRack() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.0.get() key=|(id, _)| *id let((_, text))>
                <div class="toast"><Icon name="check"/>{text}</div>
            </For>
        </div>
    }
}
