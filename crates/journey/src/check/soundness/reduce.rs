//! Makes a net smaller without changing what can go wrong in it.
//!
//! What always leads on to one other place is walked past; what is decided and merged again, split and joined again, or tried
//! again and again becomes one place. An ordinary journey is left with a handful of places, so its states are few. The rules are
//! those for workflow nets (Murata 1989; Wynn et al., "Reduction rules for YAWL workflows with cancellation regions and OR-joins", 2009),
//! kept to the cases in which the engine's joins cannot tell the difference.

use super::{
    net::{Arc, Does, Net, Rest, Slot, Trail},
    nodes::Nodes,
};
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

impl Meeting {
    pub(crate) fn goes_on(&self) -> bool {
        !self.arrivals.is_empty()
    }
}

pub(crate) type Meetings = HashMap<usize, Meeting>;

/// Reduces a net as far as the rules go; gives what the rules show of the joins they took away.
///
/// Where two branches come together before or at work, they must still be seen to.
pub(super) fn reduce(net: &mut Net, nodes: Nodes<'_>) -> Meetings {
    let mut reducer = Reducer { net, nodes, meetings: Meetings::new() };
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
    for at in 0..reducer.net.places.len() {
        let is_watched = reducer.is_twice(at) && reducer.is_among(nodes.works_here_or_after, at);
        reducer.net.places[at].is_watched = is_watched;
    }
    reducer.meetings
}

