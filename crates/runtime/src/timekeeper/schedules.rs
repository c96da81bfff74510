//! Schedules: which of the times that have come open instances, and for whom.

use super::{Opening, open_all};
use crate::{dispatch::NotNow, limits, refusals, runtime::Inner};
use journey::{
    Timestamp,
    journey::{Missed, Opens},
    recurrence::Recurrence,
};
use serde_json::json;
use std::sync::Arc;
use store::{
    Paging,
    triggers::{DueTrigger, TriggerKey},
};

/// Does the next piece of a schedule's work.
pub(super) async fn follow(inner: &Arc<Inner>, due: &DueTrigger) -> Result<(), NotNow> {
    let key = &due.trigger.key;
    let journey = match inner.compiled(key).await? {
        Ok(journey) => journey,
        Err(reason) => {
            let reaction = refusals::reaction(key, None, reason);
            inner.store.react(&[reaction], inner.clock.now()).await?;
            return Ok(inner.store.due_next(key, None).await?);
        }
    };
    let found = journey.trigger(&key.node);
    let schedule = found.and_then(|trigger| Some((trigger.recurrence()?, trigger.opens())));
    let Some((recurrence, Opens::Schedule { for_each, missed, .. })) = schedule else {
        return Ok(inner.store.due_next(key, None).await?);
    };
    let Some(at) = due.due else {
        let first = recurrence.next_after(due.trigger.listed_at);
        return Ok(inner.store.due_next(key, first).await?);
    };
    let goes_on = goes_on_at(recurrence, missed, at, inner.clock.now());
    if due.done_to.is_none() && goes_on != Some(at) {
        return skip(inner, key, at, goes_on).await;
    }
    let is_over = match for_each {
        None => {
            open_all(inner, vec![opening(due, at, None)]).await?;
            true
        }
        Some(segment) => page(inner, due, at, segment).await?,
    };
    if is_over {
        inner.store.due_next(key, recurrence.next_after(at)).await?;
    }
    Ok(())
}

/// Opens instances for the next accounts of a segment; whether those were the last.
async fn page(
    inner: &Arc<Inner>,
    due: &DueTrigger,
    at: Timestamp,
    segment: &str,
) -> Result<bool, NotNow> {
    let paging = Paging::new(due.done_to, limits::ROUND);
    let page = inner.store.accounts_in_order(Some(segment), paging).await?;
    let openings = page.items.iter().map(|account| opening(due, at, Some((account.id, segment))));
    open_all(inner, openings.collect()).await?;
    match page.next {
        Some(last) => {
            inner.store.round_done_to(&due.trigger.key, last).await?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn opening(due: &DueTrigger, at: Timestamp, for_one: Option<(store::AccountId, &str)>) -> Opening {
    let key = format!("schedule:{}:{}", due.trigger.key.node, at.0);
    Opening {
        trigger: due.trigger.key.clone(),
        account: for_one.map(|(account, _)| account),
        input: match for_one {
            None => json!({ "at": at.to_rfc3339() }),
            Some((account, segment)) => {
                json!({ "at": at.to_rfc3339(), "segment": segment, "account": account })
            }
        },
        key: match for_one {
            None => key,
            Some((account, _)) => format!("{key}:{account}"),
        },
    }
}

/// Times that passed while nothing was running are left out, which is written down.
async fn skip(
    inner: &Arc<Inner>,
    key: &TriggerKey,
    from: Timestamp,
    to: Option<Timestamp>,
) -> Result<(), NotNow> {
    let reaction = refusals::reaction(key, None, refusals::missed(from, to));
    inner.store.react(&[reaction], inner.clock.now()).await?;
    Ok(inner.store.due_next(key, to).await?)
}

/// The time a schedule goes on with when it stands at `at` and it is `now`.
fn goes_on_at(
    recurrence: &Recurrence,
    missed: Missed,
    at: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    let on_time = now.plus(-limits::LATE_MS);
    if at >= on_time {
        return Some(at);
    }
    match missed {
        Missed::Skip => recurrence.next_after(on_time.plus(-1)),
        Missed::Once => last(recurrence, 1, at, now),
        Missed::All => last(recurrence, limits::MISSED, at, now),
    }
}

/// The first of the last `most` times from `at` to `now`.
fn last(recurrence: &Recurrence, most: usize, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    // A window that grows backwards: a rule of every minute that was missed for a year is not walked through.
    let mut reach = limits::LATE_MS;
    loop {
        let from = now.plus(reach.saturating_neg()).max(at.plus(-1));
        let found = recurrence.occurrences_between(from, now, limits::LOOKED_AT);
        if found.len() >= most || from < at {
            return found.get(found.len().saturating_sub(most)).copied().or(Some(at));
        }
        reach = reach.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::{Missed, Recurrence, Timestamp, goes_on_at, limits};

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).unwrap()
    }

    fn goes_on(rule: &str, missed: Missed, now: &str) -> Option<String> {
        let recurrence = Recurrence::parse(rule, "UTC", None).unwrap();
        let from = at("2026-01-05T09:00:00Z");
        goes_on_at(&recurrence, missed, from, at(now)).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn a_time_that_is_hardly_late_is_not_missed() {
        for missed in [Missed::Skip, Missed::Once, Missed::All] {
            let next = goes_on("FREQ=DAILY;BYHOUR=9", missed, "2026-01-05T09:00:30Z");
            assert_eq!(next.as_deref(), Some("2026-01-05T09:00:00.000Z"));
        }
    }

    #[test]
    fn missed_times_are_left_out_made_up_once_or_all_made_up() {
        let goes_on = |missed| goes_on("FREQ=DAILY;BYHOUR=9", missed, "2026-01-08T12:00:00Z");
        assert_eq!(goes_on(Missed::Skip).as_deref(), Some("2026-01-09T09:00:00.000Z"));
        assert_eq!(goes_on(Missed::Once).as_deref(), Some("2026-01-08T09:00:00.000Z"));
        assert_eq!(goes_on(Missed::All).as_deref(), Some("2026-01-05T09:00:00.000Z"));
    }

    #[test]
    fn of_very_many_missed_times_the_last_are_made_up() {
        let next = goes_on("FREQ=MINUTELY", Missed::All, "2027-01-05T09:00:30Z").unwrap();
        let minutes = i64::try_from(limits::MISSED).unwrap() - 1;
        assert_eq!(at(&next), at("2027-01-05T09:00:00Z").plus(-minutes * 60_000));
        let once = goes_on("FREQ=MINUTELY", Missed::Once, "2027-01-05T09:00:30Z");
        assert_eq!(once.as_deref(), Some("2027-01-05T09:00:00.000Z"));
    }

    #[test]
    fn a_rule_that_is_over_goes_on_with_what_it_missed_or_not_at_all() {
        let rule = "FREQ=DAILY;BYHOUR=9;UNTIL=20260106T090000Z";
        assert_eq!(goes_on(rule, Missed::Skip, "2026-02-01T00:00:00Z"), None);
        let once = goes_on(rule, Missed::Once, "2026-02-01T00:00:00Z");
        assert_eq!(once.as_deref(), Some("2026-01-06T09:00:00.000Z"));
    }
}
