//! Makes a net smaller without changing what can go wrong in it.
//!
//! What always leads on to one other place is walked past; what is decided and merged again, split and joined again, or tried
//! again and again becomes one place. An ordinary journey is left with a handful of places, so its states are few. The rules are
//! those for workflow nets (Murata 1989; Wynn et al., "Reduction rules for YAWL workflows with cancellation regions and OR-joins", 2009),
//! kept to the cases in which the engine's joins cannot tell the difference.

use super::net::{Arc, Does, Net, Rest, Slot, Trail};
use crate::settings::Need;
use std::collections::{HashMap, HashSet};

/// Most rounds of reduction; what is left then is explored as it is.
const ROUNDS: usize = 200;

/// What is known of a join: by the node it is drawn as.
#[derive(Debug, Default)]
pub(crate) struct Meeting {
    /// Two ways can arrive for one going on.
    pub(crate) is_together: bool,
    /// What had arrived when it went on, each set once.
    pub(crate) arrivals: Vec<Vec<Slot>>,
}

pub(crate) type Meetings = HashMap<usize, Meeting>;

/// Reduces a net as far as the rules go; gives what the rules show of the joins they took away.
///
/// Where two branches come together before or at work, they must still be seen to.
pub(super) fn reduce(net: &mut Net, works: Works<'_>) -> Meetings {
    let mut reducer = Reducer { net, works, meetings: Meetings::new() };
    for _ in 0..ROUNDS {
        let mut is_changed = reducer.tidy();
        is_changed |= reducer.meet();
        is_changed |= reducer.single_slots();
        is_changed |= reducer.forward();
        is_changed |= reducer.inline();
        if !is_changed {
            break;
        }
    }
    reducer.meetings
}

/// For each node of the drawing whether something is done for the customer.
#[derive(Clone, Copy)]
pub(super) struct Works<'w> {
    pub(super) here: &'w [bool],
    pub(super) here_or_after: &'w [bool],
}

struct Reducer<'n> {
    net: &'n mut Net,
    works: Works<'n>,
    meetings: Meetings,
}

