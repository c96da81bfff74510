//! One damage each, behind the store's back: exactly the invariant it is against says so, and names the instance.

use super::{
    house::{HOUR, assert_found, assert_told, found, quoted, slot},
    story::{Story, UPSERT},
};
use crate::{
    Evidence,
    Invariant::{self, I2, I3, I4, I5, I7, I9, I10},
};
use journey::{Fact, Position, Record, effect::FailureKind, instance::On};
use serde_json::json;
use store::InstanceId;

impl Story {
    /// Nothing but this is wrong, once, with the instance of this name.
    async fn finds(&self, invariant: Invariant, name: &str) {
        assert_found(&self.house.verify().await, invariant, &self.of(name).to_string());
    }

    /// As [`Self::finds`], in these words.
    async fn finds_that(&self, invariant: Invariant, name: &str, what: &str) {
        let report = self.house.verify().await;
        assert_found(&report, invariant, &self.of(name).to_string());
        let sentence = &found(&report, invariant).1[0];
        assert!(sentence.contains(what), "{sentence}");
    }

    /// Changes the rows of a table that belong to an instance.
    async fn set(&self, table: &str, set: &str, name: &str, and: &str) {
        self.part(table, name, and).await;
        let id = self.of(name).number();
        let column = if table == "instances" { "id" } else { "instance" };
        self.house.damage(&format!("UPDATE {table} SET {set} WHERE {column} = {id} {and}")).await;
    }

    async fn delete(&self, table: &str, name: &str, and: &str) {
        self.part(table, name, and).await;
        let id = self.of(name).number();
        let column = if table == "instances" { "id" } else { "instance" };
        self.house.damage(&format!("DELETE FROM {table} WHERE {column} = {id} {and}")).await;
    }

    /// Gives each record of an instance a row of its own, if it is some of its records that are to be damaged.
    async fn part(&self, table: &str, name: &str, and: &str) {
        if table == "records" && !and.is_empty() {
            self.rewrite(name, |_| ()).await;
        }
    }

    /// Adds work that is due in a long time.
    async fn add_work(&self, name: &str, position: u32, work: &str, body: &serde_json::Value) {
        let (id, later) = (self.of(name), self.house.now().plus(9_999 * HOUR).0);
        let (slot, id, body) = (slot(id), id.number(), quoted(body));
        let columns =
            "slot, instance, position, name, due_at, available_at, lease, node, lane, body";
        let values = format!(
            "{slot}, {id}, {position}, '{work}', {later}, {later}, 0, 0, '{work}/0/0', {body}"
        );
        self.house.damage(&format!("INSERT INTO work ({columns}) VALUES ({values})")).await;
    }

    async fn rewrite(&self, name: &str, change: impl FnOnce(&mut Vec<Record>)) {
        self.house.rewrite(self.of(name), change).await;
    }
}

fn place(records: &[Record], is: impl Fn(&Fact) -> bool) -> usize {
    records.iter().position(|record| is(&record.fact)).unwrap()
}

fn twice(records: &mut Vec<Record>, is: impl Fn(&Fact) -> bool) {
    let place = place(records, is);
    records.insert(place, records[place].clone());
}

fn sooner(records: &mut [Record], is: impl Fn(&Fact) -> bool, by: i64) {
    let place = place(records, is);
    records[place].at = records[place].at.plus(-by);
}

#[tokio::test]
async fn an_instance_that_went_with_all_its_rows_is_found_by_what_opened_it() {
    let story = Story::lived().await;
    let id = story.of("ended").number();
    for table in ["records", "tasks"] {
        story.house.damage(&format!("DELETE FROM {table} WHERE instance = {id}")).await;
    }
    story.house.damage(&format!("DELETE FROM instances WHERE id = {id}")).await;
    story.finds_that(I3, "ended", "there is no such instance").await;
}

