//! A form as a list of fields, kept as JSON Schema.

use super::{
    field::{Choices, Picker, Place, ProblemLines},
    rows::{NewRow, RemoveRow, Section},
};
use crate::{
    editor::form::{self, Field, FieldType},
    messages::t,
    words::spoken,
};
use leptos::prelude::*;
use serde_json::json;

/// What becomes of a schema without fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Empty {
    Gone,
    Kept,
}

/// Edits the fields of the schema at a pointer.
#[component]
pub(super) fn FormFields(
    place: Place,
    #[prop(into)] title: String,
    #[prop(into)] pointer: String,
    hint: &'static str,
    #[prop(default = Empty::Gone)] empty: Empty,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let fields = Memo::new(move |_| form::read(place.value(&pointer.get_value()).as_ref()));
    let list = FieldList { place, pointer, fields, empty };
    let count = Memo::new(move |_| fields.with(|fields| fields.as_ref().map(Vec::len)));
    let rows = move || {
        match count.get() {
        Some(count) => (0..count).map(|at| view! { <FieldRow list at/> }).collect_view().into_any(),
        None => view! {
            <p class="jc-hint">{t!("This schema says more than a list of fields can; it is kept as it is.")}</p>
        }
        .into_any(),
    }
    };
    view! {
        <Section title>
            <p class="jc-hint">{hint}</p>
            {rows}
            <ProblemLines place pointer=pointer.get_value()/>
            <Show when=move || count.get().is_some()>
                <NewField list/>
            </Show>
        </Section>
    }
}

/// The fields, and the way to write them.
#[derive(Clone, Copy)]
struct FieldList {
    place: Place,
    pointer: StoredValue<String>,
    fields: Memo<Option<Vec<Field>>>,
    empty: Empty,
}

impl FieldList {
    fn field(self, at: usize) -> Option<Field> {
        self.fields.with(|fields| fields.as_ref().and_then(|fields| fields.get(at).cloned()))
    }

    fn change(self, change: impl FnOnce(&mut Vec<Field>)) {
        let mut fields = self.fields.get_untracked().unwrap_or_default();
        change(&mut fields);
        let kept =
            (self.empty == Empty::Kept).then(|| json!({ "type": "object", "properties": {} }));
        let pointer = self.pointer.get_value();
        let before = self.place.value(&pointer);
        self.place.set(&pointer, form::write(&fields, before.as_ref()).or(kept));
    }

    fn change_one(self, at: usize, change: impl FnOnce(&mut Field)) {
        self.change(|fields| {
            if let Some(field) = fields.get_mut(at) {
                change(field);
            }
        });
    }

    fn at(self, rest: &str) -> String {
        format!("{}/{rest}", self.pointer.get_value())
    }
}

#[component]
fn FieldRow(list: FieldList, at: usize) -> impl IntoView {
    let name = Memo::new(move |_| list.field(at).map(|field| field.name).unwrap_or_default());
    let kind = Memo::new(move |_| list.field(at).map_or(FieldType::Text, |field| field.kind));
    let title = Memo::new(move |_| kind.get().title().to_owned());
    let required = move || list.field(at).is_some_and(|field| field.required);
    let pick = Callback::new(move |picked: String| {
        let kind = FieldType::ALL.into_iter().find(|kind| kind.title() == picked);
        list.change_one(at, |field| field.take(kind.unwrap_or(FieldType::Text)));
    });
    view! {
        <div class="jc-card">
            <div class="jc-rowline">
                <code class="jc-grow">{move || name.get()}</code>
                <Picker
                    value=title
                    choices=Signal::stored(types())
                    field=list.at(&format!("{at}/type"))
                    label=t!("What {name} takes", name = name.get_untracked())
                    on_pick=pick
                />
                <RemoveRow
                    row=list.at(&at.to_string()).trim_start_matches('/').to_owned()
                    on_remove=Callback::new(move |()| list.change(|fields| { fields.remove(at); }))
                />
            </div>
            <FieldTitle list at/>
            <Show when=move || kind.get() == FieldType::Choice>
                <Options list at/>
            </Show>
            <label class="jc-check">
                <input
                    type="checkbox"
                    data-field=list.at(&format!("{at}/required"))
                    prop:checked=required
                    on:change:target=move |event| {
                        let required = event.target().checked();
                        list.change_one(at, |field| field.required = required);
                    }
                />
                {t!("Must be filled in")}
            </label>
        </div>
    }
}

#[component]
fn FieldTitle(list: FieldList, at: usize) -> impl IntoView {
    let of = move |read: fn(Field) -> String| list.field(at).map(read).unwrap_or_default();
    view! {
        <input
            class="jc-control"
            aria-label=t!("What people read for {name}", name = of(|field| field.name))
            placeholder=move || spoken(&of(|field| field.name))
            data-field=list.at(&format!("{at}/title"))
            prop:value=move || of(|field| field.title)
            on:change:target=move |event| {
                let typed = event.target().value().trim().to_owned();
                list.change_one(at, |field| field.title = typed);
            }
        />
    }
}

#[component]
fn Options(list: FieldList, at: usize) -> impl IntoView {
    let text = Memo::new(move |_| {
        list.field(at).map(|field| field.options.join(", ")).unwrap_or_default()
    });
    view! {
        <input
            class="jc-control"
            aria-label=t!("What it offers, separated by commas")
            data-field=list.at(&format!("{at}/options"))
            prop:value=move || text.get()
            on:change:target=move |event| {
                let typed = event.target().value();
                let options = typed.split(',').map(|option| option.trim().to_owned());
                let options: Vec<String> = options.filter(|option| !option.is_empty()).collect();
                list.change_one(at, |field| field.options = options);
            }
        />
    }
}

#[component]
fn NewField(list: FieldList) -> impl IntoView {
    let add = Callback::new(move |typed: String| {
        let Some(new) = Field::called(&typed) else { return false };
        let is_known = list.fields.with_untracked(|fields| {
            fields.as_ref().is_some_and(|fields| fields.iter().any(|field| field.name == new.name))
        });
        if !is_known {
            list.change(|fields| fields.push(new));
        }
        !is_known
    });
    view! {
        <NewRow
            list=list.pointer.get_value().trim_start_matches('/').to_owned()
            placeholder=t!("Field name, e.g. go-live date")
            label=t!("New field")
            on_add=add
        />
    }
}

fn types() -> Choices {
    FieldType::ALL
        .into_iter()
        .map(|kind| (kind.title().to_owned(), kind.title().to_owned()))
        .collect()
}
