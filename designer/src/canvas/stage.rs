//! The stage: the surface pointers and keys reach, and the world on it that pans and zooms.

use super::{
    drawn::{Chosen, Far},
    edge::{EdgeLine, LooseEdge},
    far::FarDrawing,
    groups::{CollapsedGroups, Frames},
    model::Canvas,
    node::NodeCard,
    rename::Renaming,
};
use crate::editor::{
    Command, Guide, Hand, Hit, Input, Press,
    geometry::Size,
    lanes::{self, Band},
};
use crate::messages::{Text, t, text};
use journey::draft::Point;
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement};

/// Up to how many pixels a screen has no room to draw; the style sheet goes by it, too.
const SMALL: f64 = 720.0;

const ADD_ON_CANVAS: Text =
    text!("Drag a trigger from the left, or double-click anywhere to add a step.");
const ADD_IN_OUTLINE: Text = text!("Open the outline, and add a trigger there.");

/// Below this scale cards show no text and no ports.
const DETAIL_FROM: f64 = 0.5;

/// The canvas itself.
#[component]
pub(super) fn Stage(canvas: Canvas, space: RwSignal<bool>) -> impl IntoView {
    let renaming = use_context::<Renaming>();
    let stage = NodeRef::<html::Div>::new();
    watch_size(canvas, stage);
    let on_wheel = move |event: ev::WheelEvent| {
        event.prevent_default();
        let Some(at) = point_on_stage(&event) else { return };
        let by = Point { x: event.delta_x(), y: event.delta_y() };
        // A wheel turns in whole notches and zooms; two fingers on a pad glide and pan, unless they pinch (Ctrl).
        let notch = event.delta_x() == 0.0 && event.delta_y().abs() >= 50.0 && !event.shift_key();
        canvas.send(Input::Wheel { at, by, zoom: event.ctrl_key() || event.meta_key() || notch });
    };
    let is_listed = move || !hides_cards(canvas) && canvas.cards.with(|cards| !cards.is_empty());
    view! {
        <div
            class="jc-stage"
            node_ref=stage
            data-canvas="stage"
            tabindex="0"
            role=move || if is_listed() { "listbox" } else { "group" }
            aria-multiselectable=move || is_listed().then_some("true")
            aria-label=t!("Journey canvas. N and P walk the nodes, arrow keys move them, Delete removes them, a question mark lists all keys.")
            aria-activedescendant=move || active(canvas)
            class:panning=move || space.get()
            class:connecting=move || canvas.connecting.with(Option::is_some)
            class:moving=move || canvas.moving.get()
            class:gliding=move || canvas.gliding.get()
            on:pointerdown=move |event| press(canvas, space, &event)
            on:pointermove=move |event: ev::PointerEvent| {
                if let Some(at) = point_on_stage(&event) {
                    canvas.send_move(event.pointer_id(), at);
                }
            }
            on:pointerup=move |event: ev::PointerEvent| {
                if let Some(at) = point_on_stage(&event) {
                    canvas.send(Input::Release { pointer: event.pointer_id(), at });
                }
            }
            on:pointercancel=move |event: ev::PointerEvent| {
                canvas.send(Input::Command(Command::Escape));
                canvas.send(Input::Release { pointer: event.pointer_id(), at: Point::default() });
            }
            on:pointerleave=move |_| canvas.send(Input::Away)
            on:dblclick=move |event: ev::MouseEvent| double_click(canvas, renaming, &event)
            on:wheel=on_wheel
            on:scroll=move |event: ev::Event| scrolled(canvas, &event)
        >
            <Ground canvas/>
            <World canvas/>
            <Show when=move || is_empty(canvas)>
                <div class="jc-empty">
                    <strong>{t!("Draw your first step")}</strong>
                    <p>{(if is_small_screen() { ADD_IN_OUTLINE } else { ADD_ON_CANVAS }).said()}</p>
                </div>
            </Show>
        </div>
    }
}

fn hides_cards(canvas: Canvas) -> bool {
    canvas.far.with(|far| Far::hides_cards(far.as_ref()))
}

/// The card that is chosen; only cards that are seen can be spoken of.
fn active(canvas: Canvas) -> Option<String> {
    match canvas.chosen.get() {
        Chosen::Node { id, .. } => {
            let is_there = canvas.cards.with(|cards| cards.iter().any(|(card, _)| *card == id));
            (is_there && !hides_cards(canvas)).then(|| format!("jc-node-{id}"))
        }
        Chosen::Group(id) => {
            canvas.follow();
            let group = canvas.read(|editor| editor.chosen_group().map(|group| group.collapsed));
            (group == Some(true)).then(|| format!("jc-cluster-{id}"))
        }
        Chosen::Nothing | Chosen::Edge(_) | Chosen::Several(_) => None,
    }
}

/// Whether there is nothing yet of what could be drawn here.
fn is_empty(canvas: Canvas) -> bool {
    canvas.follow();
    canvas.editable && canvas.read(|editor| editor.draft().nodes.is_empty())
}

