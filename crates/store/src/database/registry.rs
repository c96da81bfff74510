//! Which triggers are listed: a publication lists its version's in place of those it replaces.

use super::Write;
use crate::sql::{Builder, Row, query, query_as, query_scalar};
use crate::{
    Failure, JourneyId, failure::Doing, inventory::IllListed, journeys::Mode, triggers::TriggerKey,
};
use journey::{
    Draft, Timestamp,
    listing::{self, Kind},
};
use std::collections::BTreeMap;

/// How this release lists triggers; a change of it has every version listed anew.
pub(super) const FORMAT: i64 = 1;

pub(super) const LISTING: &str = "list triggers";

/// What time has under way at a trigger of a version that is replaced.
struct UnderWay {
    version: i64,
    node: String,
    kind: Kind,
    name: String,
    listed_at: i64,
    due_at: Option<i64>,
    done_to: i64,
}

/// Lists the triggers of a version that is published now; those of the versions it replaces go. What time has under way goes on where
/// the trigger is the same: a round over accounts with its next one, a date that is planned, a time that was missed.
pub(super) async fn publish(
    tx: &mut Write,
    (journey, version, mode): (i64, i64, Mode),
    draft: &Draft,
    now: Timestamp,
) -> Result<(), Failure> {
    // What is live replaces the shadow that was tried before it, too; a shadow runs beside what is live.
    let replaced = match mode {
        Mode::Live => "",
        Mode::Shadow => " AND mode = 'shadow'",
    };
    let under_way = under_way(tx, journey, mode).await?;
    let mut triggers = Builder::new("DELETE FROM triggers WHERE journey = ");
    triggers.push_bind(journey).push(replaced);
    triggers.build().execute(&mut *tx).await.doing(LISTING)?;
    list(tx, (journey, version, mode), draft, now).await?;
    for before in under_way {
        carry_over(tx, (journey, version), draft, (&before, now)).await?;
    }
    query(
        "DELETE FROM dates WHERE journey = $1 AND NOT EXISTS
            (SELECT 1 FROM triggers t WHERE t.journey = dates.journey AND t.version = dates.version AND t.node = dates.node)",
    )
    .bind(journey)
    .execute(&mut *tx)
    .await
    .doing(LISTING)?;
    Ok(())
}

async fn under_way(tx: &mut Write, journey: i64, mode: Mode) -> Result<Vec<UnderWay>, Failure> {
    let rows = query(
        "SELECT version, node, type, name, listed_at, due_at, done_to FROM triggers
         WHERE journey = $1 AND mode = $2 AND type IN ('schedule', 'date')",
    )
    .bind(journey)
    .bind(mode.word())
    .fetch_all(&mut *tx)
    .await
    .doing(LISTING)?;
    let read = |row: &Row| {
        Ok(UnderWay {
            version: row.int("version")?,
            node: row.text("node")?,
            kind: row.word("type", Kind::from_word)?,
            name: row.text("name")?,
            listed_at: row.int("listed_at")?,
            due_at: row.opt_int("due_at")?,
            done_to: row.int("done_to")?,
        })
    };
    rows.iter().map(read).collect()
}

async fn carry_over(
    tx: &mut Write,
    (journey, version): (i64, i64),
    draft: &Draft,
    (before, now): (&UnderWay, Timestamp),
) -> Result<(), Failure> {
    let listens_to_the_same = listing::listed(draft).iter().any(|listed| {
        (&listed.node, listed.kind, &listed.name) == (&before.node, before.kind, &before.name)
    });
    if !listens_to_the_same {
        return Ok(());
    }
    let old = published(tx, journey, before.version).await?;
    let is_same = timing(&old, &before.node) == timing(draft, &before.node);
    // Another rule has another next time, but whoever's turn it was for the old one still has it.
    let has_begun = before.due_at.is_some_and(|due| due != 0 && due <= now.0);
    let goes_on = is_same || (before.kind == Kind::Schedule && has_begun);
    if !goes_on {
        return Ok(());
    }
    query(
        "UPDATE triggers SET listed_at = $4, due_at = $5, done_to = $6 WHERE journey = $1 AND version = $2 AND node = $3",
    )
    .bind(journey)
    .bind(version)
    .bind(&before.node)
    .bind(before.listed_at)
    .bind(before.due_at)
    .bind(before.done_to)
    .execute(&mut *tx)
    .await
    .doing(LISTING)?;
    query("UPDATE dates SET version = $3 WHERE journey = $1 AND version = $2 AND node = $4")
        .bind(journey)
        .bind(before.version)
        .bind(version)
        .bind(&before.node)
        .execute(&mut *tx)
        .await
        .doing(LISTING)?;
    Ok(())
}

/// What says when a trigger opens instances: its own settings, and the journey's calendar.
fn timing<'a>(
    draft: &'a Draft,
    node: &str,
) -> (Option<&'a serde_json::Value>, Option<&'a serde_json::Value>) {
    let on = draft.node(node).and_then(|node| node.settings.get("on"));
    (on, draft.settings.as_ref().and_then(|settings| settings.get("calendar")))
}

