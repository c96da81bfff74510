//! The form of a step that does the same for every item of a list.

use super::{
    action::TurnField,
    controls::{CheckField, NameField, NumberField},
    field::{Optional, Picker, Place, ProblemLines, SelectField, TextField},
    names::{journeys, steps, words},
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

#[component]
pub(super) fn ForEachForm(place: Place) -> impl IntoView {
    let modes =
        words([("parallel", text!("all at once")), ("sequence", text!("one after the other"))]);
    view! {
        <TextField
            place
            label=t!("The items")
            pointer="/items"
            code=true
            example=t!("account.contacts")
            hint=t!("Gives a list.")
        />
        <TextField place label=t!("Each is called") pointer="/as" example=t!("contact") hint=t!("Its steps read it as vars.<name>, and its place in the list as vars.index.")/>
        <BodyFields place/>
        <SelectField place label=t!("How") pointer="/mode" choices=Signal::stored(modes) unsaid="sequence"/>
        <NumberField place label=t!("At most so many items") pointer="/max" unsaid="100" hint=t!("1,000 at the most. With more items it becomes an incident.")/>
        <EnoughFields place/>
        <TurnField place/>
    }
}

/// How many items it takes to go on, and what becomes of the others then.
#[component]
fn EnoughFields(place: Place) -> impl IntoView {
    let kind = Memo::new(move |_| {
        let kind = match place.value("/need") {
            None => "all",
            Some(Value::Number(_)) => "count",
            Some(_) => "rule",
        };
        kind.to_owned()
    });
    let choices = words([
        ("all", text!("all items are done")),
        ("count", text!("a number of items are done")),
        ("rule", text!("as many are done as an expression says")),
    ]);
    let pick = Callback::new(move |picked: String| match picked.as_str() {
        "count" => place.set("/need", Some(json!(1))),
        "rule" => place.set("/need", Some(json!(""))),
        _ => place.set_all(vec![("/need", None), ("/cancel_rest", None)]),
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Go on when")}</span>
            <Picker value=kind choices=Signal::stored(choices) field="/need/kind" on_pick=pick/>
        </label>
        {move || match kind.get().as_str() {
            "count" => view! { <NumberField place label=t!("How many") pointer="/need"/> }.into_any(),
            "rule" => view! { <TextField place label=t!("How many") pointer="/need" code=true example=t!("size(account.contacts) / 2")/> }.into_any(),
            _ => ().into_any(),
        }}
        <Show when=move || kind.get() != "all">
            <CheckField place label=t!("Withdraw the items that are not done then") pointer="/cancel_rest"/>
        </Show>
    }
}

/// What is done for each item: another journey, or a part of this drawing.
#[component]
fn BodyFields(place: Place) -> impl IntoView {
    let part = Memo::new(move |_| matches!(place.value("/body"), Some(Value::Object(_))));
    let what = Memo::new(move |_| if part.get() { "part" } else { "journey" }.to_owned());
    let choices =
        words([("journey", text!("another journey")), ("part", text!("steps of this drawing"))]);
    let pick = Callback::new(move |picked: String| {
        let part = (picked == "part").then(|| json!({ "from": "", "to": "" }));
        place.set("/body", part);
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("For each, run")}</span>
            <Picker value=what choices=Signal::stored(choices) field="/body/kind" on_pick=pick/>
        </label>
        <Show
            when=move || part.get()
            fallback=move || view! {
                <NameField place label=t!("Journey") pointer="/body" known=journeys(place) optional=Optional::Yes hint=t!("Its name or its id. It reads the item as input.<name>.")/>
            }
        >
            <SelectField place label=t!("From step") pointer="/body/from" choices=steps(place)/>
            <SelectField
                place
                label=t!("To step")
                pointer="/body/to"
                choices=steps(place)
                hint=t!("Draw these steps apart: nothing leads into them from outside. When nothing waits there any more, the item is done.")
            />
            <ProblemLines place pointer="/body"/>
        </Show>
    }
}
