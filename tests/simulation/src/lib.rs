//! Whole lives of a workspace from a seed: servers, the store in memory, the outside and the people, on one thread and with a clock that
//! stands until everyone waits. The same seed gives the same life to the letter.
//!
//! Each server has a runtime of its own, so that it can be stopped at any await, as a process is that is killed, and stand still while
//! the others go on. At the end all servers run, the outside's answers come, and every instance has to come to its end; what is kept must
//! then pass the checker, and the outside must have done each thing once.

mod dice;
mod judge;
mod life;
mod node;
mod outside;
mod people;
mod program;
mod time;
mod trace;
mod trouble;

pub use life::{Life, live};
pub use program::NODES;
