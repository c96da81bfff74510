//! Connectors: what is installed, and the connections that use it.

mod connect;
mod connections;
mod install;
mod pace;

use crate::{
    app::SignedIn,
    load::{Loaded, read},
    messages::t,
    parts::{Confirm, Dialog, Empty, Icon, PageHead},
};
use connect::{ConnectForm, title};
use connections::Connections;
use install::InstallForm;
use leptos::prelude::*;
use wire::{Connection, Connector, Page, Role};

/// Installed connectors and connections; an admin may change both.
#[component]
pub(crate) fn ConnectorsPage() -> impl IntoView {
    let admin =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role == Role::Admin);
    let connectors = read::<Page<Connector>>(|| "/connectors?limit=500".to_owned());
    let connections = read::<Page<Connection>>(|| "/connections?limit=500".to_owned());
    let (installing, connecting) = (RwSignal::new(false), RwSignal::new(false));
    view! {
        <div class="page" data-page="connectors">
            <PageHead title=t!("Connectors").to_owned() text=t!("The systems journeys reach, each in its own sandbox.")>
                {admin.then(|| view! {
                    <button class="button" type="button" data-action="add-connection" on:click=move |_| connecting.set(true)><Icon name="plus"/>{t!("Add connection")}</button>
                    <button class="button primary" type="button" data-action="install-connector" on:click=move |_| installing.set(true)><Icon name="upload"/>{t!("Install")}</button>
                })}
            </PageHead>
            <section class="card" aria-labelledby="connectors-installed">
                <header><h2 id="connectors-installed">{t!("Installed")}</h2></header>
                {connectors.show(move |page| view! { <Installed page admin connectors/> })}
            </section>
            <section class="card" aria-labelledby="connectors-connections">
                <header><h2 id="connectors-connections">{t!("Connections")}</h2></header>
                {connections.show(move |page| view! { <Connections page admin connectors connections/> })}
            </section>
            <Dialog open=installing title=t!("Install a connector") name="install"><InstallForm connectors open=installing/></Dialog>
            <Dialog open=connecting title=t!("Add a connection") name="connect"><ConnectForm connectors connections open=connecting/></Dialog>
        </div>
    }
}

#[component]
fn Installed(
    page: Page<Connector>,
    admin: bool,
    connectors: Loaded<Page<Connector>>,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon="connectors" title=t!("Nothing installed yet") text=t!("A connector is one .wasm file. Install one, then add a connection with its address and credentials.")/>
        }
        .into_any();
    }
    let row = move |connector: Connector| view! { <ConnectorRow connector admin connectors/> };
    view! { <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
}

#[component]
fn ConnectorRow(
    connector: Connector,
    admin: bool,
    connectors: Loaded<Page<Connector>>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let title = title(&connector);
    let operations: Vec<String> = connector.manifest["operations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|operation| {
            operation["title"].as_str().or(operation["name"].as_str()).map(str::to_owned)
        })
        .collect();
    let path = StoredValue::new(format!("/connectors/{}", connector.id));
    let name = connector.name.clone();
    view! {
        <li class="row" data-row=connector.id data-connector=name>
            <span class="avatar" aria-hidden="true"><Icon name="connectors"/></span>
            <span class="grow">
                <strong>{title}</strong>
                <span class="sub"><span class="mono">{connector.name}</span>" · "{t!("version {version}", version = connector.version)}</span>
                <span class="sub">{operations.join(" · ")}</span>
            </span>
            {admin.then(|| view! {
                <button class="button quiet danger" type="button" data-action="uninstall" on:click=move |_| asking.set(true)><Icon name="trash"/>{t!("Uninstall")}</button>
            })}
            <Confirm
                open=asking title=t!("Uninstall this connector?") name="uninstall" verb=t!("Uninstall")
                text=t!("Steps that use it stop as incidents until it is installed again. Nothing that was done is undone.")
                path done=t!("The connector is uninstalled.") then=Callback::new(move |()| connectors.again())
            />
        </li>
    }
}
