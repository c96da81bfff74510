//! Every limit of the runtime, in one place.

use std::time::Duration;

/// Most commits of one transaction.
pub const GROUP: usize = 256;
/// How long a commit waits for others to share its transaction, in milliseconds.
pub const GROUP_WAIT_MS: u64 = 2;
/// Requests (starts and events from outside) being committed at the same time; more are told to come back.
pub const REQUESTS: usize = 1_024;
/// Events waiting to be dispatched, beyond which more are told to come back.
pub const EVENTS_PENDING: u32 = 50_000;
/// How long it is believed how many events wait, in milliseconds.
pub const EVENTS_PENDING_MS: i64 = 1_000;
/// Calls and timers in memory at the same time; the rest waits in the store.
pub const JOBS: usize = 8_192;
/// Of these, most calls and messages in per cent, so that timers go on while connections are slow.
pub const OUTSIDE_PER_CENT: usize = 75;
/// Calls of one connection in memory at the same time, at most and for each that may go out, so that a slow one leaves room for the others.
pub const JOBS_PER_CONNECTION: usize = 1_024;
/// See [`JOBS_PER_CONNECTION`].
pub const QUEUED_PER_CALL: usize = 8;
/// Most calls of one connection that may be allowed out at the same time.
pub const CALLS_AT_ONCE: u32 = 512;
/// Least and most calls in a second that a connection may be limited to.
pub const CALLS_PER_SECOND: std::ops::RangeInclusive<f64> = 0.1..=10_000.0;
/// What a connection limited to so many calls in a second may save up while it rests, in microseconds of its rate.
pub const BURST_US: i64 = 100_000;
/// Calls in a row without an answer after which a connection's other side is left alone.
pub const BREAKER_RUN: u32 = 10;
/// For how long then, in milliseconds; each vain probe doubles it.
pub const BREAKER_MS: i64 = 5_000;
/// At most for how long, in milliseconds.
pub const BREAKER_MOST_MS: i64 = 60_000;
/// How long a connection is left alone that asks for it without saying how long, in milliseconds.
pub const TOLD_TO_WAIT_MS: u64 = 1_000;
/// Longest time a connection is left alone because it asked for it, in milliseconds.
pub const TOLD_TO_WAIT_MOST_MS: i64 = 15 * 60_000;
/// How long the settings of connections are believed, in milliseconds; another process may change one.
pub const CONNECTIONS_MS: i64 = 1_000;
/// By how much a further attempt of a call is put off at random beyond its pause, at most, in per cent of it.
pub const JITTER_PER_CENT: i64 = 20;
/// Messages going out to the mail server at the same time.
pub const MAILS: u32 = 8;
/// How long sending a message to one recipient may take, in milliseconds.
pub const MAIL_MS: u64 = 60_000;
/// Instances kept in memory while their calls are out.
pub const HOT: usize = 16_384;
/// Most work claimed at once.
pub const CLAIM: u32 = 256;
/// How long claimed work is ours, in milliseconds. Longer than the longest call.
pub const LEASE_MS: i64 = 10 * 60_000;
/// For how long work that may be held, but is not known to be, is given back, in milliseconds: as long as a database may still be writing.
pub const DOUBT_MS: u64 = 60_000;
/// How often, in milliseconds.
pub const DOUBT_AGAIN_MS: u64 = 5_000;
/// After how many leases in a row that could not be renewed a node is not to be sent work.
pub const BEATS_MISSED: u32 = 2;
/// How long the other nodes are told that this one leaves.
pub const LEAVE: Duration = Duration::from_secs(3);
/// How often a node renews its lease before it would lapse.
pub const BEATS_PER_LEASE: u32 = 5;
/// For how many leases a node that was given up for gone while it started tries to go on.
pub const LEASES_TO_START: u32 = 5;
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
/// When nothing that was claimed found room after all, due work is looked for again after this long, in milliseconds.
pub const CONNECTION_FULL_MS: i64 = 100;
/// Beyond a call's own time-out, after which the runtime gives up on it, in milliseconds.
pub const CALL_GRACE_MS: u64 = 1_000;
/// Longest call, in milliseconds.
pub const CALL_MS: u64 = 5 * 60_000;
/// How often a step is taken again because someone else moved the instance.
pub const RACES: u32 = 16;
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
