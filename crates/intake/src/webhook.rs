//! Standard Webhooks: what a signed delivery must carry.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use journey::Timestamp;
use sha2::Sha256;

use crate::limits;

/// The first characters of a signing secret.
const SECRET_PREFIX: &str = "whsec_";

/// Why a delivery is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    #[error("the header `{0}` is missing or cannot be read")]
    Header(&'static str),
    #[error("`webhook-timestamp` is more than five minutes from now")]
    Time,
    #[error("no signature in `webhook-signature` matches the body")]
    Signature,
    #[error("the hook's secret cannot be read")]
    Secret,
}

/// The signing secret of these random bits, as both sides write it.
pub fn secret(bits: &[u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bits))
}

/// Verifies a signed delivery and gives its `webhook-id`, by which a second delivery is known.
///
/// # Errors
///
/// A header is missing, the delivery is old, or nobody who knows the secret signed it.
pub fn verify<'a>(
    headers: &'a HeaderMap,
    body: &[u8],
    secret: &str,
    now: Timestamp,
) -> Result<&'a str, Distrust> {
    let id = header(headers, "webhook-id")?;
    if id.is_empty() || id.len() > limits::DELIVERY_ID_BYTES {
        return Err(Distrust::Header("webhook-id"));
    }
    let sent = header(headers, "webhook-timestamp")?;
    let seconds: i64 = sent.parse().map_err(|_| Distrust::Header("webhook-timestamp"))?;
    let apart = (now.0 / 1000).saturating_sub(seconds).saturating_abs();
    if apart > limits::WEBHOOK_TOLERANCE_S {
        return Err(Distrust::Time);
    }
    let signatures = header(headers, "webhook-signature")?;
    let mac = mac(secret, id, sent, body)?;
    let matches = signatures
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    if matches { Ok(id) } else { Err(Distrust::Signature) }
}

/// Signs a delivery as its sender would; `sent` is in seconds since 1970.
///
/// # Errors
///
/// The secret cannot be read.
pub fn sign(secret: &str, id: &str, sent: i64, body: &[u8]) -> Result<String, Distrust> {
    let mac = mac(secret, id, &sent.to_string(), body)?;
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn mac(secret: &str, id: &str, sent: &str, body: &[u8]) -> Result<Hmac<Sha256>, Distrust> {
    let key = STANDARD
        .decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret))
        .map_err(|_| Distrust::Secret)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| Distrust::Secret)?;
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(sent.as_bytes());
    mac.update(b".");
    mac.update(body);
    Ok(mac)
}

fn header<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, Distrust> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Distrust::Header(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn delivery(id: &str, sent: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", sent.into());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    /// The example in the specification's reference implementations.
    #[test]
    fn the_published_example_verifies() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let headers = delivery("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, signature);
        let id = verify(&headers, body, secret, Timestamp(1_614_265_331_000));
        assert_eq!(id, Ok("msg_p5jXN8AQM9LWM0D4loKWxJek"));
    }

    #[test]
    fn a_changed_body_an_old_delivery_or_another_secret_is_refused() {
        let (ours, theirs) = (secret(&[1; 32]), secret(&[2; 32]));
        let sent = NOW.0 / 1000;
        let signature = sign(&ours, "msg_1", sent, b"{}").unwrap();
        let headers = delivery("msg_1", sent, &format!("v1,bm9uc2Vuc2U= {signature}"));
        assert_eq!(verify(&headers, b"{}", &ours, NOW), Ok("msg_1"));
        assert_eq!(verify(&headers, b"{ }", &ours, NOW), Err(Distrust::Signature));
        assert_eq!(verify(&headers, b"{}", &theirs, NOW), Err(Distrust::Signature));
        assert_eq!(verify(&headers, b"{}", &ours, NOW.plus(301_000)), Err(Distrust::Time));
        assert_eq!(verify(&headers, b"{}", &ours, NOW.plus(-302_000)), Err(Distrust::Time));
        assert_eq!(
            verify(&HeaderMap::new(), b"{}", &ours, NOW),
            Err(Distrust::Header("webhook-id"))
        );
    }
}
