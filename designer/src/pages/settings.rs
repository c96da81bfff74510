//! What the workspace is set to.

use crate::{
    api,
    app::SignedIn,
    load::read,
    messages::t,
    parts::{PageHead, ProblemView, Toasts},
};
use leptos::prelude::*;
use wire::{Problem, Role, Settings};

/// Everybody may see it; administrators change it.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let settings = read::<Settings>(|| "/settings".to_owned());
    view! {
        <div class="page narrow" data-page="settings">
            <PageHead title=t!("Settings").to_owned() text=t!("They hold for the whole workspace, and every change of them is in the audit log.")/>
            <section class="card" aria-labelledby="settings-publishing">
                <header><h2 id="settings-publishing">{t!("Publishing")}</h2></header>
                <div class="body">{settings.show(|held| view! { <ReviewSwitch held/> })}</div>
            </section>
        </div>
    }
}

#[component]
fn ReviewSwitch(held: Settings) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let runs = expect_context::<SignedIn>().0.with_untracked(|session| session.role == Role::Admin);
    let needed = RwSignal::new(held.publishing_live_needs_review);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let change = move |_| {
        busy.set(true);
        problem.set(None);
        let asked = Settings { publishing_live_needs_review: !needed.get_untracked() };
        leptos::task::spawn_local(async move {
            match api::put::<_, Settings>("/settings", &asked).await {
                Ok(set) => {
                    needed.try_set(set.publishing_live_needs_review);
                    toasts.say(t!("Changed."));
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
        <label class="check option">
            <input
                type="checkbox" data-field="publishing-live-needs-review" disabled=move || !runs || busy.get()
                prop:checked=move || { busy.track(); needed.get() } on:change=change
            />
            <span>
                {t!("A version goes live only after a review by a second person")}
                <small class="muted">{t!("Somebody else than who asked, and than who saved the drawing last, has to approve it. Shadow versions need no review.")}</small>
            </span>
        </label>
    }
}