/// The draft of a published version.
pub(super) async fn published(
    tx: &mut Write,
    journey: i64,
    version: i64,
) -> Result<Draft, Failure> {
    draft(tx, journey, version).await?.doing(LISTING)
}

/// `None` when the version is not there, or says nothing that can be read.
async fn draft(tx: &mut Write, journey: i64, version: i64) -> Result<Option<Draft>, Failure> {
    let draft: Option<String> =
        query_scalar("SELECT draft FROM versions WHERE journey = $1 AND number = $2")
            .bind(journey)
            .bind(version)
            .fetch_optional(&mut *tx)
            .await
            .doing(LISTING)?;
    Ok(draft.and_then(|draft| serde_json::from_str(&draft).ok()))
}

/// Whether the triggers were listed by a release that lists them as this one does.
pub(super) async fn is_listed(tx: &mut Write) -> Result<bool, Failure> {
    let format: Option<i64> = query_scalar("SELECT format FROM registries WHERE name = 'triggers'")
        .fetch_optional(&mut *tx)
        .await
        .doing(LISTING)?;
    Ok(format == Some(FORMAT))
}

/// Where the list and the versions that are followed do not agree; a version that is not there has nothing to be listed.
pub(super) async fn ill_listed(tx: &mut Write) -> Result<Vec<IllListed>, Failure> {
    if !is_listed(tx).await? {
        return Ok(Vec::new());
    }
    let rows = query("SELECT journey, version, node, mode, type, name FROM triggers");
    let rows = rows.fetch_all(&mut *tx).await.doing(LISTING)?;
    let read = |row: &Row| {
        let journey = JourneyId::stored(row.int("journey")?);
        let key = TriggerKey { journey, version: row.count("version")?, node: row.text("node")? };
        Ok((key, (row.text("mode")?, row.text("type")?, row.text("name")?)))
    };
    let rows = rows.iter().map(read).collect::<Result<BTreeMap<_, _>, Failure>>();
    let mut strays = rows?;
    let mut found = Vec::new();
    for (journey, version, mode) in followed(tx).await? {
        let Some(draft) = draft(tx, journey, version).await? else { continue };
        let number = u64::try_from(version).ok().doing(LISTING)?;
        for trigger in listing::listed(&draft) {
            let journey = JourneyId::stored(journey);
            let key = TriggerKey { journey, version: number, node: trigger.node };
            let expected = (mode.word(), trigger.kind.word(), trigger.name.as_str());
            let is_listed = strays.remove(&key).is_some_and(|(mode, kind, name)| {
                (mode.as_str(), kind.as_str(), name.as_str()) == expected
            });
            if !is_listed {
                found.push(IllListed::Missing(key));
            }
        }
    }
    found.extend(strays.into_keys().map(IllListed::Stray));
    Ok(found)
}

/// Lists the triggers of a version that is followed from now on.
pub(super) async fn list(
    tx: &mut Write,
    (journey, version, mode): (i64, i64, Mode),
    draft: &Draft,
    now: Timestamp,
) -> Result<(), Failure> {
    for trigger in listing::listed(draft) {
        let due = matches!(trigger.kind, Kind::Schedule | Kind::Date).then_some(0);
        query(
            "INSERT INTO triggers (journey, version, node, mode, type, name, listed_at, due_at, done_to)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
             ON CONFLICT (journey, version, node) DO NOTHING",
        )
        .bind(journey)
        .bind(version)
        .bind(&trigger.node)
        .bind(mode.word())
        .bind(trigger.kind.word())
        .bind(&trigger.name)
        .bind(now.0)
        .bind(due)
        .execute(&mut *tx)
        .await
        .doing(LISTING)?;
    }
    Ok(())
}

/// The versions new instances follow: each journey's live one, and its newest shadow when that is newer.
pub(super) async fn followed(tx: &mut Write) -> Result<Vec<(i64, i64, Mode)>, Failure> {
    let live: Vec<(i64, i64)> =
        query_as("SELECT id, live FROM journeys WHERE live IS NOT NULL ORDER BY id")
            .fetch_all(&mut *tx)
            .await
            .doing(LISTING)?;
    let shadow: Vec<(i64, i64)> = query_as(
        "SELECT j.id, MAX(v.number) FROM journeys j JOIN versions v ON v.journey = j.id
         WHERE v.mode = 'shadow' AND v.number > COALESCE(j.live, 0) GROUP BY j.id ORDER BY j.id",
    )
    .fetch_all(&mut *tx)
    .await
    .doing(LISTING)?;
    let live = live.into_iter().map(|(journey, version)| (journey, version, Mode::Live));
    Ok(live.chain(shadow.into_iter().map(|(id, version)| (id, version, Mode::Shadow))).collect())
}
