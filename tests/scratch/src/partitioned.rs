//! PostgreSQL with its hot tables hash-partitioned by slot: what a statement must keep to, so that the tables can be spread over machines.

use sqlx::{Connection, PgConnection};
use store::{Database, Store};
use tokio::sync::OnceCell;

use crate::{database, made_from};

/// The database that others are made from.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The address of a new database that holds an empty workspace, whose hot tables are partitioned.
///
/// # Panics
///
/// No PostgreSQL is named, it makes none, or a table cannot be partitioned by its slot.
pub async fn partitioned() -> String {
    let template = TEMPLATE.get_or_init(|| async {
        let address = database().await;
        Database::connect(&address, 1).await.unwrap().close().await;
        let mut hand = PgConnection::connect(&address).await.unwrap();
        sqlx::raw_sql(include_str!("partitioned.sql")).execute(&mut hand).await.unwrap();
        hand.close().await.unwrap();
        address.rsplit('/').next().unwrap_or_default().to_owned()
    });
    made_from(template.await).await
}
