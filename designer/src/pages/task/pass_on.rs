//! Passing a task on: to a colleague, or back to the team it came from.

use super::answer::Act;
use crate::{app::SignedIn, messages::t, pages::people::People, parts::Dialog};
use leptos::{ev::SubmitEvent, prelude::*};

/// The way to give it to a colleague.
#[component]
pub(super) fn Delegate(act: Act) -> impl IntoView {
    let asking = RwSignal::new(false);
    view! {
        <button class="link" type="button" data-action="delegate" disabled=move || act.busy() on:click=move |_| asking.set(true)>{t!("Pass on to a colleague")}</button>
        <Dialog open=asking title=t!("Pass on to a colleague") name="delegate"><DelegateForm act open=asking/></Dialog>
    }
}

#[component]
fn DelegateForm(act: Act, open: RwSignal<bool>) -> impl IntoView {
    let (people, SignedIn(session)) = (expect_context::<People>(), expect_context());
    let to = RwSignal::new(String::new());
    let options = move || {
        let me = session.with(|session| session.email.clone());
        let others = people.all().into_iter().filter(|(email, _)| *email != me);
        others.map(|(email, name)| view! { <option value=email>{name}</option> }).collect_view()
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        act.delegate(to.get_untracked(), open);
    };
    view! {
        <form on:submit=submit data-form="delegate">
            <div class="field">
                <label for="field-to">{t!("Who has it from now on")}</label>
                <select class="input" id="field-to" required prop:value=move || to.get() on:change:target=move |event| to.set(event.target().value())>
                    <option value="">{t!("Choose…")}</option>
                    {options}
                </select>
            </div>
            <div class="actions"><button class="button primary" type="submit" data-action="confirm-delegate" disabled=move || act.busy()>{t!("Pass on")}</button></div>
        </form>
    }
}

/// Asks why what was handed over is not accepted.
#[component]
pub(super) fn SendBackForm(act: Act, open: RwSignal<bool>) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        act.send_back(reason.get_untracked(), open);
    };
    view! {
        <form on:submit=submit data-form="send-back">
            <div class="field">
                <label for="field-reason">{t!("What is missing or wrong")}</label>
                <textarea class="input" id="field-reason" required maxlength="2000" rows="3" bind:value=reason></textarea>
            </div>
            <div class="actions"><button class="button primary" type="submit" data-action="confirm-send-back" disabled=move || act.busy()>{t!("Send back")}</button></div>
        </form>
    }
}
