use super::{
    FIRST, NOW, a_journey, a_start, a_start_for, a_step, an_instance, an_offer, commit, records,
    work::claim,
};
use crate::{
    Paging, Store,
    accounts::{Created, Statement},
    audit::Deed,
    commits::{Commit, EntryRule, Guard, Refused, TaskChange},
    instances::{Filter, Shadow},
    work::{Job, Lease, NewWork, WorkKey},
};
use journey::{Status, effect::Timer};
use serde_json::{Value, json};

pub(super) fn by_key(mut start: Commit, key: &str) -> Commit {
    start.guard = Guard::New {
        trigger: "start".to_owned(),
        dedupe_key: Some(key.to_owned()),
        entry: EntryRule::default(),
    };
    start
}

pub(super) fn under(mut start: Commit, entry: EntryRule) -> Commit {
    start.guard = Guard::New { trigger: "start".to_owned(), dedupe_key: None, entry };
    start
}

pub(crate) async fn an_account(store: &dyn Store) -> crate::AccountId {
    let statement =
        Statement { external_id: "A-1".to_owned(), name: "Ada".to_owned(), ..Statement::default() };
    match store.create_account(&statement, NOW).await.unwrap() {
        Created::Account(id) | Created::Taken(id) => id,
    }
}

pub(crate) async fn a_commit_writes_everything_or_nothing(store: &dyn Store) {
    let journey = a_journey(store).await;
    let mut start = a_start(store, journey);
    start.work.push(NewWork {
        position: FIRST,
        due: NOW,
        job: Job::Timer(Timer::Wait),
        lease: None,
    });
    start.tasks.push(TaskChange::Offer { position: FIRST, offer: an_offer(Some("CS"), None, NOW) });
    let id = commit(store, start.clone()).await;

    let stored = store.instance(id).await.unwrap().unwrap();
    assert_eq!((stored.life, stored.state), (start.life, start.state.clone()));
    let written = store.records(id, Paging::first(500)).await.unwrap();
    assert_eq!((written.items, written.next), (start.records.clone(), None));
    let summary = store.instance_summary(id).await.unwrap().unwrap();
    assert_eq!((summary.journey_name.as_str(), summary.status), ("Onboarding", Status::Running));

    // The task of the second start clashes with the first's, so nothing of the second is there.
    let mut clash = a_start(store, journey);
    clash.records = records(0, 1).into_iter().chain(records(0, 1)).collect();
    let clashing = clash.instance;
    assert!(store.commit(&[clash]).await.is_err());
    assert_eq!(store.instance(clashing).await.unwrap(), None);
    assert_eq!(store.records(clashing, Paging::first(1)).await.unwrap().items, []);
}

pub(crate) async fn instances_are_counted_by_how_they_stand(store: &dyn Store) {
    let journey = a_journey(store).await;
    for status in ["running", "incident", "running", "ended", "running"] {
        let mut start = a_start(store, journey);
        start.state = an_instance(2, status);
        commit(store, start).await;
    }
    let count = async |status, limit| store.count_instances(status, limit).await.unwrap();
    assert_eq!(count(Status::Running, 10).await, 3);
    assert_eq!(count(Status::Running, 2).await, 2);
    assert_eq!(count(Status::Incident, 10).await, 1);
    assert_eq!(count(Status::Cancelled, 10).await, 0);
}

pub(crate) async fn a_commit_on_a_stale_sequence_loses_the_race(store: &dyn Store) {
    let start = a_start(store, a_journey(store).await);
    let id = commit(store, start.clone()).await;
    assert_eq!(store.commit(std::slice::from_ref(&start)).await.unwrap(), [Err(Refused::LostRace)]);
    commit(store, a_step(&start)).await;
    assert_eq!(store.commit(&[a_step(&start)]).await.unwrap(), [Err(Refused::LostRace)]);
    assert_eq!(store.instance(id).await.unwrap().unwrap().state.sequence(), 3);
    assert_eq!(store.records(id, Paging::first(9)).await.unwrap().items, records(0, 3));
}

