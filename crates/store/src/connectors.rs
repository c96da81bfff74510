//! Installed connectors, configured connections, and what connectors remember.

use crate::{ConnectionId, ConnectorId, Failure, Page, Paging, directory::Made, limits};
use async_trait::async_trait;
use journey::Timestamp;
use serde_json::Value;

/// A connector, without its component.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    pub id: ConnectorId,
    pub name: String,
    pub version: String,
    /// `sha256:…` of the component.
    pub digest: String,
    pub manifest: Value,
    pub installed_at: Timestamp,
}

/// A connector to be installed.
#[derive(Clone, Debug, PartialEq)]
pub struct NewConnector {
    pub name: String,
    pub version: String,
    pub digest: String,
    pub manifest: Value,
    pub component: Vec<u8>,
}

/// A component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub digest: String,
    pub bytes: Vec<u8>,
}

/// A connection; its secrets are sealed by the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub id: ConnectionId,
    pub name: String,
    /// The connector's name.
    pub connector: String,
    pub config: Value,
    /// Names of the secrets that are set.
    pub secret_names: Vec<String>,
    pub sealed_secrets: Vec<u8>,
    pub grants: Value,
    pub pace: Pace,
    /// Whether operations may be tried with it: what is behind it is there for that.
    pub for_tests: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A connection to be, or what is to become of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewConnection {
    pub name: String,
    pub connector: String,
    pub config: Value,
    pub secret_names: Vec<String>,
    pub sealed_secrets: Vec<u8>,
    pub grants: Value,
    pub pace: Pace,
    /// Whether operations may be tried with it: what is behind it is there for that.
    pub for_tests: bool,
}

/// How much a connection's other side may be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Calls going out at the same time; at least 1.
    pub calls_at_once: u32,
    /// Calls going out in a second, more than 0; `None` for as many as there are.
    pub calls_per_second: Option<f64>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { calls_at_once: limits::CALLS_AT_ONCE, calls_per_second: None }
    }
}

/// Connectors and connections.
#[async_trait]
pub trait Connectors {
    /// Installs a connector; one of the same name is replaced and keeps its id.
    async fn install(
        &self,
        connector: &NewConnector,
        now: Timestamp,
    ) -> Result<ConnectorId, Failure>;

    /// Oldest first.
    async fn connectors(
        &self,
        paging: Paging<ConnectorId>,
    ) -> Result<Page<Connector, ConnectorId>, Failure>;

    async fn connector(&self, id: ConnectorId) -> Result<Option<Connector>, Failure>;

    async fn connector_by_name(&self, name: &str) -> Result<Option<Connector>, Failure>;

    async fn component(&self, name: &str) -> Result<Option<Component>, Failure>;

    /// Whether there was such a connector. Its connections stay.
    async fn uninstall(&self, id: ConnectorId) -> Result<bool, Failure>;

    async fn create_connection(
        &self,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Made<ConnectionId>, Failure>;

    /// `None` when there is no such connection. Each change has a later time than the one before, so that it can be told.
    async fn change_connection(
        &self,
        id: ConnectionId,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Option<Made<()>>, Failure>;

    /// Oldest first.
    async fn connections(
        &self,
        paging: Paging<ConnectionId>,
    ) -> Result<Page<Connection, ConnectionId>, Failure>;

    async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, Failure>;

    async fn connection_by_name(&self, name: &str) -> Result<Option<Connection>, Failure>;

    /// How much a connection may be asked, and since when its settings are these; nothing else of it is read.
    async fn pace(&self, name: &str) -> Result<Option<(Pace, Timestamp)>, Failure>;

    /// Whether there was such a connection. What its connector remembered goes with it.
    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, Failure>;

    /// What the connector remembers under this key.
    async fn connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Failure>;

    /// Remembers a value; false when the connection's keys and values would then be more than `quota` bytes.
    async fn keep_connection_value(
        &self,
        connection: ConnectionId,
        value: &ConnectionValue,
        quota: u64,
        now: Timestamp,
    ) -> Result<bool, Failure>;

    async fn forget_connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
    ) -> Result<(), Failure>;
}

/// Something a connector remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionValue {
    pub key: String,
    pub value: Vec<u8>,
    pub expires: Option<Timestamp>,
}
