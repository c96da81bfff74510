//! What the reduction must know of the drawing.

use crate::check::concurrent::AtOnce;

/// What is known of each node of the drawing.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'n> {
    /// Something is done for the customer here.
    pub(super) works: &'n [bool],
    pub(super) works_here_or_after: &'n [bool],
    /// Only branches are here that a loop leaves behind.
    pub(super) left: &'n [bool],
    pub(super) at_once: Option<&'n AtOnce>,
}

impl Nodes<'_> {
    /// Whether two branches can be here at once.
    pub(super) fn is_twice(&self, at: usize) -> bool {
        !self.left[at] && self.at_once.is_none_or(|at_once| at_once.twice[at])
    }
}