#[tokio::test]
async fn a_version_that_is_missing_is_found() {
    let story = Story::lived().await;
    let life = story.house.store.instance(story.of("pausing")).await.unwrap().unwrap().life;
    let (journey, version) = (life.journey, life.version);
    let missing = format!("WHERE journey = {} AND number = {version}", journey.number());
    story.house.damage(&format!("DELETE FROM versions {missing}")).await;
    let report = story.house.verify().await;
    let (violations, sentences) = found(&report, I2);
    assert!(violations >= 2, "{report}");
    let names = |what: &str| sentences.iter().any(|sentence| sentence.contains(what));
    assert!(
        names(&format!("version {version} of {journey}, which new instances go by")),
        "{report}"
    );
    assert!(names(&format!("it goes by version {version} of {journey}")), "{report}");
}

#[tokio::test]
async fn a_trigger_to_which_nothing_comes_is_found() {
    let story = Story::lived().await;
    let life = story.house.store.instance(story.of("pausing")).await.unwrap().unwrap().life;
    let (journey, of) = (life.journey, format!("WHERE journey = {}", life.journey.number()));
    for damage in [
        format!("UPDATE triggers SET name = 'other' {of}"),
        format!("UPDATE triggers SET type = 'event' {of}"),
        format!("DELETE FROM triggers {of}"),
    ] {
        story.house.damage(&damage).await;
        let report = story.house.verify().await;
        assert_found(&report, I2, &format!("of {journey}, version"));
        let sentence = &found(&report, I2).1[0];
        assert!(sentence.contains("is not listed, and starts nothing"), "{sentence}");
    }
}

#[tokio::test]
async fn a_trigger_that_no_version_has_is_found() {
    let story = Story::lived().await;
    let columns = "journey, version, node, mode, type, name, listed_at, due_at, done_to";
    story
        .house
        .damage(&format!(
            "INSERT INTO triggers ({columns}) VALUES (77, 1, 'stray', 'live', 'manual', '', 0, NULL, 0)"
        ))
        .await;
    assert_found(&story.house.verify().await, I2, "the trigger 'stray'");
}

#[tokio::test]
async fn a_table_or_an_index_that_is_gone_is_found() {
    let story = Story::lived().await;
    for (damage, told) in [
        ("DROP INDEX work_lanes", "the index work_lanes of the table work is missing"),
        ("DROP TABLE messages", "the table messages is missing"),
        ("DROP TABLE sessions", "the table sessions is missing"),
    ] {
        story.house.tear(damage).await;
        let report = story.house.verify().await;
        assert!(!report.is_clean() && report.damage.contains(&told.to_owned()), "{report}");
    }
}

#[tokio::test]
async fn a_task_that_nobody_finds_or_can_complete_is_found() {
    let others = |column: &str| format!("{column} = 'other'");
    for (set, told) in [
        (others("holder"), "in the queue of other, who has not got it"),
        (others("node"), "a task of another step"),
        ("journey = journey + 1024".to_owned(), "its task is not open"),
        ("outcomes = '[]'".to_owned(), "outcomes that are not the drawing's"),
    ] {
        let story = Story::lived().await;
        story.set("tasks", &set, "tasked", "AND is_open = 1").await;
        story.finds_that(I4, "tasked", told).await;
    }
}

#[tokio::test]
async fn work_that_nobody_takes_up_is_found() {
    let story = Story::lived().await;
    let never = story.house.now().plus(9_999_999 * HOUR).0;
    story.set("work", &format!("available_at = {never}"), "pausing", "").await;
    story.finds_that(I4, "pausing", "nobody takes it up before").await;
}

#[tokio::test]
async fn work_in_a_lane_that_is_not_its_own_is_found() {
    let story = Story::lived().await;
    story.set("work", "lane = ''", "pausing", "").await;
    story.finds_that(I4, "pausing", "waits in another's lane").await;
    story.set("work", "lane = 'other/0/0'", "pausing", "").await;
    assert!(story.house.verify().await.is_clean());
}

#[tokio::test]
async fn a_record_that_is_missing_is_found() {
    let story = Story::lived().await;
    story.delete("records", "ended", "AND sequence = 1").await;
    story.finds_that(I2, "ended", "record 1 is missing").await;
}

