//! The form of an action: what a connector is asked to do.

use super::field::{
    Choices, NewRow, Optional, Picker, Place, ProblemLines, RemoveRow, Section, TextField,
};
use crate::editor::settings;
use journey::workspace::Operation;
use leptos::prelude::*;
use serde_json::{Map, Value, json};

/// Connection, operation, what goes in, what comes out, how long and how often it is tried.
#[component]
pub(super) fn ActionForm(place: Place) -> impl IntoView {
    view! {
        <Target place/>
        <Mapping place/>
        <TextField
            place
            label="Keep the answer as"
            pointer="/output"
            optional=Optional::Yes
            example="crm_record"
            hint="A variable; later steps read it as vars.<name>."
        />
        <Section title="If it does not answer">
            <super::DurationField place label="Give up a try after" pointer="/timeout"/>
            <Attempts place/>
            <super::DurationField place label="First pause" pointer="/retry/backoff"/>
            <super::DurationField place label="Longest pause" pointer="/retry/max"/>
        </Section>
    }
}

#[component]
fn Target(place: Place) -> impl IntoView {
    let connection = Memo::new(move |_| place.text("/connection"));
    let operation = Memo::new(move |_| place.text("/operation"));
    let connections = Signal::derive(move || {
        place.canvas.follow();
        place.canvas.read(|editor| {
            editor
                .workspace()
                .connections
                .iter()
                .map(|(name, connection)| {
                    (name.clone(), format!("{name} ({})", connection.connector))
                })
                .collect::<Choices>()
        })
    });
    let operations = Signal::derive(move || {
        place.canvas.follow();
        let connection = connection.get();
        place.canvas.read(|editor| {
            let known = editor.workspace().connections.get(&connection);
            known.map_or_else(Vec::new, |known| {
                known
                    .operations
                    .iter()
                    .map(|(id, operation)| (id.clone(), title(id, operation)))
                    .collect::<Choices>()
            })
        })
    });
    let pick_connection =
        Callback::new(move |picked: String| place.set("/connection", Some(json!(picked))));
    let pick_operation = Callback::new(move |picked: String| {
        place.set("/operation", Some(json!(picked)));
        ask_for_required(place);
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">"Connection"</span>
            <Picker value=connection choices=connections field="/connection" on_pick=pick_connection/>
        </label>
        <ProblemLines place pointer="/connection"/>
        <label class="jc-field">
            <span class="jc-label">"Operation"</span>
            <Picker value=operation choices=operations field="/operation" on_pick=pick_operation/>
        </label>
        <ProblemLines place pointer="/operation"/>
    }
}

/// A row for each value the operation takes, with what it expects, and for each other one that is mapped.
#[component]
fn Mapping(place: Place) -> impl IntoView {
    let names = Memo::new(move |_| {
        let mut names: Vec<String> = mapped(place).keys().cloned().collect();
        for name in properties(place).keys() {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    });
    let add = Callback::new(move |name: String| {
        place.set(&format!("/input/{}", settings::step(&name)), Some(json!("")));
        true
    });
    view! {
        <Section title="What it is given">
            <For each=move || names.get() key=Clone::clone let:name>
                <MappingRow place name/>
            </For>
            <ProblemLines place pointer="/input"/>
            <NewRow list="input" placeholder="Another value's name" label="New value" on_add=add/>
        </Section>
    }
}

#[component]
fn MappingRow(place: Place, name: String) -> impl IntoView {
    let pointer = format!("/input/{}", settings::step(&name));
    let expects = {
        let name = name.clone();
        move || expectation(place, &name)
    };
    let removed = pointer.clone();
    let label = {
        let name = name.clone();
        if required(place).contains(&name) { format!("{name} *") } else { name }
    };
    view! {
        <div class="jc-rowline top">
            <div class="jc-grow">
                <TextField place label pointer=pointer.clone() code=true optional=Optional::Yes example="account.name"/>
                <small class="jc-hint">{expects}</small>
            </div>
            <RemoveRow
                row=pointer.trim_start_matches('/').to_owned()
                on_remove=Callback::new(move |()| place.set(&removed, None))
            />
        </div>
    }
}

#[component]
fn Attempts(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| {
        place.value("/retry/attempts").and_then(|value| value.as_u64()).unwrap_or(1).to_string()
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">"Tries"</span>
            <input
                class="jc-control"
                type="number"
                min="1"
                data-field="/retry/attempts"
                prop:value=move || count.get()
                on:input:target=move |event| {
                    if let Ok(count) = event.target().value().parse::<u32>() {
                        place.set("/retry/attempts", Some(json!(count)));
                    }
                }
            />
        </label>
        <ProblemLines place pointer="/retry/attempts"/>
        <p class="jc-hint">{move || format!("After the last try, {}.", after_last(place))}</p>
    }
}

fn after_last(place: Place) -> &'static str {
    place.canvas.follow();
    let id = place.node();
    let is_wired = place.canvas.read(|editor| {
        editor.draft().edges.iter().any(|edge| edge.from == id && edge.port() == "error")
    });
    if is_wired { "the way “If it fails” is taken" } else { "an incident waits for a person" }
}

fn title(id: &str, operation: &Operation) -> String {
    if operation.title.is_empty() { id.to_owned() } else { operation.title.clone() }
}

fn mapped(place: Place) -> Map<String, Value> {
    place.value("/input").and_then(|input| input.as_object().cloned()).unwrap_or_default()
}

fn schema(place: Place) -> Option<Value> {
    let (connection, operation) = (place.text("/connection"), place.text("/operation"));
    place.canvas.read(|editor| {
        let connection = editor.workspace().connections.get(&connection)?;
        Some(connection.operations.get(&operation)?.input.clone())
    })
}

fn properties(place: Place) -> Map<String, Value> {
    let schema = schema(place);
    schema.and_then(|schema| schema.get("properties")?.as_object().cloned()).unwrap_or_default()
}

fn required(place: Place) -> Vec<String> {
    let schema = schema(place);
    let names = schema.as_ref().and_then(|schema| schema.get("required")).and_then(Value::as_array);
    names.map_or_else(Vec::new, |names| {
        names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    })
}

/// Gives every value the chosen operation must have a row of its own.
fn ask_for_required(place: Place) {
    let mut input = mapped(place);
    let before = input.len();
    for name in required(place) {
        input.entry(name).or_insert_with(|| json!(""));
    }
    if input.len() != before {
        place.set("/input", Some(Value::Object(input)));
    }
}

fn expectation(place: Place, name: &str) -> String {
    let properties = properties(place);
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
