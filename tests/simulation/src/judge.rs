//! What must be true when a life has come to its end.

use crate::life::{Told, World};
use crate::program::DONE;
use journey::{Instance, Status};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};
use store::{Events, InstanceId, Instances, Memory, Paging};
use tempfile::TempDir;
use verify::{Evidence, Invariant, Outcome, Report, verify};

/// What is wrong, and how many instances there are. All that is kept goes into the trace.
pub(crate) fn judge(world: &World) -> (Vec<String>, usize) {
    let mut findings = world.findings.clone();
    let instances = world.instances();
    let mut done: BTreeMap<InstanceId, usize> = BTreeMap::new();
    for instance in world.shared.outside.seen().done.values() {
        *done.entry(*instance).or_default() += 1;
    }
    for id in &instances {
        let effects = done.remove(id).unwrap_or(0);
        findings.extend(look_at(world, *id, effects));
    }
    findings.extend(done.keys().map(|id| format!("{id} had effects, and is not there")));
    for key in &world.shared.outside.seen().altered {
        findings.push(format!("{key} came with another request than before"));
    }
    for (key, id) in &world.taken {
        let event = world.desk(world.shared.workspace.event(*id)).expect("memory answers");
        if event.is_none_or(|event| event.is_pending) {
            findings.push(format!("event {key} was taken in, and nothing came of it"));
        }
    }
    findings.extend(starts(world));
    findings.extend(with_evidence(world));
    (findings, instances.len())
}

/// One instance, its records and its effects.
fn look_at(world: &World, id: InstanceId, effects: usize) -> Option<String> {
    let store: &Memory = &world.shared.workspace;
    let stored = world.desk(store.instance(id)).expect("memory answers")?;
    let records = world.desk(store.records(id, Paging::first(500))).expect("memory answers").items;
    let mut text = format!("{id} {:?}", stored.state.status());
    for record in &records {
        let record = serde_json::to_string(record).expect("a record is JSON");
        let _ = write!(text, "\n          {record}");
    }
    world.tell(text);
    let expected = world.programs.get(&stored.life.journey)?.effects(n(&stored.state));
    let went_all_the_way =
        stored.state.status() == Status::Ended && stored.state.outcome() == Some(DONE);
    let is_right = if went_all_the_way { effects == expected } else { effects <= expected };
    (!is_right).then(|| format!("{id} had {effects} effects instead of {expected}"))
}

fn n(state: &Instance) -> i64 {
    state.input().get("n").and_then(Value::as_i64).unwrap_or(0)
}

/// One key opened one instance of a journey, whoever was told.
fn starts(world: &World) -> Vec<String> {
    let mut opened = BTreeMap::new();
    let mut findings = Vec::new();
    for told in world.told().iter() {
        let Told::Started { key, journey, instance } = told else { continue };
        let first = *opened.entry((journey, key)).or_insert(*instance);
        if first != *instance {
            findings.push(format!("{key} opened both {first} and {instance}"));
        }
    }
    findings
}

/// What the checker finds, knowing what was told and what arrived.
fn with_evidence(world: &World) -> Option<String> {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let told = world.told();
    let acknowledged = told.iter().map(|told| match told {
        Told::Started { key, instance, .. } => {
            json!({ "kind": "start", "key": key, "id": instance.to_string() })
        }
        Told::Completed { task } => {
            json!({ "kind": "completion", "key": "", "id": task.to_string() })
        }
    });
    let acknowledged = written(&folder, "acknowledged", acknowledged);
    let arrived = world.shared.outside.seen().arrived.clone();
    let arrived = arrived.into_iter().map(|(key, at)| {
        if world.was_set_back { json!({ "key": key }) } else { json!({ "key": key, "at": at }) }
    });
    let sink = written(&folder, "sink", arrived);
    let (acknowledged, sink) = (Some(acknowledged), Some(sink));
    let evidence = Evidence { acknowledged, sink, audit_head: None, now: Some(world.now()) };
    checked(world, evidence)
}

/// What the checker finds.
pub(crate) fn checked(world: &World, evidence: Evidence) -> Option<String> {
    let report = world.desk(verify(world.shared.workspace.as_ref(), &evidence));
    match report {
        Ok(report) if is_sound(&report, world.was_set_back) => None,
        Ok(report) => Some(report.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

/// What was due before clocks were set back is answered earlier than that by the clock, though not in truth, and what came after may have
/// an id that comes before.
fn is_sound(report: &Report, was_set_back: bool) -> bool {
    let by_the_clock = |invariant| matches!(invariant, Invariant::I7 | Invariant::I8);
    let sound = report.invariants.iter().all(|checked| match &checked.outcome {
        Outcome::Checked { violations, .. } => {
            *violations == 0 || (was_set_back && by_the_clock(checked.invariant))
        }
        Outcome::NotChecked { .. } => true,
    });
    sound && report.busy == 0
}

fn written(folder: &TempDir, name: &str, lines: impl Iterator<Item = Value>) -> PathBuf {
    let path = folder.path().join(name);
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.to_string());
        text.push('\n');
    }
    std::fs::write(&path, text).expect("there is room for a file");
    path
}
