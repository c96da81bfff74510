use super::{Commit, NOW, a_journey, a_start, a_step, commit};
use crate::{
    Paging, Store,
    audit::Deed,
    calendars::{CalendarAt, Gone},
    connectors::{ConnectionValue, NewConnection, NewConnector, Pace},
    directory::{ChangedTeam, Made, Named, NewTeam, TeamChange, Unknown},
    hooks::Hook,
    idempotency::{Answer, Begun, Request, asking},
    journeys::{Mode, NewVersion, Saved},
};
use journey::calendar::{Calendar, CalendarDraft, WeeklyHours};
use serde_json::{Map, json};

/// What is written on the way to an answer says so under its key, also when nobody gets to the answer.
pub(crate) async fn what_was_asked_for_under_a_key_is_done_once(store: &dyn Store) {
    let request = Request { scope: "ada POST /y".to_owned(), key: "k".to_owned(), hash: [1; 32] };
    assert_eq!(store.begin_answer(&request, NOW).await.unwrap(), Begun::New);
    let draft = journey::Draft::default();
    let made = asking(request.clone(), store.create_journey(&draft, NOW)).await;
    made.unwrap();
    assert_eq!(store.begin_answer(&request, NOW.plus(60_000)).await.unwrap(), Begun::Done);
    store.abandon_answer(&request).await.unwrap();
    assert_eq!(store.begin_answer(&request, NOW.plus(60_000)).await.unwrap(), Begun::Done);
    let answer = Answer { status: 201, body: b"{}".to_vec() };
    store.finish_answer(&request, &answer).await.unwrap();
    assert_eq!(store.begin_answer(&request, NOW).await.unwrap(), Begun::Answered(answer));

    // Outside the request, and under another key, nothing is said of it.
    let other = Request { key: "other".to_owned(), ..request.clone() };
    assert_eq!(store.begin_answer(&other, NOW).await.unwrap(), Begun::New);
    store.create_journey(&draft, NOW).await.unwrap();
    assert_eq!(store.begin_answer(&other, NOW).await.unwrap(), Begun::New);

    // A step that a request brings about says so in its own transaction.
    let start = a_start(store, a_journey(store).await);
    commit(store, start.clone()).await;
    let step = Commit { asked: Some(other.clone()), ..a_step(&start) };
    commit(store, step).await;
    assert_eq!(store.begin_answer(&other, NOW).await.unwrap(), Begun::Done);
}

pub(crate) async fn a_key_gives_its_first_answer_again(store: &dyn Store) {
    let request = Request { scope: "ada POST /x".to_owned(), key: "k".to_owned(), hash: [1; 32] };
    assert_eq!(store.begin_answer(&request, NOW).await.unwrap(), Begun::New);
    let again = store.begin_answer(&request, NOW.plus(60_000)).await.unwrap();
    assert_eq!(again, Begun::New, "who took it knows best whether it is at work");
    let answer = Answer { status: 201, body: b"{}".to_vec() };
    store.finish_answer(&request, &answer).await.unwrap();
    store.abandon_answer(&request).await.unwrap();
    assert_eq!(store.begin_answer(&request, NOW).await.unwrap(), Begun::Answered(answer));
    let other = Request { hash: [2; 32], ..request.clone() };
    assert_eq!(store.begin_answer(&other, NOW).await.unwrap(), Begun::OtherRequest);
    let elsewhere = Request { scope: "bob POST /x".to_owned(), ..other };
    assert_eq!(store.begin_answer(&elsewhere, NOW).await.unwrap(), Begun::New);
    store.abandon_answer(&elsewhere).await.unwrap();
    assert_eq!(store.begin_answer(&elsewhere, NOW).await.unwrap(), Begun::New);
    assert_eq!(store.forget_answers(NOW.plus(60_001)).await.unwrap(), 2);
}

fn uk(zone: &str) -> Calendar {
    let hours = WeeklyHours::on_working_days("09:00", "17:00");
    let name = "uk".to_owned();
    let draft =
        CalendarDraft { name, time_zone: zone.to_owned(), hours, ..CalendarDraft::default() };
    draft.try_into().unwrap()
}

