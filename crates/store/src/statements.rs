//! What is said to a database, for tests that look at how it goes about each statement. A program that is built to be shipped keeps nothing.

use crate::sql::Statement;
use std::{cell::RefCell, collections::BTreeSet};

/// A statement, and what kinds of values it is said with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// Its text, with `$1` for the first value.
    pub text: String,
    /// PostgreSQL's words for the types of its values, in order.
    pub kinds: Vec<String>,
}

thread_local! {
    static SAID: RefCell<Option<BTreeSet<Said>>> = const { RefCell::new(None) };
}

/// From now on what runs on this thread is listened to.
pub fn listen() {
    SAID.set(Some(BTreeSet::new()));
}

/// Each statement that was said since [`listen`], once.
pub fn heard() -> BTreeSet<Said> {
    SAID.take().unwrap_or_default()
}

pub(crate) fn note(statement: &Statement<'_>) {
    SAID.with_borrow_mut(|said| {
        if let Some(said) = said {
            said.insert(Said {
                text: statement.text().to_owned(),
                kinds: statement.kinds().collect(),
            });
        }
    });
}
