//! Where an instance can stand in a net, and what one move makes of it.

use super::net::{Arc, Does, Net, Place, Rest, Trail};
use crate::{
    check::{bits::Bits, ways},
    settings::Need,
};
use std::{cell::OnceCell, collections::VecDeque};

/// What stands where; two instances that stand alike can do the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Branches by place, sorted; the second number says how many of the place's timers are past.
    pub(super) tokens: Vec<(usize, usize)>,
    /// Joins that wait, oldest first, each with the ways that have arrived.
    pub(super) rounds: Vec<(usize, Vec<usize>)>,
    /// Ways that are taken in when they arrive: join and way, sorted.
    pub(super) owed: Vec<(usize, usize)>,
}

/// How a branch leaves the place it stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Group(usize),
    Timer(usize),
    /// A bit for each way.
    Ways(u64),
    Otherwise,
}

/// What is worth telling of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// A branch came to a place where another stands.
    Twice(usize),
    /// How many more could still come says whether there is anything to join.
    WentOn { join: usize, arrived: Vec<usize>, coming: usize },
    /// A join waits for more ways than can come.
    Starved { join: usize, arrived: usize },
    /// Joins wait for one another; the first of them went on with what it had.
    Deadlocked(usize),
}

/// One move: what came of it, the edges walked and what was seen.
#[derive(Debug, Default)]
pub(super) struct Played {
    pub(super) state: State,
    pub(super) trail: Vec<Trail>,
    /// It never came to rest.
    pub(super) is_endless: bool,
    /// With how much of the trail had been walked.
    pub(super) sights: Vec<(usize, Sight)>,
}

/// Most arcs walked in one move; more are a loop of joins that never waits, which is reported as such: nothing more comes of it here.
const WALKED: usize = 10_000;

/// The rules of a net.
pub(super) struct Rules<'n> {
    pub(super) net: &'n Net,
    /// For each place where it leads to.
    after: Vec<Vec<usize>>,
    /// For each join and place, which ways into the join can still be taken from the place.
    reach: Vec<OnceCell<Vec<Bits>>>,
}

struct Turn<'r, 'n> {
    rules: &'r Rules<'n>,
    open: VecDeque<&'n Arc>,
    played: Played,
}

impl State {
    /// How much there is to remember.
    pub(super) fn size(&self) -> usize {
        self.tokens.len() + self.rounds.len() + self.owed.len()
    }
}

impl<'n> Rules<'n> {
    pub(super) fn of(net: &'n Net) -> Self {
        let to = |place: &'n Place| place.does.arcs().map(|arc| arc.to).collect();
        let after = net.places.iter().map(to).collect();
        let reach = net.places.iter().map(|_| OnceCell::new()).collect();
        Self { net, after, reach }
    }

    /// What the branch at a place does; a choice of its own making always exists.
    pub(super) fn play(&self, state: &State, token: (usize, usize), choice: Choice) -> Played {
        let mut state = state.clone();
        if let Ok(at) = state.tokens.binary_search(&token) {
            state.tokens.remove(at);
        }
        let played = Played { state, ..Played::default() };
        let mut turn = Turn { rules: self, open: VecDeque::new(), played };
        turn.leave(token, choice);
        turn.run();
        turn.absorb();
        turn.played
    }

    /// For each place the ways into a join that a branch there may still take: the engine's `can_still_arrive`.
    fn reach(&self, join: usize) -> &[Bits] {
        self.reach[join].get_or_init(|| {
            let count = match &self.net.places[join].does {
                Does::Join { slots, .. } => slots.len(),
                Does::One { .. } | Does::Some { .. } | Does::Stop => 0,
            };
            let arcs = |from: usize| self.net.places[from].does.arcs();
            let into = (0..self.net.places.len()).flat_map(|from| {
                arcs(from).filter(|arc| arc.to == join).map(move |arc| (from, arc.slot))
            });
            ways::into(join, &into.collect::<Vec<_>>(), count, &self.after)
        })
    }
}

impl Turn<'_, '_> {
    fn leave(&mut self, (at, past): (usize, usize), choice: Choice) {
        match (&self.rules.net.places[at].does, choice) {
            (Does::One { groups, .. }, Choice::Group(number)) => self.open.extend(&groups[number]),
            (Does::One { timers, .. }, Choice::Timer(number)) => {
                self.stand((at, past.max(number + 1)));
                self.open.push_back(&timers[number]);
            }
            (Does::Some { ways, .. }, Choice::Ways(taken)) => {
                let is_taken = |(number, _): &(usize, &Arc)| taken >> number & 1 == 1;
                self.open.extend(ways.iter().enumerate().filter(is_taken).map(|(_, arc)| arc));
            }
            (Does::Some { otherwise, .. }, Choice::Otherwise) => self.open.extend(otherwise),
            (Does::One { .. } | Does::Some { .. } | Does::Join { .. } | Does::Stop, _) => {}
        }
    }

    fn stand(&mut self, token: (usize, usize)) {
        let tokens = &mut self.played.state.tokens;
        let at = tokens.partition_point(|other| *other < token);
        tokens.insert(at, token);
    }

    fn see(&mut self, sight: Sight) {
        self.played.sights.push((self.played.trail.len(), sight));
    }

    fn run(&mut self) {
        loop {
            while let Some(arc) = self.open.pop_front() {
                self.played.trail.push(arc.trail);
                if self.played.trail.len() > WALKED {
                    self.played.is_endless = true;
                    return self.stop();
                }
                let does = &self.rules.net.places[arc.to].does;
                match does {
                    Does::Join { .. } => self.arrive(arc),
                    Does::Stop => return self.stop(),
                    Does::One { .. } if does.is_over() => {}
                    Does::One { .. } | Does::Some { .. } => self.enter(arc.to),
                }
            }
            if !self.settle() {
                return;
            }
        }
    }

