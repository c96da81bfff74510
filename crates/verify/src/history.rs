//! The records of an instance, gone through once, page by page.

use crate::{
    attempts::Attempts,
    effects::Effects,
    ends::Ends,
    fold::Fold,
    kept::readable,
    limits,
    report::{Findings, Invariant::I2},
    results::Results,
    timers::Timers,
    versions::Versions,
};
use journey::{Fact, Journey, Record};
use store::{Failure, Paging, Store, instances::Stored};

/// What the records say.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) fold: Fold,
    pub(crate) effects: Effects,
    ends: Ends,
    results: Results,
    timers: Timers,
    attempts: Attempts,
    last: Option<u64>,
}

impl History {
    pub(crate) async fn read(
        store: &dyn Store,
        versions: &mut Versions,
        stored: &Stored,
        findings: &mut Findings,
    ) -> Result<Self, Failure> {
        let mut history = Self::default();
        history.timers.is_shadow = stored.life.shadow.is_some();
        let journey = stored.life.journey;
        let mut paging = Paging::first(limits::PAGE);
        loop {
            let page = readable(store.records(stored.id, paging).await, I2, findings)?;
            let Some(page) = page else {
                history.fold.break_off();
                return Ok(history);
            };
            for record in &page.items {
                findings.records += 1;
                if let Fact::Migrated(migrated) = &record.fact {
                    let before = versions.get(store, journey, migrated.from).await?;
                    history.close_version(before.as_deref(), findings);
                }
                history.record(record, findings);
            }
            let Some(next) = page.next.filter(|next| paging.after.is_none_or(|last| *next > last))
            else {
                break;
            };
            paging = Paging::new(Some(next), limits::PAGE);
        }
        let now = versions.get(store, journey, stored.life.version).await?;
        history.close_version(now.as_deref(), findings);
        history.attempts.close(findings);
        history.ends.close(findings);
        Ok(history)
    }

    fn record(&mut self, record: &Record, findings: &mut Findings) {
        let before = self.fold.rebuilt();
        if self.last.is_some_and(|last| record.sequence != last + 1) {
            self.attempts.skip();
        }
        self.last = Some(record.sequence);
        self.ends.record(record, findings);
        self.results.record(record, findings);
        self.timers.record(record, before, findings);
        self.attempts.record(record, before, findings);
        self.effects.record(record, before);
        self.fold.record(record, findings);
    }

    fn close_version(&mut self, journey: Option<&Journey>, findings: &mut Findings) {
        self.attempts.close_version(journey, findings);
        self.effects.close_version(journey);
    }
}
