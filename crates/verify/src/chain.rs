//! I9: the lines of the audit log are those that were sealed, and the seals follow each other to the head that others know.

use crate::{
    AuditHead, limits,
    report::{Findings, Invariant::I9},
};
use store::{Failure, Paging, Store, audit::chain};

/// Makes every seal again. Lines of the last moments are not sealed yet.
pub(crate) async fn check(
    store: &dyn Store,
    head: Option<&AuditHead>,
) -> Result<Findings, Failure> {
    let mut findings = Findings::default();
    let mut before: Option<(u64, String)> = None;
    let mut head = head;
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.seals(paging).await?;
        for seal in page.items {
            let number = seal.number;
            let expected = before.as_ref().map_or(1, |(number, _)| number + 1);
            if number != expected {
                findings.found(I9, format_args!("seal {expected} is missing before seal {number}"));
            }
            let lines = store.sealed(number).await?;
            for _ in &lines {
                findings.looked(I9);
            }
            let (kept, sealed) = (lines.len() as u64, seal.lines);
            let hash = chain(before.as_ref().map(|(_, hash)| hash.as_str()), number, &lines);
            if kept != sealed {
                findings.found(
                    I9,
                    format_args!("seal {number} sealed {sealed} lines, and {kept} are there"),
                );
            } else if hash != seal.hash {
                findings.found(
                    I9,
                    format_args!(
                        "a line of seal {number} is not what was sealed, or the seal is not"
                    ),
                );
            }
            if let Some(known) = head.take_if(|known| known.number == number)
                && known.hash != seal.hash
            {
                findings.found(
                    I9,
                    format_args!(
                        "seal {number} is another than the head that is known from outside"
                    ),
                );
            }
            before = Some((number, seal.hash));
        }
        let Some(next) = page.next else { break };
        paging = Paging::new(Some(next), limits::PAGE);
    }
    let next = before.map_or(1, |(number, _)| number + 1);
    let lines = unsealed(store, next, paging).await?;
    if lines > 0 {
        let what = format_args!("{lines} lines were sealed by seal {next}, which is not there");
        findings.found(I9, what);
    }
    if let Some(AuditHead { number, .. }) = head {
        findings
            .found(I9, format_args!("seal {number}, which is known from outside, is not there"));
    }
    Ok(findings)
}

/// How many lines name a seal that should come next and is not there.
async fn unsealed(store: &dyn Store, next: u64, paging: Paging<u64>) -> Result<usize, Failure> {
    let lines = store.sealed(next).await?.len();
    if lines == 0 {
        return Ok(0);
    }
    // They may have been sealed since the last look.
    let since = store.seals(paging).await?.items;
    Ok(if since.iter().any(|seal| seal.number == next) { 0 } else { lines })
}
