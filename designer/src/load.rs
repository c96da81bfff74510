//! Reading something for a page: loading, there, or a problem with a way to try again.

use crate::{
    api::Answer,
    app::AskAgain,
    parts::{ProblemView, Skeleton},
};
use leptos::prelude::*;
use std::future::Future;

/// Something read from the server, again whenever what its request reads changes.
pub(crate) struct Loaded<T: Send + Sync + 'static> {
    pub(crate) value: RwSignal<Option<Answer<T>>>,
    again: RwSignal<u32>,
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

    /// Shows a skeleton, the problem, or what was read.
    pub(crate) fn show<V: IntoView + 'static>(
        self,
        ready: impl Fn(T) -> V + Send + 'static,
    ) -> AnyView {
        let shown = move || match self.value.get() {
            None => view! { <Skeleton/> }.into_any(),
            Some(Err(problem)) => {
                view! { <ProblemView problem retry=move || self.again()/> }.into_any()
            }
            Some(Ok(value)) => ready(value).into_any(),
        };
        shown.into_any()
    }
}

/// Reads with `request` now, and again whenever a signal it reads changes. A late answer never replaces a newer one.
pub(crate) fn load<T, F>(request: impl Fn() -> F + 'static) -> Loaded<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let loaded = Loaded { value: RwSignal::new(None), again: RwSignal::new(0) };
    let turn = StoredValue::new(0_u32);
    let ask_again = use_context::<AskAgain>();
    Effect::new(move |_| {
        loaded.again.track();
        let answer = request();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            if turn.try_get_value() == Some(mine) {
                let over = answer.as_ref().err().is_some_and(|problem| problem.status == 401);
                if let Some(AskAgain(ask_again)) = ask_again.filter(|_| over) {
                    ask_again.run(());
                }
                take(loaded.value, answer);
            }
        });
    });
    loaded
}

/// Redraws only what is different; an answer that failed does not wipe what is shown, unless there is nothing or it is gone.
fn take<T: PartialEq + Send + Sync + 'static>(
    held: RwSignal<Option<Answer<T>>>,
    answer: Answer<T>,
) {
    let keep = held.try_with_untracked(|held| match (held, &answer) {
        (Some(Ok(_)), Err(problem)) => problem.status == 0 || problem.status >= 500,
        (Some(held), answer) => held == answer,
        (None, _) => false,
    });
    if keep == Some(false) {
        held.try_set(Some(answer));
    }
}
