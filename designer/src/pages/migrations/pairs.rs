//! Names and what they are called elsewhere, as a form holds them.

use leptos::prelude::*;
use std::collections::BTreeMap;

/// Pairs as they are typed.
#[derive(Clone, Copy)]
pub(super) struct Pairs(RwSignal<Vec<[String; 2]>>);

impl Pairs {
    pub(super) fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    pub(super) fn count(self) -> usize {
        self.0.with(Vec::len)
    }

    pub(super) fn add(self) {
        self.0.update(|pairs| pairs.push(Default::default()));
    }

    pub(super) fn remove(self, at: usize) {
        self.0.update(|pairs| {
            if at < pairs.len() {
                pairs.remove(at);
            }
        });
    }

    /// What stands on one side of a pair; empty when there is no such pair.
    pub(super) fn text(self, at: usize, side: usize) -> String {
        self.0
            .with(|pairs| pairs.get(at).and_then(|pair| pair.get(side)).cloned())
            .unwrap_or_default()
    }

    pub(super) fn write(self, at: usize, side: usize, typed: String) {
        self.0.update(|pairs| {
            if let Some(text) = pairs.get_mut(at).and_then(|pair| pair.get_mut(side)) {
                *text = typed;
            }
        });
    }

    /// The pairs both sides of which say something.
    pub(super) fn named(self) -> BTreeMap<String, String> {
        let pairs = self.0.get_untracked().into_iter();
        let trimmed = pairs.map(|[from, to]| (from.trim().to_owned(), to.trim().to_owned()));
        trimmed.filter(|(from, to)| !from.is_empty() && !to.is_empty()).collect()
    }
}
