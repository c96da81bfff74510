//! Saving a draft as it is drawn, so that nothing drawn is ever lost: not to another person, not to a reload.

mod conflict;
mod unsaved;

use crate::{
    api::{self, Answer, Tagged},
    kept::Kept,
    messages::t,
    parts::{Icon, ProblemView, Retry},
};
use conflict::Conflict;
use journey::Draft;
use leptos::{ev, prelude::*};
use std::time::Duration;
use unsaved::{Drawing, Last, Legacy};
use wire::Problem;

/// Changes are saved once drawing rests for this long.
const REST: Duration = Duration::from_millis(600);
/// A failed save is tried again after this long.
const RETRY: Duration = Duration::from_secs(5);

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
    /// What is drawn at the end is left here for a save that is under way.
    legacy: StoredValue<Legacy, LocalStorage>,
    /// Why the last attempt to save failed, until one succeeds.
    trouble: RwSignal<Option<Problem>>,
}

impl Saving {
    /// Goes on where `person` was, if the browser kept a drawing that was never saved.
    pub(super) fn new(person: &str, id: &str, server: Tagged<Draft>) -> Self {
        let (kept, drawing) = unsaved::open(person, id, &server);
        let drawing = drawing.map(|Drawing { etag, draft }| Tagged { value: draft, etag });
        let (held, state) = match drawing {
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
            legacy: StoredValue::new_local(Legacy::default()),
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
            let sent = outrun(&path, &draft).await;
            self.rest_in(self.after(&draft, sent));
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
        let legacy = self.legacy.get_value();
        leptos::task::spawn_local(async move {
            let sent = match api::put_tagged(&path, &draft, &etag).await {
                Err(problem) if problem.status == 412 => outrun(&path, &draft).await,
                Err(problem) => Err(State::Failed(problem)),
                Ok(etag) => Ok(etag),
            };
            match (legacy.take(), sent) {
                (None, sent) => self.rest_in(self.after(&draft, sent)),
                (Some(last), Ok(etag)) => last.follow(&draft, etag).await,
                // The page is gone: what it kept is decided on when it is opened again.
                (Some(_), Err(_)) => {}
            }
        });
    }

    /// How it stands once `draft` was sent: the server holds it under a tag, or why it does not.
    fn after(self, draft: &Draft, sent: Result<String, State>) -> State {
        let etag = match sent {
            Ok(etag) => etag,
            Err(why) => return why,
        };
        self.etag.try_set_value(etag);
        let newest = self.drawn.try_with_value(|drawn| drawn == draft).unwrap_or(true);
        if newest { State::Saved } else { State::Changed }
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
        let last = || Last::new(self.path(), self.drawn.get_value(), self.kept.get_value());
        match self.state.get_untracked() {
            State::Changed => {
                let (last, etag) = (last(), self.etag.get_value());
                leptos::task::spawn_local(async move { last.send(&etag).await });
            }
            State::Sending => self.legacy.with_value(|legacy| legacy.leave(last())),
            State::Saved | State::Failed(_) | State::Conflict(_) => {}
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
        self.id.with_value(|id| draft_of(id))
    }
}

fn draft_of(journey: &str) -> String {
    format!("/journeys/{journey}/draft")
}

/// Reads a journey's draft, after what was drawn of it on a page that was left has arrived.
pub(super) async fn read(journey: &str) -> Answer<Tagged<Draft>> {
    let path = draft_of(journey);
    unsaved::arrived(&path).await;
    api::get_tagged(&path).await
}

/// The server holds a newer draft; it may be this very one, saved by an attempt whose answer was lost. Says its tag then.
async fn outrun(path: &str, draft: &Draft) -> Result<String, State> {
    match api::get_tagged::<Draft>(path).await {
        Ok(theirs) if theirs.value == *draft => Ok(theirs.etag),
        Ok(theirs) => Err(State::Conflict(Box::new(theirs))),
        Err(problem) => Err(State::Failed(problem)),
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
