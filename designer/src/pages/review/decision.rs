//! Approving a review, sending it back, and withdrawing one's own.

use crate::{
    api,
    app::SignedIn,
    messages::t,
    parts::{ProblemView, Toasts},
};
use leptos::prelude::*;
use wire::{DecideReview, Problem, Review, ReviewDecision, ReviewState, Role};

/// What the person may do about an open review.
#[component]
pub(super) fn Decision(review: Review, again: Callback<()>) -> impl IntoView {
    let SignedIn(session) = expect_context();
    let (me, draws) =
        session.with_untracked(|session| (session.email.clone(), session.role != Role::Member));
    if review.state != ReviewState::Open || !draws {
        return ().into_any();
    }
    let path = StoredValue::new(format!("/reviews/{}", review.id));
    let deciding = Deciding::new(again);
    let (text, act) = if review.asked_by == me {
        let withdraw = move |_| {
            deciding.go(t!("Withdrawn."), async move {
                api::order(&format!("{}/withdraw", path.get_value()), &()).await
            });
        };
        let act = view! {
            <div class="actions"><button class="button" type="button" data-action="withdraw-review" disabled=move || deciding.busy.get() on:click=withdraw>{t!("Withdraw it")}</button></div>
        };
        (Some(t!("You asked for this review, so another person decides on it.")), act.into_any())
    } else if review.drawn_by == Some(me) {
        (Some(t!("You saved this drawing last, so another person decides on it.")), ().into_any())
    } else {
        (None, view! { <DecisionForm path deciding/> }.into_any())
    };
    view! {
        <section class="card" aria-labelledby="review-decision">
            <header><h2 id="review-decision">{t!("Decision")}</h2></header>
            <div class="body">
                {text.map(|text| view! { <p class="muted">{text}</p> })}
                {move || deciding.problem.get().map(|problem| view! { <ProblemView problem/> })}
                {act}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn DecisionForm(path: StoredValue<String>, deciding: Deciding) -> impl IntoView {
    let comment = RwSignal::new(String::new());
    let is_silent = move || comment.with(|comment| comment.trim().is_empty());
    let decide = move |decision: ReviewDecision, told: &'static str| {
        let comment = Some(comment.get_untracked()).filter(|comment| !comment.trim().is_empty());
        deciding.go(told, async move {
            let asked = DecideReview { decision, comment };
            api::order(&format!("{}/decide", path.get_value()), &asked).await
        });
    };
    view! {
        <div class="field">
            <label for="field-comment">{t!("Comment (needed to send it back)")}</label>
            <textarea class="input" id="field-comment" maxlength="2000" rows="3" bind:value=comment></textarea>
        </div>
        <div class="actions">
            <button class="button" type="button" data-action="send-back-review" disabled=move || deciding.busy.get() || is_silent() on:click=move |_| decide(ReviewDecision::SendBack, t!("Sent back."))>{t!("Send back")}</button>
            <button class="button primary" type="button" data-action="approve-review" disabled=move || deciding.busy.get() on:click=move |_| decide(ReviewDecision::Approve, t!("Approved."))>{t!("Approve")}</button>
        </div>
    }
}

/// A decision on its way, and what stood in its way.
#[derive(Clone, Copy)]
struct Deciding {
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    toasts: Toasts,
    again: Callback<()>,
}

impl Deciding {
    fn new(again: Callback<()>) -> Self {
        let toasts = expect_context::<Toasts>();
        Self { problem: RwSignal::new(None), busy: RwSignal::new(false), toasts, again }
    }

    fn go(self, told: &'static str, done: impl Future<Output = api::Answer<()>> + 'static) {
        self.busy.set(true);
        self.problem.set(None);
        leptos::task::spawn_local(async move {
            match done.await {
                Ok(()) => {
                    self.toasts.say(told);
                    self.again.run(());
                }
                Err(refused) => drop(self.problem.try_set(Some(refused))),
            }
            self.busy.try_set(false);
        });
    }
}
