//! The form of a wait: what for, and how long at most.

use super::{
    duration::DurationField,
    field::{Optional, Picker, Place, ProblemLines, TextField},
    names::words,
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

/// What a wait can wait for; exactly one is in the draft.
const MEMBERS: [&str; 4] = ["/for", "/until", "/event", "/condition"];

#[component]
pub(super) fn WaitForm(place: Place) -> impl IntoView {
    let what = Memo::new(move |_| {
        let there = MEMBERS.into_iter().find(|member| place.value(member).is_some());
        there.unwrap_or_default().to_owned()
    });
    let choices = words([
        ("/for", text!("a time to pass")),
        ("/until", text!("a moment")),
        ("/event", text!("an event")),
        ("/condition", text!("a condition to hold")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let first = first(&picked);
        let mut fields: Vec<(&str, Option<Value>)> = MEMBERS
            .into_iter()
            .filter(|member| *member != picked)
            .map(|member| (member, None))
            .collect();
        let (chosen, can_come_late) = (picked.as_str(), may_never_come(&picked));
        fields.push((chosen, Some(first)));
        if !can_come_late {
            fields.push(("/timeout", None));
        }
        place.set_all(fields);
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Waits for")}</span>
            <Picker value=what choices=Signal::stored(choices) field="/waits_for" on_pick=pick/>
        </label>
        {move || match what.get().as_str() {
            "/for" => view! { <DurationField place label=t!("How long") pointer="/for"/> }.into_any(),
            "/until" => view! {
                <TextField
                    place
                    label=t!("Until")
                    pointer="/until"
                    code=true
                    example=t!("account.go_live")
                    hint=t!("Gives a moment. One that has passed goes on at once.")
                />
            }
            .into_any(),
            "/event" => view! { <EventFields place/> }.into_any(),
            "/condition" => view! {
                <TextField place label=t!("Until this holds") pointer="/condition" condition=true example=t!("account.open_tickets == 0")/>
            }
            .into_any(),
            _ => view! { <ProblemLines place pointer="/for"/> }.into_any(),
        }}
        <Show when=move || may_never_come(&what.get())>
            <DurationField
                place
                label=t!("At most")
                pointer="/timeout"
                optional=Optional::Yes
                hint=t!("Then it leaves by “Too late”.")
            />
        </Show>
    }
}

#[component]
fn EventFields(place: Place) -> impl IntoView {
    view! {
        <TextField place label=t!("Event") pointer="/event/name" example=t!("order.shipped")/>
        <TextField
            place
            label=t!("Its key")
            pointer="/event/key"
            code=true
            example=t!("event.data.order_id")
            hint=t!("Read from each event that comes.")
        />
        <TextField
            place
            label=t!("Is the same as")
            pointer="/event/mine"
            code=true
            example=t!("vars.order_id")
            hint=t!("Read once, when the wait begins. The event's data is nodes.<step>.output then.")
        />
        <ProblemLines place pointer="/event"/>
    }
}

fn may_never_come(what: &str) -> bool {
    matches!(what, "/event" | "/condition")
}

fn first(what: &str) -> Value {
    match what {
        "/for" => json!("P1D"),
        "/event" => json!({ "name": "", "key": "", "mine": "" }),
        _ => json!(""),
    }
}
