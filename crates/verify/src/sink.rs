//! What arrived outside, as the outside wrote it down.

use crate::{
    Error,
    lines::Lines,
    report::{Findings, Invariant::I6},
};
use journey::{Position, Timestamp};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use store::InstanceId;

/// A line: one call as it arrived. More members are passed by.
#[derive(Debug, Deserialize)]
struct Line {
    /// The idempotency key.
    key: String,
    #[serde(default)]
    at: Option<At>,
}

/// Milliseconds since 1970, or RFC 3339.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a time is milliseconds since 1970, or RFC 3339")]
enum At {
    Number(i64),
    Text(Moment),
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Moment(Timestamp);

impl TryFrom<String> for Moment {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Timestamp::from_rfc3339(&text).map(Self).ok_or("this is no time")
    }
}

impl At {
    fn moment(&self) -> Timestamp {
        match self {
            Self::Number(number) => Timestamp(*number),
            Self::Text(Moment(at)) => *at,
        }
    }
}

/// The first arrival under a key.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) position: Position,
    pub(crate) at: Option<Timestamp>,
}

/// What arrived, by instance: as many entries as there are keys.
#[derive(Debug)]
pub(crate) struct Sink {
    path: PathBuf,
    arrivals: BTreeMap<InstanceId, Vec<Arrival>>,
}

impl Sink {
    pub(crate) fn read(path: &Path, findings: &mut Findings) -> Result<Self, Error> {
        let mut arrivals: BTreeMap<InstanceId, BTreeMap<Position, Option<Timestamp>>> =
            BTreeMap::new();
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next::<Line>()? {
            let Some((instance, position)) = parse(&line.key) else {
                findings.looked(I6);
                let key = &line.key;
                findings
                    .found(I6, format_args!("the sink got the key '{key}', which is none of ours"));
                continue;
            };
            let at = line.at.as_ref().map(At::moment);
            let first = arrivals.entry(instance).or_default().entry(position).or_insert(at);
            *first = (*first).min(at).or(*first).or(at);
        }
        let arrivals = arrivals.into_iter().map(|(instance, of)| {
            (instance, of.into_iter().map(|(position, at)| Arrival { position, at }).collect())
        });
        Ok(Self { path: path.to_owned(), arrivals: arrivals.collect() })
    }

    /// What arrived from an instance.
    pub(crate) fn of(&self, instance: InstanceId) -> &[Arrival] {
        self.arrivals.get(&instance).map_or(&[], Vec::as_slice)
    }

    /// An instance was compared.
    pub(crate) fn done(&mut self, instance: InstanceId) {
        self.arrivals.remove(&instance);
    }

    /// What arrived from instances that are not there.
    pub(crate) fn strangers(&self, findings: &mut Findings) {
        for (instance, arrivals) in &self.arrivals {
            for Arrival { position, .. } in arrivals {
                findings.looked(I6);
                let position = position.0;
                findings.found(I6, format_args!("the sink got the key '{instance}:{position}', and there is no such instance"));
            }
        }
    }

    /// Looks once more for calls that succeeded while the instances were gone through; gives those that never arrived.
    pub(crate) fn still_missing(
        &self,
        mut missing: BTreeSet<(InstanceId, Position)>,
    ) -> Result<BTreeSet<(InstanceId, Position)>, Error> {
        let mut lines = Lines::open(&self.path)?;
        while !missing.is_empty()
            && let Some(line) = lines.next::<Line>()?
        {
            if let Some(key) = parse(&line.key) {
                missing.remove(&key);
            }
        }
        Ok(missing)
    }
}

/// Keys are `<instance>:<position>`, whatever the attempt.
fn parse(key: &str) -> Option<(InstanceId, Position)> {
    let (instance, position) = key.split_once(':')?;
    Some((instance.parse().ok()?, Position(position.parse().ok()?)))
}
