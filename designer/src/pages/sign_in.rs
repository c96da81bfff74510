//! Signing in.

use crate::{
    api,
    app::Door,
    messages::t,
    parts::{Brand, Icon, ProblemView},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Problem, SignIn};

/// E-mail and password; the address that was asked for is shown afterwards.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let door = expect_context::<Door>();
    let (email, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    document().set_title(&t!("{title} · Waymark", title = t!("Sign in")));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let body = SignIn { email: email.get_untracked(), password: password.get_untracked() };
            match api::order("/session", &body).await {
                Ok(()) => door.enter(),
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <main class="sign-in" data-page="sign-in">
            <section class="card">
                <div class="brand"><Brand/></div>
                <h1>{t!("Welcome back")}</h1>
                <p class="muted">{t!("Sign in to your workspace.")}</p>
                <form on:submit=submit>
                    {door.ended.get_untracked().then(|| view! {
                        <p class="notice" role="status" data-state="session-ended">
                            <Icon name="clock"/>{t!("Your session has ended. Sign in again to go on where you were.")}
                        </p>
                    })}
                    {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
                    <div class="field">
                        <label for="field-email">{t!("E-mail")}</label>
                        <input class="input" id="field-email" name="email" type="email" autocomplete="username" required autofocus bind:value=email/>
                    </div>
                    <div class="field">
                        <label for="field-password">{t!("Password")}</label>
                        <input class="input" id="field-password" name="password" type="password" autocomplete="current-password" required bind:value=password/>
                    </div>
                    <button class="button primary" type="submit" data-action="sign-in" disabled=move || busy.get()>
                        {move || if busy.get() { t!("Signing in…") } else { t!("Sign in") }}
                    </button>
                </form>
            </section>
        </main>
    }
}
