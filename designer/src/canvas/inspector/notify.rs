//! The form of a step that tells somebody.

use super::{
    controls::{NameField, NumberField},
    field::{Optional, Picker, Place, SelectField, TextField},
    names::{calendars_of_steps, connections, words},
    owner::OwnerField,
    rows::Section,
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

#[component]
pub(super) fn NotifyForm(place: Place) -> impl IntoView {
    let channels = Signal::derive(move || {
        let own = ["app", "email"].map(str::to_owned);
        own.into_iter().chain(connections(place).get().into_iter().map(|(name, _)| name)).collect()
    });
    let open = Signal::derive(move || {
        let mut choices = calendars_of_steps(place, text!("at any time")).get();
        for (_, words) in choices.iter_mut().skip(1) {
            *words = t!("while {words} is open", words);
        }
        choices
    });
    view! {
        <NameField place label=t!("By") pointer="/channel" known=channels hint=t!("app, email, or the name of a connection.")/>
        <RecipientFields place/>
        <TextField place label=t!("Subject") pointer="/subject" tags=true example=t!("News about {{ account.name }}")/>
        <TextField place label=t!("Text") pointer="/body" rows=5_u32 hint=t!("{{ … }} puts in what an expression gives.")/>
        <Section title=t!("How often")>
            <SelectField
                place
                label=t!("Goes out")
                pointer="/hours"
                choices=open
                optional=Optional::Yes
                hint=t!("What comes up at another time goes out when the calendar opens.")
            />
            <NumberField
                place
                label=t!("At most to one person in 24 hours")
                pointer="/cap"
                unsaid=t!("no limit")
                hint=t!("What is above is written down and not sent.")
            />
        </Section>
    }
}

/// Somebody of the workspace by an owner rule, or an address by an expression.
#[component]
fn RecipientFields(place: Place) -> impl IntoView {
    let address = Memo::new(move |_| matches!(place.value("/to"), Some(Value::String(_))));
    let who = Memo::new(move |_| if address.get() { "address" } else { "colleague" }.to_owned());
    let choices = words([
        ("colleague", text!("somebody of ours")),
        ("address", text!("an address by expression")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let to = match picked.as_str() {
            "address" => json!("account.email"),
            _ => json!({ "rule": "account_owner" }),
        };
        place.set("/to", Some(to));
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("To")}</span>
            <Picker value=who choices=Signal::stored(choices) field="/to/kind" on_pick=pick/>
        </label>
        <Show
            when=move || address.get()
            fallback=move || view! { <OwnerField place label=t!("Who") pointer="/to"/> }
        >
            <TextField place label=t!("Address") pointer="/to" code=true example=t!("account.email")/>
        </Show>
    }
}
