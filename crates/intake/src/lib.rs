//! What strangers write, read: tables of accounts, signed deliveries, what connectors say of themselves.
//!
//! Nothing here has a clock, randomness or IO: whatever the bytes are, the answer is a value or a sentence that says what is wrong.

pub mod limits;
pub mod manifest;
pub mod table;
pub mod webhook;
