//! Review by a second person: what a draft depends on, what of it has changed since, and whether a version may be published.
//!
//! The one place that has the rule, for the interface and the command line.

use journey::{Called, Draft, References};
use store::{
    Failure, JourneyId, Paging, ReviewId, Store, journeys::Mode, reviews::Bundle,
    reviews::Dependency, reviews::Review, reviews::State,
};

use crate::cli::walk;

/// The setting that says whether a version goes live only after a review: yes or no; no until it is set.
pub(crate) const NEEDED: &str = "publishing_live_needs_review";

/// What the setting has for yes.
pub(crate) const YES: &str = "yes";

/// What it has for no.
pub(crate) const NO: &str = "no";

/// Whether a version goes live only after a review.
pub(crate) async fn is_needed(store: &dyn Store) -> Result<bool, Failure> {
    Ok(store.setting(NEEDED).await?.as_deref() == Some(YES))
}

/// What is to be published.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sought<'a> {
    /// This revision of the draft.
    Revision(u64),
    /// The draft of a shadow version.
    Drawing(&'a Draft),
}

impl Sought<'_> {
    fn was_reviewed(self, review: &Review, bundle: &Bundle) -> bool {
        match self {
            Self::Revision(revision) => review.revision == revision,
            Self::Drawing(draft) => bundle.draft == *draft,
        }
    }
}

/// Whether something may be published.
#[derive(Debug)]
pub(crate) enum Ruling {
    /// It may, under the approved review that is of it, if there is one.
    Free(Option<ReviewId>),
    /// It may not, for a reason that says what to do.
    Refused(String),
}

/// Whether something may be published in a mode. When the workspace asks for a review, a version goes live only under an approved one of
/// exactly this draft for going live, while all that the draft names is as it was when the review was asked for.
pub(crate) async fn rule(
    store: &dyn Store,
    journey: JourneyId,
    mode: Mode,
    sought: Sought<'_>,
) -> Result<Ruling, Failure> {
    let approved = store.approved_review(journey, mode).await?;
    let approved = approved.filter(|(review, bundle)| sought.was_reviewed(review, bundle));
    let is_needed = mode == Mode::Live && is_needed(store).await?;
    let Some((review, bundle)) = approved else {
        if is_needed {
            return Ok(Ruling::Refused(missing(store, journey).await?));
        }
        return Ok(Ruling::Free(None));
    };
    if is_needed {
        for dependency in &bundle.depends_on {
            if let Some(change) = change(store, dependency).await? {
                let id = review.id;
                return Ok(Ruling::Refused(format!(
                    "since it was reviewed, {change}: ask for another review ({id} was approved before that)"
                )));
            }
        }
    }
    Ok(Ruling::Free(Some(review.id)))
}

/// Why there is no review to publish under, and what to do.
async fn missing(store: &dyn Store, journey: JourneyId) -> Result<String, Failure> {
    let newest = store.reviews(journey, Paging::first(1)).await?.items.pop();
    let open = newest.filter(|review| review.state == State::Open);
    Ok(match open {
        Some(review) => format!(
            "a version goes live here only after a review by a second person; {} is open: have it approved, or ask for a review of this draft",
            review.id
        ),
        None => "a version goes live here only after a review by a second person: ask for a review of this draft, or publish it as a shadow"
            .to_owned(),
    })
}

/// What a draft names, as it is now; what is not there is left out, since a draft that names it is not published.
pub(crate) async fn depends_on(
    store: &dyn Store,
    journey: JourneyId,
    references: References,
) -> Result<Vec<Dependency>, Failure> {
    let mut found = Vec::new();
    for called in references.journeys {
        found.extend(called_now(store, called).await?.filter(|(id, _)| *id != journey));
    }
    let mut found: Vec<Dependency> = found.into_iter().map(|(_, dependency)| dependency).collect();
    for (name, operations) in references.connections {
        let connection = connection_now(store, &name).await?;
        found.extend(connection.map(|now| Dependency::Connection {
            name,
            connector: now.connector,
            version: now.version,
            digest: now.digest,
            operations,
        }));
    }
    if !references.teams.is_empty() {
        let is_named = |name: &String| references.teams.contains(name);
        found.extend(teams_now(store, is_named).await?);
    }
    for name in references.calendars {
        let calendar = store.calendar(&name).await?;
        found.extend(calendar.map(|at| Dependency::Calendar { calendar: Box::new(at.calendar) }));
    }
    Ok(found)
}

