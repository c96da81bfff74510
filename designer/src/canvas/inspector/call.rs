//! What a connector is asked to do: connection, operation, and what it is given.

use super::{
    field::{Choices, Optional, Picker, Place, ProblemLines, SelectField, TextField},
    names::connections,
    rows::{NewRow, RemoveRow, Section},
};
use crate::editor::settings;
use crate::messages::t;
use journey::workspace::{Connection, Operation};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

/// One call of a node, by the pointers of its operation and its input.
#[derive(Clone, Copy)]
pub(super) struct Call {
    pub(super) place: Place,
    pub(super) operation: &'static str,
    pub(super) input: &'static str,
}

impl Call {
    /// What the node does.
    pub(super) fn of(place: Place) -> Self {
        Self { place, operation: "/operation", input: "/input" }
    }

    /// What takes back what the node did.
    pub(super) fn undoing(place: Place) -> Self {
        Self { place, operation: "/undo/operation", input: "/undo/input" }
    }

    /// The operation as its connector states it; `None` while it is not known.
    pub(super) fn known(self) -> Option<Operation> {
        let (connection, operation) =
            (self.place.text("/connection"), self.place.text(self.operation));
        self.place.canvas.read(|editor| {
            let connection = editor.workspace().connections.get(&connection)?;
            connection.operations.get(&operation).cloned()
        })
    }

    /// The connector behind the connection.
    pub(super) fn connector(self) -> Option<String> {
        let connection = self.place.text("/connection");
        let connector = |known: &Connection| known.connector.clone();
        self.place
            .canvas
            .read(|editor| editor.workspace().connections.get(&connection).map(connector))
    }

    fn properties(self) -> Map<String, Value> {
        let properties = self.known().and_then(|known| known.input.get("properties").cloned());
        properties.and_then(|properties| properties.as_object().cloned()).unwrap_or_default()
    }

    fn required(self) -> Vec<String> {
        let required = self.known().and_then(|known| known.input.get("required").cloned());
        let names = required.as_ref().and_then(Value::as_array).into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn mapped(self) -> Map<String, Value> {
        let input = self.place.value(self.input);
        input.and_then(|input| input.as_object().cloned()).unwrap_or_default()
    }

    /// Gives every value the chosen operation must have a row of its own.
    fn ask_for_required(self) {
        let mut input = self.mapped();
        let before = input.len();
        for name in self.required() {
            input.entry(name).or_insert_with(|| json!(""));
        }
        if input.len() != before {
            self.place.set(self.input, Some(Value::Object(input)));
        }
    }
}

/// The connection that is called.
#[component]
pub(super) fn ConnectionField(place: Place) -> impl IntoView {
    let choices = connections(place);
    view! { <SelectField place label=t!("Connection") pointer="/connection" choices/> }
}

/// The operation that is called.
#[component]
pub(super) fn OperationField(call: Call, label: &'static str) -> impl IntoView {
    let place = call.place;
    let operation = Memo::new(move |_| place.text(call.operation));
    let choices = Signal::derive(move || {
        let connection = place.text("/connection");
        place.canvas.read(|editor| {
            let known = editor.workspace().connections.get(&connection);
            let operations = known.into_iter().flat_map(|known| known.operations.iter());
            operations.map(|(id, known)| (id.clone(), title(id, known))).collect::<Choices>()
        })
    });
    let pick = Callback::new(move |picked: String| {
        place.set(call.operation, Some(json!(picked)));
        call.ask_for_required();
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <Picker value=operation choices field=call.operation on_pick=pick/>
        </label>
        <ProblemLines place pointer=call.operation/>
    }
}

/// A row for each value the operation takes, with what it expects, and for each other one that is mapped.
#[component]
pub(super) fn InputRows(call: Call, title: &'static str) -> impl IntoView {
    let place = call.place;
    let names = Memo::new(move |_| {
        let mut names: Vec<String> = call.mapped().keys().cloned().collect();
        for name in call.properties().keys() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    });
    let add = Callback::new(move |name: String| {
        place.set(&format!("{}/{}", call.input, settings::step(&name)), Some(json!("")));
        true
    });
    view! {
        <Section title>
            <For each=move || names.get() key=Clone::clone let:name>
                <InputRow call name/>
            </For>
            <ProblemLines place pointer=call.input/>
            <NewRow
                list=call.input.trim_start_matches('/')
                placeholder=t!("Another value's name")
                label=t!("New value")
                on_add=add
            />
        </Section>
    }
}

#[component]
fn InputRow(call: Call, name: String) -> impl IntoView {
    let place = call.place;
    let pointer = format!("{}/{}", call.input, settings::step(&name));
    let expects = {
        let name = name.clone();
        move || expectation(&call.properties(), &name)
    };
    let removed = pointer.clone();
    let label = if call.required().contains(&name) { format!("{name} *") } else { name };
    view! {
        <div class="jc-rowline top">
            <div class="jc-grow">
                <TextField place label pointer=pointer.clone() code=true optional=Optional::Yes example=t!("account.name")/>
                <small class="jc-hint">{expects}</small>
            </div>
            <RemoveRow
                row=pointer.trim_start_matches('/').to_owned()
                on_remove=Callback::new(move |()| place.set(&removed, None))
            />
        </div>
    }
}

fn title(id: &str, operation: &Operation) -> String {
    if operation.title.is_empty() { id.to_owned() } else { operation.title.clone() }
}

fn expectation(properties: &Map<String, Value>, name: &str) -> String {
    let Some(property) = properties.get(name) else {
        return String::new();
    };
    let text =
        |member: &str| property.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
    match (text("type"), text("description")) {
        (kind, words) if words.is_empty() => kind,
        (kind, words) if kind.is_empty() => words,
        (kind, words) => format!("{kind} · {words}"),
    }
}
