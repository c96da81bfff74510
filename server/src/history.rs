//! The records of an instance, read to show how it stood.

use journey::Record;
use store::{Failure, InstanceId, Paging, Store};

/// The records of an instance up to one of them, or all.
pub(crate) async fn records(
    store: &dyn Store,
    instance: InstanceId,
    through: Option<u64>,
) -> Result<Vec<Record>, Failure> {
    let mut records: Vec<Record> = Vec::new();
    let mut after = None;
    loop {
        let page = store.records(instance, Paging::new(after, store::limits::PAGE_ROWS)).await?;
        records.extend(page.items);
        let last = records.last().map(|record| record.sequence);
        after = page.next;
        if after.is_none() || through.is_some_and(|through| last >= Some(through)) {
            return Ok(records);
        }
    }
}
