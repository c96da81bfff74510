use super::Memory;
use crate::{
    AccountId, Failure, JourneyId, Page, Paging, Triggers,
    accounts::Account,
    instances::Shadow,
    journeys::Mode,
    triggers::{DueTrigger, Entered, NewDate, Planned, Registered, TriggerKey},
};
use async_trait::async_trait;
use journey::{Timestamp, listing::Kind};
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: i64 = 86_400_000;

#[derive(Debug, Default)]
pub(super) struct Kept {
    rows: BTreeMap<TriggerKey, Row>,
    by_name: BTreeSet<(&'static str, String, TriggerKey)>,
    by_due: BTreeSet<(Timestamp, TriggerKey)>,
    /// What is planned for dates of accounts, and when they fire.
    dates: BTreeMap<(TriggerKey, AccountId), (String, Timestamp)>,
    dates_by_time: BTreeSet<(Timestamp, TriggerKey, AccountId)>,
    is_listed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) mode: Mode,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) listed_at: Timestamp,
    /// When time moves it next; 0 until it was looked at, `None` when time does not move it.
    pub(super) due: Option<Timestamp>,
    /// The last account of the round under way that is done.
    pub(super) done_to: Option<AccountId>,
}

#[async_trait]
impl Triggers for Memory {
    async fn listening(&self, kind: Kind, names: &[&str]) -> Result<Vec<Registered>, Failure> {
        let triggers = &self.kept().triggers;
        let names = names.iter().copied().map(str::to_owned);
        Ok(names.flat_map(|name| triggers.listening(kind, name)).collect())
    }

    async fn triggers_of(&self, journey: JourneyId) -> Result<Vec<Registered>, Failure> {
        let listed = self.kept().triggers.of_journey(journey);
        Ok(listed.into_iter().map(|(key, row)| registered(&key, &row)).collect())
    }

    async fn triggers_of_kind(&self, kind: Kind) -> Result<Vec<Registered>, Failure> {
        let triggers = &self.kept().triggers;
        let rows = triggers.rows.iter().filter(|(_, row)| row.kind == kind);
        Ok(rows.map(|(key, row)| registered(key, row)).collect())
    }

    async fn list_triggers_anew(&self, now: Timestamp) -> Result<bool, Failure> {
        let kept = &mut *self.to_write()?;
        if kept.triggers.is_listed {
            return Ok(false);
        }
        kept.triggers = Kept { is_listed: true, ..Kept::default() };
        for (journey, version, mode) in kept.journeys.followed() {
            kept.list(journey, version, mode, now);
        }
        Ok(true)
    }

    async fn due_triggers(&self, now: Timestamp, limit: u32) -> Result<Vec<DueTrigger>, Failure> {
        let kept = self.kept();
        let (node, triggers) = (self.node(), &kept.triggers);
        let due = triggers.by_due.iter().take_while(|(at, _)| *at <= now);
        let due = due.filter(|(_, key)| kept.nodes.is_own(node, key.journey.slot()));
        let due = due.take(limit as usize);
        let due = due.map(|(at, key)| {
            let row = &triggers.rows[key];
            let due = Some(*at).filter(|at| *at != Timestamp(0));
            DueTrigger { trigger: registered(key, row), due, done_to: row.done_to }
        });
        Ok(due.collect())
    }

    async fn round_done_to(&self, key: &TriggerKey, account: AccountId) -> Result<(), Failure> {
        if let Some(row) = self.kept().triggers.rows.get_mut(key) {
            row.done_to = Some(account);
        }
        Ok(())
    }

    async fn due_next(&self, key: &TriggerKey, due: Option<Timestamp>) -> Result<(), Failure> {
        let triggers = &mut self.to_write()?.triggers;
        if let Some(row) = triggers.rows.get(key).cloned() {
            triggers.write(key, Row { due, done_to: None, ..row });
        }
        Ok(())
    }

