//! What a workspace remembers of some time.

use crate::Question;
use journey::{Draft, Timestamp, calendar::Calendar};
use serde_json::Value;
use store::{
    AccountId, JourneyId, Memory,
    accounts::Account,
    connectors::{NewConnection, NewConnector},
    directory::NewTeam,
    events::NewEvent,
    journeys::Version,
};

/// What a workspace remembers of some time, and what a draft finds in it beside that.
#[derive(Debug)]
pub struct Past {
    pub(crate) question: Question,
    /// As they stood at its beginning.
    pub(crate) accounts: Vec<Account>,
    /// How many of them came into the workspace later.
    pub(crate) came_later: u64,
    /// In the order in which it happened.
    pub(crate) happened: Vec<Happened>,
    pub(crate) around: Around,
}

/// One thing that happened.
#[derive(Debug)]
pub(crate) struct Happened {
    pub(crate) at: Timestamp,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// An event came in; if it tells of a change of an account, that is made with it.
    Event(Box<NewEvent>),
    /// Someone outside started the journey, at this trigger.
    Start { trigger: String, account: Option<AccountId>, input: Value },
}

/// What a draft names, as it is today.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) journeys: Vec<(JourneyId, Draft, Version)>,
    pub(crate) connectors: Vec<NewConnector>,
    pub(crate) connections: Vec<NewConnection>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) teams: Vec<NewTeam>,
}

/// Sets what expressions read as `account.<member>`; `null` clears. What an account cannot be is left as it is.
pub(crate) fn set(account: &mut Account, member: &str, value: &Value) {
    let text = || value.as_str().map(str::to_owned);
    match member {
        "id" | "external_id" => {}
        "name" => account.name = text().unwrap_or_else(|| std::mem::take(&mut account.name)),
        "segment" => account.segment = text(),
        "owner" => account.owner = text(),
        "arr" => account.arr = value.as_f64(),
        _ if value.is_null() => drop(account.fields.remove(member)),
        _ => drop(account.fields.insert(member.to_owned(), value.clone())),
    }
}

impl Around {
    /// Puts it into a workspace.
    pub(crate) async fn fill(self, store: &Memory, now: Timestamp) -> Result<(), store::Failure> {
        use store::{Calendars, Connectors, Directory};
        for calendar in &self.calendars {
            store.create_calendar(calendar, now).await?;
        }
        for team in &self.teams {
            store.create_team(team, now).await?;
        }
        for connector in &self.connectors {
            store.install(connector, now).await?;
        }
        for connection in &self.connections {
            store.create_connection(connection, now).await?;
        }
        for (id, draft, version) in self.journeys {
            store.stand_journey(id, draft, now);
            store.stand_version(id, version);
        }
        Ok(())
    }
}
