//! A form drawn from a JSON Schema; what is wrong with an answer stands below its field.

mod control;

use crate::{
    parts::Icon,
    words::{
        fields::{self, Field, Kind},
        sentence,
    },
};
use control::Control;
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use wire::Problem;

/// What stands in the fields of a form, and what is wrong with it, by property.
#[derive(Clone, Copy)]
pub(crate) struct Given {
    pub(crate) texts: RwSignal<BTreeMap<String, String>>,
    wrong: RwSignal<BTreeMap<String, String>>,
    /// What tells apart the fields of two forms on one page.
    prefix: &'static str,
}

impl Given {
    /// A form as it is at first; its fields are found as `#field-PREFIXname`.
    pub(crate) fn new(prefix: &'static str, fields: &[Field]) -> Self {
        let (texts, wrong) = (RwSignal::new(presets(fields)), RwSignal::new(BTreeMap::new()));
        Self { texts, wrong, prefix }
    }

    /// Other questions.
    pub(crate) fn ask(self, fields: &[Field]) {
        self.texts.set(presets(fields));
        self.wrong.set(BTreeMap::new());
    }

    /// The answers; `None` when some are wrong, which is then shown, and the first of them has the focus.
    pub(crate) fn answers(self, asked: &[Field]) -> Option<Map<String, Value>> {
        let answers = self.texts.with_untracked(|texts| fields::answers(asked, texts));
        answers.map_err(|wrong| self.mark(wrong)).ok()
    }

    /// Shows below its field what the server says of a member under `pointer`; gives what remains to be shown.
    pub(crate) fn place(self, pointer: &str, mut problem: Problem) -> Option<Problem> {
        let mut wrong = Vec::new();
        problem.errors.retain(|error| {
            let name = error.pointer.strip_prefix(pointer).and_then(|rest| rest.strip_prefix('/'));
            let known = |name: &&str| self.texts.with_untracked(|texts| texts.contains_key(*name));
            let Some(name) = name.filter(known) else { return true };
            wrong.push((name.to_owned(), sentence(&error.message)));
            false
        });
        if wrong.is_empty() {
            return Some(problem);
        }
        self.mark(wrong);
        (!problem.errors.is_empty()).then_some(problem)
    }

    /// Puts the focus on a field.
    pub(crate) fn focus(self, name: &str) {
        let field = document().get_element_by_id(&self.id(name));
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Focus fails only on an element that is no longer shown.
            let _ = field.focus();
        }
    }

    fn mark(self, wrong: Vec<(String, String)>) {
        let first = wrong.first().map(|(name, _)| name.clone());
        self.wrong.set(wrong.into_iter().collect());
        if let Some(first) = first {
            self.focus(&first);
        }
    }

    fn write(self, name: &str, text: String) {
        self.texts.update(|texts| drop(texts.insert(name.to_owned(), text)));
        if self.wrong.with_untracked(|wrong| wrong.contains_key(name)) {
            self.wrong.update(|wrong| drop(wrong.remove(name)));
        }
    }

    fn id(self, name: &str) -> String {
        format!("field-{}{name}", self.prefix)
    }
}

/// What the fields hold at first.
pub(crate) fn presets(fields: &[Field]) -> BTreeMap<String, String> {
    fields.iter().map(|field| (field.name.clone(), field.preset.clone())).collect()
}

/// The fields, each with its label, hint, limits and what is wrong with it.
#[component]
pub(crate) fn FormFields(fields: Vec<Field>, given: Given) -> impl IntoView {
    fields.into_iter().map(|field| view! { <FormField field given/> }).collect_view()
}

#[component]
fn FormField(field: Field, given: Given) -> impl IntoView {
    let id = given.id(&field.name);
    let control = Control::new(&id, &field, given);
    let wrong = control.wrong;
    let problem = format!("problem-{id}");
    let below = view! {
        {(!field.hint.is_empty()).then(|| view! { <span class="hint" id=format!("hint-{id}")>{field.hint}</span> })}
        {move || wrong.get().map(|message| view! {
            <span class="field-problem" id=problem.clone() role="alert"><Icon name="alert"/>{message}</span>
        })}
    };
    if field.kind == Kind::Yes {
        return view! {
            <div class="field">
                <label class="check" for=id>{control.view(field.kind)}{field.label}</label>
                {below}
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
            {control.view(field.kind)}
            {below}
        </div>
    }
    .into_any()
}
