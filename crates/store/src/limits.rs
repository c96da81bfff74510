//! Every limit of the store, in one place.

use std::time::Duration;

/// Most rows of one page.
pub const PAGE_ROWS: u32 = 500;
/// Connections that read at the same time.
pub const READERS: u32 = 4;
/// How long a write waits for another process that holds the database, in milliseconds.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;
/// How soon a file is tried again that another process opens at the same time.
pub const BUSY_PAUSE: Duration = Duration::from_millis(20);
/// How long PostgreSQL may take to let the first connection in and say whose database it is.
pub const CONNECT: Duration = Duration::from_secs(10);
/// Prepared statements kept per connection.
pub const STATEMENTS: usize = 256;
/// How long a node is believed to be at a request under an idempotency key, in milliseconds: it may have lost its client.
pub const ANSWER_LEASE_MS: i64 = 60_000;
/// A token's last use is written at most this often, in milliseconds.
pub const TOKEN_USE_EVERY_MS: i64 = 60_000;
/// How long somebody waits until that is written.
pub const MARK: Duration = Duration::from_secs(1);
/// Most unseen notices that are counted.
pub const UNSEEN: u64 = 100;
/// Back-tests of one journey that are kept, and as many of drafts that are no journey's.
pub const BACKTESTS: u32 = 20;
/// After how long without a word from it a back-test is taken for broken off, in milliseconds.
pub const BACKTEST_SILENT_MS: i64 = 60_000;
/// Runs of a back-test that are written with one statement where a statement takes many.
pub const RUNS_AT_ONCE: usize = 1_000;

/// Connections to PostgreSQL that write; groups of commits, claims and what people do run beside each other.
pub const WRITERS: u32 = 6;
/// How long somebody waits for a connection to PostgreSQL.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long somebody waits for one after another had none in time; the first who gets one ends that.
pub const PATIENCE_WHILE_AWAY: Duration = Duration::from_millis(500);
/// How long PostgreSQL may take to make durable what was written; it waits for a standby that is gone for ever.
pub const COMMIT: Duration = Duration::from_secs(10);
/// The same for a whole workspace that is copied into it.
pub const COMMIT_OF_A_COPY: Duration = Duration::from_mins(10);
/// How long taking over from a node that is gone waits for what is being written, in PostgreSQL's words: nothing else is begun meanwhile.
pub const HURRY: &str = "250ms";
/// A connection that was used within this time is taken to be there still.
pub const FRESH: Duration = Duration::from_secs(1);
/// Most lines of the audit log that one seal seals.
pub const SEALED: u32 = 1_000;
/// How long a node is believed to live without being heard of.
pub const NODE_LEASE: Duration = Duration::from_secs(10);
/// Connections to PostgreSQL for the life of a node: one to renew its lease and to tell, one to hear.
pub const KEEPERS: u32 = 2;
/// Shares of the accounts of one journey, each with a lane of its own for what goes outside: one account's backlog holds up fewer than
/// one in a hundred others.
pub const SHARES: i64 = 256;
/// Most lanes of due work looked at in one go.
pub const LANES: u32 = 4_096;
/// Calls of a connection going out at the same time, when nobody says otherwise.
pub const CALLS_AT_ONCE: u32 = 64;
/// Instructions of SQLite's machine after which a look that is made in passing is made again on a thread that may block.
pub const BRIEF_STEPS: i32 = 20_000;
/// Rows read ahead while they are streamed.
pub const STREAMED_ROWS: usize = 256;
/// Pages of SQLite's write-ahead log before they are brought into the file.
pub const LOG_PAGES: u32 = 4_000;
/// Pages of the file that the one connection that writes keeps in memory, in KiB.
pub const WRITER_CACHE_KIB: i64 = 16_384;
