use super::{Database, instances::account_ref, written::number};
use crate::sql::{Builder, Row, query, query_scalar};
use crate::{
    Failure, InstanceId, JourneyId, NoticeCursor, NoticeId, Notices, Page, Paging, TaskId,
    failure::Doing,
    limits,
    notices::{AboutTask, Concerned, Notice},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Position, Timestamp};

/// A page of notices by themselves, to go on with: joined first, PostgreSQL expects so few that it goes through all of them.
const NOTICES: &str =
    "SELECT n.slot, n.instance, n.position, n.sequence, n.place, n.person, n.team, n.about, n.at
     FROM notices n WHERE ";

const NOTICE: &str = "SELECT n.instance, n.position, n.sequence, n.place, n.person, n.team, n.about, n.at, i.journey,
        j.name AS journey_name, i.account, a.external_id AS account_external_id, a.name AS account_name,
        t.is_open, t.team AS task_team, t.holder
     FROM (";
const WITH_ITS_INSTANCE: &str = ") AS n
     JOIN instances i ON i.slot = n.slot AND i.id = n.instance
     JOIN journeys j ON j.id = i.journey
     LEFT JOIN accounts a ON a.id = i.account
     LEFT JOIN tasks t ON t.slot = n.slot AND t.instance = n.instance AND t.position = n.position";

/// One index each: those that name the person, and those that name a team of theirs and not them.
enum Part<'a> {
    Person(&'a str),
    Team(&'a str, &'a str),
}

#[async_trait]
impl Notices for Database {
    async fn notices(
        &self,
        whom: &Concerned,
        paging: Paging<NoticeCursor>,
    ) -> Result<Page<Notice, NoticeCursor>, Failure> {
        let mut notices = Vec::new();
        // One after the other and merged: one statement over all of them would sort everything a person was ever told.
        for part in parts(whom) {
            let page = page_of(&part, &paging);
            let rows = page.build().fetch_all(&self.reader).await.doing("list notices")?;
            for row in &rows {
                notices.push(notice(row)?);
            }
        }
        notices.sort_by_key(|notice| std::cmp::Reverse(cursor(notice)));
        Ok(Page::cut(notices, &paging, cursor))
    }

    async fn unseen(&self, whom: &Concerned, since: Timestamp) -> Result<u64, Failure> {
        let mut unseen = 0_u64;
        for part in parts(whom) {
            let count: i64 = count_of(&part, since)
                .build_query_scalar()
                .fetch_one(&self.reader)
                .await
                .doing("count notices")?;
            unseen = unseen.saturating_add(count.unsigned_abs());
            if unseen >= limits::UNSEEN {
                return Ok(limits::UNSEEN);
            }
        }
        Ok(unseen)
    }

    async fn seen_until(&self, person: &str) -> Result<Option<Timestamp>, Failure> {
        let until: Option<i64> =
            query_scalar("SELECT until_at FROM notices_seen WHERE person = $1")
                .bind(person)
                .fetch_optional(&self.reader)
                .await
                .doing("read which notices were seen")?;
        Ok(until.map(Timestamp))
    }

    async fn see(&self, person: &str, until: Timestamp) -> Result<(), Failure> {
        let doing = "write down which notices were seen";
        let mut tx = self.write().await?;
        query(
            "INSERT INTO notices_seen (person, until_at) VALUES ($1, $2)
             ON CONFLICT (person) DO UPDATE SET until_at = excluded.until_at WHERE excluded.until_at > notices_seen.until_at",
        )
        .bind(person)
        .bind(until.0)
        .execute(&mut tx)
        .await
        .doing(doing)?;
        tx.commit(Point::SeeNotices).await
    }

    async fn forget_notices(&self, before: Timestamp, most: u32) -> Result<u64, Failure> {
        let doing = "forget old notices";
        let mut tx = self.write().await?;
        let gone = query(FORGET)
            .bind(before.0)
            .bind(i64::from(most))
            .execute(&mut tx)
            .await
            .doing(doing)?;
        tx.commit(Point::ForgetNotices).await?;
        Ok(gone.rows_affected())
    }
}

const FORGET: &str = "DELETE FROM notices WHERE (slot, instance, sequence, place) IN (
        SELECT slot, instance, sequence, place FROM notices WHERE at < $1 ORDER BY at LIMIT $2)";

fn parts(whom: &Concerned) -> impl Iterator<Item = Part<'_>> {
    let teams = whom.teams.iter().map(|team| Part::Team(team, &whom.person));
    std::iter::once(Part::Person(&whom.person)).chain(teams)
}

