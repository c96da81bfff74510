//! Forms that make something and go to its page.

use crate::{api::Answer, messages::t, parts::ProblemView};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use std::future::Future;
use wire::Problem;

/// Goes to an address.
type Go = Box<dyn Fn(&str)>;

/// Something that is being made, and what stood in the way.
#[derive(Clone, Copy)]
pub(super) struct Making {
    problem: RwSignal<Option<Problem>>,
    busy: RwSignal<bool>,
    go: StoredValue<Go, LocalStorage>,
}

impl Making {
    pub(super) fn new() -> Self {
        let navigate = use_navigate();
        let go: Go = Box::new(move |address| navigate(address, NavigateOptions::default()));
        Self {
            problem: RwSignal::new(None),
            busy: RwSignal::new(false),
            go: StoredValue::new_local(go),
        }
    }

    /// Makes it, and goes to the address it gives.
    pub(super) fn make(self, made: impl Future<Output = Answer<String>> + 'static) {
        self.busy.set(true);
        self.problem.set(None);
        leptos::task::spawn_local(async move {
            match made.await {
                Ok(address) => drop(self.go.try_with_value(|go| go(&address))),
                Err(refused) => drop(self.problem.try_set(Some(refused))),
            }
            self.busy.try_set(false);
        });
    }

    pub(super) fn busy(self) -> bool {
        self.busy.get()
    }

    /// What stood in the way the last time.
    pub(super) fn refused(self) -> impl IntoView {
        move || self.problem.get().map(|problem| view! { <ProblemView problem/> })
    }
}

/// Asks for a name, and whatever else stands in the form.
#[component]
pub(super) fn NameForm(
    /// What is made, as browser tests find the form and its button by.
    kind: &'static str,
    example: &'static str,
    making: Making,
    on_name: Callback<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_name.run(name.get_untracked().trim().to_owned());
    };
    view! {
        <form on:submit=submit data-form=format!("new-{kind}")>
            {making.refused()}
            <div class="field">
                <label for="field-name">{t!("Name")}</label>
                <input class="input" id="field-name" required maxlength="120" autofocus placeholder=example bind:value=name/>
            </div>
            {children.map(|children| children())}
            <div class="actions"><button class="button primary" type="submit" data-action=format!("create-{kind}") disabled=move || making.busy()>{t!("Create")}</button></div>
        </form>
    }
}
