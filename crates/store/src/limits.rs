//! Every limit of the store, in one place.

/// Most rows of one page.
pub const PAGE_ROWS: u32 = 500;
/// Connections that read at the same time.
pub const READERS: u32 = 4;
/// How long a write waits for another process that holds the database, in milliseconds.
pub const BUSY_TIMEOUT_MS: u64 = 5_000;
/// Prepared statements kept per connection.
pub const STATEMENTS: usize = 256;
/// An unanswered idempotency key may be taken again after this long, in milliseconds: whoever held it is gone.
pub const ANSWER_LEASE_MS: i64 = 60_000;
/// A token's last use is written at most this often, in milliseconds.
pub const TOKEN_USE_EVERY_MS: i64 = 60_000;
/// Most unseen notices that are counted.
pub const UNSEEN: u64 = 100;

/// Connections to PostgreSQL that write; groups of commits, claims and what people do run beside each other.
pub const WRITERS: u32 = 6;
/// Instructions of SQLite's machine after which a look that is made in passing is made again on a thread that may block.
pub const BRIEF_STEPS: i32 = 20_000;
/// Rows read ahead while they are streamed.
pub const STREAMED_ROWS: usize = 256;
/// Pages of SQLite's write-ahead log before they are brought into the file.
pub const LOG_PAGES: u32 = 4_000;
/// Pages of the file that the one connection that writes keeps in memory, in KiB.
pub const WRITER_CACHE_KIB: i64 = 16_384;
