//! The form of a trigger.

use super::{
    field::{Choices, Optional, Picker, Place, ProblemLines, Section, TextField},
    form::FormFields,
};
use crate::editor::form::slug;
use leptos::prelude::*;
use serde_json::{Value, json};

/// What opens the journey, with what, and for whom.
#[component]
pub(super) fn TriggerForm(place: Place) -> impl IntoView {
    let kind = Memo::new(move |_| place.text("/on/type"));
    let choices: Choices =
        [("manual", "A person starts it"), ("webhook", "Another system calls a webhook")]
            .map(|(value, words)| (value.to_owned(), words.to_owned()))
            .to_vec();
    let pick = Callback::new(move |picked: String| {
        let on = match picked.as_str() {
            "webhook" => {
                let name = place.canvas.read(|editor| slug(&editor.draft().name).replace('_', "-"));
                let hook = if name.is_empty() { "start".to_owned() } else { name };
                json!({ "type": "webhook", "hook": hook, "signed": true })
            }
            other => json!({ "type": other }),
        };
        place.set("/on", Some(on));
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">"Opens when"</span>
            <Picker value=kind choices=Signal::stored(choices) field="/on/type" on_pick=pick/>
        </label>
        <ProblemLines place pointer="/on/type"/>
        <ProblemLines place pointer="/on"/>
        <Show when=move || kind.get() == "webhook">
            <WebhookFields place/>
        </Show>
        <TextField
            place
            label="Account"
            pointer="/account"
            code=true
            optional=Optional::Yes
            example="input.customer_id"
            hint="Gives the id of the account it is about."
        />
        <FormFields place title="Input" pointer="/input" hint="What it starts with. Steps read it as input.<field>."/>
        <Section title="Who may enter">
            <TextField
                place
                label="Only when"
                pointer="/entry/condition"
                code=true
                optional=Optional::Yes
                example="account.segment == 'enterprise'"
            />
            <Check place pointer="/entry/one_per_account" label="Only one running per account"/>
        </Section>
    }
}

#[component]
fn WebhookFields(place: Place) -> impl IntoView {
    view! {
        <TextField place label="Hook" pointer="/on/hook" example="new-customer" hint="The last part of the address the other system posts to."/>
        <Check place pointer="/on/signed" label="Calls must be signed"/>
        <TextField
            place
            label="Same call when this is equal"
            pointer="/on/dedupe"
            code=true
            optional=Optional::Yes
            example="input.order_id"
        />
    }
}

#[component]
fn Check(place: Place, pointer: &'static str, label: &'static str) -> impl IntoView {
    let on = move || place.value(pointer).and_then(|value| value.as_bool()).unwrap_or_default();
    view! {
        <label class="jc-check">
            <input
                type="checkbox"
                data-field=pointer
                prop:checked=on
                on:change:target=move |event| {
                    place.set(pointer, Some(Value::Bool(event.target().checked())));
                }
            />
            {label}
        </label>
        <ProblemLines place pointer/>
    }
}
