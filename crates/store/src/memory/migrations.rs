use super::{Memory, after, before, page};
use crate::{
    Failure, InstanceId, JourneyId, MigrationId, Migrations, Page, Paging, Slot,
    migrations::{Begun, Looked, Migration, NewMigration, Outcome, Purpose, State},
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<MigrationId, Migration>,
    looked: BTreeMap<(MigrationId, InstanceId), Looked>,
}

#[async_trait]
impl Migrations for Memory {
    async fn create_migration(
        &self,
        migration: &NewMigration,
        now: Timestamp,
    ) -> Result<Begun, Failure> {
        let rows = &mut self.to_write()?.migrations.rows;
        let NewMigration { journey, from, to, mapping, purpose, by } = migration.clone();
        let is_moving = |row: &&Migration| {
            (row.journey, row.state, row.purpose) == (journey, State::Running, Purpose::Move)
        };
        if purpose == Purpose::Move
            && let Some(busy) = rows.values().find(is_moving)
        {
            return Ok(Begun::Busy(busy.id));
        }
        let id = self.ids.migration(now, Slot::of("migrations"));
        let row = Migration {
            id,
            journey,
            from,
            to,
            mapping,
            purpose,
            state: State::Running,
            note: String::new(),
            by,
            through: None,
            created_at: now,
            finished_at: None,
        };
        rows.insert(id, row);
        Ok(Begun::Migration(id))
    }

    async fn migration(&self, id: MigrationId) -> Result<Option<Migration>, Failure> {
        Ok(self.kept().migrations.rows.get(&id).cloned())
    }

    async fn migrations(
        &self,
        journey: JourneyId,
        paging: Paging<MigrationId>,
    ) -> Result<Page<Migration, MigrationId>, Failure> {
        let kept = self.kept();
        let rows = kept.migrations.rows.range(before(paging.after)).rev();
        let rows = rows.map(|(_, row)| row).filter(|row| row.journey == journey);
        Ok(page(rows.cloned(), &paging, |row| row.id))
    }

    async fn unfinished_migrations(&self, limit: u32) -> Result<Vec<Migration>, Failure> {
        let kept = self.kept();
        let node = self.node();
        let rows = kept.migrations.rows.values().filter(|row| row.state == State::Running);
        let rows = rows.filter(|row| kept.nodes.is_own(node, row.id.slot()));
        Ok(rows.take(limit as usize).cloned().collect())
    }

    async fn living_on(
        &self,
        journey: JourneyId,
        version: u64,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let kept = self.kept();
        let ids = kept.instances.living_after(journey, version, paging.after);
        Ok(page(ids, &paging, |id| *id))
    }

    async fn count_living_on(&self, journey: JourneyId, version: u64) -> Result<u64, Failure> {
        Ok(self.kept().instances.living(journey, version).count() as u64)
    }

    async fn note_looked(
        &self,
        id: MigrationId,
        looked: &[Looked],
        through: Option<InstanceId>,
    ) -> Result<(), Failure> {
        let migrations = &mut self.to_write()?.migrations;
        for one in looked {
            migrations.looked.insert((id, one.instance), one.clone());
        }
        if let Some(row) = migrations.rows.get_mut(&id) {
            row.through = row.through.max(through);
        }
        Ok(())
    }

    async fn finish_migration(
        &self,
        id: MigrationId,
        state: State,
        note: &str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let rows = &mut self.to_write()?.migrations.rows;
        if let Some(row) = rows.get_mut(&id).filter(|row| row.state == State::Running) {
            row.state = state;
            note.clone_into(&mut row.note);
            row.finished_at = Some(now);
        }
        Ok(())
    }

    async fn outcomes(&self, id: MigrationId) -> Result<BTreeMap<&'static str, u64>, Failure> {
        let mut counts = BTreeMap::new();
        for looked in self.kept().migrations.looked_after(id, None) {
            *counts.entry(looked.outcome.word()).or_default() += 1;
        }
        Ok(counts)
    }

    async fn looked(
        &self,
        id: MigrationId,
        outcome: Option<Outcome>,
        paging: Paging<InstanceId>,
    ) -> Result<Page<Looked, InstanceId>, Failure> {
        let kept = self.kept();
        let rows = kept.migrations.looked_after(id, paging.after);
        let rows = rows.filter(|row| outcome.is_none_or(|outcome| row.outcome == outcome));
        Ok(page(rows.cloned(), &paging, |row| row.instance))
    }

    async fn looked_at(
        &self,
        id: MigrationId,
        instance: InstanceId,
    ) -> Result<Option<Looked>, Failure> {
        Ok(self.kept().migrations.looked.get(&(id, instance)).cloned())
    }
}

impl Kept {
    fn looked_after(
        &self,
        id: MigrationId,
        cursor: Option<InstanceId>,
    ) -> impl Iterator<Item = &Looked> {
        let cursor = (id, cursor.unwrap_or(InstanceId::stored(0)));
        let rows = self.looked.range(after(Some(cursor)));
        rows.take_while(move |((of, _), _)| *of == id).map(|(_, row)| row)
    }
}
