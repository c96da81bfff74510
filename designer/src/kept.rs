//! What a person entered and the server does not hold yet, kept by the browser over a reload, a crash or a new sign-in.

use leptos::prelude::window;
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// The place of what one person entered on one page.
pub(crate) struct Kept<T>(String, PhantomData<fn() -> T>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T: Serialize + DeserializeOwned> Kept<T> {
    /// What `person`, by e-mail address, entered for the thing with this id.
    pub(crate) fn of(person: &str, id: &str) -> Self {
        Self(format!("{}{id}", prefix(person)), PhantomData)
    }

    /// A place that only this page writes to, whatever other tabs of the person keep of the same thing.
    pub(crate) fn apart(person: &str, id: &str) -> Self {
        let page = format!("{}-{}", js_sys::Date::now(), js_sys::Math::random());
        Self::of(person, &format!("{id} {page}"))
    }

    /// What any page of the person kept of the thing, and where.
    pub(crate) fn all(person: &str, id: &str) -> Vec<(Self, T)> {
        let place = Self::of(person, id).0;
        let names = names().into_iter().filter(|name| is_of(&place, name));
        let kept = names.map(|name| Self(name, PhantomData));
        kept.filter_map(|kept| kept.read().map(|entered| (kept, entered))).collect()
    }

    /// What was kept; nothing when it can no longer be read.
    pub(crate) fn read(&self) -> Option<T> {
        serde_json::from_str(&storage()?.get_item(&self.0).ok()??).ok()
    }

    /// Keeps it; a browser without room or permission keeps nothing, and all goes on as ever.
    pub(crate) fn write(&self, entered: &T) {
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(entered)) {
            let _ = storage.set_item(&self.0, &text);
        }
    }

    /// The server holds it, or nobody wants it any more.
    pub(crate) fn forget(&self) {
        if let Some(storage) = storage() {
            // Without storage nothing was kept.
            let _ = storage.remove_item(&self.0);
        }
    }
}

/// Forgets all that `person` entered: who signs out leaves nothing of a customer's on a shared device.
pub(crate) fn forget_all(person: &str) {
    let Some(storage) = storage() else { return };
    let prefix = prefix(person);
    for name in names().into_iter().filter(|name| name.starts_with(&prefix)) {
        // What cannot be removed was not readable either.
        let _ = storage.remove_item(&name);
    }
}

/// The names of all that the browser keeps for the designer.
fn names() -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten()).collect()
}

/// Whether a name is that of a place, or of one that a page has there for itself.
fn is_of(place: &str, name: &str) -> bool {
    name.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn prefix(person: &str) -> String {
    format!("waymark-unsaved {person} ")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_apart_from_those_of_other_things() {
        let place = Kept::<String>::of("mo@example.com", "jrn_1").0;
        assert!(is_of(&place, &place), "a release before this one kept it so");
        assert!(is_of(&place, &format!("{place} 17-0.5")));
        assert!(!is_of(&place, &format!("{place}2 17-0.5")));
        assert!(!is_of(&place, &Kept::<String>::of("bo@example.com", "jrn_1").0));
    }
}