/// The dots under the drawing. They lie on a surface of their own that moves by less than one of their distances, so that moving the view
/// paints nothing anew.
#[component]
fn Ground(canvas: Canvas) -> impl IntoView {
    let step = Memo::new(move |_| dot_step(canvas.view.with(|view| view.scale)));
    let place = move || {
        let (view, step) = (canvas.view.get(), step.get());
        format!("translate({}px,{}px)", view.x.rem_euclid(step), view.y.rem_euclid(step))
    };
    view! {
        <div
            class="jc-ground"
            style:transform=place
            style:background-size=move || format!("{0}px {0}px", step.get())
        ></div>
    }
}

#[component]
fn World(canvas: Canvas) -> impl IntoView {
    let view = canvas.view;
    let place = move || {
        view.with(|view| format!("translate({}px,{}px) scale({})", view.x, view.y, view.scale))
    };
    view! {
        <div
            class="jc-world"
            class:distant=move || view.with(|view| view.scale < DETAIL_FROM)
            class:far=move || hides_cards(canvas)
            style:transform=place
        >
            <Lanes canvas/>
            <Frames canvas/>
            <FarDrawing canvas/>
            <svg class="jc-edges" aria-hidden="true">
                <defs>
                    <marker id="jc-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">
                        <path class="jc-arrow" d="M1 1 9 5 1 9"></path>
                    </marker>
                    <marker id="jc-arrow-strong" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto">
                        <path class="jc-arrow strong" d="M1 1 9 5 1 9"></path>
                    </marker>
                </defs>
                <For each=move || canvas.edge_ids.get() key=Clone::clone let:id>
                    <EdgeLine canvas id/>
                </For>
                <LooseEdge canvas/>
                <Guides canvas/>
            </svg>
            <For each=move || canvas.cards.get() key=Clone::clone let((id, _))>
                <NodeCard canvas id/>
            </For>
            <CollapsedGroups canvas/>
            <Frame canvas/>
        </div>
    }
}

/// The lanes behind their steps; a step says its own in its settings.
#[component]
fn Lanes(canvas: Canvas) -> impl IntoView {
    let band = |Band { lane, team, area }: Band| {
        view! {
            <div
                class="jc-lane"
                aria-hidden="true"
                data-lane=lane
                style:transform=format!("translate({}px,{}px)", area.x, area.y)
                style:width=format!("{}px", area.width)
                style:height=format!("{}px", area.height)
            >
                <span>{team}</span>
            </div>
        }
    };
    let bands = Memo::new(move |_| {
        canvas.follow();
        canvas.read(|editor| lanes::bands(editor.draft()))
    });
    move || bands.get().into_iter().map(band).collect_view()
}

/// What is moved stands in line with what these lead to.
#[component]
fn Guides(canvas: Canvas) -> impl IntoView {
    let line = |guide: Guide| {
        view! { <line class="jc-guide" x1=guide.from.x y1=guide.from.y x2=guide.to.x y2=guide.to.y></line> }
    };
    move || canvas.guides.get().into_iter().map(line).collect_view()
}

#[component]
fn Frame(canvas: Canvas) -> impl IntoView {
    move || {
        canvas.frame.get().map(|frame| {
            view! {
                <div
                    class="jc-frame"
                    style:transform=format!("translate({}px,{}px)", frame.x, frame.y)
                    style:width=format!("{}px", frame.width)
                    style:height=format!("{}px", frame.height)
                ></div>
            }
        })
    }
}

/// Brings the keyboard back to the stage of the editor an event happened in.
pub(super) fn focus(event: &web_sys::Event) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let editor = target.and_then(|target| target.closest(".jc").ok().flatten());
    let stage =
        editor.and_then(|editor| editor.query_selector("[data-canvas=stage]").ok().flatten());
    if let Some(stage) = stage.and_then(|stage| stage.dyn_into::<HtmlElement>().ok()) {
        // What cannot have the focus can be clicked.
        let _ = stage.focus();
    }
}

/// Brings the keyboard back to the stage once what had it is gone from the page.
pub(super) fn take_keyboard() {
    request_animation_frame(|| {
        let stage = document().query_selector(".jc:not(.viewing) [data-canvas=stage]");
        let stage = stage.ok().flatten().and_then(|stage| stage.dyn_into::<HtmlElement>().ok());
        if let Some(stage) = stage.filter(|_| is_keyboard_free()) {
            // Under an open outline it cannot have the focus.
            let _ = stage.focus();
        }
    });
}

/// Whether no field, button or step of a list has the keyboard.
pub(super) fn is_keyboard_free() -> bool {
    let focused = document().active_element();
    focused.is_none_or(|focused| focused.matches("body, [data-canvas=stage]").unwrap_or(true))
}

/// Whether there is no room to draw, as on a phone: there a drawing is looked at, and edited in the outline.
pub(super) fn is_small_screen() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width <= SMALL)
}

fn can_be_drawn_on(canvas: Canvas) -> bool {
    canvas.editable && !is_small_screen()
}

/// A pointer's place in pixels from the stage's left upper corner; `None` away from a stage.
pub(super) fn point_on_stage(event: &ev::MouseEvent) -> Option<Point> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let stage = target.closest("[data-canvas=stage]").ok()??;
    let corner = stage.get_bounding_client_rect();
    Some(Point {
        x: f64::from(event.client_x()) - corner.left(),
        y: f64::from(event.client_y()) - corner.top(),
    })
}

