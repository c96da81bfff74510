use super::{
    Database, Write, accounts, pieces,
    registry::{self, FORMAT, LISTING},
    written::number,
};
use crate::sql::{Builder, Row, query, query_as};
use crate::{
    AccountId, Failure, InstanceId, JourneyId, Page, Paging, Triggers,
    accounts::Account,
    failure::Doing,
    ids,
    journeys::Mode,
    triggers::{DueTrigger, Entered, NewDate, Planned, Registered, TriggerKey},
};
use async_trait::async_trait;
use failpoints::Point;
use journey::{Timestamp, listing::Kind};

const DAY_MS: i64 = 86_400_000;

const TIMING: &str = "look for triggers that time moves";
const PLANNING: &str = "plan dates";

/// The slot whose node follows a trigger's schedule, and that whose node fires an account's date.
const OF_TRIGGER: &str = "journey % 1024";
const OF_DATE: &str = "account % 1024";

const REGISTERED: &str =
    "SELECT journey, version, node, mode, type, name, listed_at, due_at, done_to FROM triggers";

#[async_trait]
impl Triggers for Database {
    async fn listening(&self, kind: Kind, names: &[&str]) -> Result<Vec<Registered>, Failure> {
        let mut found = Vec::new();
        for piece in pieces(self.reader.dialect(), names) {
            let mut query = Builder::new(REGISTERED);
            query.push(" WHERE type = ").push_bind(kind.word()).push(" AND name IN (");
            let mut list = query.separated(", ");
            for name in piece {
                list.push_bind(*name);
            }
            query.push(") ORDER BY journey, version, node");
            let rows = query.build().fetch_all(&self.reader).await.doing("look for triggers")?;
            for row in &rows {
                found.push(registered(row)?);
            }
        }
        Ok(found)
    }

    async fn triggers_of(&self, journey: JourneyId) -> Result<Vec<Registered>, Failure> {
        let mut query = Builder::new(REGISTERED);
        query.push(" WHERE journey = ").push_bind(journey.number());
        query.push(" ORDER BY version, node");
        let rows =
            query.build().fetch_all(&self.reader).await.doing("read a journey's triggers")?;
        rows.iter().map(registered).collect()
    }

    async fn triggers_of_kind(&self, kind: Kind) -> Result<Vec<Registered>, Failure> {
        let mut query = Builder::new(REGISTERED);
        query.push(" WHERE type = ").push_bind(kind.word());
        query.push(" ORDER BY journey, version, node");
        let rows = query.build().fetch_all(&self.reader).await.doing("look for triggers")?;
        rows.iter().map(registered).collect()
    }

    async fn list_triggers_anew(&self, now: Timestamp) -> Result<bool, Failure> {
        let mut tx = self.write().await?;
        if registry::is_listed(&mut tx).await? {
            return Ok(false);
        }
        query("DELETE FROM triggers").execute(&mut tx).await.doing(LISTING)?;
        query("DELETE FROM dates").execute(&mut tx).await.doing(LISTING)?;
        for (journey, version, mode) in registry::followed(&mut tx).await? {
            let draft = registry::published(&mut tx, journey, version).await?;
            registry::list(&mut tx, (journey, version, mode), &draft, now).await?;
        }
        query(
            "INSERT INTO registries (name, format) VALUES ('triggers', $1)
             ON CONFLICT (name) DO UPDATE SET format = excluded.format",
        )
        .bind(FORMAT)
        .execute(&mut tx)
        .await
        .doing(LISTING)?;
        tx.commit(Point::ListTriggers).await?;
        Ok(true)
    }

