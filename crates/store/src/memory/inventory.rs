use super::{Memory, page};
use crate::{
    Failure, InstanceId, Inventory, JourneyId, NodeId, Page, Paging, ReactionId,
    inventory::{Columns, Handled, IllListed, Listening, Pending, Rows, Start},
    nodes::Takeover,
    tasks::Task,
};
use async_trait::async_trait;
use journey::Position;
use std::{iter::successors, ops::Bound};

#[async_trait]
impl Inventory for Memory {
    async fn instances_with(
        &self,
        rows: Rows,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let kept = self.kept();
        let first_from = |id| match rows {
            Rows::States => kept.instances.first_from(id),
            Rows::Records => kept.instances.first_recorded_from(id),
            Rows::Work => kept.work.first_from(id),
            Rows::Tasks => kept.tasks.first_from(id),
            Rows::Listens => kept.listens.first_from(id),
        };
        let after = |id: InstanceId| first_from(InstanceId::stored(id.number() + 1));
        let first = after(paging.after.unwrap_or(InstanceId::stored(0)));
        Ok(page(successors(first, |id| after(*id)), &paging, |id| *id))
    }

    async fn columns(&self, id: InstanceId) -> Result<Option<Columns>, Failure> {
        let kept = self.kept();
        Ok(kept.instances.get(id).map(|row| Columns {
            status: row.state.status(),
            outcome: row.state.outcome().map(str::to_owned),
            sequence: row.state.sequence(),
            watches_account: row.watches_account,
        }))
    }

    async fn work_of(
        &self,
        id: InstanceId,
        paging: Paging<(Position, String)>,
    ) -> Result<Page<Pending, (Position, String)>, Failure> {
        let key = |row: &Pending| (row.key.position, row.key.name.clone());
        let kept = self.kept();
        let rows = kept.work.of(id, paging.after.clone());
        Ok(page(rows.filter(|row| Some(key(row)) != paging.after), &paging, key))
    }

    async fn open_tasks_of(
        &self,
        id: InstanceId,
        paging: Paging<Position>,
    ) -> Result<Page<Task, Position>, Failure> {
        let kept = self.kept();
        let ids = kept.tasks.open_of(id, paging.after);
        Ok(page(ids.filter_map(|id| kept.task(id)), &paging, |row| row.id.position))
    }

    async fn writers_of(
        &self,
        id: InstanceId,
        paging: Paging<u64>,
    ) -> Result<Page<(u64, Option<NodeId>), u64>, Failure> {
        let kept = self.kept();
        Ok(page(kept.instances.writers_of(id, paging.after), &paging, |(sequence, _)| *sequence))
    }

    async fn takeovers_of(&self, id: InstanceId) -> Result<Vec<Takeover>, Failure> {
        Ok(self.kept().nodes.takeovers_of(id))
    }

    async fn handled(
        &self,
        paging: Paging<ReactionId>,
    ) -> Result<Page<Handled, ReactionId>, Failure> {
        let kept = self.kept();
        Ok(page(kept.events.handled(paging.after), &paging, |one: &Handled| one.reaction))
    }

    async fn starts(
        &self,
        paging: Paging<(JourneyId, String)>,
    ) -> Result<Page<Start, (JourneyId, String)>, Failure> {
        let kept = self.kept();
        let from = paging.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
        let rows = kept.instances.starts.range((from, Bound::Unbounded));
        let rows = rows.map(|((journey, key), instance)| Start {
            journey: *journey,
            key: key.clone(),
            instance: *instance,
        });
        Ok(page(rows, &paging, |start: &Start| (start.journey, start.key.clone())))
    }

    async fn damage(&self) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    async fn ill_listed(&self) -> Result<Vec<IllListed>, Failure> {
        Ok(Vec::new())
    }

    async fn listens_of(
        &self,
        id: InstanceId,
        paging: Paging<Listening>,
    ) -> Result<Page<Listening, Listening>, Failure> {
        let kept = self.kept();
        let rows = kept.listens.of(id, paging.after.as_ref());
        Ok(page(rows.cloned(), &paging, Listening::clone))
    }
}
