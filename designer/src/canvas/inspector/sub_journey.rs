//! The form of a step that runs another journey.

use super::{
    action::TurnField,
    controls::{CheckField, MappingRows, NameField, NumberField},
    field::{Picker, Place, ProblemLines},
    names::{journeys, words},
    rows::Section,
};
use crate::editor::summary::Unsaid;
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

#[component]
pub(super) fn SubJourneyForm(place: Place) -> impl IntoView {
    view! {
        <NameField place label=t!("Journey") pointer="/journey" known=journeys(place) hint=t!("Its name or its id.")/>
        <VersionField place/>
        <CheckField place label=t!("Wait until it is over") pointer="/wait" unsaid=Unsaid::Yes/>
        <Section title=t!("What it is given")>
            <p class="jc-hint">{t!("The other journey reads these as input.<name>.")}</p>
            <MappingRows place pointer="/input" placeholder=t!("Name of an input") example=t!("account.id")/>
        </Section>
        <Section title=t!("What is kept of it")>
            <p class="jc-hint">{t!("Variables of this journey; output.outcome and output.vars are what the other one ended with.")}</p>
            <MappingRows place pointer="/output" placeholder=t!("Name of a variable") example=t!("output.vars.result")/>
        </Section>
        <Section title=t!("More")>
            <TurnField place/>
        </Section>
    }
}

#[component]
fn VersionField(place: Place) -> impl IntoView {
    let fixed = Memo::new(move |_| matches!(place.value("/version"), Some(Value::Number(_))));
    let which = Memo::new(move |_| if fixed.get() { "fixed" } else { "latest" }.to_owned());
    let choices = words([
        ("latest", text!("the live one, whichever it is then")),
        ("fixed", text!("always the same")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let version = if picked == "fixed" { json!(1) } else { json!("latest") };
        place.set("/version", Some(version));
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Version")}</span>
            <Picker value=which choices=Signal::stored(choices) field="/version/kind" on_pick=pick/>
        </label>
        <Show when=move || fixed.get() fallback=move || view! { <ProblemLines place pointer="/version"/> }>
            <NumberField place label=t!("Number of the version") pointer="/version"/>
        </Show>
    }
}