struct Reducer<'n> {
    net: &'n mut Net,
    nodes: Nodes<'n>,
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
            if let Does::Some { ways, otherwise } = &place.does
                && ways.iter().chain(otherwise).all(|arc| is_over[arc.to])
            {
                // Whatever is decided, the branch is over at once.
                place.does = Does::One { groups: vec![Vec::new()], timers: Vec::new() };
                is_changed = true;
            }
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
            let leads_on =
                groups.iter().any(|group| !matches!(group.as_slice(), [arc] if arc.to == at));
            groups.retain(|group| match group.as_slice() {
                [] => seen.insert(None),
                [arc] if is_over[arc.to] => seen.insert(None),
                [arc] if is_join[arc.to] => true,
                [arc] => (arc.to != at || !leads_on) && seen.insert(Some(arc.to)),
                _ => true,
            });
            let after = groups.iter().map(Vec::len).sum::<usize>() + groups.len() + timers.len();
            is_changed |= before != after;
        }
        is_changed
    }

    /// Makes one way of all that lead from one place to one join that waits for all.
    fn meet(&mut self) -> bool {
        let arrivals = self.net.arrivals();
        let gathers = self.gathers(&arrivals);
        let mut is_changed = false;
        for (at, gathers) in gathers.into_iter().enumerate() {
            is_changed |= self.meet_some(at, gathers);
            is_changed |= self.meet_optional(at, &arrivals);
            is_changed |= self.meet_together(at);
            is_changed |= self.meet_alternatives(at, gathers);
        }
        is_changed
    }

    /// An inclusive decision all ways of which lead to one join: it always arrives.
    fn meet_some(&mut self, at: usize, gathers: bool) -> bool {
        let Does::Some { ways, otherwise } = &self.net.places[at].does else { return false };
        let arcs: Vec<Arc> = ways.iter().chain(otherwise).cloned().collect();
        let count = ways.len();
        let Some(join) = self.common_join(&arcs) else { return false };
        if self.comes_again(at, join, &arcs, gathers) {
            return false;
        }
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
    fn meet_alternatives(&mut self, at: usize, gathers: bool) -> bool {
        let Does::One { groups, timers } = &self.net.places[at].does else { return false };
        if groups.len() < 2 || !timers.is_empty() || groups.iter().any(|group| group.len() != 1) {
            return false;
        }
        let arcs: Vec<Arc> = groups.iter().flatten().cloned().collect();
        let Some(join) = self.common_join(&arcs) else { return false };
        if self.come_together(join, &arcs, gathers) {
            return false;
        }
        let arc = self.merge(join, &arcs, Slot::OneOf);
        self.net.places[at].does = Does::One { groups: vec![vec![arc]], timers: Vec::new() };
        true
    }

    fn common_join(&self, arcs: &[Arc]) -> Option<usize> {
        let join = arcs.first()?.to;
        (self.waits_for_all(join) && arcs.iter().all(|arc| arc.to == join)).then_some(join)
    }

    /// Whether branches can wait at a join by several of these arcs, of which one is taken each time.
    fn come_together(&self, join: usize, arcs: &[Arc], gathers: bool) -> bool {
        let edges = self.edges(join, arcs);
        self.nodes.at_once.map_or(gathers, |at_once| at_once.come_together(&edges))
    }

    /// Whether a branch can come to a place while what another left behind there waits at a join.
    fn comes_again(&self, at: usize, join: usize, arcs: &[Arc], gathers: bool) -> bool {
        let (Some(at_once), Some(drawn)) = (self.nodes.at_once, self.net.places[at].drawn) else {
            return gathers;
        };
        at_once.waits_beside(drawn, &self.edges(join, arcs))
    }

    /// The edges by which these arcs come to a join.
    fn edges(&self, join: usize, arcs: &[Arc]) -> HashSet<usize> {
        let Does::Join { slots, .. } = &self.net.places[join].does else { return HashSet::new() };
        let slots = arcs.iter().filter_map(|arc| slots[arc.slot].as_ref());
        slots.flat_map(Slot::edges).collect()
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
                let next_to = next.to;
                let arc = match found.get(&next.to) {
                    Some(Some(further)) => {
                        let further = further.clone();
                        let trail: Trail = self.net.trails.both(next.trail, further.trail);
                        Arc { trail, ..further }
                    }
                    _ => next,
                };
                let is_seen = |to: usize| is_alone[at] || self.may_gather(at, to, &arrivals);
                let is_seen = is_seen(next_to) && is_seen(arc.to);
                if arc.to != at && is_seen && !self.is_last_of_loop(at, arc.to, &found) {
                    found.insert(at, Some(arc));
                }
            }
        }
        found.into_iter().filter_map(|(at, arc)| Some((at, arc?))).collect()
    }

    /// Whether a join leads back to a place past nothing but joins and what is walked past already: without the place the loop would have no rest.
    fn is_last_of_loop(&self, at: usize, join: usize, found: &HashMap<usize, Option<Arc>>) -> bool {
        let is_passed = |to: usize| {
            matches!(self.net.places[to].does, Does::Join { .. })
                || found.get(&to).is_some_and(Option::is_some)
        };
        let mut seen = HashSet::new();
        let mut open: Vec<usize> = Some(join).filter(|join| is_passed(*join)).into_iter().collect();
        while let Some(from) = open.pop() {
            if from == at {
                return true;
            }
            if seen.insert(from) {
                let to = self.net.places[from].does.arcs().map(|arc| arc.to);
                open.extend(to.filter(|to| *to == at || is_passed(*to)));
            }
        }
        false
    }

    /// Places that one other leads to and at which branches that come together do no work, or never come together.
    fn alone(&self, arrivals: &[usize]) -> Vec<bool> {
        let gathers = self.gathers(arrivals);
        let is_alone = |at: usize| arrivals[at] == 1 && !self.works_twice(at, &gathers);
        (0..arrivals.len()).map(is_alone).collect()
    }

    /// Places where ways come together, and what follows them.
    fn gathers(&self, arrivals: &[usize]) -> Vec<bool> {
        let mut gathers = vec![false; arrivals.len()];
        let is_meeting = |at: &usize| {
            arrivals[*at] > 1 || matches!(self.net.places[*at].does, Does::Join { .. })
        };
        let mut open: Vec<usize> = (0..arrivals.len()).filter(is_meeting).collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut gathers[at], true) {
                open.extend(self.net.places[at].does.arcs().map(|arc| arc.to));
            }
        }
        gathers
    }

    /// Whether two branches can be at work here at once.
    fn works_twice(&self, at: usize, gathers: &[bool]) -> bool {
        gathers[at] && self.is_among(self.nodes.works, at) && self.is_twice(at)
    }

    fn is_among(&self, nodes: &[bool], at: usize) -> bool {
        self.net.places[at].drawn.is_some_and(|drawn| nodes[drawn])
    }

    fn is_twice(&self, at: usize) -> bool {
        self.net.places[at].drawn.is_some_and(|drawn| self.nodes.is_twice(drawn))
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
    fn may_gather(&self, at: usize, next: usize, arrivals: &[usize]) -> bool {
        let (is_open, is_noticed) = match &self.net.places[next].does {
            Does::One { .. } => (true, !self.net.places[next].does.is_over()),
            Does::Some { .. } => (true, true),
            Does::Join { .. } | Does::Stop => (false, false),
        };
        if !self.is_twice(at) {
            return is_open;
        }
        let works = self.nodes.works_here_or_after;
        let is_told_apart = arrivals[next] == 1 || !self.is_among(self.nodes.works, at);
        is_noticed && is_told_apart && (self.is_among(works, next) || !self.is_among(works, at))
    }

    /// What only one place leads to is decided there.
    fn inline(&mut self) -> bool {
        let arrivals = self.net.arrivals();
        let is_alone = self.alone(&arrivals);
        let mut is_changed = false;
        for at in 0..self.net.places.len() {
            let mut number = 0;
            while let Does::One { groups, .. } = &self.net.places[at].does
                && number < groups.len()
            {
                match self.inlined(at, number, &is_alone) {
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
    fn inlined(&self, at: usize, number: usize, is_alone: &[bool]) -> Option<Arc> {
        let Does::One { groups, timers } = &self.net.places[at].does else { return None };
        let group = groups.get(number).filter(|_| timers.is_empty())?;
        let fits = |arc: &&Arc| {
            let Does::One { groups, timers } = &self.net.places[arc.to].does else { return false };
            let is_plain = timers.is_empty() && arc.to != at && is_alone[arc.to];
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
