//! Messages: who gets one, how often, and sending each recipient's share once.

use crate::{Mail, limits, perform, runtime::Inner};
use journey::effect::{Failure, FailureKind, Message, Owner};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use store::{
    InstanceId,
    messages::{Counted, Share, Taken},
    work::WorkKey,
};

/// What the node that sent it leaves when nobody got the message.
const CAPPED: &str = "every recipient has had as many of this node's messages as they get in 24 hours; the message was written down and not sent";

impl Inner {
    /// Sends a message to all its recipients: `{"sent": true, "recipients": n}`, or `{"sent": false, "why": …}` when the cap keeps it back.
    ///
    /// Whoever got it is not sent it again; one recipient who cannot get it does not keep it from the others.
    pub(crate) async fn send(
        self: &Arc<Self>,
        key: &WorkKey,
        message: Message,
    ) -> Result<Value, Failure> {
        let recipients = self.recipients(&message.to).await?;
        let counted = self.counted(key.instance, &message).await?;
        let mut sent = 0_usize;
        let mut failed = None;
        for recipient in recipients {
            let share = Share { instance: key.instance, position: key.position, recipient };
            match self.send_share(&share, &counted, &message).await {
                Ok(true) => sent += 1,
                Ok(false) => {}
                // What may succeed later decides: the whole message is tried again, for whoever has not had it.
                Err(failure) if failure.kind.is_retryable() => failed = Some(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None if sent == 0 => Ok(json!({ "sent": false, "why": CAPPED })),
            None => Ok(json!({ "sent": true, "recipients": sent })),
        }
    }

    /// Whether the recipient has it now.
    async fn send_share(
        self: &Arc<Self>,
        share: &Share,
        counted: &Counted,
        message: &Message,
    ) -> Result<bool, Failure> {
        let now = self.clock.now();
        match self.store.take_share(share, counted, now).await.map_err(perform::store_away)? {
            Taken::Sent => return Ok(true),
            Taken::Capped => return Ok(false),
            Taken::Ours => {}
        }
        let mail = Mail {
            idempotency_key: format!("{}:{}", share.instance, share.position.0),
            to: share.recipient.clone(),
            subject: message.subject.clone(),
            body: message.body.clone(),
        };
        let performer = Arc::clone(&self.performer);
        let limit = Duration::from_millis(limits::MAIL_MS);
        let sent = perform::guarded(limit, async move { performer.send(mail).await }).await;
        match &sent {
            Ok(()) => self.store.share_sent(share).await.map_err(perform::store_away)?,
            Err(failure) if !failure.kind.is_retryable() => {
                self.store.drop_share(share).await.map_err(perform::store_away)?;
            }
            Err(_) => {}
        }
        sent.map(|()| true)
    }

    async fn counted(&self, instance: InstanceId, message: &Message) -> Result<Counted, Failure> {
        let stored = self.store.instance_summary(instance).await.map_err(perform::store_away)?;
        let journey = stored.map(|stored| stored.journey).ok_or_else(|| {
            permanent("message.no-instance", "the instance it comes from is gone".to_owned())
        })?;
        Ok(Counted { journey, node: message.node.clone(), cap: message.cap })
    }

    /// The addresses of users: the person's, or those of the team's members.
    async fn recipients(&self, to: &Owner) -> Result<Vec<String>, Failure> {
        let nobody = |why: String| permanent("message.no-recipient", why);
        if let Some(person) = &to.user {
            let found = self.store.user_by_email(person).await.map_err(perform::store_away)?;
            let found = found.map(|found| vec![found.user.email]);
            return found.ok_or_else(|| {
                nobody(format!("no user has the address '{person}'; messages go to users only"))
            });
        }
        let Some(team) = &to.team else {
            return Err(nobody("the message has nobody to go to".to_owned()));
        };
        let members = self.store.members_of(team).await.map_err(perform::store_away)?;
        if members.is_empty() {
            let why = format!("the team '{team}' has no members who could get the message");
            return Err(nobody(why));
        }
        Ok(members)
    }
}

fn permanent(code: &str, message: String) -> Failure {
    Failure { kind: FailureKind::Permanent, code: code.to_owned(), message, retry_after_ms: None }
}
