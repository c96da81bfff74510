//! Live updates: the server says what changed, pages that show it read it again; silence is shown too.

use crate::api;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};
use wire::{Change, Session};

/// Changes come in bursts; a page reads again at most this often.
const CALM: Duration = Duration::from_millis(400);

/// A stream the browser has given up is opened again after this long.
const REOPEN: Duration = Duration::from_secs(3);

/// Counts that grow when something of their kind changed.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    pub(crate) instances: RwSignal<u32>,
    pub(crate) tasks: RwSignal<u32>,
    pub(crate) accounts: RwSignal<u32>,
    pub(crate) notices: RwSignal<u32>,
    pub(crate) reviews: RwSignal<u32>,
    /// Whether nothing is heard from the server.
    pub(crate) away: RwSignal<bool>,
    burst: StoredValue<Burst>,
    listening: StoredValue<Option<Listening>, LocalStorage>,
    /// Whether something may have been missed.
    deaf: StoredValue<bool>,
}

/// What has changed since the lists were last told.
#[expect(clippy::struct_excessive_bools, reason = "one flag for each list, and one for the timer")]
#[derive(Clone, Copy, Default)]
struct Burst {
    instances: bool,
    tasks: bool,
    accounts: bool,
    notices: bool,
    reviews: bool,
    waiting: bool,
}

/// The open stream and what listens to it.
struct Listening {
    source: EventSource,
    _heard: Closure<dyn Fn(MessageEvent)>,
    _opened: Closure<dyn Fn()>,
    _failed: Closure<dyn Fn()>,
}

impl Live {
    /// Listens for as long as the owner lives and the page is looked at: a browser lends all tabs of one server six
    /// connections, and a stream keeps one.
    pub(crate) fn listen() -> Self {
        let live = Self {
            instances: RwSignal::new(0),
            tasks: RwSignal::new(0),
            accounts: RwSignal::new(0),
            notices: RwSignal::new(0),
            reviews: RwSignal::new(0),
            away: RwSignal::new(false),
            burst: StoredValue::new(Burst::default()),
            listening: StoredValue::new_local(None),
            deaf: StoredValue::new(false),
        };
        live.look();
        let looking = window_event_listener_untyped("visibilitychange", move |_| live.look());
        on_cleanup(move || {
            looking.remove();
            live.close();
        });
        live
    }

    fn look(self) {
        if document().hidden() {
            self.close();
        } else if self.listening.try_with_value(Option::is_none) == Some(true) {
            self.open();
        }
    }

    fn close(self) {
        self.deaf.try_set_value(true);
        self.listening.try_update_value(|listening| {
            if let Some(listening) = listening.take() {
                listening.source.close();
            }
        });
    }

    fn open(self) {
        let Ok(source) = EventSource::new("/api/v1/stream") else { return };
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            if let Ok(change) = serde_json::from_str(&text) {
                self.take(&change);
            }
        });
        let opened = Closure::<dyn Fn()>::new(move || {
            self.away.try_set(false);
            // Nobody told us what changed while nothing was heard.
            if self.deaf.try_update_value(std::mem::take) == Some(true) {
                self.take(&Change::Everything);
            }
        });
        let failed = Closure::<dyn Fn()>::new(move || {
            self.away.try_set(true);
            self.deaf.try_set_value(true);
            self.reopen();
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        let listening = Listening { source, _heard: heard, _opened: opened, _failed: failed };
        self.listening.try_set_value(Some(listening));
    }

    /// The browser tries again by itself, unless the answer was no stream at all.
    fn reopen(self) {
        let closed = self.listening.try_with_value(|listening| {
            listening.as_ref().is_some_and(|open| open.source.ready_state() == EventSource::CLOSED)
        });
        if closed == Some(true) {
            set_timeout(move || leptos::task::spawn_local(self.knock()), REOPEN);
        }
    }

    /// Asks first who is signed in, which leads to the sign-in when nobody is.
    async fn knock(self) {
        let answer = api::get::<Session>("/session").await;
        if self.listening.try_with_value(Option::is_some) != Some(true) {
            return;
        }
        match answer {
            Ok(_) => self.open(),
            Err(_) => self.reopen(),
        }
    }

    fn take(self, change: &Change) {
        let first = self.burst.try_update_value(|burst| {
            match change {
                Change::Instance { .. } => burst.instances = true,
                Change::Task { .. } => burst.tasks = true,
                Change::Account { .. } => burst.accounts = true,
                Change::Notice { .. } => burst.notices = true,
                Change::Review { .. } => burst.reviews = true,
                Change::Everything => {
                    (burst.instances, burst.tasks) = (true, true);
                    (burst.accounts, burst.notices) = (true, true);
                    burst.reviews = true;
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
            (burst.notices, self.notices),
            (burst.reviews, self.reviews),
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
