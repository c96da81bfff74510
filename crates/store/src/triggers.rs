//! The registry of triggers: which versions listen to what, and when time opens an instance.

use crate::{AccountId, Failure, InstanceId, JourneyId, Page, Paging, journeys::Mode};
use async_trait::async_trait;
use journey::{Timestamp, listing::Kind};

/// A trigger of a version that new instances follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TriggerKey {
    pub journey: JourneyId,
    pub version: u64,
    pub node: String,
}

/// A trigger as the registry has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub key: TriggerKey,
    pub mode: Mode,
    pub kind: Kind,
    /// What it listens to, as [`journey::listing`] writes it.
    pub name: String,
    pub listed_at: Timestamp,
}

/// A trigger that time moves: a schedule whose time has come, or a round over accounts that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueTrigger {
    pub trigger: Registered,
    /// The time it stands for; `None` before it was looked at first.
    pub due: Option<Timestamp>,
    /// The last account of the round under way that is done.
    pub done_to: Option<AccountId>,
}

/// When a date of an account opens an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub trigger: TriggerKey,
    pub account: AccountId,
    /// The date as the account has it.
    pub value: String,
    pub fires_at: Timestamp,
}

/// What is planned for a date of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDate {
    pub trigger: TriggerKey,
    pub account: AccountId,
    /// The account's last change when it was read; one that changed since is planned by that change.
    pub seen: Timestamp,
    /// The date as the account has it, and when it fires; `None` when nothing is planned.
    pub moment: Option<(String, Timestamp)>,
}

/// Who has entered a journey: what its entry rules count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// The account's instance that is running.
    pub running: Option<InstanceId>,
    /// When the account entered last.
    pub last: Option<Timestamp>,
    /// Starts of all accounts in the 24 hours before.
    pub starts: u64,
}

/// The registry of triggers. Publishing lists a version's.
#[async_trait]
pub trait Triggers {
    /// The triggers of a kind that listen to one of these names.
    async fn listening(&self, kind: Kind, names: &[&str]) -> Result<Vec<Registered>, Failure>;

    /// A journey's triggers.
    async fn triggers_of(&self, journey: JourneyId) -> Result<Vec<Registered>, Failure>;

    /// The triggers of a kind, whatever they listen to.
    async fn triggers_of_kind(&self, kind: Kind) -> Result<Vec<Registered>, Failure>;

    /// Lists the triggers of every version anew when they were listed by another release, or never.
    async fn list_triggers_anew(&self, now: Timestamp) -> Result<bool, Failure>;

    /// Triggers that time moves now and that this node looks after, the longest waiting first.
    async fn due_triggers(&self, now: Timestamp, limit: u32) -> Result<Vec<DueTrigger>, Failure>;

    /// A round over accounts has come this far.
    async fn round_done_to(&self, key: &TriggerKey, account: AccountId) -> Result<(), Failure>;

    /// A round is over or a schedule's time has passed: the trigger is due again then, or not by itself.
    async fn due_next(&self, key: &TriggerKey, due: Option<Timestamp>) -> Result<(), Failure>;

    /// Plans dates of accounts: what is planned for these triggers and accounts is replaced.
    async fn plan_dates(&self, dates: &[NewDate]) -> Result<(), Failure>;

    /// Dates that have come, of accounts this node looks after, the earliest first.
    async fn due_dates(&self, now: Timestamp, limit: u32) -> Result<Vec<Planned>, Failure>;

    /// These dates have opened what they open.
    async fn dates_fired(&self, dates: &[Planned]) -> Result<(), Failure>;

    /// The accounts of a segment, or all of them, by id.
    async fn accounts_in_order(
        &self,
        segment: Option<&str>,
        paging: Paging<AccountId>,
    ) -> Result<Page<crate::accounts::Account, AccountId>, Failure>;

    /// Who has entered a journey through its live versions, or through one shadow version.
    async fn entered(
        &self,
        journey: JourneyId,
        shadow: Option<u64>,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Entered, Failure>;

    /// When time moves something next that this node looks after; in the past when something is due already.
    async fn next_time(&self) -> Result<Option<Timestamp>, Failure>;
}
