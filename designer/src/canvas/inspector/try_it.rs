//! Trying the operation of a step: one real call, by whoever draws, through a connection that is there for tests.
//!
//! Attributes that stay as they are: `[data-action=try]` opens and closes it.

use super::{call::Call, eyes::Eyes};
use crate::clock::now;
use crate::messages::t;
use ::journey::preview::{self, Seen};
use leptos::prelude::*;
use serde_json::{Map, Value};

/// Shows an operation with what it is to be given, and calls it; in the context of an editor whose page can.
#[derive(Clone, Copy)]
pub struct TryOperation(pub fn(ToTry) -> AnyView);

/// An operation to be tried.
#[derive(Clone, Debug)]
pub struct ToTry {
    /// The connector's name.
    pub connector: String,
    pub operation: String,
    /// The JSON Schema of what the operation takes.
    pub schema: Value,
    /// What the step would give it, as far as it is known: for the chosen account, or whoever it is about.
    pub given: Map<String, Value>,
}

/// A way to try the operation of a step. Nothing where the page cannot, or the operation is not known.
#[component]
pub(super) fn TryIt(call: Call) -> impl IntoView {
    let Some(TryOperation(show)) = use_context::<TryOperation>() else { return ().into_any() };
    let eyes = use_context::<Eyes>();
    let open = RwSignal::new(None::<StoredValue<ToTry>>);
    let known = Memo::new(move |_| call.known().is_some());
    let toggle = move |_| {
        let shown = open.get_untracked().is_none().then(|| to_try(call, eyes)).flatten();
        open.set(shown.map(StoredValue::new));
    };
    view! {
        <Show when=move || known.get()>
            <button
                type="button"
                class="jc-choice"
                data-action="try"
                aria-expanded=move || open.get().is_some().to_string()
                on:click=toggle
            >
                {t!("Try it…")}
            </button>
            {move || open.get().map(|asked| show(asked.get_value()))}
        </Show>
    }
    .into_any()
}

fn to_try(call: Call, eyes: Option<Eyes>) -> Option<ToTry> {
    let account = eyes.and_then(Eyes::account);
    let value = |source: &Value| {
        let source = source.as_str()?;
        match preview::expression(source, account.as_ref().unwrap_or(&Value::Null), now())? {
            Seen::Value(value) => Some(value),
            Seen::Later(_) | Seen::Missing(_) => None,
        }
    };
    let mapped = call.mapped();
    let given = mapped.iter().filter_map(|(name, of)| Some((name.clone(), value(of)?)));
    Some(ToTry {
        connector: call.connector()?,
        operation: call.place.text(call.operation),
        schema: call.known()?.input,
        given: given.collect(),
    })
}
