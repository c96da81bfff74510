use crate::bindings::waymark::connector::{call, clock, random};

/// The call being served, with the connection's settings.
#[derive(Debug)]
pub struct Call<C> {
    /// The connection's name.
    pub connection: String,
    /// Its configuration, checked against the manifest's schema.
    pub config: C,
}

/// The key under which this effect is done once, however often it is attempted.
pub fn idempotency_key() -> String {
    call::idempotency_key()
}

/// Which attempt this is, from 1.
pub fn attempt() -> u32 {
    call::attempt()
}

/// Unix time in milliseconds at which the host stops this call.
pub fn deadline_ms() -> u64 {
    call::deadline_ms()
}

/// Unix time in milliseconds by the host's clock.
pub fn now_ms() -> u64 {
    clock::now_ms()
}

/// `n` bytes from the host's random source; fresh in every call.
pub fn random_bytes(n: u32) -> Vec<u8> {
    random::bytes(n)
}
