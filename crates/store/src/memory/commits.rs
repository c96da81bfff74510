//! Group commit: the whole group is judged, then looked through for what must be unique, then written.

use super::{Kept, Memory, accounts::Writing, clash, instances::Row, out_of_reach};
use crate::{
    Commits, Failure, Ids, NodeId,
    commits::{Commit, Guard, Refused, TaskChange},
    instances::Life,
    inventory::Listening,
    listens::Ear,
};
use async_trait::async_trait;
use journey::Fact;
use serde_json::Map;

mod clashes;
mod judge;

#[async_trait]
impl Commits for Memory {
    async fn commit(&self, commits: &[Commit]) -> Result<Vec<Result<(), Refused>>, Failure> {
        let kept = &mut *self.to_write()?;
        let verdicts = judge::judge(kept, commits);
        let judged = commits.iter().zip(&verdicts);
        let accepted: Vec<&Commit> =
            judged.filter(|(_, verdict)| verdict.is_ok()).map(|(commit, _)| commit).collect();
        if clashes::are_there(kept, &accepted) {
            return Err(clash("commit a group of steps"));
        }
        kept.write(&self.ids, self.node(), &accepted);
        if self.is_cut_off() { Err(out_of_reach()) } else { Ok(verdicts) }
    }
}

impl Kept {
    /// Writes what may be written, one kind after the other for the whole group: an instance below another inherits what that one is
    /// after the group.
    fn write(&mut self, ids: &Ids, node: Option<NodeId>, group: &[&Commit]) {
        for commit in group {
            self.write_start(commit);
            self.write_instance(node, commit);
        }
        for commit in group {
            self.inherit(commit);
        }
        for commit in group {
            self.write_listens(commit);
            let reaction = commit.cause.iter().filter_map(|cause| cause.reaction.clone());
            self.events.react(ids, &reaction.collect::<Vec<_>>(), commit.at);
            self.write_work(node, commit);
        }
        for deed in group.iter().filter_map(|commit| commit.deed.as_ref()) {
            self.audit.write_down(ids, deed);
        }
        for request in group.iter().filter_map(|commit| commit.asked.as_ref()) {
            self.idempotency.mark(Some(request));
        }
        for commit in group {
            self.write_tasks(commit);
            self.write_account(ids, commit);
            self.notices.write(commit);
            self.would_have.write(ids, commit);
        }
    }

    fn write_start(&mut self, commit: &Commit) {
        if let Guard::New { dedupe_key: Some(key), .. } = &commit.guard {
            let start = (commit.life.journey, key.clone());
            self.instances.starts.insert(start, commit.instance);
        }
    }

    fn write_instance(&mut self, node: Option<NodeId>, commit: &Commit) {
        let old = self.instances.get(commit.instance);
        let of_shadow = commit.life.shadow.is_some() && !commit.overlay.is_empty();
        let overlay = match old {
            _ if of_shadow => commit.overlay.clone(),
            Some(old) => old.overlay.clone(),
            None => Map::new(),
        };
        let caused_by = commit.cause.as_ref().map(|cause| cause.event);
        let row = Row {
            // What it is a life of is fixed when it starts, but for the version.
            life: old.map_or(commit.life, |old| Life { version: commit.life.version, ..old.life }),
            state: commit.state.clone(),
            overlay,
            watches_account: commit.watches_account,
            moved_by: caused_by.max(old.and_then(|old| old.moved_by)),
            depth: depth(commit, old),
            updated_at: commit.at,
        };
        self.instances.write(commit.instance, row);
        for record in &commit.records {
            self.instances.add_record(commit.instance, node, record.clone());
        }
    }

    /// An instance below another is as deep as that one, and has heard what that one has.
    fn inherit(&mut self, commit: &Commit) {
        let (Some(parent), Guard::Below { .. }) = (commit.life.parent, &commit.guard) else {
            return;
        };
        let Some(above) = self.instances.get(parent) else { return };
        let (depth, moved_by) = (above.depth, above.moved_by);
        if let Some(row) = self.instances.get_mut(commit.instance) {
            row.depth = depth;
            row.moved_by = moved_by;
        }
    }

    fn write_listens(&mut self, commit: &Commit) {
        let id = commit.instance;
        for position in &commit.deaf {
            self.listens.end(id, *position);
        }
        for record in &commit.records {
            match &record.fact {
                // The waits of an instance that goes on with another version are found there.
                Fact::Migrated(migrated) => {
                    for wait in &migrated.waits {
                        let ear = (commit.life.version, wait.to.as_str());
                        self.listens.move_to(id, wait.position, ear);
                    }
                }
                // A wait that became an incident and is tried again may wait for another key.
                Fact::IncidentRetried { position, .. } => self.listens.end(id, *position),
                _ => {}
            }
        }
        let moved_by = self.instances.get(id).and_then(|row| row.moved_by);
        for listen in &commit.listens {
            let Some(wait) = commit.state.wait(listen.position) else { continue };
            let Life { journey, version, .. } = commit.life;
            let (name, node) = (listen.name.clone(), wait.node.clone());
            let ear = Ear { name, journey, version, node };
            let wait = Listening { position: listen.position, ear, key: listen.key.clone() };
            self.listens.begin(id, wait, moved_by);
        }
    }

    fn write_work(&mut self, node: Option<NodeId>, commit: &Commit) {
        for position in &commit.left {
            self.work.remove_at(commit.instance, *position);
        }
        if let Some((answered, _)) = &commit.done {
            self.work.remove(answered);
        }
        for work in &commit.work {
            self.work.write(node, (commit.instance, commit.life.journey), work);
        }
    }

    fn write_tasks(&mut self, commit: &Commit) {
        for change in &commit.tasks {
            if let TaskChange::Offer { position, offer } = change {
                self.tasks.offer(commit, *position, offer);
            }
        }
        for change in &commit.tasks {
            self.tasks.change(commit.instance, change, commit.at);
        }
    }

    fn write_account(&mut self, ids: &Ids, commit: &Commit) {
        let Some(account) = commit.life.account else { return };
        let depth = self.instances.get(commit.instance).map_or(0, |row| row.depth);
        let writing = Writing { ids, depth: depth.saturating_add(1), now: commit.at };
        let fields = &commit.account_fields;
        self.accounts.write_fields(&mut self.events, &writing, account, fields);
    }
}

/// An instance is as deep as the event that moved it last. Its own calls and timers leave it there; what a person does begins anew.
fn depth(commit: &Commit, old: Option<&Row>) -> u32 {
    match (&commit.cause, old) {
        (Some(cause), _) => cause.depth,
        (None, Some(old)) if commit.deed.is_none() => old.depth,
        (None, _) => 0,
    }
}
