//! What people and their systems do: start, order, pay, complete, cancel, change accounts; each again and again under the same keys.

use crate::{
    life::{Told, World},
    node::Node,
};
use journey::{Event, Position, instance::On};
use runtime::{Opener, StartRequest, Which};
use serde_json::{Map, Value, json};
use std::sync::{Arc, PoisonError};
use store::{
    Accounts, Events, InstanceId, Instances, Paging, TaskId, Tasks,
    events::{NewEvent, Taken},
    instances,
    tasks::{Filter, Queue},
};

/// Who does it all.
const BY: &str = "ada@x.y";

impl World {
    /// Somebody asks for an instance; in a crowd, several do.
    pub(crate) fn somebody_starts(&mut self) {
        for _ in 0..self.accounts.len().div_ceil(8) {
            self.one_starts();
        }
    }

    /// A number of an order, and whose it is; few enough that each comes again, and one of them is nobody's.
    fn order(&mut self) -> (u64, usize) {
        let accounts = self.accounts.len();
        let n = self.dice.roll(2 * accounts as u64);
        let whose = self.dice.roll(accounts as u64 + 1);
        (n, usize::try_from(whose).unwrap_or(accounts))
    }

    /// Often by a key that somebody used before.
    fn one_starts(&mut self) {
        let Some(journey) = self.dice.pick(&self.manual).copied() else { return };
        let (n, whose) = self.order();
        let is_somebodys = whose < self.accounts.len();
        let account = if is_somebodys { format!("A-{whose}") } else { String::new() };
        let key = format!("k{n}");
        let request = StartRequest {
            journey,
            version: Which::Live,
            trigger: None,
            account: None,
            input: json!({ "n": n, "account": account }),
            dedupe_key: Some(key.clone()),
            opener: Opener::Person(BY.to_owned()),
        };
        self.tell(format_args!("starts {journey} by {key} for '{account}'"));
        let told = Arc::clone(&self.told);
        self.through_a_node(|node| {
            let (runtime, tell) = (node.runtime.clone(), teller(node));
            node.spawn(async move {
                let started = runtime.start_instance(request).await;
                tell(format!("start {key}: {started:?}"));
                if let Ok(started) = started {
                    let told_now = Told::Started { key, journey, instance: started.instance };
                    told.lock().unwrap_or_else(PoisonError::into_inner).push(told_now);
                }
            });
        });
    }

    /// An event arrives, perhaps once more.
    pub(crate) fn something_is_told(&mut self) {
        let (n, whose) = self.order();
        let kind = if self.dice.one_in(3) { "ordered" } else { "paid" };
        let account = self.accounts.get(whose);
        let key = format!("{kind}-{n}-{whose}");
        let Value::Object(data) = json!({ "n": n, "order": n.to_string() }) else { return };
        let (account, at) = (account.copied(), self.now());
        let (kind, sent_by) = (kind.to_owned(), Some(BY.to_owned()));
        let event = NewEvent { key: Some(key.clone()), kind, account, at, data, depth: 0, sent_by };
        let mut answer = None;
        self.through_a_node(|node| {
            let taken = node.ask(async {
                let taken = node.store.accept(&[event], at).await;
                node.runtime.look_at_events();
                teller(node)(format!("event {key}: {taken:?}"));
                taken
            });
            answer = taken.ok().and_then(|taken| taken.first().copied());
        });
        let Some(Taken::In(id) | Taken::Before(id)) = answer else { return };
        let before = self.taken.insert(key.clone(), id);
        if before.is_some_and(|before| before != id) {
            self.findings.push(format!("event {key} was taken in twice"));
        }
        if before.is_none() && matches!(answer, Some(Taken::Before(_))) {
            self.findings.push(format!("event {key} was never taken in, and is said to be"));
        }
    }

    /// A person works on an open task.
    pub(crate) fn somebody_completes(&mut self) {
        let tasks = self.open_tasks();
        if let Some(task) = self.dice.pick(&tasks).copied() {
            self.complete(task);
        }
    }

