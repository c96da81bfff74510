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
pub const EXPRESSION_DEPTH: u16 = 32;
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
/// Most pairs of nodes that can be at work at the same time, of which `check` still says whether they get in each other's way.
pub const PROOF_PAIRS: usize = 400_000;
/// Most instances below one position: items of a for-each.
pub const CHILDREN: usize = 1_000;
/// Items of a for-each that does not say how many.
pub const CHILDREN_UNLESS_SAID: usize = 100;
/// Most instances that may come to run below one that has none above it, at whatever depth.
pub const BELOW: u32 = 20_000;
/// Most bytes that the instances of a for-each, started at once, take along together.
pub const CHILDREN_BYTES: usize = 32 * 1024 * 1024;
/// Most records of one instance before only people can move it.
pub const RECORDS: u64 = 100_000;
/// Deepest an instance may be below another.
pub const DEPTH: u32 = 16;
/// Most outcomes of one task, and most timers.
pub const OUTCOMES: usize = 200;
/// Most rules of a decision table, and most inputs.
pub const TABLE: usize = 500;
/// Most people who must approve.
pub const QUORUM: u64 = 50;
/// Most holidays of one calendar, and most exceptions.
pub const CALENDAR_DATES: usize = 2_000;
/// Longest name of a calendar, in bytes.
pub const CALENDAR_NAME_BYTES: usize = 200;
/// Most times a calendar opens on one day.
pub const OPENINGS_PER_DAY: usize = 24;
/// How far a calendar is searched for openings: a hundred years, in days.
pub const CALENDAR_WALK_DAYS: i64 = 36_525;
/// Longest recurrence rule, in bytes.
pub const RECURRENCE_BYTES: usize = 1_000;
/// Most times a recurrence fires when it says how often.
pub const RECURRENCE_COUNT: i64 = 10_000;
/// Largest interval of a recurrence.
pub const RECURRENCE_INTERVAL: i64 = 100_000;
/// How far a recurrence is searched for the next time it fires: a hundred years, in days.
pub const RECURRENCE_SEARCH_DAYS: i64 = 36_525;
/// Largest iCalendar file that is read for holidays, in bytes.
pub const ICS_BYTES: usize = 2 * 1024 * 1024;
/// Most events of such a file.
pub const ICS_EVENTS: usize = 5_000;
/// Most recurring events of such a file.
pub const ICS_RULES: usize = 500;
/// Most days one event takes.
pub const ICS_EVENT_DAYS: i64 = 366;
/// Longest name of a holiday that is taken over, in characters.
pub const ICS_NAME_CHARACTERS: usize = 200;
/// Most turns of one SLA clock: each pause and each resumption is one.
pub const SLA_TURNS: usize = 1_000;
/// Longest reason for pausing or cancelling an SLA clock, in bytes.
pub const SLA_REASON_BYTES: usize = 2_000;

/// Most edges in the walks of one answer of `check`; problems after that are told without one.
pub const WALKED: usize = 20_000;
/// Most events that move the instances of one rehearsal.
pub const REHEARSAL: u64 = 5_000;
/// Most moves that are made one after the other on the way to a step.
pub const REHEARSAL_RUN: usize = 1_000;
/// Most test cases of a draft.
pub const TESTS: usize = 500;
