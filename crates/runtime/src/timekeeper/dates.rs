//! Dates of accounts: planned when a version is published and when an account changes, fired when they come.

use super::{Opening, open_all};
use crate::{dispatch::NotNow, limits, refusals, runtime::Inner};
use journey::{Journey, Timestamp, calendar::Calendars, journey::AccountDate, listing::Kind};
use serde_json::json;
use std::sync::Arc;
use store::{
    Paging,
    accounts::Account,
    events::Event,
    triggers::{DueTrigger, NewDate, Planned, TriggerKey},
};

/// Plans the dates of the next accounts for a version that was published. Dates whose time had come by then do not fire.
pub(super) async fn plan_all(inner: &Arc<Inner>, due: &DueTrigger) -> Result<(), NotNow> {
    let key = &due.trigger.key;
    let Some(journey) = usable(inner, key).await? else {
        return Ok(inner.store.due_next(key, None).await?);
    };
    let calendars = inner.calendars_now().await?;
    let page = inner.store.accounts_in_order(None, Paging::new(due.done_to, limits::ROUND)).await?;
    let ahead = page.items.iter().filter_map(|account| {
        let date = date(&journey, key, account, &calendars)?;
        let is_ahead = date.fires_at > due.trigger.listed_at;
        is_ahead.then(|| new_date(key, account, Some(date)))
    });
    inner.store.plan_dates(&ahead.collect::<Vec<_>>()).await?;
    match page.next {
        Some(last) => inner.store.round_done_to(key, last).await?,
        None => inner.store.due_next(key, None).await?,
    }
    Ok(())
}

/// Plans anew the dates of an account that changed. One whose lead has begun already fires at once, unless the date is over itself.
pub(crate) async fn plan_after_change(inner: &Arc<Inner>, event: &Event) -> Result<(), NotNow> {
    let fields: Vec<&str> = event.changes().map(|(field, ..)| field).collect();
    let Some(account) = event.account.filter(|_| !fields.is_empty()) else { return Ok(()) };
    let triggers = inner.store.listening(Kind::Date, &fields).await?;
    if triggers.is_empty() {
        return Ok(());
    }
    let Some(account) = inner.store.account(account).await? else { return Ok(()) };
    let (calendars, now) = (inner.calendars_now().await?, inner.clock.now());
    let mut dates = Vec::with_capacity(triggers.len());
    for trigger in triggers {
        let key = &trigger.key;
        let Some(journey) = usable(inner, key).await? else { continue };
        let date = date(&journey, key, &account, &calendars).filter(|date| date.over_at > now);
        dates.push(new_date(key, &account, date));
    }
    inner.store.plan_dates(&dates).await?;
    inner.times.notify_one();
    Ok(())
}

/// Opens what dates that have come open.
pub(super) async fn fire(inner: &Arc<Inner>, dates: Vec<Planned>) -> Result<(), NotNow> {
    if dates.is_empty() {
        return Ok(());
    }
    let calendars = inner.calendars_now().await?;
    let (mut openings, mut anew) = (Vec::new(), Vec::new());
    for planned in &dates {
        let key = &planned.trigger;
        let found = usable(inner, key).await?.zip(inner.store.account(planned.account).await?);
        let Some((journey, account)) = found else { continue };
        match date(&journey, key, &account, &calendars) {
            Some(date) if date.value == planned.value => openings.push(Opening {
                trigger: key.clone(),
                account: Some(account.id),
                input: input(&journey, planned),
                key: format!("date:{}:{}:{}", key.node, account.id, date.value),
            }),
            // It was changed a moment ago.
            date => anew.push(new_date(key, &account, date)),
        }
    }
    open_all(inner, openings).await?;
    inner.store.dates_fired(&dates).await?;
    Ok(inner.store.plan_dates(&anew).await?)
}

fn input(journey: &Journey, planned: &Planned) -> serde_json::Value {
    let trigger = journey.trigger(&planned.trigger.node);
    let field = trigger.map(|trigger| trigger.opens().listing().1);
    json!({
        "field": field, "date": planned.value, "account": planned.account,
        "at": planned.fires_at.to_rfc3339(),
    })
}

/// The version's journey; `None` when it cannot be followed, which is written down.
async fn usable(inner: &Arc<Inner>, key: &TriggerKey) -> Result<Option<Arc<Journey>>, NotNow> {
    match inner.compiled(key).await? {
        Ok(journey) => Ok(Some(journey)),
        Err(reason) => {
            let reaction = refusals::reaction(key, None, reason);
            inner.store.react(&[reaction], inner.clock.now()).await?;
            Ok(None)
        }
    }
}

/// A date that has no moment so long before it does not fire: the explanation says why.
fn date(
    journey: &Journey,
    key: &TriggerKey,
    account: &Account,
    calendars: &Calendars,
) -> Option<AccountDate> {
    journey.trigger(&key.node)?.date_in(&account.to_value(), calendars).ok().flatten()
}

fn new_date(key: &TriggerKey, account: &Account, date: Option<AccountDate>) -> NewDate {
    let moment: Option<(String, Timestamp)> = date.map(|date| (date.value, date.fires_at));
    NewDate { trigger: key.clone(), account: account.id, seen: account.updated_at, moment }
}