#[tokio::test]
async fn a_last_record_that_is_missing_is_found() {
    let story = Story::lived().await;
    let last = story.house.records(story.of("pausing")).await.len() - 1;
    story.delete("records", "pausing", &format!("AND sequence = {last}")).await;
    story.finds_that(I2, "pausing", "'sequence'").await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_found() {
    let story = Story::lived().await;
    story.set("records", "body = '{'", "ended", "AND sequence = 3").await;
    story.finds(I2, "ended").await;
}

#[tokio::test]
async fn a_record_that_cannot_follow_is_found() {
    let story = Story::lived().await;
    let id = story.of("ended");
    let mut body = serde_json::to_value(&story.house.records(id).await[3]).unwrap();
    body["position"] = json!(77);
    let body = quoted(&body);
    story.set("records", &format!("body = {body}"), "ended", "AND sequence = 3").await;
    story.finds_that(I2, "ended", "record 3 does not fit").await;
}

#[tokio::test]
async fn a_state_that_was_edited_is_found() {
    let story = Story::lived().await;
    let id = story.of("tasked");
    let mut state = serde_json::to_value(story.house.state(id).await).unwrap();
    state["vars"]["tier"] = json!("gold");
    story.house.set_state(id, &state).await;
    story.finds_that(I2, "tasked", "'vars'").await;
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_found() {
    let story = Story::lived().await;
    story.set("instances", "state = '{'", "slept", "").await;
    story.finds(I2, "slept").await;
}

#[tokio::test]
async fn a_column_that_says_something_else_is_found() {
    let story = Story::lived().await;
    story.set("instances", "sequence = sequence + 1", "tasked", "").await;
    story.finds_that(I2, "tasked", "its row says").await;
}

#[tokio::test]
async fn an_instance_that_cannot_be_read_is_named_and_the_others_are_looked_at() {
    let story = Story::lived().await;
    story.set("instances", "status = 'zzz'", "tasked", "").await;
    story.finds_that(I2, "tasked", "cannot be read").await;
}

#[tokio::test]
async fn records_without_an_instance_are_found() {
    let story = Story::lived().await;
    story.delete("instances", "slept", "").await;
    story.finds_that(I2, "slept", "no such instance").await;
}

#[tokio::test]
async fn a_record_after_the_end_is_found() {
    let story = Story::lived().await;
    let id = story.of("ended");
    let records = story.house.records(id).await;
    let (number, at) = (records.len() as u64, records.last().unwrap().at.0);
    let body = json!({ "sequence": number, "at": at, "fact": "ended", "outcome": "success" });
    story.house.add_record(id, number, &body).await;
    story.finds_that(I3, "ended", "comes after its end").await;
}

#[tokio::test]
async fn a_second_start_is_found() {
    let story = Story::lived().await;
    let is_start = |fact: &Fact| matches!(fact, Fact::Started { .. });
    story.rewrite("pausing", |records| twice(records, is_start)).await;
    story.finds_that(I3, "pausing", "starts it again").await;
}

#[tokio::test]
async fn an_instance_without_a_start_is_found() {
    let story = Story::lived().await;
    story.rewrite("pausing", |records| drop(records.remove(0))).await;
    story.finds_that(I3, "pausing", "none of its records is a start").await;
}

#[tokio::test]
async fn a_start_that_comes_later_is_found() {
    let story = Story::lived().await;
    story.rewrite("pausing", |records| records.swap(0, 1)).await;
    story.finds_that(I3, "pausing", "not its first record").await;
}

#[tokio::test]
async fn a_second_result_is_found() {
    let story = Story::lived().await;
    let is_result = |fact: &Fact| matches!(fact, Fact::CallSucceeded { .. });
    story.rewrite("ended", |records| twice(records, is_result)).await;
    story.finds_that(I4, "ended", "second result").await;
}

#[tokio::test]
async fn a_second_result_of_an_instance_below_is_found() {
    let story = Story::lived().await;
    let is_result = |fact: &Fact| matches!(fact, Fact::ChildEnded { .. });
    story.rewrite("parent", |records| twice(records, is_result)).await;
    story.finds_that(I4, "parent", "second result for the instance below").await;
}

#[tokio::test]
async fn a_timer_without_work_is_found() {
    let story = Story::lived().await;
    story.delete("work", "pausing", "").await;
    story.finds_that(I4, "pausing", "its timer 'wait'").await;
}

#[tokio::test]
async fn a_timer_at_another_time_is_found() {
    let story = Story::lived().await;
    story.set("work", "due_at = due_at - 1", "pausing", "").await;
    story.finds_that(I4, "pausing", "is due at").await;
}

#[tokio::test]
async fn a_call_without_work_is_found() {
    let story = Story::lived().await;
    story.delete("work", "calling", "").await;
    story.finds_that(I4, "calling", "no work asks for it").await;
}

#[tokio::test]
async fn a_call_of_another_attempt_is_found() {
    let story = Story::lived().await;
    let second = r#"body = REPLACE(body, '"attempt":2', '"attempt":1')"#;
    story.set("work", second, "retrying", "").await;
    story.finds_that(I4, "retrying", "waits for attempt 2").await;
}

#[tokio::test]
async fn a_retry_at_another_time_is_found() {
    for at in ["due_at - 86400000", "due_at + 86400000"] {
        let story = Story::lived().await;
        story.set("work", &format!("due_at = {at}"), "retrying", "").await;
        story.finds_that(I4, "retrying", "is due at").await;
    }
}

#[tokio::test]
async fn work_that_cannot_be_read_is_found() {
    let story = Story::lived().await;
    story.set("work", "body = '{'", "half approved", "AND name = 'due'").await;
    let report = story.house.verify().await;
    assert_told(&report, I4, &story.of("half approved").to_string());
}

#[tokio::test]
async fn what_a_shadow_takes_for_granted_at_another_wait_is_found() {
    let story = Story::lived().await;
    let body = json!({ "job": "assume", "of": "call", "output": {} });
    story.add_work("pausing", 1, "assume", &body).await;
    story.finds_that(I4, "pausing", "does not wait for its work 'assume'").await;
}

#[tokio::test]
async fn a_task_that_was_closed_is_found() {
    let story = Story::lived().await;
    story.set("tasks", "is_open = 0, status = 'cancelled'", "tasked", "").await;
    story.finds_that(I4, "tasked", "its task is not open").await;
}

#[tokio::test]
async fn a_task_with_somebody_else_is_found() {
    let story = Story::lived().await;
    story.set("tasks", "assignee = 'eve@x.y', holder = 'eve@x.y'", "tasked", "").await;
    story.finds_that(I4, "tasked", "with eve@x.y").await;
}

#[tokio::test]
async fn an_offered_task_that_seems_claimed_is_found() {
    let story = Story::lived().await;
    story.set("tasks", "status = 'claimed', assignee = 'eve@x.y'", "half approved", "").await;
    story.finds_that(I4, "half approved", "is Offered").await;
}

#[tokio::test]
async fn a_task_with_another_due_date_is_found() {
    let story = Story::lived().await;
    story.set("tasks", "due_at = due_at + 1", "tasked", "").await;
    story.finds_that(I4, "tasked", "its task says").await;
}

#[tokio::test]
async fn a_promise_without_its_timer_is_found() {
    let story = Story::lived().await;
    story.delete("work", "tasked", "AND name = 'due'").await;
    story.finds_that(I4, "tasked", "its timer 'due'").await;
}

#[tokio::test]
async fn a_task_without_its_own_timer_is_found() {
    let story = Story::lived().await;
    story.delete("work", "tasked", "AND name = 'boundary:nudge'").await;
    story.finds_that(I4, "tasked", "its timer 'boundary:nudge'").await;
}

#[tokio::test]
async fn a_wait_for_an_event_that_nobody_hears_is_found() {
    let story = Story::lived().await;
    story.delete("listens", "listening", "").await;
    story.finds_that(I4, "listening", "would not hear it").await;
}

#[tokio::test]
async fn a_wait_for_an_event_without_its_time_out_is_found() {
    let story = Story::lived().await;
    story.delete("work", "listening", "").await;
    story.finds_that(I4, "listening", "its timer 'timeout'").await;
}

#[tokio::test]
async fn a_wait_that_is_heard_at_another_version_is_found() {
    let story = Story::lived().await;
    story.set("listens", "version = 1", "moved", "").await;
    story.finds_that(I4, "moved", "would not hear it").await;
}

#[tokio::test]
async fn an_event_that_nobody_waits_for_is_found() {
    let story = Story::lived().await;
    let id = story.of("listening").number();
    story
        .house
        .damage(&format!(
            "INSERT INTO listens (name, journey, version, node, key, instance, position, heard)
             SELECT name, journey, version, node, 'other', instance, position, heard FROM listens WHERE instance = {id}"
        ))
        .await;
    story.finds_that(I4, "listening", "does not wait for it").await;
}

#[tokio::test]
async fn a_condition_that_is_not_watched_is_found() {
    let story = Story::lived().await;
    story.set("instances", "watches_account = 0", "watching", "").await;
    story.finds_that(I4, "watching", "hears of no change").await;
}

#[tokio::test]
async fn exits_that_are_not_watched_are_found() {
    let story = Story::lived().await;
    story.set("instances", "watches_account = 0", "exiting", "").await;
    story.finds_that(I4, "exiting", "has exits").await;
}

#[tokio::test]
async fn a_join_that_nobody_comes_to_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("joining", |records| {
            let is_pause = |fact: &Fact| matches!(fact, Fact::Waiting { on: On::Timer { .. }, .. });
            let paused = records[place(records, is_pause)].clone();
            let Fact::Waiting { position, .. } = paused.fact else { panic!("{paused:?}") };
            let fact = Fact::Withdrawn { position, why: "lost".to_owned() };
            records.push(Record { fact, ..paused });
        })
        .await;
    story.delete("work", "joining", "").await;
    story.finds_that(I4, "joining", "there is none").await;
}

#[tokio::test]
async fn an_instance_that_waits_for_nothing_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("pausing", |records| {
            let last = records.last().unwrap().clone();
            let Fact::Waiting { position, .. } = last.fact else { panic!("{last:?}") };
            records.push(Record {
                fact: Fact::Left { position, edges: Vec::new() },
                at: last.at.plus(24 * HOUR),
                ..last
            });
        })
        .await;
    story.delete("work", "pausing", "").await;
    story.finds_that(I4, "pausing", "waits for nothing").await;
}

