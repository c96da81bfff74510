//! Something that is done to a store, or asked of it, and what it answers, as text.

use crate::{Failure, Store};
use futures_util::future::BoxFuture;
use std::{fmt::Debug, sync::Arc};

pub(super) struct Deed {
    pub(super) text: String,
    run: Box<dyn Fn(Arc<dyn Store>) -> BoxFuture<'static, String> + Send + Sync>,
}

impl Deed {
    pub(super) fn new(
        text: String,
        run: impl Fn(Arc<dyn Store>) -> BoxFuture<'static, String> + Send + Sync + 'static,
    ) -> Self {
        Self { text, run: Box::new(run) }
    }

    pub(super) fn done_to(&self, store: Arc<dyn Store>) -> BoxFuture<'static, String> {
        (self.run)(store)
    }
}

/// A life is too short for more.
pub(super) const MOST_PAGES: usize = 200;

/// An answer as text; of a failure its kind, since each store has its own words for it.
pub(super) fn told<T: Debug>(answer: &Result<T, Failure>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(failure) => format!("failed: {:?}", failure.kind()),
    }
}

/// An answer whose order is not promised.
pub(super) fn told_in_any_order<T: Debug>(answer: Result<Vec<T>, Failure>) -> String {
    told(&answer.map(|rows| {
        let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
        rows.sort_unstable();
        rows
    }))
}

/// A call of a method; what it is called with is cloned for each store.
macro_rules! deed {
    ([$($kept:ident),*] $method:ident($($argument:expr),* $(,)?)) => {
        $crate::promises::differential::deed::deed!(
            [$($kept),*] $method($($argument),*) => |answer| $crate::promises::differential::deed::told(&answer))
    };
    ([$($kept:ident),*] $method:ident($($argument:expr),* $(,)?) => $told:expr) => {{
        let text = format!("{} {:?}", stringify!($method), ($(&$kept,)*));
        $crate::promises::differential::deed::Deed::new(text, move |store| {
            $(let $kept = Clone::clone(&$kept);)*
            Box::pin(async move { $told(store.$method($($argument),*).await) })
        })
    }};
}

/// A list, gone through page by page.
macro_rules! list {
    ([$($kept:ident),*] $method:ident($($argument:expr),* $(,)?) by $limit:expr) => {{
        let limit: u32 = $limit;
        let text = format!("{} {:?} by {limit}", stringify!($method), ($(&$kept,)*));
        $crate::promises::differential::deed::Deed::new(text, move |store| {
            $(let $kept = Clone::clone(&$kept);)*
            Box::pin(async move {
                let (mut pages, mut after) = (String::new(), None);
                // A list that does not come to its end differs from one that does.
                for _ in 0..$crate::promises::differential::deed::MOST_PAGES {
                    let page = store.$method($($argument,)* $crate::Paging::new(after, limit)).await;
                    pages.push_str(&$crate::promises::differential::deed::told(&page));
                    after = page.ok().and_then(|page| page.next);
                    if after.is_none() {
                        break;
                    }
                }
                pages
            })
        })
    }};
}

pub(super) use {deed, list};
