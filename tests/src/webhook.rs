//! A sender of signed webhooks: the other side of the server's check, from a library that knows nothing of it.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use crate::server::{Answer, Client};

/// How long a delivery waits for the journey it starts to come to rest, in seconds.
const WAIT_S: u32 = 60;

/// A hook of the server's and the secret it is signed with.
pub struct Sender {
    path: String,
    signer: Webhook,
}

impl Sender {
    /// Makes a hook for a journey; from then on its deliveries must be signed.
    pub async fn for_journey(admin: &Client, slug: &str, journey: &str) -> Result<Self> {
        let asked = json!({ "slug": slug, "journey": journey, "signed": true });
        let made = admin.post("/api/v1/hooks", &asked).await?.expect(201)?;
        let text =
            |member: &str| made[member].as_str().with_context(|| format!("{member}: {made}"));
        Ok(Self { path: text("url")?.to_owned(), signer: Webhook::new(text("secret")?)? })
    }

    /// Delivers `body` under the message id `id` and waits until what it started has come to rest.
    pub async fn deliver(&self, client: &Client, id: &str, body: &Value) -> Result<Answer> {
        let body = body.to_string();
        let request = client
            .request(Method::POST, &self.path)
            .header("content-type", "application/json")
            .header("prefer", format!("wait={WAIT_S}"));
        let delivery = Delivery { id, sent: now()?, body: &body };
        client.send(delivery.signed_by(&self.signer, request)?).await
    }
}

/// One delivery, as right or as wrong as a test wants it.
#[derive(Clone, Copy)]
pub struct Delivery<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, in seconds since 1970.
    pub sent: i64,
    /// The JSON sent.
    pub body: &'a str,
}

impl Delivery<'_> {
    /// The request with this delivery, signed with `secret`.
    pub fn sign(&self, request: RequestBuilder, secret: &str) -> Result<RequestBuilder> {
        self.signed_by(&Webhook::new(secret)?, request)
    }

    fn signed_by(&self, signer: &Webhook, request: RequestBuilder) -> Result<RequestBuilder> {
        let signature = signer.sign(self.id, self.sent, self.body.as_bytes())?;
        Ok(request
            .header("webhook-id", self.id)
            .header("webhook-timestamp", self.sent)
            .header("webhook-signature", signature)
            .body(self.body.to_owned()))
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a sender has a clock of its own")]
pub fn now() -> Result<i64> {
    Ok(i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?)
}
