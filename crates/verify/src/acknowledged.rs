//! I1: what was acknowledged is there, once.

use crate::{
    Error, limits,
    lines::Lines,
    report::{Findings, Invariant::I1},
    versions::Versions,
};
use journey::{Fact, Position};
use serde::Deserialize;
use store::{Failure, InstanceId, Paging, Store, TaskId, instances::Stored, tasks::State};

/// A line: what somebody outside was told is done.
#[derive(Debug, Deserialize)]
struct Line {
    kind: Kind,
    /// The key it was asked for with; empty or absent when there was none.
    #[serde(default)]
    key: String,
    /// The id of the instance, or of the task that was completed.
    id: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Start,
    Hook,
    Completion,
}

/// Looks for all that a file says was acknowledged.
pub(crate) async fn check(
    store: &dyn Store,
    versions: &mut Versions,
    mut lines: Lines,
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    while let Some(line) = lines.next::<Line>()? {
        findings.looked(I1);
        let wrong = match line.kind {
            Kind::Start | Kind::Hook => start(store, versions, &line).await?,
            Kind::Completion => completion(store, &line).await?,
        };
        if let Some(wrong) = wrong {
            let Line { kind, key, id } = line;
            findings.found(I1, format_args!("{kind:?} '{key}' of {id}: {wrong}"));
        }
    }
    Ok(findings)
}

async fn start(
    store: &dyn Store,
    versions: &mut Versions,
    line: &Line,
) -> Result<Option<String>, Failure> {
    let Ok(id) = line.id.parse::<InstanceId>() else {
        return Ok(Some("that is no id of an instance".to_owned()));
    };
    let Some(stored) = store.instance(id).await? else {
        return Ok(Some("there is no such instance".to_owned()));
    };
    let first = store.records(id, Paging::first(1)).await?.items.pop();
    let Some(Fact::Started { trigger, input }) = first.map(|record| record.fact) else {
        return Ok(Some("the instance has no record of its start".to_owned()));
    };
    if line.key.is_empty() {
        return Ok(None);
    }
    let journey = stored.life.journey;
    if let Some(opened) = store.started_by(journey, &format!("request:{}", line.key)).await? {
        return Ok((opened != id).then(|| format!("the key opened {opened}")));
    }
    // The trigger's own key goes before the client's.
    let own = own_key(store, versions, &stored, (&trigger, &input)).await?;
    let Some(own) = own else { return Ok(Some("the key opened nothing".to_owned())) };
    match store.started_by(journey, &format!("journey:{own}")).await? {
        Some(opened) if opened == id => Ok(None),
        Some(opened) => Ok(Some(format!("the trigger's key '{own}' opened {opened}"))),
        None => Ok(Some(format!("the trigger's key '{own}' opened nothing"))),
    }
}

async fn own_key(
    store: &dyn Store,
    versions: &mut Versions,
    stored: &Stored,
    (trigger, input): (&str, &serde_json::Value),
) -> Result<Option<String>, Failure> {
    let journey = versions.get(store, stored.life.journey, stored.life.version).await?;
    Ok(journey.and_then(|journey| journey.dedupe_key(trigger, input).ok().flatten()))
}

async fn completion(store: &dyn Store, line: &Line) -> Result<Option<String>, Failure> {
    let Ok(id) = line.id.parse::<TaskId>() else {
        return Ok(Some("that is no id of a task".to_owned()));
    };
    let Some(task) = store.task(id).await? else {
        return Ok(Some("there is no such task".to_owned()));
    };
    let Some(done) = done(store, id.instance, id.position).await? else {
        return Ok(Some("no record says that it was completed".to_owned()));
    };
    let is_completed = task.state == State::Completed;
    let what =
        format!("its records say that it was completed, and the task is {}", task.state.word());
    Ok((done == Done::Completed && !is_completed).then_some(what))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Completed,
    /// By one of several who must approve.
    InPart,
}

async fn done(
    store: &dyn Store,
    instance: InstanceId,
    position: Position,
) -> Result<Option<Done>, Failure> {
    let mut found = None;
    let mut paging = Paging::first(limits::PAGE);
    loop {
        let page = store.records(instance, paging).await?;
        for record in page.items {
            match record.fact {
                Fact::TaskCompleted { position: at, .. } if at == position => {
                    return Ok(Some(Done::Completed));
                }
                Fact::Approved { position: at, .. } if at == position => found = Some(Done::InPart),
                _ => {}
            }
        }
        let Some(next) = page.next else { return Ok(found) };
        paging = Paging::new(Some(next), limits::PAGE);
    }
}
