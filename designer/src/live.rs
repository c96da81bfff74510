//! Live updates: the server says what changed, pages that show it read it again.

use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use wire::Change;

/// Changes come in bursts; a page reads again at most this often.
const CALM: Duration = Duration::from_millis(400);

/// Counts that grow when something of their kind changed.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    pub(crate) instances: RwSignal<u32>,
    pub(crate) tasks: RwSignal<u32>,
    pub(crate) accounts: RwSignal<u32>,
    burst: StoredValue<Burst>,
}

/// What has changed since the lists were last told.
#[expect(clippy::struct_excessive_bools, reason = "one flag for each list, and one for the timer")]
#[derive(Clone, Copy, Default)]
struct Burst {
    instances: bool,
    tasks: bool,
    accounts: bool,
    waiting: bool,
}

impl Live {
    /// Listens for as long as the owner lives. The browser reconnects by itself.
    pub(crate) fn listen() -> Self {
        let live = Self {
            instances: RwSignal::new(0),
            tasks: RwSignal::new(0),
            accounts: RwSignal::new(0),
            burst: StoredValue::new(Burst::default()),
        };
        if let Ok(source) = web_sys::EventSource::new("/api/v1/stream") {
            let heard = Closure::<dyn Fn(web_sys::MessageEvent)>::new(
                move |event: web_sys::MessageEvent| {
                    let text = event.data().as_string().unwrap_or_default();
                    if let Ok(change) = serde_json::from_str(&text) {
                        live.take(&change);
                    }
                },
            );
            source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
            for kind in ["change", "instance", "task", "account", "everything"] {
                // Named events are the same hints; a browser that refuses the listener still has the unnamed ones.
                let _ =
                    source.add_event_listener_with_callback(kind, heard.as_ref().unchecked_ref());
            }
            let held = StoredValue::new_local((source, heard));
            on_cleanup(move || held.with_value(|(source, _)| source.close()));
        }
        live
    }

    fn take(self, change: &Change) {
        let first = self.burst.try_update_value(|burst| {
            match change {
                Change::Instance { .. } => burst.instances = true,
                Change::Task { .. } => burst.tasks = true,
                Change::Account { .. } => burst.accounts = true,
                Change::Everything => {
                    (burst.instances, burst.tasks, burst.accounts) = (true, true, true);
                }
            }
            !std::mem::replace(&mut burst.waiting, true)
        });
        if first == Some(true) {
            set_timeout(move || self.tell(), CALM);
        }
    }

    fn tell(self) {
        let Some(burst) = self.burst.try_update_value(std::mem::take) else { return };
        for (changed, count) in [
            (burst.instances, self.instances),
            (burst.tasks, self.tasks),
            (burst.accounts, self.accounts),
        ] {
            if changed {
                count.try_update(|count| *count = count.wrapping_add(1));
            }
        }
    }
}

/// The live updates of the shell around this page.
pub(crate) fn live() -> Live {
    expect_context()
}
