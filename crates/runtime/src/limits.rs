//! Every limit of the runtime, in one place.

/// Most commits of one transaction.
pub const GROUP: usize = 256;
/// How long a commit waits for others to share its transaction, in milliseconds.
pub const GROUP_WAIT_MS: u64 = 2;
/// Requests (starts and events from outside) at work at the same time; more are told to come back.
pub const REQUESTS: usize = 4_096;
/// Calls and timers in memory at the same time; the rest waits in the store.
pub const JOBS: usize = 8_192;
/// Calls of one connection in memory at the same time, so that a slow one leaves room for the others.
pub const JOBS_PER_CONNECTION: usize = 1_024;
/// Calls of one connection going out at the same time.
pub const CALLS_PER_CONNECTION: usize = 64;
/// Messages going out to the mail server at the same time.
pub const MAILS: usize = 8;
/// How long sending a message to one recipient may take, in milliseconds.
pub const MAIL_MS: u64 = 60_000;
/// Instances kept in memory while their calls are out.
pub const HOT: usize = 16_384;
/// Most work claimed at once.
pub const CLAIM: u32 = 256;
/// How long claimed work is ours, in milliseconds. Longer than the longest call.
pub const LEASE_MS: i64 = 10 * 60_000;
/// How often a node renews its lease before it would lapse.
pub const BEATS_PER_LEASE: u32 = 5;
/// By how much the database's clock may differ without being followed, in milliseconds.
pub const CLOCK_NOISE_MS: i64 = 50;
/// How long hints to other nodes are gathered, in milliseconds.
pub const HINTS_MS: u64 = 20;
/// Most bytes of one message to other nodes; PostgreSQL takes 7,999.
pub const HINT_BYTES: usize = 7_900;
/// How often a caller that waits for a rest looks by itself, in milliseconds, when other nodes may bring it about.
pub const REST_POLL_MS: u64 = 1_000;
/// How often due work is looked for, in milliseconds.
pub const POLL_MS: i64 = 1_000;
/// After the store could not be asked for due work, in milliseconds.
pub const POLL_PAUSE_MS: u64 = 200;
/// Work that found its connection's queue full is looked at again after this long, in milliseconds.
pub const CONNECTION_FULL_MS: i64 = 1_000;
/// Beyond a call's own time-out, after which the runtime gives up on it, in milliseconds.
pub const CALL_GRACE_MS: u64 = 1_000;
/// Longest call, in milliseconds.
pub const CALL_MS: u64 = 5 * 60_000;
/// How often a step is taken again because someone else moved the instance.
pub const RACES: u32 = 16;
/// How often an answer is committed again when the database fails, before its lease is left to lapse.
pub const COMMIT_ATTEMPTS: u32 = 8;
/// Instances below a position stopped between two looks at the store.
pub const CHILDREN: u32 = 100;
/// Shadow instances that are over ended between two looks at the store.
pub const STALE_SHADOWS: u32 = 200;
/// Instances a migration looks at between two writes of how far it is.
pub const MIGRATED: u32 = 50;
/// Migrations taken up in one round.
pub const MIGRATIONS: u32 = 16;
/// How often migrations are looked for, in milliseconds; another process may begin one.
pub const MIGRATIONS_MS: i64 = 5_000;
/// Compiled versions kept in memory.
pub const VERSIONS: usize = 1_000;
/// How long the number of a journey's live version is believed, in milliseconds; another process may publish.
pub const LIVE_VERSION_MS: i64 = 1_000;
/// How long the calendars that were read are believed, in milliseconds; another process may change one.
pub const CALENDARS_MS: i64 = 10_000;
/// Changes a slow listener may fall behind before it misses some.
pub const CHANGES: usize = 4_096;
/// Accounts whose events are dispatched in one round, beside each other.
pub const DISPATCH_LANES: u32 = 64;
/// Most events of one account dispatched in one round.
pub const DISPATCH_EACH: u32 = 16;
/// Waiting instances woken at the same time by one event.
pub const WAKE: u32 = 256;
/// Most events that may bring each other about in a row before the last moves nothing more.
pub const EVENT_DEPTH: u32 = 16;
/// Most schedules and dates looked at in one round.
pub const DUE: u32 = 256;
/// Accounts of one piece of a round over them.
pub const ROUND: u32 = 250;
/// How late a schedule's time may be before it counts as missed, in milliseconds.
pub const LATE_MS: i64 = 60_000;
/// Most missed times of one schedule that are made up for.
pub const MISSED: usize = 100;
/// Most times of a schedule looked at in one go.
pub const LOOKED_AT: usize = 10_000;
