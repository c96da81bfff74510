//! What was done in this drawing, step by step: choosing one goes back or forth to it.

use super::{icon::Icon, model::Canvas};
use crate::editor::{Command, Input};
use crate::messages::t;
use leptos::prelude::*;

/// How many steps are listed to either side of now.
const LISTED: usize = 60;

/// The list, beside the tools.
#[component]
pub(super) fn Past(canvas: Canvas, open: RwSignal<bool>) -> impl IntoView {
    let names = move || {
        canvas.history.track();
        canvas.read(|editor| {
            let mut undone: Vec<String> =
                editor.history().undone().take(LISTED).map(str::to_owned).collect();
            undone.reverse();
            let done: Vec<String> =
                editor.history().done().take(LISTED).map(str::to_owned).collect();
            (undone, done)
        })
    };
    let rows = move || {
        let (undone, done) = names();
        let ahead = undone.len().cast_signed();
        let undone = undone.into_iter().zip(0..).map(move |(name, place)| (name, place - ahead));
        let done = done.into_iter().zip(1..);
        undone
            .map(move |(name, steps)| view! { <Row canvas name steps is_undone=true/> })
            .chain(std::iter::once_with(
                || view! { <Row canvas name=t!("Now").to_owned() steps=0 is_undone=false/> },
            ))
            .chain(
                done.map(move |(name, steps)| view! { <Row canvas name steps is_undone=false/> }),
            )
            .collect_view()
    };
    view! {
        <Show when=move || open.get()>
            <section class="jc-past" aria-label=t!("History") data-panel="history">
                <header>
                    <strong>{t!("History")}</strong>
                    <button type="button" class="jc-tool" aria-label=t!("Close history") on:click=move |_| open.set(false)>
                        <Icon name="close"/>
                    </button>
                </header>
                <p class="jc-muted">{t!("Choose a step to go back to before it. What you undo stays here until you draw something else.")}</p>
                <ol>{rows}</ol>
            </section>
        </Show>
    }
}

/// One step: choosing it undoes all that came after it and itself, or does all up to it again.
#[component]
fn Row(canvas: Canvas, name: String, steps: isize, is_undone: bool) -> impl IntoView {
    if steps == 0 {
        return view! { <li class="now" aria-current="step">{name}</li> }.into_any();
    }
    view! {
        <li class:undone=is_undone>
            <button type="button" on:click=move |_| canvas.send(Input::Command(Command::Travel(steps)))>{name}</button>
        </li>
    }
    .into_any()
}
