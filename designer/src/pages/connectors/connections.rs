//! The connections there are: of which connector, what each may reach, and the way to remove one.

use super::{connect::title, pace::PaceForm};
use crate::{
    load::Loaded,
    parts::{Confirm, Dialog, Empty, Icon},
};
use leptos::prelude::*;
use wire::{Breaker, Connection, ConnectionHealth, Connector, Page};

/// Every connection; one whose connector is gone says so.
#[component]
pub(super) fn Connections(
    page: Page<Connection>,
    admin: bool,
    connectors: Loaded<Page<Connector>>,
    connections: Loaded<Page<Connection>>,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Empty icon="connectors" title="No connections yet" text="A connection is a connector with an address and credentials. Journeys name it in their actions."/> }.into_any();
    }
    let row = move |connection: Connection| {
        view! { <ConnectionRow connection admin connectors connections/> }
    };
    view! { <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
}

#[component]
fn ConnectionRow(
    connection: Connection,
    admin: bool,
    connectors: Loaded<Page<Connector>>,
    connections: Loaded<Page<Connection>>,
) -> impl IntoView {
    let (pace, trouble) = (pace(&connection), trouble(&connection.health));
    let (at_once, per_second) = (connection.calls_at_once, connection.calls_per_second);
    let Connection { id, name, connector, secrets, grants, .. } = connection;
    let (own, of) = (name.clone(), StoredValue::new(connector));
    let installed = Memo::new(move |_| {
        let found = connectors.ready().map(|page| {
            let mut held = page.items.into_iter();
            of.with_value(|name| held.find(|held| held.name == *name)).map(|held| title(&held))
        });
        found.unwrap_or_else(|| Some(of.get_value()))
    });
    let words = move || installed.get().unwrap_or_else(|| of.get_value());
    let reach = [grants.hosts, grants.allow_private].concat().join(", ");
    let reach =
        if reach.is_empty() { "reaches nothing".to_owned() } else { format!("may reach {reach}") };
    let (asking, limiting) = (RwSignal::new(false), RwSignal::new(false));
    let path = StoredValue::new(format!("/connections/{id}"));
    view! {
        <li class="row" data-row=id data-connection=name>
            <span class="avatar" aria-hidden="true"><Icon name="link"/></span>
            <span class="grow">
                <strong>{own}</strong>
                <span class="sub">{words}" · "{reach}" · "{pace}</span>
            </span>
            <span class="marks">
                {trouble.map(|(state, words)| view! { <span class="chip warning" data-state=state><Icon name="alert"/>{words}</span> })}
                {move || installed.get().is_none().then(|| view! { <span class="chip warning" data-state="not-installed"><Icon name="alert"/>"Not installed"</span> })}
                {(!secrets.is_empty()).then(|| view! { <span class="chip good"><Icon name="check"/>"Secrets set"</span> })}
            </span>
            {admin.then(|| view! {
                <button class="button quiet" type="button" data-action="limits" on:click=move |_| limiting.set(true)><Icon name="clock"/>"Limits"</button>
                <button class="button quiet danger" type="button" data-action="remove-connection" on:click=move |_| asking.set(true)><Icon name="trash"/>"Remove"</button>
            })}
            <Dialog open=limiting title="How much it may be asked" name="limits"><PaceForm path at_once per_second open=limiting connections/></Dialog>
            <Confirm
                open=asking title="Remove this connection?" name="remove-connection" verb="Remove"
                text="Steps that use it stop as incidents until there is a connection of this name again. Its secrets are gone."
                path done="The connection is removed." then=Callback::new(move |()| connections.again())
            />
        </li>
    }
}

/// How much its other side may be asked.
fn pace(connection: &Connection) -> String {
    let at_once = match connection.calls_at_once {
        1 => "one call at a time".to_owned(),
        calls => format!("{calls} calls at once"),
    };
    connection
        .calls_per_second
        .map_or(at_once.clone(), |rate| format!("{at_once}, {rate} in a second"))
}

/// Why its calls wait, in a word for tests and in words for people; `None` when they go out.
fn trouble(health: &ConnectionHealth) -> Option<(&'static str, String)> {
    let at = |time: &Option<String>| time.as_deref().map(clock).unwrap_or_default();
    match health.breaker {
        Breaker::Open => {
            let (since, again) = (at(&health.since), at(&health.asked_again_at));
            Some((
                "open",
                format!("Not answering since {since}: calls wait, asked again at {again}"),
            ))
        }
        Breaker::HalfOpen => {
            let since = at(&health.since);
            Some((
                "half-open",
                format!("Not answering since {since}: being asked again with one call"),
            ))
        }
        Breaker::Closed => {
            let until = health.told_to_wait_until.as_ref()?;
            Some((
                "told-to-wait",
                format!("Wants to be left alone until {}: calls wait", clock(until)),
            ))
        }
    }
}

/// The time of day, in UTC.
fn clock(time: &str) -> String {
    time.get(11..16).map_or_else(|| time.to_owned(), |time| format!("{time} UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_says_in_plain_words_why_its_calls_wait() {
        let time = |minute: &str| Some(format!("2026-01-31T09:{minute}:00.000Z"));
        let mut health = ConnectionHealth::default();
        assert_eq!(trouble(&health), None);
        health.told_to_wait_until = time("05");
        let words = trouble(&health).unwrap().1;
        assert_eq!(words, "Wants to be left alone until 09:05 UTC: calls wait");
        (health.breaker, health.since, health.asked_again_at) =
            (Breaker::Open, time("01"), time("02"));
        let words = trouble(&health).unwrap().1;
        assert_eq!(words, "Not answering since 09:01 UTC: calls wait, asked again at 09:02 UTC");
    }
}
