//! The whole check: every instance, rows that have no instance, and the files.

use crate::{
    Error, Evidence, acknowledged, chain,
    epochs::Grants,
    kept::readable,
    limits,
    lines::Lines,
    look::{Look, look},
    order,
    report::{
        Findings,
        Invariant::{self, I1, I2, I3, I4, I6, I9},
        Report, Tally,
    },
    sink::Sink,
    versions::Versions,
};
use journey::{Position, Timestamp};
use std::collections::BTreeSet;
use store::{
    Failure, FailureKind, InstanceId, Paging, Store,
    inventory::{IllListed, Rows},
    journeys::Summary,
    triggers::TriggerKey,
};

/// What nothing is compared with.
const BEYOND: [&str; 5] = [
    "people, teams, accounts, connectors, connections, hooks, calendars, drafts, reviews, back-tests, settings, sessions, messages, notices, and what published versions say",
    "events, planned dates, and what came of them but for its order",
    "tasks that are closed, and what the open ones say and which team has them",
    "which account an instance is of, what is above it, when it began, and a key it was started under that is gone",
    "which server holds what, and what servers know of each other",
];

/// A check under way.
pub(crate) struct Check<'a> {
    store: &'a dyn Store,
    versions: Versions,
    grants: Grants,
    tally: Tally,
    sink: Option<Sink>,
    now: Option<Timestamp>,
    /// Calls that succeeded and were not seen to arrive: they may have while the check ran.
    missing: BTreeSet<(InstanceId, Position)>,
}

/// Checks a store.
pub(crate) async fn run(store: &dyn Store, evidence: &Evidence) -> Result<Report, Error> {
    let mut tally = Tally::default();
    // A file that is not there is said at once, not after hours; it is read last, since it may grow meanwhile.
    let acknowledged = evidence.acknowledged.as_deref().map(Lines::open).transpose()?;
    let sink = match &evidence.sink {
        Some(path) => {
            let mut findings = Findings::default();
            let sink = Sink::read(path, &mut findings)?;
            tally.add(findings);
            Some(sink)
        }
        None => None,
    };
    let (versions, grants, missing) = (Versions::default(), Grants::default(), BTreeSet::new());
    let now = evidence.now;
    let damage = store.damage().await?;
    if !damage.is_empty() {
        return Ok(Report::damaged(damage));
    }
    let mut check = Check { store, versions, grants, tally, sink, now, missing };
    check.journeys().await?;
    check.triggers().await?;
    check.instances().await?;
    check.strangers().await?;
    check.starts().await?;
    check.tally.add(order::check(store).await?);
    check.tally.add(chain::check(store, evidence.audit_head.as_ref()).await?);
    check.rest_of_sink()?;
    if let Some(lines) = acknowledged {
        let findings = acknowledged::check(store, &mut check.versions, lines).await?;
        check.tally.add(findings);
    }
    let given = [
        (I1, evidence.acknowledged.is_none(), "no file says what was acknowledged"),
        (I6, evidence.sink.is_none(), "no file says what arrived outside"),
        (I9, check.tally.is_untouched(I9), "nothing is sealed yet, or every seal is gone"),
    ];
    let absent: Vec<(Invariant, &str)> = given
        .into_iter()
        .filter(|(_, is_absent, _)| *is_absent)
        .map(|(invariant, _, why)| (invariant, why))
        .collect();
    let mut beyond = BEYOND.to_vec();
    if evidence.acknowledged.is_none() {
        beyond.push("whether what was written last is there at all: nobody says what was acknowledged (--acknowledged)");
    }
    if evidence.audit_head.is_none() {
        beyond.push("whether the last lines of the audit log were removed: no seal is known from outside (--audit-head)");
    }
    if now.is_none() {
        beyond.push("when work may be taken up: nobody says what time it is");
    }
    Ok(check.tally.report(&absent, beyond))
}

