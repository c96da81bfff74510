//! Light, dark, or as the system has it; remembered by the browser.

use crate::messages::t;
use leptos::prelude::document;

const KEY: &str = "waymark-theme";

/// What a person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::System => t!("System"),
            Self::Light => t!("Light"),
            Self::Dark => t!("Dark"),
        }
    }
}

/// What was chosen before, on this browser.
pub(crate) fn chosen() -> Theme {
    let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    Theme::ALL
        .into_iter()
        .find(|theme| stored.as_deref() == Some(theme.name()))
        .unwrap_or(Theme::System)
}

/// Shows a theme; every colour token follows the attribute.
pub(crate) fn apply(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    // Neither call can fail on the root element of a page.
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.name()),
    };
}

/// Shows and remembers a theme; a browser without storage only shows it.
pub(crate) fn choose(theme: Theme) {
    apply(theme);
    if let Some(storage) = storage() {
        let _ = storage.set_item(KEY, theme.name());
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
