//! Saving a draft as it is drawn, and what to do when someone else saved in between.

use crate::{
    api::{self, Tagged},
    parts::{Icon, ProblemView},
};
use journey::Draft;
use leptos::prelude::*;
use std::time::Duration;
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
    /// Someone else saved a newer draft.
    Conflict,
}

/// The draft being drawn and where it is saved.
#[derive(Clone, Copy)]
pub(super) struct Saving {
    /// What the editor loads.
    pub(super) shown: RwSignal<Draft>,
    id: StoredValue<String>,
    drawn: StoredValue<Draft>,
    name: RwSignal<String>,
    etag: StoredValue<String>,
    state: RwSignal<State>,
    pending: StoredValue<Option<TimeoutHandle>>,
}

impl Saving {
    pub(super) fn new(id: &str, draft: Tagged<Draft>) -> Self {
        Self {
            id: StoredValue::new(id.to_owned()),
            name: RwSignal::new(draft.value.name.clone()),
            drawn: StoredValue::new(draft.value.clone()),
            shown: RwSignal::new(draft.value),
            etag: StoredValue::new(draft.etag),
            state: RwSignal::new(State::Saved),
            pending: StoredValue::new(None),
        }
    }

    /// The journey's name as it is drawn.
    pub(super) fn name(self) -> String {
        self.name.get()
    }

    /// What a node is called as it is drawn; `None` when there is no such node.
    pub(super) fn node_name(self, id: &str) -> Option<String> {
        self.drawn.with_value(|drawn| drawn.node(id).map(|node| node.name.clone()))
    }

    /// Whether the server holds what is drawn.
    pub(super) fn is_saved(self) -> bool {
        self.state.with(|state| *state == State::Saved)
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
        if self.state.with_untracked(|state| !matches!(state, State::Sending | State::Conflict)) {
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
            let answer = api::put_tagged(&path, &draft, &etag).await;
            self.sent(&draft, answer);
        });
    }

    fn sent(self, draft: &Draft, answer: api::Answer<String>) {
        let next = match answer {
            Ok(etag) => {
                self.etag.try_set_value(etag);
                let newest = self.drawn.try_with_value(|drawn| drawn == draft).unwrap_or(true);
                if newest { State::Saved } else { State::Changed }
            }
            Err(problem) if problem.status == 412 => State::Conflict,
            Err(problem) => State::Failed(problem),
        };
        match &next {
            State::Changed => self.later(REST),
            State::Failed(problem) if problem.status == 0 || problem.status >= 500 => {
                self.later(RETRY);
            }
            State::Failed(_) | State::Saved | State::Sending | State::Conflict => {}
        }
        self.state.try_set(next);
    }

    /// Takes the server's draft; what was drawn since is gone.
    fn reload(self) {
        leptos::task::spawn_local(async move {
            match api::get_tagged::<Draft>(&self.path()).await {
                Ok(theirs) => {
                    self.etag.try_set_value(theirs.etag);
                    self.name.try_set(theirs.value.name.clone());
                    self.drawn.try_set_value(theirs.value.clone());
                    self.shown.try_set(theirs.value);
                    self.state.try_set(State::Saved);
                }
                Err(problem) => drop(self.state.try_set(State::Failed(problem))),
            }
        });
    }

    /// Saves what is drawn over the server's draft.
    fn keep_mine(self) {
        leptos::task::spawn_local(async move {
            match api::get_tagged::<Draft>(&self.path()).await {
                Ok(theirs) => {
                    self.etag.try_set_value(theirs.etag);
                    self.send();
                }
                Err(problem) => drop(self.state.try_set(State::Failed(problem))),
            }
        });
    }

    /// What a person must decide or know, if anything.
    pub(super) fn banner(self) -> Option<AnyView> {
        match self.state.get() {
            State::Conflict => Some(view! {
                <div class="problem warning" role="alert" data-state="conflict">
                    <Icon name="alert"/>
                    <strong>"Someone else changed this draft"</strong>
                    <p>"Reload shows theirs and drops what you drew since. Keep mine saves yours over it."</p>
                    <div class="actions">
                        <button class="button" type="button" data-action="reload-draft" on:click=move |_| self.reload()>"Reload"</button>
                        <button class="button" type="button" data-action="keep-mine" on:click=move |_| self.keep_mine()>"Keep mine"</button>
                    </div>
                </div>
            }.into_any()),
            State::Failed(problem) => Some(view! { <ProblemView problem retry=move || self.send()/> }.into_any()),
            State::Saved | State::Changed | State::Sending => None,
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
            State::Saved => ("saved", "check", "Saved"),
            State::Changed | State::Sending => ("saving", "cloud", "Saving…"),
            State::Failed(_) => ("failed", "alert", "Not saved"),
            State::Conflict => ("conflict", "alert", "Not saved"),
        })
    };
    view! {
        <span class="save-state" role="status" data-save="" data-state=move || shown().0>
            {move || view! { <Icon name=shown().1/> }}
            {move || shown().2}
        </span>
    }
}
