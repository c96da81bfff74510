//! Rehearsal: a journey played with the real engine, on a clock that is set by hand, in a world that nothing leaves.
//!
//! A rehearsal is its [`Case`]: how it begins, and what happens in it, one move after the other. [`play`] plays it from the beginning each
//! time, so that going back is leaving out the last move, and a case that is kept is a test.

mod case;
mod example;
mod expect;
mod moves;
mod open;
mod stage;
#[cfg(test)]
mod tests;
mod toward;

pub use case::{Case, Expect, Move, Place};
pub use open::{Open, What};
pub use stage::{Asked, Deed, Run, Trail};

use crate::{Journey, Timestamp, Workspace, calendar::Calendars};
use serde_json::Value;
use stage::Stage;
use std::collections::BTreeSet;

/// What a rehearsal takes from a workspace: examples of what operations give, and calendars.
#[derive(Clone, Debug, Default)]
pub struct World {
    pub workspace: Workspace,
    pub calendars: Calendars,
}

/// What became of one move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Took {
    Done,
    /// It could not happen, or what was expected is not so; a sentence says why.
    Failed(String),
    /// A move before it could not happen.
    NotReached,
}

/// A case that was played to its last move.
#[derive(Clone, Debug)]
pub struct Played {
    /// The journey itself, and below it the parts of its drawing that run on their own.
    pub runs: Vec<Run>,
    pub now: Timestamp,
    pub account: Value,
    /// What waits, in the order of `runs`.
    pub open: Vec<Open>,
    /// What the world was asked to do, oldest first.
    pub asked: Vec<Asked>,
    /// The records of all runs, in the order they were written.
    pub trail: Vec<Trail>,
    /// For every move what became of it.
    pub took: Vec<Took>,
    /// Why it could not begin.
    pub refused: Option<String>,
    /// What is likely to happen next; nothing does any more when `None`.
    pub next: Option<Move>,
}

impl Played {
    /// The first thing that did not happen as written, or is not as expected: the move's place, when it is one, and a sentence.
    pub fn failure(&self) -> Option<(Option<usize>, &str)> {
        if let Some(why) = &self.refused {
            return Some((None, why));
        }
        self.took.iter().enumerate().find_map(|(at, took)| match took {
            Took::Failed(why) => Some((Some(at), why.as_str())),
            Took::Done | Took::NotReached => None,
        })
    }

    /// Ids of the nodes that were entered.
    pub fn entered(&self) -> BTreeSet<&str> {
        self.runs.iter().flat_map(Run::entered).collect()
    }

    /// Ids of the edges that were taken.
    pub fn taken(&self) -> BTreeSet<&str> {
        self.runs.iter().flat_map(Run::taken).collect()
    }
}

/// Plays a case from its beginning.
///
/// A move that cannot happen ends it there; an expectation that does not hold does not.
pub fn play(journey: &Journey, case: &Case, world: &World) -> Played {
    let (mut stage, refused) = match Stage::begin(journey, case, world) {
        (stage, Ok(())) => (stage, None),
        (stage, Err(why)) => (stage, Some(why)),
    };
    let mut over = refused.is_some();
    let mut took = Vec::with_capacity(case.moves.len());
    for (place, made) in case.moves.iter().enumerate() {
        stage.made = Some(place);
        took.push(if over { Took::NotReached } else { one(&mut stage, made, &mut over) });
    }
    Played {
        open: if over { Vec::new() } else { stage.open() },
        next: if over { None } else { stage.likely() },
        now: stage.now,
        account: stage.account,
        runs: stage.runs,
        asked: stage.asked,
        trail: stage.trail,
        took,
        refused,
    }
}

fn one(stage: &mut Stage<'_>, made: &Move, over: &mut bool) -> Took {
    if let Move::Expect(expected) = made {
        return stage.judge(expected).map_or_else(Took::Failed, |()| Took::Done);
    }
    match stage.make(made) {
        Ok(()) => Took::Done,
        Err(why) => {
            *over = true;
            Took::Failed(why)
        }
    }
}