fn press(canvas: Canvas, space: RwSignal<bool>, event: &ev::PointerEvent) {
    let Some(target) = pressed(canvas, event) else { return };
    let inside = |selector: &str| target.closest(selector).ok().flatten().is_some();
    if inside("[data-tool]") || event.button() == 2 {
        return;
    }
    let Some(at) = point_on_stage(event) else { return };
    if let Ok(Some(stage)) = target.closest("[data-canvas=stage]") {
        // Without capture a drag that leaves the window would never end; losing the pointer already is no harm.
        let _ = stage.set_pointer_capture(event.pointer_id());
    }
    let hand = if event.button() == 1 || space.get_untracked() {
        event.prevent_default();
        Hand::Panning
    } else if !can_be_drawn_on(canvas) {
        event.prevent_default();
        Hand::Looking
    } else if event.shift_key() || event.ctrl_key() || event.meta_key() {
        Hand::Adding
    } else {
        Hand::Plain
    };
    canvas.send(Input::Press(Press { pointer: event.pointer_id(), at, on: hit(&target), hand }));
}

/// What a pointer pressed. While the view moves the stage lies over what is drawn on it, and what is there is found by its place.
fn pressed(canvas: Canvas, event: &ev::PointerEvent) -> Option<Element> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    if !canvas.gliding.get_untracked() {
        return Some(target);
    }
    let at = |pixels: i32| i16::try_from(pixels).map(f32::from).ok();
    let all = document().elements_from_point(at(event.client_x())?, at(event.client_y())?);
    let mut below = all.iter().filter_map(|element| element.dyn_into::<Element>().ok());
    below.find(|element| *element != target && target.contains(Some(element))).or(Some(target))
}

fn hit(target: &Element) -> Hit {
    let named = |attribute: &str| {
        let found = target.closest(&format!("[{attribute}]")).ok().flatten()?;
        found.get_attribute(attribute)
    };
    if let Some((node, port)) = named("data-port").and_then(|port| {
        port.split_once(':').map(|(node, port)| (node.to_owned(), port.to_owned()))
    }) {
        return Hit::Port { node, port };
    }
    if let Some(edge) = named("data-edge") {
        return Hit::Edge(edge);
    }
    if let Some(group) = named("data-group") {
        return Hit::Group(group);
    }
    if let Some(node) = named("data-input") {
        return Hit::Input(node);
    }
    named("data-node").map_or(Hit::Ground, Hit::Node)
}

fn double_click(canvas: Canvas, renaming: Option<Renaming>, event: &ev::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    // The stage has captured the pointer: what stands there is found by its place.
    let on_ground = target.as_ref().is_some_and(|target| hit(target) == Hit::Ground);
    let (true, Some(at)) = (on_ground, point_on_stage(event)) else { return };
    let (card, group) = canvas.read(|editor| (editor.card_at(at), editor.group_at(at)));
    let is_far = canvas.far.with_untracked(|far| Far::hides_cards(far.as_ref()));
    if let Some(node) = card.clone().filter(|_| is_far || !can_be_drawn_on(canvas)) {
        canvas.send(Input::Show { node: Some(node), edge: None });
    } else if card.is_some() || group.is_some() {
        // What was pressed twice is chosen by now.
        let _ = renaming.map(|renaming| renaming.begin(canvas));
    } else if can_be_drawn_on(canvas) {
        canvas.send(Input::OfferKinds { at, edge: None });
    }
}

/// The browser has brought a card into view, as screen readers ask it to: the view goes there, since the stage itself must not be displaced.
fn scrolled(canvas: Canvas, event: &ev::Event) {
    let Some(stage) = event.target().and_then(|stage| stage.dyn_into::<Element>().ok()) else {
        return;
    };
    let by = Point { x: f64::from(stage.scroll_left()), y: f64::from(stage.scroll_top()) };
    if by != Point::default() {
        stage.set_scroll_left(0);
        stage.set_scroll_top(0);
        canvas.send(Input::Wheel { at: Point::default(), by, zoom: false });
    }
}

/// The distance of the ground's dots on the screen, kept between 18 and 40 pixels.
fn dot_step(scale: f64) -> f64 {
    let mut step = 20.0 * scale;
    while step < 18.0 {
        step *= 2.0;
    }
    while step > 40.0 {
        step /= 2.0;
    }
    step
}

/// The stage's size is zero while it is built, so it is watched from when it stands in the page.
fn watch_size(canvas: Canvas, stage: NodeRef<html::Div>) {
    let watching = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(stage) = stage.get() else { return };
        let element: HtmlElement = stage.into();
        let measured = element.clone();
        let tell = Closure::<dyn FnMut()>::new(move || {
            let size = Size {
                width: f64::from(measured.client_width()),
                height: f64::from(measured.client_height()),
            };
            canvas.send(Input::Resize(size));
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(tell.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watching.set_value(Some((observer, tell)));
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = watching.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
}
