//! Journeys to begin with: looked at, then taken as a journey of one's own.

mod stand_ins;

use super::super::making::Making;
use crate::{
    api,
    app::SignedIn,
    canvas::JourneyView,
    editor::Path,
    load::read,
    messages::{plural, t},
    parts::{Dialog, PageHead},
};
use journey::{Draft, Workspace};
use leptos::prelude::*;
use stand_ins::{Chosen, StandIns, settled};
use wire::{Created, Gallery, NewJourney, Role, Template, TemplateGroup};

/// All templates, by what they are for.
#[component]
pub(crate) fn GalleryPage() -> impl IntoView {
    let gallery = read::<Gallery>(|| "/gallery".to_owned());
    let (open, looked_at) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let look = Callback::new(move |slug: String| {
        looked_at.set(Some(slug));
        open.set(true);
    });
    view! {
        <div class="page" data-page="gallery">
            <PageHead title=t!("Gallery").to_owned() back=("/journeys", t!("Journeys")) text=t!("Complete journeys to begin with. Take one, and change what is different at your place.")/>
            {gallery.show(move |gallery| view! {
                <Group title=t!("A customer’s life") group=TemplateGroup::Core gallery=gallery.clone() look/>
                <Group title=t!("Plays") group=TemplateGroup::Play gallery look/>
            })}
            <Dialog open title=t!("Look at a journey") name="template">
                {move || looked_at.get().map(|slug| view! { <Looked slug/> })}
            </Dialog>
        </div>
    }
}

#[component]
fn Group(
    title: &'static str,
    group: TemplateGroup,
    gallery: Gallery,
    look: Callback<String>,
) -> impl IntoView {
    let all = gallery.items.into_iter().filter(|template| template.group == group);
    view! {
        <section aria-label=title>
            <h2>{title}</h2>
            <ul class="templates">{all.map(|template| view! { <Card template look/> }).collect_view()}</ul>
        </section>
    }
}

#[component]
fn Card(template: Template, look: Callback<String>) -> impl IntoView {
    let slug = template.slug.clone();
    view! {
        <li>
            <button type="button" data-template=template.slug.clone() on:click=move |_| look.run(slug.clone())>
                <strong>{template.name.clone()}</strong>
                <span>{template.description.clone()}</span>
                <small>{facts(&template)}</small>
            </button>
        </li>
    }
}

/// When it begins and how long it is, in words.
fn facts(template: &Template) -> String {
    let mut triggers: Vec<&str> = Vec::new();
    for words in template.triggers.iter().map(|kind| opened_by(kind)) {
        if !triggers.contains(&words) {
            triggers.push(words);
        }
    }
    let steps = plural!(template.steps, "{count} step", "{count} steps");
    if triggers.is_empty() { steps } else { format!("{} \u{b7} {steps}", triggers.join(", ")) }
}

fn opened_by(trigger: &str) -> &str {
    match trigger {
        "manual" => t!("started by hand"),
        "webhook" => t!("on a webhook"),
        "event" => t!("on an event"),
        "change" => t!("when the account changes"),
        "schedule" => t!("on a schedule"),
        "date" => t!("at a date of the account"),
        "segment" => t!("on entering a segment"),
        "health" => t!("when health changes"),
        "journey" => t!("called by another journey"),
        other => other,
    }
}

/// The drawing of one, and a name to take it under.
#[component]
fn Looked(slug: String) -> impl IntoView {
    let template = read::<Template>(move || format!("/gallery/{slug}"));
    view! {
        {template.show(|template| match template.draft {
            Some(draft) => view! { <Taking draft/> }.into_any(),
            None => ().into_any(),
        })}
    }
}

#[component]
fn Taking(draft: Draft) -> impl IntoView {
    let SignedIn(session) = expect_context();
    let draws = session.with_untracked(|session| session.role != Role::Member);
    let (making, name) = (Making::new(), RwSignal::new(draft.name.clone()));
    let description = draft.description.clone();
    let (draft, drawn) = (StoredValue::new(draft.clone()), Signal::stored(draft));
    let (workspace, chosen) = (read::<Workspace>(|| "/workspace".to_owned()), Chosen::default());
    let take = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        let known = untrack(|| workspace.ready()).unwrap_or_default();
        let draft = draft.with_value(|draft| settled(draft, &known, &chosen.get_untracked()));
        let asked = NewJourney { draft: Some(Draft { name: name.clone(), ..draft }), name };
        making.make(async move {
            let made: Created = api::post("/journeys", &asked).await?;
            Ok(format!("/journeys/{}", made.id))
        });
    };
    view! {
        <div class="looked-at">
            {description.map(|words| view! { <p>{words}</p> })}
            <div class="drawing"><JourneyView draft=drawn path=Signal::stored(Path::default())/></div>
            {draws.then(|| view! {
                <form on:submit=take data-form="take-template">
                    {making.refused()}
                    <div class="field">
                        <label for="field-template-name">{t!("Name of your journey")}</label>
                        <input class="input" id="field-template-name" required maxlength="120" bind:value=name/>
                    </div>
                    {workspace.show(move |workspace| view! { <StandIns draft workspace chosen/> })}
                    <div class="actions"><button class="button primary" type="submit" data-action="take-template" disabled=move || making.busy()>{t!("Take it")}</button></div>
                </form>
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_says_when_it_begins_and_how_long_it_is() {
        let template = |triggers: &[&str], steps| Template {
            slug: "a".to_owned(),
            group: TemplateGroup::Play,
            name: "A".to_owned(),
            description: String::new(),
            triggers: triggers.iter().map(|kind| (*kind).to_owned()).collect(),
            steps,
            draft: None,
        };
        assert_eq!(
            facts(&template(&["event", "manual", "event"], 9)),
            "on an event, started by hand \u{b7} 9 steps"
        );
        assert_eq!(facts(&template(&[], 1)), "1 step");
    }
}