#[tokio::test]
async fn work_that_nobody_waits_for_is_found() {
    let story = Story::lived().await;
    story.add_work("pausing", 99, "wait", &json!({ "job": "timer", "timer": "wait" })).await;
    story.finds_that(I4, "pausing", "does not wait for its work 'wait'").await;
}

#[tokio::test]
async fn work_under_another_name_is_found() {
    let story = Story::lived().await;
    story.add_work("pausing", 1, "call", &json!({ "job": "timer", "timer": "wait" })).await;
    story.finds_that(I4, "pausing", "its work 'call' is 'wait'").await;
}

#[tokio::test]
async fn work_of_an_instance_that_is_over_is_found() {
    let story = Story::lived().await;
    story.add_work("ended", 2, "due", &json!({ "job": "timer", "timer": "due" })).await;
    story.finds_that(I4, "ended", "does not wait for its work 'due'").await;
}

#[tokio::test]
async fn a_report_before_the_end_is_found() {
    let story = Story::lived().await;
    let parent = json!({ "instance": story.of("parent").to_string(), "position": 1, "index": 1, "depth": 1 });
    let body = json!({ "job": "report", "parent": parent, "ending": { "ending": "cancelled", "reason": "" } });
    story.add_work("child", 0, "report", &body).await;
    story.finds_that(I4, "child", "does not wait for its work 'report'").await;
}

