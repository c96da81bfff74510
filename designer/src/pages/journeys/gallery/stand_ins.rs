//! Which of one's own teams, connections and so on stand for those of a journey that was drawn elsewhere.

use crate::messages::{plural, t};
use journey::{
    Draft, Workspace,
    standing::{Missing, What, missing},
};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// What stands for what: names of the workspace by the place of the missing one.
pub(super) type Chosen = RwSignal<BTreeMap<usize, String>>;

/// The draft with what was chosen in place of what is missing; the rest stays, and is among its problems.
pub(super) fn settled(
    draft: &Draft,
    workspace: &Workspace,
    chosen: &BTreeMap<usize, String>,
) -> Draft {
    let mut draft = draft.clone();
    for (at, one) in missing(&draft, workspace).iter().enumerate() {
        if let Some(own) = chosen.get(&at).filter(|own| !own.is_empty()) {
            one.settle(&mut draft, own);
        }
    }
    draft
}

/// Asks for each name that the workspace does not have what stands for it.
#[component]
pub(super) fn StandIns(
    draft: StoredValue<Draft>,
    workspace: Workspace,
    chosen: Chosen,
) -> impl IntoView {
    let missed = draft.with_value(|draft| missing(draft, &workspace));
    if missed.is_empty() {
        return ().into_any();
    }
    let said = plural!(
        missed.len(),
        "{count} name in this journey is not in your workspace. What you leave for later is listed among the problems of the drawing.",
        "{count} names in this journey are not in your workspace. What you leave for later is listed among the problems of the drawing."
    );
    let fields = missed.into_iter().enumerate().map(|(at, one)| field(at, one, &workspace, chosen));
    view! {
        <fieldset class="plain stand-ins" data-field="stand-ins">
            <legend>{t!("What stands for it at your place")}</legend>
            <p class="muted">{said}</p>
            <div class="bar">{fields.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

fn field(at: usize, missed: Missing, workspace: &Workspace, chosen: Chosen) -> impl IntoView {
    let own: Vec<String> = missed.what.own(workspace).into_iter().map(str::to_owned).collect();
    let id = format!("field-stand-in-{at}");
    let options =
        own.into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> });
    let pick = move |own: String| {
        chosen.update(|chosen| {
            chosen.insert(at, own);
        });
    };
    view! {
        <div class="field">
            <label for=id.clone()>{format!("{} {}", called(missed.what), missed.name)}</label>
            <select class="input" id=id data-missing=missed.name on:change:target=move |event| pick(event.target().value())>
                <option value="">{t!("Later")}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}

fn called(what: What) -> &'static str {
    match what {
        What::Team => t!("Team"),
        What::User => t!("Person"),
        What::Connection => t!("Connection"),
        What::Calendar => t!("Calendar"),
        What::Journey => t!("Journey"),
    }
}
