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

const IN_ORDER: &str = " ORDER BY t.due_at, t.instance, t.position";

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
        let mut query = match (account, which) {
            (Some(account), _) => of_account(account, part, which),
            (None, Which::Only(state)) if state.is_passing() && !part.is_ones_own() => {
                passing(part, state)
            }
            (None, _) => in_order(part, which),
        };
        if let Some(after) = paging.after {
            query.push(" AND (t.due_at, t.instance, t.position) > (");
            query.push_bind(after.due.0).push(", ").push_bind(after.instance.number());
            query.push(", ").push_bind(i64::from(after.position.0)).push(")");
        }
        query.push(IN_ORDER).push(" LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("list tasks")?;
        rows.iter().map(task).collect()
    }
}

impl State {
    /// Whether few tasks stand so among many others: there is an index of these alone.
    fn is_passing(self) -> bool {
        match self {
            Self::Claimed | Self::Cancelled => true,
            Self::Offered | Self::Completed => false,
        }
    }
}

impl Part {
    fn is_ones_own(&self) -> bool {
        match self {
            Self::Holder(_) => true,
            Self::Team(_) | Self::All => false,
        }
    }
}

impl Which {
    fn is_open(self) -> bool {
        match self {
            Self::Open => true,
            Self::Only(state) => state.is_open(),
        }
    }
}

/// A part of a queue in order of the due dates.
fn in_order(part: &Part, which: Which) -> Builder<'_> {
    let mut query = Builder::new(TASK);
    query.push(" WHERE t.is_open = ").push_bind(i64::from(which.is_open()));
    match part {
        Part::Holder(email) => query.push(" AND t.holder = ").push_bind(email),
        Part::Team(team) => query.push(" AND t.team = ").push_bind(team),
        Part::All => &mut query,
    };
    push_state(&mut query, which);
    query
}

/// Tasks that stand as few do: the state is said in the text, since only then its index is looked at.
fn passing(part: &Part, state: State) -> Builder<'_> {
    let mut query = Builder::new(TASK);
    query.push(" WHERE t.status = '").push(state.word()).push("'");
    push_owner(&mut query, part);
    query
}

/// Tasks of an account's few instances, which share its slot.
fn of_account(account: AccountId, part: &Part, which: Which) -> Builder<'_> {
    let mut query = Builder::new(TASK);
    query.push(" WHERE t.slot = ").push_bind(account.slot().number());
    query.push(" AND t.instance IN (SELECT id FROM instances WHERE account = ");
    query.push_bind(account.number()).push(" AND slot = ");
    query.push_bind(account.slot().number()).push(")");
    query.push(" AND t.is_open + 0 = ").push_bind(i64::from(which.is_open()));
    push_owner(&mut query, part);
    push_state(&mut query, which);
    query
}

/// Whose it is, worked out so that no index is looked at: SQLite would go through all of a queue, for it is in order.
fn push_owner<'q>(query: &mut Builder<'q>, part: &'q Part) {
    match part {
        Part::Holder(email) => query.push(" AND t.holder || '' = ").push_bind(email),
        Part::Team(team) => query.push(" AND t.team || '' = ").push_bind(team),
        Part::All => query,
    };
}

fn push_state(query: &mut Builder<'_>, which: Which) {
    if let Which::Only(state) = which {
        query.push(" AND t.status = ").push_bind(state.word());
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

#[cfg(test)]
mod tests {
    use super::super::work::tests::plan;
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn few_tasks_are_listed_without_a_look_at_the_whole_queue() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let account = AccountId::stored(7);
        for part in [Part::All, Part::Team("CS".to_owned()), Part::Holder("ada@x.y".to_owned())] {
            let mut query = of_account(account, &part, Which::Open);
            query.push(IN_ORDER);
            let plan = plan(&store, query.build()).await;
            assert!(plan.contains("(instance=? AND slot=?)"), "{plan}");
            assert!(plan.contains("instances_account (account=?)"), "{plan}");
        }
        for part in [Part::All, Part::Team("CS".to_owned())] {
            for (state, index) in
                [(State::Claimed, "tasks_claimed"), (State::Cancelled, "tasks_cancelled")]
            {
                let mut query = passing(&part, state);
                query.push(IN_ORDER);
                let plan = plan(&store, query.build()).await;
                assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
            }
        }
        store.close().await;
    }
}
