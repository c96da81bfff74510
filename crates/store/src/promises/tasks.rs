use super::{FIRST, NOW, a_journey, a_start, a_step, an_offer, commit};
use crate::{
    Paging, Store, TaskId,
    accounts::{Created, Statement},
    commits::{Commit, TaskChange},
    tasks::{Filter, Queue, State, Task, Which},
};
use journey::effect::{Close, SlaState};
use serde_json::json;

async fn offered(store: &dyn Store, team: Option<&str>, user: Option<&str>, due: i64) -> Commit {
    let mut start = a_start(store, a_journey(store).await);
    let offer = an_offer(team, user, NOW.plus(due));
    start.tasks.push(TaskChange::Offer { position: FIRST, offer });
    commit(store, start.clone()).await;
    start
}

async fn change(store: &dyn Store, start: &Commit, tasks: Vec<TaskChange>) -> Task {
    commit(store, Commit { tasks, ..a_step(start) }).await;
    store.task(id(start)).await.unwrap().unwrap()
}

fn id(start: &Commit) -> TaskId {
    TaskId { instance: start.instance, position: FIRST }
}

async fn queue(store: &dyn Store, queue: Queue, which: Which) -> Vec<TaskId> {
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = Filter { queue: queue.clone(), which, account: None };
        let page = store.tasks(filter, Paging::new(after, 2)).await.unwrap();
        seen.extend(page.items.iter().map(|task| task.id));
        after = page.next;
        if after.is_none() {
            return seen;
        }
    }
}

pub(crate) async fn a_task_is_in_its_queues_in_order_of_due_dates(store: &dyn Store) {
    let late = offered(store, Some("CS"), None, 30).await;
    let soon = offered(store, Some("Ops"), None, 10).await;
    let own = offered(store, None, Some("ada@x.y"), 20).await;
    let last = offered(store, Some("CS"), None, 40).await;
    let all = queue(store, Queue::All, Which::Open).await;
    assert_eq!(all, [id(&soon), id(&own), id(&late), id(&last)]);
    let teams = Queue::Teams(vec!["CS".to_owned(), "Ops".to_owned()]);
    assert_eq!(queue(store, teams, Which::Open).await, [id(&soon), id(&late), id(&last)]);
    let mine = Queue::Mine("ada@x.y".to_owned());
    assert_eq!(queue(store, mine.clone(), Which::Open).await, [id(&own)]);

    let assignee = Some("ada@x.y".to_owned());
    let claimed =
        change(store, &late, vec![TaskChange::Assign { position: FIRST, assignee }]).await;
    assert_eq!(claimed.state, State::Claimed);
    assert_eq!(queue(store, mine.clone(), Which::Open).await, [id(&own), id(&late)]);
    assert_eq!(queue(store, mine, Which::Only(State::Claimed)).await, [id(&late)]);
}

pub(crate) async fn a_released_task_returns_to_whom_it_was_offered(store: &dyn Store) {
    let own = offered(store, Some("CS"), Some("ada@x.y"), 20).await;
    let bob = Some("bob@x.y".to_owned());
    let changes = vec![
        TaskChange::Assign { position: FIRST, assignee: bob },
        TaskChange::Mark { position: FIRST, sla: SlaState::Warning, due: None },
        TaskChange::Assign { position: FIRST, assignee: None },
    ];
    let task = change(store, &own, changes).await;
    assert_eq!(
        (task.state, task.assignee, task.holder.as_deref()),
        (State::Offered, None, Some("ada@x.y"))
    );
    assert_eq!(task.sla, SlaState::Warning);
}

pub(crate) async fn a_closed_task_keeps_its_answers(store: &dyn Store) {
    let start = offered(store, Some("CS"), None, 20).await;
    let close = Close::Completed { by: "ada@x.y".to_owned(), outcome: "done".to_owned() };
    let answers = json!({ "note": "went well" });
    let task = change(
        store,
        &start,
        vec![TaskChange::Close { position: FIRST, close, answers: Some(answers.clone().into()) }],
    )
    .await;
    assert_eq!(
        (task.state, task.outcome.as_deref(), task.answers),
        (State::Completed, Some("done"), Some(answers))
    );
    assert_eq!(queue(store, Queue::All, Which::Open).await, []);
    assert_eq!(queue(store, Queue::All, Which::Only(State::Completed)).await, [id(&start)]);
}

pub(crate) async fn tasks_of_one_account_are_found(store: &dyn Store) {
    let account =
        Statement { external_id: "A1".to_owned(), name: "Acme".to_owned(), ..Statement::default() };
    let Created::Account(account) = store.create_account(&account, NOW).await.unwrap() else {
        panic!("the first is made")
    };
    offered(store, Some("CS"), None, 10).await;
    let mut start = a_start(store, a_journey(store).await);
    start.instance = store.ids().instance(NOW, account.slot());
    start.life.account = Some(account);
    let offer = an_offer(Some("CS"), None, NOW.plus(20));
    start.tasks.push(TaskChange::Offer { position: FIRST, offer });
    commit(store, start.clone()).await;
    for queue in [Queue::All, Queue::Teams(vec!["CS".to_owned()])] {
        let filter = Filter { account: Some(account), ..Filter::open(queue) };
        let found = store.tasks(filter, Paging::first(9)).await.unwrap().items;
        assert_eq!(found.iter().map(|task| task.id).collect::<Vec<_>>(), [id(&start)]);
    }
}
