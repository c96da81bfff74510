//! The versions of a journey, newest first; any of them can become the draft again.

use super::{
    super::{address, moment, people::People},
    save::Saving,
};
use crate::{
    api,
    load::read,
    messages::t,
    parts::{Empty, ProblemView, Toasts},
};
use leptos::prelude::*;
use wire::{Mode, Page, Problem, Version};

/// Every version, who published it and why.
#[component]
pub(super) fn Versions(
    id: StoredValue<String>,
    saving: Saving,
    draws: bool,
    open: RwSignal<bool>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let versions = read::<Page<Version>>(move || format!("/journeys/{}/versions", id.get_value()));
    let restore = Callback::new(move |number: u64| {
        leptos::task::spawn_local(async move {
            match api::get::<Version>(&format!("/journeys/{}/versions/{number}", id.get_value()))
                .await
            {
                Ok(Version { draft: Some(draft), .. }) => {
                    saving.replace(draft);
                    toasts.say(&t!(
                        "The draft is version {number} again. Publish to make it live.",
                        number
                    ));
                    open.try_set(false);
                }
                Ok(_) => drop(problem.try_set(Some(api::problem(
                    404,
                    t!("This version has no drawing"),
                    t!("It cannot be restored."),
                )))),
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
        });
    });
    view! {
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        {versions.show(move |page| list(&id.get_value(), page.items, draws, restore))}
    }
}

fn list(journey: &str, mut versions: Vec<Version>, draws: bool, restore: Callback<u64>) -> AnyView {
    if versions.is_empty() {
        return view! { <Empty icon="history" title=t!("Nothing published yet") text=t!("Publish the draft, and its first version appears here.")/> }.into_any();
    }
    let people = expect_context::<People>();
    versions.sort_by_key(|version| std::cmp::Reverse(version.number));
    let changes = format!("/journeys/{journey}/changes");
    let moves = format!("/journeys/{journey}/migrations");
    let journey = journey.to_owned();
    let row = move |version: Version| {
        let number = version.number;
        // The first version is compared with what became of it.
        let (from, to) = match number {
            ..=1 => (number.to_string(), "draft".to_owned()),
            _ => ((number - 1).to_string(), number.to_string()),
        };
        let shadow = format!("/journeys/{journey}/versions/{number}/would-have");
        let compare = address(&changes, &[("from", &from), ("to", &to)]);
        let called = match version.mode {
            Mode::Live => t!("Version {number}", number),
            Mode::Shadow => t!("Version {number} · shadow", number),
        };
        view! {
            <li class="row" data-row=version.id>
                <span class="grow">
                    <strong>{called}</strong>
                    {(!version.note.is_empty()).then(|| view! { <span>{version.note}</span> })}
                    <span class="sub">{move || people.name(&version.published_by)}" · "{moment(&version.published_at)}</span>
                </span>
                {(version.mode == Mode::Shadow).then(|| view! { <a class="button" href=shadow data-action="would-have">{t!("Would have done")}</a> })}
                <a class="button" href=compare data-action="compare">{t!("Changes")}</a>
                {draws.then(|| view! { <button class="button" type="button" data-action="restore" on:click=move |_| restore.run(number)>{t!("Restore")}</button> })}
            </li>
        }
    };
    view! {
        <ul class="rows">{versions.into_iter().map(row).collect_view()}</ul>
        <div class="actions"><a class="button" href=moves data-action="migrations">{t!("Move instances to another version")}</a></div>
    }
    .into_any()
}
