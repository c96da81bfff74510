//! Mail by SMTP: one message to one recipient, under an id that a second attempt has as well.

use anyhow::{Context, Result, bail};
use failpoints::Point;
use journey::effect::{Failure, FailureKind};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, SinglePart,
        header::{Header, HeaderName, HeaderValue},
    },
    transport::smtp::Error,
};
use runtime::Mail;
use sha2::{Digest, Sha256};
use std::{error::Error as _, time::Duration};
use url::{Host, Url};

use crate::limits;

/// How mail goes out: where to, and from whom.
#[derive(Clone)]
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// A mail server as settings name it; the address may hold a password and is never shown.
#[derive(Clone)]
pub(crate) struct MailSettings {
    pub(crate) url: String,
    pub(crate) from: String,
}

/// Tells other machines not to answer, by RFC 3834.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> std::result::Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// Reads `smtp://[user:password@]host[:port][?tls=required|opportunistic]` or `smtps://…`.
    pub(crate) fn new(settings: &MailSettings) -> Result<Self> {
        let from = settings.from.parse::<Mailbox>().with_context(|| {
            format!("the sender of mail '{}' is no e-mail address", settings.from)
        })?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&checked(&settings.url)?)
            .context("the address of the mail server is not valid")?
            .timeout(Some(Duration::from_secs(limits::SMTP_S)))
            .build();
        Ok(Self { transport, from })
    }

    /// Returns when the mail server has taken the message.
    pub(crate) async fn send(&self, mail: &Mail) -> std::result::Result<(), Failure> {
        let message = self.message(mail)?;
        let sent = failpoints::around(Point::Mail, self.transport.send(message)).await;
        sent.map(drop).map_err(|error| failure(&error))
    }

    fn message(&self, mail: &Mail) -> std::result::Result<Message, Failure> {
        let unfit = |error: &dyn std::error::Error| {
            let why = format!("the message to '{}' cannot be written: {error}", mail.to);
            permanent("mail.unfit", why)
        };
        // An address and nothing else: no list of them, no name with a line break in it.
        let to: Address = mail.to.parse().map_err(|error| unfit(&error))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&mail.subject))
            .message_id(Some(self.message_id(mail)))
            .header(AutoSubmitted)
            .singlepart(SinglePart::plain(mail.body.clone()))
            .map_err(|error| unfit(&error))
    }

    /// The same for every attempt, so that a mail server or a reader can tell a repetition.
    fn message_id(&self, mail: &Mail) -> String {
        let digest = Sha256::digest(format!("{}\n{}", mail.idempotency_key, mail.to));
        format!("<{}@{}>", hex::encode(&digest[..16]), self.from.email.domain())
    }
}

/// An address that does not send its password over the network in the clear.
fn checked(url: &str) -> Result<String> {
    let read = Url::parse(url).context("the address of the mail server is not valid")?;
    let in_clear = read.scheme() == "smtp" && !read.query_pairs().any(|(name, _)| name == "tls");
    let on_this_machine = match read.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if in_clear && read.password().is_some() && !on_this_machine {
        bail!(
            "the password of the mail server would go over the network in the clear: use smtps://, or add ?tls=required"
        );
    }
    Ok(url.to_owned())
}

/// A subject is one line, whatever was filled into it.
fn one_line(subject: &str) -> String {
    let line: String =
        subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a mail server's answer means for another attempt, by RFC 5321: 4xx may succeed later, 5xx will not.
fn failure(error: &Error) -> Failure {
    let status = error.status().map(|code| code.to_string());
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    let (kind, code) = match status.as_deref() {
        Some(code @ ("530" | "534" | "535" | "538")) => (FailureKind::Auth, format!("smtp.{code}")),
        Some(code) if error.is_permanent() => (FailureKind::Permanent, format!("smtp.{code}")),
        Some(code) => (FailureKind::Transient, format!("smtp.{code}")),
        None if error.is_client() => (FailureKind::Permanent, "smtp.client".to_owned()),
        None => (FailureKind::Transient, "smtp.unreachable".to_owned()),
    };
    let message = format!("The mail server did not take the message: {why}.");
    Failure { kind, code, message, retry_after_ms: None }
}

/// What sending comes to where no mail server is set.
pub(crate) fn not_configured() -> Failure {
    let message = "No mail server is set, so the message was not sent. Set WAYMARK_SMTP_URL and WAYMARK_MAIL_FROM, start the server again, then try again.";
    permanent("mail.not-configured", message.to_owned())
}

fn permanent(code: &str, message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, code: code.to_owned(), message, retry_after_ms: None }
}

#[cfg(test)]
mod tests;
