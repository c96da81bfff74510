//! Publishing: the draft becomes a version that new instances follow.

use super::{asking::Reviews, save::Saving};
use crate::{
    api,
    load::read,
    messages::t,
    parts::{Icon, ProblemView, Toasts},
};
use journey::{Diagnostic, Severity};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wire::{Mode, Page, Problem, Publish, Published, Version};

/// The type of the problem that says a review comes first.
const REVIEW_NEEDED: &str = "/problems/review-needed";

/// What is published or shown to another person first, and what stood in the way.
#[derive(Clone, Copy)]
struct Publishing {
    id: StoredValue<String>,
    saving: Saving,
    reviews: Reviews,
    note: RwSignal<String>,
    mode: RwSignal<Mode>,
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    toasts: Toasts,
}

impl Publishing {
    fn new(id: StoredValue<String>, saving: Saving, mode: RwSignal<Mode>) -> Self {
        Self {
            id,
            saving,
            reviews: Reviews::of(id, saving),
            note: RwSignal::new(String::new()),
            mode,
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            toasts: expect_context::<Toasts>(),
        }
    }

    /// Does one of the two; `done` hears of what came of it.
    fn go<T>(
        self,
        asked: impl Future<Output = api::Answer<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.busy.set(true);
        self.problem.set(None);
        leptos::task::spawn_local(async move {
            match asked.await {
                Ok(answer) => done(answer),
                Err(refused) => self.refuse(refused),
            }
            self.busy.try_set(false);
        });
    }

    fn refuse(self, refused: Problem) {
        let problem = if refused.status == 412 {
            self.saving.see_theirs();
            let next = t!("Close this, and choose which of the two drawings to go on with.");
            api::problem(412, &refused.title, next)
        } else {
            refused
        };
        self.problem.try_set(Some(problem));
    }

    fn publish(self, published: Callback<(Mode, u64)>) {
        let (mode, note) = (self.mode.get_untracked(), self.said());
        let path = format!("/journeys/{}/versions", self.id.get_value());
        let asked = async move {
            let asked = Publish { mode, note };
            api::post_tagged::<_, Published>(&path, &asked, &self.saving.etag()).await
        };
        self.go(asked, move |made| {
            self.toasts.say(&told(mode, made.number));
            published.run((mode, made.number));
        });
    }

    fn ask(self, go: StoredValue<impl Fn(&str, NavigateOptions) + 'static, LocalStorage>) {
        let asked = self.reviews.ask(self.mode.get_untracked(), self.said());
        self.go(asked, move |page: String| {
            go.try_with_value(|go| go(&page, NavigateOptions::default()));
        });
    }

    fn said(self) -> Option<String> {
        Some(self.note.get_untracked()).filter(|note| !note.trim().is_empty())
    }

    /// Whether only another person's approval is missing.
    fn waits_for_a_review(self) -> bool {
        self.reviews.is_missing(self.mode.get())
    }

    /// Whether another person may be asked: nobody is being asked, and this was not approved, or what it depends on has changed since.
    fn may_ask(self) -> bool {
        let refused = |problem: &Option<Problem>| {
            problem.as_ref().is_some_and(|problem| problem.kind == REVIEW_NEEDED)
        };
        let is_approved = self.reviews.is_approved(self.mode.get()) && !self.problem.with(refused);
        !self.reviews.is_open() && !is_approved
    }
}

