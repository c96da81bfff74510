//! The whole drawing in small, with what of it is seen: a press there goes there.

use super::model::Canvas;
use crate::editor::{Editor, Input, geometry::Area};
use journey::draft::Point;
use leptos::{ev, prelude::*};
use std::fmt::Write as _;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Room around the drawing, in canvas units.
const AROUND: f64 = 120.0;
/// The map's width and height in pixels, as its style has them.
const SIZE: (f64, f64) = (180.0, 120.0);

/// The map in the corner of the canvas.
#[component]
pub(super) fn Minimap(canvas: Canvas) -> impl IntoView {
    let cards = Memo::new(move |_| {
        canvas.follow();
        canvas.read(|editor| (editor.extent(), outline(editor)))
    });
    let shown = Memo::new(move |_| {
        canvas.view.track();
        canvas.read(|editor| editor.view().shown(editor.screen()))
    });
    // What the map shows: the drawing, and what of it is seen when that is beside it.
    let whole = Memo::new(move |_| {
        let extent = cards.with(|(extent, _)| *extent)?;
        Some(extent.with(extent.overlap(shown.get())).grown(AROUND))
    });
    let pressed = RwSignal::new(false);
    let go = move |event: &ev::PointerEvent| {
        if let Some(at) = whole.get_untracked().and_then(|whole| point_of(event, whole)) {
            canvas.send(Input::CentreOn(at));
        }
    };
    // All of a small drawing is in view already.
    let is_needed = move || {
        let extent = cards.with(|(extent, _)| *extent);
        extent.is_some_and(|extent| extent.overlap(shown.get()) != extent)
    };
    let frame = move |area: Area| {
        view! { <rect class="jc-minimap-view" x=area.x y=area.y width=area.width height=area.height rx="20"></rect> }
    };
    view! {
        <Show when=is_needed>
            <svg
                class="jc-minimap"
                data-tool="minimap"
                aria-hidden="true"
                viewBox=move || whole.get().map(view_box)
                preserveAspectRatio="xMidYMid meet"
                on:pointerdown=move |event| {
                    event.stop_propagation();
                    pressed.set(true);
                    go(&event);
                }
                on:pointermove=move |event| {
                    event.stop_propagation();
                    if pressed.get_untracked() {
                        go(&event);
                    }
                }
                on:pointerup=move |_| pressed.set(false)
                on:pointerleave=move |_| pressed.set(false)
            >
                <path class="jc-minimap-cards" d=move || cards.with(|(_, outline)| outline.clone())></path>
                {move || frame(shown.get())}
            </svg>
        </Show>
    }
}

fn view_box(area: Area) -> String {
    format!("{:.0} {:.0} {:.0} {:.0}", area.x, area.y, area.width, area.height)
}

/// Every card as one shape.
fn outline(editor: &Editor) -> String {
    let mut path = String::new();
    for Area { x, y, width, height } in editor.scene().cards().iter().map(|card| card.area) {
        // Writing to a text cannot fail.
        let _ = write!(path, "M{x:.0} {y:.0}h{width:.0}v{height:.0}h-{width:.0}z");
    }
    path
}

/// The point of the drawing under a press on the map.
fn point_of(event: &ev::PointerEvent, whole: Area) -> Option<Point> {
    let map = event.current_target()?.dyn_into::<Element>().ok()?;
    let corner = map.get_bounding_client_rect();
    let scale = (SIZE.0 / whole.width).min(SIZE.1 / whole.height);
    let middle = whole.middle();
    let off = |at: i32, low: f64, length: f64| (f64::from(at) - low - length / 2.0) / scale;
    Some(Point {
        x: middle.x + off(event.client_x(), corner.left(), corner.width()),
        y: middle.y + off(event.client_y(), corner.top(), corner.height()),
    })
}
