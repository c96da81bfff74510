//! The drawings of the canvas: one for each kind, and those of its tools.

use leptos::prelude::*;

/// An icon by name; 24 by 24, drawn with the text's colour.
#[component]
pub(super) fn Icon(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <svg class="jc-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=shape(&name)></path>
        </svg>
    }
}

fn shape(name: &str) -> &'static str {
    match name {
        "trigger" => "M13 2 4 14h7l-1 8 9-12h-7l1-8Z",
        "task" => "M9 4h6v3H9zM9 5H6v15h12V5h-3M9 13l2 2 4-4",
        "approval" => "M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6l8-3ZM9 12l2 2 4-4",
        "action" => "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0V8ZM12 17v4",
        "handoff" => "M3 12h12M11 8l4 4-4 4M19 5v14M7 5H5v3M7 19H5v-3",
        "ai_check" => "M12 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2 2-6ZM19 16v4M17 18h4",
        "for_each" => "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5",
        "journey" => "M4 5h16v14H4zM8 15v-3a2 2 0 0 1 2-2h4M12 8l2 2-2 2M16 15v.01",
        "milestone" => {
            "M12 3l2.700 5.600 6.100.8-4.500 4.200 1.100 6.100L12 16.800l-5.400 2.900 1.100-6.100L3.200 9.400l6.100-.8L12 3Z"
        }
        "notify" => "M6 17h12l-1.500-2.500V10a4.500 4.500 0 0 0-9 0v4.500L6 17ZM10 20h4",
        "decision" => "M12 3l9 9-9 9-9-9 9-9ZM12 9v3M12 15.5v.01",
        "parallel" => "M4 12h5M9 12c4 0 3-6 7-6h4M9 12c4 0 3 6 7 6h4M17 3l3 3-3 3M17 15l3 3-3 3",
        "join" => "M20 12h-5M15 12c-4 0-3-6-7-6H4M15 12c-4 0-3 6-7 6H4M17 9l3 3-3 3",
        "wait" => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 7v5l3 2",
        "set" => "M4 20h4L19 9l-4-4L4 16v4ZM13 7l4 4",
        "end" => "M6 21V4M6 4h11l-2 4 2 4H6",
        "note" => "M5 4h14v10l-5 6H5V4ZM14 20v-6h5M9 9h6M9 13h2",
        "line-left" => "M4 3v18M8 7h12v3H8zM8 14h7v3H8z",
        "line-centre" => "M12 3v4M12 10v4M12 17v4M5 7h14v3H5zM8 14h8v3H8z",
        "line-right" => "M20 3v18M4 7h12v3H4zM9 14h7v3H9z",
        "line-top" => "M3 4h18M7 8h3v12H7zM14 8h3v7h-3z",
        "line-middle" => "M3 12h4M10 12h4M17 12h4M7 5h3v14H7zM14 8h3v8h-3z",
        "line-bottom" => "M3 20h18M7 4h3v12H7zM14 9h3v7h-3z",
        "space-across" => "M4 4v16M20 4v16M10 8h4v8h-4z",
        "space-down" => "M4 4h16M4 20h16M8 10h8v4H8z",
        "history" => "M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4l3 2",
        "eye" => "M3 12s3.500-6 9-6 9 6 9 6-3.500 6-9 6-9-6-9-6ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z",
        "outline" => "M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01",
        "keys" => "M3 7h18v10H3zM7 11h.01M11 11h.01M15 11h.01M8 14h8",
        "group" => "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8h8v8H8z",
        "collapse" => "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
        "expand" => "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
        "change" => "M4 8h13l-4-4M20 16H7l4 4",
        "undo" => "M9 7 4 12l5 5M4 12h10a5 5 0 0 1 0 10h-2",
        "redo" => "M15 7l5 5-5 5M20 12H10a5 5 0 0 0 0 10h2",
        "plus" => "M12 5v14M5 12h14",
        "minus" => "M5 12h14",
        "fit" => "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
        "tidy" => "M4 5h6v5H4zM14 3h6v5h-6zM14 14h6v5h-6zM10 7.500h4M10 7.500c3 0 1 9 4 9",
        "trash" => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
        "close" => "M6 6l12 12M18 6 6 18",
        "up" => "M6 15l6-6 6 6",
        "down" => "M6 9l6 6 6-6",
        "search" => "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM16 16l5 5",
        "warning" => "M12 4 2.500 20h19L12 4ZM12 10v4M12 17v.01",
        "error" => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM12 8v5M12 16v.01",
        "check" => "M5 12l5 5 9-10",
        "copy" => "M9 9h11v11H9zM15 9V4H4v11h5",
        "walk" => "M8 5.500v13l10.500-6.500L8 5.500Z",
        "flag" => "M6 21V4M6 4l12 4-12 5",
        "target" => "M12 3v4M12 17v4M3 12h4M17 12h4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z",
        "last" => "M6 5.500v13l9-6.500L6 5.500ZM18 5.500v13",
        "fix" => "M14 6a4 4 0 0 1 5 5l-9 9-4-4 9-9M5 5l3 3M4 10h2M10 4v2",
        _ => "M5 5h14v14H5z",
    }
}
