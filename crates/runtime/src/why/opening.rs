//! What a trigger waits for: an event, a change, a time; whether it came, and whether it was the right one.

use super::{Asking, Failing, Fired, NoAnswer, Why, failing, unmet};
use crate::refusals;
use journey::{
    Journey, Timestamp,
    journey::{Membership, Opens, Trigger, event_scope},
};
use serde_json::{Value, json};
use store::{
    Paging,
    events::{ACCOUNT_CHANGED, Event, Filter, ReactionKind},
};

/// Newest events of an account that are looked at for one a trigger waits for.
const EVENTS: u32 = 500;

impl Asking<'_> {
    /// The input an instance would be opened with; `None` when something stands in the way already, or it was opened.
    pub(super) async fn opening(
        &self,
        journey: &Journey,
        trigger: &Trigger<'_>,
        event: Option<&Event>,
        why: &mut Why,
    ) -> Result<Option<Value>, NoAnswer> {
        let opens = trigger.opens();
        let opened = match opens {
            Opens::Manual | Opens::Webhook { .. } | Opens::Journey => Ok(json!({})),
            Opens::Schedule { for_each, .. } => self.schedule(trigger, for_each, why),
            Opens::Date { field, .. } => self.date(trigger, field, why).await?,
            Opens::Event { .. }
            | Opens::Change { .. }
            | Opens::Segment { .. }
            | Opens::Health { .. } => {
                let found = match event {
                    Some(event) => Some(event.clone()),
                    None => self.last_event(opens).await?,
                };
                why.event = found.as_ref().map(|event| event.id);
                match found {
                    None => Err(Some(no_event(opens))),
                    Some(event) => self.event(journey, trigger, &event, why).await?,
                }
            }
        };
        match opened {
            Ok(input) => Ok(Some(input)),
            Err(in_the_way) => {
                why.failing = in_the_way;
                Ok(None)
            }
        }
    }

    /// The newest event of the account that the trigger listens for.
    async fn last_event(&self, opens: Opens<'_>) -> Result<Option<Event>, NoAnswer> {
        let filter =
            Filter { kind: Some(event_of(opens).to_owned()), account: Some(self.account.id) };
        let page = self.inner.store.events(&filter, Paging::first(EVENTS)).await?;
        Ok(page.items.into_iter().find(|event| is_for(opens, event)))
    }

    async fn event(
        &self,
        journey: &Journey,
        trigger: &Trigger<'_>,
        event: &Event,
        why: &mut Why,
    ) -> Result<Result<Value, Option<Failing>>, NoAnswer> {
        let opens = trigger.opens();
        if !is_for(opens, event) {
            let sentence = format!("The trigger does not listen for '{}'.", event.kind);
            let facts = json!({ "type": event.kind });
            return Ok(Err(Some(failing("other-event", sentence, facts, &wanted(opens)))));
        }
        if let Some(fired) = self.fired_by(event).await? {
            why.fired = Some(fired);
            return Ok(Err(None));
        }
        if event.is_pending {
            let sentence = "The event has not been dispatched yet.".to_owned();
            return Ok(Err(Some(failing("pending", sentence, Value::Null, ""))));
        }
        let scope = event_scope(&event.to_value());
        if let Opens::Change { field, .. } = opens {
            return Ok(self.change(trigger, field, event));
        }
        if let Some(other) = self.other_account(journey, trigger, &scope, event) {
            return Ok(Err(Some(other)));
        }
        why.when = trigger.explain_when(&scope, &self.account_value(), self.inner.clock.now());
        match why.when.as_ref().and_then(|when| unmet("when", when)) {
            Some(unmet) => Ok(Err(Some(unmet))),
            None => Ok(Ok(scope)),
        }
    }

    /// What the event opened through this trigger for this account.
    async fn fired_by(&self, event: &Event) -> Result<Option<Fired>, NoAnswer> {
        let mut paging = Paging::first(store::limits::PAGE_ROWS);
        loop {
            let page = self.inner.store.reactions(event.id, paging).await?;
            let fired = page.items.iter().find(|one| {
                let at = &one.reaction;
                at.kind == ReactionKind::Started
                    && at.journey == self.trigger.key.journey
                    && at.version == self.trigger.key.version
                    && at.node == self.trigger.key.node
                    && at.account == Some(self.account.id)
            });
            let fired = fired.and_then(|one| Some((one.reaction.instance?, one.at)));
            if let Some(((instance, _), at)) = fired {
                return Ok(Some(Fired { instance, at }));
            }
            let Some(next) = page.next else { return Ok(None) };
            paging = Paging::new(Some(next), store::limits::PAGE_ROWS);
        }
    }

    fn change(
        &self,
        trigger: &Trigger<'_>,
        field: &str,
        event: &Event,
    ) -> Result<Value, Option<Failing>> {
        let (from, to) = event
            .changes()
            .find(|(changed, ..)| *changed == field)
            .map_or((&Value::Null, &Value::Null), |(_, from, to)| (from, to));
        if trigger.takes_change(from, to) {
            return Ok(json!({
                "field": field, "from": from, "to": to,
                "account": self.account.id, "at": event.at.to_rfc3339(),
            }));
        }
        let change = wanted_change(field, trigger.wanted_change());
        Err(Some(Failing { reason: refusals::change(field, from, to), change: Some(change) }))
    }

    /// The event is about another account than the one asked for.
    fn other_account(
        &self,
        journey: &Journey,
        trigger: &Trigger<'_>,
        scope: &Value,
        event: &Event,
    ) -> Option<Failing> {
        let named = match journey.account_of(trigger.id(), scope) {
            Ok(named) => named,
            Err(error) => {
                let sentence =
                    format!("The trigger's account has no value for this event: {error}.");
                return Some(failing("no-value", sentence, Value::Null, ""));
            }
        };
        let own = event.account.map(|account| account.to_string());
        let named = named.or(own);
        let ours = [self.account.id.to_string(), self.account.external_id.clone()];
        if named.as_ref().is_some_and(|named| ours.contains(named)) {
            return None;
        }
        let sentence = match &named {
            Some(named) => format!("The event is about the account '{named}'."),
            None => "The event is about no account.".to_owned(),
        };
        let change = format!("It would have to be about '{}'.", self.account.external_id);
        Some(failing("other-account", sentence, json!({ "account": named }), &change))
    }

    fn schedule(
        &self,
        trigger: &Trigger<'_>,
        for_each: Option<&str>,
        why: &Why,
    ) -> Result<Value, Option<Failing>> {
        let segment = self.account.segment.as_deref();
        if let Some(wanted) = for_each.filter(|wanted| segment != Some(*wanted)) {
            let sentence = format!("The schedule is for the accounts of segment '{wanted}'.");
            let change = format!("account.segment would have to be '{wanted}'.");
            let facts = json!({ "account.segment": segment });
            return Err(Some(failing("not-in-segment", sentence, facts, &change)));
        }
        let now = self.inner.clock.now();
        let next = trigger.recurrence().and_then(|recurrence| recurrence.next_after(now));
        if next.is_none() {
            let sentence = "The schedule is over: its last time has passed.".to_owned();
            let change = "The schedule would have to go on: move UNTIL, or start it later.";
            return Err(Some(failing(
                "schedule-over",
                sentence,
                json!({ "now": now.to_rfc3339() }),
                change,
            )));
        }
        if why.fired.is_none() && for_each.is_some() {
            return Err(Some(not_yet(next)));
        }
        let at = next.unwrap_or(now).to_rfc3339();
        Ok(json!({ "at": at, "segment": for_each, "account": self.account.id }))
    }

    async fn date(
        &self,
        trigger: &Trigger<'_>,
        field: &str,
        why: &Why,
    ) -> Result<Result<Value, Option<Failing>>, NoAnswer> {
        let calendars = self.inner.calendars_now().await?;
        let account = self.account_value();
        let facts = json!({ format!("account.{field}"): account.get(field) });
        let date = match trigger.date_in(&account, &calendars) {
            Ok(Some(date)) => date,
            Ok(None) => {
                let sentence = format!("account.{field} holds no date.");
                let change = format!("account.{field} would have to be a date such as 2026-01-31.");
                return Ok(Err(Some(failing("no-date", sentence, facts, &change))));
            }
            Err(error) => {
                let sentence = format!("There is no moment that long before the date: {error}.");
                return Ok(Err(Some(failing("no-date", sentence, facts, ""))));
            }
        };
        let now = self.inner.clock.now();
        if why.fired.is_none() && date.fires_at > now {
            return Ok(Err(Some(not_yet(Some(date.fires_at)))));
        }
        if why.fired.is_none() {
            let at = date.fires_at.to_rfc3339();
            let sentence = format!(
                "The moment for '{}', {at}, had passed before the version was published or the date was written.",
                date.value
            );
            let change = format!("account.{field} would have to be a later date.");
            return Ok(Err(Some(failing("date-passed", sentence, facts, &change))));
        }
        Ok(Ok(json!({
            "field": field, "date": date.value, "account": self.account.id,
            "at": date.fires_at.to_rfc3339(),
        })))
    }
}

