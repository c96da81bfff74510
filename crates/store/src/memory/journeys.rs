use super::{Kept as Everything, Memory, after, before, page};
use crate::{
    Failure, Ids, JourneyId, Journeys, Page, Paging, VersionId,
    journeys::{
        DraftAt, Mode, NewVersion, Promotion, Published, Saved, Summary, Version, VersionSummary,
    },
};
use async_trait::async_trait;
use journey::{Draft, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) rows: BTreeMap<JourneyId, Row>,
    by_name: BTreeSet<(String, JourneyId)>,
    pub(super) versions: BTreeMap<(JourneyId, u64), Version>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) draft: Draft,
    pub(super) revision: u64,
    pub(super) live: Option<u64>,
    /// The revision that the newest version was made of.
    pub(super) published: Option<u64>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

#[async_trait]
impl Journeys for Memory {
    async fn create_journey(&self, draft: &Draft, now: Timestamp) -> Result<JourneyId, Failure> {
        let id = self.ids.journey(now, self.ids.any_slot());
        let row = Row {
            draft: draft.clone(),
            revision: 1,
            live: None,
            published: None,
            created_at: now,
            updated_at: now,
        };
        self.to_write()?.journeys.write(id, row);
        Ok(id)
    }

    async fn journeys(
        &self,
        paging: Paging<JourneyId>,
    ) -> Result<Page<Summary, JourneyId>, Failure> {
        let kept = self.kept();
        let ids = kept.journeys.rows.range(before(paging.after)).rev();
        Ok(page(ids.filter_map(|(id, _)| kept.journey(*id)), &paging, |row| row.id))
    }

    async fn journeys_named(&self, name: &str, limit: u32) -> Result<Vec<JourneyId>, Failure> {
        let kept = self.kept();
        let named = kept.journeys.by_name.range((name.to_owned(), JourneyId::stored(0))..);
        let named = named.take_while(|(its, _)| its == name).map(|(_, id)| *id);
        Ok(named.take(limit as usize).collect())
    }

    async fn journey(&self, id: JourneyId) -> Result<Option<Summary>, Failure> {
        Ok(self.kept().journey(id))
    }

    async fn draft(&self, id: JourneyId) -> Result<Option<DraftAt>, Failure> {
        let kept = self.kept();
        let row = kept.journeys.rows.get(&id);
        Ok(row.map(|row| DraftAt { draft: row.draft.clone(), revision: row.revision }))
    }

    async fn save_draft(
        &self,
        id: JourneyId,
        draft: &Draft,
        expected: u64,
        now: Timestamp,
    ) -> Result<Option<Saved>, Failure> {
        let journeys = &mut self.to_write()?.journeys;
        let Some(row) = journeys.rows.get(&id) else { return Ok(None) };
        if row.revision != expected {
            return Ok(Some(Saved::LostRace { current: row.revision }));
        }
        let (draft, revision) = (draft.clone(), expected + 1);
        journeys.write(id, Row { draft, revision, updated_at: now, ..*row });
        Ok(Some(Saved::Revision(revision)))
    }

    async fn publish(
        &self,
        id: JourneyId,
        version: &NewVersion,
        now: Timestamp,
    ) -> Result<Option<Published>, Failure> {
        let kept = &mut *self.to_write()?;
        let Some(row) = kept.journeys.rows.get_mut(&id) else { return Ok(None) };
        if row.revision != version.revision {
            return Ok(Some(Published::LostRace { current: row.revision }));
        }
        row.published = Some(row.revision);
        let (id, number) = kept.publish(&self.ids, id, version, now);
        Ok(Some(Published::Version { id, number }))
    }

    async fn promote(
        &self,
        id: JourneyId,
        number: u64,
        promotion: &Promotion,
        now: Timestamp,
    ) -> Result<Option<(VersionId, u64)>, Failure> {
        let kept = &mut *self.to_write()?;
        if kept.journeys.shadow(id) != Some(number) {
            return Ok(None);
        }
        let version = NewVersion {
            draft: kept.journeys.versions[&(id, number)].draft.clone(),
            revision: kept.journeys.rows[&id].revision,
            mode: Mode::Live,
            note: promotion.note.clone(),
            by: promotion.by.clone(),
            review: promotion.review,
        };
        Ok(Some(kept.publish(&self.ids, id, &version, now)))
    }

