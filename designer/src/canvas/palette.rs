//! The palette: every kind, to be searched, dragged onto the canvas or added with a click.

use super::{icon::Icon, model::Canvas};
use crate::editor::{
    Input,
    kinds::{self, Category, Kind},
};
use crate::messages::t;
use journey::draft::Point;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// A kind on its way from the palette to the canvas, in pixels of the window.
#[derive(Clone, Copy, PartialEq)]
struct Carried {
    kind: &'static Kind,
    from: Point,
    at: Point,
}

impl Carried {
    fn is_off(&self) -> bool {
        (self.at.x - self.from.x).hypot(self.at.y - self.from.y) > 5.0
    }
}

/// The list of kinds beside the canvas.
#[component]
pub(super) fn Palette(canvas: Canvas) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let carried = RwSignal::new(None::<Carried>);
    view! {
        <aside class="jc-palette" aria-label=t!("Steps to add")>
            <label class="jc-search">
                <Icon name="search"/>
                <input
                    placeholder=t!("Search steps")
                    aria-label=t!("Search steps")
                    on:input:target=move |event| search.set(event.target().value())
                />
            </label>
            <div class="jc-palette-list">
                {Category::ALL
                    .into_iter()
                    .map(|category| view! { <Group canvas category search carried/> })
                    .collect_view()}
            </div>
            <Ghost carried/>
        </aside>
    }
}

#[component]
fn Group(
    canvas: Canvas,
    category: Category,
    search: RwSignal<String>,
    carried: RwSignal<Option<Carried>>,
) -> impl IntoView {
    let found = move || {
        let typed = search.get();
        kinds::KINDS
            .iter()
            .filter(|kind| kind.category == category && kinds::matches(kind, &typed))
            .collect::<Vec<_>>()
    };
    view! {
        <Show when=move || !found().is_empty()>
            <h2 class="jc-palette-title">{category.title()}</h2>
            <For each=found key=|kind| kind.id let:kind>
                <Entry canvas kind carried/>
            </For>
        </Show>
    }
}

#[component]
fn Entry(canvas: Canvas, kind: &'static Kind, carried: RwSignal<Option<Carried>>) -> impl IntoView {
    // A drag ends with a click on what was dragged; that click adds nothing.
    let dragged = StoredValue::new(false);
    let down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        dragged.set_value(false);
        let at = window_point(&event);
        if let Some(entry) =
            event.current_target().and_then(|entry| entry.dyn_into::<Element>().ok())
        {
            // Without capture the drag would end at the palette's border; losing the pointer already is no harm.
            let _ = entry.set_pointer_capture(event.pointer_id());
        }
        carried.set(Some(Carried { kind, from: at, at }));
    };
    let moved = move |event: ev::PointerEvent| {
        if carried.with_untracked(Option::is_some) {
            carried.update(|carried| {
                if let Some(carried) = carried {
                    carried.at = window_point(&event);
                }
            });
        }
    };
    let up = move |event: ev::PointerEvent| {
        let Some(held) = carried.get_untracked() else { return };
        carried.set(None);
        let held = Carried { at: window_point(&event), ..held };
        if held.is_off() {
            dragged.set_value(true);
            if let Some(at) = on_stage(&event) {
                canvas.send(Input::Add { kind: kind.id.to_owned(), drop: Some(at) });
            }
        }
    };
    let click = move |_| {
        if !dragged.get_value() {
            canvas.send(Input::Add { kind: kind.id.to_owned(), drop: None });
        }
        dragged.set_value(false);
    };
    view! {
        <button
            type="button"
            class="jc-palette-kind"
            data-palette=kind.id
            data-kind=kind.id
            title=kind.hint.said()
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=move |_| carried.set(None)
            on:click=click
        >
            <span class="jc-badge-kind"><Icon name=kind.id/></span>
            <span>{kind.title.said()}<small>{kind.hint.said()}</small></span>
        </button>
    }
}

/// What is carried, under the pointer.
#[component]
fn Ghost(carried: RwSignal<Option<Carried>>) -> impl IntoView {
    move || {
        carried.get().filter(Carried::is_off).map(|carried| {
            let place = format!("translate({}px,{}px)", carried.at.x, carried.at.y);
            view! {
                <div class="jc-ghost" data-kind=carried.kind.id style:transform=place aria-hidden="true">
                    <span class="jc-badge-kind"><Icon name=carried.kind.id/></span>
                    {carried.kind.title.said()}
                </div>
            }
        })
    }
}

fn window_point(event: &ev::PointerEvent) -> Point {
    Point { x: f64::from(event.client_x()), y: f64::from(event.client_y()) }
}

/// Where on the stage a carried kind is let go; `None` beside it.
fn on_stage(event: &ev::PointerEvent) -> Option<Point> {
    let entry = event.current_target()?.dyn_into::<Element>().ok()?;
    let stage = entry.closest(".jc").ok()??.query_selector("[data-canvas=stage]").ok()??;
    let area = stage.get_bounding_client_rect();
    let at = window_point(event);
    let inside =
        (area.left()..area.right()).contains(&at.x) && (area.top()..area.bottom()).contains(&at.y);
    inside.then(|| Point { x: at.x - area.left(), y: at.y - area.top() })
}
