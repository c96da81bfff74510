//! Every limit of compiling.

use std::time::Duration;

/// Address space of the compiling child.
pub const CHILD_ADDRESS_SPACE: u64 = 4 << 30;
/// CPU seconds of the compiling child.
pub const CHILD_CPU_SECONDS: u64 = 60;
/// Wall time of the compiling child.
pub const CHILD_WALL: Duration = Duration::from_mins(3);
/// How much of what the child says is kept.
pub const CHILD_WORDS: usize = 4 << 10;
