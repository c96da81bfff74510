//! What others wrote down, compared with what is kept.

use super::{
    house::{assert_found, found},
    story::{Story, UPSERT},
};
use crate::{Error, Evidence, Invariant, Report, verify};
use serde_json::{Value, json};
use store::TaskId;

impl Story {
    async fn with_sink(&self, lines: &[Value]) -> Report {
        let sink = Some(self.house.file("sink", lines));
        self.house.verify_with(&Evidence { sink, ..Evidence::default() }).await
    }

    async fn with_acknowledged(&self, line: Value) -> Report {
        let acknowledged = Some(self.house.file("acknowledged", &[line]));
        self.house.verify_with(&Evidence { acknowledged, ..Evidence::default() }).await
    }

    fn key(&self, name: &str) -> String {
        format!("{}:{}", self.of(name), UPSERT.0)
    }
}

/// The report tells exactly this, in these words.
fn tells(report: &Report, invariant: Invariant, named: &str, what: &str) {
    assert_found(report, invariant, named);
    let sentence = &found(report, invariant).1[0];
    assert!(sentence.contains(what), "{sentence}");
}

#[tokio::test]
async fn a_call_that_was_never_intended_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    let key = format!("{}:99", story.of("ended"));
    lines.push(json!({ "key": key, "operation": "upsert", "at": 1 }));
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &story.of("ended").to_string(), "never intended");
}

#[tokio::test]
async fn a_call_of_no_instance_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    let nobody = story.house.store.ids().instance(story.house.now(), story.of("ended").slot());
    lines.push(json!({ "key": format!("{nobody}:1"), "operation": "upsert" }));
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &nobody.to_string(), "no such instance");
}

#[tokio::test]
async fn a_key_that_is_none_of_ours_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    lines.push(json!({ "key": "of-another", "operation": "upsert" }));
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, "of-another", "none of ours");
}

#[tokio::test]
async fn a_result_that_never_arrived_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    lines.retain(|line| line["key"] != story.key("ended").as_str());
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &story.key("ended"), "never arrived");
}

#[tokio::test]
async fn an_undoing_that_never_arrived_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    lines.retain(|line| line["operation"] != "remove");
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &story.of("cancelled").to_string(), "never arrived");
}

#[tokio::test]
async fn an_open_call_may_have_arrived_or_not() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    assert!(lines.iter().any(|line| line["key"] == story.key("calling").as_str()));
    lines.retain(|line| line["key"] != story.key("calling").as_str());
    lines.push(lines[0].clone());
    lines.push(json!({ "key": story.key("incident"), "operation": "upsert" }));
    let report = story.with_sink(&lines).await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn a_call_that_arrived_before_it_was_intended_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    for line in &mut lines {
        if line["key"] == story.key("ended").as_str() {
            line["at"] = json!("2025-10-09T00:00:00Z");
        }
    }
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &story.of("ended").to_string(), "before it was intended");
}

#[tokio::test]
async fn a_shadow_that_reached_outside_is_found() {
    let story = Story::lived().await;
    let mut lines = story.house.arrived();
    lines.push(json!({ "key": story.key("shadow"), "operation": "beside" }));
    let report = story.with_sink(&lines).await;
    tells(&report, Invariant::I6, &story.of("shadow").to_string(), "shadow");
}

#[tokio::test]
async fn an_acknowledged_start_that_is_not_there_is_found() {
    let story = Story::lived().await;
    let nobody = story.house.store.ids().instance(story.house.now(), story.of("ended").slot());
    let line = json!({ "kind": "start", "key": "k-lost", "id": nobody.to_string() });
    let report = story.with_acknowledged(line).await;
    tells(&report, Invariant::I1, &nobody.to_string(), "no such instance");
}

#[tokio::test]
async fn an_acknowledged_id_that_is_none_is_found() {
    let story = Story::lived().await;
    let line = json!({ "kind": "hook", "key": "k-ended", "id": "ins_nothing" });
    let report = story.with_acknowledged(line).await;
    tells(&report, Invariant::I1, "ins_nothing", "no id of an instance");
}

