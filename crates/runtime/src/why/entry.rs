//! The entry rules: condition, one per account, cool-down and cap, as they stand now.

use super::{Asking, NoAnswer, Why, failing, unmet};
use journey::{Timestamp, journey::Trigger};
use serde_json::{Value, json};
use store::{journeys::Mode, triggers::Entered};

impl Asking<'_> {
    /// What of the entry rules stands in the way.
    pub(super) async fn entry(
        &self,
        trigger: &Trigger<'_>,
        input: &Value,
        why: &mut Why,
    ) -> Result<(), NoAnswer> {
        let now = self.inner.clock.now();
        why.condition = trigger.explain_condition(input, &self.account_value(), now);
        why.failing = why.condition.as_ref().and_then(|condition| unmet("condition", condition));
        if why.failing.is_some() {
            return Ok(());
        }
        let shadow = match self.trigger.mode {
            Mode::Live => None,
            Mode::Shadow => Some(self.trigger.key.version),
        };
        let journey = self.trigger.key.journey;
        let entered = self.inner.store.entered(journey, shadow, self.account.id, now).await?;
        why.failing = self.rules(trigger, entered, now).await?;
        Ok(())
    }

    async fn rules(
        &self,
        trigger: &Trigger<'_>,
        entered: Entered,
        now: Timestamp,
    ) -> Result<Option<super::Failing>, NoAnswer> {
        if let Some(instance) = entered.running.filter(|_| trigger.is_one_per_account()) {
            let sentence = format!("The account is in this journey already, as {instance}.");
            let change = format!("{instance} would have to end first.");
            let facts = json!({ "instance": instance });
            return Ok(Some(failing("one-per-account", sentence, facts, &change)));
        }
        let calendars = self.inner.calendars_now().await?;
        let until = entered.last.and_then(|last| trigger.cools_down_until(last, &calendars).ok());
        if let (Some(last), Some(until)) = (entered.last, until.flatten().filter(|at| *at > now)) {
            let (last, until) = (last.to_rfc3339(), until.to_rfc3339());
            let sentence =
                format!("The account entered at {last} and may enter again from {until}.");
            let change = format!("It would have to be {until} or later.");
            let facts = json!({ "last": last, "until": until });
            return Ok(Some(failing("cool-down", sentence, facts, &change)));
        }
        Ok(trigger.cap_per_day().filter(|cap| entered.starts >= *cap).map(|cap| {
            let starts = entered.starts;
            let sentence = format!(
                "The journey was started {starts} times in the last 24 hours; it may be {cap} times."
            );
            let change = "The oldest of these starts would have to be 24 hours ago.";
            failing("cap", sentence, json!({ "starts": starts, "cap": cap }), change)
        }))
    }
}