pub(crate) async fn one_refused_commit_leaves_its_group_alone(store: &dyn Store) {
    let journey = a_journey(store).await;
    let known = a_start(store, journey);
    commit(store, known.clone()).await;
    let fresh = a_start(store, journey);
    let answers = store.commit(&[known, fresh.clone(), fresh.clone()]).await.unwrap();
    assert_eq!(answers, [Err(Refused::LostRace), Ok(()), Err(Refused::LostRace)]);
    assert!(store.instance(fresh.instance).await.unwrap().is_some());
}

pub(crate) async fn a_start_key_opens_one_instance(store: &dyn Store) {
    let journey = a_journey(store).await;
    let first = by_key(a_start(store, journey), "wh_1");
    let beside = by_key(a_start(store, journey), "wh_1");
    let instance = first.instance;
    let answers = store.commit(&[first, beside]).await.unwrap();
    assert_eq!(answers, [Ok(()), Err(Refused::Duplicate { instance })]);
    let later = by_key(a_start(store, journey), "wh_1");
    assert_eq!(store.commit(&[later]).await.unwrap(), [Err(Refused::Duplicate { instance })]);
    assert_eq!(store.started_by(journey, "wh_1").await.unwrap(), Some(instance));
    let elsewhere = by_key(a_start(store, a_journey(store).await), "wh_1");
    commit(store, elsewhere).await;
}

pub(crate) async fn an_entry_rule_holds_within_a_group(store: &dyn Store) {
    let (journey, elsewhere) = (a_journey(store).await, a_journey(store).await);
    let account = an_account(store).await;
    let rule = EntryRule { one_per_account: true, ..EntryRule::default() };
    let start = || under(a_start_for(store, journey, account), rule);
    let first = start();
    let instance = first.instance;
    let answers = store.commit(&[first.clone(), start()]).await.unwrap();
    assert_eq!(answers, [Ok(()), Err(Refused::AlreadyIn { instance })]);
    assert_eq!(store.commit(&[start()]).await.unwrap(), [Err(Refused::AlreadyIn { instance })]);
    let over_at_once = || {
        let mut start = start();
        start.life.journey = elsewhere;
        start.state = an_instance(1, "ended");
        start
    };
    let answers = store.commit(&[over_at_once(), over_at_once()]).await.unwrap();
    assert_eq!(answers, [Ok(()), Ok(())], "the first is out again");
    let mut end = a_step(&first);
    end.state = an_instance(3, "ended");
    commit(store, end).await;
    commit(store, start()).await;
    let of_account = Filter { account: Some(account), journey: Some(journey), ..Filter::default() };
    assert_eq!(store.instances(of_account, Paging::first(9)).await.unwrap().items.len(), 2);
    let running = Filter { status: Some(Status::Running), ..of_account };
    assert_eq!(store.instances(running, Paging::first(9)).await.unwrap().items.len(), 1);
    assert_eq!(store.journey(journey).await.unwrap().unwrap().running, 1);
}

pub(crate) async fn a_cool_down_and_a_cap_hold(store: &dyn Store) {
    let journey = a_journey(store).await;
    let account = an_account(store).await;
    let start = |after: i64| {
        let at = NOW.plus(after);
        let rule = EntryRule {
            cooled_down_since: Some(at.plus(-1_000)),
            cap_per_day: Some(2),
            ..EntryRule::default()
        };
        let mut start = under(a_start_for(store, journey, account), rule);
        start.instance = store.ids().instance(at, account.slot());
        start.life.started_at = at;
        start.at = at;
        start
    };
    let first = start(0);
    let too_soon = Err(Refused::CoolingDown { last: NOW });
    let answers = store.commit(&[first.clone(), start(0)]).await.unwrap();
    assert_eq!(answers, [Ok(()), too_soon]);
    assert_eq!(store.commit(&[start(999)]).await.unwrap(), [too_soon]);
    let mut end = a_step(&first);
    end.state = an_instance(3, "ended");
    commit(store, end).await;
    assert_eq!(store.commit(&[start(999)]).await.unwrap(), [too_soon], "over or not");
    let mut shadow = start(900);
    shadow.life.shadow = Some(Shadow { journey, version: 1 });
    commit(store, shadow).await;
    commit(store, start(1_000)).await;
    assert_eq!(store.commit(&[start(5_000)]).await.unwrap(), [Err(Refused::CapReached)]);
    commit(store, start(86_400_000 + 1_000)).await;
}

