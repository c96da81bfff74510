//! What may become of one thing that waits.

use super::{super::icon::Icon, state::Rehearsal};
use crate::{
    editor::ports,
    messages::t,
    parts::form::{FormFields, Given},
    words::{fields, spoken},
};
use journey::{
    effect::{FailureKind, Offer, SlaState},
    rehearsal::{Move, Open, Place, What},
    sla::Reason,
};
use leptos::prelude::*;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The choices for one of them.
#[component]
pub(super) fn Choices(rehearsal: Rehearsal, open: Open) -> impl IntoView {
    let Open { place, what, .. } = open;
    let inner = match what {
        What::Task { offer, sla, .. } => {
            view! { <Task rehearsal place offer=*offer paused=sla == SlaState::Paused/> }.into_any()
        }
        What::Call { example, .. } => view! { <Answer rehearsal place example/> }.into_any(),
        What::Message { message, example } => view! {
            <p class="jc-message" tabindex="0"><b>{message.subject}</b>{message.body}</p>
            <Answer rehearsal place example/>
        }
        .into_any(),
        What::Event { name, .. } => view! { <Comes rehearsal place name/> }.into_any(),
        What::Condition { .. } => view! { <Change rehearsal/> }.into_any(),
        What::Timer { due } | What::Later { due } => {
            let until = due.to_rfc3339();
            let made = Move::Wait { length: None, until: Some(until) };
            view! { <Choice rehearsal name="until-then" label=t!("Let time pass until then") made/> }
                .into_any()
        }
        What::Journey { .. } => view! { <Returns rehearsal place/> }.into_any(),
        What::Incident { ways, .. } => view! { <Incident rehearsal place ways/> }.into_any(),
        What::Items { .. } | What::Join | What::Turn => ().into_any(),
    };
    view! { <div class="jc-choices">{inner}</div> }
}

/// A button that makes one move.
#[component]
fn Choice(
    rehearsal: Rehearsal,
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    made: Move,
) -> impl IntoView {
    view! {
        <button type="button" class="jc-choice" data-action=name on:click=move |_| rehearsal.make(made.clone())>{label}</button>
    }
}

#[component]
fn Task(rehearsal: Rehearsal, place: Place, offer: Offer, paused: bool) -> impl IntoView {
    let asked = fields::fields(&offer.form);
    let given = Given::new("rehearsal-", &asked);
    let has_form = !asked.is_empty();
    let questions = StoredValue::new(asked.clone());
    let at = StoredValue::new(place.clone());
    let complete = move |outcome: String| {
        let form = if has_form {
            let Some(answers) = questions.with_value(|asked| given.answers(asked)) else { return };
            Some(Value::Object(answers))
        } else {
            None
        };
        let at = at.get_value();
        rehearsal.make(Move::Complete { at, outcome: Some(outcome), form, by: None, role: None });
    };
    let outcomes = offer.outcomes.into_iter().map(|outcome| {
        let id = outcome.id.clone();
        let label = if outcome.label.is_empty() { spoken(&outcome.id) } else { outcome.label };
        view! {
            <button type="button" class="jc-choice primary" data-action=format!("outcome-{}", outcome.id) on:click=move |_| complete(id.clone())>{label}</button>
        }
    });
    let clock = if paused {
        view! { <Choice rehearsal name="resume" label=t!("Let its clock go on") made=Move::Resume { at: place }/> }.into_any()
    } else {
        let made = Move::Pause { at: place, reason: Reason::WaitingOnCustomer };
        view! { <Choice rehearsal name="pause" label=t!("Pause its clock: waiting for the customer") made/> }.into_any()
    };
    view! {
        {(!offer.instructions.is_empty()).then(|| view! { <p class="jc-message" tabindex="0">{offer.instructions}</p> })}
        {has_form.then(|| view! { <FormFields fields=asked given/> })}
        <div class="jc-choice-row">{outcomes.collect_view()}</div>
        <div class="jc-choice-row">{clock}</div>
    }
}

