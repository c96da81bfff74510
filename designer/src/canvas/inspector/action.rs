//! The forms of the steps a connector does: actions, and checks by a model.

use super::{
    call::{Call, ConnectionField, InputRows, OperationField},
    controls::{CheckField, NumberField, Scale},
    duration::DurationField,
    field::{Optional, Place, TextField},
    form::{Empty, FormFields},
    rows::{AddRow, Section},
    try_it::TryIt,
};
use crate::editor::{Input, ports};
use leptos::prelude::*;
use serde_json::json;

/// Connection, operation, what goes in, what comes out, how long and how often it is tried.
#[component]
pub(super) fn ActionForm(place: Place) -> impl IntoView {
    let call = Call::of(place);
    view! {
        <ConnectionField place/>
        <OperationField call label="Operation"/>
        <InputRows call title="What it is given"/>
        <TryIt call/>
        <TextField
            place
            label="Keep the answer as"
            pointer="/output"
            optional=Optional::Yes
            example="crm_record"
            hint="A variable; later steps read it as vars.<name>."
        />
        <Tries place/>
        <UndoFields place/>
        <TurnField place/>
    }
}

/// As an action, with what its answer must say and how sure it must be.
#[component]
pub(super) fn AiCheckForm(place: Place) -> impl IntoView {
    let call = Call::of(place);
    view! {
        <ConnectionField place/>
        <OperationField call label="Operation"/>
        <InputRows call title="What it is given"/>
        <TryIt call/>
        <NumberField
            place
            label="Sure enough from (%)"
            pointer="/threshold"
            scale=Scale::Percent
            min=0
            hint="Below that, or without an answer that fits, it leaves by “Unsure” for a person to decide."
        />
        <FormFields
            place
            title="Verdict"
            pointer="/verdict"
            empty=Empty::Kept
            hint="What the answer has to say beside passed, confidence and evidence. Later steps read it as nodes.<step>.output."
        />
        <TextField place label="Keep the answer as" pointer="/output" optional=Optional::Yes example="verdict"/>
        <Tries place/>
        <TurnField place/>
    }
}

/// No two steps with the same turn are at work at once.
#[component]
pub(super) fn TurnField(place: Place) -> impl IntoView {
    view! {
        <TextField
            place
            label="One at a time"
            pointer="/turn"
            optional=Optional::Yes
            example="customer_talk"
            hint="Steps with the same word here are never at work at once in one instance."
        />
    }
}

#[component]
fn Tries(place: Place) -> impl IntoView {
    view! {
        <Section title="If it does not answer">
            <DurationField place label="Give up a try after" pointer="/timeout"/>
            <NumberField place label="Tries" pointer="/retry/attempts" unsaid="5"/>
            <p class="jc-hint">{move || format!("After the last try, {}.", after_last(place))}</p>
            <DurationField place label="First pause" pointer="/retry/backoff"/>
            <DurationField place label="Longest pause" pointer="/retry/max"/>
            <CheckField
                place
                label="Doing it twice does no harm, or is put up with"
                pointer="/repeat_acknowledged"
            />
        </Section>
    }
}

fn after_last(place: Place) -> &'static str {
    place.canvas.follow();
    let id = place.node();
    let (fails_by_port, is_wired) = place.canvas.read(|editor| {
        let draft = editor.draft();
        let ports = draft.node(&id).map(|node| ports::ports(draft, node)).unwrap_or_default();
        let wired = draft.edges.iter().any(|edge| edge.from == id && edge.port() == "error");
        (ports.iter().any(|port| port.id == "error"), wired)
    });
    match (fails_by_port, is_wired) {
        (true, true) => "the way “If it fails” is taken",
        (true, false) => "an incident waits for a person",
        (false, _) => "it leaves by “Unsure”",
    }
}

#[component]
fn UndoFields(place: Place) -> impl IntoView {
    let there = Memo::new(move |_| place.value("/undo").is_some());
    let add = Callback::new(move |()| {
        place.set("/undo", Some(json!({ "operation": "", "input": {} })));
        place.canvas.send(Input::Settle);
    });
    let call = Call::undoing(place);
    view! {
        <Section title="If the instance is cancelled">
            <p class="jc-hint">"What undoes this, so that nothing is left half done."</p>
            <Show
                when=move || there.get()
                fallback=move || view! { <AddRow list="undo" label="Add an undo" on_add=add/> }
            >
                <OperationField call label="Undo by"/>
                <InputRows call title="What the undo is given"/>
                <button
                    type="button"
                    class="jc-add"
                    data-remove="undo"
                    on:click=move |_| place.set("/undo", None)
                >
                    "Do not undo"
                </button>
            </Show>
        </Section>
    }
}
