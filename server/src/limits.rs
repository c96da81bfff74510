//! Every limit of the server, in one place.

use std::time::Duration;

/// Largest JSON body of an ordinary request, in bytes; a draft may be as large as `journey::limits::DRAFT_BYTES`.
pub(crate) const BODY_BYTES: usize = 1024 * 1024;
/// How long the head of a request may take to come, from its first byte or, for the first of a connection, from its beginning.
pub(crate) const HEAD: Duration = Duration::from_secs(15);
/// How long a connection is kept without a request; longer than proxies keep theirs (60 s at most), so that they part first.
pub(crate) const IDLE: Duration = Duration::from_secs(75);
/// How long a body may stand still while it is read.
pub(crate) const BODY: Duration = Duration::from_secs(30);
/// Most connections still taken by a server that stops: as many as may stand in line.
pub(crate) const LINE: u32 = 1_024;
/// How long the line must be empty to be taken for over.
pub(crate) const LINE_WAIT: Duration = Duration::from_millis(50);
/// How long a server that stops waits for the first request of a connection.
pub(crate) const FIRST_REQUEST: Duration = Duration::from_millis(500);
/// How often it is said that connections cannot be taken.
pub(crate) const COMPLAINTS_EVERY: Duration = Duration::from_mins(1);
/// Room around a draft for the members beside it, in bytes.
pub(crate) const DRAFT_ENVELOPE_BYTES: usize = 64 * 1024;
/// Largest connector component, in bytes.
pub(crate) const COMPONENT_BYTES: usize = 32 * 1024 * 1024;
/// Most bytes of a request's headers together.
pub(crate) const HEADER_BYTES: usize = 64 * 1024;
/// Most bytes read of a body nobody wants any more, so that whoever sends it sees the answer.
pub(crate) const DRAIN_BYTES: usize = 64 * 1024 * 1024;
/// How long such a body is read, in seconds.
pub(crate) const DRAIN_S: u64 = 10;
/// Most characters of a sentence in a problem, which may repeat what a client sent.
pub(crate) const SENTENCE_CHARACTERS: usize = 500;
/// Items of a list page when the client names no limit.
pub(crate) const PAGE_DEFAULT: u32 = 50;
/// Most items of a list page.
pub(crate) const PAGE_MOST: u32 = 500;
/// Shortest password, in characters.
pub(crate) const PASSWORD_SHORTEST: usize = 10;
/// Longest password, in bytes: argon2 must not be fed megabytes.
pub(crate) const PASSWORD_BYTES: usize = 1024;
/// Passwords hashed at once; each takes 19 MiB.
pub(crate) const HASHES_AT_ONCE: usize = 2;
/// Drafts checked at once; the largest takes a second or more.
pub(crate) const CHECKS_AT_ONCE: usize = 2;
/// Sign-ins waiting for a hash beyond which a client is asked to come back later.
pub(crate) const HASHES_WAITING: usize = 64;
/// How long the answer to a request with an `Idempotency-Key` is kept, in milliseconds.
pub(crate) const ANSWERS_MS: i64 = 24 * 60 * 60 * 1000;
/// How often what is over is forgotten, in seconds.
pub(crate) const HOUSEKEEPING_S: u64 = 60 * 60;
/// How often the file that is served is looked for, in seconds.
pub(crate) const FOOTHOLD_S: u64 = 1;
/// How long a session lasts, in milliseconds.
pub(crate) const SESSION_MS: i64 = 14 * 24 * 60 * 60 * 1000;
/// Longest `Prefer: wait`, in seconds.
pub(crate) const WAIT_MOST_S: u64 = 60;
/// Longest `Idempotency-Key` or key of an event, in bytes.
pub(crate) const KEY_BYTES: usize = 255;
/// Longest name of anything, in characters.
pub(crate) const NAME_CHARACTERS: usize = 200;
/// How long shutting down waits for requests under way, in seconds.
pub(crate) const SHUTDOWN_REQUESTS_S: u64 = 5;
/// How long it then waits for connectors' answers, in seconds.
pub(crate) const SHUTDOWN_CALLS_S: u64 = 10;
/// How long it then waits for the database to let go.
pub(crate) const SHUTDOWN_DATABASE: Duration = Duration::from_secs(2);
/// How long a connection that was read is believed, in milliseconds; another process may change it.
pub(crate) const CONNECTION_MS: i64 = 1_000;
/// How often it is looked whether whoever listens to changes still may.
pub(crate) const LISTENER_AGAIN: Duration = Duration::from_secs(2);
/// Most operations that are tried at the same time.
pub(crate) const TRIALS: usize = 8;
/// How long an operation that is tried may take.
pub(crate) const TRIAL: Duration = Duration::from_secs(30);
/// How long it is believed what starts follow, in milliseconds; another process may publish.
pub(crate) const SLUGS_MS: i64 = 1_000;
/// Most living instances of a version whose way is looked at.
pub(crate) const FLOW_LIVING: usize = 5_000;
/// Most instances of a version, the newest first, whose way is looked at.
pub(crate) const FLOW_NEWEST: usize = 2_000;
/// Most instances that are passed by in search of those of a version.
pub(crate) const FLOW_PASSED_BY: usize = 10_000;
/// Most visits in the list behind a figure.
pub(crate) const FLOW_VISITS: usize = 100;
/// After how many instances others are given their turn.
pub(crate) const FLOW_AT_ONCE: usize = 16;
/// Longest note on what a shadow version would have done, in bytes.
pub(crate) const NOTE_BYTES: usize = 2_000;
/// How long one exchange with the mail server may take, in seconds.
pub(crate) const SMTP_S: u64 = 20;
/// How long it is known who got which message, in milliseconds: longer than caps count and attempts go on.
pub(crate) const MESSAGES_MS: i64 = 30 * 24 * 3_600_000;
/// How long people can read what they were told, in milliseconds.
pub(crate) const NOTICES_MS: i64 = 90 * 24 * 3_600_000;
/// Most notices forgotten by one write, so that others are not kept waiting.
pub(crate) const NOTICES_AT_ONCE: u32 = 1_000;
/// Most events taken in at once.
pub(crate) const EVENTS: usize = 500;
/// Largest data of one event, in bytes of JSON.
pub(crate) const EVENT_BYTES: usize = 64 * 1024;
/// Most wrong members named in one answer.
pub(crate) const FIELD_ERRORS: usize = 100;
/// How long the figures of `/metrics` wait for the database.
pub(crate) const FIGURES: Duration = Duration::from_secs(1);
/// How often the audit log is sealed, in seconds.
pub(crate) const SEALING_S: u64 = 5;
/// Servers that ended, in the list of those that share a workspace.
pub(crate) const ENDED_NODES: u32 = 20;
/// A day, in milliseconds.
pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Longest time that is lived again, in milliseconds.
pub(crate) const BACKTEST_MS: i64 = 3_653 * DAY_MS;
/// How often it is written down how far a back-test has come.
pub(crate) const BACKTEST_BEAT: Duration = Duration::from_secs(1);
/// Back-tests that run or wait for their turn on one server; more are told to come back.
pub(crate) const BACKTESTS: usize = 8;
