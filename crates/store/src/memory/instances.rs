use super::{Kept as Everything, Memory, after, before, out_of_reach, page};
use crate::{
    AccountId, EventId, Failure, InstanceId, Instances, JourneyId, NodeId, Page, Paging,
    instances::{Filter, Life, Stored, Summary, status_word},
    journeys::Mode,
};
use async_trait::async_trait;
use journey::{Instance, Position, Record, Status, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<InstanceId, Row>,
    records: BTreeMap<(InstanceId, u64), Record>,
    writers: BTreeMap<(InstanceId, u64), Option<NodeId>>,
    /// Which instance a journey's key opened.
    pub(super) starts: BTreeMap<(JourneyId, String), InstanceId>,
    by_journey: BTreeSet<(JourneyId, InstanceId)>,
    by_account: BTreeSet<(AccountId, InstanceId)>,
    by_account_and_journey: BTreeSet<(AccountId, JourneyId, InstanceId)>,
    by_status: BTreeSet<(&'static str, InstanceId)>,
    by_parent: BTreeSet<(InstanceId, InstanceId)>,
    /// Those below, by the instance above, its position and the place there.
    places: BTreeMap<(InstanceId, Position, u32), InstanceId>,
    /// Those that are not over, by the version they follow.
    living: BTreeSet<(JourneyId, u64, InstanceId)>,
    living_shadows: BTreeSet<InstanceId>,
    watching: BTreeSet<(AccountId, InstanceId)>,
    /// Those that are over and were not taken out, in the order in which they ended.
    finished: Vec<InstanceId>,
}

/// An instance as it is kept.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) life: Life,
    pub(super) state: Instance,
    pub(super) overlay: Map<String, Value>,
    pub(super) watches_account: bool,
    /// The event that moved it last.
    pub(super) moved_by: Option<EventId>,
    /// How many events had brought each other about by then.
    pub(super) depth: u32,
    pub(super) updated_at: Timestamp,
}

#[async_trait]
impl Instances for Memory {
    async fn instance(&self, id: InstanceId) -> Result<Option<Stored>, Failure> {
        if self.is_cut_off() {
            return Err(out_of_reach());
        }
        let row = self.kept().instances.rows.get(&id).cloned();
        Ok(row.map(|Row { life, state, overlay, updated_at, .. }| Stored {
            id,
            life,
            state,
            overlay,
            updated_at,
        }))
    }

    async fn instance_summary(&self, id: InstanceId) -> Result<Option<Summary>, Failure> {
        Ok(self.kept().summary(id))
    }