#[tokio::test]
async fn work_without_an_instance_is_found() {
    let story = Story::lived().await;
    story.delete("records", "pausing", "").await;
    story.delete("instances", "pausing", "").await;
    story.finds_that(I4, "pausing", "no such instance").await;
}

#[tokio::test]
async fn an_open_task_that_nobody_waits_for_is_found() {
    let story = Story::lived().await;
    story.set("tasks", "is_open = 1, status = 'offered'", "ended", "").await;
    story.finds_that(I4, "ended", "waits for no person there").await;
}

#[tokio::test]
async fn a_task_of_a_shadow_before_people_is_found() {
    let story = Story::lived().await;
    let (shadow, task) = (story.of("shadow"), story.of("tasked").number());
    let (slot, id) = (slot(shadow), shadow.number());
    let rest = "journey, account, node, title, instructions, status, is_open, team, assignee, offered_to, holder, sla, due_at, priority, form, outcomes, created_at, updated_at";
    story
        .house
        .damage(&format!(
            "INSERT INTO tasks (slot, instance, position, {rest}) SELECT {slot}, {id}, position, {rest} FROM tasks WHERE instance = {task}"
        ))
        .await;
    story.finds_that(I4, "shadow", "a task of a shadow run").await;
}

async fn erase(story: &Story, name: &str) {
    for table in ["instances", "records", "work", "tasks"] {
        story.delete(table, name, "").await;
    }
}

