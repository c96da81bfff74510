//! Every limit of what is read here, in one place.

/// The largest manifest, in bytes.
pub const MANIFEST_BYTES: usize = 1 << 20;
/// The longest `webhook-id`, in bytes.
pub const DELIVERY_ID_BYTES: usize = 255;
/// How far a webhook's time may be from ours, in seconds.
pub const WEBHOOK_TOLERANCE_S: i64 = 300;
