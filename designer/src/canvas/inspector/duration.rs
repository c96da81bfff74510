//! A duration as a count and a unit; business time also by a time of day and over a calendar.

use super::{
    field::{Choices, Optional, Picker, Place, ProblemLines, SelectField},
    names,
};
use crate::editor::duration::{Span, Unit};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::Value;

/// Edits the duration at a pointer; one that is not a count of one unit is edited as it is written.
#[component]
pub(super) fn DurationField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = Optional::No)] optional: Optional,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let value = Memo::new(move |_| place.value(&pointer.get_value()));
    let field = Field { place, pointer, value, optional };
    let plain = Memo::new(move |_| {
        value.with(|value| value.as_ref().is_none_or(|value| Span::read(value).is_some()))
    });
    let business = Memo::new(move |_| value.with(|value| matches!(value, Some(Value::Object(_)))));
    let title = StoredValue::new(label.clone());
    let parts = move || {
        let label = title.get_value();
        if plain.get() {
            view! { <Parts field label/> }.into_any()
        } else {
            view! { <Written field label/> }.into_any()
        }
    };
    view! {
        <div class="jc-field">
            <span class="jc-label" aria-hidden="true">{label}</span>
            {parts}
            {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
        </div>
        <Show when=move || business.get()>
            <BusinessParts field/>
        </Show>
        <ProblemLines place pointer=pointer.get_value()/>
        <ProblemLines place pointer=format!("{}/business", pointer.get_value())/>
    }
}

/// The duration a field is about.
#[derive(Clone, Copy)]
struct Field {
    place: Place,
    pointer: StoredValue<String>,
    value: Memo<Option<Value>>,
    optional: Optional,
}

impl Field {
    fn span(self) -> Option<Span> {
        self.value.with(|value| value.as_ref().and_then(Span::read))
    }

    fn write(self, span: Span) {
        let value = self.value.with_untracked(|before| span.write_over(before.as_ref()));
        self.place.set(&self.pointer.get_value(), Some(value));
    }
}

#[component]
fn Parts(field: Field, label: String) -> impl IntoView {
    let count =
        Memo::new(move |_| field.span().map(|span| span.count.to_string()).unwrap_or_default());
    let unit = Memo::new(move |_| {
        field.span().map(|span| span.unit.name().to_owned()).unwrap_or_default()
    });
    let mut choices: Choices = Unit::ALL
        .into_iter()
        .map(|unit| (unit.name().to_owned(), unit.name().to_owned()))
        .collect();
    if field.optional == Optional::Yes {
        choices.insert(0, (String::new(), t!("not set").to_owned()));
    }
    let typed = move |text: String| {
        if text.trim().is_empty() && field.optional == Optional::Yes {
            field.place.set(&field.pointer.get_value(), None);
        } else if let Ok(count) = text.trim().parse() {
            let unit = field.span().map_or(Unit::Days, |span| span.unit);
            field.write(Span { count, unit });
        }
    };
    let picked = Callback::new(move |picked: String| {
        match Unit::ALL.into_iter().find(|unit| unit.name() == picked) {
            Some(unit) => {
                let count = field.span().map_or(1, |span| span.count);
                field.write(Span { count, unit });
            }
            None => field.place.set(&field.pointer.get_value(), None),
        }
    });
    let pointer = field.pointer.get_value();
    view! {
        <div class="jc-pair">
            <input
                class="jc-control"
                type="number"
                min="0"
                aria-label=t!("{label}: how many", label)
                data-field=pointer.clone()
                prop:value=move || count.get()
                on:input:target=move |event| typed(event.target().value())
            />
            <Picker
                value=unit
                choices=Signal::stored(choices)
                field=format!("{pointer}/unit")
                label=t!("{label}: unit", label)
                on_pick=picked
            />
        </div>
    }
}

/// ISO 8601 as it stands in the draft.
#[component]
fn Written(field: Field, label: String) -> impl IntoView {
    let at = move || {
        let business = field.value.with(|value| matches!(value, Some(Value::Object(_))));
        let whole = field.pointer.get_value();
        if business { format!("{whole}/business") } else { whole }
    };
    view! {
        <input
            class="jc-control code"
            aria-label=label
            data-field=field.pointer.get_value()
            prop:value=move || field.place.text(&at())
            on:change:target=move |event| {
                field.place.set_text(&at(), event.target().value(), field.optional);
            }
        />
    }
}

/// What only business time has.
#[component]
fn BusinessParts(field: Field) -> impl IntoView {
    let (place, pointer) = (field.place, field.pointer.get_value());
    let by = format!("{pointer}/by");
    let calendar = format!("{pointer}/calendar");
    let shown = by.clone();
    let time = Memo::new(move |_| place.text(&shown));
    let written = by.clone();
    view! {
        <div class="jc-split">
            <label class="jc-field">
                <span class="jc-label">{t!("By (time of day)")}</span>
                <input
                    class="jc-control"
                    type="time"
                    data-field=by.clone()
                    prop:value=move || time.get()
                    on:input:target=move |event| {
                        place.set_text(&written, event.target().value(), Optional::Yes);
                    }
                />
            </label>
            <SelectField
                place
                label=t!("Calendar")
                pointer=calendar
                choices=names::calendars_of_steps(place, text!("the usual"))
                optional=Optional::Yes
            />
        </div>
        <ProblemLines place pointer=by/>
    }
}
