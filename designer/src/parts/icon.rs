//! Line icons on a 24-unit grid.

use leptos::prelude::*;

/// One icon by name; it says nothing to a screen reader, the words beside it do.
#[component]
pub(crate) fn Icon(name: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path(name)></path>
        </svg>
    }
}

/// The mark and the name.
#[component]
pub(crate) fn Brand() -> impl IntoView {
    view! {
        <svg viewBox="0 0 28 28" aria-hidden="true">
            <rect class="plate" width="28" height="28" rx="8"></rect>
            <path class="mark" d="M6.5 9l4 10 3.5-8 3.5 8 4-10"></path>
        </svg>
        <span>"Waymark"</span>
    }
}

fn path(name: &str) -> &'static str {
    match name {
        "home" => "M4 11l8-7 8 7M6 9.5V20h4.5v-5.5h3V20H18V9.5",
        "inbox" => "M4 13l3-8h10l3 8v6H4zM4 13h5c0 2 1.2 3 3 3s3-1 3-3h5",
        "notices" => {
            "M6 10.500a6 6 0 0 1 12 0c0 4.500 2 5.500 2 6.500H4c0-1 2-2 2-6.500M10 20c.6.700 1.200 1 2 1s1.400-.300 2-1"
        }
        "accounts" => "M5 20V5h9v15M14 10h5v10M3 20h18M8 9h3M8 13h3M8 17h3",
        "journeys" => {
            "M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 6H15a3 3 0 0 1 0 6H9a3 3 0 0 0 0 6h6.5"
        }
        "instances" => "M4 12h4l2.5-7 4 14 2.5-7h3",
        "connectors" => "M9 3v5M15 3v5M6.5 8h11v3a5.5 5.5 0 0 1-11 0zM12 16.500V21",
        "calendar" => "M5 6h14v14H5zM5 10.500h14M9 3.500v4M15 3.500v4",
        "link" => {
            "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.700-5.700L11.500 6.800M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500"
        }
        "plus" => "M12 5v14M5 12h14",
        "search" => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
        "check" => "M5 12.500l4.5 4.500L19 7.5",
        "alert" => "M12 4L2.8 19.500h18.400zM12 10v4M12 16.800v.2",
        "clock" => "M12 20.500a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.500V12l3 2",
        "back" => "M14.5 6L9 12l5.5 6",
        "next" => "M9.5 6l5.5 6-5.5 6",
        "play" => "M8 5.500v13l10.5-6.500z",
        "cross" => "M6 6l12 12M18 6L6 18",
        "cloud" => "M7 18.500a4 4 0 0 1-.4-8 5.5 5.5 0 0 1 10.6-1A4.5 4.5 0 0 1 17 18.500z",
        "trash" => "M5 7h14M10 7V4.500h4V7M7 7l.8 13h8.400L17 7M10.5 11v5.500M13.5 11v5.5",
        "download" => "M12 4.500v11M7.5 11.500L12 16l4.500-4.500M5 15.500V19.500h14v-4",
        "upload" => "M12 16V5M7.5 9L12 4.5 16.5 9M5 15.500V19.500h14v-4",
        "exit" => "M14 4.500H5.500v15H14M10.5 12H20M16.5 8.500L20 12l-3.5 3.5",
        "history" => "M4 12a8 8 0 1 0 2.5-5.800L4 8.500M4 4v4.500h4.500M12 8v4.300l3 1.7",
        "settings" => "M4 7h8.500M17 7h3M14.800 4.500v5M4 17h3M11.500 17H20M9.300 14.500v5",
        "flag" => "M6 21V4h11l-2 4 2 4H6",
        _ => "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
    }
}
