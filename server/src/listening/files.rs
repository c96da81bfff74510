//! How many files and connections the program may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets the program have as many open as the system allows it to: a shell's usual 1,024 are fewer than the clients it can serve.
pub(crate) fn allow_most() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::warn!(%error, ?current, "the program may open no more files than it was started with");
    }
}
