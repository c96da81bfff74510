//! How a rehearsal begins: by which trigger, with what, about which account, and when.

use super::{
    choices::{JsonField, object},
    state::Rehearsal,
};
use crate::{
    messages::t,
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

/// What stands in the form.
#[derive(Clone, Copy)]
struct Beginning {
    trigger: RwSignal<String>,
    /// The questions of the trigger, when it asks any.
    input: RwSignal<Option<(Given, Vec<fields::Field>)>>,
    account: RwSignal<String>,
    account_wrong: RwSignal<Option<String>>,
    start: RwSignal<String>,
    start_wrong: RwSignal<Option<String>>,
}

impl Beginning {
    fn of(held: &Case, first: Option<String>) -> Self {
        let account = held.account.as_ref().map_or_else(String::new, pretty);
        Self {
            trigger: RwSignal::new(held.trigger.clone().or(first).unwrap_or_default()),
            input: RwSignal::default(),
            account: RwSignal::new(account),
            account_wrong: RwSignal::default(),
            start: RwSignal::new(held.start.clone().unwrap_or_default()),
            start_wrong: RwSignal::default(),
        }
    }

    /// The case with no moves; `None` when something is wrong, which is then shown.
    fn read(self) -> Option<Case> {
        let input = match self.input.get_untracked() {
            None => None,
            Some((given, asked)) => Some(Value::Object(given.answers(&asked)?)),
        };
        let account = if self.account.with_untracked(|text| text.trim().is_empty()) {
            None
        } else {
            Some(object(self.account, self.account_wrong)?)
        };
        let start = self.start.get_untracked().trim().to_owned();
        if !start.is_empty() && Timestamp::from_rfc3339(&start).is_none() {
            let message = t!("This is not a time such as 2026-01-05T09:00:00Z.");
            self.start_wrong.set(Some(message.to_owned()));
            return None;
        }
        let trigger = Some(self.trigger.get_untracked());
        let start = Some(start).filter(|start| !start.is_empty());
        Some(Case { trigger, input, account, start, moves: Vec::new() })
    }
}

#[component]
pub(super) fn Begin(rehearsal: Rehearsal, open: RwSignal<bool>) -> impl IntoView {
    let triggers = triggers(rehearsal);
    let held = rehearsal.case.get_untracked();
    let first = triggers.first().map(|trigger| trigger.id.clone());
    let beginning = Beginning::of(&held, first);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(begun) = beginning.read() else { return };
        rehearsal.case.update(|case| {
            let moves = std::mem::take(&mut case.moves);
            *case = Case { moves, ..begun };
        });
        open.set(false);
    };
    let finder = use_context::<FindAccount>();
    let found = Callback::new(move |fields: Map<String, Value>| {
        beginning.account.set(pretty(&fields));
        beginning.account_wrong.set(None);
    });
    view! {
        <form class="jc-begin" on:submit=submit data-form="rehearsal-begin" novalidate>
            <Opened beginning triggers given=held.input/>
            {finder.map(|FindAccount(find)| find(found))}
            <JsonField name="about" label=t!("Fields of the account (an example without them)") text=beginning.account wrong=beginning.account_wrong/>
            <StartField beginning/>
            <div class="jc-choice-row"><button type="submit" class="jc-choice primary" data-action="rehearsal-begin-so">{t!("Begin so")}</button></div>
        </form>
    }
}

/// By which trigger, and with what.
#[component]
fn Opened(beginning: Beginning, triggers: Vec<Trigger>, given: Option<Value>) -> impl IntoView {
    let trigger = beginning.trigger;
    let options = triggers.iter().map(|choice| {
        let (own, name) = (choice.id.clone(), choice.name.clone());
        view! { <option value=choice.id.clone() selected=move || trigger.get() == own>{name}</option> }
    });
    let options = options.collect_view();
    let schema = Memo::new(move |_| {
        let chosen = trigger.get();
        let found = triggers.iter().find(|known| known.id == chosen);
        found.map(|found| found.schema.clone()).unwrap_or_default()
    });
    let questions = move || {
        let asked = with_given(fields::fields(&schema.get()), given.as_ref());
        if asked.is_empty() {
            beginning.input.set(None);
            return ().into_any();
        }
        let given = Given::new("rehearsal-input-", &asked);
        beginning.input.set(Some((given, asked.clone())));
        view! { <FormFields fields=asked given/> }.into_any()
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Begins with")}</span>
            <select class="jc-control" data-field="rehearsal-trigger" on:change:target=move |event| trigger.set(event.target().value())>{options}</select>
        </label>
        {questions}
    }
}

#[component]
fn StartField(beginning: Beginning) -> impl IntoView {
    let Beginning { start, start_wrong, .. } = beginning;
    view! {
        <div class="jc-with-problem">
            <label class="jc-field">
                <span class="jc-label">{t!("Begins at")}</span>
                <input
                    class="jc-control" placeholder=t!("2026-01-05T09:00:00Z") data-field="rehearsal-start" prop:value=move || start.get()
                    on:input:target=move |event| {
                        start.set(event.target().value());
                        start_wrong.set(None);
                    }
                />
            </label>
            <span class="jc-wrong" role="alert">{move || start_wrong.get()}</span>
        </div>
    }
}

fn triggers(rehearsal: Rehearsal) -> Vec<Trigger> {
    rehearsal.canvas().read(|editor| {
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