/// The type of the events that bring what a trigger waits for.
fn event_of(opens: Opens<'_>) -> &str {
    match opens {
        Opens::Event { event } => event,
        Opens::Change { .. } => ACCOUNT_CHANGED,
        Opens::Segment { change: Membership::Entered, .. } => "segment.entered",
        Opens::Segment { change: Membership::Left, .. } => "segment.left",
        Opens::Health { .. } => "health.changed",
        Opens::Manual
        | Opens::Webhook { .. }
        | Opens::Schedule { .. }
        | Opens::Date { .. }
        | Opens::Journey => "",
    }
}

fn is_for(opens: Opens<'_>, event: &Event) -> bool {
    let named =
        |member: &str, wanted: &str| event.data.get(member).and_then(Value::as_str) == Some(wanted);
    event.kind == event_of(opens)
        && match opens {
            Opens::Change { field, .. } => event.changes().any(|(changed, ..)| changed == field),
            Opens::Segment { segment, .. } => named("segment", segment),
            Opens::Health { to } => named("to", to),
            Opens::Manual
            | Opens::Webhook { .. }
            | Opens::Event { .. }
            | Opens::Schedule { .. }
            | Opens::Date { .. }
            | Opens::Journey => true,
        }
}

fn no_event(opens: Opens<'_>) -> Failing {
    let sentence = "Nothing the trigger listens for has come for this account.".to_owned();
    failing("no-event", sentence, json!({ "type": event_of(opens) }), &wanted(opens))
}

/// What would have to come.
fn wanted(opens: Opens<'_>) -> String {
    let kind = event_of(opens);
    match opens {
        Opens::Change { field, .. } => format!("account.{field} would have to change."),
        Opens::Segment { segment, .. } => {
            format!("A '{kind}' event for the segment '{segment}' would have to come.")
        }
        Opens::Health { to } => format!("A '{kind}' event to '{to}' would have to come."),
        Opens::Manual
        | Opens::Webhook { .. }
        | Opens::Event { .. }
        | Opens::Schedule { .. }
        | Opens::Date { .. }
        | Opens::Journey => format!("A '{kind}' event would have to come."),
    }
}

fn wanted_change(field: &str, (from, to): (Option<&Value>, Option<&Value>)) -> String {
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
    format!("account.{field} would have to change{from}{to}.")
}

fn not_yet(at: Option<Timestamp>) -> Failing {
    match at {
        Some(at) => {
            let at = at.to_rfc3339();
            let sentence = format!("Its time is {at}, which has not come.");
            failing("not-yet", sentence, json!({ "at": at }), &format!("It would have to be {at}."))
        }
        None => failing(
            "over",
            "Its times are over.".to_owned(),
            Value::Null,
            "It would need a later time.",
        ),
    }
}