#[tokio::test]
async fn a_key_that_opened_another_instance_is_found() {
    let story = Story::lived().await;
    let id = story.of("pausing").to_string();
    let line = json!({ "kind": "start", "key": "k-ended", "id": story.of("tasked").to_string() });
    let report = story.with_acknowledged(line).await;
    tells(&report, Invariant::I1, "k-ended", &story.of("ended").to_string());
    let line = json!({ "kind": "hook", "key": "k-unknown", "id": id });
    let report = story.with_acknowledged(line).await;
    tells(&report, Invariant::I1, &id, "the key opened nothing");
}

#[tokio::test]
async fn a_trigger_key_that_opened_another_instance_is_found() {
    let story = Story::lived().await;
    let (id, other) = (story.of("hooked"), story.of("pausing"));
    let line = || json!({ "kind": "hook", "key": "delivery-1", "id": id.to_string() });
    let of_hook = format!("WHERE instance = {}", id.number());
    story.house.damage(&format!("UPDATE starts SET instance = {} {of_hook}", other.number())).await;
    let report = story.with_acknowledged(line()).await;
    tells(&report, Invariant::I1, &id.to_string(), &format!("'o-1' opened {other}"));
    story.house.damage(&format!("DELETE FROM starts WHERE instance = {}", other.number())).await;
    let report = story.with_acknowledged(line()).await;
    tells(&report, Invariant::I1, &id.to_string(), "'o-1' opened nothing");
}

#[tokio::test]
async fn an_acknowledged_start_without_its_record_is_found() {
    let story = Story::lived().await;
    let id = story.of("pausing");
    story.house.damage(&format!("DELETE FROM records WHERE instance = {}", id.number())).await;
    let report = story.with_acknowledged(json!({ "kind": "start", "id": id.to_string() })).await;
    let (violations, examples) = found(&report, Invariant::I1);
    assert_eq!(violations, 1, "{report}");
    assert!(examples[0].contains("no record of its start"), "{examples:?}");
}

#[tokio::test]
async fn an_acknowledged_completion_that_was_lost_is_found() {
    let story = Story::lived().await;
    let position = journey::Position(2);
    let open = TaskId { instance: story.of("tasked"), position };
    let line = |id: String| json!({ "kind": "completion", "key": "c", "id": id });
    let report = story.with_acknowledged(line(open.to_string())).await;
    tells(&report, Invariant::I1, &open.to_string(), "no record");
    let nowhere = TaskId { instance: story.of("tasked"), position: journey::Position(77) };
    let report = story.with_acknowledged(line(nowhere.to_string())).await;
    tells(&report, Invariant::I1, &nowhere.to_string(), "no such task");
    let report = story.with_acknowledged(line("tsk".to_owned())).await;
    tells(&report, Invariant::I1, "tsk", "no id of a task");
}

#[tokio::test]
async fn a_completed_task_that_is_not_shown_as_such_is_found() {
    let story = Story::lived().await;
    let id = TaskId { instance: story.of("ended"), position: journey::Position(2) };
    let instance = id.instance.number();
    let withdraw = format!("UPDATE tasks SET status = 'cancelled' WHERE instance = {instance}");
    story.house.damage(&withdraw).await;
    let line = json!({ "kind": "completion", "key": "c", "id": id.to_string() });
    let report = story.with_acknowledged(line).await;
    tells(&report, Invariant::I1, &id.to_string(), "the task is cancelled");
}

#[tokio::test]
async fn a_line_that_was_cut_off_is_passed_by_and_a_bad_one_is_an_error() {
    let story = Story::lived().await;
    let path = story.house.file("acknowledged", &[]);
    let evidence = Evidence { acknowledged: Some(path.clone()), ..Evidence::default() };
    std::fs::write(&path, "\n{\"kind\": \"start\", \"id\"").unwrap();
    assert!(story.house.verify_with(&evidence).await.is_clean());
    std::fs::write(&path, "{\"kind\": \"start\"}\n").unwrap();
    let failed = verify(story.house.store.as_ref(), &evidence).await.unwrap_err();
    assert!(matches!(failed, Error::Line { number: 1, .. }), "{failed}");
    std::fs::remove_file(&path).unwrap();
    let failed = verify(story.house.store.as_ref(), &evidence).await.unwrap_err();
    assert!(matches!(failed, Error::File { .. }), "{failed}");
}
