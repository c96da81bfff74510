use super::Database;
use crate::sql::{Builder, query, query_scalar};
use crate::{FailureKind, Journeys, Store, promises::a_journey};
use std::sync::Arc;
use tempfile::TempDir;

async fn open() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    (Arc::new(store), folder)
}

mod sqlite {
    use super::open;
    crate::promises::promises!(open);
}

mod postgres {
    use super::connect;
    crate::promises::promises!(connect);
}

/// A store in a new database of the PostgreSQL that the test command starts.
async fn connect() -> (Arc<dyn Store>, ()) {
    (Arc::new(Database::connect(&scratch::database().await, 1).await.unwrap()), ())
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let store = Database::open(&file, 1).await.unwrap();
    let id = a_journey(&store).await;
    store.close().await;
    let store = Database::open(&file, 2).await.unwrap();
    assert!(store.journey(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_missing_directory_is_not_writable() {
    let folder = tempfile::tempdir().unwrap();
    let failure = Database::open(&folder.path().join("no/such/waymark.db"), 1).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::NotWritable, false));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_corrupt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    std::fs::write(&file, [b'x'; 8_192]).unwrap();
    let failure = Database::open(&file, 1).await.unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Corrupt);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let store = Database::open(&file, 1).await.unwrap();
    query(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0)",
    )
    .execute(&store.writer)
    .await
    .unwrap();
    store.close().await;
    let failure = Database::open(&file, 1).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::NewerSchema, false));
}

#[tokio::test]
async fn a_full_database_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    let pages: i64 = query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
    let limit = format!("PRAGMA max_page_count = {pages}");
    Builder::new(&limit).build().execute(&store.writer).await.unwrap();
    let draft = journey::Draft { name: "x".repeat(100_000), ..journey::Draft::default() };
    let failure = store.create_journey(&draft, crate::promises::NOW).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Full, true));
    query("PRAGMA max_page_count = 1000000").execute(&store.writer).await.unwrap();
    store.create_journey(&draft, crate::promises::NOW).await.unwrap();
}

#[tokio::test]
async fn another_process_holding_the_database_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let first = Database::open(&file, 1).await.unwrap();
    let second = Database::open(&file, 2).await.unwrap();
    query("PRAGMA busy_timeout = 1").execute(&second.writer).await.unwrap();
    let held = first.write().await.unwrap();
    let failure = second.write().await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Busy, true));
    drop(held);
}
