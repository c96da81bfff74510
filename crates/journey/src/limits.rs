//! Every limit of the model and the engine, in one place.

/// Largest draft that is read, in bytes.
pub const DRAFT_BYTES: usize = 4 * 1024 * 1024;
/// Most nodes of a draft.
pub const NODES: usize = 5_000;
/// Most edges of a draft.
pub const EDGES: usize = 20_000;
/// Longest expression, in bytes.
pub const EXPRESSION_BYTES: usize = 4_096;
/// Most evaluation steps of one expression.
pub const EXPRESSION_STEPS: u64 = 100_000;
/// Most nodes entered by one step.
pub const NODES_PER_STEP: u64 = 10_000;
/// Most waits of one instance.
pub const WAITS: usize = 1_000;
/// Largest input, form or output taken in, in bytes of JSON.
pub const PAYLOAD_BYTES: usize = 1024 * 1024;
/// Deepest nesting of an input, form, output or variable.
pub const VALUE_DEPTH: usize = 64;
/// Deepest nesting of an expression.
pub const EXPRESSION_DEPTH: u16 = 24;
/// Most attempts of one action before its failure stands.
pub const ATTEMPTS: u32 = 100;
/// Longest duration, in days.
pub const DURATION_DAYS: i64 = 3_660;
/// Most operators, members and brackets of one expression.
pub const EXPRESSION_OPERATORS: usize = 192;
/// Most states of a draft that are looked at before `check` says that it does not know; at least 100,000.
pub const PROOF_STATES: usize = 100_000;
/// Most moves from one state to another that are tried; few drafts need more than thirty for each state.
pub const PROOF_MOVES: u64 = 20_000_000;
/// Most different ways in which one join is seen to go on.
pub const PROOF_ARRIVALS: usize = 256;
