use super::{Memory, after, before, page};
use crate::{
    Audit, AuditId, Failure, Ids, JourneyId, Page, Paging,
    audit::{Deed, Entry, Seal, chain},
    limits,
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What leaves a draft behind.
const SAVING: [&str; 3] = ["journey.create", "journey.import", "journey.save"];

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<AuditId, Deed>,
    unsealed: BTreeSet<AuditId>,
    seals: BTreeMap<u64, (Seal, Vec<AuditId>)>,
}

#[async_trait]
impl Audit for Memory {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure> {
        Ok(self.kept().audit.write_down(&self.ids, deed))
    }

    async fn seal_audit(&self, now: Timestamp) -> Result<u64, Failure> {
        let kept = &mut self.to_write()?.audit;
        let ids: Vec<AuditId> =
            kept.unsealed.iter().take(limits::SEALED as usize).copied().collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let last = kept.seals.last_key_value().map(|(_, (seal, _))| seal);
        let number = last.map_or(1, |last| last.number + 1);
        let hash = chain(last.map(|last| last.hash.as_str()), number, &kept.lines(&ids));
        let lines = ids.len() as u64;
        kept.unsealed.retain(|id| !ids.contains(id));
        kept.seals.insert(number, (Seal { number, lines, hash, at: now }, ids));
        Ok(lines)
    }

    async fn seals(&self, paging: Paging<u64>) -> Result<Page<Seal, u64>, Failure> {
        let kept = self.kept();
        let seals = kept.audit.seals.range(after(paging.after));
        Ok(page(seals.map(|(_, (seal, _))| seal.clone()), &paging, |seal| seal.number))
    }

    async fn audit_head(&self) -> Result<Option<Seal>, Failure> {
        Ok(self.kept().audit.seals.last_key_value().map(|(_, (seal, _))| seal.clone()))
    }

    async fn sealed(&self, number: u64) -> Result<Vec<Entry>, Failure> {
        let kept = self.kept();
        let ids = kept.audit.seals.get(&number).map(|(_, ids)| ids.as_slice());
        Ok(kept.audit.lines(ids.unwrap_or_default()))
    }

    async fn who_saved(&self, journey: JourneyId) -> Result<Option<String>, Failure> {
        let (kept, object) = (self.kept(), journey.to_string());
        let mut deeds = kept.audit.rows.values().rev();
        let saved = |deed: &&Deed| deed.object == object && SAVING.contains(&deed.action.as_str());
        Ok(deeds.find(saved).map(|deed| deed.actor.clone()))
    }

    async fn audit(&self, paging: Paging<AuditId>) -> Result<Page<Entry, AuditId>, Failure> {
        let kept = self.kept();
        let rows = kept.audit.rows.range(before(paging.after)).rev();
        let entries = rows.map(|(id, deed)| Entry { id: *id, deed: deed.clone() });
        Ok(page(entries, &paging, |entry| entry.id))
    }
}

impl Kept {
    pub(super) fn write_down(&mut self, ids: &Ids, deed: &Deed) -> AuditId {
        let id = ids.audit(deed.at, ids.any_slot());
        self.rows.insert(id, deed.clone());
        self.unsealed.insert(id);
        id
    }

    fn lines(&self, ids: &[AuditId]) -> Vec<Entry> {
        ids.iter().map(|id| Entry { id: *id, deed: self.rows[id].clone() }).collect()
    }
}
