//! Reviews in the dialog that publishes: how the newest one stands, whether one is needed, and asking for one.

use super::{super::people::People, save::Saving};
use crate::{
    api,
    live::live,
    load::{Loaded, read},
    messages::t,
    parts::Icon,
};
use leptos::prelude::*;
use wire::{AskReview, Created, Mode, Page, Review, ReviewState, Settings};

/// The newest review of a journey, and whether the workspace asks for one.
#[derive(Clone, Copy)]
pub(super) struct Reviews {
    id: StoredValue<String>,
    saving: Saving,
    newest: Loaded<Page<Review>>,
    settings: Loaded<Settings>,
}

fn needed() -> &'static str {
    t!("In this workspace a version goes live only after a review by a second person.")
}

impl Reviews {
    pub(super) fn of(id: StoredValue<String>, saving: Saving) -> Self {
        let live = live();
        let newest = read(move || {
            live.reviews.track();
            format!("/journeys/{}/reviews?limit=1", id.get_value())
        });
        Self { id, saving, newest, settings: read(|| "/settings".to_owned()) }
    }

    fn newest(self) -> Option<Review> {
        self.newest.ready().and_then(|page| page.items.into_iter().next())
    }

    /// Whether one waits for a decision, which is of this drawing or of an older one.
    pub(super) fn is_open(self) -> bool {
        self.newest().is_some_and(|review| review.state == ReviewState::Open)
    }

    /// Whether what is drawn was approved, to be published so.
    pub(super) fn is_approved(self, mode: Mode) -> bool {
        let approved =
            |review: Review| review.state == ReviewState::Approved && review.mode == mode;
        self.newest().is_some_and(|review| self.is_of_this(&review) && approved(review))
    }

    /// Whether it may not be published so yet.
    pub(super) fn is_missing(self, mode: Mode) -> bool {
        let settings = self.settings.ready().unwrap_or_default();
        mode == Mode::Live && settings.publishing_live_needs_review && !self.is_approved(mode)
    }

    fn is_of_this(self, review: &Review) -> bool {
        self.saving.is_saved() && self.saving.etag() == format!("\"{}\"", review.revision)
    }

    /// Asks for one; gives the address of its page.
    pub(super) async fn ask(self, mode: Mode, note: Option<String>) -> api::Answer<String> {
        let base = format!("/journeys/{}/reviews", self.id.get_value());
        let asked = AskReview { mode, note };
        let made: Created = api::post_tagged(&base, &asked, &self.saving.etag()).await?;
        Ok(format!("{base}/{}", made.id))
    }

    /// How the newest one stands, when that matters to what is drawn, and what the workspace asks for.
    pub(super) fn notice(self, mode: RwSignal<Mode>) -> impl IntoView {
        let people = expect_context::<People>();
        let stands = move |is_missing: bool| {
            let review = self.newest()?;
            let is_of_this = self.is_of_this(&review);
            let words = words(&review, is_of_this, people)?;
            let next = match (review.state, is_missing, is_of_this) {
                (ReviewState::Open, true, false) => " Only then can this one be reviewed.",
                (ReviewState::Open, false, _) => " Publishing does not wait for it.",
                _ => "",
            };
            let page = format!("/journeys/{}/reviews/{}", review.journey, review.id);
            Some(
                view! { {words}{next}" "<a href=page data-action="open-review">{t!("See the review")}</a> },
            )
        };
        move || {
            let is_missing = self.is_missing(mode.get());
            let (stands, needed) = (stands(is_missing), is_missing.then(needed));
            (stands.is_some() || is_missing).then(|| {
                view! {
                    <div class="notice" role="status" data-state="review">
                        <Icon name="flag"/>
                        <p>{needed}{needed.map(|_| " ")}{stands}</p>
                    </div>
                }
            })
        }
    }
}

fn words(review: &Review, is_of_this: bool, people: People) -> Option<String> {
    let by = |email: &Option<String>| people.name(email.as_deref().unwrap_or_default());
    let drawing = if is_of_this { t!("this drawing") } else { t!("an older drawing") };
    match (review.state, is_of_this) {
        (ReviewState::Open, _) => {
            let asked_by = people.name(&review.asked_by);
            Some(t!(
                "{asked_by} asked for a review of {drawing}, which is not decided.",
                asked_by,
                drawing
            ))
        }
        (ReviewState::Approved, _) => Some(t!(
            "{decided_by} approved {drawing}.",
            decided_by = by(&review.decided_by),
            drawing
        )),
        (ReviewState::SentBack, true) => Some(t!(
            "{decided_by} sent this drawing back: {comment}",
            decided_by = by(&review.decided_by),
            comment = review.comment
        )),
        (ReviewState::SentBack | ReviewState::Withdrawn | ReviewState::Published, _) => None,
    }
}
