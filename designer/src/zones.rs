//! Time zones, as the browser knows them.

use wasm_bindgen::{JsCast, JsValue};

/// The time zone of whoever looks at the page.
pub(crate) fn own() -> String {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = member(&format.resolved_options(), "timeZone");
    zone.and_then(|zone| zone.as_string()).unwrap_or_else(|| "UTC".to_owned())
}

/// Every time zone by name; none when the browser does not tell.
pub(crate) fn all() -> Vec<String> {
    let listed = || {
        let intl = member(&js_sys::global(), "Intl")?;
        let list = member(&intl, "supportedValuesOf")?.dyn_into::<js_sys::Function>().ok()?;
        list.call1(&intl, &JsValue::from_str("timeZone")).ok()
    };
    let zones = listed().map(|zones| js_sys::Array::from(&zones)).unwrap_or_default();
    zones.iter().filter_map(|zone| zone.as_string()).collect()
}

fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(of, &JsValue::from_str(name)).ok()
}
