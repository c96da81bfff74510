//! Two people changed one draft: what is different, and whose it shall be.

use super::Saving;
use crate::{editor::difference::difference, messages::t, parts::Icon};
use journey::Draft;
use leptos::prelude::*;

/// Asks whose draft it shall be. Whichever gives way, undoing brings it back.
#[component]
pub(super) fn Conflict(saving: Saving, theirs: Draft) -> impl IntoView {
    let lines = saving.drawn.with_value(|mine| difference(mine, &theirs));
    view! {
        <div class="problem warning" role="alert" data-state="conflict">
            <Icon name="alert"/>
            <strong>{t!("Someone else changed this draft while you were drawing")}</strong>
            <p>{t!("Both are safe. Choose one to go on with; Undo brings the other back.")}</p>
            <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            <div class="actions">
                <button class="button primary" type="button" data-action="keep-mine" on:click=move |_| saving.keep_mine()>{t!("Keep mine")}</button>
                <button class="button" type="button" data-action="take-theirs" on:click=move |_| saving.take_theirs()>{t!("Take theirs")}</button>
            </div>
        </div>
    }
}
