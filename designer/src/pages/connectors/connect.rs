//! A new connection: which connector, its configuration, its secrets, what it may reach.

use super::pace;
use crate::{
    api,
    load::Loaded,
    messages::t,
    parts::{
        Empty, ProblemView, Toasts,
        form::{FormFields, Given},
    },
    words::fields::{self, Field, Kind},
};
use leptos::{ev::SubmitEvent, prelude::*};
use serde_json::Value;
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
    let Some(first) = installed.first().map(|connector| connector.name.clone()) else {
        return view! {
            <Empty icon="connectors" title=t!("Install a connector first") text=t!("A connection is an installed connector with an address and credentials.")/>
        }
        .into_any();
    };
    let (installed, chosen) = (StoredValue::new(installed), RwSignal::new(first));
    let answers = Answers::empty();
    let toasts = expect_context::<Toasts>();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let asked = Memo::new(move |_| installed.with_value(|held| Asked::by(held, &chosen.get())));
    Effect::new(move |_| asked.with(|asked| answers.ask(asked)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let body = asked.with_untracked(|asked| answers.read(asked, &chosen.get_untracked()));
        let Some(body) = body else { return };
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::post::<_, Value>("/connections", &body).await {
                Ok(_) => {
                    toasts.say(t!("The connection is ready."));
                    open.try_set(false);
                    connections.again();
                }
                Err(refused) => drop(problem.try_set(answers.place(refused))),
            }
            busy.try_set(false);
        });
    };
    let choice = |connector: Connector| {
        view! { <option value=connector.name.clone()>{title(&connector)}</option> }
    };
    let choices = move || installed.get_value().into_iter().map(choice).collect_view();
    view! {
        <form on:submit=submit data-form="connect" novalidate>
            {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            <div class="field">
                <label for="field-connector">{t!("Connector")}</label>
                <select class="input" id="field-connector" on:change=move |event| chosen.set(event_target_value(&event))>{choices}</select>
            </div>
            {move || asked.with(|asked| view! {
                <FormFields fields=asked.own.clone() given=answers.own/>
                <FormFields fields=asked.config.clone() given=answers.config/>
                <FormFields fields=asked.secrets.clone() given=answers.secrets/>
                <FormFields fields=asked.grants.clone() given=answers.grants/>
                <FormFields fields=asked.pace.clone() given=answers.pace/>
            })}
            <div class="actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>{t!("Cancel")}</button>
                <button class="button primary" type="submit" data-action="confirm-connection" disabled=move || busy.get()>
                    {move || if busy.get() { t!("Adding…") } else { t!("Add connection") }}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What a connector is called.
pub(super) fn title(connector: &Connector) -> String {
    connector.manifest["title"].as_str().unwrap_or(&connector.name).to_owned()
}

/// What stands in each part of the form.
#[derive(Clone, Copy)]
struct Answers {
    own: Given,
    config: Given,
    secrets: Given,
    grants: Given,
    pace: Given,
}

impl Answers {
    fn empty() -> Self {
        Self {
            own: Given::new("connection-", &[]),
            config: Given::new("config-", &[]),
            secrets: Given::new("secret-", &[]),
            grants: Given::new("grants-", &[]),
            pace: Given::new("connection-", &[]),
        }
    }

    fn ask(self, asked: &Asked) {
        self.own.ask(&asked.own);
        self.config.ask(&asked.config);
        self.secrets.ask(&asked.secrets);
        self.grants.ask(&asked.grants);
        self.pace.ask(&asked.pace);
    }

    /// The connection that is asked for; `None` when something is missing, which is then shown.
    fn read(self, asked: &Asked, connector: &str) -> Option<NewConnection> {
        // All five are read before one of them is given up, so that everything missing is shown at once; the first has the focus.
        let pace = self.pace.answers(&asked.pace);
        let grants = self.grants.answers(&asked.grants);
        let secrets = self.secrets.answers(&asked.secrets);
        let config = self.config.answers(&asked.config);
        let (own, grants, secrets, config) =
            (self.own.answers(&asked.own)?, grants?, secrets?, config?);
        let pace = pace?;
        let (calls_at_once, calls_per_second) = pace::read(&pace);
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
        let mut hosts = listed(&text(grants.get("hosts")));
        if hosts.is_empty() {
            let configured = asked.origins.iter().filter_map(|field| config.get(field)?.as_str());
            hosts = configured.filter_map(authority).collect();
        }
        Some(NewConnection {
            name: text(own.get("name")).trim().to_owned(),
            connector: connector.to_owned(),
            config: Value::Object(config),
            secrets: secrets
                .iter()
                .map(|(name, secret)| (name.clone(), text(Some(secret))))
                .collect(),
            grants: Grants { hosts, allow_private: listed(&text(grants.get("allow_private"))) },
            calls_at_once,
            calls_per_second,
            for_tests: pace::is_for_tests(&pace),
        })
    }

    fn place(self, problem: Problem) -> Option<Problem> {
        let problem = self.pace.place("", problem)?;
        let problem = self.grants.place("/grants", problem)?;
        let problem = self.secrets.place("/secrets", problem)?;
        let problem = self.config.place("/config", problem)?;
        self.own.place("", problem)
    }
}

/// What a connection of one connector has to be told.
#[derive(Clone, PartialEq)]
struct Asked {
    own: Vec<Field>,
    config: Vec<Field>,
    secrets: Vec<Field>,
    grants: Vec<Field>,
    pace: Vec<Field>,
    /// The members of the configuration that say where the connector sends requests.
    origins: Vec<String>,
}

impl Asked {
    fn by(installed: &[Connector], name: &str) -> Self {
        let connector = installed.iter().find(|connector| connector.name == name);
        let manifest = connector.map_or(&Value::Null, |connector| &connector.manifest);
        let schema = &manifest["config"];
        let is_secret =
            |field: &Field| schema["properties"][&field.name]["writeOnly"] == Value::Bool(true);
        let mut config = fields::fields(schema);
        config.retain(|field| !is_secret(field));
        let secrets = manifest["needs"]["secrets"].as_array();
        let places = manifest["needs"]["http"].as_array().into_iter().flatten();
        let origins: Vec<_> =
            places.filter_map(|place| place["origin_of"].as_str().map(str::to_owned)).collect();
        let hosts = if origins.is_empty() {
            t!("Each as host or host:port, separated by commas.")
        } else {
            t!(
                "Each as host or host:port, separated by commas; left empty, the one of the address above."
            )
        };
        let private = t!("Only for systems inside your network, such as 10.0.0.0/8.");
        Self {
            own: vec![line(
                "name",
                t!("Name"),
                t!("Journeys call the connection by this name."),
                true,
            )],
            config,
            secrets: secrets.into_iter().flatten().filter_map(secret).collect(),
            grants: vec![
                line("hosts", t!("Hosts it may reach"), hosts, false),
                line("allow_private", t!("Private addresses it may reach"), private, false),
            ],
            pace: pace::fields(),
            origins,
        }
    }
}

fn line(name: &str, label: &str, hint: &str, required: bool) -> Field {
    Field {
        name: name.to_owned(),
        label: label.to_owned(),
        hint: hint.to_owned(),
        required,
        kind: Kind::Line { input: "text", min: None, max: None, pattern: None },
        preset: String::new(),
    }
}

fn secret(need: &Value) -> Option<Field> {
    let name = need["name"].as_str()?;
    let kind = Kind::Line { input: "password", min: None, max: None, pattern: None };
    let required = need["required"].as_bool().unwrap_or(false);
    let label = crate::words::spoken(name);
    Some(Field { kind, ..line(name, &label, t!("Kept encrypted; never shown again."), required) })
}

/// Host and port of an address, as a grant names them; `None` for what is no address.
fn authority(address: &str) -> Option<String> {
    let (scheme, rest) = address.trim().split_once("://")?;
    let place = rest.split(['/', '?', '#']).next()?;
    let is_plain = ["http", "https"].contains(&scheme) && !place.is_empty() && !place.contains('@');
    is_plain.then(|| place.to_owned())
}

fn listed(text: &str) -> Vec<String> {
    let parts = text.split([',', ' ', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_host_it_needs() {
        assert_eq!(
            authority(" https://crm.example.com/api?x "),
            Some("crm.example.com".to_owned())
        );
        assert_eq!(authority("http://127.0.0.1:8080"), Some("127.0.0.1:8080".to_owned()));
        for address in ["crm.example.com", "ftp://x", "https://", "https://you:secret@x"] {
            assert_eq!(authority(address), None, "{address}");
        }
    }
}
