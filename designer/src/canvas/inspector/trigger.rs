//! The form of a trigger.

mod opens;
mod schedule;

use super::{
    controls::{CheckField, NumberField},
    duration::DurationField,
    field::{Optional, Picker, Place, ProblemLines, TextField},
    form::FormFields,
    names::words,
    rows::Section,
};
use crate::{
    editor::form::slug,
    messages::{t, text},
    zones,
};
use leptos::prelude::*;
use serde_json::{Value, json};

/// What opens the journey, with what, and for whom.
#[component]
pub(super) fn TriggerForm(place: Place) -> impl IntoView {
    let kind = Memo::new(move |_| place.text("/on/type"));
    let choices = words([
        ("manual", text!("A person starts it")),
        ("webhook", text!("Another system calls a webhook")),
        ("event", text!("Something happens (an event)")),
        ("change", text!("A field of a record changes")),
        ("schedule", text!("A time comes (a schedule)")),
        ("date", text!("A date of the account comes near")),
        ("segment", text!("An account enters or leaves a segment")),
        ("health", text!("An account's health changes")),
        ("journey", text!("Another journey starts it")),
    ]);
    let pick = Callback::new(move |picked: String| place.set("/on", Some(opening(place, &picked))));
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Opens when")}</span>
            <Picker value=kind choices=Signal::stored(choices) field="/on/type" on_pick=pick/>
        </label>
        <ProblemLines place pointer="/on/type"/>
        <ProblemLines place pointer="/on"/>
        {move || match kind.get().as_str() {
            "webhook" => view! { <opens::WebhookFields place/> }.into_any(),
            "event" => view! { <opens::EventFields place/> }.into_any(),
            "change" => view! { <opens::ChangeFields place/> }.into_any(),
            "schedule" => view! { <schedule::ScheduleFields place/> }.into_any(),
            "date" => view! { <opens::DateFields place/> }.into_any(),
            "segment" => view! { <opens::SegmentFields place/> }.into_any(),
            "health" => view! { <opens::HealthFields place/> }.into_any(),
            _ => ().into_any(),
        }}
        <TextField
            place
            label=t!("Account")
            pointer="/account"
            code=true
            optional=Optional::Yes
            example=t!("input.customer_id")
            hint=t!("Gives the id of the account it is about.")
        />
        <FormFields place title=t!("Input") pointer="/input" hint=t!("What it starts with. Steps read it as input.<field>.")/>
        <EntryFields place/>
    }
}

#[component]
fn EntryFields(place: Place) -> impl IntoView {
    view! {
        <Section title=t!("Who may enter")>
            <TextField
                place
                label=t!("Only when")
                pointer="/entry/condition"
                condition=true
                optional=Optional::Yes
                example=t!("account.segment == 'enterprise'")
            />
            <CheckField place pointer="/entry/one_per_account" label=t!("Only one running per account")/>
            <DurationField
                place
                label=t!("Not again for")
                pointer="/entry/cool_down"
                optional=Optional::Yes
                hint=t!("How long an account stays out after it entered.")
            />
            <NumberField
                place
                label=t!("At most in a day")
                pointer="/entry/cap_per_day"
                unsaid=t!("no limit")
                hint=t!("How many instances may start in a day, all accounts together.")
            />
        </Section>
    }
}

/// What a trigger of a type holds when it is chosen.
fn opening(place: Place, kind: &str) -> Value {
    match kind {
        "webhook" => {
            let name = place.canvas.read(|editor| slug(&editor.draft().name).replace('_', "-"));
            let hook = if name.is_empty() { "start".to_owned() } else { name };
            json!({ "type": "webhook", "hook": hook, "signed": true })
        }
        "event" => json!({ "type": "event", "event": "" }),
        "change" => json!({ "type": "change", "object": "account", "field": "" }),
        "schedule" => json!({
            "type": "schedule",
            "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=0",
            "timezone": zones::own(),
            "missed": "once",
        }),
        "date" => json!({ "type": "date", "field": "", "before": { "business": "P10D" } }),
        "segment" => json!({ "type": "segment", "segment": "", "change": "entered" }),
        "health" => json!({ "type": "health", "to": "red" }),
        other => json!({ "type": other }),
    }
}
