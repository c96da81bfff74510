//! What is done with a journey now and then, in a menu of its bar.

use crate::messages::t;
use crate::parts::Icon;
use leptos::{html, prelude::*};

/// Why it started, its hooks, what changed, and moving what runs.
#[component]
pub(super) fn More(id: StoredValue<String>, draws: bool, hooks: Callback<String>) -> impl IntoView {
    let menu = NodeRef::<html::Div>::new();
    let place = move |last: &'static str, icon: &'static str, words: &'static str| {
        view! { <a class="button quiet" href=format!("/journeys/{}/{last}", id.get_value()) data-action=last><Icon name=icon/>{words}</a> }
    };
    // The server's own address, not a page of the designer.
    let file = move |format: &'static str, words: &'static str| {
        let address = format!("/api/v1/journeys/{}/export?format={format}", id.get_value());
        view! { <a class="button quiet" href=address rel="external" download="" data-action=format!("export-{format}")><Icon name="download"/>{words}</a> }
    };
    let close = move || {
        // A menu that is closed already stays so.
        let _ = menu.get_untracked().map(|menu| menu.hide_popover());
    };
    let show_hooks = move |_| {
        // One dialog lies over the page at a time.
        close();
        hooks.run(String::new());
    };
    view! {
        <button class="button quiet" type="button" data-action="more" popovertarget="journey-more">{t!("More")}</button>
        <div class="menu journey-more" id="journey-more" popover="auto" node_ref=menu on:click=move |_| close()>
            {place("runs", "play", t!("How its instances went"))}
            {place("why", "alert", t!("Why did it start, or not?"))}
            {place("changes", "history", t!("What changed"))}
            {place("reviews", "flag", t!("Reviews"))}
            {place("migrations", "next", t!("Move instances"))}
            {file("json", t!("Export as a file"))}
            {file("bpmn", t!("Export as BPMN 2.0"))}
            {draws.then(|| view! { <button class="button quiet" type="button" data-action="hooks" on:click=show_hooks><Icon name="link"/>{t!("Hooks and their secrets")}</button> })}
        </div>
    }
}