pub(crate) async fn a_calendar_saved_over_a_newer_one_loses_the_race(store: &dyn Store) {
    let (first, second) = (uk("UTC"), uk("Europe/London"));
    assert_eq!(store.save_calendar(&first, 1, NOW).await.unwrap(), None);
    assert_eq!(store.create_calendar(&first, NOW).await.unwrap(), Made::Made(()));
    assert_eq!(store.create_calendar(&second, NOW).await.unwrap(), Made::Taken);
    assert_eq!(store.save_calendar(&second, 1, NOW).await.unwrap(), Some(Saved::Revision(2)));
    let lost = store.save_calendar(&first, 1, NOW).await.unwrap();
    assert_eq!(lost, Some(Saved::LostRace { current: 2 }));
    let kept = CalendarAt { calendar: second, revision: 2 };
    assert_eq!(store.calendar("uk").await.unwrap().as_ref(), Some(&kept));
    assert_eq!(store.calendars().await.unwrap(), [kept]);
    assert_eq!(store.delete_calendar("uk").await.unwrap(), Gone::Deleted);
    assert_eq!(store.delete_calendar("uk").await.unwrap(), Gone::Missing);
}

pub(crate) async fn a_calendar_that_versions_or_clocks_go_by_stays(store: &dyn Store) {
    stays_while_versions_and_clocks_go_by_it(store, "uk").await;
}

pub(crate) async fn a_calendar_whose_name_json_writes_otherwise_stays_as_others_do(
    store: &dyn Store,
) {
    stays_while_versions_and_clocks_go_by_it(store, "The \"old\" \\ hours").await;
}

async fn stays_while_versions_and_clocks_go_by_it(store: &dyn Store, name: &str) {
    let draft = CalendarDraft { name: name.to_owned(), ..uk("UTC").draft().clone() };
    store.create_calendar(&draft.try_into().unwrap(), NOW).await.unwrap();
    let journey = super::a_journey(store).await;
    let publish = async |calendar: &str| {
        let draft = json!({ "format": 1, "name": "Keeps time", "nodes": [
            { "id": "start", "kind": "trigger", "on": { "type": "manual" } },
            { "id": "w", "kind": "wait", "for": { "business": "P1D", "calendar": calendar } }] });
        let revision = store.draft(journey).await.unwrap().unwrap().revision;
        let (note, by) = (String::new(), "ada@x.y".to_owned());
        let draft = serde_json::from_value(draft).unwrap();
        let version = NewVersion { draft, revision, mode: Mode::Live, note, by, review: None };
        store.publish(journey, &version, NOW).await.unwrap().unwrap();
    };
    publish(name).await;
    let used = store.delete_calendar(name).await.unwrap();
    assert!(matches!(used, Gone::Used { .. }), "{used:?}");
    publish("us").await;
    let mut counting = super::a_start(store, journey);
    let mut state = serde_json::to_value(&counting.state).unwrap();
    state["vars"] = json!({ "clock": { "calendar": name } });
    counting.state = serde_json::from_value(state).unwrap();
    let instance = super::commit(store, counting.clone()).await;
    assert_eq!(store.delete_calendar(name).await.unwrap(), Gone::Counting { instance });
    let mut over = super::a_step(&counting);
    over.state = super::an_instance(3, "ended");
    super::commit(store, over).await;
    assert_eq!(store.delete_calendar(name).await.unwrap(), Gone::Deleted);
}

