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
use crate::messages::t;
use leptos::prelude::*;

/// What a person does, who, by when, and with which answers.
#[component]
pub(super) fn TaskForm(place: Place) -> impl IntoView {
    view! {
        <Words place/>
        <Section title=t!("Owner")>
            <OwnerField place label=t!("Goes to") pointer="/owner"/>
        </Section>
        <DueFields place hint=""/>
        <Outcomes place/>
        <FormFields
            place
            title=t!("Form")
            pointer="/form"
            hint=t!("What the person fills in. Later steps read it as nodes.<step>.form.")
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
        <Section title=t!("Who approves")>
            <OwnerField place label=t!("Goes to") pointer="/owner"/>
            <NumberField
                place
                label=t!("How many have to approve")
                pointer="/quorum"
                unsaid="1"
                hint=t!("Each once; the first rejection decides.")
            />
            <TextField
                place
                label=t!("May decide only when")
                pointer="/limit"
                condition=true
                optional=Optional::Yes
                example=t!("by.role == 'admin' || vars.discount <= 0.2")
                hint=t!("Reads who decides as by.email, by.role and by.teams, beside everything else.")
            />
        </Section>
        <DueFields place hint=""/>
        <FormFields
            place
            title=t!("Form")
            pointer="/form"
            hint=t!("What they fill in. Later steps read it as nodes.<step>.form.")
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
        <Section title=t!("From and to")>
            <SelectField place label=t!("From team") pointer="/from_team" choices/>
            <SelectField place label=t!("To team") pointer="/to_team" choices/>
        </Section>
        <FormFields
            place
            title=t!("What is handed over")
            pointer="/fields"
            hint=t!("The sending team fills in what has no value yet. Later steps read it as nodes.<step>.form.")
        />
        <Section title=t!("Known already")>
            <p class="jc-hint">{t!("A field's value by an expression; without one, the variable of its name.")}</p>
            <MappingRows place pointer="/values" placeholder=t!("Name of a field") example=t!("account.segment")/>
        </Section>
        <DueFields place hint=t!("From the moment it is sent until the other team has accepted it.")/>
        <Timers place/>
        <More place/>
    }
}

#[component]
fn Words(place: Place) -> impl IntoView {
    view! {
        <TextField
            place
            label=t!("Title")
            pointer="/title"
            tags=true
            optional=Optional::Yes
            example=t!("Welcome call with {{ account.name }}")
            hint=t!("What the person reads in the inbox; without it, the name.")
        />
        <TextField
            place
            label=t!("Instructions")
            pointer="/instructions"
            optional=Optional::Yes
            rows=3_u32
            hint=t!("{{ … }} puts in what an expression gives.")
        />
    }
}

#[component]
fn More(place: Place) -> impl IntoView {
    view! {
        <Section title=t!("More")>
            <TextField
                place
                label=t!("Priority")
                pointer="/priority"
                code=true
                optional=Optional::Yes
                example=t!("account.arr > 100000 ? 1 : 5")
                hint=t!("A number; the inbox shows what is urgent first.")
            />
            <TurnField place/>
        </Section>
    }
}