fn page_of(part: &Part<'_>, paging: &Paging<NoticeCursor>) -> Builder<'static> {
    let mut query = Builder::new(NOTICE);
    query.push(NOTICES);
    push_part(&mut query, part);
    if let Some(NoticeCursor { at, id }) = paging.after {
        query.push(" AND (n.at, n.instance, n.sequence, n.place) < (");
        query.push_bind(at.0).push(", ").push_bind(id.instance.number());
        query.push(", ").push_bind(number(id.sequence));
        query.push(", ").push_bind(i64::from(id.place)).push(")");
    }
    query.push(" ORDER BY n.at DESC, n.instance DESC, n.sequence DESC, n.place DESC LIMIT ");
    query.push_bind(paging.probe()).push(WITH_ITS_INSTANCE);
    query
}

fn count_of(part: &Part<'_>, since: Timestamp) -> Builder<'static> {
    let mut query = Builder::new("SELECT COUNT(*) FROM (SELECT 1 FROM notices n WHERE ");
    push_part(&mut query, part);
    query.push(" AND n.at > ").push_bind(since.0);
    query.push(" LIMIT ").push_bind(number(limits::UNSEEN)).push(") AS counted");
    query
}

fn push_part(query: &mut Builder<'_>, part: &Part<'_>) {
    match part {
        Part::Person(person) => {
            query.push("n.person = ").push_bind((*person).to_owned());
        }
        Part::Team(team, person) => {
            query.push("n.team = ").push_bind((*team).to_owned());
            query.push(" AND (n.person IS NULL OR n.person <> ").push_bind((*person).to_owned());
            query.push(")");
        }
    }
}

fn cursor(notice: &Notice) -> NoticeCursor {
    NoticeCursor { at: notice.at, id: notice.id }
}

fn notice(row: &Row) -> Result<Notice, Failure> {
    let small = |column| u32::try_from(row.int(column)?).ok().doing("read a stored row");
    let instance = InstanceId::stored(row.int("instance")?);
    let task = match row.opt_int("is_open")? {
        None => None,
        Some(is_open) => Some(AboutTask {
            id: TaskId { instance, position: Position(small("position")?) },
            is_open: is_open == 1,
            team: row.opt_text("task_team")?,
            holder: row.opt_text("holder")?,
        }),
    };
    Ok(Notice {
        id: NoticeId { instance, sequence: row.count("sequence")?, place: small("place")? },
        at: row.time("at")?,
        about: row.text("about")?,
        person: row.opt_text("person")?,
        team: row.opt_text("team")?,
        journey: JourneyId::stored(row.int("journey")?),
        journey_name: row.text("journey_name")?,
        account: account_ref(row)?,
        task,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Store,
        sql::{Dialect, Statement},
    };

    /// How SQLite would go about a statement.
    async fn plan(store: &Database, statement: Statement<'_>) -> String {
        let steps = statement.explained(Dialect::Sqlite).fetch_all(&store.reader).await.unwrap();
        steps.iter().map(|step| step.text("detail").unwrap() + "\n").collect()
    }

    #[tokio::test]
    async fn no_list_count_or_removal_looks_at_more_rows_than_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Database::open(&folder.path().join("waymark.db"), 1).await.unwrap();
        let instance = InstanceId::stored(1);
        let id = NoticeId { instance, sequence: 1, place: 0 };
        let later = Paging::new(Some(NoticeCursor { at: Timestamp(0), id }), 9);
        for (part, index) in [
            (Part::Person("ada@x.y"), "notices_person (person=?"),
            (Part::Team("CS", "ada@x.y"), "notices_team (team=?"),
        ] {
            for paging in [Paging::first(9), later] {
                let plan = plan(&store, page_of(&part, &paging).build()).await;
                assert!(plan.contains(index), "{plan}");
                // Only the page itself, once it is there.
                let through = plan.replace("SCAN n\n", "");
                assert!(!through.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
            }
            let plan = plan(&store, count_of(&part, Timestamp(0)).build()).await;
            assert!(plan.contains(&format!("{index} AND at>?")), "{plan}");
        }
        let plan = plan(&store, query(FORGET)).await;
        assert!(plan.contains("notices_at (at<?)"), "{plan}");
        assert!(plan.contains("(slot=? AND instance=? AND sequence=? AND place=?)"), "{plan}");
        store.close().await;
    }
}
