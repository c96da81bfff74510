//! The form of a decision: its ways, in the order they are asked, or its table.

use super::super::{icon::Icon, model::Canvas};
use super::{
    builder::Builder,
    code::CodeInput,
    eyes::SeenLine,
    field::{Picker, Place, ProblemLines, problem_lines},
    names::words,
    rows::Section,
    table::TableForm,
};
use crate::editor::{EdgeMember, Input, ports, table};
use crate::messages::{t, text};
use journey::ports::DEFAULT;
use leptos::prelude::*;
use serde_json::json;

/// How it chooses: by conditions on its ways, or by a table.
#[component]
pub(super) fn DecisionForm(place: Place) -> impl IntoView {
    let by_table = Memo::new(move |_| place.value("/table").is_some());
    let way = Memo::new(move |_| {
        let word =
            match (by_table.get(), place.text("/table/hit").as_str(), place.text("/mode").as_str())
            {
                (true, "collect", _) => "collect",
                (true, _, _) => "first",
                (false, _, "inclusive") => "inclusive",
                (false, _, _) => "exclusive",
            };
        word.to_owned()
    });
    let choices = words([
        ("exclusive", text!("the first way that holds")),
        ("inclusive", text!("every way that holds")),
        ("first", text!("a table: the first rule that holds")),
        ("collect", text!("a table: every rule that holds")),
    ]);
    let pick = Callback::new(move |picked: String| match picked.as_str() {
        hit @ ("first" | "collect") if by_table.get_untracked() => {
            place.set("/table/hit", Some(json!(hit)));
        }
        hit @ ("first" | "collect") => {
            place.set_all(vec![("/mode", None), ("/table", Some(table::empty(hit)))]);
        }
        mode => place.set_all(vec![("/table", None), ("/mode", Some(json!(mode)))]),
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Take")}</span>
            <Picker value=way choices=Signal::stored(choices) field="/mode" on_pick=pick/>
        </label>
        <ProblemLines place pointer="/mode"/>
        <Show when=move || by_table.get() fallback=move || view! { <Ways place/> }>
            <TableForm place/>
        </Show>
    }
}

/// The ways, in the order they are asked.
#[component]
fn Ways(place: Place) -> impl IntoView {
    let ways = Memo::new(move |_| {
        place.canvas.follow();
        let node = place.node();
        place.canvas.read(|editor| {
            ports::ways(editor.draft(), &node).map(|edge| edge.id.clone()).collect::<Vec<_>>()
        })
    });
    let otherwise = move || {
        place.canvas.follow();
        let node = place.node();
        place.canvas.read(|editor| {
            let draft = editor.draft();
            let edge = draft.edges.iter().find(|edge| edge.from == node && edge.port() == DEFAULT);
            edge.and_then(|edge| draft.node(&edge.to)).map(|to| to.name.clone())
        })
    };
    view! {
        <Section title=t!("Ways")>
            <Show when=move || ways.with(Vec::is_empty)>
                <p class="jc-hint">{t!("Drag from “Add a way” to a step. Its condition is written here.")}</p>
            </Show>
            <For each=move || ways.get() key=Clone::clone let:edge>
                <Way canvas=place.canvas edge/>
            </For>
            <p class="jc-otherwise">
                <b>{t!("Otherwise")}</b>" "
                {move || {
                    otherwise()
                        .map_or_else(
                            || t!("– drag from “Otherwise” so that nobody gets lost").to_owned(),
                            |name| format!("→ {name}"),
                        )
                }}
            </p>
            <ProblemLines place pointer="/ways"/>
        </Section>
    }
}

#[component]
fn Way(canvas: Canvas, edge: String) -> impl IntoView {
    let target = {
        let edge = edge.clone();
        move || {
            canvas.follow();
            canvas.read(|editor| {
                let draft = editor.draft();
                let found = draft.edges.iter().find(|candidate| candidate.id == edge);
                found
                    .and_then(|edge| draft.node(&edge.to))
                    .map(|node| node.name.clone())
                    .unwrap_or_default()
            })
        }
    };
    let shift = |by: isize, icon: &'static str, label: &'static str| {
        let edge = edge.clone();
        view! {
            <button
                type="button"
                class="jc-tool"
                aria-label=label
                title=label
                on:click=move |_| canvas.send(Input::ShiftWay { edge: edge.clone(), by })
            >
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <div class="jc-card" data-way=edge.clone()>
            <div class="jc-rowline">
                <b class="jc-grow">"→ " {target}</b>
                {shift(-1, "up", t!("Ask earlier"))}
                {shift(1, "down", t!("Ask later"))}
            </div>
            <WayFields canvas edge=edge.clone() conditional=true/>
        </div>
    }
}

/// A connection's words and, from a decision, its condition.
#[component]
pub(super) fn WayFields(canvas: Canvas, edge: String, conditional: bool) -> impl IntoView {
    let is_default = canvas.read(|editor| {
        editor
            .draft()
            .edges
            .iter()
            .any(|candidate| candidate.id == edge && candidate.port() == DEFAULT)
    });
    let asks = conditional && !is_default;
    view! {
        {asks.then(|| view! {
            <WayText canvas edge=edge.clone() label=t!("When") member=EdgeMember::When pointer="/when"/>
        })}
        <WayProblems canvas edge=edge.clone()/>
        <WayText canvas edge label=t!("Label") member=EdgeMember::Label pointer="/label"/>
    }
}

#[component]
fn WayText(
    canvas: Canvas,
    edge: String,
    label: &'static str,
    member: EdgeMember,
    pointer: &'static str,
) -> impl IntoView {
    let edge = StoredValue::new(edge);
    let text = Memo::new(move |_| {
        canvas.follow();
        canvas.read(|editor| {
            let id = edge.get_value();
            let found = editor.draft().edges.iter().find(|candidate| candidate.id == id);
            let value = found.and_then(|found| match member {
                EdgeMember::When => found.when.clone(),
                EdgeMember::Label => found.label.clone(),
            });
            value.unwrap_or_default()
        })
    });
    let write = move |typed: String| {
        canvas.send(Input::SetEdge { edge: edge.get_value(), member, value: Some(typed) });
    };
    let field = format!("{}{pointer}", edge.get_value());
    if member == EdgeMember::When {
        let node = canvas.read(|editor| {
            let from = |id: &str| editor.draft().edges.iter().find(|edge| edge.id == id);
            edge.with_value(|id| from(id).map(|edge| edge.from.clone()))
        });
        let write = Callback::new(write);
        return view! {
            <div class="jc-field">
                <CodeInput canvas node=node.clone() text write label field=field.clone() example=t!("account.segment == 'enterprise'") code=true/>
            </div>
            <SeenLine source=text code=true/>
            <Builder canvas node text write field/>
        }
        .into_any();
    }
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <input
                class="jc-control"
                placeholder=t!("Words on the canvas (optional)")
                data-field=field
                prop:value=move || text.get()
                on:input:target=move |event| write(event.target().value())
            />
        </label>
    }
    .into_any()
}

#[component]
fn WayProblems(canvas: Canvas, edge: String) -> impl IntoView {
    move || {
        let own = canvas.problems.with(|problems| {
            problems
                .iter()
                .filter(|problem| problem.edge.as_ref() == Some(&edge))
                .cloned()
                .collect()
        });
        problem_lines(canvas, own, &format!("{edge}/when"))
    }
}
