//! What is done with the product, so that all of it is used: each deed can be done again until it is done.

use anyhow::Result;

use crate::life::World;
use crate::{lines, people, planning, running};

/// Something that people and clients do, with things named after its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    People,
    Teams,
    Tokens,
    Accounts,
    Calendars,
    Connectors,
    Connections,
    Remember,
    Journeys,
    Hooks,
    Deliveries,
    Starts,
    Refusals,
    Events,
    Letters,
    Bounces,
    Cancels,
    Moves,
    Shadows,
    Backtests,
    Notices,
    Dates,
    Rounds,
    KeptOut,
    Rest,
    Backups,
    Restores,
    Folders,
    Drain,
    Stop,
}

impl Deed {
    /// Every one, in an order in which each finds what it needs.
    pub(crate) const ALL: [Self; 30] = [
        Self::People,
        Self::Teams,
        Self::Tokens,
        Self::Accounts,
        Self::Calendars,
        Self::Connectors,
        Self::Connections,
        Self::Remember,
        Self::Journeys,
        Self::Hooks,
        Self::Deliveries,
        Self::Starts,
        Self::Refusals,
        Self::Events,
        Self::Letters,
        Self::Bounces,
        Self::Cancels,
        Self::Moves,
        Self::Shadows,
        Self::Backtests,
        Self::Notices,
        Self::Dates,
        Self::Rounds,
        Self::KeptOut,
        Self::Rest,
        Self::Backups,
        Self::Restores,
        Self::Folders,
        Self::Drain,
        Self::Stop,
    ];

    /// Does it, or goes on where it was left; an error says that it is to be done again.
    pub(crate) async fn done(self, world: &World, number: u64) -> Result<()> {
        match self {
            Self::People => people::people(world, number).await,
            Self::Teams => people::teams(world, number).await,
            Self::Tokens => people::tokens(world, number).await,
            Self::Accounts => people::accounts(world, number).await,
            Self::Calendars => planning::calendars(world, number).await,
            Self::Connectors => planning::connectors(world).await,
            Self::Connections => planning::connections(world, number).await,
            Self::Remember => planning::remember(world, number).await,
            Self::Journeys => planning::journeys(world, number).await,
            Self::Hooks => planning::hooks(world, number).await,
            Self::Deliveries => running::deliveries(world, number).await,
            Self::Starts => running::starts(world, number).await,
            Self::Refusals => running::refusals(world, number).await,
            Self::Events => running::events(world, number).await,
            Self::Letters => running::letters(world, number).await,
            Self::Bounces => running::bounces(world, number).await,
            Self::Cancels => running::cancels(world, number).await,
            Self::Moves => planning::moves(world, number).await,
            Self::Shadows => planning::shadows(world, number).await,
            Self::Backtests => planning::backtests(world, number).await,
            Self::Notices => running::notices(world).await,
            Self::Dates => running::dates(world, number).await,
            Self::Rounds => planning::rounds(world, number).await,
            Self::KeptOut => running::kept_out(world, number).await,
            Self::Rest => running::rest().await,
            Self::Backups => lines::backups(world, number),
            Self::Restores => lines::restores(world, number),
            Self::Folders => lines::folders(world, number).await,
            Self::Drain => lines::drain(world).await,
            Self::Stop => lines::stop(world).await,
        }
    }
}
