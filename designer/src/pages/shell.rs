//! The frame around every page: navigation, theme, the signed-in person, live updates.

use crate::{
    api,
    app::{Door, SignedIn},
    kept, language,
    live::Live,
    messages::{self, t},
    pages::{notices::Unseen, paging::Turned, people::People},
    parts::{Brand, Icon, Toasts},
    theme::{self, Theme},
    words::initials,
};
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

/// On a phone these are in the menu: what is done with them is done at a desk.
const RARE: [&str; 2] = ["/calendars", "/connectors"];

/// Navigation beside (on a phone: below) the page.
#[component]
pub(crate) fn Shell(children: Children) -> impl IntoView {
    let live = Live::listen();
    provide_context(live);
    Turned::provide();
    People::provide();
    Unseen::provide();
    let main = NodeRef::<html::Main>::new();
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            focus_page(main);
        }
        path
    });
    view! {
        <a class="skip button primary" href="#main" rel="external">{t!("Skip to content")}</a>
        <div class="shell">
            <header class="navigation">
                <a class="brand" href="/"><Brand/></a>
                <nav aria-label=t!("Main")>
                    <ul>
                        {places().map(|(href, name, icon)| view! { <li class:rare=RARE.contains(&href)><Place href name icon path/></li> }).collect_view()}
                    </ul>
                </nav>
                <div class="foot"><UserMenu/></div>
            </header>
            <main class="main" id="main" tabindex="-1" node_ref=main>
                <div class="away" role="status" data-state=move || if live.away.get() { "away" } else { "connected" }>
                    {move || live.away.get().then(|| view! { <Icon name="alert"/>{t!("Live updates have stopped. What you see may be out of date.")} })}
                </div>
                {children()}
            </main>
        </div>
    }
}

