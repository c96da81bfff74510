use super::{Memory, after, page};
use crate::{
    ConnectionId, ConnectorId, Connectors, Failure, Page, Paging,
    connectors::{
        Component, Connection, ConnectionValue, Connector, NewConnection, NewConnector, Pace,
    },
    directory::Made,
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    connectors: BTreeMap<ConnectorId, Installed>,
    connections: BTreeMap<ConnectionId, Connection>,
    values: BTreeMap<(ConnectionId, String), ConnectionValue>,
}

#[derive(Debug)]
struct Installed {
    connector: Connector,
    component: Vec<u8>,
}

#[async_trait]
impl Connectors for Memory {
    async fn install(
        &self,
        connector: &NewConnector,
        now: Timestamp,
    ) -> Result<ConnectorId, Failure> {
        let new = self.ids.connector(now, self.ids.any_slot());
        let connectors = &mut self.to_write()?.connectors;
        let id = connectors.installed(&connector.name).map_or(new, |row| row.connector.id);
        let NewConnector { name, version, digest, manifest, component } = connector.clone();
        let connector = Connector { id, name, version, digest, manifest, installed_at: now };
        connectors.connectors.insert(id, Installed { connector, component });
        Ok(id)
    }

    async fn connectors(
        &self,
        paging: Paging<ConnectorId>,
    ) -> Result<Page<Connector, ConnectorId>, Failure> {
        let kept = self.kept();
        let rows = kept.connectors.connectors.range(after(paging.after));
        Ok(page(rows.map(|(_, row)| row.connector.clone()), &paging, |row| row.id))
    }

    async fn connector(&self, id: ConnectorId) -> Result<Option<Connector>, Failure> {
        Ok(self.kept().connectors.connectors.get(&id).map(|row| row.connector.clone()))
    }

    async fn connector_by_name(&self, name: &str) -> Result<Option<Connector>, Failure> {
        Ok(self.kept().connectors.installed(name).map(|row| row.connector.clone()))
    }

    async fn component(&self, name: &str) -> Result<Option<Component>, Failure> {
        let kept = self.kept();
        let row = kept.connectors.installed(name);
        Ok(row.map(|row| Component {
            digest: row.connector.digest.clone(),
            bytes: row.component.clone(),
        }))
    }

    async fn uninstall(&self, id: ConnectorId) -> Result<bool, Failure> {
        Ok(self.kept().connectors.connectors.remove(&id).is_some())
    }

    async fn create_connection(
        &self,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Made<ConnectionId>, Failure> {
        let id = self.ids.connection(now, self.ids.any_slot());
        let connectors = &mut self.to_write()?.connectors;
        if connectors.connected(&connection.name).is_some() {
            return Ok(Made::Taken);
        }
        connectors.connections.insert(id, of(connection, id, (now, now)));
        Ok(Made::Made(id))
    }

    async fn change_connection(
        &self,
        id: ConnectionId,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Option<Made<()>>, Failure> {
        let connectors = &mut self.to_write()?.connectors;
        if connectors.connected(&connection.name).is_some_and(|namesake| namesake.id != id) {
            return Ok(Some(Made::Taken));
        }
        let Some(row) = connectors.connections.get_mut(&id) else { return Ok(None) };
        // Whoever compares sees that it was changed, whatever the clock does.
        let changed = now.max(row.updated_at.plus(1));
        *row = of(connection, id, (row.created_at, changed));
        Ok(Some(Made::Made(())))
    }

    async fn connections(
        &self,
        paging: Paging<ConnectionId>,
    ) -> Result<Page<Connection, ConnectionId>, Failure> {
        let kept = self.kept();
        let rows = kept.connectors.connections.range(after(paging.after));
        Ok(page(rows.map(|(_, row)| row.clone()), &paging, |row| row.id))
    }

    async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, Failure> {
        Ok(self.kept().connectors.connections.get(&id).cloned())
    }

    async fn connection_by_name(&self, name: &str) -> Result<Option<Connection>, Failure> {
        Ok(self.kept().connectors.connected(name).cloned())
    }

    async fn pace(&self, name: &str) -> Result<Option<(Pace, Timestamp)>, Failure> {
        let kept = self.kept();
        Ok(kept.connectors.connected(name).map(|stored| (stored.pace, stored.updated_at)))
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, Failure> {
        let connectors = &mut self.to_write()?.connectors;
        connectors.values.retain(|(of, _), _| *of != id);
        Ok(connectors.connections.remove(&id).is_some())
    }

    async fn connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let kept = self.kept();
        let value = kept.connectors.values.get(&(connection, key.to_owned()));
        Ok(value.filter(|value| is_valid(value, now)).map(|value| value.value.clone()))
    }

    async fn keep_connection_value(
        &self,
        connection: ConnectionId,
        value: &ConnectionValue,
        quota: u64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let values = &mut self.to_write()?.connectors.values;
        let size = |value: &ConnectionValue| (value.key.len() + value.value.len()) as u64;
        let others = values.iter().filter(|((of, key), other)| {
            *of == connection && *key != value.key && is_valid(other, now)
        });
        if others.map(|(_, other)| size(other)).sum::<u64>() + size(value) > quota {
            return Ok(false);
        }
        values.retain(|(of, _), other| *of != connection || is_valid(other, now));
        values.insert((connection, value.key.clone()), value.clone());
        Ok(true)
    }

    async fn forget_connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
    ) -> Result<(), Failure> {
        self.kept().connectors.values.remove(&(connection, key.to_owned()));
        Ok(())
    }
}

impl Kept {
    fn installed(&self, name: &str) -> Option<&Installed> {
        self.connectors.values().find(|row| row.connector.name == name)
    }

    fn connected(&self, name: &str) -> Option<&Connection> {
        self.connections.values().find(|row| row.name == name)
    }
}

fn of(
    new: &NewConnection,
    id: ConnectionId,
    (made, changed): (Timestamp, Timestamp),
) -> Connection {
    let NewConnection {
        name,
        connector,
        config,
        secret_names,
        sealed_secrets,
        grants,
        pace,
        for_tests,
    } = new.clone();
    Connection {
        pace,
        for_tests,
        id,
        name,
        connector,
        config,
        secret_names,
        sealed_secrets,
        grants,
        created_at: made,
        updated_at: changed,
    }
}

fn is_valid(value: &ConnectionValue, now: Timestamp) -> bool {
    value.expires.is_none_or(|expires| expires > now)
}
