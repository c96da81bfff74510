use super::{Database, copying};
use crate::sql::{Builder, query, query_scalar};
use crate::{
    Backtests, Copied, Directory, FailureKind, Hooks, Instances, Journeys, Nodes, Store, Upkeep,
    commits::TaskChange,
    promises::{FIRST, NOW, a_journey, a_start, an_offer, backtests, commit, differential},
};
use futures_util::StreamExt;
use sqlx::Connection;
use std::{collections::BTreeSet, sync::Arc};
use tempfile::TempDir;

async fn open() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    (Arc::new(store), folder)
}

mod two_nodes;

mod sqlite {
    use super::open;
    crate::promises::promises!(open);
}

mod postgres {
    use super::connect;
    crate::promises::promises!(connect);
}

mod partitioned {
    use super::connect_partitioned;
    crate::promises::promises!(connect_partitioned);
}

/// As [`connect`], with the hot tables partitioned by slot.
async fn connect_partitioned() -> (Arc<dyn Store>, ()) {
    (Arc::new(Database::connect(&scratch::partitioned().await, 1).await.unwrap()), ())
}

/// A store in a new database of the PostgreSQL that the test command starts.
async fn connect() -> (Arc<dyn Store>, ()) {
    (Arc::new(Database::connect(&scratch::database().await, 1).await.unwrap()), ())
}

#[tokio::test]
async fn sqlite_answers_as_memory_does() {
    // Made once and copied, and not written through to the disk: nobody pulls the plug.
    let (_, folder) = open().await;
    let empty = folder.path().join("waymark.db");
    differential::agrees_with_memory("SQLite", 0..300, async || {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("waymark.db");
        std::fs::copy(&empty, &file).unwrap();
        let store = Database::open(&file, 1).await.unwrap();
        query("PRAGMA synchronous = OFF").fetch_all(&store.writer).await.unwrap();
        (Arc::new(store) as Arc<dyn Store>, folder)
    })
    .await;
}

#[tokio::test]
async fn postgres_answers_as_memory_does() {
    let open = async || unhurried(scratch::database().await).await;
    differential::agrees_with_memory("PostgreSQL", 0..20, open).await;
}

#[tokio::test]
async fn partitioned_postgres_answers_as_memory_does() {
    let open = async || unhurried(scratch::partitioned().await).await;
    differential::agrees_with_memory("partitioned PostgreSQL", 20..40, open).await;
}

/// As above: nobody pulls the plug.
async fn unhurried(address: String) -> (Arc<dyn Store>, scratch::Dropped) {
    let dropped = scratch::Dropped::when_over(&address);
    let address = address + "?options[synchronous_commit]=off";
    (Arc::new(Database::connect(&address, 1).await.unwrap()), dropped)
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
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::NotWritable, true));
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
    .fetch_all(&store.writer)
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
    Builder::new(&limit).build().fetch_all(&store.writer).await.unwrap();
    let draft = journey::Draft { name: "x".repeat(100_000), ..journey::Draft::default() };
    let failure = store.create_journey(&draft, crate::promises::NOW).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Full, true));
    query("PRAGMA max_page_count = 1000000").fetch_all(&store.writer).await.unwrap();
    store.create_journey(&draft, crate::promises::NOW).await.unwrap();
}

#[tokio::test]
async fn another_process_holding_the_database_is_busy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let first = Database::open(&file, 1).await.unwrap();
    let patience = std::time::Duration::from_millis(1);
    let second = Database::open_patiently(&file, 2, (patience, Upkeep::Full)).await.unwrap();
    let held = first.write().await.unwrap();
    let failure = second.write().await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Busy, true));
    drop(held);
}

/// Counts for a good while.
const LONG: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT COUNT(*) FROM n";

#[tokio::test]
async fn a_long_look_leaves_others_their_turn_and_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    let look = async || query_scalar::<i64>(LONG).fetch_one(&store.reader).await.unwrap();
    tokio::select! {
        biased;
        () = tokio::time::sleep(std::time::Duration::from_millis(1)) => {}
        counted = look() => panic!("{counted} were counted while nobody else had a turn"),
    }
    assert_eq!(look().await, 1_000_000);
}

#[tokio::test]
async fn a_backtest_whose_runs_cannot_all_be_written_has_not_ended() {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    let server = Database::connect(&scratch::database().await, 1).await.unwrap();
    for store in [file, server] {
        let id = store.keep_backtest(&backtests::of(None), NOW).await.unwrap();
        let before = everything(&store).await;
        let in_the_way =
            "INSERT INTO backtest_runs (backtest, number, run) VALUES ($1, 1500, 'null')";
        let out_of_it = "DELETE FROM backtest_runs WHERE backtest = $1 AND number = 1500";
        query(in_the_way).bind(id.number()).fetch_all(&store.writer).await.unwrap();
        store.end_backtest(id, &backtests::done(2_000), NOW).await.unwrap_err();
        query(out_of_it).bind(id.number()).fetch_all(&store.writer).await.unwrap();
        assert_eq!(everything(&store).await, before);
        assert!(store.end_backtest(id, &backtests::done(2_000), NOW).await.unwrap());
    }
}