    pub(crate) fn open_tasks(&self) -> Vec<TaskId> {
        let open = Filter::open(Queue::All);
        let page = self.desk(self.shared.workspace.tasks(open, Paging::first(200)));
        page.expect("memory answers").items.into_iter().map(|task| task.id).collect()
    }

    pub(crate) fn complete(&mut self, task: TaskId) {
        let told = Arc::clone(&self.told);
        self.through_a_node(|node| {
            let (runtime, tell) = (node.runtime.clone(), teller(node));
            node.spawn(async move {
                let (instance, position, by) = (task.instance, task.position, BY.to_owned());
                let claim = Event::TaskClaimed { position, by: by.clone() };
                let claimed = runtime.deliver(instance, claim).await;
                tell(format!("claim {task}: {claimed:?}"));
                let (person, outcome, form) = (Value::Null, "done".to_owned(), json!({}));
                let done = Event::TaskCompleted { position, by, person, outcome, form };
                let completed = runtime.deliver(instance, done).await;
                tell(format!("complete {task}: {completed:?}"));
                if completed.is_ok() {
                    told.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(Told::Completed { task });
                }
            });
        });
    }

    /// Somebody gives an instance up.
    pub(crate) fn somebody_cancels(&mut self) {
        let all = self.instances();
        if let Some(id) = self.dice.pick(&all).copied() {
            let (reason, by) = ("enough".to_owned(), BY.to_owned());
            self.deliver(id, Event::Cancelled { reason, by });
        }
    }

    /// Somebody tries again whatever stands still.
    pub(crate) fn somebody_retries(&mut self) {
        for (id, position) in self.incidents() {
            self.deliver(id, Event::IncidentRetried { position, by: BY.to_owned() });
        }
    }

    /// An account's owner or segment changes.
    pub(crate) fn an_account_changes(&mut self) {
        let Some(account) = self.dice.pick(&self.accounts).copied() else { return };
        let mut members = Map::new();
        members.insert("segment".to_owned(), json!(format!("s{}", self.dice.roll(3))));
        let now = self.now();
        self.through_a_node(|node| {
            node.ask(async {
                let patched = node.store.patch_account(account, &members, now).await;
                node.runtime.look_at_events();
                teller(node)(format!("account {account}: {}", patched.is_ok()));
            });
        });
    }

    fn deliver(&mut self, id: InstanceId, event: Event) {
        self.through_a_node(|node| {
            let (runtime, tell) = (node.runtime.clone(), teller(node));
            node.spawn(async move {
                let what = format!("{event:?}");
                let delivered = runtime.deliver(id, event).await;
                tell(format!("{id} {what}: {delivered:?}"));
            });
        });
    }

    /// Every instance there is, the newest first.
    pub(crate) fn instances(&self) -> Vec<InstanceId> {
        let all = instances::Filter::default();
        let page = self.desk(self.shared.workspace.instances(all, Paging::first(400)));
        page.expect("memory answers").items.into_iter().map(|one| one.id).collect()
    }

    fn incidents(&self) -> Vec<(InstanceId, Position)> {
        let mut found = Vec::new();
        for id in self.instances() {
            let stored = self.desk(self.shared.workspace.instance(id)).expect("memory answers");
            let Some(stored) = stored.filter(|stored| !stored.state.is_over()) else { continue };
            let waits = stored.state.waits().iter();
            let stuck = waits.filter(|wait| matches!(wait.on, On::Incident { .. }));
            found.extend(stuck.map(|wait| (id, wait.position)));
        }
        found
    }
}

/// Tells the trace what a server said.
fn teller(node: &Node) -> impl Fn(String) + Send + 'static + use<> {
    let (clock, trace, name) = (Arc::clone(&node.clock), node.trace.clone(), node.name.clone());
    move |what| trace.tell(clock.age(), &name, what)
}