/// Where the navigation leads: the address, what it is called, and its icon.
fn places() -> [(&'static str, &'static str, &'static str); 8] {
    [
        ("/", t!("Home"), "home"),
        ("/inbox", t!("Inbox"), "inbox"),
        ("/notices", t!("Notices"), "notices"),
        ("/accounts", t!("Accounts"), "accounts"),
        ("/journeys", t!("Journeys"), "journeys"),
        ("/instances", t!("Instances"), "instances"),
        ("/calendars", t!("Calendars"), "calendar"),
        ("/connectors", t!("Connectors"), "connectors"),
    ]
}

#[component]
fn Place(
    href: &'static str,
    name: &'static str,
    icon: &'static str,
    path: Memo<String>,
) -> impl IntoView {
    let current = move || {
        let path = path.get();
        let below = href != "/" && path.starts_with(&format!("{href}/"));
        let task = href == "/inbox" && path.starts_with("/tasks/");
        (path == href || below || task).then_some("page")
    };
    let unseen = expect_context::<Unseen>();
    let news = move || if href == "/notices" { unseen.words() } else { None };
    view! {
        <a class="nav-link" href=href title=name aria-current=current data-action=format!("go-{icon}")>
            <Icon name=icon/>
            <span>{name}</span>
            {move || news().map(|news| view! { <b class="count" data-field="unseen">{news}</b><span class="unseen">" "{t!("unseen")}</span> })}
        </a>
    }
}

#[component]
fn UserMenu() -> impl IntoView {
    let SignedIn(session) = expect_context();
    let (door, toasts) = (expect_context::<Door>(), expect_context::<Toasts>());
    let (open, menu) = (RwSignal::new(false), NodeRef::<html::Div>::new());
    let chosen = RwSignal::new(theme::chosen());
    let runs = session.with_untracked(|session| session.role == wire::Role::Admin);
    let sign_out = move |_| {
        leptos::task::spawn_local(async move {
            match api::delete("/session").await {
                Ok(()) => {
                    kept::forget_all(&session.with_untracked(|session| session.email.clone()));
                    door.leave();
                }
                Err(problem) => {
                    toasts.say(&t!("You are still signed in. {problem}.", problem = problem.title));
                }
            }
        });
    };
    let name = move || {
        session.with(|session| {
            if session.name.is_empty() { session.email.clone() } else { session.name.clone() }
        })
    };
    view! {
        <div
            class="user" node_ref=menu
            on:keydown=move |event| if event.key() == "Escape" { open.set(false) }
            on:focusout=move |event| if goes_away(menu, &event) { open.set(false) }
        >
            <Show when=move || open.get()>
                <div class="menu" id="user-menu">
                    <span class="menu-title">{move || session.with(|session| session.email.clone())}</span>
                    <div class="tabs" role="group" aria-label=t!("Theme")>
                        {Theme::ALL.map(|theme| view! {
                            <button
                                class="tab" type="button" data-action=format!("theme-{}", theme.name())
                                aria-pressed=move || (chosen.get() == theme).to_string()
                                on:click=move |_| { chosen.set(theme); theme::choose(theme); }
                            >{theme.label()}</button>
                        }).collect_view()}
                    </div>
                    <LanguageChoice/>
                    <a class="button quiet rare" href="/calendars" on:click=move |_| open.set(false)><Icon name="calendar"/>{t!("Calendars")}</a>
                    <a class="button quiet rare" href="/connectors" on:click=move |_| open.set(false)><Icon name="connectors"/>{t!("Connectors")}</a>
                    {runs.then(|| view! {
                        <a class="button quiet" href="/servers" data-action="go-servers" on:click=move |_| open.set(false)><Icon name="instances"/>{t!("Servers")}</a>
                        <a class="button quiet" href="/settings" data-action="go-settings" on:click=move |_| open.set(false)><Icon name="settings"/>{t!("Settings")}</a>
                    })}
                    <button class="button quiet" type="button" data-action="sign-out" on:click=sign_out><Icon name="exit"/>{t!("Sign out")}</button>
                </div>
            </Show>
            <button
                class="user-button" type="button" data-action="user-menu" aria-controls="user-menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="avatar" aria-hidden="true">{move || initials(&name())}</span>
                <span class="who">
                    <strong>{name}</strong>
                    <span class="muted small">{move || role(session.with(|session| session.role))}</span>
                </span>
                <span class="unseen">{t!("Your menu")}</span>
            </button>
        </div>
    }
}

/// The languages there are; nothing where English is the only one.
#[component]
fn LanguageChoice() -> impl IntoView {
    let offered = language::offered();
    let option = |tag: String, name: String| {
        let (lang, selected) = (tag.clone(), tag == messages::language());
        view! { <option value=tag lang=lang selected=selected>{name}</option> }
    };
    (!offered.is_empty()).then(|| {
        view! {
            <select class="input" data-action="choose-language" aria-label=t!("Language") on:change=|event| language::choose(&event_target_value(&event))>
                {option(messages::ENGLISH.to_owned(), t!("English").to_owned())}
                {offered.into_iter().map(|language| option(language.tag, language.name)).collect_view()}
            </select>
        }
    })
}

/// Whether the focus leaves the menu for something beside it.
fn goes_away(menu: NodeRef<html::Div>, event: &ev::FocusEvent) -> bool {
    let next = event.related_target().and_then(|next| next.dyn_into::<web_sys::Node>().ok());
    // What is taken off the page loses the focus too.
    menu.try_get_untracked().flatten().is_some_and(|menu| !menu.contains(next.as_ref()))
}

fn role(role: wire::Role) -> &'static str {
    match role {
        wire::Role::Admin => t!("Admin"),
        wire::Role::Designer => t!("Designer"),
        wire::Role::Member => t!("Member"),
    }
}

/// A new page is read from its beginning.
fn focus_page(main: NodeRef<html::Main>) {
    request_animation_frame(move || {
        if let Some(main) = main.get_untracked() {
            // Focus fails only on an element that is no longer shown.
            let _ = main.focus();
        }
        window().scroll_to_with_x_and_y(0.0, 0.0);
    });
}
