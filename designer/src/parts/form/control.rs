//! What one question of a form is answered with.

use super::Given;
use crate::{
    messages::t,
    words::{
        fields::{Field, Kind},
        shown,
    },
};
use leptos::prelude::*;

/// An element of a form and what it is bound to.
pub(super) struct Control {
    id: String,
    name: String,
    required: bool,
    value: Signal<String>,
    set: Callback<String>,
    /// What is wrong with the answer.
    pub(super) wrong: Signal<Option<String>>,
    described: Signal<Option<String>>,
}

impl Control {
    pub(super) fn new(id: &str, field: &Field, given: Given) -> Self {
        let name = field.name.clone();
        let own = name.clone();
        let value = Signal::derive(move || {
            given.texts.with(|texts| texts.get(&own).cloned().unwrap_or_default())
        });
        let own = name.clone();
        let wrong = Signal::derive(move || given.wrong.with(|wrong| wrong.get(&own).cloned()));
        let own = name.clone();
        let set = Callback::new(move |text: String| given.write(&own, text));
        let hint = (!field.hint.is_empty()).then(|| format!("hint-{id}"));
        let problem = format!("problem-{id}");
        let described = Signal::derive(move || {
            if wrong.with(Option::is_some) { Some(problem.clone()) } else { hint.clone() }
        });
        Self { id: id.to_owned(), name, required: field.required, value, set, wrong, described }
    }

    pub(super) fn view(self, kind: Kind) -> AnyView {
        match kind {
            Kind::Line { input, max, .. } => self.line(input, max, None),
            // A field of type `number` says of `2.` that it is 2, and what is typed behind the point would come before it.
            Kind::Number { .. } => self.line("text", None, Some("decimal")),
            Kind::Text { max, .. } => self.text(max),
            Kind::TextOrNumber => self.line("text", None, None),
            Kind::Json => self.text(None),
            Kind::Choice(values) => self.choice(values.iter().map(shown).collect()),
            Kind::Yes => self.yes(),
        }
    }

    fn yes(self) -> AnyView {
        let Self { id, name, value, set, described, .. } = self;
        view! {
            <input
                type="checkbox" id=id name=name aria-describedby=move || described.get()
                prop:checked=move || value.get() == "true"
                on:change=move |event| set.run(event_target_checked(&event).to_string())
            />
        }
        .into_any()
    }

    fn line(self, kind: &'static str, max: Option<u64>, mode: Option<&'static str>) -> AnyView {
        let Self { id, name, required, value, set, wrong, described } = self;
        view! {
            <input
                class="input" id=id name=name type=kind inputmode=mode autocomplete="off"
                maxlength=max.map(|max| max.to_string()) aria-required=required.to_string()
                aria-invalid=move || wrong.with(Option::is_some).to_string() aria-describedby=move || described.get()
                prop:value=move || value.get()
                on:input=move |event| set.run(event_target_value(&event))
            />
        }
        .into_any()
    }

    fn text(self, max: Option<u64>) -> AnyView {
        let Self { id, name, required, value, set, wrong, described } = self;
        view! {
            <textarea
                class="input" id=id name=name rows="4"
                maxlength=max.map(|max| max.to_string()) aria-required=required.to_string()
                aria-invalid=move || wrong.with(Option::is_some).to_string() aria-describedby=move || described.get()
                prop:value=move || value.get()
                on:input=move |event| set.run(event_target_value(&event))
            ></textarea>
        }
        .into_any()
    }

    fn choice(self, values: Vec<String>) -> AnyView {
        let Self { id, name, required, value, set, wrong, described } = self;
        let option = move |text: String| {
            let (own, label) = (text.clone(), text.clone());
            view! { <option value=text selected=move || value.get() == own>{label}</option> }
        };
        view! {
            <select
                class="input" id=id name=name aria-required=required.to_string()
                aria-invalid=move || wrong.with(Option::is_some).to_string() aria-describedby=move || described.get()
                on:change=move |event| set.run(event_target_value(&event))
            >
                <option value="">{t!("Choose…")}</option>
                {values.into_iter().map(option).collect_view()}
            </select>
        }
        .into_any()
    }
}
