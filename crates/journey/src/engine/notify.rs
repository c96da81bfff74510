//! A notify: a message to a person or a team. Those inside the product are only written down; the others are sent like calls.

use super::{Ask, Fact, On, Position, Turn, failure};
use crate::{
    Timestamp,
    calendar::{Business, Duration},
    effect::{Call, Failure, Message, Owner},
    expr::EvalError,
    journey::Node,
    settings::{Channel, Notify, Retry},
};
use serde_json::{Value, json};

/// The operation a connection is called with.
pub(crate) const OPERATION: &str = "notify";
const TIMEOUT_MS: u64 = 30_000;

type Texts = (Owner, String, String);

impl<'a> Turn<'a> {
    pub(super) fn notify(&mut self, node: &'a Node, position: Position, notify: &'a Notify) {
        let (to, subject, body) = match self.texts(notify) {
            Ok(Some(texts)) => texts,
            Ok(None) => {
                let message = "the message has nobody to go to".to_owned();
                return self.raise(position, failure("owner.unresolved", message));
            }
            Err((what, error)) => return self.raise_error(position, what, &error),
        };
        if notify.channel == Channel::App {
            let about = if subject.is_empty() { body } else { format!("{subject}: {body}") };
            self.record(Fact::Told { position, to: to.clone(), about: about.clone() });
            self.ask(position, Ask::Notify { to, about });
            return self.leave(node, position, "out");
        }
        let input = json!({ "to": to, "subject": subject, "body": body });
        let due = match self.opening(node, notify) {
            Ok(due) => due,
            Err(failure) => return self.raise(position, failure),
        };
        let held = (due > self.now).then_some(due);
        self.wait(position, On::Call { attempt: 1, input: input.clone(), due: held });
        let ask = sending(node, notify, &input, 1);
        self.ask_at(due, position, ask);
    }

    /// Who is told, the subject and the body; `None` when there is nobody to tell.
    fn texts(&self, notify: &Notify) -> Result<Option<Texts>, (&'static str, EvalError)> {
        let scope = self.scope();
        let subject = match &notify.subject {
            Some(subject) => subject.render(&scope).map_err(|error| ("the subject", error))?,
            None => String::new(),
        };
        let body = notify.body.render(&scope).map_err(|error| ("the body", error))?;
        let to = self.resolve(&notify.to).map_err(|error| ("the recipient", error))?;
        Ok(to.map(|to| (to, subject, body)))
    }

    /// Now, or when the calendar of its hours opens.
    fn opening(&self, node: &Node, notify: &Notify) -> Result<Timestamp, Failure> {
        let Some(calendar) = notify.hours.clone() else { return Ok(self.now) };
        // No working time from now: this moment while the calendar is open, else its next opening.
        let open = Business { calendar: Some(calendar), ..Business::default() };
        self.later(node, &Duration::Business(open))
    }

    pub(super) fn message_failed(
        &mut self,
        node: &'a Node,
        position: Position,
        notify: &'a Notify,
        failure: Failure,
    ) {
        let Some(On::Call { attempt, input, .. }) =
            self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let (attempt, input) = (*attempt, input.clone());
        self.record(Fact::CallFailed { position, failure: failure.clone(), attempt });
        let retry = Retry::default();
        if !failure.kind.is_retryable() || attempt >= retry.attempts {
            return self.raise(position, failure);
        }
        let due = self.now.plus(retry.pause(attempt, &failure));
        self.record(Fact::CallRetried { position, attempt: attempt + 1, due });
        let ask = sending(node, notify, &input, attempt + 1);
        self.ask_at(due, position, ask);
    }
}

fn sending(node: &Node, notify: &Notify, input: &Value, attempt: u32) -> Ask {
    let text = |member: &str| input[member].as_str().unwrap_or_default().to_owned();
    match &notify.channel {
        Channel::Connection(connection) => Ask::Call(Call {
            connection: connection.clone(),
            operation: OPERATION.to_owned(),
            input: input.clone(),
            timeout_ms: TIMEOUT_MS,
            attempt,
        }),
        Channel::Email | Channel::App => Ask::Send(Box::new(Message {
            to: serde_json::from_value(input["to"].clone()).unwrap_or_default(),
            subject: text("subject"),
            body: text("body"),
            node: node.id.clone(),
            cap: notify.cap,
            attempt,
        })),
    }
}
