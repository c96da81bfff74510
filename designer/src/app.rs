//! The application: signed in or not, the shell, and which page an address shows.

#![expect(unreachable_pub, reason = "the component macro makes public what a component is made of")]

use crate::{
    api,
    load::load,
    pages::{
        account::AccountPage, accounts::AccountsPage, connectors::ConnectorsPage, home::HomePage,
        inbox::InboxPage, instance::InstancePage, instances::InstancesPage, journey::JourneyPage,
        journeys::JourneysPage, shell::Shell, sign_in::SignInPage, task::TaskPage,
    },
    parts::{Empty, ProblemView, Skeleton, ToastRack, Toasts},
};
use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};
use wire::Session;

/// Who is signed in, for every page below the shell.
#[derive(Clone, Copy)]
pub(crate) struct SignedIn(pub(crate) Signal<Session>);

/// Asks again who is signed in: after signing in or out, or when a call says the session is over.
#[derive(Clone, Copy)]
pub(crate) struct AskAgain(pub(crate) Callback<()>);

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    let session = load(|| api::get::<Session>("/session"));
    provide_context(AskAgain(Callback::new(move |()| session.again())));
    let shown = move || match session.value.get() {
        None => view! { <div class="page"><Skeleton/></div> }.into_any(),
        Some(Ok(held)) => {
            let (current, _) = signal(held);
            provide_context(SignedIn(current.into()));
            view! { <Signed/> }.into_any()
        }
        Some(Err(problem)) if problem.status == 401 => view! { <SignInPage/> }.into_any(),
        Some(Err(problem)) => view! {
            <div class="page narrow"><ProblemView problem retry=move || session.again()/></div>
        }
        .into_any(),
    };
    view! {
        {shown}
        <ToastRack/>
    }
}

#[component]
fn Signed() -> impl IntoView {
    view! {
        <Router>
            <Shell>
                <Routes fallback=Lost>
                    <Route path=path!("/") view=HomePage/>
                    <Route path=path!("/inbox") view=InboxPage/>
                    <Route path=path!("/tasks/:id") view=TaskPage/>
                    <Route path=path!("/accounts") view=AccountsPage/>
                    <Route path=path!("/accounts/:id") view=AccountPage/>
                    <Route path=path!("/journeys") view=JourneysPage/>
                    <Route path=path!("/journeys/:id") view=JourneyPage/>
                    <Route path=path!("/instances") view=InstancesPage/>
                    <Route path=path!("/instances/:id") view=InstancePage/>
                    <Route path=path!("/connectors") view=ConnectorsPage/>
                </Routes>
            </Shell>
        </Router>
    }
}

#[component]
fn Lost() -> impl IntoView {
    view! {
        <div class="page" data-page="lost">
            <Empty icon="search" title="There is no such page" text="The address may be mistyped, or what it showed is gone.">
                <a class="button" href="/">"Go to Home"</a>
            </Empty>
        </div>
    }
}
