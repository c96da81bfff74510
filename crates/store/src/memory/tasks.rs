use super::{Kept as Everything, Memory, after, page};
use crate::{
    AccountId, Failure, InstanceId, Page, Paging, TaskCursor, TaskId, Tasks,
    commits::{Commit, TaskChange},
    tasks::{Filter, Queue, State, Task, Which},
};
use async_trait::async_trait;
use journey::{
    Position, Timestamp,
    effect::{Close, Offer, SlaState},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<TaskId, Row>,
    /// Each queue by due dates, what is open apart from what is not.
    queues: BTreeMap<(Part, bool), BTreeSet<TaskCursor>>,
}

#[derive(Clone, Debug)]
struct Row {
    /// The names of its journey and account are put in when it is read.
    task: Task,
    account: Option<AccountId>,
}

/// Where a task is looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Holder(String),
    Team(String),
    Account(AccountId),
    All,
}

#[async_trait]
impl Tasks for Memory {
    async fn tasks(
        &self,
        filter: Filter,
        paging: Paging<TaskCursor>,
    ) -> Result<Page<Task, TaskCursor>, Failure> {
        let kept = self.kept();
        let parts = match (filter.account, &filter.queue) {
            (Some(account), _) => vec![Part::Account(account)],
            (None, Queue::Mine(email)) => vec![Part::Holder(email.clone())],
            (None, Queue::Teams(teams)) => teams.iter().cloned().map(Part::Team).collect(),
            (None, Queue::All) => vec![Part::All],
        };
        let is_open = match filter.which {
            Which::Open => true,
            Which::Only(state) => state.is_open(),
        };
        let mut found = BTreeSet::new();
        for part in parts {
            let Some(queue) = kept.tasks.queues.get(&(part, is_open)) else { continue };
            let wanted =
                queue.range(after(paging.after)).filter(|at| kept.is_wanted(**at, &filter));
            found.extend(wanted.take(paging.limit() as usize + 1));
        }
        let tasks = found.into_iter().filter_map(|at| kept.task(id(at)));
        Ok(page(tasks, &paging, cursor))
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, Failure> {
        Ok(self.kept().task(id))
    }
}

impl Everything {
    /// A task as it is read; `None` when it or its journey is not there.
    pub(super) fn task(&self, id: TaskId) -> Option<Task> {
        let Row { task, account } = self.tasks.rows.get(&id)?;
        let journey_name = self.journeys.name(task.journey)?.to_owned();
        Some(Task { journey_name, account: self.accounts.named(*account), ..task.clone() })
    }

    fn is_wanted(&self, at: TaskCursor, filter: &Filter) -> bool {
        let task = &self.tasks.rows[&id(at)].task;
        let is_in_queue = match &filter.queue {
            Queue::Mine(email) => task.holder.as_ref() == Some(email),
            Queue::Teams(teams) => task.team.as_ref().is_some_and(|team| teams.contains(team)),
            Queue::All => true,
        };
        let is_in_state = match filter.which {
            Which::Open => true,
            Which::Only(state) => task.state == state,
        };
        is_in_queue && is_in_state
    }
}

impl Kept {
    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.rows.get(&id).map(|row| &row.task)
    }

    /// The tasks of an instance that may still be taken or completed, after a position.
    pub(super) fn open_of(
        &self,
        instance: InstanceId,
        cursor: Option<Position>,
    ) -> impl Iterator<Item = TaskId> {
        let first = TaskId { instance, position: Position(0) };
        let rows = self.rows.range(first..).take_while(move |(id, _)| id.instance == instance);
        let rows = rows.filter(move |(id, _)| cursor.is_none_or(|after| id.position > after));
        rows.filter(|(_, row)| row.task.state.is_open()).map(|(id, _)| *id)
    }

    /// The first instance that has tasks, from this one on.
    pub(super) fn first_from(&self, instance: InstanceId) -> Option<InstanceId> {
        let first = TaskId { instance, position: Position(0) };
        self.rows.range(first..).next().map(|(id, _)| id.instance)
    }

