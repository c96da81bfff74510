//! A duration as a count and a unit.

use super::field::{Choices, Optional, Picker, Place, ProblemLines};
use crate::editor::duration::{Span, Unit, describe};
use leptos::prelude::*;
use serde_json::Value;

/// Edits the duration at a pointer; one that is not a count of one unit is edited as it is written.
#[component]
pub(super) fn DurationField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let value = Memo::new(move |_| place.value(&pointer.get_value()));
    let plain = Memo::new(move |_| {
        value.with(|value| value.as_ref().is_some_and(|value| Span::read(value).is_some()))
    });
    let parts = move || {
        if plain.get() || value.with(Option::is_none) {
            view! { <Parts place pointer value/> }.into_any()
        } else {
            view! { <Written place pointer value/> }.into_any()
        }
    };
    view! {
        <div class="jc-field">
            <span class="jc-label">{label}</span>
            {parts}
        </div>
        <ProblemLines place pointer=pointer.get_value()/>
    }
}

#[component]
fn Parts(place: Place, pointer: StoredValue<String>, value: Memo<Option<Value>>) -> impl IntoView {
    let span = move || {
        let fallback = Span { count: 1, unit: Unit::Days };
        value.with(|value| value.as_ref().and_then(Span::read)).unwrap_or(fallback)
    };
    let count = Memo::new(move |_| span().count.to_string());
    let unit = Memo::new(move |_| span().unit.plural().to_owned());
    let choices: Choices = Unit::ALL
        .into_iter()
        .map(|unit| (unit.plural().to_owned(), unit.plural().to_owned()))
        .collect();
    let write = move |span: Span| place.set(&pointer.get_value(), Some(span.write()));
    let typed = move |text: String| {
        if let Ok(count) = text.trim().parse() {
            write(Span { count, ..span() });
        }
    };
    let picked = Callback::new(move |picked: String| {
        let unit = Unit::ALL.into_iter().find(|unit| unit.plural() == picked);
        write(Span { unit: unit.unwrap_or(Unit::Days), ..span() });
    });
    let field = pointer.get_value();
    view! {
        <div class="jc-pair">
            <input
                class="jc-control"
                type="number"
                min="0"
                aria-label="How many"
                data-field=field.clone()
                prop:value=move || count.get()
                on:input:target=move |event| typed(event.target().value())
            />
            <Picker value=unit choices=Signal::stored(choices) field=format!("{field}/unit") on_pick=picked/>
        </div>
    }
}

#[component]
fn Written(
    place: Place,
    pointer: StoredValue<String>,
    value: Memo<Option<Value>>,
) -> impl IntoView {
    let text = move || value.with(|value| value.as_ref().map(describe)).unwrap_or_default();
    view! {
        <input
            class="jc-control code"
            data-field=pointer.get_value()
            prop:value=text
            on:change:target=move |event| {
                place.set_text(&pointer.get_value(), event.target().value(), Optional::No);
            }
        />
    }
}