#[tokio::test]
async fn a_missing_instance_below_is_found() {
    let story = Story::lived().await;
    erase(&story, "child").await;
    story.finds_that(I4, "parent", "is not there").await;
}

#[tokio::test]
async fn an_instance_below_another_one_is_found() {
    let story = Story::lived().await;
    let other = story.of("sequence").number();
    story.set("instances", &format!("parent = {other}, parent_index = 7"), "child", "").await;
    story.finds_that(I4, "parent", "is another's").await;
}

#[tokio::test]
async fn an_instance_below_that_ended_unheard_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("child", |records| {
            let last = records.last().unwrap().clone();
            let fact = Fact::Ended { outcome: "success".to_owned() };
            records.push(Record { fact, ..last });
        })
        .await;
    story.delete("work", "child", "").await;
    story.delete("tasks", "child", "").await;
    story.finds_that(I4, "parent", "no work tells that").await;
}

/// Puts what the first instance below is in the records back to being asked for.
fn unstarted(records: &mut Vec<Record>) {
    records.retain(|record| !matches!(record.fact, Fact::ChildStarted { .. }));
}

#[tokio::test]
async fn an_instance_below_that_nothing_starts_is_found() {
    let story = Story::lived().await;
    story.rewrite("sequence", unstarted).await;
    story.finds_that(I4, "sequence", "no work starts").await;
}

#[tokio::test]
async fn instances_below_that_nobody_asked_for_are_found() {
    let story = Story::lived().await;
    story
        .rewrite("sequence", |records| {
            unstarted(records);
            records.retain(|record| !matches!(record.fact, Fact::ChildAsked { .. }));
        })
        .await;
    story.finds_that(I4, "sequence", "nobody has asked for").await;
}

#[tokio::test]
async fn instances_below_that_are_all_over_are_found() {
    let story = Story::lived().await;
    story
        .rewrite("parent", |records| {
            let is_end = |fact: &Fact| matches!(fact, Fact::ChildEnded { .. });
            let mut end = records[place(records, is_end)].clone();
            if let Fact::ChildEnded { index, .. } = &mut end.fact {
                *index = 1 - *index;
            }
            records.push(end);
        })
        .await;
    story.finds_that(I4, "parent", "all are over").await;
}

#[tokio::test]
async fn a_wait_that_ended_early_is_found() {
    let story = Story::lived().await;
    let is_end = |fact: &Fact| matches!(fact, Fact::Left { position: Position(1), .. });
    story.rewrite("slept", |records| sooner(records, is_end, 9 * HOUR - 1)).await;
    story.finds_that(I7, "slept", "which was due at").await;
}

