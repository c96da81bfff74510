//! The hooks of a journey: the addresses other systems call it at, and the secrets they sign with.

use crate::{
    api,
    load::{Loaded, read},
    messages::t,
    parts::{Confirm, Copied, Empty, Icon, ProblemView, Toasts},
};
use leptos::{ev::SubmitEvent, prelude::*};
use wire::{Hook, HookMade, NewHook, Page, Problem};

/// Every hook of this journey, and the way to make one; `named` is how the trigger calls it.
#[component]
pub(super) fn Hooks(id: StoredValue<String>, named: RwSignal<String>) -> impl IntoView {
    let hooks = read::<Page<Hook>>(|| "/hooks?limit=500".to_owned());
    let made = RwSignal::new(None::<HookMade>);
    let mine = move |page: Page<Hook>| {
        let own = page.items.into_iter().filter(|hook| hook.journey == id.get_value());
        let own: Vec<Hook> = own.collect();
        view! { <Listed own hooks/> }
    };
    view! {
        <p class="muted">{t!("Another system starts this journey by posting to a hook’s address. What it sends is signed with the hook’s secret.")}</p>
        {move || made.get().map(|made| view! { <Made made/> })}
        {hooks.show(mine)}
        <Show when=move || made.with(Option::is_none)><NewForm id named hooks made/></Show>
    }
}

#[component]
fn Listed(own: Vec<Hook>, hooks: Loaded<Page<Hook>>) -> impl IntoView {
    let (removing, path) = (RwSignal::new(false), StoredValue::new(String::new()));
    let ask = move |slug: &str| {
        path.set_value(format!("/hooks/{slug}"));
        removing.set(true);
    };
    let row = move |hook: Hook| {
        let slug = hook.slug.clone();
        view! {
            <li class="row" data-row=hook.slug.clone()>
                <span class="grow"><strong class="mono">{address(&hook.slug)}</strong></span>
                <span class="chip">{if hook.signed { t!("Signed") } else { t!("Not signed") }}</span>
                <button class="button quiet square danger" type="button" data-action="delete-hook" title=t!("Delete") aria-label=t!("Delete the hook {slug}", slug) on:click=move |_| ask(&slug)><Icon name="trash"/></button>
            </li>
        }
    };
    let list = if own.is_empty() {
        view! { <Empty icon="link" title=t!("No hook yet") text=t!("Make one, and give its address and secret to the system that calls.")/> }.into_any()
    } else {
        view! { <ul class="rows">{own.into_iter().map(row).collect_view()}</ul> }.into_any()
    };
    view! {
        {list}
        <Confirm
            open=removing title=t!("Delete this hook?") name="delete-hook" verb=t!("Delete")
            text=t!("Whoever calls its address is turned away from now on, and its secret is gone for good.")
            path done=t!("The hook is deleted.") then=Callback::new(move |()| hooks.again())
        />
    }
}

/// A hook that was just made, with the secret that is never shown again.
#[component]
fn Made(made: HookMade) -> impl IntoView {
    view! {
        <section class="notice made" role="status" data-state="hook-made">
            <Icon name="check"/>
            <div class="stack">
                <Copied label=t!("Address") name="hook-address" text=absolute(&made.url)/>
                {made.secret.map(|secret| view! {
                    <Copied label=t!("Secret") name="hook-secret" text=secret/>
                    <p><strong>{t!("Copy the secret now.")}</strong>" "{t!("It is shown this once; if it is lost, delete the hook and make another.")}</p>
                })}
            </div>
        </section>
    }
}

#[component]
fn NewForm(
    id: StoredValue<String>,
    named: RwSignal<String>,
    hooks: Loaded<Page<Hook>>,
    made: RwSignal<Option<HookMade>>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (entered, signed) = (RwSignal::new(named.get_untracked()), RwSignal::new(true));
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        problem.set(None);
        let (slug, signed) = (entered.get_untracked().trim().to_owned(), signed.get_untracked());
        leptos::task::spawn_local(async move {
            let asked = NewHook { slug, journey: id.get_value(), signed };
            match api::post::<_, HookMade>("/hooks", &asked).await {
                Ok(answer) => {
                    toasts.say(t!("The hook is made."));
                    made.try_set(Some(answer));
                    hooks.again();
                }
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form on:submit=submit data-form="new-hook">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-slug">{t!("Name in the address")}</label>
                <input class="input mono" id="field-slug" required maxlength="64" pattern="[a-z0-9_\\-]+" autocomplete="off" placeholder=t!("new-customer") bind:value=entered/>
                <span class="hint">{t!("As the trigger’s setting “Hook” has it: small letters, digits, - and _.")}</span>
            </div>
            <label class="check"><input type="checkbox" data-field="signed" bind:checked=signed/><span>{t!("Calls must be signed")}</span></label>
            <div class="actions"><button class="button primary" type="submit" data-action="create-hook" disabled=move || busy.get()>{t!("Make a hook")}</button></div>
        </form>
    }
}

fn address(slug: &str) -> String {
    absolute(&format!("/hooks/{slug}"))
}

/// An address as another system has to call it.
fn absolute(path: &str) -> String {
    let origin = window().location().origin().unwrap_or_default();
    format!("{origin}{path}")
}
