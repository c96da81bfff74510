//! Every state an instance can come to, breadth first, so that what is found is found by a shortest way.

use super::{
    net::{Does, Net, Trail},
    reduce::Meetings,
    state::{Choice, Played, Rules, Sight, State},
};
use crate::limits;
use std::{collections::HashMap, rc::Rc};

/// Move by move the ways that were walked.
pub(super) type Walk = Vec<Vec<Trail>>;

/// What the states show.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) states: usize,
    /// Not every state was looked at.
    pub(super) is_cut: bool,
    /// A move never came to rest, so what follows it was not looked at; `endless-loop` tells of it.
    pub(super) is_endless: bool,
    pub(super) twice: Vec<(usize, Walk)>,
    pub(super) starved: Vec<Starved>,
    pub(super) deadlocked: Vec<(usize, Walk)>,
    pub(super) growing: Vec<Growing>,
}

#[derive(Debug)]
pub(super) struct Starved {
    pub(super) join: usize,
    pub(super) arrived: usize,
    pub(super) walk: Walk,
}

/// A round of moves after which everything stands as before, and more.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) walk: Walk,
    /// The walks that leave the place where one branch becomes several.
    pub(super) forks: Vec<Trail>,
}

/// Looks at every state of a net, or at as many as the limit allows.
pub(super) fn explore(net: &Net, meetings: &mut Meetings) -> Found {
    let mut explorer = Explorer {
        rules: Rules::of(net),
        numbers: HashMap::new(),
        seen: Vec::new(),
        moves: 0,
        meetings,
        found: Found::default(),
    };
    let first = State { tokens: vec![(net.start, 0)], ..State::default() };
    explorer.note(first, None, Vec::new());
    let mut next = 0;
    while next < explorer.seen.len() && !explorer.found.is_cut {
        explorer.expand(next);
        next += 1;
    }
    explorer.found.states = explorer.seen.len();
    explorer.found
}

/// A state, and the move by which it was first reached.
struct Seen {
    state: Rc<State>,
    by: Option<Move>,
    trail: Vec<Trail>,
}

#[derive(Clone, Copy)]
struct Move {
    from: usize,
    token: (usize, usize),
    choice: Choice,
}

struct Explorer<'n, 'm> {
    rules: Rules<'n>,
    numbers: HashMap<Rc<State>, usize>,
    seen: Vec<Seen>,
    moves: u64,
    meetings: &'m mut Meetings,
    found: Found,
}

/// How often a round is repeated before it is believed to go on growing.
const REPEATS: usize = 8;

/// Arcs that are walked in the time of one ordinary move.
const ARCS: u64 = 16;

/// Furthest a state is compared with those it came from.
const ANCESTORS: usize = 64;

impl Explorer<'_, '_> {
    fn expand(&mut self, from: usize) {
        let state = Rc::clone(&self.seen[from].state);
        let mut last = None;
        for token in &state.tokens {
            if last.replace(*token) == Some(*token) {
                continue;
            }
            let mut choices = Choices::of(&self.rules.net.places[token.0].does, token.1);
            while let Some(choice) = choices.next_one() {
                if self.seen.len() >= limits::PROOF_STATES || self.moves >= limits::PROOF_MOVES {
                    self.found.is_cut = true;
                    return;
                }
                let played = self.rules.play(&state, *token, choice);
                self.moves += 1 + played.trail.len() as u64 / ARCS;
                self.look(Move { from, token: *token, choice }, played);
            }
        }
    }

    fn look(&mut self, by: Move, played: Played) {
        let Played { state, trail, sights, is_endless } = played;
        self.found.is_endless |= is_endless;
        for (walked, sight) in sights {
            self.sight(by.from, &trail[..walked], sight);
        }
        if is_endless || self.numbers.contains_key(&state) || self.grows(by, &state, &trail) {
            return;
        }
        if state.size() > limits::WAITS {
            // The engine takes no step that would wait in more places than this.
            self.found.is_cut = true;
            return;
        }
        self.note(state, Some(by), trail);
    }

    fn note(&mut self, state: State, by: Option<Move>, trail: Vec<Trail>) {
        let state = Rc::new(state);
        self.numbers.insert(Rc::clone(&state), self.seen.len());
        self.seen.push(Seen { state, by, trail });
    }

    fn sight(&mut self, from: usize, trail: &[Trail], sight: Sight) {
        match sight {
            Sight::Twice(at) => {
                if !self.found.twice.iter().any(|(other, _)| *other == at) {
                    let walk = self.walk(from, trail);
                    self.found.twice.push((at, walk));
                }
            }
            Sight::Starved { join, arrived } => {
                if !self.found.starved.iter().any(|other| other.join == join) {
                    let walk = self.walk(from, trail);
                    self.found.starved.push(Starved { join, arrived, walk });
                }
            }
            Sight::Deadlocked(join) => {
                if !self.found.deadlocked.iter().any(|(other, _)| *other == join) {
                    let walk = self.walk(from, trail);
                    self.found.deadlocked.push((join, walk));
                }
            }
            Sight::WentOn { join, arrived, coming } => self.went_on(join, &arrived, coming),
        }
    }

    fn went_on(&mut self, join: usize, arrived: &[usize], coming: usize) {
        let place = &self.rules.net.places[join];
        let (Some(drawn), Does::Join { slots, .. }) = (place.drawn, &place.does) else { return };
        let meeting = self.meetings.entry(drawn).or_default();
        meeting.is_together |= arrived.len() + coming > 1;
        let set: Vec<_> = arrived.iter().filter_map(|slot| slots[*slot].clone()).collect();
        if meeting.arrivals.len() < limits::PROOF_ARRIVALS && !meeting.arrivals.contains(&set) {
            meeting.arrivals.push(set);
        }
    }

