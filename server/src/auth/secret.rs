//! Secrets that clients carry: made from 256 random bits, shown once, kept only as hashes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// The cookie that carries a session.
pub(crate) const COOKIE: &str = "waymark_session";

/// The first characters of an API token, by which scanners of leaked secrets know one.
pub(crate) const TOKEN_PREFIX: &str = "wmk_";

/// A fresh secret of 256 random bits as text.
///
/// # Errors
///
/// The operating system gave no randomness.
pub(crate) fn generate(prefix: &str) -> Result<String, getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bits)))
}

/// What is kept of a secret: with 256 random bits a plain hash cannot be searched.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The session secret among a request's cookies.
pub(crate) fn from_cookies(cookies: &str) -> Option<&str> {
    cookies.split(';').find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// The `Set-Cookie` of a new session.
pub(crate) fn cookie(secret: &str, seconds: i64, transport: Transport) -> String {
    let secure = match transport {
        Transport::Tls => "; Secure",
        Transport::Plain => "",
    };
    format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// How the client reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_hash_to_something_else() {
        let (one, other) = (generate(TOKEN_PREFIX).unwrap(), generate(TOKEN_PREFIX).unwrap());
        assert_ne!(one, other);
        assert_eq!(one.len(), TOKEN_PREFIX.len() + 43);
        assert_ne!(hash(&one), hash(&other));
        assert_eq!(hash(&one), hash(&one));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        assert_eq!(from_cookies("a=b; waymark_session=xyz; c=d"), Some("xyz"));
        assert_eq!(from_cookies("not_waymark_session=xyz"), None);
        let set = cookie("xyz", 60, Transport::Tls);
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Secure"));
        assert!(!cookie("xyz", 60, Transport::Plain).contains("Secure"));
    }
}
