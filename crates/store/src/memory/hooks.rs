use super::Memory;
use crate::{Failure, Hooks, directory::Made, hooks::Hook};
use async_trait::async_trait;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<String, Hook>,
}

#[async_trait]
impl Hooks for Memory {
    async fn create_hook(&self, hook: &Hook) -> Result<Made<()>, Failure> {
        let rows = &mut self.to_write()?.hooks.rows;
        if rows.contains_key(&hook.slug) {
            return Ok(Made::Taken);
        }
        rows.insert(hook.slug.clone(), hook.clone());
        Ok(Made::Made(()))
    }

    async fn hook(&self, slug: &str) -> Result<Option<Hook>, Failure> {
        Ok(self.kept().hooks.rows.get(slug).cloned())
    }

    async fn hooks(&self) -> Result<Vec<Hook>, Failure> {
        Ok(self.kept().hooks.rows.values().cloned().collect())
    }

    async fn delete_hook(&self, slug: &str) -> Result<bool, Failure> {
        Ok(self.kept().hooks.rows.remove(slug).is_some())
    }
}
