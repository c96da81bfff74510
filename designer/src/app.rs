//! The application: signed in or not, the shell, and which page an address shows.

#![expect(unreachable_pub, reason = "the component macro makes public what a component is made of")]

use crate::{
    api,
    later::{Desk, Drawing, later},
    load::{Loaded, load},
    messages::t,
    pages::{
        home::HomePage, inbox::InboxPage, notices::NoticesPage, shell::Shell, sign_in::SignInPage,
        task::TaskPage,
    },
    parts::{Dialogs, Empty, ProblemView, Skeleton, ToastRack, Toasts},
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

/// Where people come in and go out.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    session: Loaded<Session>,
    /// Whether a session ended that its person meant to go on with.
    pub(crate) ended: RwSignal<bool>,
}

impl Door {
    /// Someone has signed in: what the address names is shown.
    pub(crate) fn enter(self) {
        self.ended.set(false);
        self.session.again();
    }

    /// The person has signed out.
    pub(crate) fn leave(self) {
        self.session.value.set(Some(Err(api::signed_out())));
    }

    /// A call met a session that is over.
    fn shut(self, problem: wire::Problem) {
        if self.session.value.with_untracked(|held| matches!(held, Some(Ok(_)))) {
            self.ended.set(true);
        }
        self.session.value.set(Some(Err(problem)));
    }
}

/// The whole application.
#[component]
pub fn App() -> impl IntoView {
    Toasts::provide();
    Dialogs::provide();
    let session = load(|| api::get::<Session>("/session"));
    let door = Door { session, ended: RwSignal::new(false) };
    provide_context(door);
    api::when_signed_out(Callback::new(move |problem| door.shut(problem)));
    let shown = move || match session.value.get() {
        None => view! { <div class="page"><Skeleton/></div> }.into_any(),
        Some(Ok(held)) => {
            let (current, _) = signal(held);
            provide_context(SignedIn(current.into()));
            view! { <Signed/> }.into_any()
        }
        Some(Err(problem)) if problem.status == 401 => view! { <SignInPage/> }.into_any(),
        Some(Err(problem)) => view! {
            <div class="page narrow"><ProblemView problem retry=session.retry()/></div>
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
                    <Route path=path!("/notices") view=NoticesPage/>
                    <Route path=path!("/tasks/:id") view=TaskPage/>
                    <Route path=path!("/accounts") view=later(Desk::Accounts)/>
                    <Route path=path!("/accounts/:id") view=later(Desk::Account)/>
                    <Route path=path!("/journeys") view=later(Desk::Journeys)/>
                    <Route path=path!("/journeys/gallery") view=later(Drawing::Gallery)/>
                    <Route path=path!("/journeys/:id") view=later(Drawing::Journey)/>
                    <Route path=path!("/journeys/:id/changes") view=later(Drawing::Compare)/>
                    <Route path=path!("/journeys/:id/runs") view=later(Drawing::Runs)/>
                    <Route path=path!("/journeys/:id/reviews") view=later(Desk::Reviews)/>
                    <Route path=path!("/journeys/:id/reviews/:review") view=later(Drawing::Review)/>
                    <Route path=path!("/journeys/:id/backtests/:backtest") view=later(Drawing::Backtest)/>
                    <Route path=path!("/journeys/:id/why") view=later(Desk::Why)/>
                    <Route path=path!("/journeys/:id/migrations") view=later(Desk::Migrations)/>
                    <Route path=path!("/journeys/:id/migrations/:migration") view=later(Desk::Migration)/>
                    <Route path=path!("/journeys/:id/versions/:number/would-have") view=later(Desk::Shadow)/>
                    <Route path=path!("/instances") view=later(Desk::Instances)/>
                    <Route path=path!("/instances/:id") view=later(Drawing::Instance)/>
                    <Route path=path!("/calendars") view=later(Desk::Calendars)/>
                    <Route path=path!("/calendars/:name") view=later(Desk::Calendar)/>
                    <Route path=path!("/connectors") view=later(Desk::Connectors)/>
                    <Route path=path!("/servers") view=later(Desk::Servers)/>
                    <Route path=path!("/settings") view=later(Desk::Settings)/>
                </Routes>
            </Shell>
        </Router>
    }
}

#[component]
fn Lost() -> impl IntoView {
    view! {
        <div class="page" data-page="lost">
            <Empty icon="search" title=t!("There is no such page") text=t!("The address may be mistyped, or what it showed is gone.") is_page=true>
                <a class="button" href="/">{t!("Go to Home")}</a>
            </Empty>
        </div>
    }
}
