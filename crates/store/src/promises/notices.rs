use super::{FIRST, NOW, a_journey, a_start, a_step, an_offer, commit};
use crate::{
    NoticeId, Paging, Store, TaskId,
    accounts::{Created, Statement},
    commits::{self, Commit, TaskChange},
    limits,
    notices::{AboutTask, Concerned},
};
use journey::{Timestamp, effect::Close, effect::Owner};

fn ada(teams: &[&str]) -> Concerned {
    let teams = teams.iter().map(|team| (*team).to_owned()).collect();
    Concerned { person: "ada@x.y".to_owned(), teams }
}

fn to(person: Option<&str>, team: Option<&str>) -> Owner {
    Owner { user: person.map(str::to_owned), team: team.map(str::to_owned) }
}

/// A start that tells these about its first position, `later` milliseconds from now.
async fn telling(store: &dyn Store, later: i64, whom: &[Owner]) -> Commit {
    let mut start = a_start(store, a_journey(store).await);
    start.at = NOW.plus(later);
    start.notices = whom
        .iter()
        .map(|to| commits::Notice { position: FIRST, to: to.clone(), about: "Call".to_owned() })
        .collect();
    commit(store, start.clone()).await;
    start
}

async fn listed(store: &dyn Store, whom: &Concerned, limit: u32) -> Vec<NoticeId> {
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.notices(whom, Paging::new(after, limit)).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        seen.extend(page.items.iter().map(|notice| notice.id));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

fn id(start: &Commit, place: u32) -> NoticeId {
    NoticeId { instance: start.instance, sequence: 2, place }
}

pub(crate) async fn notices_are_listed_newest_first_to_whom_they_concern(store: &dyn Store) {
    let (own, both) = (to(Some("Ada@X.y"), None), to(Some("ada@x.y"), Some("CS")));
    let (team, other) = (to(None, Some("CS")), to(Some("bob@x.y"), Some("Ops")));
    let first = telling(store, 1, &[own.clone(), team.clone(), other.clone()]).await;
    let last = telling(store, 3, &[other, both]).await;
    let between = telling(store, 2, &[team, own]).await;
    let all = [id(&last, 1), id(&between, 1), id(&between, 0), id(&first, 1), id(&first, 0)];
    for limit in [1, 2, 5, 9] {
        assert_eq!(listed(store, &ada(&["CS"]), limit).await, all, "pages of {limit}");
    }
    assert_eq!(listed(store, &ada(&[]), 9).await, [all[0], all[1], all[4]]);
    let everything = listed(store, &ada(&["CS", "Ops"]), 2).await;
    assert_eq!((everything.len(), everything[1]), (7, id(&last, 0)));
    let nobody = Concerned { person: "eve@x.y".to_owned(), teams: vec!["Other".to_owned()] };
    assert_eq!(listed(store, &nobody, 9).await, []);
    assert_eq!(store.unseen(&ada(&["CS"]), Timestamp(0)).await.unwrap(), 5, "each once");
}

pub(crate) async fn a_notice_says_how_its_task_stands(store: &dyn Store) {
    let statement =
        Statement { external_id: "A1".to_owned(), name: "Acme".to_owned(), ..Statement::default() };
    let Created::Account(account) = store.create_account(&statement, NOW).await.unwrap() else {
        panic!("the first is made")
    };
    let mut start = a_start(store, a_journey(store).await);
    start.instance = store.ids().instance(NOW, account.slot());
    start.life.account = Some(account);
    let offer = an_offer(Some("CS"), Some("bob@x.y"), NOW.plus(20));
    start.tasks.push(TaskChange::Offer { position: FIRST, offer });
    let notice = commits::Notice {
        position: FIRST,
        to: to(Some("ada@x.y"), None),
        about: "Call the customer".to_owned(),
    };
    start.notices.push(notice);
    commit(store, start.clone()).await;
    let only = async || store.notices(&ada(&[]), Paging::first(9)).await.unwrap().items.remove(0);
    let told = only().await;
    assert_eq!(
        (told.about.as_str(), told.journey_name.as_str()),
        ("Call the customer", "Onboarding")
    );
    assert_eq!((told.journey, told.at, told.team.as_deref()), (start.life.journey, NOW, None));
    assert_eq!(told.account.unwrap().name, "Acme");
    let task = TaskId { instance: start.instance, position: FIRST };
    let (team, holder) = (Some("CS".to_owned()), Some("bob@x.y".to_owned()));
    assert_eq!(told.task, Some(AboutTask { id: task, is_open: true, team, holder }));

    let close = Close::Cancelled { reason: "late".to_owned() };
    let change = TaskChange::Close { position: FIRST, close, answers: None };
    let step = Commit { tasks: vec![change], notices: Vec::new(), ..a_step(&start) };
    commit(store, step).await;
    assert!(!only().await.task.unwrap().is_open);

    let beside = telling(store, 1, &[to(Some("ada@x.y"), None)]).await;
    let told = only().await;
    assert_eq!((told.id, told.task), (id(&beside, 0), None), "no task, nothing to open");
}

pub(crate) async fn what_was_seen_stays_seen_and_the_rest_is_counted(store: &dyn Store) {
    let whom = ada(&["CS"]);
    assert_eq!(store.seen_until("ada@x.y").await.unwrap(), None);
    for later in 1..=3 {
        telling(store, later, &[to(Some("ada@x.y"), None), to(None, Some("CS"))]).await;
    }
    let unseen = async |since| store.unseen(&whom, since).await.unwrap();
    assert_eq!(unseen(Timestamp(0)).await, 6);
    store.see("ada@x.y", NOW.plus(2)).await.unwrap();
    store.see("ada@x.y", NOW.plus(1)).await.unwrap();
    assert_eq!(store.seen_until("ada@x.y").await.unwrap(), Some(NOW.plus(2)));
    assert_eq!(store.seen_until("bob@x.y").await.unwrap(), None, "each their own");
    assert_eq!(unseen(NOW.plus(2)).await, 2);
    store.see("ada@x.y", NOW.plus(3)).await.unwrap();
    assert_eq!(unseen(NOW.plus(3)).await, 0);
    let many = vec![to(None, Some("CS")); 120];
    telling(store, 4, &many).await;
    assert_eq!(unseen(NOW.plus(3)).await, limits::UNSEEN, "enough to know that it is a lot");
}

pub(crate) async fn old_notices_are_forgotten_a_batch_at_a_time(store: &dyn Store) {
    let whom = to(Some("ada@x.y"), None);
    telling(store, 1, &[whom.clone(), whom.clone(), whom.clone()]).await;
    let kept = telling(store, 2, &[whom]).await;
    let forget = async || store.forget_notices(NOW.plus(2), 2).await.unwrap();
    assert_eq!([forget().await, forget().await, forget().await], [2, 1, 0]);
    assert_eq!(listed(store, &ada(&[]), 9).await, [id(&kept, 0)]);
}
