use super::{Memory, after, page};
use crate::{
    AccountId, EventId, Failure, InstanceId, JourneyId, Listens, Page, Paging,
    inventory::Listening, listens::Ear,
};
use async_trait::async_trait;
use journey::Position;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Included, Unbounded},
};

/// Who waits, and which event had moved the instance last when the wait began.
type Waiting = BTreeMap<(InstanceId, Position), Option<EventId>>;

#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Where somebody waits, and for which keys.
    rows: BTreeMap<Ear, BTreeMap<String, Waiting>>,
    by_instance: BTreeSet<(InstanceId, Listening)>,
}

#[async_trait]
impl Listens for Memory {
    async fn ears(&self, name: &str) -> Result<Vec<Ear>, Failure> {
        let listens = &self.kept().listens;
        let ears = listens.rows.range(first(name)..).map(|(ear, _)| ear);
        Ok(ears.take_while(|ear| ear.name == name).cloned().collect())
    }

    async fn listeners(
        &self,
        ear: &Ear,
        key: &str,
        event: EventId,
        paging: Paging<(InstanceId, Position)>,
    ) -> Result<Page<(InstanceId, Position), (InstanceId, Position)>, Failure> {
        let listens = &self.kept().listens;
        let waiting = listens.rows.get(ear).and_then(|keys| keys.get(key));
        let waiting = waiting.into_iter().flat_map(|waiting| waiting.range(after(paging.after)));
        let waiting = waiting.filter(|(_, heard)| heard.is_none_or(|heard| heard < event));
        Ok(page(waiting.map(|(at, _)| *at), &paging, |at| *at))
    }

    async fn watchers(
        &self,
        account: AccountId,
        paging: Paging<InstanceId>,
    ) -> Result<Page<InstanceId, InstanceId>, Failure> {
        let kept = self.kept();
        Ok(page(kept.instances.watching(account, paging.after), &paging, |id| *id))
    }
}

impl Kept {
    /// Begins a wait, unless it has begun.
    pub(super) fn begin(&mut self, id: InstanceId, wait: Listening, heard: Option<EventId>) {
        let keys = self.rows.entry(wait.ear.clone()).or_default();
        let waiting = keys.entry(wait.key.clone()).or_default();
        waiting.entry((id, wait.position)).or_insert(heard);
        self.by_instance.insert((id, wait));
    }

    /// Ends the waits of a position.
    pub(super) fn end(&mut self, id: InstanceId, position: Position) {
        for wait in self.at(id, position) {
            self.remove(id, &wait);
        }
    }

    /// The waits of a position are those of another version's node from now on.
    pub(super) fn move_to(&mut self, id: InstanceId, position: Position, ear: (u64, &str)) {
        let (version, node) = ear;
        for wait in self.at(id, position) {
            let heard = self.remove(id, &wait);
            let ear = Ear { version, node: node.to_owned(), ..wait.ear };
            self.begin(id, Listening { ear, ..wait }, heard);
        }
    }

    /// What an instance waits for, after a cursor.
    pub(super) fn of(
        &self,
        id: InstanceId,
        cursor: Option<&Listening>,
    ) -> impl Iterator<Item = &Listening> {
        let start = cursor.map_or(Included((id, least())), |cursor| Excluded((id, cursor.clone())));
        let waits = self.by_instance.range((start, Unbounded));
        waits.take_while(move |(of, _)| *of == id).map(|(_, wait)| wait)
    }

    /// The first instance that waits for an event, from this one on.
    pub(super) fn first_from(&self, id: InstanceId) -> Option<InstanceId> {
        self.by_instance.range((id, least())..).next().map(|(id, _)| *id)
    }

    fn at(&self, id: InstanceId, position: Position) -> Vec<Listening> {
        self.of(id, None).filter(|wait| wait.position == position).cloned().collect()
    }

    fn remove(&mut self, id: InstanceId, wait: &Listening) -> Option<EventId> {
        self.by_instance.remove(&(id, wait.clone()));
        let keys = self.rows.get_mut(&wait.ear)?;
        let waiting = keys.get_mut(&wait.key)?;
        let heard = waiting.remove(&(id, wait.position));
        if waiting.is_empty() {
            keys.remove(&wait.key);
        }
        if keys.is_empty() {
            self.rows.remove(&wait.ear);
        }
        heard.flatten()
    }
}

/// The least of what an instance may wait for.
fn least() -> Listening {
    Listening { position: Position(0), ear: first(""), key: String::new() }
}

/// The least of the waits for a name.
fn first(name: &str) -> Ear {
    let name = name.to_owned();
    Ear { name, journey: JourneyId::stored(0), version: 0, node: String::new() }
}