    /// The walk from the beginning to a state and on.
    fn walk(&self, to: usize, further: &[Trail]) -> Walk {
        let mut states = Vec::new();
        let mut at = to;
        while let Some(by) = self.seen[at].by {
            states.push(at);
            at = by.from;
        }
        let before = states.iter().rev().map(|state| self.seen[*state].trail.clone());
        before.chain([further.to_vec()]).collect()
    }

    /// Whether a state is one it came from and more, and the same moves make it more again and again.
    fn grows(&mut self, by: Move, state: &State, trail: &[Trail]) -> bool {
        if !is_doubled(state) {
            return false;
        }
        if !self.found.growing.is_empty() {
            return true;
        }
        let mut moves = vec![by];
        let mut at = by.from;
        for _ in 0..ANCESTORS {
            if covers(state, &self.seen[at].state) && self.goes_on_growing(state, &moves) {
                let walk = self.walk(by.from, trail);
                let forks = moves.iter().rev().map(|one| self.forks(*one));
                let forks = forks.into_iter().find(|forks| forks.len() > 1).unwrap_or_default();
                self.found.growing.push(Growing { walk, forks });
                return true;
            }
            let Some(before) = self.seen[at].by else { return false };
            moves.push(before);
            at = before.from;
        }
        false
    }

    /// `moves` are the moves of the round, the last one first.
    fn goes_on_growing(&self, state: &State, moves: &[Move]) -> bool {
        let mut now = state.clone();
        for _ in 0..REPEATS {
            let before = now.clone();
            for step in moves.iter().rev() {
                if now.tokens.binary_search(&step.token).is_err() {
                    return false;
                }
                now = self.rules.play(&now, step.token, step.choice).state;
            }
            if !covers(&now, &before) {
                return false;
            }
        }
        true
    }

    /// The walks a move begins.
    fn forks(&self, by: Move) -> Vec<Trail> {
        match (&self.rules.net.places[by.token.0].does, by.choice) {
            (Does::One { groups, .. }, Choice::Group(number)) => {
                groups[number].iter().map(|arc| arc.trail).collect()
            }
            (Does::One { groups, timers }, Choice::Timer(number)) => {
                let stays = groups.iter().flatten().map(|arc| arc.trail).take(1);
                [timers[number].trail].into_iter().chain(stays).collect()
            }
            (Does::Some { ways, .. }, Choice::Ways(taken)) => {
                let taken = ways.iter().enumerate().filter(|(number, _)| taken >> number & 1 == 1);
                taken.map(|(_, arc)| arc.trail).collect()
            }
            (Does::One { .. } | Does::Some { .. } | Does::Join { .. } | Does::Stop, _) => {
                Vec::new()
            }
        }
    }
}

/// Every choice of a branch, one after the other: there can be more than memory holds.
struct Choices<'d> {
    does: &'d Does,
    past: usize,
    next: u64,
}

impl<'d> Choices<'d> {
    fn of(does: &'d Does, past: usize) -> Self {
        Self { does, past, next: 0 }
    }

    fn next_one(&mut self) -> Option<Choice> {
        let number = self.next;
        self.next += 1;
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        match self.does {
            Does::One { groups, timers } => {
                let timer = place.saturating_sub(groups.len()) + self.past;
                if place < groups.len() {
                    Some(Choice::Group(place))
                } else {
                    (timer < timers.len()).then_some(Choice::Timer(timer))
                }
            }
            Does::Some { ways, otherwise } => {
                let all = 1_u64.checked_shl(u32::try_from(ways.len()).unwrap_or(u32::MAX));
                if number == 0 {
                    let is_empty = otherwise.is_empty() && !ways.is_empty();
                    return if is_empty { self.next_one() } else { Some(Choice::Otherwise) };
                }
                all.is_none_or(|all| number < all).then_some(Choice::Ways(number))
            }
            Does::Join { .. } | Does::Stop => None,
        }
    }
}

/// Whether two branches stand at one place: unless that happens, nothing grows.
fn is_doubled(state: &State) -> bool {
    let same_place = |pair: &[(usize, usize)]| pair[0].0 == pair[1].0;
    state.tokens.windows(2).any(same_place)
        || state.owed.windows(2).any(|pair| pair[0] == pair[1])
        || state
            .rounds
            .iter()
            .enumerate()
            .any(|(at, (join, _))| state.rounds[..at].iter().any(|(other, _)| other == join))
}

/// Whether everything of the second state is in the first, and more.
fn covers(more: &State, less: &State) -> bool {
    more.size() > less.size()
        && holds_all(&more.tokens, &less.tokens)
        && holds_all(&more.owed, &less.owed)
        && holds_all(&sorted(&more.rounds), &sorted(&less.rounds))
}

fn sorted(rounds: &[(usize, Vec<usize>)]) -> Vec<(usize, Vec<usize>)> {
    let mut rounds = rounds.to_vec();
    for (_, arrived) in &mut rounds {
        arrived.sort_unstable();
    }
    rounds.sort_unstable();
    rounds
}

/// Both are sorted.
fn holds_all<T: Ord>(more: &[T], less: &[T]) -> bool {
    let mut rest = more.iter();
    less.iter().all(|wanted| rest.any(|one| one == wanted))
}
