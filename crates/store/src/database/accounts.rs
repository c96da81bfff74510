use super::{
    Database, Write, events,
    written::{number, to_json},
};
use crate::sql::{Row, query, query_scalar};
use crate::{
    AccountCursor, AccountId, Accounts, Failure, Page, Paging, Slot,
    accounts::{Account, Created, Patched, Progress, Search, Statement, Upserted},
    failure::Doing,
};
use async_trait::async_trait;
use failpoints::Point;
use journey::Timestamp;
use serde_json::{Map, Value};

mod changes;
mod search;

pub(super) use changes::Writing;

/// Every column, to go on with.
pub(super) const ACCOUNT: &str =
    "SELECT id, external_id, name, segment, owner, arr, fields, created_at, updated_at
     FROM accounts";
const BY_ID: &str =
    "SELECT id, external_id, name, segment, owner, arr, fields, created_at, updated_at
     FROM accounts WHERE id = $1";
const BY_EXTERNAL_ID: &str =
    "SELECT id, external_id, name, segment, owner, arr, fields, created_at, updated_at
     FROM accounts WHERE external_id = $1";

#[async_trait]
impl Accounts for Database {
    async fn create_account(
        &self,
        statement: &Statement,
        now: Timestamp,
    ) -> Result<Created, Failure> {
        let mut tx = self.write().await?;
        events::go_past(&mut tx, &self.ids).await?;
        let taken: Option<i64> = query_scalar("SELECT id FROM accounts WHERE external_id = $1")
            .bind(&statement.external_id)
            .fetch_optional(&mut tx)
            .await
            .doing("look up an account")?;
        if let Some(id) = taken {
            return Ok(Created::Taken(AccountId::stored(id)));
        }
        let account = self.new_account(statement, now);
        insert(&mut tx, self.writing(now), &account).await?;
        tx.commit(Point::MakeAccount).await?;
        Ok(Created::Account(account.id))
    }

    async fn upsert_accounts(
        &self,
        statements: &[Statement],
        progress: Option<&Progress>,
        now: Timestamp,
    ) -> Result<Vec<Upserted>, Failure> {
        let mut tx = self.write().await?;
        events::go_past(&mut tx, &self.ids).await?;
        let mut upserted = Vec::with_capacity(statements.len());
        for statement in statements {
            upserted.push(self.upsert(&mut tx, statement, now).await?);
        }
        if let Some(progress) = progress {
            query(
                "INSERT INTO imports (source, line, updated_at) VALUES ($1, $2, $3)
                 ON CONFLICT (source) DO UPDATE SET line = excluded.line, updated_at = excluded.updated_at",
            )
            .bind(&progress.source)
            .bind(number(progress.line))
            .bind(now.0)
            .execute(&mut tx)
            .await
            .doing("write down how far an import has come")?;
        }
        tx.commit(Point::ImportAccounts).await?;
        Ok(upserted)
    }

    async fn import_progress(&self, source: &str) -> Result<u64, Failure> {
        let line: Option<i64> = query_scalar("SELECT line FROM imports WHERE source = $1")
            .bind(source)
            .fetch_optional(&self.reader)
            .await
            .doing("ask how far an import has come")?;
        Ok(line.map_or(0, i64::unsigned_abs))
    }

    async fn accounts(
        &self,
        search: &Search,
        paging: Paging<AccountCursor>,
    ) -> Result<Page<Account, AccountCursor>, Failure> {
        let rows = self.page(search, &paging).await?;
        let rows = rows.iter().map(account).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, &paging, |row: &Account| AccountCursor {
            name: row.name.clone(),
            id: row.id,
        }))
    }

    async fn count_accounts(&self, search: &Search, limit: u32) -> Result<u64, Failure> {
        self.count(search, limit).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        let row = query(BY_ID)
            .bind(id.number())
            .fetch_optional(&self.reader)
            .await
            .doing("read an account")?;
        row.as_ref().map(account).transpose()
    }

    async fn account_by_external_id(&self, external_id: &str) -> Result<Option<Account>, Failure> {
        let row = query(BY_EXTERNAL_ID)
            .bind(external_id)
            .fetch_optional(&self.reader)
            .await
            .doing("read an account")?;
        row.as_ref().map(account).transpose()
    }

    async fn patch_account(
        &self,
        id: AccountId,
        members: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Option<Patched>, Failure> {
        let mut tx = self.write().await?;
        events::go_past(&mut tx, &self.ids).await?;
        let patched = patch(&mut tx, self.writing(now), id, members).await?;
        tx.commit(Point::ChangeAccount).await?;
        Ok(patched)
    }
}

