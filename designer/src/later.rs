//! Pages that come when one of them is opened: their code is in parts of the program that a first visit does not load.

mod desk;
mod drawing;

use crate::{
    api::{self, Answer},
    load::load,
    messages::t,
    parts::{Empty, ProblemView, Retry, Skeleton},
};
pub(crate) use desk::Desk;
pub(crate) use drawing::Drawing;
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use std::future::Future;
use wire::{Problem, Session};

/// The status of a part that the server no longer has.
const GONE: u16 = 410;

/// Draws the pages of a part of the program.
pub(crate) type Draw<P> = fn(P) -> AnyView;

/// Pages whose code is in one part of the program.
pub(crate) trait Later: Copy + Send + Sync + 'static {
    /// What draws these pages; it comes over the network, once.
    fn code() -> impl Future<Output = Result<Draw<Self>, SplitLoaderError>>;

    /// The `data-page` of this page.
    fn name(self) -> &'static str;
}

/// What a route shows for `page`: a skeleton until its code is there, the page, or why its code did not come.
pub(crate) fn later<P: Later>(page: P) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || {
        let code = load(arrived::<P>);
        let shown = move || match code.value.get() {
            None => view! { <div class="page"><Skeleton/></div> }.into_any(),
            Some(Ok(draw)) => untrack(|| draw(page)),
            Some(Err(problem)) => {
                view! { <Absent page=page.name() problem retry=code.retry()/> }.into_any()
            }
        };
        shown.into_any()
    }
}

/// Has the browser fetch a part while it has nothing else to do: one of its pages is likely to be next.
pub(crate) fn soon<P: Later>() {
    // Whether it comes is told when a page of it is opened.
    request_idle_callback(|| leptos::task::spawn_local(async { drop(P::code().await) }));
}

/// The code of a part, or what a person can do about it.
async fn arrived<P: Later>() -> Answer<Draw<P>> {
    if let Ok(draw) = P::code().await {
        return Ok(draw);
    }
    // A server that is away is away for everything. One that answers has the parts of another version.
    api::get::<Session>("/session").await?;
    let detail =
        t!("Waymark may have been updated since you opened it. Load it again to go on here.");
    Err(api::problem(GONE, t!("This page could not be loaded"), detail))
}

/// In the place of a page whose code did not come.
#[component]
fn Absent(page: &'static str, problem: Problem, retry: Retry) -> impl IntoView {
    if problem.status != GONE {
        return view! { <div class="page" data-page=page><ProblemView problem retry/></div> }
            .into_any();
    }
    let again = |_| {
        // A browser that may not load its own page again keeps this one, and the button.
        let _ = window().location().reload();
    };
    let text = problem.detail.unwrap_or_default();
    view! {
        <div class="page" data-page=page data-state="part-gone" role="alert">
            <Empty icon="alert" title=problem.title text is_page=true>
                <button class="button primary" type="button" data-action="load-again" on:click=again>{t!("Load again")}</button>
            </Empty>
        </div>
    }
    .into_any()
}
