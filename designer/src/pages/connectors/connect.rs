//! A new connection: which connector, its configuration, its secrets, what it may reach.

use super::super::form::{FormFields, Given, presets};
use crate::{
    api,
    load::Loaded,
    parts::{ProblemView, Toasts},
    words::fields::{self, Field, Kind},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::Value;
use std::collections::BTreeMap;
use wire::{Connection, Connector, Grants, NewConnection, Page, Problem};

/// The form follows the manifest of the chosen connector.
#[component]
pub(super) fn ConnectForm(
    connectors: Loaded<Page<Connector>>,
    connections: Loaded<Page<Connection>>,
    open: RwSignal<bool>,
) -> impl IntoView {
    let installed = connectors.value.get_untracked().and_then(Result::ok);
    let installed = installed.map(|page| page.items).unwrap_or_default();
    let chosen = installed.first().map(|connector| connector.name.clone()).unwrap_or_default();
    let (installed, chosen) = (StoredValue::new(installed), RwSignal::new(chosen));
    let (name, hosts, private) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (config, secrets) = (Given::new(BTreeMap::new()), Given::new(BTreeMap::new()));
    let toasts = expect_context::<Toasts>();
    let problem = RwSignal::new(None::<Problem>);
    let asked = move || installed.with_value(|installed| Asked::by(installed, &chosen.get()));
    Effect::new(move |_| {
        let asked = asked();
        config.set(presets(&asked.config));
        secrets.set(presets(&asked.secrets));
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let asked = untrack(asked);
        let body = asked.answered(&config.get_untracked(), &secrets.get_untracked()).map(
            |(config, secrets)| NewConnection {
                name: name.get_untracked().trim().to_owned(),
                connector: chosen.get_untracked(),
                config,
                secrets,
                grants: Grants {
                    hosts: listed(&hosts.get_untracked()),
                    allow_private: listed(&private.get_untracked()),
                },
            },
        );
        match body {
            Ok(body) => leptos::task::spawn_local(async move {
                match api::post::<_, Value>("/connections", &body).await {
                    Ok(_) => made(toasts, open, connections),
                    Err(refused) => drop(problem.try_set(Some(refused))),
                }
            }),
            Err(message) => {
                problem.set(Some(api::problem(422, "Something is missing", &message)));
            }
        }
    };
    let choices = move || installed.get_value().into_iter().map(choice).collect_view();
    view! {
        <form on:submit=submit data-form="connect">
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-connector">"Connector"</label>
                <select class="input" id="field-connector" required on:change=move |event| chosen.set(event_target_value(&event))>{choices}</select>
            </div>
            <Line id="field-connection-name" label="Name" hint="Journeys call it by this name." text=name required=true/>
            {move || { let asked = asked(); view! {
                <FormFields fields=asked.config given=config/>
                <FormFields fields=asked.secrets given=secrets/>
            } }}
            <Line id="field-hosts" label="Hosts it may reach" hint="Separated by commas, each host or host:port." text=hosts required=false/>
            <Line id="field-private" label="Private ranges it may reach" hint="Only for systems inside your network, such as 10.0.0.0/8." text=private required=false/>
            <div class="actions"><button class="button primary" type="submit" data-action="confirm-connection">"Add connection"</button></div>
        </form>
    }
}

fn choice(connector: Connector) -> impl IntoView {
    view! { <option value=connector.name.clone()>{connector.name.clone()}</option> }
}

fn made(toasts: Toasts, open: RwSignal<bool>, connections: Loaded<Page<Connection>>) {
    toasts.say("The connection is ready.");
    open.try_set(false);
    connections.again();
}

#[component]
fn Line(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    text: RwSignal<String>,
    required: bool,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input class="input" id=id required=required autocomplete="off" bind:value=text/>
            <span class="hint">{hint}</span>
        </div>
    }
}

/// What a connector's manifest asks for.
struct Asked {
    config: Vec<Field>,
    secrets: Vec<Field>,
}

impl Asked {
    fn by(installed: &[Connector], name: &str) -> Self {
        let Some(connector) = installed.iter().find(|connector| connector.name == name) else {
            return Self { config: Vec::new(), secrets: Vec::new() };
        };
        let secrets = connector.needs["secrets"]
            .as_array()
            .or(connector.manifest["needs"]["secrets"].as_array());
        Self {
            config: fields::fields(&connector.manifest["config"]),
            secrets: secrets.into_iter().flatten().filter_map(secret).collect(),
        }
    }

    fn answered(
        &self,
        config: &BTreeMap<String, String>,
        secrets: &BTreeMap<String, String>,
    ) -> Result<(Value, BTreeMap<String, String>), String> {
        let config = fields::answers(&self.config, config).map_err(|(_, message)| message)?;
        let given = secrets.iter().filter(|(_, secret)| !secret.is_empty());
        Ok((
            Value::Object(config),
            given.map(|(name, secret)| (name.clone(), secret.clone())).collect(),
        ))
    }
}

fn secret(need: &Value) -> Option<Field> {
    let name = need["name"].as_str()?;
    Some(Field {
        name: name.to_owned(),
        label: crate::words::spoken(name),
        hint: "Kept encrypted; never shown again.".to_owned(),
        required: need["required"].as_bool().unwrap_or(false),
        kind: Kind::Line { input: "password", min: None, max: None, pattern: None },
        preset: String::new(),
    })
}

fn listed(text: &str) -> Vec<String> {
    text.split([',', ' ', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}
