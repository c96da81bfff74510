//! Going back in an instance's life: which of its records is the last one looked at.

use super::moment;
use crate::{
    load::Loaded,
    messages::t,
    words::{
        past,
        timeline::{Line, timeline},
    },
};
use journey::{Draft, Instance};
use leptos::prelude::*;
use std::collections::BTreeSet;
use wire::RecordView;

/// How far back a person looks.
#[derive(Clone, Copy)]
pub(super) struct Past {
    pub(super) records: Loaded<Vec<RecordView>>,
    /// How many records are looked at; `None` while it is now.
    seen: RwSignal<Option<usize>>,
}

impl Past {
    pub(super) fn of(records: Loaded<Vec<RecordView>>) -> Self {
        Self { records, seen: RwSignal::new(None) }
    }

    /// The records that are looked at.
    pub(super) fn shown(self) -> Vec<RecordView> {
        let mut records = self.records.ready().unwrap_or_default();
        if let Some(seen) = self.seen.get() {
            records.truncate(seen);
        }
        records
    }

    /// The instance as it was; `None` while it is now.
    pub(super) fn instance(self) -> Option<Instance> {
        let seen = self.seen.get()?;
        Some(past::after(&self.records.ready()?, seen))
    }

    /// The last record that is looked at; `None` while it is now.
    pub(super) fn sequence(self) -> Option<u64> {
        let last = self.seen.get()?.checked_sub(1)?;
        self.records.ready()?.get(last).map(|record| record.sequence)
    }

    /// The version it followed after the record looked at; `now` is the one it follows.
    pub(super) fn version(self, now: u64) -> u64 {
        let seen = self.seen.get().unwrap_or(usize::MAX);
        past::version(&self.records.ready().unwrap_or_default(), seen, now)
    }

    /// The versions it has followed, with the one it follows `now`.
    pub(super) fn followed(self, now: u64) -> BTreeSet<u64> {
        past::versions(&self.records.ready().unwrap_or_default(), now)
    }

    fn length(self) -> usize {
        self.records.ready().map(|records| records.len()).unwrap_or_default()
    }
}

/// The slider over the records, and what the last one looked at says.
#[component]
pub(super) fn PastSlider(past: Past, draft: Signal<Option<Draft>>) -> impl IntoView {
    let at = move || past.seen.get().unwrap_or_else(|| past.length());
    let told = Memo::new(move |_| last_line(&past.shown(), draft.get().as_ref()));
    let words = move || {
        let count = t!("Record {number} of {length}", number = at(), length = past.length());
        told.get()
            .map_or(count.clone(), |line| format!("{count}: {}, {}", line.what, moment(&line.at)))
    };
    let slide = move |typed: String| {
        let all = untrack(|| past.length());
        past.seen.set(typed.parse().ok().filter(|seen| *seen < all));
    };
    view! {
        <div class="past" data-state=move || if past.seen.get().is_some() { "past" } else { "now" }>
            <label for="field-record">{t!("Show it as it was")}</label>
            <input
                id="field-record"
                type="range"
                min="1"
                max=move || past.length().to_string()
                prop:value=move || at().to_string()
                aria-valuetext=words
                on:input:target=move |event| slide(event.target().value())
            />
            <button class="button" type="button" data-action="now" disabled=move || past.seen.get().is_none() on:click=move |_| past.seen.set(None)>
                {t!("Now")}
            </button>
            <p class="sub" data-field="record">{words}</p>
        </div>
    }
}

fn last_line(records: &[RecordView], draft: Option<&Draft>) -> Option<Line> {
    timeline(records, draft, &str::to_owned).pop()
}
