//! What is kept of one instance beside its records.

use crate::{
    limits,
    report::{Findings, Invariant},
};
use journey::Position;
use std::collections::BTreeMap;
use store::{
    Failure, FailureKind, InstanceId, Paging, Store,
    instances::Stored,
    inventory::{Columns, Listening, Pending},
    tasks::Task,
};

/// An instance and what is kept of it: as much as it has waits, timers and instances below.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) stored: Stored,
    pub(crate) columns: Option<Columns>,
    pub(crate) work: BTreeMap<(Position, String), Pending>,
    pub(crate) tasks: BTreeMap<Position, Task>,
    pub(crate) listens: Vec<Listening>,
}

/// What is damaged so that it cannot be read is a finding; a database that cannot be asked is a failure.
pub(crate) fn readable<T>(
    read: Result<T, Failure>,
    invariant: Invariant,
    findings: &mut Findings,
) -> Result<Option<T>, Failure> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.kind() == FailureKind::Corrupt => {
            findings.found(invariant, failure);
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

impl Kept {
    /// Reads what is there; what cannot be read is missing, and told.
    pub(crate) async fn read(
        store: &dyn Store,
        stored: Stored,
        findings: &mut Findings,
    ) -> Result<Self, Failure> {
        let id = stored.id;
        let columns = readable(store.columns(id).await, Invariant::I2, findings)?.flatten();
        let work = readable(work(store, id).await, Invariant::I4, findings)?;
        let tasks = readable(tasks(store, id).await, Invariant::I4, findings)?;
        let listens = readable(listens(store, id).await, Invariant::I4, findings)?;
        Ok(Self {
            stored,
            columns,
            work: work.unwrap_or_default(),
            tasks: tasks.unwrap_or_default(),
            listens: listens.unwrap_or_default(),
        })
    }

    pub(crate) fn work(&self, position: Position, name: &str) -> Option<&Pending> {
        self.work.get(&(position, name.to_owned()))
    }
}

pub(crate) async fn work(
    store: &dyn Store,
    id: InstanceId,
) -> Result<BTreeMap<(Position, String), Pending>, Failure> {
    let mut all = BTreeMap::new();
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.work_of(id, paging).await?;
        all.extend(
            page.items.into_iter().map(|one| ((one.key.position, one.key.name.clone()), one)),
        );
        let Some(next) = page.next else { return Ok(all) };
        paging = Paging::new(Some(next), limits::PAGE);
    }
}

async fn tasks(store: &dyn Store, id: InstanceId) -> Result<BTreeMap<Position, Task>, Failure> {
    let mut all = BTreeMap::new();
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.open_tasks_of(id, paging).await?;
        all.extend(page.items.into_iter().map(|task| (task.id.position, task)));
        let Some(next) = page.next else { return Ok(all) };
        paging = Paging::new(Some(next), limits::PAGE);
    }
}

async fn listens(store: &dyn Store, id: InstanceId) -> Result<Vec<Listening>, Failure> {
    let mut all = Vec::new();
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.listens_of(id, paging).await?;
        all.extend(page.items);
        let Some(next) = page.next else { return Ok(all) };
        paging = Paging::new(Some(next), limits::PAGE);
    }
}