impl Reducer<'_> {
    /// Drops what makes no difference: branches that end at once beside others, ways back to where one stands, second ways to one place.
    fn tidy(&mut self) -> bool {
        let is_over: Vec<bool> = self.net.places.iter().map(|place| place.does.is_over()).collect();
        let is_join: Vec<bool> =
            self.net.places.iter().map(|place| matches!(place.does, Does::Join { .. })).collect();
        let mut is_changed = false;
        for (at, place) in self.net.places.iter_mut().enumerate() {
            let Does::One { groups, timers } = &mut place.does else { continue };
            let before = groups.iter().map(Vec::len).sum::<usize>() + groups.len() + timers.len();
            timers.retain(|arc| !is_over[arc.to]);
            for group in groups.iter_mut().filter(|group| group.len() > 1) {
                let first = group.first().cloned();
                group.retain(|arc| !is_over[arc.to]);
                if group.is_empty() {
                    group.extend(first);
                }
            }
            let mut seen = HashSet::new();
            groups.retain(|group| match group.as_slice() {
                [] => seen.insert(None),
                [arc] if is_over[arc.to] => seen.insert(None),
                [arc] if is_join[arc.to] => true,
                [arc] => arc.to != at && seen.insert(Some(arc.to)),
                _ => true,
            });
            if groups.is_empty() {
                // Nothing but ways back to itself: it stays as it is, and is known to finish never.
                groups.push(Vec::new());
            }
            let after = groups.iter().map(Vec::len).sum::<usize>() + groups.len() + timers.len();
            is_changed |= before != after;
        }
        is_changed
    }

    /// Makes one way of all that lead from one place to one join that waits for all.
    fn meet(&mut self) -> bool {
        let arrivals = self.net.arrivals();
        let mut is_changed = false;
        for at in 0..self.net.places.len() {
            is_changed |= self.meet_some(at);
            is_changed |= self.meet_optional(at, &arrivals);
            is_changed |= self.meet_together(at);
            is_changed |= self.meet_alternatives(at);
        }
        is_changed
    }

    /// An inclusive decision all ways of which lead to one join: it always arrives.
    fn meet_some(&mut self, at: usize) -> bool {
        let Does::Some { ways, otherwise } = &self.net.places[at].does else { return false };
        let arcs: Vec<Arc> = ways.iter().chain(otherwise).cloned().collect();
        let count = ways.len();
        let Some(join) = self.common_join(&arcs) else { return false };
        let arc = self.merge(join, &arcs, Slot::OneOf);
        self.meeting(join).is_together |= count > 1;
        self.net.places[at].does = Does::One { groups: vec![vec![arc]], timers: Vec::new() };
        true
    }

    /// A branch that may or may not arrive makes no difference beside one that always does.
    fn meet_optional(&mut self, at: usize, arrivals: &[usize]) -> bool {
        let Does::One { groups, .. } = &self.net.places[at].does else { return false };
        let mut dropped = Vec::new();
        for (number, group) in groups.iter().enumerate().filter(|(_, group)| group.len() > 1) {
            let joins: Vec<usize> =
                group.iter().map(|arc| arc.to).filter(|to| self.waits_for_all(*to)).collect();
            for arc in group.iter().filter(|arc| arrivals[arc.to] == 1 && arc.to != at) {
                if let Some((join, slots)) = self.optional(arc.to, &joins) {
                    dropped.push((number, arc.to, join, slots));
                }
            }
        }
        let is_changed = !dropped.is_empty();
        for (number, to, join, slots) in dropped {
            self.drop_slots(join, &slots);
            self.meeting(join).is_together = true;
            self.clear(to);
            if let Does::One { groups, .. } = &mut self.net.places[at].does {
                groups[number].retain(|arc| arc.to != to);
            }
        }
        is_changed
    }

    /// Takes the ways out of a place nothing leads to any more.
    fn clear(&mut self, at: usize) {
        self.net.places[at].does = Does::One { groups: vec![Vec::new()], timers: Vec::new() };
    }

    /// The join and its slots when every way out of a place arrives at one of these joins or ends.
    fn optional(&self, at: usize, joins: &[usize]) -> Option<(usize, Vec<usize>)> {
        let Does::One { groups, timers } = &self.net.places[at].does else { return None };
        let mut found: Option<usize> = None;
        let mut slots = Vec::new();
        for group in groups {
            match group.as_slice() {
                [] => {}
                [arc] if self.net.places[arc.to].does.is_over() => {}
                [arc] if joins.contains(&arc.to) && found.is_none_or(|join| join == arc.to) => {
                    found = Some(arc.to);
                    slots.push(arc.slot);
                }
                _ => return None,
            }
        }
        found.filter(|_| timers.is_empty()).map(|join| (join, slots))
    }

    /// Several ways taken at once into one join.
    fn meet_together(&mut self, at: usize) -> bool {
        let mut is_changed = false;
        let Does::One { groups, .. } = &self.net.places[at].does else { return false };
        for number in 0..groups.len() {
            let Does::One { groups, .. } = &self.net.places[at].does else { return is_changed };
            let group = &groups[number];
            let mut seen = HashSet::new();
            let twice = group.iter().find(|arc| self.waits_for_all(arc.to) && !seen.insert(arc.to));
            let Some(join) = twice.map(|arc| arc.to) else { continue };
            let (into, mut others): (Vec<Arc>, Vec<Arc>) =
                group.iter().cloned().partition(|arc| arc.to == join);
            others.push(self.merge(join, &into, Slot::AllOf));
            self.meeting(join).is_together = true;
            if let Does::One { groups, .. } = &mut self.net.places[at].does {
                groups[number] = others;
            }
            is_changed = true;
        }
        is_changed
    }

    /// A decision all ways of which lead to one join: exactly one arrives.
    fn meet_alternatives(&mut self, at: usize) -> bool {
        let Does::One { groups, timers } = &self.net.places[at].does else { return false };
        if groups.len() < 2 || !timers.is_empty() || groups.iter().any(|group| group.len() != 1) {
            return false;
        }
        let arcs: Vec<Arc> = groups.iter().flatten().cloned().collect();
        let Some(join) = self.common_join(&arcs) else { return false };
        let arc = self.merge(join, &arcs, Slot::OneOf);
        self.net.places[at].does = Does::One { groups: vec![vec![arc]], timers: Vec::new() };
        true
    }

    fn common_join(&self, arcs: &[Arc]) -> Option<usize> {
        let join = arcs.first()?.to;
        (self.waits_for_all(join) && arcs.iter().all(|arc| arc.to == join)).then_some(join)
    }

    fn waits_for_all(&self, at: usize) -> bool {
        matches!(self.net.places[at].does, Does::Join { need: Need::All, rest: Rest::Absorbed, .. })
    }

    /// One way in place of several; it keeps the place of the first.
    fn merge(&mut self, join: usize, arcs: &[Arc], of: fn(Vec<Slot>) -> Slot) -> Arc {
        let first = arcs[0].clone();
        if let Does::Join { slots, .. } = &mut self.net.places[join].does {
            let taken = arcs.iter().filter_map(|arc| slots[arc.slot].take()).collect();
            slots[first.slot] = Some(of(taken));
        }
        first
    }

    fn drop_slots(&mut self, join: usize, dropped: &[usize]) {
        if let Does::Join { slots, .. } = &mut self.net.places[join].does {
            for slot in dropped {
                slots[*slot] = None;
            }
        }
    }

    fn meeting(&mut self, join: usize) -> &mut Meeting {
        let drawn = self.net.places[join].drawn.unwrap_or_default();
        self.meetings.entry(drawn).or_default()
    }

    /// A join with one way in passes on whatever arrives.
    fn single_slots(&mut self) -> bool {
        let mut is_changed = false;
        for at in 0..self.net.places.len() {
            if !self.waits_for_all(at) {
                continue;
            }
            let Does::Join { slots, out, .. } = &mut self.net.places[at].does else { continue };
            let mut left = slots.iter().flatten();
            let (Some(slot), None) = (left.next(), left.next()) else { continue };
            let arrivals = vec![vec![slot.clone()]];
            let groups = vec![std::mem::take(out)];
            self.net.places[at].does = Does::One { groups, timers: Vec::new() };
            self.meeting(at).arrivals = arrivals;
            is_changed = true;
        }
        is_changed
    }

    /// Walks past places that always lead on to one other.
    fn forward(&mut self) -> bool {
        let targets = self.targets();
        let mut is_changed = false;
        let Net { places, trails, .. } = &mut *self.net;
        for place in places {
            let arcs: Box<dyn Iterator<Item = &mut Arc>> = match &mut place.does {
                Does::One { groups, timers } => Box::new(groups.iter_mut().flatten().chain(timers)),
                Does::Some { ways, otherwise } => Box::new(ways.iter_mut().chain(otherwise)),
                Does::Join { out, .. } => Box::new(out.iter_mut()),
                Does::Stop => continue,
            };
            for arc in arcs {
                if let Some(further) = targets.get(&arc.to) {
                    let trail = trails.both(arc.trail, further.trail);
                    *arc = Arc { trail, ..further.clone() };
                    is_changed = true;
                }
            }
        }
        for at in targets.keys() {
            self.clear(*at);
        }
        is_changed
    }

    /// Where each place that can be walked past leads.
    fn targets(&mut self) -> HashMap<usize, Arc> {
        let arrivals = self.net.arrivals();
        let is_alone = self.alone(&arrivals);
        let mut found: HashMap<usize, Option<Arc>> = HashMap::new();
        for begin in 0..self.net.places.len() {
            let mut chain = Vec::new();
            let mut at = begin;
            while let Some(next) = self.passes(at, &is_alone)
                && !found.contains_key(&at)
            {
                found.insert(at, None);
                chain.push((at, next.clone()));
                at = next.to;
            }
            for (at, next) in chain.into_iter().rev() {
                let arc = match found.get(&next.to) {
                    Some(Some(further)) => {
                        let further = further.clone();
                        let trail: Trail = self.net.trails.both(next.trail, further.trail);
                        Arc { trail, ..further }
                    }
                    _ => next,
                };
                if arc.to != at && (is_alone[at] || self.may_gather(at, arc.to)) {
                    found.insert(at, Some(arc));
                }
            }
        }
        found.into_iter().filter_map(|(at, arc)| Some((at, arc?))).collect()
    }

    /// Places that one other leads to, at which in turn no branches come together: what comes here comes here once at a time.
    fn alone(&self, arrivals: &[usize]) -> Vec<bool> {
        let mut alone = vec![false; arrivals.len()];
        for (at, place) in self.net.places.iter().enumerate() {
            let gathers = arrivals[at] > 1 || matches!(place.does, Does::Join { .. });
            for arc in place.does.arcs().filter(|arc| arrivals[arc.to] == 1) {
                alone[arc.to] = !gathers || !self.is_among(self.works.here, arc.to);
            }
        }
        alone
    }

    fn is_among(&self, nodes: &[bool], at: usize) -> bool {
        self.net.places[at].drawn.is_some_and(|drawn| nodes[drawn])
    }

    /// The only way out of a place that can be walked past.
    fn passes(&self, at: usize, is_alone: &[bool]) -> Option<Arc> {
        let Does::One { groups, timers } = &self.net.places[at].does else { return None };
        let ([group], true) = (groups.as_slice(), timers.is_empty()) else { return None };
        let [arc] = group.as_slice() else { return None };
        let is_open = match &self.net.places[arc.to].does {
            Does::Join { .. } => self.waits_for_all(arc.to) && is_alone[at],
            Does::One { .. } | Does::Some { .. } => true,
            Does::Stop => false,
        };
        (is_open && at != self.net.start && arc.to != at).then(|| arc.clone())
    }

    /// Whether two branches that come together at a place are still noticed when they come together at the next.
    fn may_gather(&self, at: usize, next: usize) -> bool {
        let is_open = match &self.net.places[next].does {
            Does::One { .. } => !self.net.places[next].does.is_over(),
            Does::Some { .. } => true,
            Does::Join { .. } | Does::Stop => false,
        };
        let works = self.works.here_or_after;
        is_open && (self.is_among(works, next) || !self.is_among(works, at))
    }

    /// What only one place leads to is decided there.
    fn inline(&mut self) -> bool {
        let arrivals = self.net.arrivals();
        let mut is_changed = false;
        for at in 0..self.net.places.len() {
            let mut number = 0;
            while let Does::One { groups, .. } = &self.net.places[at].does
                && number < groups.len()
            {
                match self.inlined(at, number, &arrivals) {
                    Some(arc) => {
                        self.take_in(at, number, &arc);
                        is_changed = true;
                    }
                    None => number += 1,
                }
            }
        }
        is_changed
    }

    /// An arc of a group that can be replaced by what its place does.
    fn inlined(&self, at: usize, number: usize, arrivals: &[usize]) -> Option<Arc> {
        let Does::One { groups, timers } = &self.net.places[at].does else { return None };
        let group = groups.get(number).filter(|_| timers.is_empty())?;
        let fits = |arc: &&Arc| {
            let Does::One { groups, timers } = &self.net.places[arc.to].does else { return false };
            let is_seen = arrivals[at] > 1 && self.is_among(self.works.here, arc.to);
            let is_plain = timers.is_empty() && arc.to != at && arrivals[arc.to] == 1 && !is_seen;
            let is_small = group.len() == 1 || (groups.len() == 1 && !self.races(&groups[0]));
            is_plain && is_small && groups.iter().all(|group| !group.is_empty())
        };
        group.iter().find(fits).cloned()
    }

    /// Whether it matters when these arcs are walked: a join that goes on before all have come, an end of everything.
    fn races(&self, arcs: &[Arc]) -> bool {
        arcs.iter().any(|arc| match self.net.places[arc.to].does {
            Does::Join { .. } => !self.waits_for_all(arc.to),
            Does::Stop => true,
            Does::One { .. } | Does::Some { .. } => false,
        })
    }

    fn take_in(&mut self, at: usize, number: usize, arc: &Arc) {
        let Does::One { groups: taken, .. } = &mut self.net.places[arc.to].does else { return };
        let taken = std::mem::replace(taken, vec![Vec::new()]);
        let Does::One { groups, .. } = &mut self.net.places[at].does else { return };
        let group = groups.remove(number);
        let rest: Vec<Arc> = group.into_iter().filter(|other| other.to != arc.to).collect();
        for more in taken.into_iter().rev() {
            let mut whole = rest.clone();
            for further in more {
                let trail = self.net.trails.both(arc.trail, further.trail);
                whole.push(Arc { trail, ..further });
            }
            groups.insert(number, whole);
        }
    }
}
