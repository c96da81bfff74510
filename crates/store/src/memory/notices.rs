use super::{Kept as Everything, Memory, before, page};
use crate::{
    Failure, NoticeCursor, NoticeId, Notices, Page, Paging, TaskId,
    commits::Commit,
    limits,
    notices::{AboutTask, Concerned, Notice},
};
use async_trait::async_trait;
use journey::{Position, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<NoticeId, Row>,
    by_time: BTreeSet<NoticeCursor>,
    by_whom: BTreeMap<Whom, BTreeSet<NoticeCursor>>,
    /// Up to when a person has seen theirs.
    seen: BTreeMap<String, Timestamp>,
}

#[derive(Debug)]
struct Row {
    position: Position,
    person: Option<String>,
    team: Option<String>,
    about: String,
    at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whom {
    Person(String),
    Team(String),
}

#[async_trait]
impl Notices for Memory {
    async fn notices(
        &self,
        whom: &Concerned,
        paging: Paging<NoticeCursor>,
    ) -> Result<Page<Notice, NoticeCursor>, Failure> {
        let kept = self.kept();
        let mut found: BTreeSet<NoticeCursor> = BTreeSet::new();
        for whom in all(whom) {
            let Some(theirs) = kept.notices.by_whom.get(&whom) else { continue };
            let theirs = theirs.range(before(paging.after)).rev();
            found.extend(theirs.take(paging.limit() as usize + 1));
        }
        let notices = found.into_iter().rev().filter_map(|at| kept.notice(at.id));
        Ok(page(notices, &paging, |notice| NoticeCursor { at: notice.at, id: notice.id }))
    }

    async fn unseen(&self, whom: &Concerned, since: Timestamp) -> Result<u64, Failure> {
        let notices = &self.kept().notices;
        let mut unseen: BTreeSet<NoticeCursor> = BTreeSet::new();
        let most = usize::try_from(limits::UNSEEN).unwrap_or(usize::MAX);
        for whom in all(whom) {
            let theirs = notices.by_whom.get(&whom).into_iter().flatten().rev();
            unseen.extend(theirs.take_while(|told| told.at > since).take(most));
        }
        Ok(limits::UNSEEN.min(unseen.len() as u64))
    }

    async fn seen_until(&self, person: &str) -> Result<Option<Timestamp>, Failure> {
        Ok(self.kept().notices.seen.get(person).copied())
    }

    async fn see(&self, person: &str, until: Timestamp) -> Result<(), Failure> {
        let seen = &mut self.to_write()?.notices.seen;
        let seen = seen.entry(person.to_owned()).or_insert(until);
        *seen = until.max(*seen);
        Ok(())
    }

    async fn forget_notices(&self, before: Timestamp, most: u32) -> Result<u64, Failure> {
        let notices = &mut self.to_write()?.notices;
        let old = notices.by_time.iter().take_while(|told| told.at < before);
        let old: Vec<NoticeCursor> = old.take(most as usize).copied().collect();
        for told in &old {
            notices.remove(*told);
        }
        Ok(old.len() as u64)
    }
}

impl Kept {
    pub(super) fn is_there(&self, id: NoticeId) -> bool {
        self.rows.contains_key(&id)
    }

    /// What a commit tells people. They are known by their addresses in lower case.
    pub(super) fn write(&mut self, commit: &Commit) {
        for (id, notice) in ids(commit).zip(&commit.notices) {
            let row = Row {
                position: notice.position,
                person: notice.to.user.as_ref().map(|user| user.to_lowercase()),
                team: notice.to.team.clone(),
                about: notice.about.clone(),
                at: commit.at,
            };
            let told = NoticeCursor { at: commit.at, id };
            self.by_time.insert(told);
            for whom in to(&row) {
                self.by_whom.entry(whom).or_default().insert(told);
            }
            self.rows.insert(id, row);
        }
    }

    fn remove(&mut self, told: NoticeCursor) {
        self.by_time.remove(&told);
        let Some(row) = self.rows.remove(&told.id) else { return };
        for whom in to(&row) {
            self.by_whom.entry(whom).or_default().remove(&told);
        }
    }
}

impl Everything {
    /// A notice as it is read; `None` when its instance or journey is not there.
    fn notice(&self, id: NoticeId) -> Option<Notice> {
        let row = &self.notices.rows[&id];
        let life = self.instances.get(id.instance)?.life;
        let task = TaskId { instance: id.instance, position: row.position };
        let task = self.tasks.get(task).map(|task| AboutTask {
            id: task.id,
            is_open: task.state.is_open(),
            team: task.team.clone(),
            holder: task.holder.clone(),
        });
        Some(Notice {
            id,
            at: row.at,
            about: row.about.clone(),
            person: row.person.clone(),
            team: row.team.clone(),
            journey: life.journey,
            journey_name: self.journeys.name(life.journey)?.to_owned(),
            account: self.accounts.named(life.account),
            task,
        })
    }
}

/// The ids of a commit's notices: its last record's number, and their places.
pub(super) fn ids(commit: &Commit) -> impl Iterator<Item = NoticeId> {
    let (instance, sequence) = (commit.instance, commit.state.sequence());
    let places = (0..).take(commit.notices.len());
    places.map(move |place| NoticeId { instance, sequence, place })
}

fn all(whom: &Concerned) -> impl Iterator<Item = Whom> {
    let person = std::iter::once(Whom::Person(whom.person.clone()));
    person.chain(whom.teams.iter().cloned().map(Whom::Team))
}

fn to(row: &Row) -> impl Iterator<Item = Whom> {
    let person = row.person.clone().map(Whom::Person);
    person.into_iter().chain(row.team.clone().map(Whom::Team))
}
