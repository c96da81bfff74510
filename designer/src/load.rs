//! Reading something for a page: loading, there, or a problem with a way to try again.

use crate::{
    api::{self, Answer},
    parts::{Beneath, Missing, ProblemView, Retry, Skeleton},
};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use std::{future::Future, time::Duration};

/// Something read from the server, again whenever what its request reads changes.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    pub(crate) value: RwSignal<Option<Answer<T>>>,
    again: RwSignal<u32>,
    busy: RwSignal<bool>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Loaded<T> {
    /// What was read, once it is there.
    pub(crate) fn ready(self) -> Option<T> {
        self.value.get().and_then(Result::ok)
    }

    /// Reads again; what is shown stays until the answer is there.
    pub(crate) fn again(self) {
        // The page may have been left while an answer was on its way.
        self.again.try_update(|again| *again = again.wrapping_add(1));
    }

    /// Reads again, `pause` after each answer, for as long as what was read goes on: also when an answer says what the one before said.
    pub(crate) fn follow(self, pause: Duration, goes_on: impl Fn(&T) -> bool + 'static) {
        Effect::new(move |before: Option<Option<TimeoutHandle>>| {
            if let Some(Some(pending)) = before {
                pending.clear();
            }
            let read = |held: &Option<Answer<T>>| {
                held.as_ref().is_some_and(|held| held.as_ref().is_ok_and(&goes_on))
            };
            let waits = !self.busy.get() && self.value.with(read);
            // The page may be left while it waits: then reading again does nothing.
            let again = move || set_timeout_with_handle(move || self.again(), pause).ok();
            waits.then(again).flatten()
        });
    }

    /// Whether an answer is on its way.
    pub(crate) fn busy(self) -> bool {
        self.busy.get()
    }

    /// The way to try again, for a problem that is shown.
    pub(crate) fn retry(self) -> Retry {
        Retry { act: Callback::new(move |()| self.again()), busy: self.busy.into() }
    }

    /// Shows a skeleton, the problem, or what was read.
    pub(crate) fn show<V: IntoView + 'static>(
        self,
        ready: impl Fn(T) -> V + Send + 'static,
    ) -> AnyView {
        let shown = move || match self.value.get() {
            None => view! { <Skeleton/> }.into_any(),
            Some(Err(problem)) if problem.status == 404 => view! { <Missing problem/> }.into_any(),
            Some(Err(problem)) => view! { <ProblemView problem retry=self.retry()/> }.into_any(),
            Some(Ok(value)) => ready(value).into_any(),
        };
        shown.into_any()
    }
}

/// Reads what is at `path`, again whenever a signal that `path` reads changes.
pub(crate) fn read<T>(path: impl Fn() -> String + 'static) -> Loaded<T>
where
    T: Clone + PartialEq + DeserializeOwned + Send + Sync + 'static,
{
    load_of(move || {
        let path = path();
        (path.clone(), async move { api::get(&path).await })
    })
}

/// Reads with `request` now, and again whenever a signal it reads changes.
pub(crate) fn load<T, F>(request: impl Fn() -> F + 'static) -> Loaded<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    load_of(move || ((), request()))
}

/// Reads as [`load`] does; `request` says also what it asks for, and an answer to something else is never shown in its place. A late answer never replaces a newer one.
pub(crate) fn load_of<K, T, F>(request: impl Fn() -> (K, F) + 'static) -> Loaded<T>
where
    K: PartialEq + 'static,
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let loaded =
        Loaded { value: RwSignal::new(None), again: RwSignal::new(0), busy: RwSignal::new(false) };
    let turn = StoredValue::new(0_u32);
    // Until it is answered, a question that differs from the one before stays new.
    let answered = StoredValue::new_local(None::<K>);
    let beneath = Beneath::here();
    Effect::new(move |_| {
        loaded.again.track();
        let (asked, answer) = request();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        loaded.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            // What is drawn anew would take an open dialog away, and what was typed in it.
            if loaded.value.try_with_untracked(Option::is_some) == Some(true) {
                beneath.uncovered().await;
            }
            if turn.try_get_value() == Some(mine) {
                let same = answered.try_with_value(|held| held.as_ref() == Some(&asked));
                let held =
                    if same == Some(true) { Held::SameQuestion } else { Held::OtherQuestion };
                answered.try_set_value(Some(asked));
                take(loaded.value, held, answer);
                loaded.busy.try_set(false);
            }
        });
    });
    loaded
}

/// What the answer that is shown was given to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    SameQuestion,
    OtherQuestion,
}

/// Redraws only what is different; a server that is away does not wipe what it said of the same thing.
fn take<T: PartialEq + Send + Sync + 'static>(
    value: RwSignal<Option<Answer<T>>>,
    held: Held,
    answer: Answer<T>,
) {
    let keep = value.try_with_untracked(|shown| match (shown, &answer) {
        (Some(Ok(_)), Err(problem)) if held == Held::SameQuestion => {
            problem.status == 0 || problem.status >= 500
        }
        (Some(shown), answer) => shown == answer,
        (None, _) => false,
    });
    if keep == Some(false) {
        value.try_set(Some(answer));
    }
}
