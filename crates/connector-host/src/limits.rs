//! Every limit a connector meets.

use std::time::Duration;

/// The period of the CPU clock; a budget is counted in these.
pub const TICK: Duration = Duration::from_millis(10);
/// The largest component that may be installed.
pub const COMPONENT_BYTES: usize = 32 << 20;
/// The largest input of one call.
pub const INPUT_BYTES: usize = 4 << 20;
/// The most elements all tables of a call may hold.
pub const TABLE_ELEMENTS: usize = 20_000;
/// The stack a connector may use.
pub const STACK_BYTES: usize = 512 << 10;
/// The longest message kept of one log line or failure.
pub const MESSAGE_BYTES: usize = 8 << 10;
/// The most log lines kept of one call.
pub const LOG_LINES: usize = 200;
/// The most random bytes given at once.
pub const RANDOM_BYTES: u32 = 64 << 10;
/// How long the host waits for a connection to be made.
pub const CONNECT: Duration = Duration::from_secs(10);
/// How many idle connections to one origin are kept.
pub const IDLE_CONNECTIONS: usize = 64;
/// Calls that may run at once: twice as many as one connection may have, so that none takes the places of all others.
pub const SLOTS: u32 = 1_024;
/// Of their places in memory, how many are kept ready.
pub const WARM_SLOTS: u32 = 64;
/// Secrets shorter than this are not scrubbed: they would blot out ordinary words.
pub const SCRUBBED_FROM: usize = 4;

/// What one call may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// CPU time, in ticks of 10 ms.
    pub cpu_ticks: u32,
    /// Wall time, whatever the caller allows.
    pub wall: Duration,
    /// Linear memory.
    pub memory: usize,
    /// Bytes passed to the host in one host call.
    pub transfer: usize,
    /// Host calls of any kind.
    pub host_calls: u32,
    /// HTTP requests.
    pub requests: u32,
    /// The body of one HTTP answer.
    pub response: usize,
    /// All HTTP bodies together, sent and received.
    pub io: u64,
    /// All log lines together.
    pub log: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            cpu_ticks: 200,
            wall: Duration::from_mins(5),
            memory: 64 << 20,
            transfer: 16 << 20,
            host_calls: 10_000,
            requests: 50,
            response: 8 << 20,
            io: 64 << 20,
            log: 1 << 20,
        }
    }
}
