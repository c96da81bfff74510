//! Saving a draft as it is drawn, so that nothing drawn is ever lost: not to another person, not to a reload.

mod conflict;

use crate::{
    api::{self, Tagged},
    kept::Kept,
    messages::t,
    parts::{Icon, ProblemView, Retry},
};
use conflict::Conflict;
use journey::Draft;
use leptos::{ev, prelude::*};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::Problem;

/// Changes are saved once drawing rests for this long.
const REST: Duration = Duration::from_millis(600);
/// A failed save is tried again after this long.
const RETRY: Duration = Duration::from_secs(5);

/// What is drawn and not saved, and the tag of the draft it was made from.
#[derive(Serialize, Deserialize)]
struct Drawing {
    etag: String,
    draft: Draft,
}

/// How the draft stands against the server's.
#[derive(Clone, Debug, PartialEq)]
enum State {
    Saved,
    /// Drawn but not sent.
    Changed,
    Sending,
    Failed(Problem),
    /// Someone else saved this newer draft.
    Conflict(Box<Tagged<Draft>>),
}

/// The draft being drawn and where it is saved.
#[derive(Clone, Copy)]
pub(super) struct Saving {
    /// What the editor loads.
    pub(super) shown: RwSignal<Draft>,
    /// Someone else's draft that gave way to what is drawn.
    pub(super) gave_way: RwSignal<Option<Draft>>,
    id: StoredValue<String>,
    drawn: StoredValue<Draft>,
    name: RwSignal<String>,
    etag: StoredValue<String>,
    state: RwSignal<State>,
    pending: StoredValue<Option<TimeoutHandle>>,
    kept: StoredValue<Kept<Drawing>>,
    /// Why the last attempt to save failed, until one succeeds.
    trouble: RwSignal<Option<Problem>>,
}

impl Saving {
    /// Goes on where `person` was, if the browser kept a drawing that was never saved.
    pub(super) fn new(person: &str, id: &str, server: Tagged<Draft>) -> Self {
        let kept = Kept::of(person, id);
        let drawing = kept.read().map(|Drawing { etag, draft }| Tagged { value: draft, etag });
        let (held, state) = match drawing.filter(|kept| kept.value != server.value) {
            Some(kept) if kept.etag == server.etag => (kept, State::Changed),
            Some(kept) => (kept, State::Conflict(Box::new(server))),
            None => (server, State::Saved),
        };
        let saving = Self {
            shown: RwSignal::new(held.value.clone()),
            gave_way: RwSignal::new(None),
            id: StoredValue::new(id.to_owned()),
            name: RwSignal::new(held.value.name.clone()),
            drawn: StoredValue::new(held.value),
            etag: StoredValue::new(held.etag),
            state: RwSignal::new(state),
            pending: StoredValue::new(None),
            kept: StoredValue::new(kept),
            trouble: RwSignal::new(None),
        };
        if saving.state.with_untracked(|state| *state == State::Changed) {
            saving.later(REST);
        }
        let hidden = window_event_listener(ev::pagehide, move |_| saving.keep());
        on_cleanup(move || {
            hidden.remove();
            saving.leave();
        });
        saving
    }

    /// The journey's name as it is drawn.
    pub(super) fn name(self) -> String {
        self.name.get()
    }

    /// What is drawn now, saved or not.
    pub(super) fn drawn(self) -> Draft {
        self.drawn.get_value()
    }

    /// What a node is called as it is drawn; `None` when there is no such node.
    pub(super) fn node_name(self, id: &str) -> Option<String> {
        self.drawn.with_value(|drawn| drawn.node(id).map(|node| node.name.clone()))
    }

    /// Whether the server holds what is drawn.
    pub(super) fn is_saved(self) -> bool {
        self.state.with(|state| *state == State::Saved)
    }

    /// The tag of the draft that was loaded or saved last.
    pub(super) fn etag(self) -> String {
        self.etag.get_value()
    }

    /// Someone else saved meanwhile: their draft is shown beside this one.
    pub(super) fn see_theirs(self) {
        let Some(draft) = self.drawn.try_get_value() else { return };
        let path = self.path();
        leptos::task::spawn_local(async move {
            let next = self.outrun(&path, &draft).await;
            self.rest_in(next);
        });
    }

    /// The editor changed the draft: save it when drawing rests.
    pub(super) fn changed(self, draft: Draft) {
        if self.drawn.with_value(|drawn| *drawn == draft) {
            return;
        }
        if self.name.with_untracked(|name| *name != draft.name) {
            self.name.set(draft.name.clone());
        }
        self.drawn.set_value(draft);
        // A save under way sees the change when it ends; a conflict is for the person to decide.
        if self.state.with_untracked(|state| !matches!(state, State::Sending | State::Conflict(_)))
        {
            self.state.set(State::Changed);
            self.later(REST);
        }
    }

    /// Puts another draft in the editor and saves it: a version restored.
    pub(super) fn replace(self, draft: Draft) {
        self.shown.set(draft.clone());
        self.changed(draft);
    }

