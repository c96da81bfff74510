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
    let frame = Memo::new(move |_| Some(Fitted::into_map(whole.get()?).on_map(shown.get())));
    let of_frame = move |read: fn(Area) -> String| move || frame.get().map(read);
    view! {
        <Show when=is_needed>
            <div
                class="jc-minimap"
                data-tool="minimap"
                aria-hidden="true"
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
                <svg viewBox=move || whole.get().map(view_box) preserveAspectRatio="xMidYMid meet">
                    <path class="jc-minimap-cards" d=move || cards.with(|(_, outline)| outline.clone())></path>
                </svg>
                <div
                    class="jc-minimap-view"
                    style:transform=of_frame(|area| format!("translate({}px,{}px)", area.x, area.y))
                    style:width=of_frame(|area| format!("{}px", area.width))
                    style:height=of_frame(|area| format!("{}px", area.height))
                ></div>
            </div>
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

/// How the drawing is fitted into the map, as its picture is: whole, and in the middle.
#[derive(Clone, Copy)]
struct Fitted {
    /// The point of the drawing in the middle of the map.
    middle: Point,
    /// Pixels of the map for a canvas unit.
    scale: f64,
}

impl Fitted {
    fn into_map(whole: Area) -> Self {
        Self { middle: whole.middle(), scale: (SIZE.0 / whole.width).min(SIZE.1 / whole.height) }
    }

    /// Where an area of the drawing is on the map, in pixels from its left upper corner.
    fn on_map(self, area: Area) -> Area {
        Area {
            x: (area.x - self.middle.x) * self.scale + SIZE.0 / 2.0,
            y: (area.y - self.middle.y) * self.scale + SIZE.1 / 2.0,
            width: area.width * self.scale,
            height: area.height * self.scale,
        }
    }

    /// The point of the drawing that is so far from the middle of the map.
    fn in_drawing(self, off: Point) -> Point {
        Point { x: self.middle.x + off.x / self.scale, y: self.middle.y + off.y / self.scale }
    }
}

/// The point of the drawing under a press on the map.
fn point_of(event: &ev::PointerEvent, whole: Area) -> Option<Point> {
    let map = event.current_target()?.dyn_into::<Element>().ok()?;
    let corner = map.get_bounding_client_rect();
    let off = |at: i32, low: f64, length: f64| f64::from(at) - low - length / 2.0;
    Some(Fitted::into_map(whole).in_drawing(Point {
        x: off(event.client_x(), corner.left(), corner.width()),
        y: off(event.client_y(), corner.top(), corner.height()),
    }))
}