pub(crate) async fn a_lost_lease_is_refused(store: &dyn Store) {
    let mut start = a_start(store, a_journey(store).await);
    let id = store.ids().lease(NOW, store.ids().any_slot());
    let lease = Lease { id, until: NOW.plus(1_000) };
    start.work.push(NewWork {
        position: FIRST,
        due: NOW,
        job: Job::Timer(Timer::Wait),
        lease: Some(lease),
    });
    commit(store, start.clone()).await;
    let key = WorkKey { instance: start.instance, position: FIRST, name: "wait".to_owned() };
    let stolen = claim(store, NOW.plus(1_000), NOW.plus(2_000), 10).await.unwrap();
    assert_eq!(stolen.iter().map(|work| &work.key).collect::<Vec<_>>(), [&key]);
    let answer = |lease| Commit { done: Some((key.clone(), lease)), ..a_step(&start) };
    assert_eq!(store.commit(&[answer(id)]).await.unwrap(), [Err(Refused::LostLease)]);
    commit(store, answer(stolen[0].lease)).await;
    assert_eq!(store.next_due().await.unwrap(), None, "the answer removed the work");
}

pub(crate) async fn account_fields_are_written_with_the_commit(store: &dyn Store) {
    let account = an_account(store).await;
    let mut start = a_start(store, a_journey(store).await);
    start.life.account = Some(account);
    start.account_fields =
        json!({ "segment": "gold", "health": 80, "arr": "much" }).as_object().unwrap().clone();
    commit(store, start).await;
    let stored = store.account(account).await.unwrap().unwrap();
    assert_eq!(stored.segment.as_deref(), Some("gold"));
    assert_eq!(stored.fields["health"], json!(80));
    assert_eq!(stored.arr, None, "a text is no ARR");
}

pub(crate) async fn a_group_of_many_is_written_whole(store: &dyn Store) {
    let journey = a_journey(store).await;
    let group: Vec<Commit> = (0..203).map(|_| a_start(store, journey)).collect();
    let answers = store.commit(&group).await.unwrap();
    assert!(answers.iter().all(Result::is_ok));
    for start in &group {
        let written = store.records(start.instance, Paging::first(9)).await.unwrap();
        assert_eq!(written.items, start.records);
    }
    let of_journey = Filter { journey: Some(journey), ..Filter::default() };
    let first = store.instances(of_journey, Paging::first(200)).await.unwrap();
    let second = store.instances(of_journey, Paging::new(first.next, 200)).await.unwrap();
    let mut ids: Vec<_> = group.iter().map(|start| start.instance).collect();
    ids.reverse();
    let seen: Vec<_> = first.items.iter().chain(&second.items).map(|item| item.id).collect();
    assert_eq!(seen, ids);
}

pub(crate) async fn a_deed_is_written_with_the_commit_or_not_at_all(store: &dyn Store) {
    let mut start = a_start(store, a_journey(store).await);
    let deed = Deed {
        actor: "ada@x.y".to_owned(),
        action: "instance.start".to_owned(),
        object: start.instance.to_string(),
        detail: Value::Null,
        at: NOW,
    };
    start.deed = Some(deed.clone());
    assert_eq!(store.commit(std::slice::from_ref(&start)).await.unwrap(), [Ok(())]);
    assert_eq!(store.commit(&[start]).await.unwrap(), [Err(Refused::LostRace)]);
    let log = store.audit(Paging::first(9)).await.unwrap().items;
    assert_eq!(log.into_iter().map(|entry| entry.deed).collect::<Vec<_>>(), [deed]);
}
