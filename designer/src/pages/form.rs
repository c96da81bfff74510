//! A form drawn from a JSON Schema, with the platform's own validation.

use crate::words::{
    fields::{Field, Kind},
    shown,
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What stands in the fields of a form, by property.
pub(crate) type Given = RwSignal<BTreeMap<String, String>>;

/// What the fields hold at first.
pub(crate) fn presets(fields: &[Field]) -> BTreeMap<String, String> {
    fields.iter().map(|field| (field.name.clone(), field.preset.clone())).collect()
}

/// The fields, each with its label, hint and limits.
#[component]
pub(crate) fn FormFields(fields: Vec<Field>, given: Given) -> impl IntoView {
    fields.into_iter().map(|field| view! { <FormField field given/> }).collect_view()
}

#[component]
fn FormField(field: Field, given: Given) -> impl IntoView {
    let id = format!("field-{}", field.name);
    let hint = format!("hint-{}", field.name);
    let described = (!field.hint.is_empty()).then(|| hint.clone());
    let name = field.name.clone();
    let value =
        Signal::derive(move || given.with(|given| given.get(&name).cloned().unwrap_or_default()));
    let name = field.name.clone();
    let set = Callback::new(move |text: String| {
        given.update(|given| drop(given.insert(name.clone(), text)));
    });
    let control = Control { id: id.clone(), described, required: field.required, value, set };
    if field.kind == Kind::Yes {
        return view! {
            <div class="field">
                <label class="check" for=id.clone()>{yes(control, &field.name)}{field.label}</label>
                <Hint id=hint text=field.hint/>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="field">
            <label for=id>
                {field.label}
                {field.required.then(|| view! { <span class="required" aria-hidden="true">" *"</span> })}
            </label>
            {input(control, &field.name, field.kind)}
            <Hint id=hint text=field.hint/>
        </div>
    }
    .into_any()
}

#[component]
fn Hint(id: String, text: String) -> impl IntoView {
    (!text.is_empty()).then(|| view! { <span class="hint" id=id>{text}</span> })
}

struct Control {
    id: String,
    described: Option<String>,
    required: bool,
    value: Signal<String>,
    set: Callback<String>,
}

fn yes(control: Control, name: &str) -> impl IntoView + use<> {
    let Control { id, described, value, set, .. } = control;
    view! {
        <input
            type="checkbox" id=id name=name.to_owned() aria-describedby=described
            prop:checked=move || value.get() == "true"
            on:change=move |event| set.run(event_target_checked(&event).to_string())
        />
    }
}

fn input(control: Control, name: &str, kind: Kind) -> AnyView {
    match kind {
        Kind::Line { input, min, max, pattern } => line(
            control,
            name,
            Line {
                kind: input,
                pattern,
                min: min.map(|min| min.to_string()),
                max: max.map(|max| max.to_string()),
                ..Line::default()
            },
        ),
        Kind::Number { whole, min, max } => line(
            control,
            name,
            Line {
                kind: "number",
                step: Some(if whole { "1" } else { "any" }),
                least: min.map(|min| min.to_string()),
                most: max.map(|max| max.to_string()),
                ..Line::default()
            },
        ),
        Kind::Text { min, max } => {
            text(control, name, min.map(|min| min.to_string()), max.map(|max| max.to_string()))
        }
        Kind::Json => text(control, name, None, None),
        Kind::Choice(values) => choice(control, name, values.iter().map(shown).collect()),
        Kind::Yes => yes(control, name).into_any(),
    }
}

#[derive(Default)]
struct Line {
    kind: &'static str,
    step: Option<&'static str>,
    pattern: Option<String>,
    min: Option<String>,
    max: Option<String>,
    least: Option<String>,
    most: Option<String>,
}

fn line(control: Control, name: &str, line: Line) -> AnyView {
    let Control { id, described, required, value, set } = control;
    view! {
        <input
            class="input" id=id name=name.to_owned() type=line.kind required=required aria-describedby=described
            step=line.step pattern=line.pattern minlength=line.min maxlength=line.max min=line.least max=line.most
            inputmode=(line.kind == "number").then_some("decimal")
            prop:value=move || value.get()
            on:input=move |event| set.run(event_target_value(&event))
        />
    }
    .into_any()
}

fn text(control: Control, name: &str, min: Option<String>, max: Option<String>) -> AnyView {
    let Control { id, described, required, value, set } = control;
    view! {
        <textarea
            class="input" id=id name=name.to_owned() required=required aria-describedby=described
            minlength=min maxlength=max rows="4"
            prop:value=move || value.get()
            on:input=move |event| set.run(event_target_value(&event))
        ></textarea>
    }
    .into_any()
}

fn choice(control: Control, name: &str, values: Vec<String>) -> AnyView {
    let Control { id, described, required, value, set } = control;
    let option = move |text: String| {
        let (own, label) = (text.clone(), text.clone());
        view! { <option value=text selected=move || value.get() == own>{label}</option> }
    };
    view! {
        <select
            class="input" id=id name=name.to_owned() required=required aria-describedby=described
            on:change=move |event| set.run(event_target_value(&event))
        >
            <option value="">"Choose…"</option>
            {values.into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}
