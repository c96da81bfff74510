//! The form of a task.

use super::{
    duration::DurationField,
    field::{Optional, Place, Section, TextField},
    form::FormFields,
    outcomes::{Outcomes, Timers},
    owner::OwnerField,
};
use leptos::prelude::*;

/// What a person does, who, by when, and with which answers.
#[component]
pub(super) fn TaskForm(place: Place) -> impl IntoView {
    view! {
        <TextField
            place
            label="Title"
            pointer="/title"
            optional=Optional::Yes
            example="Welcome call with {{ account.name }}"
            hint="What the person reads in the inbox; without it, the name."
        />
        <TextField
            place
            label="Instructions"
            pointer="/instructions"
            optional=Optional::Yes
            rows=3_u32
            hint="{{ … }} puts in what an expression gives."
        />
        <Section title="Owner">
            <OwnerField place label="Goes to" pointer="/owner"/>
        </Section>
        <Section title="Due">
            <DurationField place label="Within" pointer="/sla/due"/>
        </Section>
        <Outcomes place/>
        <FormFields
            place
            title="Form"
            pointer="/form"
            hint="What the person fills in. Later steps read it as nodes.<step>.form."
        />
        <Timers place/>
    }
}
