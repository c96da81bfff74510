//! Fields for what is neither text nor one choice: yes or no, numbers, names with suggestions, mappings.

use super::{
    field::{Optional, Place, ProblemLines, TextField},
    rows::{NewRow, RemoveRow},
};
use crate::editor::{settings, summary::Unsaid};
use leptos::prelude::*;
use serde_json::{Value, json};

/// A box to tick; `unsaid` is what the engine takes it for where the draft does not say.
#[component]
pub(super) fn CheckField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(default = Unsaid::No)] unsaid: Unsaid,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let on = move || {
        let said = place.value(&pointer.get_value()).and_then(|value| value.as_bool());
        said.unwrap_or(unsaid == Unsaid::Yes)
    };
    view! {
        <label class="jc-check">
            <input
                type="checkbox"
                data-field=pointer.get_value()
                prop:checked=on
                on:change:target=move |event| {
                    place.set(&pointer.get_value(), Some(Value::Bool(event.target().checked())));
                }
            />
            <span>{label}</span>
        </label>
        <ProblemLines place pointer=pointer.get_value()/>
    }
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Whole,
    /// Shown from 0 to 100, kept from 0 to 1.
    Percent,
}

/// A number; an empty field takes its setting away.
#[component]
pub(super) fn NumberField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(default = Scale::Whole)] scale: Scale,
    #[prop(default = 1)] min: u32,
    #[prop(default = "")] hint: &'static str,
    /// What is taken when the field is empty.
    #[prop(default = "")]
    unsaid: &'static str,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let text = Memo::new(move |_| {
        let number = place.value(&pointer.get_value()).and_then(|value| value.as_f64());
        match (number, scale) {
            (None, _) => String::new(),
            (Some(number), Scale::Whole) => number.to_string(),
            (Some(part), Scale::Percent) => ((part * 10_000.0).round() / 100.0).to_string(),
        }
    });
    let typed = move |text: String| {
        let text = text.trim();
        if text.is_empty() {
            place.set(&pointer.get_value(), None);
        } else if let Some(number) = read(text, scale) {
            place.set(&pointer.get_value(), Some(number));
        }
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <input
                class="jc-control"
                // A field of type `number` says of `2.` that it is 2, and what is typed behind the point would come before it.
                type=if scale == Scale::Percent { "text" } else { "number" }
                inputmode="decimal"
                min=(scale == Scale::Whole).then_some(min.to_string())
                placeholder=unsaid
                data-field=pointer.get_value()
                prop:value=move || text.get()
                on:input:target=move |event| typed(event.target().value())
            />
            {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
        </label>
        <ProblemLines place pointer=pointer.get_value()/>
    }
}

/// A name that is typed, with names that are known to choose from.
#[component]
pub(super) fn NameField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(into)] known: Signal<Vec<String>>,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = "")] example: &'static str,
    #[prop(default = Optional::No)] optional: Optional,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let text = Memo::new(move |_| place.text(&pointer.get_value()));
    let list = format!("jc-known{}", pointer.get_value().replace('/', "-"));
    let options = move || {
        known.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <input
                class="jc-control"
                list=list.clone()
                autocomplete="off"
                placeholder=example
                data-field=pointer.get_value()
                prop:value=move || text.get()
                on:input:target=move |event| {
                    place.set_text(&pointer.get_value(), event.target().value(), optional);
                }
            />
            {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
        </label>
        <datalist id=list>{options}</datalist>
        <ProblemLines place pointer=pointer.get_value()/>
    }
}

/// Names with an expression each, kept as an object.
#[component]
pub(super) fn MappingRows(
    place: Place,
    #[prop(into)] pointer: String,
    /// What a name stands for, to somebody who adds one.
    placeholder: &'static str,
    example: &'static str,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let names = Memo::new(move |_| {
        let mapping = place.value(&pointer.get_value());
        let members = mapping.as_ref().and_then(Value::as_object);
        members.map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default()
    });
    let at = move |name: &str| format!("{}/{}", pointer.get_value(), settings::step(name));
    let row = move |name: String| {
        let (shown, removed) = (at(&name), at(&name));
        view! {
            <div class="jc-rowline top">
                <div class="jc-grow">
                    <TextField place label=name pointer=shown.clone() code=true example/>
                </div>
                <RemoveRow
                    row=shown.trim_start_matches('/').to_owned()
                    on_remove=Callback::new(move |()| place.set(&removed, None))
                />
            </div>
        }
    };
    let add = Callback::new(move |name: String| {
        place.set(&at(&name), Some(json!("")));
        true
    });
    view! {
        <For each=move || names.get() key=Clone::clone let:name>{row(name)}</For>
        <ProblemLines place pointer=pointer.get_value()/>
        <NewRow
            list=pointer.get_value().trim_start_matches('/').to_owned()
            placeholder
            label=placeholder
            on_add=add
        />
    }
}

fn read(text: &str, scale: Scale) -> Option<Value> {
    match scale {
        Scale::Whole => text.parse::<u64>().ok().map(|number| json!(number)),
        Scale::Percent => {
            let percent = text.parse::<f64>().ok()?;
            Some(json!((percent * 100.0).round() / 10_000.0))
        }
    }
}