    async fn versions(
        &self,
        id: JourneyId,
        paging: Paging<u64>,
    ) -> Result<Page<VersionSummary, u64>, Failure> {
        let kept = self.kept();
        let rows = kept.journeys.versions.range((id, 0)..(id, paging.after.unwrap_or(u64::MAX)));
        let rows = rows.rev().map(|(_, version)| VersionSummary {
            id: version.id,
            number: version.number,
            mode: version.mode,
            note: version.note.clone(),
            published_at: version.published_at,
            published_by: version.published_by.clone(),
        });
        Ok(page(rows, &paging, |row| row.number))
    }

    async fn version(&self, id: JourneyId, number: u64) -> Result<Option<Version>, Failure> {
        Ok(self.kept().journeys.versions.get(&(id, number)).cloned())
    }

    async fn live_version(&self, id: JourneyId) -> Result<Option<u64>, Failure> {
        Ok(self.kept().journeys.rows.get(&id).and_then(|row| row.live))
    }
}

impl Everything {
    fn journey(&self, id: JourneyId) -> Option<Summary> {
        let row = self.journeys.rows.get(&id)?;
        Some(Summary {
            id,
            name: row.draft.name.clone(),
            description: row.draft.description.clone().unwrap_or_default(),
            live_version: row.live,
            running: self.instances.running(id),
            unpublished_changes: row.published != Some(row.revision),
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// Adds a version after the newest, and lists its triggers.
    fn publish(
        &mut self,
        ids: &Ids,
        journey: JourneyId,
        new: &NewVersion,
        now: Timestamp,
    ) -> (VersionId, u64) {
        let id = ids.version(now, ids.any_slot());
        let number = self.journeys.newest(journey) + 1;
        let version = Version {
            id,
            number,
            mode: new.mode,
            note: new.note.clone(),
            draft: new.draft.clone(),
            published_at: now,
            published_by: new.by.clone(),
        };
        self.journeys.versions.insert((journey, number), version);
        if let (Mode::Live, Some(row)) = (new.mode, self.journeys.rows.get_mut(&journey)) {
            row.live = Some(number);
        }
        self.reviews.mark_published(new.review, number);
        self.list_published((journey, number, new.mode), now);
        (id, number)
    }
}

impl Kept {
    pub(super) fn name(&self, id: JourneyId) -> Option<&str> {
        self.rows.get(&id).map(|row| row.draft.name.as_str())
    }

    pub(super) fn revision(&self, id: JourneyId) -> Option<u64> {
        self.rows.get(&id).map(|row| row.revision)
    }

    /// The draft of a published version.
    pub(super) fn published(&self, journey: JourneyId, number: u64) -> Option<&Draft> {
        self.versions.get(&(journey, number)).map(|version| &version.draft)
    }

    /// Every version, by its journey.
    pub(super) fn versions(&self) -> impl Iterator<Item = (JourneyId, &Version)> {
        self.versions.iter().map(|((journey, _), version)| (*journey, version))
    }

    /// The newest shadow version, when it is newer than what is live.
    pub(super) fn shadow(&self, journey: JourneyId) -> Option<u64> {
        let live = self.rows.get(&journey)?.live.unwrap_or(0);
        let newer = self.versions.range(after(Some((journey, live))));
        let newer = newer.take_while(|((of, _), _)| *of == journey);
        newer
            .filter(|(_, version)| version.mode == Mode::Shadow)
            .map(|((_, number), _)| *number)
            .last()
    }

    /// The versions new instances follow: each journey's live one, and then the shadows beside them.
    pub(super) fn followed(&self) -> Vec<(JourneyId, u64, Mode)> {
        let live = self.rows.iter().filter_map(|(id, row)| Some((*id, row.live?, Mode::Live)));
        let shadows =
            self.rows.keys().filter_map(|id| Some((*id, self.shadow(*id)?, Mode::Shadow)));
        live.chain(shadows).collect()
    }

    fn newest(&self, journey: JourneyId) -> u64 {
        let mut versions = self.versions.range((journey, 0)..=(journey, u64::MAX));
        versions.next_back().map_or(0, |((_, number), _)| *number)
    }

    pub(super) fn write(&mut self, id: JourneyId, row: Row) {
        if let Some(old) = self.rows.get(&id) {
            self.by_name.remove(&(old.draft.name.clone(), id));
        }
        self.by_name.insert((row.draft.name.clone(), id));
        self.rows.insert(id, row);
    }
}
