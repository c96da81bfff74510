//! I8: what the events of an account brought about was brought about in their order.

use crate::{
    limits,
    report::{Findings, Invariant::I8},
};
use std::collections::HashMap;
use store::{AccountId, EventId, Failure, Paging, Store};

/// Goes through all that events opened and woke, in the order in which it was written. An account's newest event is held in memory.
pub(crate) async fn check(store: &dyn Store) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    let mut newest: HashMap<Option<AccountId>, EventId> = HashMap::new();
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.handled(paging).await?;
        for handled in page.items {
            findings.looked(I8);
            let before = newest.entry(handled.account).or_insert(handled.event);
            if handled.event < *before {
                let of = match handled.account {
                    Some(account) => account.to_string(),
                    None => "no account".to_owned(),
                };
                findings.found(
                    I8,
                    format_args!(
                        "{of}: {} was handled after {before}, which came later",
                        handled.event
                    ),
                );
            }
            *before = handled.event.max(*before);
        }
        let Some(next) = page.next else { return Ok(findings) };
        paging = Paging::new(Some(next), limits::PAGE);
    }
}