    fn stop(&mut self) {
        self.played.state = State::default();
        self.open.clear();
    }

    fn enter(&mut self, at: usize) {
        if self.played.state.tokens.iter().any(|(other, _)| *other == at) {
            self.see(Sight::Twice(at));
        }
        self.stand((at, 0));
    }

    fn arrive(&mut self, arc: &Arc) {
        let (join, slot) = (arc.to, arc.slot);
        let Does::Join { need, slots, .. } = &self.rules.net.places[join].does else { return };
        let state = &mut self.played.state;
        if let Ok(at) = state.owed.binary_search(&(join, slot)) {
            state.owed.remove(at);
            return;
        }
        let is_open =
            |(other, arrived): &(usize, Vec<usize>)| *other == join && !arrived.contains(&slot);
        let round = state.rounds.iter().position(is_open).unwrap_or_else(|| {
            state.rounds.push((join, Vec::new()));
            state.rounds.len() - 1
        });
        state.rounds[round].1.push(slot);
        let arrived = state.rounds[round].1.len();
        let is_enough = match need {
            Need::All => arrived >= slots.iter().flatten().count(),
            Need::Any => true,
            Need::Count(count) => arrived >= *count,
        };
        if is_enough {
            self.go_on(round);
        }
    }

    fn go_on(&mut self, round: usize) {
        let coming = self.coming(round);
        let (join, mut arrived) = self.played.state.rounds.remove(round);
        let Does::Join { rest, out, .. } = &self.rules.net.places[join].does else { return };
        let count = coming.len();
        match rest {
            Rest::Absorbed => {
                let owed = &mut self.played.state.owed;
                owed.extend(coming.into_iter().map(|slot| (join, slot)));
                owed.sort_unstable();
            }
            Rest::Withdrawn => self.withdraw(join),
        }
        arrived.sort_unstable();
        self.see(Sight::WentOn { join, arrived, coming: count });
        self.open.extend(out);
    }

    /// Takes away every branch that could still arrive at a join.
    fn withdraw(&mut self, join: usize) {
        let reach = self.rules.reach(join);
        let stays = |at: usize| reach[at].is_empty();
        self.played.state.tokens.retain(|(at, _)| stays(*at));
        self.played.state.rounds.retain(|(at, _)| stays(*at));
        self.open.retain(|arc| arc.to != join && stays(arc.to));
    }

    /// The ways into a waiting join that have not arrived and that some branch can still take.
    fn coming(&self, round: usize) -> Vec<usize> {
        let state = &self.played.state;
        let (join, arrived) = &state.rounds[round];
        let Does::Join { slots, .. } = &self.rules.net.places[*join].does else {
            return Vec::new();
        };
        let reach = self.rules.reach(*join);
        let mut alive = Bits::none(slots.len());
        for (at, _) in &state.tokens {
            alive.add(&reach[*at]);
        }
        for (_, (at, _)) in state.rounds.iter().enumerate().filter(|(other, _)| *other != round) {
            alive.add(&reach[*at]);
        }
        for arc in &self.open {
            if arc.to == *join {
                alive.set(arc.slot);
            } else {
                alive.add(&reach[arc.to]);
            }
        }
        let is_live = |slot: &usize| slots[*slot].is_some() && alive.has(*slot);
        (0..slots.len()).filter(is_live).filter(|slot| !arrived.contains(slot)).collect()
    }

    /// Lets go of one join nothing more can arrive at; whether there was one.
    fn settle(&mut self) -> bool {
        let rounds = self.played.state.rounds.len();
        let stuck = (0..rounds).find(|round| self.coming(*round).is_empty());
        let is_deadlock = self.played.state.tokens.is_empty() && rounds > 0;
        let Some(round) = stuck.or((is_deadlock && stuck.is_none()).then_some(0)) else {
            return false;
        };
        let (join, arrived) =
            (self.played.state.rounds[round].0, self.played.state.rounds[round].1.len());
        if stuck.is_none() {
            self.see(Sight::Deadlocked(join));
        }
        match &self.rules.net.places[join].does {
            Does::Join { need: Need::Count(count), .. } if arrived < *count => {
                self.see(Sight::Starved { join, arrived });
                self.played.state.rounds.remove(round);
            }
            Does::Join { .. } | Does::One { .. } | Does::Some { .. } | Does::Stop => {
                self.go_on(round);
            }
        }
        true
    }

    /// Takes in at once what a join that went on is owed and what can do nothing else than arrive there.
    fn absorb(&mut self) {
        while let Some((token, owed, trail)) = self.absorbed() {
            self.played.state.tokens.remove(token);
            self.played.state.owed.remove(owed);
            self.played.trail.push(trail);
            self.run();
        }
    }

    fn absorbed(&self) -> Option<(usize, usize, Trail)> {
        let state = &self.played.state;
        if state.owed.is_empty() {
            return None;
        }
        state.tokens.iter().enumerate().find_map(|(token, (at, _))| {
            let place = &self.rules.net.places[*at];
            let Does::One { groups, timers } = &place.does else { return None };
            let is_plain = timers.is_empty() && !place.is_watched;
            let ([group], true) = (groups.as_slice(), is_plain) else { return None };
            let [arc] = group.as_slice() else { return None };
            let owed = state.owed.binary_search(&(arc.to, arc.slot)).ok()?;
            Some((token, owed, arc.trail))
        })
    }
}
