//! What people are called, where all that is known of them is an e-mail address.

use crate::{
    api,
    load::{Loaded, load},
    messages::t,
};
use leptos::prelude::*;
use std::collections::BTreeMap;
use wire::{Page, Session, TaskView, User};

/// Names by e-mail address.
#[derive(Clone, Copy)]
pub(crate) struct People(Loaded<BTreeMap<String, String>>);

impl People {
    /// For every page of the shell.
    pub(crate) fn provide() {
        provide_context(Self(load(names)));
    }

    /// Everybody who has a name, by e-mail address.
    pub(crate) fn all(self) -> Vec<(String, String)> {
        self.0.ready().map(|names| names.into_iter().collect()).unwrap_or_default()
    }

    /// Whom a task nobody has claimed is for: a person, or a team.
    pub(crate) fn meant(
        self,
        task: &TaskView,
        session: Signal<Session>,
    ) -> impl Fn() -> Option<String> + Send + Sync + use<> {
        let (person, team) = (task.offered_to.clone(), task.team.clone());
        let is_me = session.with_untracked(|session| person.as_ref() == Some(&session.email));
        move || match (&person, &team) {
            (Some(_), _) if is_me => Some(t!("For you").to_owned()),
            (Some(person), _) => Some(t!("For {person}", person = self.name(person))),
            (None, Some(team)) => Some(t!("For team {team}", team)),
            (None, None) => None,
        }
    }

    /// The name of whoever has this address; the address while no name is known.
    pub(crate) fn name(self, email: &str) -> String {
        self.0
            .value
            .with(|names| match names {
                Some(Ok(names)) => names.get(email).cloned(),
                _ => None,
            })
            .unwrap_or_else(|| email.to_owned())
    }
}

async fn names() -> api::Answer<BTreeMap<String, String>> {
    let page = api::get::<Page<User>>("/users?limit=500").await?;
    let named = page.items.into_iter().filter(|user| !user.name.is_empty());
    Ok(named.map(|user| (user.email, user.name)).collect())
}
