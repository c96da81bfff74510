//! Finding one account among thousands while typing.

use crate::{api, load::read, messages::t, parts::Icon};
use leptos::{html, prelude::*};
use std::time::Duration;
use wire::{Account, AccountRef, Page};

/// A pause this long while typing starts the search.
const PAUSE: Duration = Duration::from_millis(250);

/// How many accounts are offered at once.
const CHOICES: u32 = 8;

/// A signal that follows another one once it has been still for a moment.
pub(super) fn settled(text: Signal<String>) -> ReadSignal<String> {
    let (settled, set_settled) = signal(text.get_untracked());
    let pending = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let text = text.get();
        if let Some(pending) = pending.get_value() {
            pending.clear();
        }
        let later = move || {
            if settled.try_with_untracked(|settled| *settled != text) == Some(true) {
                set_settled.try_set(text);
            }
        };
        pending.set_value(set_timeout_with_handle(later, PAUSE).ok());
    });
    settled
}

/// A search field and what it finds; a click chooses.
#[component]
pub(super) fn AccountSearch(chosen: RwSignal<Option<AccountRef>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let search = settled(text.into());
    let found = read::<Page<Account>>(move || {
        format!("/accounts?limit={CHOICES}&q={}", api::encoded(search.get().trim()))
    });
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        // It comes into a dialog that is open already, where `autofocus` does nothing.
        field.get().map(|field| field.focus())
    });
    view! {
        <div class="field">
            <label for="field-account">{t!("Account")}</label>
            <div class="search">
                <Icon name="search"/>
                <input class="input" id="field-account" type="search" placeholder=t!("Name or external id") autocomplete="off" node_ref=field bind:value=text/>
            </div>
            {found.show(move |page| view! { <Choices accounts=page.items chosen/> })}
        </div>
    }
}

#[component]
fn Choices(accounts: Vec<Account>, chosen: RwSignal<Option<AccountRef>>) -> impl IntoView {
    if accounts.is_empty() {
        return view! { <p class="hint">{t!("No account is called that.")}</p> }.into_any();
    }
    let choice = move |account: Account| {
        let own =
            AccountRef { id: account.id, external_id: account.external_id, name: account.name };
        let id = own.id.clone();
        let pressed = move || {
            chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.id == id)).to_string()
        };
        let (name, external) = (own.name.clone(), own.external_id.clone());
        let row = own.id.clone();
        view! {
            <button class="choice" type="button" data-action="choose-account" data-row=row aria-pressed=pressed on:click=move |_| chosen.set(Some(own.clone()))>
                <span>{name}</span><span class="muted mono">{external}</span>
            </button>
        }
    };
    view! { <div class="choices">{accounts.into_iter().map(choice).collect_view()}</div> }
        .into_any()
}
