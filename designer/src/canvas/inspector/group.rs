//! The settings of a group, and the group of a step.

use super::{
    super::{icon::Icon, model::Canvas},
    ChosenTools,
    field::{Optional, Place, SelectField, TextField},
};
use crate::{
    editor::{Command, Input},
    messages::{plural, t},
};
use leptos::prelude::*;

/// The form of a group that is chosen with all of its steps.
#[component]
pub(super) fn GroupForm(canvas: Canvas, id: String) -> impl IntoView {
    let place = Place::of_journey(canvas);
    let found = canvas.read(|editor| {
        let groups = &editor.draft().groups;
        groups.iter().position(|group| group.id == id)
    });
    let inspected = id.clone();
    let state = Memo::new(move |_| {
        canvas.follow();
        canvas.read(|editor| {
            let group = editor.groups().into_iter().find(|group| group.group == id);
            group.map(|group| (group.collapsed, group.members.len() as u64))
        })
    });
    let is_collapsed = move || state.get().is_some_and(|(collapsed, _)| collapsed);
    let count = move || state.get().map_or(0, |(_, count)| count);
    view! {
        <div class="jc-form" data-inspector=inspected>
            <header class="jc-form-head">
                <span class="jc-badge-kind"><Icon name="group"/></span>
                <div>
                    <h2>{t!("Group")}</h2>
                    <span class="jc-muted">{move || plural!(count(), "{count} step", "{count} steps")}</span>
                </div>
                <ChosenTools canvas/>
            </header>
            {found.map(|at| view! { <TextField place label=t!("Name") pointer=format!("/groups/{at}/name")/> })}
            <p class="jc-hint">{t!("A group is there for whoever reads the drawing; what runs knows nothing of it.")}</p>
            <div class="jc-form-actions">
                <button type="button" class="jc-add" data-action="collapse" on:click=move |_| canvas.send(Input::Command(Command::Collapse))>
                    {move || view! { <Icon name=if is_collapsed() { "expand" } else { "collapse" }/> }}
                    {move || if is_collapsed() { t!("Show its steps") } else { t!("Collapse") }}
                </button>
                <button type="button" class="jc-add" data-action="ungroup" on:click=move |_| canvas.send(Input::Command(Command::Ungroup))>
                    <Icon name="close"/>
                    {t!("Take it apart")}
                </button>
            </div>
        </div>
    }
}

/// Makes a group of what is chosen.
#[component]
pub(super) fn GroupTool(canvas: Canvas, words: &'static str) -> impl IntoView {
    view! {
        <div class="jc-form-actions">
            <button
                type="button"
                class="jc-add"
                data-action="group"
                title=t!("Ctrl+G")
                on:click=move |_| canvas.send(Input::Command(Command::Group))
            >
                <Icon name="group"/>
                {words}
            </button>
        </div>
    }
}

/// The group a step is drawn in, once the journey has groups, and its name; for a step in none, a new one.
#[component]
pub(super) fn GroupField(place: Place) -> impl IntoView {
    let groups = Memo::new(move |_| {
        place.canvas.follow();
        place.canvas.read(|editor| {
            let groups = editor.draft().groups.iter();
            groups.map(|group| (group.id.clone(), group.name.clone())).collect::<Vec<_>>()
        })
    });
    let choices = Signal::derive(move || {
        let none = (String::new(), t!("no group").to_owned());
        std::iter::once(none).chain(groups.get()).collect()
    });
    let at = Memo::new(move |_| {
        let group = place.text("/group");
        groups.with(|groups| groups.iter().position(|(id, _)| *id == group))
    });
    let more = move || match at.get() {
        Some(at) => {
            let place = Place::of_journey(place.canvas);
            let pointer = format!("/groups/{at}/name");
            view! { <TextField place label=t!("Name of the group") pointer/> }.into_any()
        }
        None => view! { <GroupTool canvas=place.canvas words=t!("Put it into a new group")/> }
            .into_any(),
    };
    view! {
        <Show when=move || !groups.with(Vec::is_empty)>
            <SelectField place label=t!("Group") pointer="/group" choices optional=Optional::Yes/>
        </Show>
        {more}
    }
}