    async fn instances(
        &self,
        filter: Filter,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Summary, InstanceId>, Failure> {
        let kept = self.kept();
        let ids = kept.instances.newest_first(filter, paging.after);
        let ids = ids.filter(|id| is_wanted(&kept.instances.rows[id], filter));
        Ok(page(ids.filter_map(|id| kept.summary(id)), &paging, |row| row.id))
    }

    async fn count_instances(&self, status: Status, limit: u32) -> Result<u64, Failure> {
        let kept = self.kept();
        let rows =
            kept.instances.newest_first(Filter { status: Some(status), ..Filter::default() }, None);
        Ok(rows.take(limit as usize).count() as u64)
    }

    async fn records(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<Record, u64>, Failure> {
        let records = &self.kept().instances.records;
        let rows = match paging.after {
            Some(sequence) => records.range(after(Some((id, sequence)))),
            None => records.range((id, 0)..),
        };
        let rows = rows.take_while(|((of, _), _)| *of == id).map(|(_, record)| record.clone());
        Ok(page(rows, &paging, |record| record.sequence))
    }

    async fn children_at(
        &self,
        parent: InstanceId,
        position: Position,
        paging: Paging<u32>,
    ) -> Result<Page<(u32, InstanceId), u32>, Failure> {
        let instances = &self.kept().instances;
        let start = (parent, position, paging.after.map_or(0, |index| index.saturating_add(1)));
        let below = instances.places.range(start..=(parent, position, u32::MAX));
        let below = below.filter(|(_, id)| !instances.rows[id].state.is_over());
        Ok(page(below.map(|((_, _, index), id)| (*index, *id)), &paging, |(index, _)| *index))
    }

    async fn started_by(
        &self,
        journey: JourneyId,
        key: &str,
    ) -> Result<Option<InstanceId>, Failure> {
        Ok(self.kept().instances.starts.get(&(journey, key.to_owned())).copied())
    }
}

impl Everything {
    /// An instance in a list; `None` when it or its journey is not there.
    pub(super) fn summary(&self, id: InstanceId) -> Option<Summary> {
        let Row { life, state, updated_at, .. } = self.instances.rows.get(&id)?;
        Some(Summary {
            id,
            journey: life.journey,
            journey_name: self.journeys.name(life.journey)?.to_owned(),
            version: life.version,
            account: self.accounts.named(life.account),
            parent: life.parent,
            mode: mode(life),
            status: state.status(),
            outcome: state.outcome().map(str::to_owned),
            started_at: life.started_at,
            updated_at: *updated_at,
        })
    }
}

impl Kept {
    pub(super) fn get(&self, id: InstanceId) -> Option<&Row> {
        self.rows.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: InstanceId) -> Option<&mut Row> {
        self.rows.get_mut(&id)
    }

    /// The first instance, from this one on.
    pub(super) fn first_from(&self, id: InstanceId) -> Option<InstanceId> {
        self.rows.range(id..).next().map(|(id, _)| *id)
    }

    /// The first instance that has records, from this one on.
    pub(super) fn first_recorded_from(&self, id: InstanceId) -> Option<InstanceId> {
        self.records.range((id, 0)..).next().map(|((id, _), _)| *id)
    }

    pub(super) fn has_record(&self, id: InstanceId, sequence: u64) -> bool {
        self.records.contains_key(&(id, sequence))
    }

    pub(super) fn add_record(&mut self, id: InstanceId, node: Option<NodeId>, record: Record) {
        self.writers.insert((id, record.sequence), node);
        self.records.insert((id, record.sequence), record);
    }

    /// Those that are over and were not asked for before, in the order in which they ended.
    pub(super) fn take_finished(&mut self) -> Vec<InstanceId> {
        std::mem::take(&mut self.finished)
    }

    /// How many are not over.
    pub(super) fn under_way(&self) -> usize {
        self.living.len()
    }

    /// Those that are not over, by their ids.
    pub(super) fn unfinished(&self) -> BTreeSet<InstanceId> {
        self.living.iter().map(|(_, _, id)| *id).collect()
    }

    /// The records of an instance, which are not kept any longer.
    pub(super) fn take_out(&mut self, id: InstanceId) -> Vec<Record> {
        let numbers: Vec<u64> =
            self.records.range((id, 0)..=(id, u64::MAX)).map(|((_, number), _)| *number).collect();
        for number in &numbers {
            self.writers.remove(&(id, *number));
        }
        numbers.into_iter().filter_map(|number| self.records.remove(&(id, number))).collect()
    }

    /// Which node wrote each record of an instance.
    pub(super) fn writers_of(
        &self,
        id: InstanceId,
        from: Option<u64>,
    ) -> impl Iterator<Item = (u64, Option<NodeId>)> {
        let from = (id, from.map_or(0, |from| from + 1));
        let writers = self.writers.range(from..).take_while(move |((of, _), _)| *of == id);
        writers.map(|((_, sequence), node)| (*sequence, *node))
    }

    /// The instance at a place below another one.
    pub(super) fn at_place(
        &self,
        id: InstanceId,
        (at, index): (Position, u32),
    ) -> Option<InstanceId> {
        self.places.get(&(id, at, index)).copied()
    }

    /// Writes an instance that is new or another than it was.
    pub(super) fn write(&mut self, id: InstanceId, row: Row) {
        let old = self.rows.remove(&id);
        let was_over = old.as_ref().is_some_and(|old| old.state.is_over());
        if let Some(old) = old {
            self.by_status.remove(&(status_word(old.state.status()), id));
            self.living.remove(&(old.life.journey, old.life.version, id));
            self.living_shadows.remove(&id);
            old.life.account.map(|account| self.watching.remove(&(account, id)));
        }
        let Life { journey, version, account, parent, shadow, .. } = row.life;
        self.by_journey.insert((journey, id));
        self.by_status.insert((status_word(row.state.status()), id));
        if let Some(account) = account {
            self.by_account.insert((account, id));
            self.by_account_and_journey.insert((account, journey, id));
            if row.watches_account {
                self.watching.insert((account, id));
            }
        }
        if let Some(parent) = parent {
            self.by_parent.insert((parent, id));
            let place = row.state.parent().map(|place| (parent, place.position, place.index));
            place.map(|place| self.places.insert(place, id));
        }
        if row.state.is_over() {
            self.finished.extend((!was_over).then_some(id));
        } else {
            self.living.insert((journey, version, id));
            if shadow.is_some() && parent.is_none() {
                self.living_shadows.insert(id);
            }
        }
        self.rows.insert(id, row);
    }

    /// Those that are not over and follow a version, by their ids.
    pub(super) fn living(
        &self,
        journey: JourneyId,
        version: u64,
    ) -> impl Iterator<Item = InstanceId> {
        self.living_after(journey, version, None)
    }

    pub(super) fn living_after(
        &self,
        journey: JourneyId,
        version: u64,
        cursor: Option<InstanceId>,
    ) -> impl Iterator<Item = InstanceId> {
        let cursor = (journey, version, cursor.unwrap_or(InstanceId::stored(0)));
        let rows = self.living.range(after(Some(cursor)));
        let rows = rows.take_while(move |(of, follows, _)| (*of, *follows) == (journey, version));
        rows.map(|(_, _, id)| *id)
    }

    /// How many of a journey are not over and act.
    pub(super) fn running(&self, journey: JourneyId) -> u64 {
        let rows = self.living.range((journey, 0, InstanceId::stored(0))..);
        let rows = rows.take_while(|(of, _, _)| *of == journey);
        rows.filter(|(_, _, id)| self.rows[id].life.shadow.is_none()).count() as u64
    }

    /// Shadow instances at the top that are not over.
    pub(super) fn living_shadows(&self) -> impl Iterator<Item = (InstanceId, &Row)> {
        self.living_shadows.iter().map(|id| (*id, &self.rows[id]))
    }

    /// An account's instances in a journey, newest first.
    pub(super) fn entered(
        &self,
        account: AccountId,
        journey: JourneyId,
    ) -> impl Iterator<Item = (InstanceId, &Row)> {
        let range = (account, journey, InstanceId::stored(0))
            ..=(account, journey, InstanceId::stored(i64::MAX));
        let ids = self.by_account_and_journey.range(range).rev();
        ids.map(|(_, _, id)| (*id, &self.rows[id]))
    }

    /// A journey's instances whose ids were made at or after a time.
    pub(super) fn started_since(
        &self,
        journey: JourneyId,
        since: Timestamp,
    ) -> impl Iterator<Item = &Row> {
        let first = InstanceId::stored(crate::ids::first_number_at(since));
        let ids = self.by_journey.range((journey, first)..);
        ids.take_while(move |(of, _)| *of == journey).map(|(_, id)| &self.rows[id])
    }

    /// The oldest instance that is not over and in whose state a clock goes by this calendar.
    pub(super) fn counting_by(&self, calendar: &str) -> Option<InstanceId> {
        let member = super::calendars::member(calendar);
        let counts = |row: &Row| json!(row.state).to_string().contains(&member);
        let mut rows = self.rows.iter();
        rows.find(|(_, row)| !row.state.is_over() && counts(row)).map(|(id, _)| *id)
    }

    /// The instances of an account that must hear when it changes, by their ids.
    pub(super) fn watching(
        &self,
        account: AccountId,
        cursor: Option<InstanceId>,
    ) -> impl Iterator<Item = InstanceId> {
        let rows =
            self.watching.range(after(Some((account, cursor.unwrap_or(InstanceId::stored(0))))));
        rows.take_while(move |(of, _)| *of == account).map(|(_, id)| *id)
    }

    /// Those that may be wanted, by the map that has fewest.
    fn newest_first(
        &self,
        filter: Filter,
        cursor: Option<InstanceId>,
    ) -> Box<dyn Iterator<Item = InstanceId> + '_> {
        let least = InstanceId::stored(0);
        let end = cursor.unwrap_or(InstanceId::stored(i64::MAX));
        match filter {
            Filter { parent: Some(parent), .. } => {
                let rows = self.by_parent.range((parent, least)..(parent, end));
                Box::new(rows.rev().map(|(_, id)| *id))
            }
            Filter { account: Some(account), .. } => {
                let rows = self.by_account.range((account, least)..(account, end));
                Box::new(rows.rev().map(|(_, id)| *id))
            }
            Filter { journey: Some(journey), .. } => {
                let rows = self.by_journey.range((journey, least)..(journey, end));
                Box::new(rows.rev().map(|(_, id)| *id))
            }
            Filter { status: Some(status), .. } => {
                let word = status_word(status);
                let rows = self.by_status.range((word, least)..(word, end));
                Box::new(rows.rev().map(|(_, id)| *id))
            }
            Filter { .. } => Box::new(self.rows.range(before(cursor)).rev().map(|(id, _)| *id)),
        }
    }
}

fn is_wanted(row: &Row, filter: Filter) -> bool {
    let Filter { journey, account, status, mode: wanted, parent } = filter;
    let life = &row.life;
    let is = |status: Status| row.state.status() == status;
    journey.is_none_or(|journey| life.journey == journey)
        && (account.is_none() || life.account == account)
        && status.is_none_or(is)
        && wanted.is_none_or(|wanted| mode(life) == wanted)
        && (parent.is_none() || life.parent == parent)
}

fn mode(life: &Life) -> Mode {
    if life.shadow.is_some() { Mode::Shadow } else { Mode::Live }
}
