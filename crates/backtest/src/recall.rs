//! Reads what a workspace remembers.

use crate::{
    Progress, Question, Unanswered, limits,
    past::{Around, Happened, Past, Remembered, What, set},
};
use journey::{
    Called, Draft, Fact, Timestamp,
    listing::{self, Kind},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use store::{
    AccountId, JourneyId, Paging, Store,
    accounts::Account,
    connectors::{NewConnection, NewConnector},
    directory::NewTeam,
    events::{ACCOUNT_CHANGED, Event, Filter as Events},
    instances::Filter as Instances,
    journeys::{Mode, Version},
    limits::PAGE_ROWS,
};

/// The types of events that tell of segments, and of health.
const SEGMENTS: [&str; 2] = ["segment.entered", "segment.left"];
const HEALTH: &str = "health.changed";

/// Reads what a workspace remembers of the time that is asked for, newest first, so that accounts are led back to how they stood.
///
/// An event counts as of when it happened, by its sender, but never as later than it came in.
///
/// # Errors
///
/// There is too much of it, or the store cannot be read.
pub async fn recall(
    store: &dyn Store,
    question: Question,
    progress: &Progress,
) -> Result<Past, Unanswered> {
    let mut accounts = accounts(store).await?;
    let came_later = accounts.values().filter(|one| one.created_at > question.from).count() as u64;
    let around = around(store, &question).await?;
    let mut gathered = Gathered::default();
    let heard = heard(&question, &around);
    events(store, (&question, &heard), &mut accounts, &mut gathered, progress).await?;
    if let Some(journey) = question.journey {
        starts(store, journey, &question, &mut gathered, progress).await?;
    }
    let mut happened = gathered.happened;
    // What came at the same moment stays in the order in which it came in.
    happened.reverse();
    happened.sort_by_key(|one| one.at);
    progress.expect(happened.len());
    let accounts = accounts.into_values().collect();
    Ok(Past { question, accounts, came_later, happened, around })
}

async fn accounts(store: &dyn Store) -> Result<BTreeMap<AccountId, Account>, Unanswered> {
    let mut found = BTreeMap::new();
    let mut paging = Paging::first(PAGE_ROWS);
    loop {
        let page = store.accounts_in_order(None, paging).await?;
        found.extend(page.items.into_iter().map(|account| (account.id, account)));
        within("accounts", found.len(), limits::ACCOUNTS)?;
        let Some(next) = page.next else { return Ok(found) };
        paging = Paging::new(Some(next), PAGE_ROWS);
    }
}

pub(crate) fn within(what: &'static str, found: usize, limit: usize) -> Result<(), Unanswered> {
    if found > limit { Err(Unanswered::TooMuch { what, limit: limit as u64 }) } else { Ok(()) }
}

/// What happened, as far as it was read.
#[derive(Default)]
struct Gathered {
    happened: Vec<Happened>,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, at: Timestamp, what: What) -> Result<(), Unanswered> {
        self.bytes += what.bytes();
        self.happened.push(Happened { at, what });
        within("events and starts", self.happened.len(), limits::HAPPENED)?;
        within("bytes of what was said with events and starts", self.bytes, limits::TEXT)
    }
}

/// The types of events that could move anything: what nobody would have heard is not lived again. Changes of accounts are.
fn heard(question: &Question, around: &Around) -> BTreeSet<String> {
    let called = around.journeys.iter().map(|(_, _, version)| &version.draft);
    let mut heard = BTreeSet::from([ACCOUNT_CHANGED.to_owned()]);
    for draft in called.chain([&question.draft]) {
        for listed in listing::listed(draft) {
            match listed.kind {
                Kind::Event => drop(heard.insert(listed.name)),
                Kind::Segment => heard.extend(SEGMENTS.map(str::to_owned)),
                Kind::Health => drop(heard.insert(HEALTH.to_owned())),
                Kind::Manual
                | Kind::Webhook
                | Kind::Change
                | Kind::Schedule
                | Kind::Date
                | Kind::Journey => {}
            }
        }
        let waits = draft.nodes.iter().filter_map(|node| node.settings.get("event"));
        heard.extend(waits.filter_map(|event| event["name"].as_str().map(str::to_owned)));
    }
    heard
}

/// Leads accounts back to the beginning, and gathers the events of the time, newest first.
async fn events(
    store: &dyn Store,
    (question, heard): (&Question, &BTreeSet<String>),
    accounts: &mut BTreeMap<AccountId, Account>,
    gathered: &mut Gathered,
    progress: &Progress,
) -> Result<(), Unanswered> {
    let mut paging = Paging::first(PAGE_ROWS);
    loop {
        progress.goes_on()?;
        let page = store.events(&Events::default(), paging).await?;
        for event in page.items {
            if event.received_at < question.from {
                return Ok(());
            }
            lead_back(accounts, &event);
            let at = event.at.min(event.received_at);
            if (question.from..question.to).contains(&at) && heard.contains(&event.kind) {
                gathered.add(at, What::Event(Box::new(Remembered::of(event))))?;
            }
        }
        let Some(next) = page.next else { return Ok(()) };
        paging = Paging::new(Some(next), PAGE_ROWS);
    }
}

