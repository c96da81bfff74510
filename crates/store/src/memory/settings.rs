use super::Memory;
use crate::{Failure, Settings};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<String, String>,
}

#[async_trait]
impl Settings for Memory {
    async fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(self.kept().settings.rows.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: &str, _now: Timestamp) -> Result<(), Failure> {
        self.to_write()?.settings.rows.insert(name.to_owned(), value.to_owned());
        Ok(())
    }
}
