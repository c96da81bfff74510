//! The connections there are: of which connector, what each may reach, and the way to remove one.

use super::{super::moment, connect::title, pace::PaceForm};
use crate::{
    load::Loaded,
    messages::t,
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
        return view! { <Empty icon="connectors" title=t!("No connections yet") text=t!("A connection is a connector with an address and credentials. Journeys name it in their actions.")/> }.into_any();
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
    let (pace, trouble) = (pace(&connection), trouble(&connection.health, moment));
    let (shown, told) =
        trouble.map(|trouble| ((trouble.state, trouble.chip), trouble.words)).unzip();
    let (at_once, per_second) = (connection.calls_at_once, connection.calls_per_second);
    let for_tests = connection.for_tests;
    let Connection { id, name, connector, secrets, grants, .. } = connection;
    let (own, limited, of) = (name.clone(), name.clone(), StoredValue::new(connector));
    let installed = Memo::new(move |_| {
        let found = connectors.ready().map(|page| {
            let mut held = page.items.into_iter();
            of.with_value(|name| held.find(|held| held.name == *name)).map(|held| title(&held))
        });
        found.unwrap_or_else(|| Some(of.get_value()))
    });
    let words = move || installed.get().unwrap_or_else(|| of.get_value());
    let reach = [grants.hosts, grants.allow_private].concat().join(", ");
    let reach = if reach.is_empty() {
        t!("reaches nothing").to_owned()
    } else {
        t!("may reach {reach}", reach)
    };
    let (asking, limiting) = (RwSignal::new(false), RwSignal::new(false));
    let path = StoredValue::new(format!("/connections/{id}"));
    view! {
        <li class="row told" data-row=id data-connection=name>
            <span class="avatar" aria-hidden="true"><Icon name="link"/></span>
            <span class="grow">
                <strong>{own}</strong>
                <span class="sub">{words}" · "{reach}" · "{pace}</span>
                {told.map(|words| view! { <span class="sub">{words}</span> })}
            </span>
            <span class="marks">
                {shown.map(|(state, words)| view! { <span class="chip warning" data-state=state><Icon name="alert"/>{words}</span> })}
                {move || installed.get().is_none().then(|| view! { <span class="chip warning" data-state="not-installed"><Icon name="alert"/>{t!("Not installed")}</span> })}
                {for_tests.then(|| view! { <span class="chip" data-state="for-tests">{t!("For tests")}</span> })}
                {(!secrets.is_empty()).then(|| view! { <span class="chip good"><Icon name="check"/>{t!("Secrets set")}</span> })}
            </span>
            {admin.then(|| view! {
                <button class="button quiet" type="button" data-action="limits" on:click=move |_| limiting.set(true)><Icon name="clock"/>{t!("Limits")}</button>
                <button class="button quiet danger" type="button" data-action="remove-connection" on:click=move |_| asking.set(true)><Icon name="trash"/>{t!("Remove")}</button>
            })}
            <Dialog open=limiting title=t!("How much it may be asked") name="limits"><PaceForm path name=limited.clone() at_once per_second for_tests open=limiting connections/></Dialog>
            <Confirm
                open=asking title=t!("Remove this connection?") name="remove-connection" verb=t!("Remove")
                text=t!("Steps that use it stop as incidents until there is a connection of this name again. Its secrets are gone.")
                path done=t!("The connection is removed.") then=Callback::new(move |()| connections.again())
            />
        </li>
    }
}

/// How much its other side may be asked.
fn pace(connection: &Connection) -> String {
    let at_once = match connection.calls_at_once {
        1 => t!("one call at a time").to_owned(),
        calls => t!("{calls} calls at once", calls),
    };
    connection
        .calls_per_second
        .map_or(at_once.clone(), |rate| t!("{at_once}, {rate} in a second", at_once, rate))
}

/// Why its calls wait.
#[derive(Debug, PartialEq)]
struct Trouble {
    /// A word for tests.
    state: &'static str,
    /// A word or two.
    chip: &'static str,
    /// What there is to know, as a sentence.
    words: String,
}

/// Why its calls wait; `None` when they go out. `moment` says a time as a person would.
fn trouble(health: &ConnectionHealth, moment: impl Fn(&str) -> String) -> Option<Trouble> {
    let at = |time: &Option<String>| time.as_deref().map(&moment).unwrap_or_default();
    let since = at(&health.since);
    Some(match health.breaker {
        Breaker::Open => Trouble {
            state: "open",
            chip: t!("Not answering"),
            words: t!(
                "Has not answered since {since}: calls wait until {asked_again_at}, then one asks again",
                since,
                asked_again_at = at(&health.asked_again_at)
            ),
        },
        Breaker::HalfOpen => Trouble {
            state: "half-open",
            chip: t!("Asking again"),
            words: t!("Had not answered since {since}: one call asks whether it is back", since),
        },
        Breaker::Closed => Trouble {
            state: "told-to-wait",
            chip: t!("Asked to wait"),
            words: t!(
                "Wants to be left alone until {told_to_wait_until}: calls wait",
                told_to_wait_until = moment(health.told_to_wait_until.as_deref()?)
            ),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_says_in_plain_words_why_its_calls_wait() {
        let time = |minute: &str| Some(format!("09:{minute}"));
        let told = |health: &ConnectionHealth| {
            trouble(health, str::to_owned).map(|trouble| (trouble.state, trouble.words))
        };
        let mut health = ConnectionHealth::default();
        assert_eq!(told(&health), None);
        health.told_to_wait_until = time("05");
        let words = "Wants to be left alone until 09:05: calls wait".to_owned();
        assert_eq!(told(&health), Some(("told-to-wait", words)));
        (health.breaker, health.since, health.asked_again_at) =
            (Breaker::Open, time("01"), time("02"));
        let words =
            "Has not answered since 09:01: calls wait until 09:02, then one asks again".to_owned();
        assert_eq!(told(&health), Some(("open", words)));
        health.breaker = Breaker::HalfOpen;
        let words = "Had not answered since 09:01: one call asks whether it is back".to_owned();
        assert_eq!(told(&health), Some(("half-open", words)));
    }
}
