//! The connections there are: of which connector, what each may reach, and the way to remove one.

use super::connect::title;
use crate::{
    load::Loaded,
    parts::{Confirm, Empty, Icon},
};
use leptos::prelude::*;
use wire::{Connection, Connector, Page};

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
    let asking = RwSignal::new(false);
    let path = StoredValue::new(format!("/connections/{id}"));
    view! {
        <li class="row" data-row=id data-connection=name>
            <span class="avatar" aria-hidden="true"><Icon name="link"/></span>
            <span class="grow">
                <strong>{own}</strong>
                <span class="sub">{words}" · "{reach}</span>
            </span>
            <span class="marks">
                {move || installed.get().is_none().then(|| view! { <span class="chip warning" data-state="not-installed"><Icon name="alert"/>"Not installed"</span> })}
                {(!secrets.is_empty()).then(|| view! { <span class="chip good"><Icon name="check"/>"Secrets set"</span> })}
            </span>
            {admin.then(|| view! {
                <button class="button quiet danger" type="button" data-action="remove-connection" on:click=move |_| asking.set(true)><Icon name="trash"/>"Remove"</button>
            })}
            <Confirm
                open=asking title="Remove this connection?" name="remove-connection" verb="Remove"
                text="Steps that use it stop as incidents until there is a connection of this name again. Its secrets are gone."
                path done="The connection is removed." then=Callback::new(move |()| connections.again())
            />
        </li>
    }
}
