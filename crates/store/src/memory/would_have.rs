use super::{Kept as Everything, Memory, before, page};
use crate::{
    AccountId, Failure, Ids, InstanceId, JourneyId, Page, Paging, WouldHaveId, WouldHaves,
    commits::Commit,
    would_have::{Filter, IsMarked, Mark, Marked, NewDeed, Tally, WouldHave},
};
use async_trait::async_trait;
use journey::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const WEEK_MS: i64 = 604_800_000;
/// From Monday, 00:00 UTC, to the first moment of 1970, a Thursday.
const SINCE_MONDAY_MS: i64 = 259_200_000;

/// A shadow version.
type Version = (JourneyId, u64);

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<(Version, WouldHaveId), Row>,
    by_instance: BTreeSet<(InstanceId, WouldHaveId)>,
}

#[derive(Debug)]
struct Row {
    instance: InstanceId,
    account: Option<AccountId>,
    at: Timestamp,
    deed: NewDeed,
    marked: Option<Marked>,
}

#[async_trait]
impl WouldHaves for Memory {
    async fn would_have(
        &self,
        journey: JourneyId,
        version: u64,
        filter: Filter,
        paging: Paging<WouldHaveId>,
    ) -> Result<Page<WouldHave, WouldHaveId>, Failure> {
        let kept = self.kept();
        let end = paging.after.unwrap_or(WouldHaveId::stored(i64::MAX));
        let rows = kept.would_have.rows.range(before(Some(((journey, version), end)))).rev();
        let rows = rows.take_while(|((of, _), _)| *of == (journey, version));
        let rows = rows.filter(|(_, row)| is_wanted(row, filter)).map(|((_, id), row)| WouldHave {
            id: *id,
            instance: row.instance,
            account: kept.accounts.named(row.account),
            at: row.at,
            deed: row.deed.clone(),
            marked: row.marked.clone(),
        });
        Ok(page(rows, &paging, |row| row.id))
    }

    async fn mark(
        &self,
        (journey, version): (JourneyId, u64),
        id: WouldHaveId,
        marked: Option<&Marked>,
    ) -> Result<bool, Failure> {
        let rows = &mut self.to_write()?.would_have.rows;
        let Some(row) = rows.get_mut(&((journey, version), id)) else { return Ok(false) };
        row.marked = marked.cloned();
        Ok(true)
    }

    async fn tally(&self, journey: JourneyId, version: u64) -> Result<Tally, Failure> {
        let kept = self.kept();
        let first = ((journey, version), WouldHaveId::stored(0));
        let rows = || {
            let rows = kept.would_have.rows.range(first..);
            rows.take_while(|((of, _), _)| *of == (journey, version)).map(|(_, row)| row)
        };
        let mark = |row: &Row| row.marked.as_ref().map(|marked| marked.mark);
        let week = |at: Timestamp| Timestamp(at.0 - (at.0 + SINCE_MONDAY_MS).rem_euclid(WEEK_MS));
        let kinds = counted(rows().map(|row| (row.deed.kind.word(), row.deed.kind)));
        let marks = counted(rows().map(mark).map(|mark| (mark.map(Mark::word), mark)));
        let weeks = counted(rows().map(|row| (week(row.at), week(row.at))));
        Ok(Tally { kinds, marks, weeks })
    }

    async fn shadow_version(&self, journey: JourneyId) -> Result<Option<u64>, Failure> {
        Ok(self.kept().journeys.shadow(journey))
    }

    async fn stale_shadows(&self, limit: u32) -> Result<Vec<InstanceId>, Failure> {
        let kept = self.kept();
        let shadows = kept.instances.living_shadows();
        let stale = shadows.filter(|(_, row)| kept.is_stale(row)).map(|(id, _)| id);
        Ok(stale.take(limit as usize).collect())
    }
}

impl Everything {
    /// Whether the shadow version an instance runs for takes no triggers any more.
    fn is_stale(&self, row: &super::instances::Row) -> bool {
        let shadow = row.life.shadow;
        shadow.is_some_and(|of| self.journeys.shadow(of.journey) != Some(of.version))
    }
}

impl Kept {
    /// Writes down what a shadow step would have done.
    pub(super) fn write(&mut self, ids: &Ids, commit: &Commit) {
        let Some(shadow) = commit.life.shadow else { return };
        for deed in &commit.would_have {
            let id = ids.would_have(commit.at, commit.instance.slot());
            let row = Row {
                instance: commit.instance,
                account: commit.life.account,
                at: commit.at,
                deed: deed.clone(),
                marked: None,
            };
            self.by_instance.insert((commit.instance, id));
            self.rows.insert(((shadow.journey, shadow.version), id), row);
        }
    }

    /// What an instance of a shadow version would have done, oldest first; it is not kept any longer.
    pub(super) fn take_out(&mut self, version: Version, instance: InstanceId) -> Vec<NewDeed> {
        let least = (instance, WouldHaveId::stored(0));
        let ids = self.by_instance.range(least..).take_while(|(of, _)| *of == instance);
        let ids: Vec<WouldHaveId> = ids.map(|(_, id)| *id).collect();
        for id in &ids {
            self.by_instance.remove(&(instance, *id));
        }
        let rows = ids.into_iter().filter_map(|id| self.rows.remove(&(version, id)));
        rows.map(|row| row.deed).collect()
    }
}

fn is_wanted(row: &Row, filter: Filter) -> bool {
    let is_marked = match (filter.mark, &row.marked) {
        (None, _) | (Some(IsMarked::Not), None) => true,
        (Some(IsMarked::As(mark)), Some(marked)) => marked.mark == mark,
        (Some(IsMarked::As(_)), None) | (Some(IsMarked::Not), Some(_)) => false,
    };
    is_marked
        && filter.kind.is_none_or(|kind| row.deed.kind == kind)
        && (filter.account.is_none() || filter.account == row.account)
}

/// How many there are of each, in the order of what they are sorted by.
fn counted<K: Ord, T>(rows: impl Iterator<Item = (K, T)>) -> Vec<(T, u64)> {
    let mut counts: BTreeMap<K, (T, u64)> = BTreeMap::new();
    for (key, of) in rows {
        counts.entry(key).or_insert((of, 0)).1 += 1;
    }
    counts.into_values().collect()
}