/// A call or a message: what it gives, or how it fails.
#[component]
fn Answer(rehearsal: Rehearsal, place: Place, example: Value) -> impl IntoView {
    let text = RwSignal::new(serde_json::to_string_pretty(&example).unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let (at, example) = (StoredValue::new(place.clone()), StoredValue::new(example));
    let answer = move |_| match serde_json::from_str::<Value>(&text.get_untracked()) {
        Ok(output) => {
            let output = Some(output).filter(|output| example.with_value(|known| known != output));
            rehearsal.make(Move::Answer { at: Some(at.get_value()), output });
        }
        Err(error) => wrong.set(Some(t!("This is not JSON: {error}.", error))),
    };
    let fails = |kind| Move::Fail { at: place.clone(), kind, code: None, message: None };
    view! {
        <JsonField name="answer" label=t!("What it gives") text wrong/>
        <div class="jc-choice-row">
            <button type="button" class="jc-choice primary" data-action="answer" on:click=answer>{t!("It gives this")}</button>
            <Choice rehearsal name="fail-for-now" label=t!("It fails for now") made=fails(FailureKind::Transient)/>
            <Choice rehearsal name="fail-for-good" label=t!("It fails for good") made=fails(FailureKind::Permanent)/>
        </div>
    }
}

/// An event that is waited for.
#[component]
fn Comes(rehearsal: Rehearsal, place: Place, name: String) -> impl IntoView {
    let (text, wrong) = (RwSignal::new("{}".to_owned()), RwSignal::new(None::<String>));
    let comes = move |_| {
        let Some(data) = object(text, wrong) else { return };
        rehearsal.make(Move::Event { name: name.clone(), at: Some(place.clone()), data });
    };
    view! {
        <JsonField name="event" label=t!("What it brings") text wrong/>
        <div class="jc-choice-row">
            <button type="button" class="jc-choice primary" data-action="comes" on:click=comes>{t!("It comes")}</button>
        </div>
    }
}

/// Other fields of the account, for what waits for them.
#[component]
fn Change(rehearsal: Rehearsal) -> impl IntoView {
    let (text, wrong) = (RwSignal::new("{\n  \n}".to_owned()), RwSignal::new(None::<String>));
    let change = move |_| {
        let Some(account) = object(text, wrong) else { return };
        rehearsal.make(Move::Change { account });
    };
    view! {
        <JsonField name="account" label=t!("Fields of the account") text wrong/>
        <div class="jc-choice-row">
            <button type="button" class="jc-choice primary" data-action="change-account" on:click=change>{t!("Change them")}</button>
        </div>
    }
}

/// The end of a journey that was called.
#[component]
fn Returns(rehearsal: Rehearsal, place: Place) -> impl IntoView {
    let outcome = RwSignal::new(String::new());
    let (text, wrong) = (RwSignal::new("{}".to_owned()), RwSignal::new(None::<String>));
    let returns = move |_| {
        let Some(vars) = object(text, wrong) else { return };
        let outcome = Some(outcome.get_untracked().trim().to_owned());
        let outcome = outcome.filter(|outcome| !outcome.is_empty());
        rehearsal.make(Move::Return { at: place.clone(), outcome, vars });
    };
    view! {
        <label class="jc-field"><span class="jc-label">{t!("It ends with")}</span><input class="jc-control" placeholder=t!("ended") data-field="rehearsal-outcome" bind:value=outcome/></label>
        <JsonField name="vars" label=t!("Its variables") text wrong/>
        <div class="jc-choice-row">
            <button type="button" class="jc-choice primary" data-action="returns" on:click=returns>{t!("It is over")}</button>
        </div>
    }
}

/// What a person does about what failed.
#[component]
fn Incident(rehearsal: Rehearsal, place: Place, ways: Vec<String>) -> impl IntoView {
    let called = ways_called(rehearsal, &place.node);
    let skips = ways.into_iter().map(|outcome| {
        let words = called.get(&outcome).filter(|words| !words.is_empty()).cloned();
        let label = t!("Go on: {outcome}", outcome = words.unwrap_or_else(|| spoken(&outcome)));
        let name = format!("skip-{outcome}");
        view! { <Choice rehearsal name label made=Move::Skip { at: place.clone(), outcome }/> }
    });
    let skips = skips.collect_view();
    view! {
        <div class="jc-choice-row">
            <Choice rehearsal name="retry" label=t!("Try again") made=Move::Retry { at: place.clone() }/>
            {skips}
            <Choice rehearsal name="end-here" label=t!("End it here") made=Move::End { at: place, outcome: "given_up".to_owned() }/>
        </div>
    }
}

/// What the ways out of a step are called on the canvas, by port.
fn ways_called(rehearsal: Rehearsal, node: &str) -> BTreeMap<String, String> {
    rehearsal.canvas().read(|editor| {
        let drawn = editor.draft().node(node);
        let ports = drawn.map(|drawn| ports::ports(editor.draft(), drawn)).unwrap_or_default();
        ports.into_iter().map(|port| (port.id, port.label)).collect()
    })
}

/// A field for JSON, with what is wrong with it.
#[component]
pub(super) fn JsonField(
    name: &'static str,
    label: &'static str,
    text: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
) -> impl IntoView {
    let rows = text.with_untracked(|text| text.lines().count().clamp(2, 10).to_string());
    let described = format!("rehearsal-wrong-{name}");
    view! {
        <div class="jc-with-problem">
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <textarea class="jc-control code" rows=rows data-field=format!("rehearsal-{name}") aria-describedby=described.clone()
                aria-invalid=move || wrong.with(Option::is_some).to_string()
                prop:value=move || text.get()
                on:input:target=move |event| {
                    text.set(event.target().value());
                    wrong.set(None);
                }
            ></textarea>
        </label>
        <span id=described class="jc-wrong" role="alert">{move || wrong.get().map(|wrong| view! { <Icon name="error"/>{wrong} })}</span>
        </div>
    }
}

/// The object that was typed; what is wrong with it is shown.
pub(super) fn object(
    text: RwSignal<String>,
    wrong: RwSignal<Option<String>>,
) -> Option<Map<String, Value>> {
    match serde_json::from_str::<Value>(&text.get_untracked()) {
        Ok(Value::Object(object)) => Some(object),
        Ok(_) => {
            wrong.set(Some(t!("This is not an object, such as {\"seats\": 3}.").to_owned()));
            None
        }
        Err(error) => {
            wrong.set(Some(t!("This is not JSON: {error}.", error)));
            None
        }
    }
}