impl Check<'_> {
    async fn instances(&mut self) -> Result<(), Failure> {
        let mut paging = Paging::first(limits::PAGE);
        loop {
            let page = self.store.instances_with(Rows::States, paging).await?;
            for id in page.items {
                self.instance(id).await?;
            }
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::PAGE);
        }
    }

    /// One that cannot be read is told, and keeps nobody from looking at the others.
    async fn instance(&mut self, id: InstanceId) -> Result<(), Failure> {
        self.tally.instances += 1;
        match self.look_at(id).await {
            Err(failure) if failure.kind() == FailureKind::Corrupt => {
                let mut findings = Findings::about(id);
                findings.found(I2, format_args!("it, or the version it goes by: {failure}"));
                self.tally.add(findings);
                self.done(id);
                Ok(())
            }
            looked => looked,
        }
    }

    /// What seems wrong is looked at once more; an instance that moves on meanwhile is looked at again.
    async fn look_at(&mut self, id: InstanceId) -> Result<(), Failure> {
        let mut first: Option<Findings> = None;
        for _ in 0..limits::LOOKS {
            let sink = self.sink.as_ref();
            let (mut findings, missing) =
                match look(self.store, &mut self.versions, (sink, self.now), id).await? {
                    Look::MovedOn => continue,
                    Look::At(findings, missing) => (findings, missing),
                };
            self.grants.check(self.store, id, &mut findings).await?;
            if !findings.is_clean() {
                let Some(first) = &first else {
                    first = Some(findings);
                    continue;
                };
                findings.confirmed_by(first);
            }
            self.miss(id, missing, &mut findings);
            self.tally.add(findings);
            self.done(id);
            return Ok(());
        }
        self.tally.busy += 1;
        self.done(id);
        Ok(())
    }

    fn done(&mut self, id: InstanceId) {
        if let Some(sink) = &mut self.sink {
            sink.done(id);
        }
    }

    fn miss(&mut self, id: InstanceId, positions: Vec<Position>, findings: &mut Findings) {
        for position in positions {
            if self.missing.len() < limits::MISSING {
                self.missing.insert((id, position));
            } else {
                never_arrived(id, position, findings);
            }
        }
    }

    /// The version that new instances go by is there.
    async fn journeys(&mut self) -> Result<(), Failure> {
        let mut paging = Paging::first(limits::PAGE);
        loop {
            let page = self.store.journeys(paging).await?;
            for Summary { id, live_version, .. } in page.items {
                let Some(live) = live_version else { continue };
                let mut findings = Findings::default();
                findings.looked(I2);
                if self.versions.get(self.store, id, live).await?.is_none() {
                    let what = "which new instances go by, is not there or cannot be followed";
                    findings.found(I2, format_args!("version {live} of {id}, {what}"));
                }
                self.tally.add(findings);
            }
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::PAGE);
        }
    }

    /// What opens instances is listed: nothing comes to a trigger that is not.
    async fn triggers(&mut self) -> Result<(), Failure> {
        let mut findings = Findings::default();
        for ill in readable(self.store.ill_listed().await, I2, &mut findings)?.unwrap_or_default() {
            match ill {
                IllListed::Missing(key) => findings
                    .found(I2, format_args!("{}, is not listed, and starts nothing", named(&key))),
                IllListed::Stray(key) => findings.found(
                    I2,
                    format_args!(
                        "{}, is listed, and new instances follow no version that has it",
                        named(&key)
                    ),
                ),
            }
        }
        self.tally.add(findings);
        Ok(())
    }

    /// What was opened under a key is there.
    async fn starts(&mut self) -> Result<(), Failure> {
        let mut paging = Paging::first(limits::PAGE);
        loop {
            let page = self.store.starts(paging).await?;
            for start in page.items {
                let mut findings = Findings::about(start.instance);
                findings.looked(I3);
                if !self.is_there(start.instance).await? {
                    let (journey, key) = (start.journey, &start.key);
                    findings.found(
                        I3,
                        format_args!(
                            "the key '{key}' opened it in {journey}, and there is no such instance"
                        ),
                    );
                }
                self.tally.add(findings);
            }
            let Some(next) = page.next else { return Ok(()) };
            paging = Paging::new(Some(next), limits::PAGE);
        }
    }

    /// Rows of instances that are not there.
    async fn strangers(&mut self) -> Result<(), Failure> {
        let kinds = [
            (Rows::Records, I2, "records"),
            (Rows::Work, I4, "work"),
            (Rows::Tasks, I4, "tasks"),
            (Rows::Listens, I4, "waits for events"),
        ];
        for (rows, invariant, what) in kinds {
            let mut paging = Paging::first(limits::PAGE);
            loop {
                let page = self.store.instances_with(rows, paging).await?;
                for id in page.items {
                    self.stranger(id, invariant, what).await?;
                }
                let Some(next) = page.next else { break };
                paging = Paging::new(Some(next), limits::PAGE);
            }
        }
        Ok(())
    }

    /// An instance is written together with its rows, and does not go before them.
    async fn stranger(
        &mut self,
        id: InstanceId,
        invariant: Invariant,
        what: &str,
    ) -> Result<(), Failure> {
        if !self.is_there(id).await? {
            let mut findings = Findings::about(id);
            findings.found(invariant, format_args!("there are {what} of it, and no such instance"));
            self.tally.add(findings);
        }
        Ok(())
    }

    async fn is_there(&self, id: InstanceId) -> Result<bool, Failure> {
        match self.store.columns(id).await {
            Ok(columns) => Ok(columns.is_some()),
            // It is, and was told.
            Err(failure) if failure.kind() == FailureKind::Corrupt => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// What arrived from nowhere, and what succeeded and never arrived.
    fn rest_of_sink(&mut self) -> Result<(), Error> {
        let Some(sink) = &self.sink else { return Ok(()) };
        let mut findings = Findings::default();
        sink.strangers(&mut findings);
        for (id, position) in sink.still_missing(std::mem::take(&mut self.missing))? {
            never_arrived(id, position, &mut findings);
        }
        self.tally.add(findings);
        Ok(())
    }
}

fn named(TriggerKey { journey, version, node }: &TriggerKey) -> String {
    format!("the trigger '{node}' of {journey}, version {version}")
}

fn never_arrived(id: InstanceId, position: Position, findings: &mut Findings) {
    let position = position.0;
    let what = format!("the call '{id}:{position}' succeeded, and never arrived at the sink");
    findings.found(I6, what);
}
