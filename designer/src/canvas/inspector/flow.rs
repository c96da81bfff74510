//! The small forms: joins, milestones, ends, notes.

use super::{
    controls::{CheckField, NameField, NumberField},
    field::{Optional, Picker, Place, ProblemLines, TextField},
    names::words,
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

/// How many branches it takes to go on.
#[component]
pub(super) fn JoinForm(place: Place) -> impl IntoView {
    let need = Memo::new(move |_| {
        let word = match place.value("/need") {
            Some(Value::Number(_)) => "count",
            Some(Value::String(word)) if word == "any" => "any",
            _ => "all",
        };
        word.to_owned()
    });
    let choices = words([
        ("all", text!("all branches have arrived")),
        ("any", text!("the first branch arrives")),
        ("count", text!("a number of branches have arrived")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let need = if picked == "count" { json!(2) } else { json!(picked) };
        place.set("/need", Some(need));
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Go on when")}</span>
            <Picker value=need choices=Signal::stored(choices) field="/need/kind" on_pick=pick/>
        </label>
        <Show
            when=move || need.get() == "count"
            fallback=move || view! { <ProblemLines place pointer="/need"/> }
        >
            <NumberField place label=t!("How many") pointer="/need"/>
        </Show>
        <CheckField place label=t!("Withdraw the branches that have not arrived") pointer="/cancel_rest"/>
    }
}

/// What was reached, and the stage an account is in then.
#[component]
pub(super) fn MilestoneForm(place: Place) -> impl IntoView {
    let stages = ["onboarding", "adoption", "value", "renewal", "expansion", "at_risk"];
    let known = Signal::stored(stages.map(str::to_owned).to_vec());
    view! {
        <TextField place label=t!("Milestone") pointer="/milestone" example=t!("first_value") hint=t!("It is noted on the account with the time it was reached.")/>
        <NameField
            place
            label=t!("Stage of the account from now on")
            pointer="/stage"
            known
            optional=Optional::Yes
            example=t!("stays as it is")
        />
    }
}

/// What the instance ended with.
#[component]
pub(super) fn EndForm(place: Place) -> impl IntoView {
    view! {
        <TextField place label=t!("Outcome") pointer="/outcome" hint=t!("What the instance is said to have ended with, e.g. onboarded.")/>
        <CheckField place label=t!("End everything: withdraw all other branches") pointer="/everything"/>
    }
}
