//! The designer: the browser application, compiled to WebAssembly.
//!
//! Attributes that stay as they are, for tests and for whoever scripts a browser: `[data-page=NAME]` on the page that is shown,
//! `[data-action=NAME]` on everything that does something, `[data-row=ID]` on every row of a list, `#field-NAME` on form fields,
//! `[data-state=…]` on what changes by itself (saving, the status of an instance).

pub mod api;
mod app;
pub mod canvas;
mod clock;
pub mod editor;
mod kept;
mod language;
mod later;
mod live;
mod load;
mod messages;
mod pages;
mod parts;
mod theme;
pub mod words;
mod zones;

pub use app::App;

/// Puts the application into the page, in the language of whoever opened it; the boot script calls it once.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    theme::apply(theme::chosen());
    wasm_bindgen_futures::spawn_local(async {
        language::settle().await;
        leptos::mount::mount_to_body(App);
    });
}
