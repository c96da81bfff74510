//! One instance, looked at as it is at one moment.

use crate::{
    below,
    history::History,
    kept::{Kept, readable},
    report::{Findings, Invariant::I2},
    rows,
    sink::Sink,
    versions::Versions,
    waits::Waits,
};
use journey::{Position, Timestamp};
use store::{Failure, InstanceId, Paging, Store, instances::Stored};

/// What a look gave.
#[derive(Debug)]
pub(crate) enum Look {
    /// The instance changed meanwhile: what was read is of two moments.
    MovedOn,
    /// What was found, and the calls that succeeded and were not seen to arrive.
    At(Findings, Vec<Position>),
}

/// Looks at an instance, beside what arrived outside and the present moment where these are known.
pub(crate) async fn look(
    store: &dyn Store,
    versions: &mut Versions,
    (sink, now): (Option<&Sink>, Option<Timestamp>),
    id: InstanceId,
) -> Result<Look, Failure> {
    let mut findings = Findings::about(id);
    let Some(stored) = readable(store.instance(id).await, I2, &mut findings)? else {
        return Ok(Look::At(findings, Vec::new()));
    };
    // It was there a moment ago, and instances do not go.
    let Some(stored) = stored else { return Ok(Look::MovedOn) };
    let kept = Kept::read(store, stored, &mut findings).await?;
    let stored = &kept.stored;
    let history = History::read(store, versions, stored, &mut findings).await?;
    history.fold.compare(&stored.state, kept.columns.as_ref(), &mut findings);
    let journey = versions.get(store, stored.life.journey, stored.life.version).await?;
    if journey.is_none() {
        let (version, of) = (stored.life.version, stored.life.journey);
        let what = "it goes by version";
        findings.found(
            I2,
            format_args!("{what} {version} of {of}, which is not there or cannot be followed"),
        );
    }
    let is_watching = is_watching(store, stored).await?;
    let journey = journey.as_deref();
    Waits { kept: &kept, journey, is_watching, findings: &mut findings }.check();
    rows::check(&kept, now, &mut findings);
    below::check(store, &kept, &mut findings).await?;
    let missing = match sink {
        Some(sink) => {
            history.effects.compare(sink.of(id), stored.life.shadow.is_some(), &mut findings)
        }
        None => Vec::new(),
    };
    let is_same = match store.instance(id).await? {
        Some(now) => now.state == stored.state && now.life == stored.life,
        None => false,
    };
    Ok(if is_same { Look::At(findings, missing) } else { Look::MovedOn })
}

/// Whether an instance is found when its account changes. One without an account has nothing to hear of.
async fn is_watching(store: &dyn Store, stored: &Stored) -> Result<bool, Failure> {
    let Some(account) = stored.life.account.filter(|_| !stored.state.is_over()) else {
        return Ok(true);
    };
    let before = InstanceId::stored(stored.id.number() - 1);
    let page = store.watchers(account, Paging::new(Some(before), 1)).await?;
    Ok(page.items.first() == Some(&stored.id))
}
