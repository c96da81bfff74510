//! The drawing as a list that edits the same draft: for keyboards, screen readers and screens with no room to draw.

use super::{drawn::Chosen, icon::Icon, model::Canvas, on_kind, stage, target};
use crate::editor::{
    Input, kinds,
    outline::{self, Row, Way},
};
use crate::messages::{plural, t};
use leptos::{ev, html, prelude::*};
use std::iter;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The list, in the place of the canvas.
#[component]
pub(super) fn Outline(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    let list = NodeRef::<html::Ol>::new();
    // The keyboard goes along; a pressed button keeps it.
    Effect::new(move |was_open: Option<bool>| {
        match (was_open, open.get()) {
            (Some(false), true) => request_animation_frame(move || enter(canvas, list)),
            (Some(true), false) => stage::take_keyboard(),
            _ => {}
        }
        open.get()
    });
    view! {
        <Show when=move || open.get()>
            <Steps canvas list/>
        </Show>
    }
}

/// Whether a key is pressed on a step of the list.
pub(super) fn on_step(event: &web_sys::Event) -> bool {
    on_kind(event, "[data-row]")
}

#[component]
fn Steps(canvas: Canvas, list: NodeRef<html::Ol>) -> impl IntoView {
    let rows = Memo::new(move |_| {
        canvas.follow();
        canvas.read(|editor| outline::rows(editor.draft()))
    });
    // Whoever has chosen a kind, or none, goes on where the new step is.
    Effect::new(move |was_offered: Option<bool>| {
        let is_offered = canvas.offer.with(Option::is_some);
        if was_offered == Some(true) && !is_offered {
            request_animation_frame(move || focus_chosen(canvas, list));
        }
        is_offered
    });
    view! {
        <section class="jc-outline" aria-label=t!("Outline") data-panel="outline" on:keydown=move |event| key_down(canvas, list, &event)>
            <p class="jc-muted">
                {t!("Every step, and where it leads. Arrow keys go from step to step, Enter goes to the settings of one.")}
            </p>
            <ol node_ref=list>
                <For each=move || rows.get() key=Row::clone let:row>
                    <Step canvas list row/>
                </For>
            </ol>
            <button type="button" class="jc-add" data-action="add-step" on:click=move |_| offer_anywhere(canvas)>
                <Icon name="plus"/>
                {t!("Add a step")}
            </button>
        </section>
    }
}

#[component]
fn Step(canvas: Canvas, list: NodeRef<html::Ol>, row: Row) -> impl IntoView {
    let Row { id, kind, name, ways } = row;
    let (this, shown) = (id.clone(), id.clone());
    let is_chosen = Memo::new(move |_| {
        canvas.chosen.with(|chosen| matches!(chosen, Chosen::Node { id, .. } if *id == this))
    });
    let choose = move || {
        if !is_chosen.get_untracked() {
            canvas.send(Input::Show { node: Some(shown.clone()), edge: None });
        }
    };
    let about = id.clone();
    let problems = move || problems_of(canvas, &about);
    let ways = ways.into_iter().map(|way| {
        let (node, step) = (id.clone(), name.clone());
        view! { <WayRow canvas list node step way/> }
    });
    let ways = ways.collect_view();
    let clicked = choose.clone();
    view! {
        <li class:chosen=move || is_chosen.get() data-kind=kind.clone()>
            <button
                type="button"
                class="jc-outline-step"
                data-row=id
                aria-current=move || is_chosen.get().then_some("true")
                on:focus=move |_| choose()
                on:click=move |_| clicked()
            >
                <span class="jc-badge-kind"><Icon name=kind.clone()/></span>
                <span class="jc-outline-name">{name}<small>{kinds::title(&kind).to_owned()}</small></span>
                {move || problems().map(|(class, words)| view! { <span class=class>{words}</span> })}
            </button>
            <ul>{ways}</ul>
        </li>
    }
}

