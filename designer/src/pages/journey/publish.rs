//! Publishing: the draft becomes a version that new instances follow.

use super::save::Saving;
use crate::{
    api,
    parts::{Icon, ProblemView, Toasts},
};
use journey::{Diagnostic, Severity};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Mode, Problem, Publish, Published};

/// Asks for a note, publishes, and shows what stands in the way.
#[component]
pub(super) fn PublishForm(
    id: StoredValue<String>,
    saving: Saving,
    /// What `check` says of the draft.
    problems: RwSignal<Vec<Diagnostic>>,
    published: Callback<(Mode, u64)>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let note = RwSignal::new(String::new());
    let mode = RwSignal::new(Mode::Live);
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let note = Some(note.get_untracked()).filter(|note| !note.trim().is_empty());
            let path = format!("/journeys/{}/versions", id.get_value());
            let mode = mode.get_untracked();
            let asked = Publish { mode, note };
            match api::post_tagged::<_, Published>(&path, &asked, &saving.etag()).await {
                Ok(made) => {
                    toasts.say(&told(mode, made.number));
                    published.run((mode, made.number));
                }
                Err(refused) if refused.status == 412 => {
                    saving.see_theirs();
                    let next = "Close this, and choose which of the two drawings to go on with.";
                    problem.try_set(Some(api::problem(412, &refused.title, next)));
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    let obstacles = move || {
        let mut found = problems.get();
        found.retain(|problem| problem.severity == Severity::Error);
        found
    };
    let stands = move || !obstacles().is_empty();
    let words = move || match (stands(), saving.is_saved()) {
        (true, _) => "Mend the problems first",
        (false, true) => "Publish",
        (false, false) => "Waiting for the draft to be saved…",
    };
    view! {
        <form on:submit=submit data-form="publish">
            <ModeField mode/>
            {move || stands().then(|| view! { <Obstacles found=obstacles() saving/> })}
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-note">"What changed? (optional)"</label>
                <textarea class="input" id="field-note" maxlength="2000" rows="3" bind:value=note></textarea>
            </div>
            <div class="actions">
                <button class="button primary" type="submit" data-action="confirm-publish" disabled=move || busy.get() || stands() || !saving.is_saved()>
                    {words}
                </button>
            </div>
        </form>
    }
}

fn told(mode: Mode, number: u64) -> String {
    match mode {
        Mode::Live => format!("Version {number} is live."),
        Mode::Shadow => format!("Version {number} watches. See its list under Versions."),
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
            <legend>"How"</legend>
            {choice(Mode::Live, "live", "Live", "New instances follow this version. Those that run already stay on theirs.")}
            {choice(Mode::Shadow, "shadow", "As a shadow", "It takes the same triggers and really waits, but only writes down what it would do.")}
        </fieldset>
    }
}

/// What has to be mended before the draft can be published.
#[component]
fn Obstacles(found: Vec<Diagnostic>, saving: Saving) -> impl IntoView {
    let title = match found.len() {
        1 => "One problem stands in the way".to_owned(),
        several => format!("{several} problems stand in the way"),
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
