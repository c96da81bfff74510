//! One real call of an operation, through a connection that is there for tests.
//!
//! Attributes that stay as they are: `[data-form=try]`, `[data-action=call]` calls it, `[data-tried]` how it went:
//! `answered` or `failed`.

use crate::{
    api,
    canvas::ToTry,
    load::read,
    messages::{phrase, t},
    parts::{
        ProblemView,
        form::{FormFields, Given},
    },
    words::fields::{self, Field},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Map, Value};
use wire::{Connection, Page, Problem, Trial, Tried};

/// The connections it can be tried with, and the form.
pub(super) fn try_operation(asked: ToTry) -> AnyView {
    let held = read::<Page<Connection>>(|| "/connections?limit=200".to_owned());
    let asked = StoredValue::new(asked);
    let form = move |page: Page<Connection>| {
        let is_fit = |connection: &Connection| {
            connection.for_tests
                && asked.with_value(|asked| connection.connector == asked.connector)
        };
        let fit: Vec<_> = page.items.into_iter().filter(is_fit).collect();
        let Some(first) = fit.first().map(|connection| connection.id.clone()) else {
            let connector = asked.with_value(|asked| asked.connector.clone());
            return view! {
                <p class="jc-hint">
                    {phrase!(
                        "Trying calls the real system, so it goes through a connection that is there for tests, and there is none of {connector}. An administrator adds one on the page Connectors, or says of one under Limits that it is for tests.",
                        connector = view! { <b>{connector}</b> },
                    )}
                </p>
            }
            .into_any();
        };
        view! { <TryForm asked=asked.get_value() fit chosen=RwSignal::new(first)/> }.into_any()
    };
    view! { <div class="jc-try">{held.show(form)}</div> }.into_any()
}

/// What the operation takes, filled in with what is known.
fn asked_for(schema: &Value, given: &Map<String, Value>) -> Vec<Field> {
    let mut asked = fields::fields(schema);
    for field in &mut asked {
        if let Some(value) = given.get(&field.name).filter(|value| !value.is_null()) {
            field.preset = fields::written(&field.kind, value);
        }
    }
    asked
}

#[component]
fn TryForm(asked: ToTry, fit: Vec<Connection>, chosen: RwSignal<String>) -> impl IntoView {
    let questions = asked_for(&asked.schema, &asked.given);
    let given = Given::new("try-", &questions);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let went = RwSignal::new(None::<Tried>);
    let (shown, questions) = (questions.clone(), StoredValue::new(questions));
    let operation = asked.operation;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let Some(answers) = questions.with_value(|asked| given.answers(asked)) else { return };
        let trial = Trial { operation: operation.clone(), input: Value::Object(answers) };
        let path = format!("/connections/{}/try", chosen.get_untracked());
        busy.set(true);
        went.set(None);
        leptos::task::spawn_local(async move {
            match api::post::<_, Tried>(&path, &trial).await {
                Ok(tried) => drop(went.try_set(Some(tried))),
                Err(refused) => drop(problem.try_set(given.place("/input", refused))),
            }
            busy.try_set(false);
        });
    };
    let choices = fit.into_iter().map(|connection| {
        view! { <option value=connection.id>{connection.name}</option> }
    });
    view! {
        <form on:submit=submit data-form="try" novalidate>
            <p class="jc-hint">{t!("This calls the system behind the connection at once, and cannot be taken back.")}</p>
            <div class="field">
                <label for="field-try-with">{t!("Through")}</label>
                <select class="input" id="field-try-with" on:change=move |event| chosen.set(event_target_value(&event))>{choices.collect_view()}</select>
            </div>
            <FormFields fields=shown given/>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <button class="button primary" type="submit" data-action="call" disabled=move || busy.get()>
                {move || if busy.get() { t!("Calling…") } else { t!("Call it now") }}
            </button>
            <div aria-live="polite">{move || went.get().map(|tried| view! { <Outcome tried/> })}</div>
        </form>
    }
}

#[component]
fn Outcome(tried: Tried) -> impl IntoView {
    let Tried { output, failure, took_ms } = tried;
    match failure {
        None => {
            let output = serde_json::to_string_pretty(&output).unwrap_or_default();
            view! {
                <div class="jc-seen" data-tried="answered">
                    <b>{t!("It answered within {took_ms} ms:", took_ms)}</b>
                    <pre tabindex="0" aria-label=t!("The answer")>{output}</pre>
                </div>
            }
            .into_any()
        }
        Some(failure) => view! {
            <div class="jc-seen" data-tried="failed">
                <b>{t!("It failed after {took_ms} ms:", took_ms)}</b>" "
                {failure.message}
                <p>{failure.code}</p>
            </div>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_step_gives_stands_in_the_form() {
        let schema = json!({ "properties": { "id": { "type": "string" }, "arr": { "type": "number" }, "note": { "type": "string", "default": "-" }, "ref": {} } });
        let Value::Object(given) = json!({ "id": "A-1", "arr": 600, "note": null, "ref": "R-1" })
        else {
            return;
        };
        let presets: Vec<_> = asked_for(&schema, &given)
            .into_iter()
            .map(|field| (field.name, field.preset))
            .collect();
        let expected = [("arr", "600"), ("id", "A-1"), ("note", "-"), ("ref", "\"R-1\"")];
        assert_eq!(presets, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }
}