pub(crate) async fn a_calendar_that_teams_or_accounts_keep_stays(store: &dyn Store) {
    store.create_calendar(&uk("UTC"), NOW).await.unwrap();
    let (name, calendar) = ("London".to_owned(), Some("uk".to_owned()));
    let team = NewTeam { name, members: Vec::new(), lead: None, calendar };
    let mars = NewTeam { calendar: Some("mars".to_owned()), ..team.clone() };
    let unknown = Made::Unknown(Unknown::Calendar("mars".to_owned()));
    assert_eq!(store.create_team(&mars, NOW).await.unwrap(), unknown);
    let Made::Made(team) = store.create_team(&team, NOW).await.unwrap() else {
        panic!("it is made")
    };
    let kept = [("London".to_owned(), "uk".to_owned())];
    assert_eq!(store.calendars_of_teams().await.unwrap(), kept);
    let gone = store.delete_calendar("uk").await.unwrap();
    assert_eq!(gone, Gone::Kept { team: "London".to_owned() });
    let keep = async |calendar: Named| {
        let change = TeamChange { calendar, ..TeamChange::default() };
        match store.change_team(team, &change).await.unwrap().unwrap() {
            ChangedTeam::Team(team) => Ok(team.calendar),
            ChangedTeam::Unknown(unknown) => Err(unknown),
        }
    };
    let unknown = Unknown::Calendar("mars".to_owned());
    assert_eq!(keep(Named::Is("mars".to_owned())).await, Err(unknown));
    assert_eq!(keep(Named::Stays).await, Ok(Some("uk".to_owned())));
    // It is there without ever having been saved.
    let standard = Calendar::standard().name().to_owned();
    assert_eq!(keep(Named::Is(standard.clone())).await, Ok(Some(standard)));
    assert_eq!(keep(Named::Nothing).await, Ok(None));
    let name = async |calendar| {
        let of = super::commits::an_account(store).await;
        let members = Map::from_iter([("calendar".to_owned(), calendar)]);
        store.patch_account(of, &members, NOW).await.unwrap();
    };
    name(json!("uk")).await;
    let named = Gone::Named { account: "A-1".to_owned() };
    assert_eq!(store.delete_calendar("uk").await.unwrap(), named);
    name(json!(null)).await;
    assert_eq!(store.delete_calendar("uk").await.unwrap(), Gone::Deleted);
}

fn crm(version: &str, digest: &str) -> NewConnector {
    NewConnector {
        name: "crm".to_owned(),
        version: version.to_owned(),
        digest: digest.to_owned(),
        manifest: json!({ "name": "crm" }),
        component: digest.as_bytes().to_vec(),
    }
}

pub(crate) async fn a_connector_is_replaced_by_name(store: &dyn Store) {
    let id = store.install(&crm("1.0.0", "sha256:a"), NOW).await.unwrap();
    assert_eq!(store.install(&crm("1.1.0", "sha256:b"), NOW.plus(1)).await.unwrap(), id);
    let listed = store.connectors(Paging::first(9)).await.unwrap().items;
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].version.as_str(), listed[0].installed_at), ("1.1.0", NOW.plus(1)));
    assert_eq!(store.connector_by_name("crm").await.unwrap().as_ref(), listed.first());
    assert_eq!(store.connector(id).await.unwrap().as_ref(), listed.first());
    let component = store.component("crm").await.unwrap().unwrap();
    assert_eq!(
        (component.digest.as_str(), component.bytes.as_slice()),
        ("sha256:b", b"sha256:b".as_slice())
    );
    assert!(store.uninstall(id).await.unwrap());
    assert!(!store.uninstall(id).await.unwrap());
    assert_eq!(store.component("crm").await.unwrap(), None);
}

