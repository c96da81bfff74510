//! When time opens an instance, or keeps an account out.

use super::Trigger;
use crate::{
    Timestamp,
    calendar::{Calendars, Duration, Elapsed, NoMoment},
    recurrence::Recurrence,
    settings::On,
    time,
};
use serde_json::Value;

const DAY_MS: i64 = 86_400_000;

/// A date of an account, and when it opens an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDate {
    /// As the account has it.
    pub value: String,
    pub fires_at: Timestamp,
    /// When it has passed: a date with the end of its day.
    pub over_at: Timestamp,
}

impl<'a> Trigger<'a> {
    /// When a schedule opens instances; `None` when it is no schedule.
    pub fn recurrence(&self) -> Option<&'a Recurrence> {
        match &self.settings.on {
            On::Schedule(schedule) => Some(&schedule.recurrence),
            _ => None,
        }
    }

    /// When the trigger's date of this account opens an instance. `None` when it is no date trigger, or the field holds
    /// neither a date such as `2026-01-31` nor a time such as `2026-01-31T09:00:00Z`.
    ///
    /// # Errors
    ///
    /// There is no moment that long before the date.
    pub fn date_in(
        &self,
        account: &Value,
        calendars: &Calendars,
    ) -> Result<Option<AccountDate>, NoMoment> {
        let On::Date { field, before } = &self.settings.on else { return Ok(None) };
        let Some(value) = account.get(field).and_then(Value::as_str) else { return Ok(None) };
        let at_once = Duration::Elapsed(Elapsed::default());
        let before = before.as_ref().unwrap_or(&at_once);
        let calendar = calendars.of(before, self.calendar)?;
        let (fires_at, over_at) = if let Some(date) = time::date(value) {
            let midnight = at_once.before_date(date, calendar)?;
            (before.before_date(date, calendar)?, midnight.plus(DAY_MS))
        } else if let Some(at) = Timestamp::from_rfc3339(value) {
            (before.before(at, calendar)?, at)
        } else {
            return Ok(None);
        };
        Ok(Some(AccountDate { value: value.to_owned(), fires_at, over_at }))
    }

    /// Until when an account that entered at `last` may not enter again; `None` without a cool-down.
    ///
    /// # Errors
    ///
    /// There is no moment that long after it.
    pub fn cools_down_until(
        &self,
        last: Timestamp,
        calendars: &Calendars,
    ) -> Result<Option<Timestamp>, NoMoment> {
        let Some(cool_down) = &self.entry().cool_down else { return Ok(None) };
        let calendar = calendars.of(cool_down, self.calendar)?;
        cool_down.after(last, calendar).map(Some)
    }

    /// The last moment at which an account may have entered that may enter again at `now`; `None` without a cool-down.
    ///
    /// # Errors
    ///
    /// As [`Self::cools_down_until`].
    pub fn cooled_down_since(
        &self,
        now: Timestamp,
        calendars: &Calendars,
    ) -> Result<Option<Timestamp>, NoMoment> {
        let Some(cool_down) = &self.entry().cool_down else { return Ok(None) };
        let calendar = calendars.of(cool_down, self.calendar)?;
        // Who enters later is let in no earlier again, so the last one lies where that changes.
        let mut since = cool_down.before(now, calendar)?.plus(-DAY_MS);
        let mut step = now.0.saturating_sub(since.0).max(1);
        while step > 0 {
            let later = since.plus(step);
            if later <= now && cool_down.after(later, calendar)? <= now {
                since = later;
            } else {
                step /= 2;
            }
        }
        Ok(Some(since))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Draft, Journey, Timestamp, calendar::Calendars, check};
    use serde_json::{Value, json};

    fn journey(on: Value, entry: Value) -> Journey {
        let draft: Draft = serde_json::from_value(json!({
            "format": 1, "name": "J",
            "nodes": [
                { "id": "begin", "kind": "trigger", "name": "Begin", "on": on, "entry": entry },
                { "id": "end", "kind": "end", "name": "End", "outcome": "done" }
            ],
            "edges": [{ "id": "e", "from": "begin", "to": "end" }]
        }))
        .unwrap();
        let (journey, diagnostics) = check(&draft, None);
        journey.unwrap_or_else(|| panic!("{diagnostics:?}"))
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).unwrap()
    }

    #[test]
    fn a_date_opens_an_instance_business_days_before_it() {
        let on = json!({ "type": "date", "field": "ends", "before": { "business": "P2D" } });
        let journey = journey(on, json!({}));
        let trigger = journey.trigger("begin").unwrap();
        let fires = |ends: Value| {
            let found = trigger.date_in(&json!({ "ends": ends }), &Calendars::default()).unwrap();
            found.map(|date| (date.fires_at.to_rfc3339(), date.over_at.to_rfc3339()))
        };
        let some = |fires: &str, over: &str| Some((fires.to_owned(), over.to_owned()));
        // 24 November 2026 is a Tuesday.
        assert_eq!(
            fires(json!("2026-11-24")),
            some("2026-11-20T09:00:00.000Z", "2026-11-25T00:00:00.000Z")
        );
        assert_eq!(
            fires(json!("2026-11-24T12:00:00+01:00")),
            some("2026-11-20T11:00:00.000Z", "2026-11-24T11:00:00.000Z")
        );
        for none in [json!(null), json!(7), json!("soon"), json!("2026-02-30"), json!("")] {
            assert_eq!(fires(none), None);
        }
    }

    #[test]
    fn a_date_without_a_lead_opens_an_instance_as_it_begins() {
        let journey = journey(json!({ "type": "date", "field": "ends" }), json!({}));
        let trigger = journey.trigger("begin").unwrap();
        let account = json!({ "ends": "2026-11-24" });
        let date = trigger.date_in(&account, &Calendars::default()).unwrap().unwrap();
        assert_eq!(date.fires_at, at("2026-11-24T00:00:00Z"));
        let far = json!({ "ends": "9999-12-31" });
        trigger.date_in(&far, &Calendars::default()).unwrap_err();
    }

    #[test]
    fn an_account_is_let_in_exactly_when_its_cool_down_is_over() {
        let on = json!({ "type": "manual" });
        for cool_down in [
            json!("PT1H"),
            json!("P3D"),
            json!({ "business": "P1D" }),
            json!({ "business": "PT4H" }),
        ] {
            let journey = journey(on.clone(), json!({ "cool_down": cool_down }));
            let trigger = journey.trigger("begin").unwrap();
            let calendars = Calendars::default();
            for now in
                ["2026-11-20T16:30:00Z", "2026-11-22T12:00:00Z", "2026-11-23T09:00:00Z"].map(at)
            {
                let since = trigger.cooled_down_since(now, &calendars).unwrap().unwrap();
                let again = |last| trigger.cools_down_until(last, &calendars).unwrap().unwrap();
                assert!(again(since) <= now, "{cool_down} at {}", now.to_rfc3339());
                assert!(again(since.plus(1)) > now, "{cool_down} at {}", now.to_rfc3339());
            }
        }
    }

    #[test]
    fn a_schedule_is_read_in_its_zone() {
        let on = json!({ "type": "schedule", "rrule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9", "timezone": "Europe/Berlin" });
        let journey = journey(on, json!({}));
        let recurrence = journey.trigger("begin").unwrap().recurrence().unwrap().clone();
        let next = recurrence.next_after(at("2026-11-24T00:00:00Z")).unwrap();
        assert_eq!(next, at("2026-11-30T08:00:00Z"));
    }
}
