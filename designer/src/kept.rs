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
    let names = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
    let theirs: Vec<String> = names.filter(|name| name.starts_with(&prefix)).collect();
    for name in theirs {
        // What cannot be removed was not readable either.
        let _ = storage.remove_item(&name);
    }
}

fn prefix(person: &str) -> String {
    format!("waymark-unsaved {person} ")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