    async fn plan_dates(&self, dates: &[NewDate]) -> Result<(), Failure> {
        let kept = &mut *self.to_write()?;
        for NewDate { trigger, account, seen, moment } in dates {
            let as_seen = kept.accounts.get(*account).is_some_and(|row| row.updated_at == *seen);
            let is_followed = kept.triggers.rows.contains_key(trigger);
            match moment {
                None => drop(kept.triggers.take_date(trigger, *account)),
                Some(moment) if as_seen && is_followed => {
                    kept.triggers.put_date(trigger, *account, moment.clone());
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    async fn due_dates(&self, now: Timestamp, limit: u32) -> Result<Vec<Planned>, Failure> {
        let kept = self.kept();
        let (node, triggers) = (self.node(), &kept.triggers);
        let due = triggers.dates_by_time.iter().take_while(|(at, _, _)| *at <= now);
        let due = due.filter(|(_, _, account)| kept.nodes.is_own(node, account.slot()));
        let due = due.take(limit as usize).map(|(at, key, account)| Planned {
            trigger: key.clone(),
            account: *account,
            value: triggers.dates[&(key.clone(), *account)].0.clone(),
            fires_at: *at,
        });
        Ok(due.collect())
    }

    async fn dates_fired(&self, dates: &[Planned]) -> Result<(), Failure> {
        let triggers = &mut self.to_write()?.triggers;
        for Planned { trigger, account, value, fires_at } in dates {
            let planned = triggers.dates.get(&(trigger.clone(), *account));
            // One that was planned anew meanwhile stays.
            if planned.is_some_and(|(of, at)| (of, at) == (value, fires_at)) {
                triggers.take_date(trigger, *account);
            }
        }
        Ok(())
    }

    async fn accounts_in_order(
        &self,
        segment: Option<&str>,
        paging: Paging<AccountId>,
    ) -> Result<Page<Account, AccountId>, Failure> {
        Ok(self.kept().accounts.in_order(segment, &paging))
    }

    async fn entered(
        &self,
        journey: JourneyId,
        shadow: Option<u64>,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Entered, Failure> {
        let instances = &self.kept().instances;
        let side = shadow.map(|version| Shadow { journey, version });
        let counts =
            |row: &super::instances::Row| row.life.parent.is_none() && row.life.shadow == side;
        let own = || instances.entered(account, journey).filter(|(_, row)| counts(row));
        let starts = instances.started_since(journey, now.plus(-DAY_MS));
        Ok(Entered {
            running: own().find(|(_, row)| !row.state.is_over()).map(|(id, _)| id),
            last: own().map(|(_, row)| row.life.started_at).max(),
            starts: starts.filter(|row| counts(row)).count() as u64,
        })
    }

    async fn next_time(&self) -> Result<Option<Timestamp>, Failure> {
        let kept = self.kept();
        let (node, triggers) = (self.node(), &kept.triggers);
        let is_own = |slot| kept.nodes.is_own(node, slot);
        let mut due = triggers.by_due.iter();
        let due = due.find(|(_, key)| is_own(key.journey.slot())).map(|(at, _)| *at);
        let mut date = triggers.dates_by_time.iter();
        let date = date.find(|(_, _, account)| is_own(account.slot())).map(|(at, _, _)| *at);
        Ok(due.into_iter().chain(date).min())
    }
}

impl Kept {
    pub(super) fn get(&self, key: &TriggerKey) -> Option<&Row> {
        self.rows.get(key)
    }

    /// Whether a version has triggers, which is so while new instances follow it.
    pub(super) fn has_version(&self, journey: JourneyId, version: u64) -> bool {
        let first = TriggerKey { journey, version, node: String::new() };
        let next = self.rows.range(first..).next();
        next.is_some_and(|(key, _)| (key.journey, key.version) == (journey, version))
    }

    pub(super) fn of_journey(&self, journey: JourneyId) -> Vec<(TriggerKey, Row)> {
        let first = TriggerKey { journey, version: 0, node: String::new() };
        let rows = self.rows.range(first..).take_while(|(key, _)| key.journey == journey);
        rows.map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    pub(super) fn write(&mut self, key: &TriggerKey, row: Row) {
        self.remove(key);
        self.by_name.insert((row.kind.word(), row.name.clone(), key.clone()));
        row.due.map(|due| self.by_due.insert((due, key.clone())));
        self.rows.insert(key.clone(), row);
    }

    pub(super) fn remove(&mut self, key: &TriggerKey) {
        let Some(row) = self.rows.remove(key) else { return };
        row.due.map(|due| self.by_due.remove(&(due, key.clone())));
        self.by_name.remove(&(row.kind.word(), row.name, key.clone()));
    }

    /// What is planned for a trigger is planned for this one.
    pub(super) fn move_dates(&mut self, from: &TriggerKey, to: &TriggerKey) {
        for account in self.planned_for(from) {
            if let Some(moment) = self.take_date(from, account) {
                self.put_date(to, account, moment);
            }
        }
    }

    pub(super) fn drop_dates(&mut self, key: &TriggerKey) {
        for account in self.planned_for(key) {
            self.take_date(key, account);
        }
    }

    fn listening(&self, kind: Kind, name: String) -> impl Iterator<Item = Registered> {
        let least = TriggerKey { journey: JourneyId::stored(0), version: 0, node: String::new() };
        let rows = self.by_name.range((kind.word(), name.clone(), least)..);
        let rows = rows.take_while(move |(of, its, _)| (*of, its) == (kind.word(), &name));
        rows.map(|(_, _, key)| registered(key, &self.rows[key]))
    }

    fn planned_for(&self, key: &TriggerKey) -> Vec<AccountId> {
        let rows = self.dates.range((key.clone(), AccountId::stored(0))..);
        rows.take_while(|((of, _), _)| of == key).map(|((_, account), _)| *account).collect()
    }

    fn put_date(&mut self, key: &TriggerKey, account: AccountId, moment: (String, Timestamp)) {
        self.take_date(key, account);
        self.dates_by_time.insert((moment.1, key.clone(), account));
        self.dates.insert((key.clone(), account), moment);
    }

    fn take_date(&mut self, key: &TriggerKey, account: AccountId) -> Option<(String, Timestamp)> {
        let moment = self.dates.remove(&(key.clone(), account))?;
        self.dates_by_time.remove(&(moment.1, key.clone(), account));
        Some(moment)
    }
}

fn registered(key: &TriggerKey, row: &Row) -> Registered {
    Registered {
        key: key.clone(),
        mode: row.mode,
        kind: row.kind,
        name: row.name.clone(),
        listed_at: row.listed_at,
    }
}
