//! Every limit of a back-test, in one place.

/// Most accounts of a workspace that can be lived again.
pub const ACCOUNTS: usize = 100_000;
/// Most events, changes and starts that are lived again; each takes about 230 bytes until then, a short text among them.
pub const HAPPENED: usize = 2_000_000;
/// Most text of the data of events and of the inputs of starts, in bytes.
pub const TEXT: usize = 512 * 1024 * 1024;
/// Most transactions it takes to live them.
pub const TRANSACTIONS: u64 = 5_000_000;
/// Instances that may be under way at once; each takes up to about 9 KB for as long as it is.
pub const UNDER_WAY: usize = 50_000;
/// Instances of which each is told; of more only the sums.
pub const RUNS: usize = 5_000;
/// Steps and edges of which each is told of one instance.
pub const WAY: usize = 500;
/// Deeds of which each is told of one instance.
pub const DEEDS: usize = 50;
/// Journeys that are called, by the one that is tried and by those it calls.
pub const CALLED: usize = 200;
/// Owners of tasks of which each is told; of outcomes and reasons, which the drawing and the engine bound, all are.
pub const OWNERS: usize = 20;
/// Times that may pass without anything being done, before something must be wrong.
pub const IDLE: u32 = 1_000;
