//! What the types of triggers ask for, but for schedules.

use super::super::{
    super::{OpenHooks, icon::Icon},
    controls::{CheckField, NameField},
    duration::DurationField,
    field::{Optional, Place, ProblemLines, SelectField, TextField},
    names::words,
};
use crate::editor::summary::Unsaid;
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::Value;

#[component]
pub(super) fn WebhookFields(place: Place) -> impl IntoView {
    view! {
        <TextField place label=t!("Hook") pointer="/on/hook" example=t!("new-customer") hint=t!("The last part of the address the other system posts to.")/>
        <CheckField place pointer="/on/signed" label=t!("Calls must be signed") unsaid=Unsaid::Yes/>
        {use_context::<OpenHooks>().map(|OpenHooks(open)| view! {
            <div class="jc-field">
            <button type="button" class="jc-add" data-action="hooks" on:click=move |_| open.run(place.text("/on/hook"))>
                <Icon name="trigger"/>
                {t!("Hooks and their secrets")}
            </button>
            </div>
        })}
        <TextField
            place
            label=t!("Same call when this is equal")
            pointer="/on/dedupe"
            code=true
            optional=Optional::Yes
            example=t!("input.order_id")
        />
    }
}

#[component]
pub(super) fn EventFields(place: Place) -> impl IntoView {
    view! {
        <TextField place label=t!("Event") pointer="/on/event" example=t!("order.shipped") hint=t!("The event's type, as the other system sends it.")/>
        <TextField
            place
            label=t!("Only when")
            pointer="/on/when"
            condition=true
            optional=Optional::Yes
            example=t!("event.data.amount > 100")
        />
    }
}

#[component]
pub(super) fn ChangeFields(place: Place) -> impl IntoView {
    let objects = words([("account", text!("an account"))]);
    view! {
        <SelectField place label=t!("Of") pointer="/on/object" choices=Signal::stored(objects)/>
        <TextField place label=t!("Field") pointer="/on/field" example=t!("stage")/>
        <ValueField place label=t!("Only from") pointer="/on/from"/>
        <ValueField place label=t!("Only to") pointer="/on/to"/>
    }
}

#[component]
pub(super) fn DateFields(place: Place) -> impl IntoView {
    view! {
        <TextField place label=t!("Date of the account") pointer="/on/field" example=t!("contract_end")/>
        <DurationField
            place
            label=t!("So long before it")
            pointer="/on/before"
            optional=Optional::Yes
            hint=t!("Not set: on the day itself.")
        />
    }
}

#[component]
pub(super) fn SegmentFields(place: Place) -> impl IntoView {
    let changes = words([("entered", text!("enters it")), ("left", text!("leaves it"))]);
    view! {
        <TextField place label=t!("Segment") pointer="/on/segment" example=t!("enterprise")/>
        <SelectField place label=t!("When an account") pointer="/on/change" choices=Signal::stored(changes)/>
    }
}

#[component]
pub(super) fn HealthFields(place: Place) -> impl IntoView {
    let bands = ["red", "amber", "green"].map(str::to_owned).to_vec();
    view! { <NameField place label=t!("Health becomes") pointer="/on/to" known=Signal::stored(bands) example=t!("red")/> }
}

/// A value of a field: numbers, true and false are kept as such, anything else as text; empty means any.
#[component]
fn ValueField(place: Place, label: &'static str, pointer: &'static str) -> impl IntoView {
    let text = Memo::new(move |_| match place.value(pointer) {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    });
    let write = move |typed: String| {
        let value = match serde_json::from_str::<Value>(&typed) {
            Ok(value @ (Value::Bool(_) | Value::Number(_))) => Some(value),
            _ => Some(Value::String(typed)).filter(|text| text.as_str() != Some("")),
        };
        place.set(pointer, value);
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <input
                class="jc-control"
                placeholder=t!("any value")
                data-field=pointer
                prop:value=move || text.get()
                on:change:target=move |event| write(event.target().value())
            />
        </label>
        <ProblemLines place pointer/>
    }
}
