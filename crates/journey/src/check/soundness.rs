//! Soundness: what no drawing may do, whatever happens to an instance, found by looking at every state it can come to.
//!
//! Conditions may hold or not, people may take any outcome, timers may fire or not, and every node may take its time; what is
//! proved so holds for every instance that meets no incident. The net is reduced first (`reduce`), and the states that are left
//! are looked at one by one (`explore`), up to a limit; when it is reached, that is said.

use super::{
    Diagnostic,
    concurrent::AtOnce,
    drawing::Drawing,
    flow::{Walks, reaching},
    leftover::Leftover,
    report::{Place, Report},
};
use crate::settings::Need;
use explore::{Found, Growing, Starved, Walk};
use net::{Does, Net};
use std::collections::HashSet;

mod explore;
mod finish;
pub(super) mod net;
mod nodes;
mod reduce;
mod state;

#[cfg(test)]
mod tests;

pub(super) use net::{Slot, is_inclusive, is_reminder, need};
use nodes::Nodes;
use reduce::Meeting;
pub(super) use reduce::Meetings;

/// What the other checks need of the proof.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) meetings: Meetings,
    /// Every state was looked at.
    pub(super) is_whole: bool,
}

impl Proof {
    /// Both: of the journey, and of a part of the drawing it runs below.
    pub(super) fn extend(&mut self, other: Self) {
        self.meetings.extend(other.meetings);
        self.is_whole &= other.is_whole;
    }
}

/// What is proved of a drawing, part by part, and where it is told.
pub(super) struct Proving<'t, 'd> {
    drawing: &'t Drawing<'d>,
    walks: &'t Walks,
    report: &'t Report,
    /// For each node whether something is done for the customer there.
    works: Vec<bool>,
    works_here_or_after: Vec<bool>,
    at_once: Option<&'t AtOnce>,
}

/// What the states of one part show.
struct Looked {
    net: Net,
    meetings: Meetings,
    found: Found,
    /// Every way in which a join goes on was seen.
    is_whole: bool,
}

impl<'t, 'd> Proving<'t, 'd> {
    pub(super) fn of(
        drawing: &'t Drawing<'d>,
        walks: &'t Walks,
        at_once: Option<&'t AtOnce>,
        report: &'t Report,
    ) -> Self {
        let works = works(drawing);
        let works_here_or_after = reaching(drawing, (0..works.len()).filter(|at| works[*at]));
        Self { drawing, walks, report, works, works_here_or_after, at_once }
    }

    /// Proves what can be proved of these parts of the drawing, each given by the nodes one of which begins it.
    pub(super) fn check(&self, parts: &[Vec<usize>]) -> Proof {
        let (leftover, looked) = self.look_at_each(parts);
        let mut proof = Proof { meetings: Meetings::new(), is_whole: true };
        for (begin, looked) in parts.iter().zip(looked) {
            proof.extend(self.tell(begin, looked));
        }
        self.left_behind(&leftover);
        leftover.check(self.walks, self.report);
        proof
    }

    /// What the states of each part show, and what loops leave behind.
    ///
    /// Branches that only a loop leaves behind need not be told apart, so a loop no instance comes round must not count: where
    /// joins are found never to go on, it is looked again without the loops through them.
    fn look_at_each(&self, parts: &[Vec<usize>]) -> (Leftover<'t, 'd>, Vec<Looked>) {
        let leftover = Leftover::of(self.drawing, |at| self.walks.lead_to(at));
        let left = leftover.nodes();
        let look = |begin: &Vec<usize>| self.look(|| Net::of(self.drawing, begin), &left);
        let looked: Vec<Looked> = parts.iter().map(look).collect();
        let dead = self.dead(&looked);
        if !dead.contains(&true) {
            return (leftover, looked);
        }
        let runs = self.runs(&parts.concat(), |at| !dead[at]);
        let leftover = Leftover::of(self.drawing, |at| runs[at] && !dead[at]);
        let known = leftover.nodes();
        if known == left {
            return (leftover, looked);
        }
        let again = |(begin, before): (&Vec<usize>, Looked)| {
            let looked = self.look(|| Net::of(self.drawing, begin), &known);
            // Every way in which joins go on is known already: what was not seen is where branches come together.
            Looked { meetings: before.meetings, is_whole: before.is_whole, ..looked }
        };
        (leftover, parts.iter().zip(looked).map(again).collect())
    }

