//! The list of journeys.

mod gallery;
mod import;

use super::{
    making::{Making, NameForm},
    now,
};
use crate::{
    api,
    app::SignedIn,
    later::{Drawing, soon},
    live::live,
    load::read,
    messages::t,
    parts::{Dialog, Empty, Icon, PageHead},
    words::{due::ago, grouped},
};
pub(crate) use gallery::GalleryPage;
use import::ImportForm;
use leptos::prelude::*;
use wire::{Created, JourneySummary, NewJourney, Page, Role};

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
    let (asking, importing) = (RwSignal::new(false), RwSignal::new(false));
    soon::<Drawing>();
    view! {
        <div class="page" data-page="journeys">
            <PageHead title=t!("Journeys").to_owned() text=t!("Drawn once, then they run for every account.")>
                {draws.then(|| view! {
                    <a class="button" href="/journeys/gallery" data-action="gallery"><Icon name="journeys"/>{t!("Gallery")}</a>
                    <button class="button" type="button" data-action="import-journey" on:click=move |_| importing.set(true)><Icon name="upload"/>{t!("Import")}</button>
                    <button class="button primary" type="button" data-action="new-journey" on:click=move |_| asking.set(true)><Icon name="plus"/>{t!("New journey")}</button>
                })}
            </PageHead>
            <section class="card" aria-label=t!("Journeys")>
                {journeys.show(move |page| view! { <Journeys journeys=page.items asking draws/> })}
            </section>
            <Dialog open=asking title=t!("New journey") name="new-journey"><NewForm/></Dialog>
            <Dialog open=importing title=t!("Import a journey") name="import-journey"><ImportForm/></Dialog>
        </div>
    }
}

#[component]
fn Journeys(journeys: Vec<JourneySummary>, asking: RwSignal<bool>, draws: bool) -> impl IntoView {
    if journeys.is_empty() {
        return view! {
            <Empty icon="journeys" title=t!("Draw the first journey") text=t!("A trigger starts it, tasks go to people, actions go to your systems, an end says how it came out.")>
                {draws.then(|| view! {
                    <button class="button primary" type="button" data-action="new-journey-first" on:click=move |_| asking.set(true)><Icon name="plus"/>{t!("New journey")}</button>
                    <a class="button" href="/journeys/gallery"><Icon name="journeys"/>{t!("Take one from the gallery")}</a>
                })}
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t!("Name")}</th><th scope="col">{t!("Version")}</th><th scope="col" class="end">{t!("Running")}</th><th scope="col" class="wide">{t!("Changed")}</th>
                </tr></thead>
                <tbody>{journeys.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(journey: JourneySummary) -> impl IntoView {
    let version = match journey.live_version {
        Some(number) => {
            view! { <span class="chip good">{t!("Live · v")}{number}</span> }.into_any()
        }
        None => view! { <span class="chip">{t!("Draft")}</span> }.into_any(),
    };
    let changed = journey.unpublished_changes && journey.live_version.is_some();
    view! {
        <tr data-row=journey.id.clone()>
            <td>
                <a class="row-link" href=format!("/journeys/{}", journey.id)>{journey.name}</a>
                {(!journey.description.is_empty()).then(|| view! { <span class="sub">{journey.description}</span> })}
            </td>
            <td><div class="actions">{version}{changed.then(|| view! { <span class="chip warning" data-state="unpublished">{t!("Unpublished changes")}</span> })}</div></td>
            <td class="end number">{grouped(journey.running)}</td>
            <td class="wide muted">{ago(&journey.updated_at, now())}</td>
        </tr>
    }
}

#[component]
fn NewForm() -> impl IntoView {
    let making = Making::new();
    let make = Callback::new(move |name: String| {
        let asked = NewJourney { name, draft: None };
        making.make(async move {
            let made: Created = api::post("/journeys", &asked).await?;
            Ok(format!("/journeys/{}", made.id))
        });
    });
    view! { <NameForm kind="journey" example=t!("Onboarding") making on_name=make/> }
}
