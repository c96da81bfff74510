//! What is drawn and not yet saved, kept by the browser over a reload or a crash.

use crate::api::Tagged;
use journey::Draft;
use leptos::prelude::window;
use serde::{Deserialize, Serialize};

/// The place of one person's unsaved drawing of one journey.
#[derive(Clone, Debug)]
pub(super) struct Kept(String);

#[derive(Serialize, Deserialize)]
struct Drawing {
    etag: String,
    draft: Draft,
}

impl Kept {
    pub(super) fn of(person: &str, journey: &str) -> Self {
        Self(format!("waymark-unsaved {person} {journey}"))
    }

    /// The drawing and the tag of the draft it was made from.
    pub(super) fn read(&self) -> Option<Tagged<Draft>> {
        let text = storage()?.get_item(&self.0).ok()??;
        let Drawing { etag, draft } = serde_json::from_str(&text).ok()?;
        Some(Tagged { value: draft, etag })
    }

    /// Keeps a drawing; a browser without room or permission keeps nothing, and saving goes on as ever.
    pub(super) fn write(&self, draft: &Draft, etag: &str) {
        let drawing = Drawing { etag: etag.to_owned(), draft: draft.clone() };
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&drawing)) {
            let _ = storage.set_item(&self.0, &text);
        }
    }

    pub(super) fn forget(&self) {
        if let Some(storage) = storage() {
            // What cannot be removed is recognised as saved when it is read.
            let _ = storage.remove_item(&self.0);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
