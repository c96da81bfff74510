use super::Memory;
use crate::{
    Failure, InstanceId, JourneyId, Messages,
    messages::{Counted, Share, Taken},
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: i64 = 86_400_000;

/// Instance, position and recipient.
type Key = (InstanceId, Position, String);

/// A journey's node and a recipient of its messages.
type Place = (JourneyId, String, String);

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<Key, Row>,
    /// When each place had a message.
    counted: BTreeMap<Place, BTreeSet<(Timestamp, Key)>>,
}

#[derive(Debug)]
struct Row {
    place: Place,
    at: Timestamp,
    is_sent: bool,
}

#[async_trait]
impl Messages for Memory {
    async fn take_share(
        &self,
        share: &Share,
        counted: &Counted,
        now: Timestamp,
    ) -> Result<Taken, Failure> {
        let messages = &mut self.to_write()?.messages;
        match messages.rows.get(&key(share)) {
            Some(row) if row.is_sent => return Ok(Taken::Sent),
            Some(_) => return Ok(Taken::Ours),
            None => {}
        }
        let place = (counted.journey, counted.node.clone(), share.recipient.clone());
        let of_place = messages.counted.entry(place.clone()).or_default();
        let in_a_day = of_place.iter().rev().take_while(|(at, _)| *at > now.plus(-DAY_MS)).count();
        if counted.cap.is_some_and(|cap| in_a_day >= cap as usize) {
            return Ok(Taken::Capped);
        }
        of_place.insert((now, key(share)));
        messages.rows.insert(key(share), Row { place, at: now, is_sent: false });
        Ok(Taken::Ours)
    }

    async fn share_sent(&self, share: &Share) -> Result<(), Failure> {
        if let Some(row) = self.kept().messages.rows.get_mut(&key(share)) {
            row.is_sent = true;
        }
        Ok(())
    }

    async fn drop_share(&self, share: &Share) -> Result<(), Failure> {
        let messages = &mut self.to_write()?.messages;
        if messages.rows.get(&key(share)).is_some_and(|row| !row.is_sent) {
            messages.remove(&key(share));
        }
        Ok(())
    }

    async fn forget_messages(&self, before: Timestamp) -> Result<u64, Failure> {
        let messages = &mut self.to_write()?.messages;
        let old = messages.rows.iter().filter(|(_, row)| row.at < before);
        let old: Vec<Key> = old.map(|(key, _)| key.clone()).collect();
        for key in &old {
            messages.remove(key);
        }
        Ok(old.len() as u64)
    }
}

impl Kept {
    fn remove(&mut self, key: &Key) {
        let Some(row) = self.rows.remove(key) else { return };
        if let Some(of_place) = self.counted.get_mut(&row.place) {
            of_place.remove(&(row.at, key.clone()));
        }
    }
}

fn key(share: &Share) -> Key {
    (share.instance, share.position, share.recipient.clone())
}
