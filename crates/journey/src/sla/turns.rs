//! Whose clock was running: the time of a history, by party.

use super::{Measure, Party, Turn, decide::passed};
use crate::{Timestamp, calendar::Calendar};
use serde::{Deserialize, Serialize};

/// Time spent, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub elapsed_ms: i64,
    pub working_ms: i64,
}

/// The time a history took, by whose turn it was. It adds up to the time from its start to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    pub customer: Spent,
    pub team: Spent,
    pub vendor: Spent,
}

/// Adds up whose turn it was; a turn that lasts counts until `now`. Working time is the calendar's.
pub fn whose_turn(turns: &[Turn], now: Timestamp, calendar: &Calendar) -> Shares {
    let mut shares = Shares::default();
    for turn in turns {
        let to = turn.to.unwrap_or(now);
        let spent = match turn.party {
            Party::Customer => &mut shares.customer,
            Party::Team => &mut shares.team,
            Party::Vendor => &mut shares.vendor,
        };
        spent.elapsed_ms += passed(Measure::Elapsed, turn.from, to, calendar);
        spent.working_ms += passed(Measure::Working, turn.from, to, calendar);
    }
    shares
}
