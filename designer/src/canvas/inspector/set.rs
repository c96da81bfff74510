//! The form of a set node: values written one after the other.

use super::{
    field::{Place, ProblemLines, TextField},
    outcomes::append,
    rows::{AddRow, RemoveRow, Section},
};
use crate::messages::t;
use leptos::prelude::*;
use serde_json::json;

/// The values to write, in order.
#[component]
pub(super) fn SetForm(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/assign"));
    let add = Callback::new(move |()| {
        append(place, "/assign", place.length("/assign"), json!({ "to": "vars.", "value": "" }));
    });
    view! {
        <Section title=t!("Values")>
            {move || (0..count.get()).map(|at| view! { <Assignment place at/> }).collect_view()}
            <ProblemLines place pointer="/assign"/>
            <AddRow list="assign" label=t!("Add a value") on_add=add/>
        </Section>
    }
}

#[component]
fn Assignment(place: Place, at: usize) -> impl IntoView {
    view! {
        <div class="jc-card">
            <div class="jc-rowline top">
                <div class="jc-grow">
                    <TextField
                        place
                        label=t!("Write to")
                        pointer=format!("/assign/{at}/to")
                        code=true
                        example=t!("vars.tier or account.stage")
                    />
                    <TextField
                        place
                        label=t!("The value of")
                        pointer=format!("/assign/{at}/value")
                        code=true
                        example=t!("nodes.task1.form.tier")
                    />
                </div>
                <RemoveRow
                    row=format!("assign/{at}")
                    on_remove=Callback::new(move |()| place.set(&format!("/assign/{at}"), None))
                />
            </div>
            <ProblemLines place pointer=format!("/assign/{at}")/>
        </div>
    }
}
