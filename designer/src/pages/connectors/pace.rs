//! How much the other side of a connection may be asked, and whether it is there for tests: what a new one is told, and what one that is there is told instead.

use crate::{
    api,
    load::Loaded,
    messages::{phrase, t},
    parts::{
        ProblemView, Toasts,
        form::{FormFields, Given},
    },
    words::fields::{Field, Kind},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::{Map, Value};
use wire::{Connection, ConnectionChange, Page, Problem};

const FOR_TESTS: &str = "for_tests";

/// The limits as a form asks for them.
pub(super) fn fields() -> Vec<Field> {
    let at_once = (t!("Calls at once"), "1 to 512; 64 when left empty.", (true, 1.0, 512.0));
    let per_second = (
        t!("Calls in a second"),
        "0.1 to 10,000; as many as there are when left empty.",
        (false, 0.1, 10_000.0),
    );
    [("calls_at_once", at_once), ("calls_per_second", per_second)]
        .into_iter()
        .map(|(name, (label, hint, (whole, least, most)))| Field {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: hint.to_owned(),
            required: false,
            kind: Kind::Number { whole, min: Some(least), max: Some(most) },
            preset: String::new(),
        })
        .chain([Field {
            name: FOR_TESTS.to_owned(),
            label: t!("There for tests").to_owned(),
            hint: t!("Who draws journeys may try operations with it; what is behind it must be a test system.").to_owned(),
            required: false,
            kind: Kind::Yes,
            preset: String::new(),
        }])
        .collect()
}

/// Whether it was said that the connection is there for tests.
pub(super) fn is_for_tests(answers: &Map<String, Value>) -> bool {
    answers.get(FOR_TESTS) == Some(&Value::Bool(true))
}

/// The limits that were filled in: calls at once, and in a second.
pub(super) fn read(answers: &Map<String, Value>) -> (Option<u32>, Option<f64>) {
    let at_once = answers.get("calls_at_once").and_then(Value::as_u64);
    let per_second = answers.get("calls_per_second").and_then(Value::as_f64);
    (at_once.and_then(|calls| u32::try_from(calls).ok()), per_second)
}

/// The limits of a connection, to be changed.
fn held(at_once: u32, per_second: Option<f64>, for_tests: bool) -> Vec<Field> {
    let mut fields = fields();
    for field in &mut fields {
        if field.name == FOR_TESTS {
            field.preset = for_tests.to_string();
        } else if field.name == "calls_at_once" {
            field.preset = at_once.to_string();
            field.required = true;
            "1 to 512.".clone_into(&mut field.hint);
        } else {
            field.preset = per_second.map(|rate| rate.to_string()).unwrap_or_default();
        }
    }
    fields
}

/// Changes the limits of a connection; calls that are out already are left alone.
#[component]
pub(super) fn PaceForm(
    path: StoredValue<String>,
    name: String,
    at_once: u32,
    per_second: Option<f64>,
    for_tests: bool,
    open: RwSignal<bool>,
    connections: Loaded<Page<Connection>>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let asked = StoredValue::new(held(at_once, per_second, for_tests));
    let given = asked.with_value(|asked| Given::new("pace-", asked));
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let Some(answers) = asked.with_value(|asked| given.answers(asked)) else { return };
        let (calls_at_once, per_second) = read(&answers);
        let change = ConnectionChange {
            calls_at_once,
            calls_per_second: Some(per_second),
            for_tests: Some(is_for_tests(&answers)),
            ..ConnectionChange::default()
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::patch::<_, Value>(&path.get_value(), &change).await {
                Ok(_) => {
                    toasts.say(t!("The limits are changed."));
                    open.try_set(false);
                    connections.again();
                }
                Err(refused) => drop(problem.try_set(given.place("", refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="pace" novalidate>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <p class="muted">{phrase!("What all servers together may ask of {name}.", name = view! { <strong>{name}</strong> })}</p>
            <FormFields fields=asked.get_value() given/>
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Cancel")}</button>
                <button class="button primary" type="submit" data-action="confirm-limits" disabled=move || busy.get()>
                    {move || if busy.get() { t!("Saving…") } else { t!("Save") }}
                </button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_connection_shows_its_limits_and_an_empty_one_is_none() {
        let presets = |rate, tests| {
            held(3, rate, tests).into_iter().map(|field| field.preset).collect::<Vec<_>>()
        };
        assert_eq!(presets(Some(2.5), true), ["3", "2.5", "true"]);
        assert_eq!(presets(None, false), ["3", "", "false"]);
        let Value::Object(answers) = json!({ "calls_at_once": 7 }) else { return };
        assert_eq!(read(&answers), (Some(7), None));
    }
}