pub(crate) async fn a_connection_remembers_until_it_expires(store: &dyn Store) {
    let connection = NewConnection {
        name: "crm-main".to_owned(),
        connector: "crm".to_owned(),
        config: json!({ "base_url": "http://127.0.0.1" }),
        secret_names: vec!["token".to_owned()],
        sealed_secrets: vec![1, 2, 3],
        grants: json!({ "hosts": [] }),
        pace: Pace { calls_at_once: 3, calls_per_second: Some(0.5) },
        for_tests: true,
    };
    let Made::Made(id) = store.create_connection(&connection, NOW).await.unwrap() else {
        panic!("the first is made")
    };
    assert_eq!(store.create_connection(&connection, NOW).await.unwrap(), Made::Taken);
    let pace = Pace { calls_per_second: None, ..connection.pace };
    assert!(store.connection(id).await.unwrap().unwrap().for_tests);
    let changed = NewConnection { sealed_secrets: vec![4], pace, for_tests: false, ..connection };
    assert_eq!(
        store.change_connection(id, &changed, NOW.plus(1)).await.unwrap(),
        Some(Made::Made(()))
    );
    let stored = store.connection_by_name("crm-main").await.unwrap().unwrap();
    assert_eq!((stored.pace, stored.updated_at, stored.for_tests), (pace, NOW.plus(1), false));
    assert_eq!(store.pace("crm-main").await.unwrap(), Some((pace, NOW.plus(1))));
    assert_eq!(store.pace("crm-other").await.unwrap(), None);
    store.change_connection(id, &changed, NOW).await.unwrap();
    let stored = store.connection_by_name("crm-main").await.unwrap().unwrap();
    assert_eq!(stored.updated_at, NOW.plus(2), "each change can be told");
    assert_eq!((stored.id, stored.sealed_secrets.as_slice()), (id, [4].as_slice()));
    assert_eq!(store.connection(id).await.unwrap().as_ref(), Some(&stored));
    assert_eq!(store.connections(Paging::first(9)).await.unwrap().items, [stored]);

    let value =
        ConnectionValue { key: "cursor".to_owned(), value: vec![9], expires: Some(NOW.plus(10)) };
    assert!(store.keep_connection_value(id, &value, 7, NOW).await.unwrap());
    assert!(store.keep_connection_value(id, &value, 7, NOW).await.unwrap());
    let other = ConnectionValue { key: "ü".to_owned(), value: vec![1], expires: None };
    assert!(!store.keep_connection_value(id, &other, 9, NOW).await.unwrap());
    assert!(store.keep_connection_value(id, &other, 10, NOW).await.unwrap());
    assert!(store.keep_connection_value(id, &other, 3, NOW.plus(10)).await.unwrap());
    assert!(store.keep_connection_value(id, &value, 10, NOW).await.unwrap());
    assert_eq!(store.connection_value(id, "cursor", NOW.plus(9)).await.unwrap(), Some(vec![9]));
    assert_eq!(store.connection_value(id, "cursor", NOW.plus(10)).await.unwrap(), None);
    store.forget_connection_value(id, "cursor").await.unwrap();
    assert_eq!(store.connection_value(id, "cursor", NOW).await.unwrap(), None);
    assert!(store.delete_connection(id).await.unwrap());
    assert_eq!(store.connection(id).await.unwrap(), None);
}

pub(crate) async fn hooks_have_slugs_of_their_own(store: &dyn Store) {
    let journey = a_journey(store).await;
    let hook = Hook {
        slug: "new-customer".to_owned(),
        journey,
        sealed_secret: Some(vec![1]),
        created_at: NOW,
    };
    assert_eq!(store.create_hook(&hook).await.unwrap(), Made::Made(()));
    let unsigned = Hook { sealed_secret: None, ..hook.clone() };
    assert_eq!(store.create_hook(&unsigned).await.unwrap(), Made::Taken);
    assert_eq!(store.hook("new-customer").await.unwrap(), Some(hook.clone()));
    assert_eq!(store.hook("New-customer").await.unwrap(), None);
    assert_eq!(store.hooks().await.unwrap(), [hook]);
    assert!(store.delete_hook("new-customer").await.unwrap());
    assert!(!store.delete_hook("new-customer").await.unwrap());
}

pub(crate) async fn the_audit_log_is_paged_newest_first(store: &dyn Store) {
    let mut written = Vec::new();
    for n in 0..3 {
        let deed = Deed {
            actor: "ada@x.y".to_owned(),
            action: "journey.publish".to_owned(),
            object: format!("jrn_{n}"),
            detail: json!({ "n": n }),
            at: NOW,
        };
        written.push(store.write_down(&deed).await.unwrap());
    }
    written.reverse();
    let first = store.audit(Paging::first(2)).await.unwrap();
    let second = store.audit(Paging::new(first.next, 2)).await.unwrap();
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|entry| entry.id).collect();
    assert_eq!(seen, written);
    assert_eq!(first.items[0].deed.detail, json!({ "n": 2 }));
}
