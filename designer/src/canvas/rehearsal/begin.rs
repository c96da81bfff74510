//! How a rehearsal begins: by which trigger, with what, about which account, and when.

use super::{
    choices::{JsonField, object},
    state::Rehearsal,
};
use crate::{
    parts::form::{FormFields, Given},
    words::{fields, rehearsal as words},
};
use journey::{Timestamp, rehearsal::Case};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Map, Value};

/// Finds an account of the workspace and gives its fields; in the context of an editor whose page can.
#[derive(Clone, Copy)]
pub struct FindAccount(pub fn(Callback<Map<String, Value>>) -> AnyView);

/// One trigger of the draft.
#[derive(Clone, PartialEq)]
struct Trigger {
    id: String,
    name: String,
    schema: Value,
}

#[component]
pub(super) fn Begin(rehearsal: Rehearsal, open: RwSignal<bool>) -> impl IntoView {
    let triggers = triggers(rehearsal);
    let held = rehearsal.case.get_untracked();
    let first = held.trigger.clone().or_else(|| triggers.first().map(|trigger| trigger.id.clone()));
    let trigger = RwSignal::new(first.unwrap_or_default());
    let account = held.account.clone().map_or_else(String::new, |account| pretty(&account));
    let (account, wrong) = (RwSignal::new(account), RwSignal::new(None::<String>));
    let start = RwSignal::new(held.start.clone().unwrap_or_default());
    let start_wrong = RwSignal::new(None::<String>);
    let input = RwSignal::new(None::<(Given, Vec<fields::Field>)>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let said = match input.get_untracked() {
            None => None,
            Some((given, asked)) => match given.answers(&asked) {
                Some(answers) => Some(Value::Object(answers)),
                None => return,
            },
        };
        let account = match account.with_untracked(|text| text.trim().is_empty()) {
            true => None,
            false => match object(account, wrong) {
                Some(account) => Some(account),
                None => return,
            },
        };
        let text = start.get_untracked().trim().to_owned();
        if !text.is_empty() && Timestamp::from_rfc3339(&text).is_none() {
            let message = "This is not a time such as 2026-01-05T09:00:00Z.";
            return start_wrong.set(Some(message.to_owned()));
        }
        rehearsal.case.update(|case| {
            *case = Case {
                trigger: Some(trigger.get_untracked()),
                input: said,
                account,
                start: Some(text).filter(|text| !text.is_empty()),
                moves: std::mem::take(&mut case.moves),
            };
        });
        open.set(false);
    };
    let choices = triggers.clone();
    let schema = Memo::new(move |_| {
        let chosen = trigger.get();
        let found = triggers.iter().find(|known| known.id == chosen);
        found.map(|found| found.schema.clone()).unwrap_or_default()
    });
    let given = StoredValue::new(held.input);
    let questions = move || {
        let asked = with_given(fields::fields(&schema.get()), given.get_value().as_ref());
        if asked.is_empty() {
            input.set(None);
            return ().into_any();
        }
        let given = Given::new("rehearsal-input-", &asked);
        input.set(Some((given, asked.clone())));
        view! { <FormFields fields=asked given/> }.into_any()
    };
    let finder = use_context::<FindAccount>();
    let found = Callback::new(move |fields: Map<String, Value>| {
        account.set(pretty(&fields));
        wrong.set(None);
    });
    view! {
        <form class="jc-begin" on:submit=submit data-form="rehearsal-begin" novalidate>
            <label class="jc-field">
                <span class="jc-label">"Begins with"</span>
                <select class="jc-control" data-field="rehearsal-trigger" on:change:target=move |event| trigger.set(event.target().value())>
                    {choices.into_iter().map(|choice| {
                        let own = choice.id.clone();
                        view! { <option value=choice.id selected=move || trigger.get() == own>{choice.name}</option> }
                    }).collect_view()}
                </select>
            </label>
            {questions}
            {finder.map(|FindAccount(find)| find(found))}
            <JsonField name="about" label="Fields of the account (an example without them)" text=account wrong/>
            <div class="jc-with-problem">
                <label class="jc-field">
                    <span class="jc-label">"Begins at"</span>
                    <input
                        class="jc-control" placeholder="2026-01-05T09:00:00Z" data-field="rehearsal-start" prop:value=move || start.get()
                        on:input:target=move |event| {
                            start.set(event.target().value());
                            start_wrong.set(None);
                        }
                    />
                </label>
                <span class="jc-wrong" role="alert">{move || start_wrong.get()}</span>
            </div>
            <div class="jc-choice-row"><button type="submit" class="jc-choice primary" data-action="rehearsal-begin-so">"Begin so"</button></div>
        </form>
    }
}

fn triggers(rehearsal: Rehearsal) -> Vec<Trigger> {
    rehearsal.canvas.read(|editor| {
        let draft = editor.draft();
        let drawn = draft.nodes.iter().filter(|node| node.kind == "trigger");
        let triggers = drawn.map(|node| Trigger {
            id: node.id.clone(),
            name: words::name(draft, &node.id),
            schema: node.settings.get("input").cloned().unwrap_or_default(),
        });
        triggers.collect()
    })
}

/// The questions with what was given to them before.
fn with_given(asked: Vec<fields::Field>, given: Option<&Value>) -> Vec<fields::Field> {
    let with = asked.into_iter().map(|mut field| {
        match given.and_then(|given| given.get(&field.name)) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => field.preset.clone_from(text),
            Some(other) => field.preset = other.to_string(),
        }
        field
    });
    with.collect()
}

fn pretty(fields: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(fields).unwrap_or_default()
}
