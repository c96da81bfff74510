//! Groups on the canvas: a frame behind the steps of each, or one card in their place.

use super::{drawn::Chosen, icon::Icon, model::Canvas};
use crate::{
    editor::{Input, groups::Drawn},
    words,
};
use journey::Severity;
use leptos::prelude::*;

/// A group with how it stands in what is going on.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    drawn: Drawn,
    /// How many of its steps have errors.
    wrong: usize,
}

/// The frames of the groups whose steps are shown.
#[component]
pub(super) fn Frames(canvas: Canvas) -> impl IntoView {
    let groups = Memo::new(move |_| shown(canvas, false));
    let frame = move |Shown { drawn, .. }: Shown| {
        let (is_chosen, place) = (is_chosen(canvas, &drawn), place(canvas, &drawn));
        let Drawn { group, name, area, .. } = drawn;
        let tool = collapse_tool(canvas, &group, "collapse", "Collapse");
        view! {
            <div
                class="jc-cluster"
                aria-hidden="true"
                class:chosen=is_chosen
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
        let (selected, waits, waiting) =
            (is_chosen.clone(), waits(canvas, &drawn), waits(canvas, &drawn));
        let Drawn { group, name, members, area, .. } = drawn;
        let steps = words::count(members.len() as u64, "step", "steps");
        let is_wrong = wrong > 0;
        let wrong = is_wrong
            .then(|| words::count(wrong as u64, "with a problem", "with problems"))
            .map(|words| view! { <span class="jc-cluster-wrong">{format!(" · {words}")}</span> });
        let tool = collapse_tool(canvas, &group, "expand", "Show its steps");
        view! {
            <div
                class="jc-cluster collapsed"
                id=format!("jc-cluster-{group}")
                role="option"
                aria-selected=move || selected().to_string()
                data-group=group
                class:chosen=is_chosen
                class:wrong=is_wrong
                class:waiting=waits
                style:transform=place
                style:width=format!("{}px", area.width)
                style:height=format!("{}px", area.height)
            >
                <span class="jc-badge-kind"><Icon name="group"/></span>
                <div class="jc-words">
                    <div class="jc-name"><span class="unseen">"Group: "</span>{name}</div>
                    <div class="jc-summary">
                        {steps}
                        {wrong}
                        {move || waiting().then_some(" · waiting here")}
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
                title=format!("{label} (C)")
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
        let errors = editor.problems().iter().filter(|problem| problem.severity == Severity::Error);
        let wrong: Vec<&str> = errors.filter_map(|problem| problem.node.as_deref()).collect();
        let is_wrong = |id: &&String| wrong.contains(&id.as_str());
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

/// Whether what is rehearsed waits within the group.
fn waits(canvas: Canvas, drawn: &Drawn) -> impl Fn() -> bool + Clone + use<> {
    let members = drawn.members.clone();
    move || {
        canvas.run.with(|run| {
            run.as_ref().is_some_and(|run| members.iter().any(|id| run.waits.contains(id)))
        })
    }
}
