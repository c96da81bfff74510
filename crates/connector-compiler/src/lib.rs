//! Makes connectors ready to run: wraps modules into components, checks components, and compiles them in a child process.
//!
//! Compiling is the one costly thing a file from outside can ask for: a crafted megabyte can make it take gigabytes. So the
//! server never compiles; it starts itself again as a child with limits and takes only the child's answer.

mod check;
mod child;
mod compiler;
mod component;
pub mod limits;
mod package;

pub use check::{CheckError, check};
pub use child::{run_child, run_componentize};
pub use compiler::{CompileError, Compiler};
pub use component::{ComponentizeError, componentize};
pub use package::{BuildError, build_component};
