//! Every review of a journey, newest first: who asked, how it stands, and what was said.

use super::{
    id_in_path, moment,
    paging::{Pager, Turned},
    people::People,
};
use crate::{
    live::live,
    load::read,
    messages::t,
    parts::{Empty, Icon, PageHead},
};
use leptos::prelude::*;
use wire::{Mode, Page, Review, ReviewState};

/// How many rows a page has.
const ROWS: u32 = 50;

/// Those of the journey in the address.
#[component]
pub(crate) fn ReviewsPage() -> impl IntoView {
    let id = id_in_path();
    let (live, turned) = (live(), expect_context::<Turned>());
    let list = Memo::new(move |_| format!("/journeys/{}/reviews?limit={ROWS}", id.get()));
    let reviews = read::<Page<Review>>(move || {
        live.reviews.track();
        turned.page(&list.get())
    });
    view! {
        <div class="page" data-page="reviews">
            <PageHead title=t!("Reviews").to_owned() text=t!("A second person looks at a drawing before it is published.") back=("/journeys", t!("Journeys"))>
                <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
            </PageHead>
            <section class="card" aria-label=t!("Reviews")>
                {reviews.show(move |page| view! { <Listed page list/> })}
            </section>
        </div>
    }
}

#[component]
fn Listed(page: Page<Review>, list: Memo<String>) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Empty icon="flag" title=t!("Nobody was asked yet") text=t!("Ask for a review where the drawing is published.")/> }.into_any();
    }
    let rows = page.items.len();
    let row = |review: Review| view! { <Row review/> };
    view! {
        <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul>
        <Pager list=list.get_untracked() full=ROWS rows next=page.next_cursor/>
    }
    .into_any()
}

#[component]
fn Row(review: Review) -> impl IntoView {
    let people = expect_context::<People>();
    let (tone, words) = standing(&review);
    let asked = review.asked_by.clone();
    let asked_at = moment(&review.asked_at);
    let mode = aim(review.mode);
    let decided = review.decided_by.clone().map(|by| {
        let at = review.decided_at.as_deref().map(moment).unwrap_or_default();
        view! { <span class="sub">{move || t!("Decided by {name}", name = people.name(&by))}" · "{at}</span> }
    });
    let said = [review.note, review.comment].into_iter().filter(|said| !said.trim().is_empty());
    let said = said.map(|said| view! { <span class="sub wrapped">"“"{said}"”"</span> });
    view! {
        <li data-row=review.id.clone()>
            <a class="row" href=format!("/journeys/{}/reviews/{}", review.journey, review.id)>
                <span class="grow">
                    <strong>{move || t!("{name} asked for it {mode}", name = people.name(&asked), mode)}</strong>
                    <span class="sub">{asked_at}</span>
                    {decided}
                    {said.collect_view()}
                </span>
                <span class=format!("chip {tone}")>{words}</span>
                <Icon name="next"/>
            </a>
        </li>
    }
}

/// How a review stands: the tone of its chip, and the words.
pub(super) fn standing(review: &Review) -> (&'static str, String) {
    match review.state {
        ReviewState::Open => ("accent", t!("Open").to_owned()),
        ReviewState::Approved => ("good", t!("Approved").to_owned()),
        ReviewState::SentBack => ("warning", t!("Sent back").to_owned()),
        ReviewState::Withdrawn => ("", t!("Withdrawn").to_owned()),
        ReviewState::Published => {
            let words = match review.version {
                Some(number) => t!("Published as version {number}", number),
                None => t!("Published").to_owned(),
            };
            ("good", words)
        }
    }
}

/// What it is to be published as.
pub(super) fn aim(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => t!("to go live"),
        Mode::Shadow => t!("to watch as a shadow"),
    }
}
