//! Starting a journey: for which account, with what input.

use super::account_search::AccountSearch;
use crate::{
    api,
    load::{load, read},
    messages::{phrase, t},
    parts::{
        ProblemView, Skeleton,
        form::{FormFields, Given},
    },
    words::fields::{self, Field},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use serde_json::Value;
use wire::{AccountRef, Created, JourneySummary, Page, Problem, StartInstance, Version};

/// The form that starts the live version of a journey; it leads to the new instance.
#[component]
pub(super) fn StartForm(
    /// Journey id.
    journey: String,
    /// The account, when the page is about one.
    #[prop(optional)]
    account: Option<AccountRef>,
) -> impl IntoView {
    let id = StoredValue::new(journey);
    let questions = load(move || async move { questions(&id.get_value()).await });
    questions.show(move |questions| {
        let account = account.clone();
        view! { <Questions id questions account/> }
    })
}

#[component]
fn Questions(
    id: StoredValue<String>,
    questions: Vec<Field>,
    account: Option<AccountRef>,
) -> impl IntoView {
    let given = Given::new("", &questions);
    let fixed = account.is_some();
    let chosen = RwSignal::new(account);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let navigate = StoredValue::new_local(use_navigate());
    let asked = StoredValue::new(questions.clone());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(input) = asked.with_value(|asked| given.answers(asked)) else { return };
        let input = Value::Object(input);
        let body =
            StartInstance { account: chosen.get_untracked().map(|account| account.id), input };
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let path = format!("/journeys/{}/instances", id.get_value());
            match api::post::<_, Created>(&path, &body).await {
                Ok(made) => {
                    navigate.try_with_value(|go| {
                        go(
                            &format!("/instances/{}", made.id),
                            leptos_router::NavigateOptions::default(),
                        );
                    });
                }
                Err(refused) => drop(problem.try_set(given.place("/input", refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="start" novalidate>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            {(!fixed).then(|| view! { <AccountSearch chosen/> })}
            {move || chosen.get().map(|account| view! { <p>{phrase!("Starts for {account}.", account = view! { <strong>{account.name}</strong> })}</p> })}
            <FormFields fields=questions given/>
            <div class="actions">
                <button class="button" class:primary=move || chosen.get().is_some() type="submit" data-action="start" disabled=move || busy.get()>
                    {move || if chosen.get().is_some() { t!("Start journey") } else { t!("Start without an account") }}
                </button>
            </div>
        </form>
    }
}

/// What the live version's trigger asks for.
async fn questions(journey: &str) -> api::Answer<Vec<Field>> {
    let summary: JourneySummary = api::get(&format!("/journeys/{journey}")).await?;
    let Some(live) = summary.live_version else {
        return Err(api::problem(
            409,
            t!("Nothing to start yet"),
            t!("Publish the journey first: only a published version can be started."),
        ));
    };
    let version: Version = api::get(&format!("/journeys/{journey}/versions/{live}")).await?;
    let draft = version.draft.unwrap_or_default();
    let trigger = draft.nodes.iter().find(|node| node.kind == "trigger");
    let schema = trigger.and_then(|trigger| trigger.settings.get("input"));
    Ok(schema.map(fields::fields).unwrap_or_default())
}

/// Chooses one of the live journeys, then asks for what it needs.
#[component]
pub(super) fn StartFor(account: AccountRef) -> impl IntoView {
    let journeys = read::<Page<JourneySummary>>(|| "/journeys?limit=500".to_owned());
    let chosen = RwSignal::new(None::<String>);
    let account = StoredValue::new(account);
    let live = move || {
        journeys.ready().map(|page| {
            page.items
                .into_iter()
                .filter(|journey| journey.live_version.is_some())
                .collect::<Vec<_>>()
        })
    };
    let choices = move || match live() {
        None => view! { <Skeleton/> }.into_any(),
        Some(journeys) if journeys.is_empty() => {
            view! { <p class="muted">{t!("No journey is live yet. Publish one first.")}</p> }
                .into_any()
        }
        Some(journeys) => {
            let choice = move |journey: JourneySummary| {
                let (id, own) = (journey.id.clone(), journey.id.clone());
                view! {
                    <button class="choice" type="button" data-action="choose-journey" data-row=journey.id
                        aria-pressed=move || (chosen.get().as_ref() == Some(&own)).to_string()
                        on:click=move |_| chosen.set(Some(id.clone()))>{journey.name}</button>
                }
            };
            view! { <div class="choices">{journeys.into_iter().map(choice).collect_view()}</div> }
                .into_any()
        }
    };
    view! {
        {choices}
        {move || chosen.get().map(|journey| view! { <StartForm journey account=account.get_value()/> })}
    }
}