    async fn due_triggers(&self, now: Timestamp, limit: u32) -> Result<Vec<DueTrigger>, Failure> {
        let mut query = Builder::new(REGISTERED);
        query.push(" WHERE due_at <= ").push_bind(now.0);
        self.push_own(&mut query, OF_TRIGGER);
        query.push(" ORDER BY due_at LIMIT ").push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.reader).await.doing(TIMING)?;
        rows.iter()
            .map(|row| {
                let (due, done_to) = (row.int("due_at")?, row.int("done_to")?);
                Ok(DueTrigger {
                    trigger: registered(row)?,
                    due: (due != 0).then_some(Timestamp(due)),
                    done_to: (done_to != 0).then(|| AccountId::stored(done_to)),
                })
            })
            .collect()
    }

    async fn round_done_to(&self, key: &TriggerKey, account: AccountId) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query("UPDATE triggers SET done_to = $4 WHERE journey = $1 AND version = $2 AND node = $3")
            .bind(key.journey.number())
            .bind(number(key.version))
            .bind(&key.node)
            .bind(account.number())
            .execute(&mut tx)
            .await
            .doing(TIMING)?;
        tx.commit(Point::RoundDone).await
    }

    async fn due_next(&self, key: &TriggerKey, due: Option<Timestamp>) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        query(
            "UPDATE triggers SET due_at = $4, done_to = 0
             WHERE journey = $1 AND version = $2 AND node = $3",
        )
        .bind(key.journey.number())
        .bind(number(key.version))
        .bind(&key.node)
        .bind(due.map(|due| due.0))
        .execute(&mut tx)
        .await
        .doing(TIMING)?;
        tx.commit(Point::DueNext).await
    }

    async fn plan_dates(&self, dates: &[NewDate]) -> Result<(), Failure> {
        if dates.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        for date in dates {
            plan(&mut tx, date).await?;
        }
        tx.commit(Point::PlanDates).await
    }

    async fn due_dates(&self, now: Timestamp, limit: u32) -> Result<Vec<Planned>, Failure> {
        let mut query = Builder::new(
            "SELECT account, journey, version, node, value, fires_at FROM dates WHERE fires_at <= ",
        );
        query.push_bind(now.0);
        self.push_own(&mut query, OF_DATE);
        query.push(" ORDER BY fires_at LIMIT ").push_bind(i64::from(limit));
        let rows = query.build().fetch_all(&self.reader).await;
        let rows = rows.doing("look for dates that have come")?;
        rows.iter()
            .map(|row| {
                Ok(Planned {
                    trigger: trigger_key(row)?,
                    account: AccountId::stored(row.int("account")?),
                    value: row.text("value")?,
                    fires_at: row.time("fires_at")?,
                })
            })
            .collect()
    }

    async fn dates_fired(&self, dates: &[Planned]) -> Result<(), Failure> {
        let mut tx = self.write().await?;
        for date in dates {
            // One that was planned anew meanwhile stays.
            query(
                "DELETE FROM dates WHERE account = $1 AND journey = $2 AND version = $3 AND node = $4 AND value = $5 AND fires_at = $6",
            )
            .bind(date.account.number())
            .bind(date.trigger.journey.number())
            .bind(number(date.trigger.version))
            .bind(&date.trigger.node)
            .bind(&date.value)
            .bind(date.fires_at.0)
            .execute(&mut tx)
            .await
            .doing(PLANNING)?;
        }
        tx.commit(Point::DatesFired).await
    }

    async fn accounts_in_order(
        &self,
        segment: Option<&str>,
        paging: Paging<AccountId>,
    ) -> Result<Page<Account, AccountId>, Failure> {
        let mut query = Builder::new(accounts::ACCOUNT);
        query.push(" WHERE id > ").push_bind(paging.after.map_or(0, AccountId::number));
        if let Some(segment) = segment {
            query.push(" AND segment = ").push_bind(segment);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(paging.probe());
        let rows = query.build().fetch_all(&self.reader).await.doing("walk accounts")?;
        let rows = rows.iter().map(accounts::account).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Account| row.id))
    }

    async fn entered(
        &self,
        journey: JourneyId,
        shadow: Option<u64>,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let (running, last, starts): (Option<i64>, Option<i64>, i64) = query_as(
            "SELECT
                (SELECT MAX(id) FROM instances WHERE slot = $5 AND account = $1 AND journey = $2 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3
                    AND status IN ('running', 'incident')),
                (SELECT MAX(started_at) FROM instances WHERE slot = $5 AND account = $1 AND journey = $2 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3),
                (SELECT COUNT(*) FROM instances WHERE journey = $2 AND id >= $4 AND parent IS NULL AND shadow_version IS NOT DISTINCT FROM $3)",
        )
        .bind(account.number())
        .bind(journey.number())
        .bind(shadow.map(number))
        .bind(ids::first_number_at(now.plus(-DAY_MS)))
        .bind(account.slot().number())
        .fetch_one(&self.reader)
        .await
        .doing("ask who has entered a journey")?;
        Ok(Entered {
            running: running.map(InstanceId::stored),
            last: last.map(Timestamp),
            starts: starts.unsigned_abs(),
        })
    }

    async fn next_time(&self) -> Result<Option<Timestamp>, Failure> {
        let mut query = Builder::new(
            "SELECT MIN(next) FROM (SELECT MIN(due_at) AS next FROM triggers WHERE due_at IS NOT NULL",
        );
        self.push_own(&mut query, OF_TRIGGER);
        query.push(" UNION ALL SELECT MIN(fires_at) FROM dates WHERE fires_at >= 0");
        self.push_own(&mut query, OF_DATE);
        query.push(") AS times");
        let next = query.build_query_scalar::<Option<i64>>().fetch_one(&self.reader).await;
        Ok(next.doing(TIMING)?.map(Timestamp))
    }
}

async fn plan(tx: &mut Write, date: &NewDate) -> Result<(), Failure> {
    let key = &date.trigger;
    let Some((value, fires_at)) = &date.moment else {
        query(
            "DELETE FROM dates WHERE account = $1 AND journey = $2 AND version = $3 AND node = $4",
        )
        .bind(date.account.number())
        .bind(key.journey.number())
        .bind(number(key.version))
        .bind(&key.node)
        .execute(&mut *tx)
        .await
        .doing(PLANNING)?;
        return Ok(());
    };
    // Only while the version is followed, since one published meanwhile has taken its dates away, and while the account is as it was read.
    query(
        "INSERT INTO dates (account, journey, version, node, value, fires_at)
         SELECT accounts.id, journey, version, node, $5, $6 FROM triggers, accounts
         WHERE journey = $2 AND version = $3 AND node = $4 AND accounts.id = $1 AND accounts.updated_at = $7
         ON CONFLICT (account, journey, version, node) DO UPDATE SET value = excluded.value, fires_at = excluded.fires_at",
    )
    .bind(date.account.number())
    .bind(key.journey.number())
    .bind(number(key.version))
    .bind(&key.node)
    .bind(value)
    .bind(fires_at.0)
    .bind(date.seen.0)
    .execute(&mut *tx)
    .await
    .doing(PLANNING)?;
    Ok(())
}

fn trigger_key(row: &Row) -> Result<TriggerKey, Failure> {
    Ok(TriggerKey {
        journey: JourneyId::stored(row.int("journey")?),
        version: row.count("version")?,
        node: row.text("node")?,
    })
}

fn registered(row: &Row) -> Result<Registered, Failure> {
    Ok(Registered {
        key: trigger_key(row)?,
        mode: row.word("mode", Mode::from_word)?,
        kind: row.word("type", Kind::from_word)?,
        name: row.text("name")?,
        listed_at: row.time("listed_at")?,
    })
}
