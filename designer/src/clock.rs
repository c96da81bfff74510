//! This device's clock, and moments as its person writes them.

use crate::{messages::t, words::instant};
use journey::Timestamp;

/// The time on this device's clock, for words such as "2 h ago".
#[expect(clippy::cast_possible_truncation, reason = "a clock's milliseconds are whole and fit")]
pub(crate) fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

/// No browser knows a moment farther from 1970 than these milliseconds.
const LAST: i64 = 8_640_000_000_000_000;

/// A moment as this person's browser writes it.
#[expect(clippy::cast_precision_loss, reason = "a date's milliseconds fit a double")]
pub(crate) fn moment(at: &str) -> String {
    let Some(at) = instant(at) else { return at.to_owned() };
    if at.0.abs() > LAST {
        return t!("after the last day of the calendar").to_owned();
    }
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at.0 as f64));
    date.to_locale_string("default", &js_sys::Object::new()).into()
}
