//! The triggers an event is for, and what they open.

use super::{Bringing, NotNow};
use crate::{Opener, StartError, StartRequest, Which, refusals, why};
use journey::{
    Journey,
    journey::{Membership, Opens, Trigger},
    listing::{self, Kind},
};
use serde_json::{Value, json};
use store::{
    accounts::Account,
    events::{ACCOUNT_CHANGED, Event, ReactionKind, Reason},
    triggers::{Registered, TriggerKey},
};

impl Bringing<'_> {
    /// Opens what the triggers that listen for it open.
    pub(super) async fn open(&mut self) -> Result<(), NotNow> {
        for (kind, names) in names(self.event) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            for trigger in self.inner.store.listening(kind, &names).await? {
                self.open_at(&trigger).await?;
            }
        }
        Ok(())
    }

    async fn open_at(&mut self, listed: &Registered) -> Result<(), NotNow> {
        let key = &listed.key;
        let journey = match self.inner.compiled(key).await? {
            Ok(journey) => journey,
            Err(reason) => {
                self.note(key, ReactionKind::Failed, reason);
                return Ok(());
            }
        };
        let Some(trigger) = journey.trigger(&key.node) else { return Ok(()) };
        let input = self.input(&trigger);
        let kept_out = match self.account(&journey, &key.node, &input).await? {
            Err(reason) => Some(reason),
            Ok(_) if self.is_runaway() => Some(Self::runaway()),
            Ok(account) => match self.takes(&trigger, account.as_ref()) {
                Err(reason) => Some(reason),
                Ok(()) => self.start(key, account.as_ref(), input).await?,
            },
        };
        if let Some(reason) = kept_out {
            self.note(key, refusals::kind_of(&reason), reason);
        }
        Ok(())
    }

    /// Starts an instance; what keeps it out when it is kept out.
    async fn start(
        &mut self,
        key: &TriggerKey,
        account: Option<&Account>,
        input: Value,
    ) -> Result<Option<Reason>, NotNow> {
        let request = StartRequest {
            journey: key.journey,
            version: Which::Number(key.version),
            trigger: Some(key.node.clone()),
            account: account.map(|account| account.id.to_string()),
            input,
            dedupe_key: Some(format!("event:{}:{}", self.event.id, key.node)),
            opener: Opener::Event { event: self.event.id, depth: self.event.depth },
        };
        self.moves().await?;
        match self.inner.start(request).await {
            Ok(_) => Ok(None),
            Err(StartError::Failure(failure)) if failure.is_retryable() => {
                Err(NotNow::Failure(failure))
            }
            Err(StartError::Overloaded | StartError::ShuttingDown) => Err(NotNow::Busy),
            Err(error) => Ok(Some(refusals::reason(&error))),
        }
    }

    /// The account an instance would be about: the one the trigger names, or else the event's.
    async fn account(
        &self,
        journey: &Journey,
        node: &str,
        input: &Value,
    ) -> Result<Result<Option<Account>, Reason>, NotNow> {
        let named = match journey.account_of(node, input) {
            Ok(named) => named,
            Err(error) => {
                return Ok(Err(refusals::reason(&StartError::UnfitInput(error.to_string()))));
            }
        };
        let store = &self.inner.store;
        let own = self.event.account.map(|account| account.to_string());
        let Some(named) = named.or(own) else { return Ok(Ok(None)) };
        let found = match named.parse() {
            Ok(id) => store.account(id).await?,
            Err(_) => store.account_by_external_id(&named).await?,
        };
        let unknown = || refusals::reason(&StartError::UnknownAccount(named));
        Ok(found.map(Some).ok_or_else(unknown))
    }

    /// Whether the trigger wants this very event.
    fn takes(&self, trigger: &Trigger<'_>, account: Option<&Account>) -> Result<(), Reason> {
        match trigger.opens() {
            Opens::Event { .. } => {
                let account = account.map_or(Value::Null, Account::to_value);
                let now = self.inner.clock.now();
                if trigger.takes_event(&self.scope, &account, now) == Ok(true) {
                    return Ok(());
                }
                let explained = trigger.explain_when(&self.scope, &account, now);
                let unmet = explained.and_then(|explained| why::unmet("when", &explained));
                unmet.map_or(Ok(()), |unmet| Err(unmet.reason))
            }
            Opens::Change { field, .. } => {
                let (from, to) = change_of(self.event, field);
                if trigger.takes_change(from, to) {
                    return Ok(());
                }
                Err(refusals::change(field, from, to))
            }
            Opens::Manual
            | Opens::Webhook { .. }
            | Opens::Schedule { .. }
            | Opens::Date { .. }
            | Opens::Segment { .. }
            | Opens::Health { .. }
            | Opens::Journey => Ok(()),
        }
    }

    fn input(&self, trigger: &Trigger<'_>) -> Value {
        let Opens::Change { field, .. } = trigger.opens() else { return self.scope.clone() };
        let (from, to) = change_of(self.event, field);
        json!({
            "field": field, "from": from, "to": to,
            "account": self.event.account, "at": self.event.at.to_rfc3339(),
        })
    }
}

/// Under which names triggers that this event is for are listed.
fn names(event: &Event) -> Vec<(Kind, Vec<String>)> {
    let text = |member: &str| event.data.get(member).and_then(Value::as_str);
    let mut names = vec![(Kind::Event, vec![event.kind.clone()])];
    let segment = |change| {
        text("segment").map(|segment| (Kind::Segment, vec![listing::of_segment(segment, change)]))
    };
    names.extend(match event.kind.as_str() {
        "segment.entered" => segment(Membership::Entered),
        "segment.left" => segment(Membership::Left),
        "health.changed" => text("to").map(|to| (Kind::Health, vec![to.to_owned()])),
        ACCOUNT_CHANGED => {
            let fields = event.changes().map(|(field, ..)| listing::of_change("account", field));
            Some((Kind::Change, fields.collect()))
        }
        _ => None,
    });
    names
}

fn change_of<'a>(event: &'a Event, field: &str) -> (&'a Value, &'a Value) {
    const NONE: &Value = &Value::Null;
    let found = event.changes().find(|(changed, ..)| *changed == field);
    found.map_or((NONE, NONE), |(_, from, to)| (from, to))
}
