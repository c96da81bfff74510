//! What only a workspace in memory can do: it is filled with how things stood at some moment, without anything having happened, and what an
//! instance left behind is taken out of it again.

use super::{Kept, Memory, journeys::Row};
use crate::{
    InstanceId, JourneyId,
    accounts::Account,
    events::Reaction,
    instances::Summary,
    journeys::{Mode, Version},
    would_have::NewDeed,
};
use journey::{Draft, Record, Timestamp};

/// What an instance left behind.
#[derive(Clone, Debug)]
pub struct Left {
    pub summary: Summary,
    /// Oldest first, like its deeds.
    pub records: Vec<Record>,
    pub deeds: Vec<NewDeed>,
}

impl Memory {
    /// The account stands so from now on. Nothing has happened by that: no event tells of it.
    pub fn stand_account(&self, account: Account) {
        self.kept().accounts.stand(account);
    }

    /// A journey that is drawn so and of which nothing is published.
    pub fn stand_journey(&self, id: JourneyId, draft: Draft, at: Timestamp) {
        let row =
            Row { draft, revision: 1, live: None, published: None, created_at: at, updated_at: at };
        self.kept().journeys.write(id, row);
    }

    /// A version that other journeys may call, live when it is of that mode. Nothing else opens it: its triggers are not listed.
    pub fn stand_version(&self, journey: JourneyId, version: Version) {
        let journeys = &mut self.kept().journeys;
        if let (Mode::Live, Some(row)) = (version.mode, journeys.rows.get_mut(&journey)) {
            row.live = Some(version.number);
        }
        journeys.versions.insert((journey, version.number), version);
    }

    /// Instances that are over and were not taken out before, in the order in which they ended, with all they wrote; what they wrote is not
    /// kept any longer.
    pub fn take_finished(&self) -> Vec<Left> {
        let kept = &mut *self.kept();
        let finished = kept.instances.take_finished();
        finished.into_iter().filter_map(|id| kept.take_out(id)).collect()
    }

    /// How many are not over.
    pub fn under_way(&self) -> usize {
        self.kept().instances.under_way()
    }

    /// Those that are not over, likewise.
    pub fn take_unfinished(&self) -> Vec<Left> {
        let kept = &mut *self.kept();
        let unfinished = kept.instances.unfinished();
        unfinished.into_iter().filter_map(|id| kept.take_out(id)).collect()
    }

    /// Events are not kept any longer once all of them were dispatched; the key of one that is forgotten may come again.
    pub fn forget_dispatched(&self) {
        self.kept().events.forget_dispatched();
    }

    /// What came of events and of times, oldest first; it is not kept any longer.
    pub fn take_reactions(&self) -> Vec<Reaction> {
        self.kept().events.take_reactions()
    }
}

impl Kept {
    fn take_out(&mut self, id: InstanceId) -> Option<Left> {
        let summary = self.summary(id)?;
        let shadow = self.instances.get(id)?.life.shadow;
        let deeds = shadow.map(|of| self.would_have.take_out((of.journey, of.version), id));
        let records = self.instances.take_out(id);
        Some(Left { summary, records, deeds: deeds.unwrap_or_default() })
    }
}
