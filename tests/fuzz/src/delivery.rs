//! Webhooks: headers until an empty line, then the body.

use crate::check_sentence;
use http::{HeaderMap, HeaderName, HeaderValue};
use intake::webhook::{secret, sign, verify};
use journey::Timestamp;

pub(crate) const WORDS: &[&str] = &[
    "webhook-id: ",
    "webhook-timestamp: ",
    "webhook-signature: ",
    "v1,",
    "v1a,",
    "v2,",
    " ",
    "\n",
    "\n\n",
    "msg_1",
    "1790000000",
    "9223372036854775807",
    "-9223372036854775808",
    "1789999701",
    "=",
    "==",
    "{\"n\": 1}",
    "[",
    "}",
    "null",
];

const NOW: Timestamp = Timestamp(1_790_000_000_000);

pub(crate) fn holds(input: &[u8]) {
    let (headers, body) = read(input);
    let (ours, theirs) = (secret(&[7; 32]), secret(&[8; 32]));
    match verify(&headers, body, &ours, NOW) {
        Ok(id) => check_signed(&headers, id, body, &ours),
        Err(distrust) => check_sentence(&distrust.to_string()),
    }
    // What its sender signs is believed, whatever it is, and nothing else is.
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or("msg_1");
    let sent = NOW.0 / 1000;
    let Ok(signature) = sign(&ours, id, sent, body) else { panic!("a secret of ours can be read") };
    let mut signed = headers.clone();
    let value = |text: &str| HeaderValue::from_str(text).expect("visible letters");
    signed.insert("webhook-id", value(id));
    signed.insert("webhook-timestamp", sent.into());
    signed.insert("webhook-signature", value(&signature));
    if (1..=intake::limits::DELIVERY_ID_BYTES).contains(&id.len()) {
        assert_eq!(verify(&signed, body, &ours, NOW), Ok(id));
    }
    assert!(verify(&signed, body, &theirs, NOW).is_err(), "somebody else's secret");
    let longer = [body, b" "].concat();
    assert!(verify(&signed, &longer, &ours, NOW).is_err(), "another body");
    let secret = String::from_utf8_lossy(body);
    if let Err(distrust) = verify(&signed, body, &secret, NOW) {
        check_sentence(&distrust.to_string());
    }
}

/// Whoever is believed has signed this, at the time they say.
fn check_signed(headers: &HeaderMap, id: &str, body: &[u8], secret: &str) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let sent: i64 = text("webhook-timestamp").parse().expect("a number of seconds");
    assert!((NOW.0 / 1000 - sent).abs() <= intake::limits::WEBHOOK_TOLERANCE_S);
    let mut signatures = vec![sign(secret, id, sent, body)];
    // A number can be written in several ways, and what is signed is the text.
    signatures.push(sign(secret, &format!("{id}."), sent, body));
    let is_plain = text("webhook-timestamp") == sent.to_string();
    let named = text("webhook-signature");
    assert!(!is_plain || signatures[0].as_ref().is_ok_and(|one| named.contains(one.as_str())));
}

fn read(input: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    let mut rest = input;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
        let line = &rest[..at];
        rest = &rest[at + 1..];
        if line.is_empty() {
            break;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let name = HeaderName::from_bytes(line[..colon].trim_ascii());
        let value = line.get(colon + 1..).unwrap_or_default();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.trim_ascii())) {
            headers.append(name, value);
        }
    }
    (headers, rest)
}
