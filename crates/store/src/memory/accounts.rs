use super::{Memory, after, events, page};
use crate::{
    AccountCursor, AccountId, Accounts, Failure, Ids, Page, Paging, Slot,
    accounts::{Account, Created, Patched, Progress, Search, Statement, Upserted},
    events::{ACCOUNT_CHANGED, NewEvent},
    instances::AccountRef,
};
use async_trait::async_trait;
use journey::Timestamp;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Included},
};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<AccountId, Account>,
    by_external_id: BTreeMap<String, AccountId>,
    by_name: BTreeSet<(String, AccountId)>,
    by_segment: BTreeSet<(String, AccountId)>,
    /// Lines that are in, by source.
    imports: BTreeMap<String, u64>,
}

/// How an account is written.
pub(super) struct Writing<'a> {
    pub(super) ids: &'a Ids,
    /// How many events had brought each other about before what writes it.
    pub(super) depth: u32,
    pub(super) now: Timestamp,
}

#[async_trait]
impl Accounts for Memory {
    async fn create_account(
        &self,
        statement: &Statement,
        now: Timestamp,
    ) -> Result<Created, Failure> {
        let kept = &mut *self.to_write()?;
        if let Some(taken) = kept.accounts.by_external_id.get(&statement.external_id) {
            return Ok(Created::Taken(*taken));
        }
        let account = new_account(&self.ids, statement, now);
        let id = account.id;
        kept.accounts.write(&mut kept.events, &self.writing(now), account);
        Ok(Created::Account(id))
    }

    async fn upsert_accounts(
        &self,
        accounts: &[Statement],
        progress: Option<&Progress>,
        now: Timestamp,
    ) -> Result<Vec<Upserted>, Failure> {
        let kept = &mut *self.to_write()?;
        let upsert =
            |statement| kept.accounts.upsert(&mut kept.events, &self.writing(now), statement);
        let upserted = accounts.iter().map(upsert).collect();
        if let Some(Progress { source, line }) = progress {
            kept.accounts.imports.insert(source.clone(), *line);
        }
        Ok(upserted)
    }

    async fn import_progress(&self, source: &str) -> Result<u64, Failure> {
        Ok(self.kept().accounts.imports.get(source).copied().unwrap_or(0))
    }

    async fn accounts(
        &self,
        search: &Search,
        paging: Paging<AccountCursor>,
    ) -> Result<Page<Account, AccountCursor>, Failure> {
        let accounts = &self.kept().accounts;
        let cursor = paging.after.as_ref().map(|cursor| (cursor.name.clone(), cursor.id));
        let rows = accounts.by_name.range(after(cursor)).map(|(_, id)| &accounts.rows[id]);
        let found = rows.filter(|account| is_found(account, search)).cloned();
        Ok(page(found, &paging, |row| AccountCursor { name: row.name.clone(), id: row.id }))
    }

    async fn count_accounts(&self, search: &Search, limit: u32) -> Result<u64, Failure> {
        let accounts = &self.kept().accounts;
        let found = accounts.rows.values().filter(|account| is_found(account, search));
        Ok(found.take(limit as usize).count() as u64)
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Failure> {
        Ok(self.kept().accounts.rows.get(&id).cloned())
    }

    async fn account_by_external_id(&self, external_id: &str) -> Result<Option<Account>, Failure> {
        let accounts = &self.kept().accounts;
        Ok(accounts.by_external_id.get(external_id).map(|id| accounts.rows[id].clone()))
    }

    async fn patch_account(
        &self,
        id: AccountId,
        members: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Option<Patched>, Failure> {
        let kept = &mut *self.to_write()?;
        let Some(mut account) = kept.accounts.rows.get(&id).cloned() else { return Ok(None) };
        for (member, value) in members {
            if let Err(why) = put(&mut account, member, value) {
                return Ok(Some(Patched::Unfit { member: member.clone(), why }));
            }
        }
        let writing = self.writing(now);
        let account = kept.accounts.write(&mut kept.events, &writing, account);
        Ok(Some(Patched::Account(Box::new(account))))
    }
}

impl Memory {
    /// Accounts written for people and imports.
    fn writing(&self, now: Timestamp) -> Writing<'_> {
        Writing { ids: &self.ids, depth: 0, now }
    }
}

impl Kept {
    pub(super) fn get(&self, id: AccountId) -> Option<&Account> {
        self.rows.get(&id)
    }

    /// Enough of an account to show and link it; `None` without one, or when it is not there.
    pub(super) fn named(&self, id: Option<AccountId>) -> Option<AccountRef> {
        let account = self.rows.get(&id?)?;
        let (external_id, name) = (account.external_id.clone(), account.name.clone());
        Some(AccountRef { id: account.id, external_id, name })
    }

    /// The oldest account of which some field, however deep, is called `calendar` and names this one.
    pub(super) fn naming_calendar(&self, name: &str) -> Option<&Account> {
        let member = super::calendars::member(name);
        let names = |account: &&Account| json!(account.fields).to_string().contains(&member);
        self.rows.values().find(names)
    }

    /// Writes what a journey set. A value that does not fit its member is left out.
    pub(super) fn write_fields(
        &mut self,
        events: &mut events::Kept,
        writing: &Writing<'_>,
        id: AccountId,
        members: &Map<String, Value>,
    ) {
        let Some(mut account) = self.rows.get(&id).cloned() else { return };
        for (member, value) in members {
            if let Err(why) = put(&mut account, member, value) {
                tracing::warn!(account.id = %id, member, why, "account field not written");
            }
        }
        self.write(events, writing, account);
    }