#[tokio::test]
async fn what_was_not_committed_did_not_happen_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    let hook = "INSERT INTO hooks (slug, journey, created_at) VALUES ($2, $1, $1)";
    let insert = |slug: &'static str| query(hook).bind(1_i64).bind(slug);
    let mut tx = store.write().await.unwrap();
    insert("left").execute(&mut tx).await.unwrap();
    drop(tx);
    let mut tx = store.write().await.unwrap();
    insert("kept").execute(&mut tx).await.unwrap();
    tx.commit(failpoints::Point::Copy).await.unwrap();
    let slugs: Vec<String> =
        query_scalar("SELECT slug FROM hooks").fetch_all(&store.reader).await.unwrap();
    assert_eq!(slugs, ["kept"]);
}

#[tokio::test]
async fn rows_that_are_streamed_half_way_leave_the_file_usable() {
    let folder = tempfile::tempdir().unwrap();
    let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
    for _ in 0..2 * crate::limits::READERS {
        let mut snapshot = store.reader.begin_snapshot().await.unwrap();
        let mut rows = snapshot.stream(query(LONG_LIST)).unwrap();
        assert_eq!(rows.next().await.unwrap().unwrap().int("i").unwrap(), 1);
    }
    assert_eq!(store.hooks().await.unwrap(), []);
}

/// Gives more rows than are read ahead.
const LONG_LIST: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n";

/// Every row of every table, as text.
async fn everything(store: &Database) -> BTreeSet<String> {
    let mut snapshot = store.reader.begin_snapshot().await.unwrap();
    let mut all = BTreeSet::new();
    for (table, columns) in copying::tables(&mut snapshot).await.unwrap() {
        let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let read = Builder::new(&format!("SELECT {} FROM \"{table}\"", names.join(", ")));
        for row in read.build().fetch_all(&mut snapshot).await.unwrap() {
            let values = columns.iter().enumerate().map(|(at, (_, kind))| row.any(at, *kind));
            all.insert(format!("{table} {:?}", values.map(Result::unwrap).collect::<Vec<_>>()));
        }
    }
    all
}

#[tokio::test]
async fn a_workspace_is_copied_whole_between_databases_and_only_into_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = async |name: &str| Database::open(&folder.path().join(name), 1).await.unwrap();
    let (first, last) = (file("first.db").await, file("last.db").await);
    let server = Database::connect(&scratch::database().await, 1).await.unwrap();
    let journey = a_journey(&first).await;
    crate::promises::commits::an_account(&first).await;
    for _ in 0..350 {
        let mut start = a_start(&first, journey);
        let offer = an_offer(Some("CS"), None, NOW);
        start.tasks.push(TaskChange::Offer { position: FIRST, offer });
        commit(&first, start).await;
    }
    let tried = first.keep_backtest(&backtests::of(Some(journey)), NOW).await.unwrap();
    assert!(first.end_backtest(tried, &backtests::done(9), NOW).await.unwrap());
    let before = everything(&first).await;
    assert!(before.len() > 1_000, "{}", before.len());
    let rows = u64::try_from(before.len()).unwrap();
    assert_eq!(first.copy_to(&server).await.unwrap(), Copied::Rows(rows));
    assert_eq!(everything(&server).await, before);
    assert_eq!(server.copy_to(&last).await.unwrap(), Copied::Rows(rows));
    assert_eq!(everything(&last).await, before);
    assert_eq!(first.copy_to(&server).await.unwrap(), Copied::NotEmpty);
    assert_eq!(everything(&server).await, before, "nothing of it was written");
    // What was copied goes on.
    commit(&server, a_start(&server, journey)).await;
}

#[tokio::test]
async fn a_copy_is_as_it_was_at_one_moment_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let source = Database::connect(&scratch::database().await, 1).await.unwrap();
    let target = Database::open(&folder.path().join("copy.db"), 1).await.unwrap();
    let journey = a_journey(&source).await;
    let writing = async {
        for _ in 0..200 {
            commit(&source, a_start(&source, journey)).await;
        }
    };
    let copying = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        source.copy_to(&target).await.unwrap()
    };
    let ((), copied) = tokio::join!(writing, copying);
    assert!(matches!(copied, Copied::Rows(_)));
    let there = everything(&target).await;
    let of = |table: &str| there.iter().filter(|row| row.starts_with(table)).count();
    assert_eq!(of("records "), of("instances "), "every instance with the records of its one step");
}

#[tokio::test]
async fn a_newer_schema_is_refused_on_postgres() {
    let address = scratch::database().await;
    let store = Database::connect(&address, 1).await.unwrap();
    query(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, '\\x00', 0)",
    )
    .fetch_all(&store.writer)
    .await
    .unwrap();
    store.close().await;
    let failure = Database::connect(&address, 1).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::NewerSchema, false));
}

