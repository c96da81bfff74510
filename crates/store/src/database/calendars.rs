use super::{Database, Write, written::to_json};
use crate::sql::{Row, query, query_as, query_scalar};
use crate::{
    Calendars, Failure, InstanceId,
    calendars::{CalendarAt, Gone},
    directory::Made,
    failure::Doing,
    journeys::Saved,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Draft, Timestamp, calendar::Calendar};

#[async_trait]
impl Calendars for Database {
    async fn create_calendar(
        &self,
        calendar: &Calendar,
        now: Timestamp,
    ) -> Result<Made<()>, Failure> {
        let mut tx = self.write().await?;
        let made = query(
            "INSERT INTO calendars (name, body, revision, updated_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(calendar.name())
        .bind(body(calendar)?)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("make a calendar")?;
        tx.commit(Point::MakeCalendar).await?;
        Ok(if made.rows_affected() == 1 { Made::Made(()) } else { Made::Taken })
    }

    async fn calendars(&self) -> Result<Vec<CalendarAt>, Failure> {
        let rows = query("SELECT body, revision FROM calendars ORDER BY name")
            .fetch_all(&self.reader)
            .await
            .doing("list calendars")?;
        rows.iter().map(calendar_at).collect()
    }

    async fn calendars_of_teams(&self) -> Result<Vec<(String, String)>, Failure> {
        let doing = "list the teams' calendars";
        query_as("SELECT name, calendar FROM teams WHERE calendar IS NOT NULL")
            .fetch_all(&self.reader)
            .await
            .doing(doing)
    }

    async fn calendar(&self, name: &str) -> Result<Option<CalendarAt>, Failure> {
        let row = query("SELECT body, revision FROM calendars WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await
            .doing("read a calendar")?;
        row.as_ref().map(calendar_at).transpose()
    }

    async fn save_calendar(
        &self,
        calendar: &Calendar,
        expected: u64,
        now: Timestamp,
    ) -> Result<Option<Saved>, Failure> {
        let mut tx = self.write().await?;
        let present = query("SELECT revision FROM calendars WHERE name = $1")
            .bind(calendar.name())
            .fetch_optional(&mut tx)
            .await
            .doing("save a calendar")?;
        let Some(present) = present else { return Ok(None) };
        let current = present.count("revision")?;
        if current != expected {
            return Ok(Some(Saved::LostRace { current }));
        }
        query(
            "UPDATE calendars SET body = $2, revision = revision + 1, updated_at = $3
             WHERE name = $1",
        )
        .bind(calendar.name())
        .bind(body(calendar)?)
        .bind(now.0)
        .execute(&mut tx)
        .await
        .doing("save a calendar")?;
        tx.commit(Point::SaveCalendar).await?;
        Ok(Some(Saved::Revision(current + 1)))
    }

    async fn delete_calendar(&self, name: &str) -> Result<Gone, Failure> {
        if let Some(used) = self.is_counting(name).await? {
            return Ok(used);
        }
        let mut tx = self.write().await?;
        if let Some(journey) = user_of(&mut tx, name).await? {
            return Ok(Gone::Used { journey });
        }
        let team: Option<String> =
            query_scalar("SELECT name FROM teams WHERE calendar = $1 ORDER BY name LIMIT 1")
                .bind(name)
                .fetch_optional(&mut tx)
                .await
                .doing("delete a calendar")?;
        if let Some(team) = team {
            return Ok(Gone::Kept { team });
        }
        let gone = query("DELETE FROM calendars WHERE name = $1")
            .bind(name)
            .execute(&mut tx)
            .await
            .doing("delete a calendar")?;
        tx.commit(Point::DeleteCalendar).await?;
        Ok(if gone.rows_affected() > 0 { Gone::Deleted } else { Gone::Missing })
    }
}

impl Database {
    /// Whether clocks that run, or accounts, go by a calendar. They are looked through before anything is locked, since there may be many; one that
    /// begins meanwhile stops with an incident that names the calendar.
    async fn is_counting(&self, name: &str) -> Result<Option<Gone>, Failure> {
        let doing = "look who goes by a calendar";
        let member = format!("\"calendar\":{}", to_json(&name)?);
        let account: Option<String> = query_scalar(
            "SELECT external_id FROM accounts WHERE REPLACE(fields, $1, '') <> fields ORDER BY id LIMIT 1",
        )
        .bind(&member)
        .fetch_optional(&self.reader)
        .await
        .doing(doing)?;
        if let Some(account) = account {
            return Ok(Some(Gone::Named { account }));
        }
        let clock: Option<i64> = query_scalar(
            "SELECT id FROM instances
             WHERE status IN ('running', 'incident') AND REPLACE(state, $1, '') <> state ORDER BY id LIMIT 1",
        )
        .bind(&member)
        .fetch_optional(&self.reader)
        .await
        .doing(doing)?;
        Ok(clock.map(|id| Gone::Counting { instance: InstanceId::stored(id) }))
    }
}

/// The name of a journey of which a version names the calendar that is followed, or that instances run on.
async fn user_of(tx: &mut Write, name: &str) -> Result<Option<String>, Failure> {
    let doing = "look who uses a calendar";
    // As it is written in a draft, between its quotation marks.
    let written = to_json(&name)?;
    let written = written.get(1..written.len() - 1).doing(doing)?;
    let rows = query(
        "SELECT j.name, v.draft FROM versions v JOIN journeys j ON j.id = v.journey
         WHERE REPLACE(v.draft, $1, '') <> v.draft AND (
            EXISTS (SELECT 1 FROM triggers t WHERE t.journey = v.journey AND t.version = v.number)
            OR EXISTS (SELECT 1 FROM instances i WHERE i.journey = v.journey AND i.status IN ('running', 'incident') AND i.version = v.number))
         ORDER BY j.id, v.number",
    )
    .bind(written)
    .fetch_all(&mut *tx)
    .await
    .doing(doing)?;
    for row in rows {
        if row.json::<Draft>("draft")?.names_calendar(name) {
            return Ok(Some(row.text("name")?));
        }
    }
    Ok(None)
}

/// Whether there is a calendar of that name; the standard one is there without having been saved.
pub(super) async fn is_calendar(tx: &mut Write, name: &str) -> Result<bool, Failure> {
    if name == Calendar::standard().name() {
        return Ok(true);
    }
    let found: Option<i64> = query_scalar("SELECT 1 FROM calendars WHERE name = $1")
        .bind(name)
        .fetch_optional(&mut *tx)
        .await
        .doing("look for a calendar")?;
    Ok(found.is_some())
}

fn body(calendar: &Calendar) -> Result<String, Failure> {
    serde_json::to_string(calendar).doing("write a calendar")
}

fn calendar_at(row: &Row) -> Result<CalendarAt, Failure> {
    Ok(CalendarAt { calendar: row.json("body")?, revision: row.count("revision")? })
}