    pub(super) fn offer(&mut self, commit: &Commit, position: Position, offer: &Offer) {
        let Offer { node, title, instructions, owner, form, outcomes, due, priority } =
            offer.clone();
        let id = TaskId { instance: commit.instance, position };
        let task = Task {
            id,
            journey: commit.life.journey,
            journey_name: String::new(),
            account: None,
            node,
            title,
            instructions,
            state: State::Offered,
            team: owner.team,
            assignee: None,
            offered_to: owner.user.clone(),
            holder: owner.user,
            sla: SlaState::Ok,
            due,
            priority,
            form,
            outcomes,
            outcome: None,
            answers: None,
            reason: None,
            created_at: commit.at,
            updated_at: commit.at,
        };
        self.write(Row { task, account: commit.life.account });
    }

    /// Changes one task that is there.
    pub(super) fn change(&mut self, instance: InstanceId, change: &TaskChange, at: Timestamp) {
        let position = match change {
            TaskChange::Offer { .. } => return,
            TaskChange::Renew { position, .. }
            | TaskChange::Assign { position, .. }
            | TaskChange::Reassign { position, .. }
            | TaskChange::Close { position, .. }
            | TaskChange::Mark { position, .. } => *position,
        };
        let Some(row) = self.rows.get(&TaskId { instance, position }) else { return };
        let mut row = row.clone();
        alter(&mut row.task, change);
        row.task.updated_at = at;
        self.write(row);
    }

    fn write(&mut self, row: Row) {
        if let Some(old) = self.rows.remove(&row.task.id) {
            for key in keys(&old) {
                self.queues.entry(key).or_default().remove(&cursor(&old.task));
            }
        }
        for key in keys(&row) {
            self.queues.entry(key).or_default().insert(cursor(&row.task));
        }
        self.rows.insert(row.task.id, row);
    }
}

fn alter(task: &mut Task, change: &TaskChange) {
    match change {
        TaskChange::Offer { .. } => {}
        TaskChange::Renew { offer, .. } => {
            let Offer { node, title, instructions, form, outcomes, due, priority, owner: _ } =
                (**offer).clone();
            *task =
                Task { node, title, instructions, due, priority, form, outcomes, ..task.clone() };
        }
        TaskChange::Assign { assignee, .. } => {
            task.state = if assignee.is_some() { State::Claimed } else { State::Offered };
            task.assignee.clone_from(assignee);
            task.holder = assignee.clone().or(task.offered_to.clone());
        }
        TaskChange::Reassign { owner, .. } => {
            task.state = State::Offered;
            task.assignee = None;
            task.offered_to.clone_from(&owner.user);
            task.holder.clone_from(&owner.user);
            task.team.clone_from(&owner.team);
        }
        TaskChange::Close { close: Close::Completed { by, outcome }, answers, .. } => {
            task.state = State::Completed;
            task.assignee = Some(by.clone());
            task.holder = Some(by.clone());
            task.outcome = Some(outcome.clone());
            task.answers = answers.as_deref().cloned();
        }
        TaskChange::Close { close: Close::Cancelled { reason }, .. } => {
            task.state = State::Cancelled;
            task.reason = Some(reason.clone());
        }
        TaskChange::Mark { sla, due, .. } => {
            task.sla = *sla;
            task.due = due.unwrap_or(task.due);
        }
    }
}

/// In which queues a task is.
fn keys(row: &Row) -> impl Iterator<Item = (Part, bool)> {
    let holder = row.task.holder.clone().map(Part::Holder);
    let team = row.task.team.clone().map(Part::Team);
    let account = row.account.map(Part::Account);
    let is_open = row.task.state.is_open();
    let parts = [Some(Part::All), holder, team, account];
    parts.into_iter().flatten().map(move |part| (part, is_open))
}

fn cursor(task: &Task) -> TaskCursor {
    TaskCursor { due: task.due, instance: task.id.instance, position: task.id.position }
}

fn id(at: TaskCursor) -> TaskId {
    TaskId { instance: at.instance, position: at.position }
}