/// A way out: what it is called, where it leads, and a step to be added there.
#[component]
fn WayRow(
    canvas: Canvas,
    list: NodeRef<html::Ol>,
    node: String,
    step: String,
    way: Way,
) -> impl IntoView {
    let Way { port, label, leads } = way;
    let words = if label.is_empty() { t!("Next").to_owned() } else { label };
    let adds = if let Some(lead) = &leads {
        t!("Add a step between {step} and {lead}", step, lead = lead.name)
    } else {
        t!("Add a step after {step}: {words}", step, words)
    };
    let place = format!("{node}:{port}");
    let edge = leads.as_ref().map(|lead| lead.edge.clone());
    let target = match leads {
        Some(lead) => {
            let (to, mark) = (lead.to, format!("{node}:{}", lead.edge));
            view! {
                <button type="button" class="jc-outline-lead" data-lead=mark on:click=move |_| focus_step(list, &to)>
                    {lead.name}
                </button>
            }
            .into_any()
        }
        None => view! { <span class="jc-muted">{t!("Nothing yet")}</span> }.into_any(),
    };
    let offer = move |_| {
        let (node, port, edge) = (node.clone(), port.clone(), edge.clone());
        canvas.send(Input::OfferNext { node, port, edge });
    };
    view! {
        <li>
            <span class="jc-outline-way">{words}</span>
            {target}
            <button type="button" class="jc-tool" data-add-after=place title=adds.clone() aria-label=adds on:click=offer>
                <Icon name="plus"/>
            </button>
        </li>
    }
}

/// How many problems a step has, and how they are shown.
fn problems_of(canvas: Canvas, id: &str) -> Option<(&'static str, String)> {
    let (worst, messages) = canvas.node(id)?.standing.with(|standing| standing.problem.clone())?;
    let class = match worst {
        journey::Severity::Error => "jc-outline-problem error",
        journey::Severity::Warning => "jc-outline-problem warning",
    };
    // Each message is a line.
    let several = messages.lines().count() as u64;
    Some((class, plural!(several, "{count} problem", "{count} problems")))
}

fn offer_anywhere(canvas: Canvas) {
    let at = canvas.read(crate::editor::Editor::free_place);
    canvas.send(Input::OfferKinds { at, edge: None });
}

/// Arrow keys go through the list instead of moving cards; what is deleted leaves the keyboard at the step after it.
fn key_down(canvas: Canvas, list: NodeRef<html::Ol>, event: &ev::KeyboardEvent) {
    let key = event.key();
    let by: isize = match key.as_str() {
        "ArrowDown" => 1,
        "ArrowUp" => -1,
        "ArrowLeft" | "ArrowRight" => return event.stop_propagation(),
        "Delete" | "Backspace" if on_step(event) => {
            let next = beside(list, event, 1).or_else(|| beside(list, event, -1));
            let next = next.and_then(|step| step.get_attribute("data-row"));
            request_animation_frame(move || match &next {
                Some(id) => focus_step(list, id),
                None => focus_chosen(canvas, list),
            });
            return;
        }
        _ => return,
    };
    event.stop_propagation();
    event.prevent_default();
    if let Some(step) = beside(list, event, by) {
        focus(step);
    }
}

/// The step so many places after the one the keyboard is at or in.
fn beside(list: NodeRef<html::Ol>, event: &ev::KeyboardEvent, by: isize) -> Option<Element> {
    let row = target(event)?.closest("li:has([data-row])").ok().flatten()?;
    let here = row.query_selector("[data-row]").ok().flatten()?;
    let steps = steps(list);
    let at = steps.iter().position(|step| *step == here)?.checked_add_signed(by)?;
    steps.get(at).cloned()
}

fn steps(list: NodeRef<html::Ol>) -> Vec<Element> {
    let first = list.get_untracked().and_then(|list| list.first_element_child());
    let rows = iter::successors(first, Element::next_element_sibling);
    rows.filter_map(|row| row.first_element_child()).collect()
}

fn focus_chosen(canvas: Canvas, list: NodeRef<html::Ol>) {
    if let Chosen::Node { id, .. } = canvas.chosen.get_untracked() {
        focus_step(list, &id);
    }
}

/// Leads the keyboard to the step that is chosen, or the first, unless something else has it.
fn enter(canvas: Canvas, list: NodeRef<html::Ol>) {
    if !stage::is_keyboard_free() {
        return;
    }
    match canvas.chosen.get_untracked() {
        Chosen::Node { id, .. } => focus_step(list, &id),
        _ => drop(steps(list).into_iter().next().map(focus)),
    }
}

fn focus_step(list: NodeRef<html::Ol>, id: &str) {
    let steps = steps(list);
    if let Some(step) =
        steps.into_iter().find(|step| step.get_attribute("data-row").as_deref() == Some(id))
    {
        focus(step);
    }
}

fn focus(step: Element) {
    if let Ok(step) = step.dyn_into::<HtmlElement>() {
        // What cannot have the focus can be clicked.
        let _ = step.focus();
    }
}