#[tokio::test]
async fn a_time_out_that_came_early_is_found() {
    let story = Story::lived().await;
    let is_end = |fact: &Fact| matches!(fact, Fact::TimedOut { .. });
    story.rewrite("timed out", |records| sooner(records, is_end, 9 * HOUR - 1)).await;
    story.finds_that(I7, "timed out", "timed out at").await;
}

#[tokio::test]
async fn a_time_out_of_a_wait_without_one_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("timed out", |records| {
            for record in records {
                if let Fact::Waiting { on: On::Event { due, .. }, .. } = &mut record.fact {
                    *due = None;
                }
            }
        })
        .await;
    story.finds_that(I7, "timed out", "nothing was due").await;
}

#[tokio::test]
async fn a_promise_that_broke_early_is_found() {
    let story = Story::lived().await;
    let is_breach = |fact: &Fact| matches!(fact, Fact::SlaBreached { .. });
    story.rewrite("late", |records| sooner(records, is_breach, HOUR + 1)).await;
    story.finds_that(I7, "late", "promise broke").await;
}

#[tokio::test]
async fn a_warning_that_came_early_is_found() {
    let story = Story::lived().await;
    let is_warning = |fact: &Fact| matches!(fact, Fact::SlaWarned { .. });
    story.rewrite("late", |records| sooner(records, is_warning, 3 * HOUR)).await;
    story.finds_that(I7, "late", "the task warned").await;
}

#[tokio::test]
async fn a_timer_that_fired_twice_is_found() {
    let story = Story::lived().await;
    let is_nudge = |fact: &Fact| matches!(fact, Fact::TimerFired { .. });
    story.rewrite("late", |records| twice(records, is_nudge)).await;
    story.finds_that(I7, "late", "'nudge' fired again").await;
}

#[tokio::test]
async fn an_escalation_that_came_twice_is_found() {
    let story = Story::lived().await;
    let is_step = |fact: &Fact| matches!(fact, Fact::TaskEscalated { .. });
    story.rewrite("late", |records| twice(records, is_step)).await;
    story.finds_that(I7, "late", "step 0 of the escalation fired again").await;
}

#[tokio::test]
async fn a_retry_that_came_early_is_found() {
    let story = Story::lived().await;
    let is_answer = |fact: &Fact| matches!(fact, Fact::CallSucceeded { .. });
    story.rewrite("ended", |records| sooner(records, is_answer, 11_000)).await;
    story.finds_that(I7, "ended", "the call was answered").await;
}

#[tokio::test]
async fn an_attempt_too_many_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("ended", |records| {
            for record in records {
                if let Fact::CallRetried { attempt, .. } = &mut record.fact {
                    *attempt = 4;
                }
            }
        })
        .await;
    story.finds_that(I10, "ended", "attempt 4 of 3").await;
}

#[tokio::test]
async fn a_failure_that_nothing_follows_from_is_found() {
    let story = Story::lived().await;
    let is_failure = |fact: &Fact| matches!(fact, Fact::CallFailed { .. });
    story.rewrite("ended", |records| twice(records, is_failure)).await;
    story.finds_that(I10, "ended", "neither an incident nor a way out").await;
}

#[tokio::test]
async fn a_failure_that_ends_a_branch_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("failed", |records| {
            let is_left = |fact: &Fact| matches!(fact, Fact::Left { position: UPSERT, .. });
            let place = place(records, is_left);
            records[place].fact = Fact::Left { position: UPSERT, edges: Vec::new() };
        })
        .await;
    story.finds_that(I10, "failed", "neither an incident nor a way out").await;
}

