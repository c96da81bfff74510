//! What a connector wants to tell its operator; secrets are scrubbed by the host.

use crate::bindings::waymark::connector::log::{self, Level};

/// Worth a line when someone looks closely.
pub fn debug(message: &str) {
    log::write(Level::Debug, message, "");
}

/// Worth a line.
pub fn info(message: &str) {
    log::write(Level::Info, message, "");
}

/// It coped, but someone should know.
pub fn warn(message: &str) {
    log::write(Level::Warn, message, "");
}

/// It did not cope.
pub fn error(message: &str) {
    log::write(Level::Error, message, "");
}

/// The host reads these fields to tell a panic from a mute trap.
pub(crate) fn panic(message: &str, location: &str) {
    let fields = serde_json::json!({ "waymark.panic": true, "location": location });
    log::write(Level::Error, message, &fields.to_string());
}