    /// For each node whether it is a join that is known never to go on.
    fn dead(&self, looked: &[Looked]) -> Vec<bool> {
        let is_whole = looked.iter().all(|one| one.is_whole);
        let goes_on = |at: usize| {
            looked.iter().any(|one| one.meetings.get(&at).is_some_and(Meeting::goes_on))
        };
        let nodes = self.drawing.nodes.iter().enumerate();
        nodes.map(|(at, drawn)| is_whole && drawn.node.kind == "join" && !goes_on(at)).collect()
    }

    fn look(&self, net: impl Fn() -> Net, left: &[bool]) -> Looked {
        let looked = self.look_knowing(net(), left, self.at_once);
        if looked.found.deadlocked.is_empty() {
            return looked;
        }
        // What can be at once was said of joins that do not wait for one another.
        self.look_knowing(net(), left, None)
    }

    fn look_knowing(&self, mut net: Net, left: &[bool], at_once: Option<&AtOnce>) -> Looked {
        let at = Nodes {
            works: &self.works,
            works_here_or_after: &self.works_here_or_after,
            left,
            at_once,
        };
        let mut meetings = reduce::reduce(&mut net, at);
        let found = explore::explore(&net, &mut meetings);
        let is_whole = !found.is_cut && !found.is_endless && found.growing.is_empty();
        Looked { net, meetings, found, is_whole }
    }

    /// Tells what the states of a part show.
    fn tell(&self, begin: &[usize], looked: Looked) -> Proof {
        let Looked { net, meetings, found, is_whole } = looked;
        self.never_finishes(&Net::of(self.drawing, begin));
        self.states(&net, &found);
        if is_whole {
            let drawn: Vec<usize> = net.places.iter().filter_map(|place| place.drawn).collect();
            self.alternatives(&drawn, &meetings);
            self.never_runs(&drawn, begin, &meetings);
        }
        Proof { meetings, is_whole }
    }

    /// Branches that come together in what a loop leaves behind in one round: those of several rounds are told of with the loop.
    fn left_behind(&self, leftover: &Leftover<'_, '_>) {
        let nothing = vec![false; self.drawing.nodes.len()];
        for behind in leftover.behind_each() {
            let net = || Net::left_behind(self.drawing, &behind);
            let Looked { net, found, .. } = self.look(net, &nothing);
            self.branches(&net, &found);
        }
    }

    fn never_finishes(&self, net: &Net) {
        let finishable = finish::finishable(net);
        for at in finish::torn(net, &finishable).into_iter().filter_map(|at| net.places[at].drawn) {
            let message = "One way from here leads to an end, another comes back here again and again, so an instance would never finish; lead the way back around this node, or end it.";
            self.report.add(
                Diagnostic::error("never-finishes", self.node(at), message)
                    .walk(self.walks.to(self.drawing, at)),
            );
        }
    }

    fn states(&self, net: &Net, found: &Found) {
        for Starved { join, arrived, walk } in &found.starved {
            self.starved(net, *join, *arrived, &self.edges_of(net, walk));
        }
        for (join, walk) in &found.deadlocked {
            let Some(at) = net.places[*join].drawn else { continue };
            let message = "This join and another wait for each other; so as not to stand still for ever, this one goes on with what it has. Take one of the ways between them out.";
            let found = Diagnostic::warning("joins-deadlock", self.node(at), message);
            self.add(found, self.edges_of(net, walk));
        }
        self.branches(net, found);
    }

