use super::{Memory, before, page};
use crate::{
    Audit, AuditId, Failure, Ids, Page, Paging,
    audit::{Deed, Entry},
};
use async_trait::async_trait;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<AuditId, Deed>,
}

#[async_trait]
impl Audit for Memory {
    async fn write_down(&self, deed: &Deed) -> Result<AuditId, Failure> {
        Ok(self.kept().audit.write_down(&self.ids, deed))
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
        id
    }
}
