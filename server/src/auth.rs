//! Who is asking, and what they may do.

pub(crate) mod caller;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod permission;
pub(crate) mod secret;
