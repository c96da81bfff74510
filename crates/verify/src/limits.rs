//! Every limit of the check, in one place.

/// Rows read at a time.
pub const PAGE: u32 = 500;
/// How often an instance is looked at that moves on between two reads, before it is counted as busy.
pub const LOOKS: u32 = 8;
/// Violations of an invariant that are told; all are counted.
pub const EXAMPLES: usize = 10;
/// Compiled versions kept in memory.
pub const VERSIONS: usize = 64;
/// Calls not found at the sink that are looked for once more; those after that are reported at once.
pub const MISSING: usize = 100_000;
/// By how much a further attempt of a call may be put off beyond its pause, in per cent of it, as the runtime does it.
pub const PUT_OFF_PER_CENT: i64 = 20;
/// How long a node may hold work beyond the present moment, in milliseconds.
pub const HELD_MS: i64 = 3_600_000;
/// By how much clocks may have been set back while an attempt was put off, in milliseconds.
pub const SET_BACK_MS: i64 = 24 * 3_600_000;
