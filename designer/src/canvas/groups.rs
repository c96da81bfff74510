//! Groups on the canvas: a frame behind the steps of each, or one card in their place.

use super::{drawn::Chosen, icon::Icon, marks::Marks, model::Canvas};
use crate::{
    editor::{
        Input,
        groups::{self, Drawn},
    },
    messages::{plural, t},
};
use leptos::prelude::*;
use std::collections::BTreeSet;

/// A group with how it stands in what is going on.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    drawn: Drawn,
    /// How many of its steps have errors, or a way that has one.
    wrong: usize,
}

/// The frames of the groups whose steps are shown.
#[component]
pub(super) fn Frames(canvas: Canvas) -> impl IntoView {
    let groups = Memo::new(move |_| shown(canvas, false));
    let taking_in = Memo::new(move |_| taking_in(canvas));
    let frame = move |Shown { drawn, .. }: Shown| {
        let (is_chosen, place) = (is_chosen(canvas, &drawn), place(canvas, &drawn));
        let Drawn { group, name, area, .. } = drawn;
        let id = group.clone();
        let tool = collapse_tool(canvas, &group, "collapse", t!("Collapse"));
        view! {
            <div
                class="jc-cluster"
                aria-hidden="true"
                class:chosen=is_chosen
                class:caught=move || taking_in.with(|groups| groups.contains(&id))
                style:transform=place
                style:width=format!("{}px", area.width)
                style:height=format!("{}px", area.height)
            >
                <div class="jc-cluster-title" data-group=group>
                    <span>{name}</span>
                    {tool}
                </div>
            </div>
        }
    };
    move || groups.get().into_iter().map(frame).collect_view()
}

/// The cards of the groups whose steps are not shown.
#[component]
pub(super) fn CollapsedGroups(canvas: Canvas) -> impl IntoView {
    let groups = Memo::new(move |_| shown(canvas, true));
    let card = move |Shown { drawn, wrong }: Shown| {
        let (is_chosen, place) = (is_chosen(canvas, &drawn), place(canvas, &drawn));
        let selected = is_chosen.clone();
        let run = run_of(canvas, &drawn);
        let is = move |what: Run| move || run.get() == Some(what);
        let Drawn { group, name, members, area, .. } = drawn;
        let steps = plural!(members.len() as u64, "{count} step", "{count} steps");
        let is_wrong = wrong > 0;
        let wrong = is_wrong
            .then(|| plural!(wrong as u64, "{count} with a problem", "{count} with problems"))
            .map(|words| view! { <span class="jc-cluster-wrong">{format!(" · {words}")}</span> });
        let tool = collapse_tool(canvas, &group, "expand", t!("Show its steps"));
        view! {
            <div
                class="jc-cluster collapsed"
                id=format!("jc-cluster-{group}")
                role="option"
                aria-selected=move || selected().to_string()
                data-group=group
                class:chosen=is_chosen
                class:wrong=is_wrong
                class:visited=is(Run::Visited)
                class:unvisited=is(Run::Unvisited)
                class:waiting=is(Run::Waits)
                class:stuck=is(Run::Stuck)
                style:transform=place
                style:width=format!("{}px", area.width)
                style:height=format!("{}px", area.height)
            >
                <span class="jc-badge-kind"><Icon name="group"/></span>
                <div class="jc-words">
                    <div class="jc-name"><span class="unseen">{t!("Group:")}" "</span>{name}</div>
                    <div class="jc-summary">
                        {steps}
                        {wrong}
                        {move || run.get().and_then(Run::words).map(|words| format!(" · {words}"))}
                    </div>
                </div>
                {tool}
            </div>
        }
    };
    move || groups.get().into_iter().map(card).collect_view()
}

/// Collapses or expands, where that can be drawn. For the pointer; the keyboard has a key and a button in the settings.
fn collapse_tool(
    canvas: Canvas,
    group: &str,
    name: &'static str,
    label: &'static str,
) -> Option<impl IntoView + use<>> {
    let (group, marked) = (group.to_owned(), group.to_owned());
    canvas.editable.then(move || {
        view! {
            <span
                class="jc-cluster-tool"
                data-tool="collapse"
                data-collapse=marked
                title=t!("{label} (C)", label)
                on:click=move |_| canvas.send(Input::Collapse { group: group.clone() })
                on:dblclick=|event| event.stop_propagation()
            >
                <Icon name/>
            </span>
        }
    })
}

fn shown(canvas: Canvas, collapsed: bool) -> Vec<Shown> {
    canvas.follow();
    canvas.read(|editor| {
        let wrong: BTreeSet<String> = Marks::of(editor).wrong_cards().map(str::to_owned).collect();
        let is_wrong = |id: &&String| wrong.contains(*id);
        let groups = editor.groups().into_iter().filter(|drawn| drawn.collapsed == collapsed);
        let wrong =
            |drawn: Drawn| Shown { wrong: drawn.members.iter().filter(is_wrong).count(), drawn };
        groups.map(wrong).collect()
    })
}

/// Where a group is drawn now: it goes along with its steps when all of them are moved.
fn place(canvas: Canvas, drawn: &Drawn) -> impl Fn() -> String + Clone + use<> {
    let Drawn { area, members, .. } = drawn.clone();
    move || {
        let by = canvas.far_by.get();
        let goes = canvas.read(|editor| members.is_subset(editor.selected()));
        let at = if goes { area.moved(by) } else { area };
        format!("translate({}px,{}px)", at.x, at.y)
    }
}

fn is_chosen(canvas: Canvas, drawn: &Drawn) -> impl Fn() -> bool + Clone + use<> {
    let group = drawn.group.clone();
    let members = drawn.members.clone();
    move || {
        canvas.chosen.with(|chosen| match chosen {
            Chosen::Group(id) => *id == group,
            Chosen::Node { id, .. } => members.contains(id),
            Chosen::Several(_) => canvas.read(|editor| members.is_subset(editor.selected())),
            Chosen::Nothing | Chosen::Edge(_) => false,
        })
    }
}

/// The groups in whose frames a step that is being moved would lie if it were put down.
fn taking_in(canvas: Canvas) -> BTreeSet<String> {
    let by = canvas.far_by.get();
    if !canvas.moving.get() {
        return BTreeSet::new();
    }
    let entered = canvas.read(|editor| groups::entered(editor, by));
    entered.into_iter().map(|(_, group)| group).collect()
}

/// How far what is rehearsed or looked at has come within a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Unvisited,
    Visited,
    Waits,
    Stuck,
}

impl Run {
    fn words(self) -> Option<&'static str> {
        match self {
            Self::Unvisited | Self::Visited => None,
            Self::Waits => Some(t!("waiting here")),
            Self::Stuck => Some(t!("stuck here")),
        }
    }
}

/// What is most to be seen of a run in the steps of a group; `None` while nothing runs.
fn run_of(canvas: Canvas, drawn: &Drawn) -> Memo<Option<Run>> {
    let members = drawn.members.clone();
    Memo::new(move |_| {
        canvas.run.with(|run| {
            let run = run.as_ref()?;
            let any = |is: &dyn Fn(&String) -> bool| members.iter().any(is);
            Some(if any(&|id| run.incidents.contains(id)) {
                Run::Stuck
            } else if any(&|id| run.waits.contains(id)) {
                Run::Waits
            } else if any(&|id| run.entered.contains_key(id)) {
                Run::Visited
            } else {
                Run::Unvisited
            })
        })
    })
}
