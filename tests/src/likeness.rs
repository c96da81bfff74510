//! Whether a page looks as it did when its picture was kept. Both are reduced to an eighth first: the edge of a letter or another id
//! is hardly seen then, and a part that is missing or has moved still is.

pub mod album;
mod difference;
mod picture;

pub use difference::{Difference, Likeness};
pub use picture::Picture;

/// How many pixels of a picture become one, in each direction.
const REDUCTION: usize = 8;