    /// The accounts of a segment, or all of them, by id.
    pub(super) fn in_order(
        &self,
        segment: Option<&str>,
        paging: &Paging<AccountId>,
    ) -> Page<Account, AccountId> {
        let Some(segment) = segment.map(str::to_owned) else {
            return page(
                self.rows.range(after(paging.after)).map(|(_, row)| row.clone()),
                paging,
                |row| row.id,
            );
        };
        let first = paging.after.unwrap_or(AccountId::stored(0));
        let last = AccountId::stored(i64::MAX);
        let range = (Excluded((segment.clone(), first)), Included((segment, last)));
        page(self.by_segment.range(range).map(|(_, id)| self.rows[id].clone()), paging, |row| {
            row.id
        })
    }

    fn upsert(
        &mut self,
        events: &mut events::Kept,
        writing: &Writing<'_>,
        statement: &Statement,
    ) -> Upserted {
        let Some(id) = self.by_external_id.get(&statement.external_id).copied() else {
            let account = new_account(writing.ids, statement, writing.now);
            return Upserted::Created(self.write(events, writing, account).id);
        };
        let before = self.rows[&id].clone();
        let mut account = before.clone();
        account.name.clone_from(&statement.name);
        account.segment = statement.segment.clone().or(account.segment);
        account.owner = statement.owner.clone().or(account.owner);
        account.arr = statement.arr.or(account.arr);
        account.fields.extend(statement.fields.clone());
        if account == before {
            return Upserted::Unchanged(id);
        }
        self.write(events, writing, account);
        Upserted::Changed(id)
    }

    /// Writes an account that is new or another than it was, with the event of its change; what is as it was stays as it is.
    fn write(
        &mut self,
        events: &mut events::Kept,
        writing: &Writing<'_>,
        mut account: Account,
    ) -> Account {
        let old = self.rows.get(&account.id);
        if old == Some(&account) {
            return account;
        }
        account.updated_at = writing.now;
        let fields = changed(old, &account);
        self.stand(account.clone());
        if !fields.is_empty() {
            events.take_in(writing.ids, &change_of(account.id, fields, writing), writing.now);
        }
        account
    }

    /// The account is so from now on.
    pub(super) fn stand(&mut self, account: Account) {
        if let Some(old) = self.rows.get(&account.id) {
            self.by_name.remove(&(old.name.clone(), old.id));
            let segment = old.segment.clone();
            segment.map(|segment| self.by_segment.remove(&(segment, account.id)));
        }
        self.by_external_id.insert(account.external_id.clone(), account.id);
        self.by_name.insert((account.name.clone(), account.id));
        let segment = account.segment.clone();
        segment.map(|segment| self.by_segment.insert((segment, account.id)));
        self.rows.insert(account.id, account);
    }
}

fn new_account(ids: &Ids, statement: &Statement, now: Timestamp) -> Account {
    Account {
        id: ids.account(now, Slot::of(&statement.external_id)),
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

/// Sets one member: a fixed one of its type, any other a custom field. Null clears.
fn put(account: &mut Account, member: &str, value: &Value) -> Result<(), &'static str> {
    let text = || match value {
        Value::Null => Ok(None),
        _ => value.as_str().map(|text| Some(text.to_owned())).ok_or("must be a text or null"),
    };
    match member {
        "id" | "external_id" | "created_at" | "updated_at" => return Err("cannot be changed"),
        "name" => match value.as_str() {
            Some(name) if !name.trim().is_empty() => name.clone_into(&mut account.name),
            _ => return Err("must be a text that is not empty"),
        },
        "segment" => account.segment = text()?,
        "owner" => account.owner = text()?,
        "arr" => match (value, value.as_f64()) {
            (Value::Null, _) => account.arr = None,
            (_, None) => return Err("must be a number or null"),
            (_, arr) => account.arr = arr,
        },
        _ if value.is_null() => {
            account.fields.remove(member);
        }
        _ => {
            account.fields.insert(member.to_owned(), value.clone());
        }
    }
    Ok(())
}

/// The members that expressions read differently, each with its value before and after.
fn changed(before: Option<&Account>, after: &Account) -> Map<String, Value> {
    let read = |account: Option<&Account>| match account.map(Account::to_value) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let (before, after) = (read(before), read(Some(after)));
    let members: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |of: &Map<String, Value>, member: &str| of.get(member).cloned().unwrap_or_default();
    let change = |member: &String| {
        let (from, to) = (value(&before, member), value(&after, member));
        let is_changed = member != "id" && from != to;
        is_changed.then(|| (member.clone(), json!({ "from": from, "to": to })))
    };
    members.into_iter().filter_map(change).collect()
}

fn change_of(account: AccountId, fields: Map<String, Value>, writing: &Writing<'_>) -> NewEvent {
    let object = ("object".to_owned(), json!("account"));
    NewEvent {
        key: None,
        kind: ACCOUNT_CHANGED.to_owned(),
        account: Some(account),
        at: writing.now,
        data: Map::from_iter([object, ("fields".to_owned(), Value::Object(fields))]),
        depth: writing.depth,
        sent_by: None,
    }
}

fn is_found(account: &Account, search: &Search) -> bool {
    let in_segment = search.segment.is_none() || search.segment == account.segment;
    let q = search.q.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
    let contains = |text: &str| text.to_ascii_lowercase().contains(&q);
    let owner = account.owner.as_deref();
    let has_it =
        contains(&account.name) || contains(&account.external_id) || owner.is_some_and(contains);
    in_segment && (q.is_empty() || has_it)
}