#[tokio::test]
async fn a_database_that_cannot_keep_every_letter_is_refused_and_left_alone() {
    let address = scratch::encoded("LATIN1").await;
    for _ in 0..2 {
        let failure = Database::connect(&address, 1).await.unwrap_err();
        assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Encoding, false));
        assert!(failure.to_string().contains("not UTF8"), "{failure}");
    }
    let mut looking = sqlx::PgConnection::connect(&address).await.unwrap();
    let tables = "SELECT COUNT(*) FROM pg_class WHERE relname = '_sqlx_migrations'";
    let made: i64 = sqlx::query_scalar(tables).fetch_one(&mut looking).await.unwrap();
    assert_eq!(made, 0);
}

/// Forgets the last migration, as if an older release had kept the database.
async fn age(store: &Database) {
    let newest =
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    query(newest).fetch_all(&store.writer).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_schema_is_made_or_changed_only_by_those_who_may() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waymark.db");
    let refused = |opened: Result<Database, crate::Failure>| opened.unwrap_err().kind();
    let open = |upkeep| Database::open_as(&file, 1, upkeep);
    assert_eq!(refused(open(Upkeep::Nothing).await), FailureKind::Absent);
    open(Upkeep::Make).await.unwrap().close().await;
    age(&open(Upkeep::Nothing).await.unwrap()).await;
    for upkeep in [Upkeep::Make, Upkeep::Nothing] {
        assert_eq!(refused(open(upkeep).await), FailureKind::OlderSchema);
    }
}

#[tokio::test]
async fn a_schema_is_made_or_changed_only_by_those_who_may_on_postgres() {
    let address = scratch::database().await;
    let refused = |opened: Result<Database, crate::Failure>| opened.unwrap_err().kind();
    let connect = |upkeep| Database::connect_as(&address, 1, upkeep);
    assert_eq!(refused(connect(Upkeep::Nothing).await), FailureKind::Absent);
    let mut looking = sqlx::PgConnection::connect(&address).await.unwrap();
    let tables = "SELECT COUNT(*) FROM pg_class WHERE relname = '_sqlx_migrations'";
    let made: i64 = sqlx::query_scalar(tables).fetch_one(&mut looking).await.unwrap();
    assert_eq!(made, 0, "nothing was made by looking");
    connect(Upkeep::Make).await.unwrap().close().await;
    age(&connect(Upkeep::Nothing).await.unwrap()).await;
    for upkeep in [Upkeep::Make, Upkeep::Nothing] {
        assert_eq!(refused(connect(upkeep).await), FailureKind::OlderSchema);
    }
}

/// What PostgreSQL does not acknowledge in time, as when a synchronous standby is gone, ends in doubt and not in a wait without end.
#[tokio::test]
async fn a_commit_that_is_not_acknowledged_is_given_up() {
    let store = Database::connect(&scratch::database().await, 1).await.unwrap();
    let slow = [
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON journeys DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()",
    ];
    for statement in slow {
        query(statement).fetch_all(&store.writer).await.unwrap();
    }
    let draft = journey::Draft::default();
    let failure = store.create_journey(&draft, crate::promises::NOW).await.unwrap_err();
    assert_eq!((failure.kind(), failure.is_retryable()), (FailureKind::Unknown, true));
    assert!(std::error::Error::source(&failure).unwrap().to_string().contains("not acknowledged"));
}

/// A text from outside may hold what PostgreSQL's cannot: it is kept with a sign in its place, found by itself, and moved.
#[tokio::test]
async fn a_text_with_a_nul_is_kept_and_moved() {
    let folder = tempfile::tempdir().unwrap();
    let file = Database::open(&folder.path().join("a.db"), 1).await.unwrap();
    let server = Database::connect(&scratch::database().await, 1).await.unwrap();
    let moved = Database::connect(&scratch::database().await, 1).await.unwrap();
    for store in [&file, &server] {
        let journey = a_journey(store).await;
        let mut start = a_start(store, journey);
        let mut offer = an_offer(Some("CS"), None, NOW);
        offer.title = "Call\0 her".to_owned();
        start.tasks.push(TaskChange::Offer { position: FIRST, offer });
        commit(store, start.clone()).await;
        assert!(store.instance(start.instance).await.unwrap().is_some());
        assert_eq!(store.user_by_email("a\0").await.unwrap(), None);
    }
    let rows = everything(&file).await.len();
    assert_eq!(file.copy_to(&moved).await.unwrap(), Copied::Rows(rows as u64));
    let there = everything(&moved).await;
    assert!(there.iter().any(|row| row.contains("Call\u{fffd} her")), "{there:?}");
}

/// A server that stands still amid a transaction keeps nobody else waiting who would take over from it.
#[tokio::test]
async fn whoever_takes_over_does_not_wait_for_who_stands_still() {
    let address = scratch::database().await;
    let (still, other) = (
        Database::connect(&address, 1).await.unwrap(),
        Database::connect(&address, 2).await.unwrap(),
    );
    let amid = still.write_beside().await.unwrap();
    let (taken, written) = tokio::join!(other.expel(), async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        other.write_beside().await.map(drop)
    });
    assert_eq!(taken.unwrap_err().kind(), FailureKind::Busy, "PostgreSQL has not ended it yet");
    written.unwrap();
    amid.rollback().await.unwrap();
    assert_eq!(other.expel().await.unwrap(), []);
}
