//! I4 between instances: who waits for others below has them, or work that starts them.

use crate::{
    kept::{self, Kept},
    report::{Findings, Invariant::I4},
};
use journey::{
    Position, Wait,
    instance::{Child, ChildState, On},
};
use store::{Failure, InstanceId, Store};

/// Looks at the instances that one waits for.
pub(crate) async fn check(
    store: &dyn Store,
    kept: &Kept,
    findings: &mut Findings,
) -> Result<(), Failure> {
    for wait in kept.stored.state.waits() {
        let On::Children { children } = &wait.on else { continue };
        for (index, child) in (0..).zip(children) {
            findings.looked(I4);
            if let Some(what) = wrong(store, kept, (wait.position, index), child).await? {
                findings.found_at(I4, wait.position, what);
            }
        }
        all(wait, children, findings);
    }
    Ok(())
}

fn all(wait: &Wait, children: &[Child], findings: &mut Findings) {
    let is = |kind: fn(&ChildState) -> bool| children.iter().any(|child| kind(&child.state));
    let is_moving = is(|state| matches!(state, ChildState::Asked | ChildState::Running { .. }));
    let is_ahead = is(|state| matches!(state, ChildState::Ahead));
    let what = match (is_moving, is_ahead) {
        (true, _) => return,
        (false, true) => "waits for instances below that nobody has asked for",
        (false, false) => "waits for instances below, and all are over",
    };
    findings.found_at(I4, wait.position, format_args!("'{}' {what}", wait.node));
}

/// What is wrong with one place below.
async fn wrong(
    store: &dyn Store,
    kept: &Kept,
    (position, index): (Position, u32),
    child: &Child,
) -> Result<Option<String>, Failure> {
    match &child.state {
        ChildState::Ahead | ChildState::Over { .. } => Ok(None),
        ChildState::Asked => {
            let is_asked = kept.work(position, &format!("start:{index}")).is_some();
            let what = || format!("no work starts the instance below at {index}");
            Ok((!is_asked).then(what))
        }
        ChildState::Running { instance } => {
            let above = (kept.stored.id, position, index);
            running(store, above, instance).await
        }
    }
}

async fn running(
    store: &dyn Store,
    (above, position, index): (InstanceId, Position, u32),
    named: &str,
) -> Result<Option<String>, Failure> {
    let missing = format!("the instance below at {index}, {named}, is not there");
    let Ok(id) = named.parse::<InstanceId>() else { return Ok(Some(missing)) };
    let below = match store.instance(id).await {
        Ok(Some(below)) => below,
        Ok(None) => return Ok(Some(missing)),
        Err(failure) if failure.is_retryable() => return Err(failure),
        // It is told where that instance itself is looked at.
        Err(_) => return Ok(None),
    };
    let knows = below.state.parent().is_some_and(|parent| {
        parent.instance == above.to_string() && (parent.position, parent.index) == (position, index)
    });
    if !knows || below.life.parent != Some(above) {
        return Ok(Some(format!("the instance below at {index}, {named}, is another's")));
    }
    if !below.state.is_over() {
        return Ok(None);
    }
    let work = kept::work(store, id).await?;
    let reports = work.values().any(|pending| pending.key.name == "report");
    Ok((!reports).then(|| {
        format!("the instance below at {index}, {named}, is over, and no work tells that")
    }))
}