/// What has changed of something since it was frozen, in words; `None` when nothing has.
pub(crate) async fn change(
    store: &dyn Store,
    frozen: &Dependency,
) -> Result<Option<String>, Failure> {
    Ok(match frozen {
        Dependency::Journey { called, id, name, version } => {
            match called_now(store, called.clone()).await? {
                None => Some(format!("the journey '{name}' is not live any more")),
                Some((now, _)) if now != *id => {
                    Some(format!("'{}' is the name of another journey", called.journey))
                }
                Some((_, Dependency::Journey { version: now, .. })) if now != *version => {
                    Some(format!("the journey '{name}' has version {now}, not {version}"))
                }
                Some(_) => None,
            }
        }
        Dependency::Connection { name, connector, version, digest, .. } => {
            let now = connection_now(store, name).await?;
            match now {
                None => Some(format!("the connection '{name}' or its connector is gone")),
                Some(now) if now.connector != *connector => Some(format!(
                    "the connection '{name}' has another connector, {}",
                    now.connector
                )),
                Some(now) if now.digest != *digest => Some(format!(
                    "the connector '{connector}' of the connection '{name}' was replaced: {} then, {} now",
                    version, now.version
                )),
                Some(_) => None,
            }
        }
        Dependency::Team { name, .. } => {
            let now = teams_now(store, |team| team == name).await?.pop();
            match now {
                None => Some(format!("the team '{name}' is gone")),
                Some(now) if now != *frozen => {
                    Some(format!("the team '{name}' keeps the hours of another calendar"))
                }
                Some(_) => None,
            }
        }
        Dependency::Calendar { calendar } => {
            let name = calendar.name();
            match store.calendar(name).await? {
                None => Some(format!("the calendar '{name}' is gone")),
                Some(now) if now.calendar != **calendar => {
                    Some(format!("the calendar '{name}' was changed"))
                }
                Some(_) => None,
            }
        }
    })
}

/// The journey that a call would start now, and at which version; `None` also when several have the name.
async fn called_now(
    store: &dyn Store,
    called: Called,
) -> Result<Option<(JourneyId, Dependency)>, Failure> {
    let id = match called.journey.parse() {
        Ok(id) => id,
        Err(_) => match store.journeys_named(&called.journey, 2).await?.as_slice() {
            [id] => *id,
            _ => return Ok(None),
        },
    };
    let Some(found) = store.journey(id).await? else { return Ok(None) };
    let version = called.version.or(found.live_version);
    let name = found.name;
    Ok(version.map(|version| (id, Dependency::Journey { called, id, name, version })))
}

/// Whom a connection leads to.
struct Leads {
    connector: String,
    version: String,
    digest: String,
}

async fn connection_now(store: &dyn Store, name: &str) -> Result<Option<Leads>, Failure> {
    let Some(connection) = store.connection_by_name(name).await? else { return Ok(None) };
    let connector = store.connector_by_name(&connection.connector).await?;
    Ok(connector.map(|found| Leads {
        connector: found.name,
        version: found.version,
        digest: found.digest,
    }))
}

async fn teams_now(
    store: &dyn Store,
    is_named: impl Fn(&String) -> bool,
) -> Result<Vec<Dependency>, Failure> {
    let mut found = Vec::new();
    let keep = |team: store::directory::Team| {
        if is_named(&team.name) {
            found.push(Dependency::Team { name: team.name, calendar: team.calendar });
        }
    };
    walk(|paging| store.teams(paging), keep).await?;
    found.sort_by(|one, other| name_of(one).cmp(name_of(other)));
    Ok(found)
}

/// What people call it.
pub(crate) fn name_of(dependency: &Dependency) -> &str {
    match dependency {
        Dependency::Journey { name, .. }
        | Dependency::Connection { name, .. }
        | Dependency::Team { name, .. } => name,
        Dependency::Calendar { calendar } => calendar.name(),
    }
}