/// The account is as it was before the event, unless it was not known before that.
fn lead_back(accounts: &mut BTreeMap<AccountId, Account>, event: &Event) {
    let account = event.account.and_then(|id| accounts.get_mut(&id));
    let Some(account) = account.filter(|account| event.received_at > account.created_at) else {
        return;
    };
    for (member, before, _) in event.changes() {
        set(account, member, before);
    }
}

/// Gathers how people and deliveries started the journey at triggers that the draft has, too, newest first.
async fn starts(
    store: &dyn Store,
    journey: JourneyId,
    question: &Question,
    gathered: &mut Gathered,
    progress: &Progress,
) -> Result<(), Unanswered> {
    let from_outside = |kind| matches!(kind, Kind::Manual | Kind::Webhook);
    let triggers = listing::listed(&question.draft).into_iter();
    let triggers: BTreeSet<String> =
        triggers.filter(|listed| from_outside(listed.kind)).map(|listed| listed.node).collect();
    if triggers.is_empty() {
        return Ok(());
    }
    let filter =
        Instances { journey: Some(journey), mode: Some(Mode::Live), ..Instances::default() };
    let mut paging = Paging::first(PAGE_ROWS);
    loop {
        progress.goes_on()?;
        let page = store.instances(filter, paging).await?;
        for summary in page.items {
            if summary.started_at < question.from {
                return Ok(());
            }
            if summary.started_at >= question.to || summary.parent.is_some() {
                continue;
            }
            let first = store.records(summary.id, Paging::first(1)).await?.items.pop();
            let Some(Fact::Started { trigger, input }) = first.map(|record| record.fact) else {
                continue;
            };
            if triggers.contains(&trigger) {
                let account = summary.account.map(|account| account.id);
                let input = (*input).to_string().into_boxed_str();
                gathered.add(summary.started_at, What::Start { trigger, account, input })?;
            }
        }
        let Some(next) = page.next else { return Ok(()) };
        paging = Paging::new(Some(next), PAGE_ROWS);
    }
}

/// What the draft names, and what is named by the journeys it calls.
async fn around(store: &dyn Store, question: &Question) -> Result<Around, Unanswered> {
    let calendars = store.calendars().await?.into_iter().map(|at| at.calendar).collect();
    let mut around = Around { calendars, ..Around::default() };
    for (name, calendar) in store.calendars_of_teams().await? {
        let (members, lead, calendar) = (Vec::new(), None, Some(calendar));
        around.teams.push(NewTeam { name, members, lead, calendar });
    }
    let mut known: BTreeSet<JourneyId> = question.journey.into_iter().collect();
    let mut connections = BTreeSet::new();
    let mut to_read: VecDeque<Draft> = VecDeque::from([question.draft.clone()]);
    while let Some(draft) = to_read.pop_front() {
        let names = journey::references(&draft);
        connections.extend(names.connections.into_keys());
        for called in names.journeys {
            let Some((id, draft, version)) = called_by(store, &called).await? else { continue };
            if known.insert(id) {
                within("journeys that are called", known.len(), limits::CALLED)?;
                to_read.push_back(version.draft.clone());
                around.journeys.push((id, draft, version));
            }
        }
    }
    for name in connections {
        connection(store, &name, &mut around).await?;
    }
    Ok(around)
}

/// A journey that is called, with the version that would be followed today; `None` where a call would fail.
async fn called_by(
    store: &dyn Store,
    called: &Called,
) -> Result<Option<(JourneyId, Draft, Version)>, Unanswered> {
    let id = match called.journey.parse::<JourneyId>() {
        Ok(id) => Some(id),
        Err(_) => match store.journeys_named(&called.journey, 2).await?.as_slice() {
            [id] => Some(*id),
            _ => None,
        },
    };
    let Some(id) = id else { return Ok(None) };
    let number = match called.version {
        Some(number) => Some(number),
        None => store.live_version(id).await?,
    };
    let (Some(number), Some(at)) = (number, store.draft(id).await?) else { return Ok(None) };
    Ok(store.version(id, number).await?.map(|version| (id, at.draft, version)))
}

/// A connection and its connector, for the examples in its manifest; neither secrets nor the component are read out.
async fn connection(store: &dyn Store, name: &str, around: &mut Around) -> Result<(), Unanswered> {
    let Some(found) = store.connection_by_name(name).await? else { return Ok(()) };
    let is_known = around.connectors.iter().any(|one| one.name == found.connector);
    if !is_known && let Some(connector) = store.connector_by_name(&found.connector).await? {
        around.connectors.push(NewConnector {
            name: connector.name,
            version: connector.version,
            digest: connector.digest,
            manifest: connector.manifest,
            component: Vec::new(),
        });
    }
    let connector = found.connector;
    around.connections.push(NewConnection {
        name: found.name,
        connector,
        ..NewConnection::default()
    });
    Ok(())
}
