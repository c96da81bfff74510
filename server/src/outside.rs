//! Everything by which the runtime reaches the outside: connectors and the mail server.

use async_trait::async_trait;
use failpoints::Point;
use journey::effect::Failure;
use runtime::{CallRequest, Mail, Perform};
use serde_json::Value;
use std::sync::Arc;

use crate::{
    connectors::Connectors,
    mail::{self, Mailer},
};

/// The outside of a running server.
pub(crate) struct Outside {
    pub(crate) connectors: Arc<Connectors>,
    /// `None` where no mail server is set.
    pub(crate) mailer: Option<Mailer>,
}

#[async_trait]
impl Perform for Outside {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure> {
        failpoints::around(Point::Call, self.connectors.call(request)).await
    }

    async fn send(&self, mail: Mail) -> Result<(), Failure> {
        match &self.mailer {
            Some(mailer) => mailer.send(&mail).await,
            None => Err(mail::not_configured()),
        }
    }
}