/// Asks for a note, publishes or has it reviewed first, and shows what stands in the way.
#[component]
pub(super) fn PublishForm(
    id: StoredValue<String>,
    saving: Saving,
    /// As what it is published.
    mode: RwSignal<Mode>,
    /// What `check` says of the draft.
    problems: RwSignal<Vec<Diagnostic>>,
    published: Callback<(Mode, u64)>,
) -> impl IntoView {
    let form = Publishing::new(id, saving, mode);
    let navigate = StoredValue::new_local(use_navigate());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        form.publish(published);
    };
    let obstacles = move || {
        let mut found = problems.get();
        found.retain(|problem| problem.severity == Severity::Error);
        found
    };
    let stands = move || !obstacles().is_empty();
    let words = move || match (stands(), saving.is_saved()) {
        (true, _) => t!("Mend the problems first"),
        (false, true) => t!("Publish"),
        (false, false) => t!("Waiting for the draft to be saved…"),
    };
    let disabled = move || form.busy.get() || stands() || !saving.is_saved();
    let review = move || {
        let class = if form.waits_for_a_review() { "button primary" } else { "button" };
        form.may_ask().then(|| view! {
            <button class=class type="button" data-action="ask-review" disabled=disabled on:click=move |_| form.ask(navigate)>{t!("Ask for a review")}</button>
        })
    };
    let publish = move || {
        (!form.waits_for_a_review()).then(|| view! {
            <button class="button primary" type="submit" data-action="confirm-publish" disabled=disabled>{words}</button>
        })
    };
    view! {
        <form on:submit=submit data-form="publish">
            <ModeField mode/>
            <Watching id mode/>
            {move || stands().then(|| view! { <Obstacles found=obstacles() saving/> })}
            {form.reviews.notice(mode)}
            {move || form.problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-note">{t!("What changed? (optional)")}</label>
                <textarea class="input" id="field-note" maxlength="2000" rows="3" bind:value=form.note></textarea>
            </div>
            <div class="actions">{review}{publish}</div>
        </form>
    }
}

fn told(mode: Mode, number: u64) -> String {
    match mode {
        Mode::Live => t!("Version {number} is live.", number),
        Mode::Shadow => t!("Version {number} watches. See its list under Versions.", number),
    }
}

/// Whether the version acts, or only writes down what it would do.
#[component]
fn ModeField(mode: RwSignal<Mode>) -> impl IntoView {
    let choice = move |one: Mode, name: &'static str, title: &'static str, text: &'static str| {
        view! {
            <label class="check option">
                <input type="radio" name="mode" data-action=format!("mode-{name}") prop:checked=move || mode.get() == one on:change=move |_| mode.set(one)/>
                <span>{title}<small class="muted">{text}</small></span>
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{t!("How")}</legend>
            {choice(Mode::Live, "live", t!("Live"), t!("New instances follow this version. Those that run already stay on theirs."))}
            {choice(Mode::Shadow, "shadow", t!("As a shadow"), t!("It takes the same triggers and really waits, but only writes down what it would do."))}
        </fieldset>
    }
}

/// The shadow that watches now, and where it is looked at.
#[component]
fn Watching(id: StoredValue<String>, mode: RwSignal<Mode>) -> impl IntoView {
    let newest =
        read::<Page<Version>>(move || format!("/journeys/{}/versions?limit=1", id.get_value()));
    move || {
        let version = newest.ready()?.items.into_iter().next()?;
        let watches = version.mode == Mode::Shadow && mode.get() == Mode::Shadow;
        watches.then(|| {
            let (base, number) = (format!("/journeys/{}", id.get_value()), version.number);
            view! {
                <div class="notice" role="status" data-state="watching">
                    <Icon name="play"/>
                    <p>
                        {t!("Version {number} watches now. Another one takes its place.", number)}" "
                        <a href=format!("{base}/versions/{number}/would-have")>{t!("What it would have done")}</a>" · "
                        <a href=format!("{base}/runs?version={number}")>{t!("How it went on the drawing")}</a>
                    </p>
                </div>
            }
        })
    }
}

/// What has to be mended before the draft can be published.
#[component]
fn Obstacles(found: Vec<Diagnostic>, saving: Saving) -> impl IntoView {
    let title = match found.len() {
        1 => t!("One problem stands in the way").to_owned(),
        several => t!("{several} problems stand in the way", several),
    };
    let line = |problem: Diagnostic| {
        let name = problem.node.and_then(|id| saving.node_name(&id));
        view! {
            <li data-problem-code=problem.code>
                {name.map(|name| view! { <b>{name}": "</b> })}
                {problem.message}
            </li>
        }
    };
    let lines = found.into_iter().map(line);
    view! {
        <div class="problem warning" role="status" data-state="obstacles">
            <Icon name="alert"/>
            <strong>{title}</strong>
            <ul>{lines.collect_view()}</ul>
        </div>
    }
}