    fn later(self, wait: Duration) {
        if let Some(Some(pending)) = self.pending.try_get_value() {
            pending.clear();
        }
        self.pending.try_set_value(set_timeout_with_handle(move || self.send(), wait).ok());
    }

    fn send(self) {
        let Some(draft) = self.drawn.try_get_value() else { return };
        self.state.set(State::Sending);
        let (path, etag) = (self.path(), self.etag.get_value());
        leptos::task::spawn_local(async move {
            let next = match api::put_tagged(&path, &draft, &etag).await {
                Ok(etag) => self.accepted(&draft, etag),
                Err(problem) if problem.status == 412 => self.outrun(&path, &draft).await,
                Err(problem) => State::Failed(problem),
            };
            self.rest_in(next);
        });
    }

    fn accepted(self, draft: &Draft, etag: String) -> State {
        self.etag.try_set_value(etag);
        let newest = self.drawn.try_with_value(|drawn| drawn == draft).unwrap_or(true);
        if newest { State::Saved } else { State::Changed }
    }

    /// The server holds a newer draft; it may be this very one, saved by an attempt whose answer was lost.
    async fn outrun(self, path: &str, draft: &Draft) -> State {
        match api::get_tagged::<Draft>(path).await {
            Ok(theirs) if theirs.value == *draft => self.accepted(draft, theirs.etag),
            Ok(theirs) => State::Conflict(Box::new(theirs)),
            Err(problem) => State::Failed(problem),
        }
    }

    fn rest_in(self, next: State) {
        match &next {
            State::Changed => self.later(REST),
            State::Failed(problem) if problem.status == 0 || problem.status >= 500 => {
                self.later(RETRY);
            }
            State::Saved => drop(self.kept.try_with_value(Kept::forget)),
            State::Failed(_) | State::Sending | State::Conflict(_) => {}
        }
        let trouble = match &next {
            State::Failed(problem) => Some(problem.clone()),
            _ => None,
        };
        if self.trouble.try_with_untracked(|shown| *shown != trouble) == Some(true) {
            self.trouble.set(trouble);
        }
        self.state.try_set(next);
        self.keep();
    }

    /// Lets the browser keep what the server does not hold.
    fn keep(self) {
        let unsaved = self.state.try_with_untracked(|state| *state != State::Saved);
        if unsaved == Some(true) {
            self.kept.with_value(|kept| {
                let etag = self.etag.get_value();
                kept.write(&Drawing { etag, draft: self.drawn.get_value() });
            });
        }
    }

    /// The page is left for another one: what is not saved is sent once more and kept until it has arrived.
    fn leave(self) {
        self.keep();
        if let Some(Some(pending)) = self.pending.try_get_value() {
            pending.clear();
        }
        let waits = self.state.with_untracked(|state| matches!(state, State::Changed));
        let (path, etag) = (self.path(), self.etag.get_value());
        let (draft, kept) = (self.drawn.get_value(), self.kept.get_value());
        if waits {
            leptos::task::spawn_local(async move {
                if api::put_tagged(&path, &draft, &etag).await.is_ok() {
                    kept.forget();
                }
            });
        }
    }

    /// Goes on with the server's draft.
    fn take_theirs(self) {
        let State::Conflict(theirs) = self.state.get_untracked() else { return };
        self.etag.set_value(theirs.etag);
        self.name.set(theirs.value.name.clone());
        self.drawn.set_value(theirs.value.clone());
        self.shown.set(theirs.value);
        self.rest_in(State::Saved);
    }

    /// Saves what is drawn over the server's draft.
    fn keep_mine(self) {
        let State::Conflict(theirs) = self.state.get_untracked() else { return };
        self.etag.set_value(theirs.etag);
        self.gave_way.set(Some(theirs.value));
        self.send();
    }

    /// What a person must decide or know, if anything.
    pub(super) fn banner(self) -> impl IntoView {
        let theirs = Memo::new(move |_| {
            self.state.with(|state| match state {
                State::Conflict(theirs) => Some(theirs.value.clone()),
                _ => None,
            })
        });
        let retry = Retry {
            act: Callback::new(move |()| self.send()),
            busy: Signal::derive(move || self.state.with(|state| *state == State::Sending)),
        };
        view! {
            {move || theirs.get().map(|theirs| view! { <Conflict saving=self theirs/> })}
            {move || self.trouble.get().map(|problem| view! { <ProblemView problem retry/> })}
        }
    }

    fn path(self) -> String {
        format!("/journeys/{}/draft", self.id.get_value())
    }
}

/// Whether everything drawn is safe.
#[component]
pub(super) fn SaveState(saving: Saving) -> impl IntoView {
    let shown = move || {
        saving.state.with(|state| match state {
            State::Saved => ("saved", "check", t!("Saved")),
            State::Changed | State::Sending => ("saving", "cloud", t!("Saving…")),
            State::Failed(_) => ("failed", "alert", t!("Not saved")),
            State::Conflict(_) => ("conflict", "alert", t!("Not saved")),
        })
    };
    view! {
        <span class="save-state" role="status" data-save="" data-state=move || shown().0>
            {move || view! { <Icon name=shown().1/> }}
            {move || shown().2}
        </span>
    }
}
