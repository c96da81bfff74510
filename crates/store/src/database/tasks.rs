use super::{Database, instances::account_ref};
use crate::sql::{Builder, Row};
use crate::{
    AccountId, Failure, InstanceId, JourneyId, Page, Paging, TaskCursor, TaskId, Tasks,
    failure::Doing,
    tasks::{Filter, Queue, State, Task, Which, sla_of},
};
use async_trait::async_trait;
use journey::Position;

pub(super) const TASK: &str = "SELECT t.instance, t.position, t.journey, j.name AS journey_name, t.account, a.external_id AS account_external_id,
        a.name AS account_name, t.node, t.title, t.instructions, t.status, t.team, t.assignee, t.offered_to, t.holder, t.sla, t.due_at, t.priority,
        t.form, t.outcomes, t.outcome, t.answers, t.reason, t.created_at, t.updated_at
     FROM tasks t
     JOIN journeys j ON j.id = t.journey
     LEFT JOIN accounts a ON a.id = t.account";

/// One index each: a person's, a team's, everyone's.
enum Part {
    Holder(String),
    Team(String),
    All,
}

#[async_trait]
impl Tasks for Database {
    async fn tasks(
        &self,
        filter: Filter,
        paging: Paging<TaskCursor>,
    ) -> Result<Page<Task, TaskCursor>, Failure> {
        let Filter { queue, which, account } = filter;
        let parts = match queue {
            Queue::Mine(email) => vec![Part::Holder(email)],
            Queue::Teams(teams) => teams.into_iter().map(Part::Team).collect(),
            Queue::All => vec![Part::All],
        };
        // A team after the other and merged, since one statement over all of them would sort every open task.
        let mut tasks = Vec::new();
        for part in &parts {
            tasks.extend(self.part(part, which, account, &paging).await?);
        }
        tasks.sort_by_key(cursor);
        Ok(Page::cut(tasks, &paging, cursor))
    }

    async fn task(&self, id: TaskId) -> Result<Option<Task>, Failure> {
        let mut query = Builder::new(TASK);
        query.push(" WHERE t.slot = ").push_bind(id.instance.slot().number());
        query.push(" AND t.instance = ").push_bind(id.instance.number());
        query.push(" AND t.position = ").push_bind(i64::from(id.position.0));
        let row = query.build().fetch_optional(&self.reader).await.doing("read a task")?;
        row.as_ref().map(task).transpose()
    }
}

impl Database {
    async fn part(
        &self,
        part: &Part,
        which: Which,
        account: Option<AccountId>,
        paging: &Paging<TaskCursor>,
    ) -> Result<Vec<Task>, Failure> {
        let mut query = Builder::new(TASK);
        query.push(" WHERE ");
        match part {
            Part::Holder(email) => query.push("t.holder = ").push_bind(email).push(" AND "),
            Part::Team(team) => query.push("t.team = ").push_bind(team).push(" AND "),
            Part::All => &mut query,
        };
        let is_open = match which {
            Which::Open => true,
            Which::Only(state) => state.is_open(),
        };
        query.push("t.is_open = ").push_bind(i64::from(is_open));
        if let Which::Only(state) = which {
            query.push(" AND t.status = ").push_bind(state.word());
        }
        if let Some(account) = account {
            // By the account's few instances, which share its slot.
            query.push(" AND t.slot = ").push_bind(account.slot().number());
            query.push(" AND t.instance IN (SELECT id FROM instances WHERE account = ");
            query.push_bind(account.number()).push(" AND slot = ");
            query.push_bind(account.slot().number()).push(")");
        }
        if let Some(after) = paging.after {
            query.push(" AND (t.due_at, t.instance, t.position) > (");
            query.push_bind(after.due.0).push(", ").push_bind(after.instance.number());
            query.push(", ").push_bind(i64::from(after.position.0)).push(")");
        }
        query.push(" ORDER BY t.due_at, t.instance, t.position LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list tasks")?;
        rows.iter().map(task).collect()
    }
}

fn cursor(task: &Task) -> TaskCursor {
    TaskCursor { due: task.due, instance: task.id.instance, position: task.id.position }
}

pub(super) fn task(row: &Row) -> Result<Task, Failure> {
    let position = u32::try_from(row.int("position")?).ok().doing("read a stored row")?;
    Ok(Task {
        id: TaskId {
            instance: InstanceId::stored(row.int("instance")?),
            position: Position(position),
        },
        journey: JourneyId::stored(row.int("journey")?),
        journey_name: row.text("journey_name")?,
        account: account_ref(row)?,
        node: row.text("node")?,
        title: row.text("title")?,
        instructions: row.text("instructions")?,
        state: row.word("status", State::from_word)?,
        team: row.opt_text("team")?,
        assignee: row.opt_text("assignee")?,
        offered_to: row.opt_text("offered_to")?,
        holder: row.opt_text("holder")?,
        sla: row.word("sla", sla_of)?,
        due: row.time("due_at")?,
        priority: row.int("priority")?,
        form: row.json("form")?,
        outcomes: row.json("outcomes")?,
        outcome: row.opt_text("outcome")?,
        answers: row.opt_json("answers")?,
        reason: row.opt_text("reason")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