    /// What is found of branches that come together or multiply.
    fn branches(&self, net: &Net, found: &Found) {
        for growing in &found.growing {
            self.growing(net, growing);
        }
        self.twice(net, found);
        if found.is_cut && !self.report.has("soundness-unknown", None) {
            let message = format!(
                "{} states of this journey were looked at, and there are more. In those nothing worse than what is said here was found; that every join gets the ways it needs, that nothing runs twice and that branches do not multiply is not proven for the rest. Fewer branches that run at the same time, or a join after them, would make it provable.",
                found.states
            );
            self.report.warning("soundness-unknown", Place::Draft, message);
        }
    }

    fn starved(&self, net: &Net, join: usize, arrived: usize, walk: &[usize]) {
        let (Some(at), Does::Join { need: Need::Count(count), .. }) =
            (net.places[join].drawn, &net.places[join].does)
        else {
            return;
        };
        let ways = if arrived == 1 { "way comes" } else { "ways come" };
        let message = format!(
            "The join needs {count} ways, but it can be that only {arrived} {ways}, and then an instance stands still here; ask for fewer, or see that enough always come."
        );
        let found = Diagnostic::error("join-starved", self.node(at), message);
        self.add(found.on("/need"), walk.to_vec());
    }

    fn growing(&self, net: &Net, growing: &Growing) {
        let forks: Vec<Vec<usize>> =
            growing.forks.iter().map(|trail| net.trails.edges(*trail)).collect();
        let walk = self.edges_of(net, &growing.walk);
        let fork = fork(&forks).or(walk.last().copied());
        let Some(at) = fork.map(|edge| self.drawing.edges[edge].from) else { return };
        if self.report.has("unbounded-growth", Some(&self.drawing.nodes[at].node.id)) {
            return;
        }
        let message = "Each round of the loop through here leaves one more branch behind, without bound, until the instance can take no step; join the branches before the way leads back, or do not begin one in a loop.";
        self.add(Diagnostic::error("unbounded-growth", self.node(at), message), walk);
    }

    /// Where branches of one instance come together without a join, and work follows.
    fn twice(&self, net: &Net, found: &Found) {
        let mut told: HashSet<usize> = HashSet::new();
        let mut after = vec![false; self.drawing.nodes.len()];
        for (place, walk) in &found.twice {
            let Some(seen) = net.places[*place].drawn else { continue };
            let walk = self.edges_of(net, walk);
            let at = self.meeting_point(seen, &walk).unwrap_or(seen);
            let is_growth = at == seen && !found.growing.is_empty();
            if is_growth || after[at] || !self.works_here_or_after[at] || !told.insert(at) {
                continue;
            }
            if !self.report.has("runs-twice", Some(&self.drawing.nodes[at].node.id)) {
                let message = "Two branches that run at the same time come together here without a join, so what follows is done once for each; put a join before it if it is to be done once.";
                self.add(Diagnostic::warning("runs-twice", self.node(at), message), walk);
            }
            self.mark_after(at, &mut after);
        }
    }

    /// The node at which branches first met when they are seen together at this one; `None` when one branch came round a loop.
    fn meeting_point(&self, mut at: usize, walk: &[usize]) -> Option<usize> {
        let mut after_joins = at;
        for _ in 0..self.drawing.nodes.len() {
            let is_join = self.drawing.nodes[at].node.kind == "join";
            if !is_join {
                after_joins = at;
            }
            let mut into = walk.iter().filter(|edge| self.drawing.edges[**edge].to == at);
            let Some(first) = into.next() else { break };
            if into.any(|edge| edge != first) {
                let is_twice = |at: usize| self.at_once.is_none_or(|at_once| at_once.twice[at]);
                return (is_join || is_twice(at)).then_some(after_joins);
            }
            at = self.drawing.edges[*first].from;
        }
        Some(after_joins)
    }

