//! What a workspace remembers of some time.

use crate::{Question, Unanswered};
use journey::{Draft, Timestamp, calendar::Calendar};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use store::{
    AccountId, JourneyId, Memory,
    accounts::Account,
    connectors::{NewConnection, NewConnector},
    directory::NewTeam,
    events::{Event, NewEvent},
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
    Event(Box<Remembered>),
    /// Someone outside started the journey, at this trigger, with an input that is held as its text.
    Start { trigger: String, account: Option<AccountId>, input: Box<str> },
}

impl What {
    /// How much text of what was said with it is held.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Event(remembered) => remembered.data.len(),
            Self::Start { input, .. } => input.len(),
        }
    }
}

/// An event as it is held until it happens again. There may be millions, and a map takes hundreds of bytes: its data are a text until then.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// Without its data.
    event: NewEvent,
    data: Box<str>,
}

impl Remembered {
    pub(crate) fn of(event: Event) -> Self {
        let Event { key, kind, account, at, depth, sent_by, data, .. } = event;
        let data = Value::Object(data).to_string().into_boxed_str();
        let event = NewEvent { key, kind, account, at, data: Map::new(), depth, sent_by };
        Self { event, data }
    }

    /// The event, to happen again.
    pub(crate) fn again(self) -> Result<NewEvent, Unanswered> {
        Ok(NewEvent { data: read(&self.data)?, ..self.event })
    }
}

/// Reads a text that was written to be held.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unanswered> {
    serde_json::from_str(text).map_err(|_| Unanswered::Broken("read what it wrote"))
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
