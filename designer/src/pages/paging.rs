//! Lists that come in pages: which page is shown, and the way to the others.

use crate::messages::t;
use crate::words::grouped;
use leptos::prelude::*;

/// The page of the list that was looked at last: coming back to it finds it where it was left.
#[derive(Clone, Copy)]
pub(crate) struct Turned(RwSignal<Place>);

/// A list by its address, and the cursors of its pages from the second on; the last is that of the page shown.
#[derive(Clone, Default)]
struct Place {
    list: String,
    cursors: Vec<String>,
}

impl Turned {
    /// For every page of the shell.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(Place::default())));
    }

    /// The address of the page of `list` that is shown.
    pub(crate) fn page(self, list: &str) -> String {
        let cursor = self.cursors(list).pop();
        cursor.map_or_else(
            || list.to_owned(),
            |cursor| format!("{list}&cursor={}", crate::api::encoded(&cursor)),
        )
    }

    fn cursors(self, list: &str) -> Vec<String> {
        self.0.with(|place| if place.list == list { place.cursors.clone() } else { Vec::new() })
    }

    fn turn(self, list: &str, change: impl FnOnce(&mut Vec<String>)) {
        let mut cursors = untrack(|| self.cursors(list));
        change(&mut cursors);
        self.0.set(Place { list: list.to_owned(), cursors });
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Which rows are shown, of how many, and the way to those before and after.
#[component]
pub(crate) fn Pager(
    /// The list's address without a cursor.
    list: String,
    /// How many rows a full page has.
    full: u32,
    /// How many rows this page has.
    rows: usize,
    /// How many rows all pages have, if that is known.
    #[prop(optional_no_strip)]
    total: Option<u64>,
    /// The cursor of the page after this one.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    let turned = expect_context::<Turned>();
    let before = untrack(|| turned.cursors(&list)).len() as u64 * u64::from(full);
    let last = before + rows as u64;
    let range = format!("{}–{}", grouped(before + 1), grouped(last));
    let range = match total {
        Some(total) => t!("{range} of {total}", range, total = grouped(total)),
        None => range,
    };
    let (list, is_last) = (StoredValue::new(list), next.is_none());
    let back = move |_| list.with_value(|list| turned.turn(list, |cursors| drop(cursors.pop())));
    let on = move |_| {
        if let Some(next) = next.clone() {
            list.with_value(|list| turned.turn(list, |cursors| cursors.push(next)));
        }
    };
    view! {
        <div class="table-foot">
            <span class="number" data-field="range">{range}</span>
            {(before > 0 || !is_last).then(|| view! {
                <span class="actions spring">
                    <button class="button" type="button" data-action="previous-page" disabled=before == 0 on:click=back>{t!("Previous")}</button>
                    <button class="button" type="button" data-action="next-page" disabled=is_last on:click=on>{t!("Next")}</button>
                </span>
            })}
        </div>
    }
}
