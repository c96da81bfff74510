//! Which triggers are listed: a publication lists its version's in place of those it replaces.

use super::Kept;
use crate::{JourneyId, journeys::Mode, triggers::TriggerKey};
use journey::{
    Draft, Timestamp,
    listing::{self, Kind},
};
use serde_json::Value;

impl Kept {
    /// Lists the triggers of a version that was published now. What time has under way goes on where the trigger is the same: a round over
    /// accounts with its next one, a date that is planned, a time that was missed.
    pub(super) fn list_published(
        &mut self,
        (journey, version, mode): (JourneyId, u64, Mode),
        now: Timestamp,
    ) {
        let listed = self.triggers.of_journey(journey);
        // What is live replaces the shadow that was tried before it, too; a shadow runs beside what is live.
        let is_replaced = |of: Mode| mode == Mode::Live || of == Mode::Shadow;
        let replaced: Vec<_> =
            listed.into_iter().filter(|(_, row)| is_replaced(row.mode)).collect();
        for (key, _) in &replaced {
            self.triggers.remove(key);
        }
        self.list(journey, version, mode, now);
        for (old, row) in &replaced {
            let key = TriggerKey { version, ..old.clone() };
            let same = self
                .triggers
                .get(&key)
                .filter(|new| row.mode == mode && (new.kind, &new.name) == (row.kind, &row.name));
            let is_timed = matches!(row.kind, Kind::Schedule | Kind::Date);
            let Some(new) = same.filter(|_| is_timed).cloned() else { continue };
            let is_same = self.timing(old) == self.timing(&key);
            // Another rule has another next time, but whoever's turn it was for the old one still has it.
            let has_begun = row.due.is_some_and(|due| due != Timestamp(0) && due <= now);
            if is_same || (row.kind == Kind::Schedule && has_begun) {
                let (listed_at, due, done_to) = (row.listed_at, row.due, row.done_to);
                self.triggers.write(&key, super::triggers::Row { listed_at, due, done_to, ..new });
                self.triggers.move_dates(old, &key);
            }
        }
        for (old, _) in &replaced {
            self.triggers.drop_dates(old);
        }
    }

    /// Lists the triggers of a published version.
    pub(super) fn list(&mut self, journey: JourneyId, version: u64, mode: Mode, now: Timestamp) {
        let Some(draft) = self.journeys.published(journey, version) else { return };
        for listing::Listed { node, kind, name } in listing::listed(draft) {
            let key = TriggerKey { journey, version, node };
            let is_timed = matches!(kind, Kind::Schedule | Kind::Date);
            let due = is_timed.then_some(Timestamp(0));
            let row = super::triggers::Row { mode, kind, name, listed_at: now, due, done_to: None };
            if self.triggers.get(&key).is_none() {
                self.triggers.write(&key, row);
            }
        }
    }

    /// What says when a trigger opens instances: its own settings, and the journey's calendar.
    fn timing(&self, key: &TriggerKey) -> (Option<&Value>, Option<&Value>) {
        let draft: Option<&Draft> = self.journeys.published(key.journey, key.version);
        let on = draft.and_then(|draft| draft.node(&key.node)?.settings.get("on"));
        (on, draft.and_then(|draft| draft.settings.as_ref()?.get("calendar")))
    }
}
