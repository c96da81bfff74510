//! Customer accounts.

use crate::{AccountCursor, AccountId, Failure, Page, Paging};
use async_trait::async_trait;
use journey::Timestamp;
use serde_json::{Map, Value, json};

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: AccountId,
    pub external_id: String,
    pub name: String,
    pub segment: Option<String>,
    /// E-mail address of the owning user.
    pub owner: Option<String>,
    pub arr: Option<f64>,
    /// Custom fields.
    pub fields: Map<String, Value>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Account {
    /// The record that expressions read as `account`: custom fields lie flat beside the fixed ones, which win over their namesakes.
    pub fn to_value(&self) -> Value {
        let mut record = self.fields.clone();
        record.insert("id".to_owned(), json!(self.id));
        record.insert("external_id".to_owned(), json!(self.external_id));
        record.insert("name".to_owned(), json!(self.name));
        record.insert("segment".to_owned(), json!(self.segment));
        record.insert("owner".to_owned(), json!(self.owner));
        record.insert("arr".to_owned(), json!(self.arr));
        Value::Object(record)
    }
}

/// An account as a client or an import states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    pub external_id: String,
    pub name: String,
    pub segment: Option<String>,
    pub owner: Option<String>,
    pub arr: Option<f64>,
    pub fields: Map<String, Value>,
}

/// What became of one account of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upserted {
    Created(AccountId),
    Changed(AccountId),
    Unchanged(AccountId),
}

impl Upserted {
    /// Which account it is.
    pub fn id(self) -> AccountId {
        match self {
            Self::Created(id) | Self::Changed(id) | Self::Unchanged(id) => id,
        }
    }
}

/// How far an import has come: the first `line` lines of `source` are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Digest of the file and its mapping.
    pub source: String,
    pub line: u64,
}

/// What became of creating an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    Account(AccountId),
    /// The external id is taken by this one; nothing was made.
    Taken(AccountId),
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Patched {
    Account(Box<Account>),
    /// A member does not fit: its name and why. Nothing was written.
    Unfit {
        member: String,
        why: &'static str,
    },
}

/// Which accounts: whose name, external id or owner contains `q`, the letters A to Z in either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub q: Option<String>,
    pub segment: Option<String>,
}

/// Customer accounts.
#[async_trait]
pub trait Accounts {
    async fn create_account(&self, account: &Statement, now: Timestamp)
    -> Result<Created, Failure>;

    /// Writes a batch and how far the import has come in one transaction; running it again changes nothing. Stated fields are merged over
    /// what is there; an account without a segment, owner or ARR in the statement keeps what it has.
    async fn upsert_accounts(
        &self,
        accounts: &[Statement],
        progress: Option<&Progress>,
        now: Timestamp,
    ) -> Result<Vec<Upserted>, Failure>;

    /// Lines of `source` that are in; 0 when it is new.
    async fn import_progress(&self, source: &str) -> Result<u64, Failure>;

    /// By name.
    async fn accounts(
        &self,
        search: &Search,
        paging: Paging<AccountCursor>,
    ) -> Result<Page<Account, AccountCursor>, Failure>;

    /// How many there are, counted up to `limit`.
    async fn count_accounts(&self, search: &Search, limit: u32) -> Result<u64, Failure>;

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Failure>;

    async fn account_by_external_id(&self, external_id: &str) -> Result<Option<Account>, Failure>;

    /// Writes the members that are there; null clears. `None` when there is no such account.
    async fn patch_account(
        &self,
        id: AccountId,
        members: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Option<Patched>, Failure>;
}
