//! What nodes tell each other: that something changed or is due, a little later and many at once. Never needed, only quicker than looking.

use crate::{Change, limits, runtime::Inner, runtime::Standing};
use std::{
    collections::BTreeSet,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{InstanceId, JourneyId};
use tokio::{sync::Notify, time::sleep};

/// One thing that others may want to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hint {
    Work,
    Events,
    Migrations,
    Calendars,
    Published(JourneyId),
    Changed(Change),
}

/// Hints that are to be told.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    waiting: Mutex<BTreeSet<Hint>>,
    some: Notify,
}

impl Hints {
    fn add(&self, hint: Hint) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(hint);
        self.some.notify_one();
    }

    fn take(&self) -> BTreeSet<Hint> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Inner {
    /// Tells other nodes, if there are any.
    pub(crate) fn hint(&self, hint: Hint) {
        if self.has_company() {
            self.hints.add(hint);
        }
    }

    /// Tells who watches, here and on other nodes.
    pub(crate) fn tell(&self, change: Change) {
        self.changes.tell(change);
        self.hint(Hint::Changed(change));
    }

    fn hear(self: &Arc<Self>, hint: Hint) {
        match hint {
            Hint::Work => self.wake.notify_one(),
            Hint::Events => self.events.notify_one(),
            Hint::Migrations => self.migrations.notify_one(),
            Hint::Calendars => self.calendars.forget(),
            Hint::Published(journey) => {
                self.journeys.published(journey);
                self.times.notify_one();
            }
            Hint::Changed(change) => {
                self.changes.tell(change);
                if let Change::Instance { id, .. } = change
                    && self.rests.is_awaited(id)
                {
                    tokio::spawn(look_at(Arc::clone(self), id));
                }
            }
        }
    }
}

/// Another node moved an instance that someone here waits for.
async fn look_at(inner: Arc<Inner>, id: InstanceId) {
    if let Ok(Some(stored)) = inner.store.instance(id).await {
        let standing = Standing::of_stored(&stored);
        if standing.is_at_rest {
            inner.rests.tell(id, &standing);
        }
    }
}

/// Tells until it is aborted.
pub(crate) async fn tell(inner: Arc<Inner>, speaker: String) {
    loop {
        inner.hints.some.notified().await;
        // What comes within a moment is told at once.
        sleep(Duration::from_millis(limits::HINTS_MS)).await;
        let messages = messages(&speaker, &inner.hints.take());
        if let Err(failure) = inner.store.tell_nodes(&messages).await {
            tracing::debug!(error = %failure, "other nodes are not told; they look by themselves");
        }
    }
}

/// Listens until it is aborted.
pub(crate) async fn listen(inner: Arc<Inner>, speaker: String) {
    loop {
        match inner.store.hear().await {
            Ok(message) => {
                let mut lines = message.lines();
                if lines.next() == Some(speaker.as_str()) {
                    continue;
                }
                // A hint this release does not know is for another.
                for hint in lines.filter_map(|line| line.parse().ok()) {
                    inner.hear(hint);
                }
            }
            Err(failure) => {
                tracing::debug!(error = %failure, "other nodes are not heard; looking by itself");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Hints as lines below who says them, in as many messages as they need.
fn messages(speaker: &str, hints: &BTreeSet<Hint>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut message = speaker.to_owned();
    for hint in hints {
        let line = hint.to_string();
        if message.len() + 1 + line.len() > limits::HINT_BYTES {
            messages.push(std::mem::replace(&mut message, speaker.to_owned()));
        }
        message.push('\n');
        message.push_str(&line);
    }
    if message.len() > speaker.len() {
        messages.push(message);
    }
    messages
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work => f.write_str("work"),
            Self::Events => f.write_str("events"),
            Self::Migrations => f.write_str("migrations"),
            Self::Calendars => f.write_str("calendars"),
            Self::Published(journey) => write!(f, "published {journey}"),
            Self::Changed(Change::Instance { id, journey }) => write!(f, "instance {id} {journey}"),
            Self::Changed(Change::Task { id }) => write!(f, "task {id}"),
            Self::Changed(Change::Account { id }) => write!(f, "account {id}"),
            Self::Changed(Change::Notice { instance }) => write!(f, "notice {instance}"),
            Self::Changed(Change::Review { id, journey }) => write!(f, "review {id} {journey}"),
        }
    }
}

/// A line that is no hint.
#[derive(Debug)]
pub(crate) struct NotAHint;

impl FromStr for Hint {
    type Err = NotAHint;

    fn from_str(line: &str) -> Result<Self, NotAHint> {
        fn id<T: FromStr>(word: Option<&str>) -> Result<T, NotAHint> {
            word.and_then(|word| word.parse().ok()).ok_or(NotAHint)
        }
        let mut words = line.split(' ');
        Ok(match words.next().unwrap_or_default() {
            "work" => Self::Work,
            "events" => Self::Events,
            "migrations" => Self::Migrations,
            "calendars" => Self::Calendars,
            "published" => Self::Published(id(words.next())?),
            "instance" => {
                let (instance, journey) = (id(words.next())?, id(words.next())?);
                Self::Changed(Change::Instance { id: instance, journey })
            }
            "task" => Self::Changed(Change::Task { id: id(words.next())? }),
            "account" => Self::Changed(Change::Account { id: id(words.next())? }),
            "notice" => Self::Changed(Change::Notice { instance: id(words.next())? }),
            "review" => {
                let (review, journey) = (id(words.next())?, id(words.next())?);
                Self::Changed(Change::Review { id: review, journey })
            }
            _ => return Err(NotAHint),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::{Position, Timestamp};
    use store::{Ids, Slot, TaskId};

    #[test]
    fn hints_read_back_and_fit_into_messages() {
        let (ids, now) = (Ids::new(7), Timestamp(1_760_000_000_000));
        let journey = ids.journey(now, Slot::of("a"));
        let mut hints = BTreeSet::from([
            Hint::Work,
            Hint::Events,
            Hint::Migrations,
            Hint::Calendars,
            Hint::Published(journey),
            Hint::Changed(Change::Account { id: ids.account(now, Slot::of("b")) }),
            Hint::Changed(Change::Review { id: ids.review(now, Slot::of("c")), journey }),
        ]);
        for number in 0..500_u32 {
            let instance = ids.instance(now, Slot::of(&number.to_string()));
            hints.insert(Hint::Changed(Change::Instance { id: instance, journey }));
            let id = TaskId { instance, position: Position(number) };
            hints.insert(Hint::Changed(Change::Task { id }));
            hints.insert(Hint::Changed(Change::Notice { instance }));
        }
        let messages = messages("me", &hints);
        assert!(messages.len() > 1);
        let mut heard = BTreeSet::new();
        for message in &messages {
            assert!(message.len() <= limits::HINT_BYTES);
            let mut lines = message.lines();
            assert_eq!(lines.next(), Some("me"));
            heard.extend(lines.map(|line| line.parse::<Hint>().unwrap()));
        }
        assert_eq!(heard, hints);
        assert!("instance ins_1".parse::<Hint>().is_err() && "moon".parse::<Hint>().is_err());
    }
}