    fn mark_after(&self, at: usize, after: &mut [bool]) {
        let next =
            |at: usize| self.drawing.nodes[at].out.iter().map(|edge| self.drawing.edges[*edge].to);
        let mut open: Vec<usize> = next(at).collect();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut after[at], true) {
                open.extend(next(at));
            }
        }
    }

    fn alternatives(&self, drawn: &[usize], meetings: &Meetings) {
        for at in drawn {
            let node = &self.drawing.nodes[*at];
            let Some(meeting) = meetings.get(at).filter(|_| node.into.len() > 1) else { continue };
            if node.node.kind != "join" || meeting.is_together || meeting.arrivals.is_empty() {
                continue;
            }
            let message = "The ways into this join are alternatives: only ever one of them arrives, so there is nothing to wait for. Remove the join, or lead ways here that run in parallel.";
            self.report.add(
                Diagnostic::warning("join-of-alternatives", self.node(*at), message)
                    .walk(self.walks.to(self.drawing, *at)),
            );
        }
    }

    /// What stands after joins that never go on.
    fn never_runs(&self, drawn: &[usize], begin: &[usize], meetings: &Meetings) {
        let goes_on = |at: usize| {
            self.drawing.nodes[at].node.kind != "join"
                || meetings.get(&at).is_some_and(Meeting::goes_on)
        };
        let runs = self.runs(begin, goes_on);
        for at in drawn.iter().filter(|at| !runs[**at]) {
            let message = "Ways lead here, but no instance can ever take them: a join before it never gets the ways it needs.";
            self.report.add(
                Diagnostic::warning("never-runs", self.node(*at), message)
                    .walk(self.walks.to(self.drawing, *at)),
            );
        }
    }

    /// The edges walked, from a trigger on; what branches of one move have in common is walked once.
    fn edges_of(&self, net: &Net, walk: &Walk) -> Vec<usize> {
        let mut edges: Vec<usize> = Vec::new();
        for trails in walk {
            let mut before: Vec<usize> = Vec::new();
            for trail in trails {
                let trail = net.trails.edges(*trail);
                let same =
                    trail.iter().zip(&before).take_while(|(one, other)| one == other).count();
                edges.extend(&trail[same..]);
                before = trail;
            }
        }
        let first = edges.first().filter(|_| net.is_in_loop);
        let before =
            first.map(|edge| self.walks.edges_to(self.drawing, self.drawing.edges[*edge].from));
        before.into_iter().flatten().chain(edges).collect()
    }

    /// For each node whether an instance can come there that begins at one of these.
    fn runs(&self, begin: &[usize], goes_on: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut runs = vec![false; self.drawing.nodes.len()];
        let mut open = begin.to_vec();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut runs[at], true) && goes_on(at) {
                open.extend(
                    self.drawing.nodes[at].out.iter().map(|edge| self.drawing.edges[*edge].to),
                );
            }
        }
        runs
    }

    fn node(&self, at: usize) -> Place<'_> {
        Place::Node(&self.drawing.nodes[at].node.id)
    }

    fn add(&self, found: Diagnostic, walk: Vec<usize>) {
        let walk = walk.into_iter().map(|edge| self.drawing.edges[edge].edge.id.clone());
        self.report.add(found.walk(walk.collect()));
    }
}

/// The first edge in which walks from one place differ.
fn fork(walks: &[Vec<usize>]) -> Option<usize> {
    let [first, second, ..] = walks else { return None };
    let same = first.iter().zip(second).take_while(|(one, other)| one == other).count();
    first.get(same).or(second.get(same)).copied()
}

/// For each node whether something is done for the customer there.
fn works(drawing: &Drawing<'_>) -> Vec<bool> {
    let kinds =
        ["task", "approval", "handoff", "action", "ai_check", "journey", "for_each", "notify"];
    drawing.nodes.iter().map(|drawn| kinds.contains(&drawn.node.kind.as_str())).collect()
}
