//! The forms of what people do: tasks, approvals, handoffs.

use super::{
    action::TurnField,
    controls::{MappingRows, NumberField},
    due::DueFields,
    field::{Optional, Place, SelectField, TextField},
    form::FormFields,
    names::teams,
    outcomes::{Outcomes, Timers},
    owner::OwnerField,
    rows::Section,
};
use leptos::prelude::*;

/// What a person does, who, by when, and with which answers.
#[component]
pub(super) fn TaskForm(place: Place) -> impl IntoView {
    view! {
        <Words place/>
        <Section title="Owner">
            <OwnerField place label="Goes to" pointer="/owner"/>
        </Section>
        <DueFields place hint=""/>
        <Outcomes place/>
        <FormFields
            place
            title="Form"
            pointer="/form"
            hint="What the person fills in. Later steps read it as nodes.<step>.form."
        />
        <Timers place/>
        <More place/>
    }
}

/// Who has to agree, how many, and up to what they may.
#[component]
pub(super) fn ApprovalForm(place: Place) -> impl IntoView {
    view! {
        <Words place/>
        <Section title="Who approves">
            <OwnerField place label="Goes to" pointer="/owner"/>
            <NumberField
                place
                label="How many have to approve"
                pointer="/quorum"
                unsaid="1"
                hint="Each once; the first rejection decides."
            />
            <TextField
                place
                label="May decide only when"
                pointer="/limit"
                condition=true
                optional=Optional::Yes
                example="by.role == 'admin' || vars.discount <= 0.2"
                hint="Reads who decides as by.email, by.role and by.teams, beside everything else."
            />
        </Section>
        <DueFields place hint=""/>
        <FormFields
            place
            title="Form"
            pointer="/form"
            hint="What they fill in. Later steps read it as nodes.<step>.form."
        />
        <Timers place/>
        <More place/>
    }
}

/// Which team passes what to which.
#[component]
pub(super) fn HandoffForm(place: Place) -> impl IntoView {
    let choices = teams(place);
    view! {
        <Words place/>
        <Section title="From and to">
            <SelectField place label="From team" pointer="/from_team" choices/>
            <SelectField place label="To team" pointer="/to_team" choices/>
        </Section>
        <FormFields
            place
            title="What is handed over"
            pointer="/fields"
            hint="The sending team fills in what has no value yet. Later steps read it as nodes.<step>.form."
        />
        <Section title="Known already">
            <p class="jc-hint">"A field's value by an expression; without one, the variable of its name."</p>
            <MappingRows place pointer="/values" placeholder="Name of a field" example="account.segment"/>
        </Section>
        <DueFields place hint="From the moment it is sent until the other team has accepted it."/>
        <Timers place/>
        <More place/>
    }
}

#[component]
fn Words(place: Place) -> impl IntoView {
    view! {
        <TextField
            place
            label="Title"
            pointer="/title"
            tags=true
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
    }
}

#[component]
fn More(place: Place) -> impl IntoView {
    view! {
        <Section title="More">
            <TextField
                place
                label="Priority"
                pointer="/priority"
                code=true
                optional=Optional::Yes
                example="account.arr > 100000 ? 1 : 5"
                hint="A number; the inbox shows what is urgent first."
            />
            <TurnField place/>
        </Section>
    }
}
