use super::{Database, written::to_json};
use crate::sql::{Row, query, query_scalar};
use crate::{
    ConnectionId, ConnectorId, Connectors, Failure, Page, Paging,
    connectors::{
        Component, Connection, ConnectionValue, Connector, NewConnection, NewConnector, Pace,
    },
    directory::Made,
    failure::Doing,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;

#[async_trait]
impl Connectors for Database {
    async fn install(
        &self,
        connector: &NewConnector,
        now: Timestamp,
    ) -> Result<ConnectorId, Failure> {
        let doing = "install a connector";
        let mut tx = self.write().await?;
        query(
            "INSERT INTO connectors (id, name, version, digest, manifest, component, installed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (name) DO UPDATE SET version = excluded.version, digest = excluded.digest, manifest = excluded.manifest,
                component = excluded.component, compiled = NULL, compiled_for = NULL, installed_at = excluded.installed_at",
        )
        .bind(self.ids.connector(now, self.ids.any_slot()).number())
        .bind(&connector.name)
        .bind(&connector.version)
        .bind(&connector.digest)
        .bind(to_json(&connector.manifest)?)
        .bind(&connector.component)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing(doing)?;
        let id = query_scalar("SELECT id FROM connectors WHERE name = $1")
            .bind(&connector.name)
            .fetch_one(&mut tx)
            .await
            .doing(doing)?;
        tx.commit(Point::Install).await?;
        Ok(ConnectorId::stored(id))
    }

    async fn connectors(
        &self,
        paging: Paging<ConnectorId>,
    ) -> Result<Page<Connector, ConnectorId>, Failure> {
        let rows = query(
            "SELECT id, name, version, digest, manifest, installed_at FROM connectors
             WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(paging.after.map_or(0, ConnectorId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list connectors")?;
        let rows = rows.iter().map(connector).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Connector| row.id))
    }

    async fn connector(&self, id: ConnectorId) -> Result<Option<Connector>, Failure> {
        let row = query(
            "SELECT id, name, version, digest, manifest, installed_at FROM connectors WHERE id = $1",
        )
        .bind(id.number())
        .fetch_optional(&self.reader)
        .await
        .doing("read a connector")?;
        row.as_ref().map(connector).transpose()
    }

    async fn connector_by_name(&self, name: &str) -> Result<Option<Connector>, Failure> {
        let row = query(
            "SELECT id, name, version, digest, manifest, installed_at FROM connectors WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.reader)
        .await
        .doing("read a connector")?;
        row.as_ref().map(connector).transpose()
    }

    async fn component(&self, name: &str) -> Result<Option<Component>, Failure> {
        let row = query("SELECT digest, component FROM connectors WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .doing("read a component")?;
        row.map(|row| Ok(Component { digest: row.text("digest")?, bytes: row.bytes("component")? }))
            .transpose()
    }

    async fn uninstall(&self, id: ConnectorId) -> Result<bool, Failure> {
        let mut tx = self.write().await?;
        let gone = query("DELETE FROM connectors WHERE id = $1")
            .bind(id.number())
            .execute(&mut tx)
            .await
            .doing("uninstall a connector")?;
        tx.commit(Point::Uninstall).await?;
        Ok(gone.rows_affected() == 1)
    }

    async fn create_connection(
        &self,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Made<ConnectionId>, Failure> {
        let id = self.ids.connection(now, self.ids.any_slot());
        let mut tx = self.write().await?;
        let made = query(
            "INSERT INTO connections (id, name, connector, config, secret_names, secrets, grants, created_at, updated_at, calls_at_once, calls_per_second, for_tests)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11) ON CONFLICT (name) DO NOTHING",
        )
        .bind(id.number())
        .bind(&connection.name)
        .bind(&connection.connector)
        .bind(to_json(&connection.config)?)
        .bind(to_json(&connection.secret_names)?)
        .bind(&connection.sealed_secrets)
        .bind(to_json(&connection.grants)?)
        .bind(now.0)
        .bind(i64::from(connection.pace.calls_at_once))
        .bind(connection.pace.calls_per_second)
        .bind(i64::from(connection.for_tests))
        .execute(&mut tx)
        .await
        .doing("make a connection")?;
        tx.commit(Point::Connect).await?;
        Ok(if made.rows_affected() == 1 { Made::Made(id) } else { Made::Taken })
    }

    async fn change_connection(
        &self,
        id: ConnectionId,
        connection: &NewConnection,
        now: Timestamp,
    ) -> Result<Option<Made<()>>, Failure> {
        let doing = "change a connection";
        let mut tx = self.write().await?;
        let namesake: Option<i64> =
            query_scalar("SELECT id FROM connections WHERE name = $1 AND id <> $2")
                .bind(&connection.name)
                .bind(id.number())
                .fetch_optional(&mut tx)
                .await
                .doing(doing)?;
        if namesake.is_some() {
            return Ok(Some(Made::Taken));
        }
        let changed = query(
            "UPDATE connections SET name = $2, connector = $3, config = $4, secret_names = $5, secrets = $6, grants = $7,
                updated_at = CASE WHEN updated_at < $8 THEN $8 ELSE updated_at + 1 END,
                calls_at_once = $9, calls_per_second = $10, for_tests = $11 WHERE id = $1",
        )
        .bind(id.number())
        .bind(&connection.name)
        .bind(&connection.connector)
        .bind(to_json(&connection.config)?)
        .bind(to_json(&connection.secret_names)?)
        .bind(&connection.sealed_secrets)
        .bind(to_json(&connection.grants)?)
        .bind(now.0)
        .bind(i64::from(connection.pace.calls_at_once))
        .bind(connection.pace.calls_per_second)
        .bind(i64::from(connection.for_tests))
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::ChangeConnection).await?;
        Ok((changed.rows_affected() == 1).then_some(Made::Made(())))
    }

    async fn connections(
        &self,
        paging: Paging<ConnectionId>,
    ) -> Result<Page<Connection, ConnectionId>, Failure> {
        let rows = query(
            "SELECT id, name, connector, config, secret_names, secrets, grants, calls_at_once, calls_per_second, for_tests, created_at, updated_at FROM connections
             WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(paging.after.map_or(0, ConnectionId::number))
        .bind(paging.probe())
        .fetch_all(&self.reader)
        .await
        .doing("list connections")?;
        let rows = rows.iter().map(connection).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Connection| row.id))
    }

    async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, Failure> {
        let row = query(
            "SELECT id, name, connector, config, secret_names, secrets, grants, calls_at_once, calls_per_second, for_tests, created_at, updated_at FROM connections
             WHERE id = $1",
        )
        .bind(id.number())
        .fetch_optional(&self.reader)
        .await
        .doing("read a connection")?;
        row.as_ref().map(connection).transpose()
    }

    async fn connection_by_name(&self, name: &str) -> Result<Option<Connection>, Failure> {
        let row = query(
            "SELECT id, name, connector, config, secret_names, secrets, grants, calls_at_once, calls_per_second, for_tests, created_at, updated_at FROM connections
             WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.reader)
        .await
        .doing("read a connection")?;
        row.as_ref().map(connection).transpose()
    }

    async fn pace(&self, name: &str) -> Result<Option<(Pace, Timestamp)>, Failure> {
        let row = query(
            "SELECT calls_at_once, calls_per_second, updated_at FROM connections WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.reader)
        .await
        .doing("read a connection")?;
        row.map(|row| Ok((pace(&row)?, row.time("updated_at")?))).transpose()
    }

    async fn delete_connection(&self, id: ConnectionId) -> Result<bool, Failure> {
        let doing = "delete a connection";
        let mut tx = self.write().await?;
        query("DELETE FROM connection_values WHERE connection = $1")
            .bind(id.number())
            .execute(&mut tx)
            .await
            .doing(doing)?;
        let gone = query("DELETE FROM connections WHERE id = $1")
            .bind(id.number())
            .execute(&mut tx)
            .await
            .doing(doing)?;
        tx.commit(Point::Disconnect).await?;
        Ok(gone.rows_affected() == 1)
    }

    async fn connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Failure> {
        query_scalar(
            "SELECT value FROM connection_values
             WHERE connection = $1 AND key = $2 AND (expires_at IS NULL OR expires_at > $3)",
        )
        .bind(connection.number())
        .bind(key)
        .bind(now.0)
        .fetch_optional(&self.reader)
        .await
        .doing("read what a connector remembers")
    }

    async fn keep_connection_value(
        &self,
        connection: ConnectionId,
        value: &ConnectionValue,
        quota: u64,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let doing = "remember a connector's value";
        let mut tx = self.write().await?;
        query("DELETE FROM connection_values WHERE connection = $1 AND expires_at <= $2")
            .bind(connection.number())
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing(doing)?;
        let others: i64 = query_scalar(
            "SELECT COALESCE(SUM(OCTET_LENGTH(key) + OCTET_LENGTH(value)), 0) FROM connection_values
             WHERE connection = $1 AND key <> $2",
        )
        .bind(connection.number())
        .bind(&value.key)
        .fetch_one(&mut tx)
        .await
        .doing(doing)?;
        let wanted = others.unsigned_abs() + (value.key.len() + value.value.len()) as u64;
        if wanted > quota {
            return Ok(false);
        }
        query(
            "INSERT INTO connection_values (connection, key, value, expires_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (connection, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
        )
        .bind(connection.number())
        .bind(&value.key)
        .bind(&value.value)
        .bind(value.expires.map(|expires| expires.0))
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::Remember).await?;
        Ok(true)
    }

    async fn forget_connection_value(
        &self,
        connection: ConnectionId,
        key: &str,
    ) -> Result<(), Failure> {
        let doing = "forget a connector's value";
        let mut tx = self.write().await?;
        query("DELETE FROM connection_values WHERE connection = $1 AND key = $2")
            .bind(connection.number())
            .bind(key)
            .execute(&mut tx)
            .await
            .doing(doing)?;
        tx.commit(Point::ForgetValue).await
    }
}

fn connector(row: &Row) -> Result<Connector, Failure> {
    Ok(Connector {
        id: ConnectorId::stored(row.int("id")?),
        name: row.text("name")?,
        version: row.text("version")?,
        digest: row.text("digest")?,
        manifest: row.json("manifest")?,
        installed_at: row.time("installed_at")?,
    })
}

fn connection(row: &Row) -> Result<Connection, Failure> {
    Ok(Connection {
        id: ConnectionId::stored(row.int("id")?),
        name: row.text("name")?,
        connector: row.text("connector")?,
        config: row.json("config")?,
        secret_names: row.json("secret_names")?,
        sealed_secrets: row.bytes("secrets")?,
        grants: row.json("grants")?,
        pace: pace(row)?,
        for_tests: row.int("for_tests")? != 0,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

fn pace(row: &Row) -> Result<Pace, Failure> {
    let calls_at_once = u32::try_from(row.int("calls_at_once")?).ok().doing("read a stored row")?;
    Ok(Pace { calls_at_once, calls_per_second: row.opt_double("calls_per_second")? })
}
