//! Mistakes that tests put into the paths of the product on purpose, one at a time, to see that `verify` finds in the data what they do.
//! A program that is built to be shipped has none of them, nor the switch.

/// A mistake in the way something is written, claimed, called or told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// A node that was taken for gone goes on writing.
    NoFence,
    /// The records of a step are written, and its state is not.
    SplitCommit,
    /// The first record of a step is left out.
    LostRecord,
    /// What a step wants from the world is not written.
    LostWork,
    /// What nobody waits for any more is not removed.
    WorkStays,
    /// A task that is over stays before people.
    TaskStays,
    /// A wait for an event is not listed.
    ListenLost,
    /// Timers fire a day before their time.
    EarlyTimer,
    /// A start key opens another instance each time.
    StartKeyIgnored,
    /// A start is acknowledged before it is written, and then is not.
    EarlyAcknowledgement,
    /// The newest event of an account goes first.
    EventsOutOfOrder,
    /// A call is made whether or not what asks for it was committed.
    CallBeforeCommit,
    /// Each attempt of a call has a key of its own.
    KeyPerAttempt,
    /// A call that failed is forgotten.
    FailureForgotten,
    /// A seal does not build upon the one before it.
    UnchainedSeal,
}

#[cfg(debug_assertions)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Mistake>> = const { std::cell::Cell::new(None) };
}

/// What runs on this thread makes this mistake from now on, or none.
#[cfg(debug_assertions)]
pub fn plant(mistake: Option<Mistake>) {
    PLANTED.set(mistake);
}

/// Whether this mistake is to be made.
#[cfg(debug_assertions)]
pub fn makes(mistake: Mistake) -> bool {
    PLANTED.get() == Some(mistake)
}

/// Never.
#[cfg(not(debug_assertions))]
pub const fn makes(_: Mistake) -> bool {
    false
}