impl Database {
    /// Accounts written for people and imports.
    fn writing(&self, now: Timestamp) -> Writing<'_> {
        Writing { ids: &self.ids, depth: 0, now }
    }

    fn new_account(&self, statement: &Statement, now: Timestamp) -> Account {
        Account {
            id: self.ids.account(now, Slot::of(&statement.external_id)),
            external_id: statement.external_id.clone(),
            name: statement.name.clone(),
            segment: statement.segment.clone(),
            owner: statement.owner.clone(),
            arr: statement.arr,
            fields: statement.fields.clone(),
            created_at: now,
            updated_at: now,
        }
    }

    async fn upsert(
        &self,
        tx: &mut Write,
        statement: &Statement,
        now: Timestamp,
    ) -> Result<Upserted, Failure> {
        let row = query(BY_EXTERNAL_ID)
            .bind(&statement.external_id)
            .fetch_optional(&mut *tx)
            .await
            .doing("look up an account")?;
        let Some(row) = row else {
            let account = self.new_account(statement, now);
            insert(tx, self.writing(now), &account).await?;
            return Ok(Upserted::Created(account.id));
        };
        let before = account(&row)?;
        let mut after = before.clone();
        after.name.clone_from(&statement.name);
        after.segment = statement.segment.clone().or(after.segment);
        after.owner = statement.owner.clone().or(after.owner);
        after.arr = statement.arr.or(after.arr);
        after.fields.extend(statement.fields.clone());
        if after == before {
            return Ok(Upserted::Unchanged(before.id));
        }
        after.updated_at = now;
        update(tx, self.writing(now), &before, &after).await?;
        Ok(Upserted::Changed(after.id))
    }
}

/// Writes members of an account within a transaction. `None` when there is no such account.
pub(super) async fn patch(
    tx: &mut Write,
    writing: Writing<'_>,
    id: AccountId,
    members: &Map<String, Value>,
) -> Result<Option<Patched>, Failure> {
    let row =
        query(BY_ID).bind(id.number()).fetch_optional(&mut *tx).await.doing("read an account")?;
    let Some(row) = row else { return Ok(None) };
    let before = account(&row)?;
    let mut after = before.clone();
    for (member, value) in members {
        if let Err(why) = put(&mut after, member, value) {
            return Ok(Some(Patched::Unfit { member: member.clone(), why }));
        }
    }
    if after != before {
        after.updated_at = writing.now;
        update(tx, writing, &before, &after).await?;
    }
    Ok(Some(Patched::Account(Box::new(after))))
}

/// Writes what a journey set. A value that does not fit its member is left out: the instance has it in its records, and the others stand.
pub(super) async fn write_fields(
    tx: &mut Write,
    writing: Writing<'_>,
    id: AccountId,
    members: &Map<String, Value>,
) -> Result<(), Failure> {
    let mut fitting = members.clone();
    while let Some(Patched::Unfit { member, why }) = patch(tx, writing, id, &fitting).await? {
        tracing::warn!(account.id = %id, member, why, "account field not written");
        fitting.remove(&member);
    }
    Ok(())
}

/// Sets one member: a fixed one of its type, any other a custom field.
fn put(account: &mut Account, member: &str, value: &Value) -> Result<(), &'static str> {
    match member {
        "id" | "external_id" | "created_at" | "updated_at" => Err("cannot be changed"),
        "name" => {
            let name = value.as_str().filter(|name| !name.trim().is_empty());
            name.ok_or("must be a text that is not empty")?.clone_into(&mut account.name);
            Ok(())
        }
        "segment" => text_or_null(value).map(|segment| account.segment = segment),
        "owner" => text_or_null(value).map(|owner| account.owner = owner),
        "arr" if value.is_null() => {
            account.arr = None;
            Ok(())
        }
        "arr" => {
            account.arr = Some(value.as_f64().ok_or("must be a number or null")?);
            Ok(())
        }
        _ => {
            if value.is_null() {
                account.fields.remove(member);
            } else {
                account.fields.insert(member.to_owned(), value.clone());
            }
            Ok(())
        }
    }
}

fn text_or_null(value: &Value) -> Result<Option<String>, &'static str> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err("must be a text or null")
        }
    }
}

async fn insert(tx: &mut Write, writing: Writing<'_>, account: &Account) -> Result<(), Failure> {
    query(
        "INSERT INTO accounts (id, external_id, name, segment, owner, arr, fields, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(account.id.number())
    .bind(&account.external_id)
    .bind(&account.name)
    .bind(&account.segment)
    .bind(&account.owner)
    .bind(account.arr)
    .bind(to_json(&account.fields)?)
    .bind(account.created_at.0)
    .execute(&mut *tx)
    .await
    .doing("make an account")?;
    changes::write_change(tx, writing, None, account).await
}

async fn update(
    tx: &mut Write,
    writing: Writing<'_>,
    before: &Account,
    account: &Account,
) -> Result<(), Failure> {
    query(
        "UPDATE accounts SET name = $2, segment = $3, owner = $4, arr = $5, fields = $6, updated_at = $7
         WHERE id = $1",
    )
    .bind(account.id.number())
    .bind(&account.name)
    .bind(&account.segment)
    .bind(&account.owner)
    .bind(account.arr)
    .bind(to_json(&account.fields)?)
    .bind(account.updated_at.0)
    .execute(&mut *tx)
    .await
    .doing("change an account")?;
    changes::write_change(tx, writing, Some(before), account).await
}

/// Reads a row of [`ACCOUNT`].
pub(super) fn account(row: &Row) -> Result<Account, Failure> {
    Ok(Account {
        id: AccountId::stored(row.int("id")?),
        external_id: row.text("external_id")?,
        name: row.text("name")?,
        segment: row.opt_text("segment")?,
        owner: row.opt_text("owner")?,
        arr: row.opt_double("arr")?,
        fields: row.json("fields")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}
