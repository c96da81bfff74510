//! The list of journeys.

use super::now;
use crate::{
    api,
    app::SignedIn,
    live::live,
    load::read,
    parts::{Dialog, Empty, Icon, PageHead, ProblemView},
    words::{due::ago, grouped},
};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{Created, JourneySummary, NewJourney, Page, Problem, Role};

/// Every journey with its live version and what runs on it.
#[component]
pub(crate) fn JourneysPage() -> impl IntoView {
    let SignedIn(session) = expect_context();
    let draws = session.with_untracked(|session| session.role != Role::Member);
    let live = live();
    let journeys = read::<Page<JourneySummary>>(move || {
        live.instances.track();
        "/journeys?limit=500".to_owned()
    });
    let asking = RwSignal::new(false);
    view! {
        <div class="page" data-page="journeys">
            <PageHead title="Journeys".to_owned() text="Drawn once, then they run for every account.">
                {draws.then(|| view! {
                    <button class="button primary" type="button" data-action="new-journey" on:click=move |_| asking.set(true)><Icon name="plus"/>"New journey"</button>
                })}
            </PageHead>
            <section class="card" aria-label="Journeys">
                {journeys.show(move |page| view! { <Journeys journeys=page.items asking draws/> })}
            </section>
            <Dialog open=asking title="New journey" name="new-journey"><NewForm/></Dialog>
        </div>
    }
}

#[component]
fn Journeys(journeys: Vec<JourneySummary>, asking: RwSignal<bool>, draws: bool) -> impl IntoView {
    if journeys.is_empty() {
        return view! {
            <Empty icon="journeys" title="Draw the first journey" text="A trigger starts it, tasks go to people, actions go to your systems, an end says how it came out.">
                {draws.then(|| view! {
                    <button class="button primary" type="button" data-action="new-journey-first" on:click=move |_| asking.set(true)><Icon name="plus"/>"New journey"</button>
                })}
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">"Name"</th><th scope="col">"Version"</th><th scope="col" class="end">"Running"</th><th scope="col" class="wide">"Changed"</th>
                </tr></thead>
                <tbody>{journeys.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(journey: JourneySummary) -> impl IntoView {
    let version = match journey.live_version {
        Some(number) => view! { <span class="chip good">"Live · v"{number}</span> }.into_any(),
        None => view! { <span class="chip">"Draft"</span> }.into_any(),
    };
    let changed = journey.unpublished_changes && journey.live_version.is_some();
    view! {
        <tr data-row=journey.id.clone()>
            <td>
                <a class="row-link" href=format!("/journeys/{}", journey.id)>{journey.name}</a>
                {(!journey.description.is_empty()).then(|| view! { <span class="sub">{journey.description}</span> })}
            </td>
            <td><div class="actions">{version}{changed.then(|| view! { <span class="chip warning" data-state="unpublished">"Unpublished changes"</span> })}</div></td>
            <td class="end number">{grouped(journey.running)}</td>
            <td class="wide muted">{ago(&journey.updated_at, now())}</td>
        </tr>
    }
}

#[component]
fn NewForm() -> impl IntoView {
    let name = RwSignal::new(String::new());
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let navigate = StoredValue::new_local(use_navigate());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let body = NewJourney { name: name.get_untracked().trim().to_owned(), draft: None };
            match api::post::<_, Created>("/journeys", &body).await {
                Ok(made) => {
                    navigate.try_with_value(|go| {
                        go(&format!("/journeys/{}", made.id), NavigateOptions::default());
                    });
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="new-journey">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-name">"Name"</label>
                <input class="input" id="field-name" required maxlength="120" autofocus placeholder="Onboarding" bind:value=name/>
            </div>
            <div class="actions"><button class="button primary" type="submit" data-action="create-journey" disabled=move || busy.get()>"Create"</button></div>
        </form>
    }
}