#[tokio::test]
async fn a_last_failure_that_nothing_follows_from_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("calling", |records| {
            let last = records.last().unwrap().clone();
            let message = String::new();
            let code = "http.503".to_owned();
            let (kind, retry_after_ms) = (FailureKind::Permanent, None);
            let failure = journey::effect::Failure { kind, code, message, retry_after_ms };
            let fact = Fact::CallFailed { position: UPSERT, failure, attempt: 1 };
            records.push(Record { fact, ..last });
        })
        .await;
    story.finds_that(I10, "calling", "nothing followed from that").await;
}

#[tokio::test]
async fn a_retry_that_cannot_help_is_found() {
    let story = Story::lived().await;
    story
        .rewrite("ended", |records| {
            for record in records {
                if let Fact::CallFailed { failure, .. } = &mut record.fact {
                    failure.kind = FailureKind::Permanent;
                }
            }
        })
        .await;
    story.finds_that(I10, "ended", "cannot help").await;
}

#[tokio::test]
async fn many_violations_are_counted_and_ten_are_told() {
    let story = Story::lived().await;
    story.house.damage("DELETE FROM work").await;
    let report = story.house.verify().await;
    let (violations, examples) = found(&report, I4);
    assert!(violations > 20, "{report}");
    assert_eq!(examples.len(), 10);
    assert!(examples.iter().all(|sentence| sentence.starts_with(InstanceId::PREFIX)));
}

#[tokio::test]
async fn a_record_of_a_node_that_never_was_is_found() {
    let story = Story::lived().await;
    story.set("records", "node = 77", "ended", "AND sequence = 1").await;
    story.finds_that(I5, "ended", "record 1 was written by node_77, which never was").await;
}

#[tokio::test]
async fn a_record_that_a_node_wrote_after_it_was_taken_over_from_is_found() {
    let story = Story::lived().await;
    let id = story.of("ended");
    let last = story.house.records(id).await.len() - 1;
    let over = format!("{}, {}, 1, 'call', 1, {last}, 0", slot(id), id.number());
    let columns = "slot, instance, position, name, node, sequence, at";
    story.house.damage(&format!("INSERT INTO takeovers ({columns}) VALUES ({over})")).await;
    story.finds_that(I5, "ended", "after its 'call' was taken over from it").await;
}

/// A line, a seal or the head that others know is not what it was.
#[tokio::test]
async fn an_audit_log_that_was_changed_is_found() {
    let story = Story::lived().await;
    let head = story.house.head().await;
    let damages = [
        (
            "UPDATE audit SET actor = 'nobody' WHERE id = (SELECT MIN(id) FROM audit)",
            "is not what was sealed",
        ),
        (
            "DELETE FROM audit WHERE id = (SELECT MAX(id) FROM audit WHERE seal IS NOT NULL)",
            "lines, and",
        ),
    ];
    for (damage, what) in damages {
        story.house.damage(damage).await;
        let evidence = Evidence { audit_head: Some(head.clone()), ..Evidence::default() };
        let report = story.house.verify_with(&evidence).await;
        let (violations, sentences) = found(&report, I9);
        assert!(violations == 1 && sentences[0].contains(what), "{report}");
    }
    // Lines that name a seal are told without it, also to those who know no head.
    story.house.damage("DELETE FROM audit_seals").await;
    let report = story.house.verify().await;
    let (violations, sentences) = found(&report, I9);
    assert!(
        violations == 1 && sentences[0].contains("sealed by seal 1, which is not there"),
        "{report}"
    );
    let evidence = Evidence { audit_head: Some(head.clone()), ..Evidence::default() };
    let report = story.house.verify_with(&evidence).await;
    assert!(
        found(&report, I9).1.iter().any(|what| what.contains("is known from outside, is not")),
        "{report}"
    );
    story.house.store.seal_audit(story.house.now()).await.unwrap();
    let again = "UPDATE audit SET seal = NULL";
    story.house.damage(again).await;
    let other = story.house.head().await;
    assert_ne!(other, head);
    let evidence = Evidence { audit_head: Some(head), ..Evidence::default() };
    let report = story.house.verify_with(&evidence).await;
    assert!(
        found(&report, I9).1.iter().any(|what| what.contains("another than the head")),
        "{report}"
    );
}
