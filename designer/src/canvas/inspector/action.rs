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
use crate::messages::t;
use leptos::prelude::*;
use serde_json::json;

/// Connection, operation, what goes in, what comes out, how long and how often it is tried.
#[component]
pub(super) fn ActionForm(place: Place) -> impl IntoView {
    let call = Call::of(place);
    view! {
        <ConnectionField place/>
        <OperationField call label=t!("Operation")/>
        <InputRows call title=t!("What it is given")/>
        <TryIt call/>
        <TextField
            place
            label=t!("Keep the answer as")
            pointer="/output"
            optional=Optional::Yes
            example=t!("crm_record")
            hint=t!("A variable; later steps read it as vars.<name>.")
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
        <OperationField call label=t!("Operation")/>
        <InputRows call title=t!("What it is given")/>
        <TryIt call/>
        <NumberField
            place
            label=t!("Sure enough from (%)")
            pointer="/threshold"
            scale=Scale::Percent
            min=0
            hint=t!("Below that, or without an answer that fits, it leaves by “Unsure” for a person to decide.")
        />
        <FormFields
            place
            title=t!("Verdict")
            pointer="/verdict"
            empty=Empty::Kept
            hint=t!("What the answer has to say beside passed, confidence and evidence. Later steps read it as nodes.<step>.output.")
        />
        <TextField place label=t!("Keep the answer as") pointer="/output" optional=Optional::Yes example=t!("verdict")/>
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
            label=t!("One at a time")
            pointer="/turn"
            optional=Optional::Yes
            example=t!("customer_talk")
            hint=t!("Steps with the same word here are never at work at once in one instance.")
        />
    }
}

#[component]
fn Tries(place: Place) -> impl IntoView {
    view! {
        <Section title=t!("If it does not answer")>
            <DurationField place label=t!("Give up a try after") pointer="/timeout"/>
            <NumberField place label=t!("Tries") pointer="/retry/attempts" unsaid="5"/>
            <p class="jc-hint">{move || t!("After the last try, {place}.", place = after_last(place))}</p>
            <DurationField place label=t!("First pause") pointer="/retry/backoff"/>
            <DurationField place label=t!("Longest pause") pointer="/retry/max"/>
            <CheckField
                place
                label=t!("Doing it twice does no harm, or is put up with")
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
        (true, true) => t!("the way “If it fails” is taken"),
        (true, false) => t!("an incident waits for a person"),
        (false, _) => t!("it leaves by “Unsure”"),
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
        <Section title=t!("If the instance is cancelled")>
            <p class="jc-hint">{t!("What undoes this, so that nothing is left half done.")}</p>
            <Show
                when=move || there.get()
                fallback=move || view! { <AddRow list="undo" label=t!("Add an undo") on_add=add/> }
            >
                <OperationField call label=t!("Undo by")/>
                <InputRows call title=t!("What the undo is given")/>
                <button
                    type="button"
                    class="jc-add"
                    data-remove="undo"
                    on:click=move |_| place.set("/undo", None)
                >
                    {t!("Do not undo")}
                </button>
            </Show>
        </Section>
    }
}
