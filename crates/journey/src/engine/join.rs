//! A join: waits for all, any or n of the ways that lead to it.
//!
//! `all` means every way that can still arrive: when a decision before it took only some ways, or a branch ended, the join
//! goes on as soon as no branch that is alive can reach it any more. A join that goes on before all have arrived absorbs
//! those that still can, so that they do not open a second round.

use super::{Fact, On, Position, Rejection, Turn, failure};
use crate::{
    journey::{Node, Way},
    settings::{Join, Kind, Need},
};
use std::collections::HashSet;

impl<'a> Turn<'a> {
    pub(super) fn arrive(
        &mut self,
        node: &'a Node,
        join: &Join,
        way: &'a Way,
    ) -> Result<(), Rejection> {
        let edge = &way.edge;
        if self.instance.owed.get(&node.id).is_some_and(|owed| owed.contains(edge)) {
            self.record(Fact::Absorbed { node: node.id.clone(), edge: edge.clone() });
            return Ok(());
        }
        let round = self.instance.waits.iter().find(|wait| {
            wait.node == node.id
                && matches!(&wait.on, On::Join { arrived } if !arrived.contains(edge))
        });
        let position = if let Some(position) = round.map(|wait| wait.position) {
            self.record(Fact::Arrived { position, edge: edge.clone() });
            position
        } else {
            let position = self.enter_position(node, Some(edge))?;
            self.wait(position, On::Join { arrived: vec![edge.clone()] });
            position
        };
        let arrived = self.arrived(position);
        let enough = match join.need {
            Need::All => arrived.len() >= node.incoming.len(),
            Need::Any => true,
            Need::Count(count) => arrived.len() >= count,
        };
        if enough {
            self.go_on(node, join, position);
        }
        Ok(())
    }

    fn arrived(&self, position: Position) -> Vec<String> {
        match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Join { arrived }) => arrived.clone(),
            _ => Vec::new(),
        }
    }

    fn go_on(&mut self, node: &'a Node, join: &Join, position: Position) {
        if join.cancel_rest {
            self.withdraw_rest(node, position);
        }
        let owed = self.can_still_arrive(node, position);
        if !owed.is_empty() {
            self.record(Fact::Joined { position, node: node.id.clone(), owed });
        }
        self.leave(node, position, "out");
    }

    /// Withdraws every branch that could still arrive at a join.
    fn withdraw_rest(&mut self, join: &'a Node, position: Position) {
        let goal = self.journey.place(&join.id);
        let leads_there = |from: usize| self.reached_from(vec![from], goal).1;
        let waits = self.instance.waits.iter().filter(|wait| wait.position != position);
        let coming: Vec<_> = waits
            .filter(|wait| self.journey.place(&wait.node).is_some_and(leads_there))
            .map(|wait| wait.position)
            .collect();
        let open = std::mem::take(&mut self.open);
        self.open = open
            .into_iter()
            .filter(|way| Some(way.to) != goal && !self.reached_from(vec![way.to], goal).1)
            .collect();
        for position in coming {
            self.withdraw(position, &format!("'{}' went on without it", join.id));
        }
    }

    /// Lets go of one join nothing more can arrive at; whether there was one.
    pub(super) fn settle_joins(&mut self) -> bool {
        let joins: Vec<_> = self.joins().collect();
        // Joins that wait only for one another would wait for ever: the first goes on with what it has.
        let deadlock = joins.len() == self.instance.waits.len();
        let stuck =
            joins.iter().find(|(node, position)| self.can_still_arrive(node, *position).is_empty());
        let Some((node, position)) = stuck.or_else(|| joins.first().filter(|_| deadlock)).copied()
        else {
            return false;
        };
        let arrived = self.arrived(position).len();
        let Kind::Join(join) = &node.kind else { return false };
        match join.need {
            Need::Count(count) if arrived < count => {
                let message =
                    format!("the join needs {count} ways, {arrived} arrived, and no other can");
                self.raise(position, failure("join.starved", message));
            }
            Need::All | Need::Any | Need::Count(_) => self.go_on(node, join, position),
        }
        true
    }

    fn joins(&self) -> impl Iterator<Item = (&'a Node, Position)> {
        self.instance
            .waits
            .iter()
            .filter(|wait| matches!(wait.on, On::Join { .. }))
            .filter_map(|wait| Some((self.journey.find(&wait.node)?, wait.position)))
    }

    /// The edges into a join that have not arrived in this round and that some branch alive can still take.
    fn can_still_arrive(&self, join: &Node, position: Position) -> Vec<String> {
        let arrived = self.arrived(position);
        let missing: Vec<_> =
            join.incoming.iter().filter(|(edge, _)| !arrived.contains(edge)).collect();
        if missing.is_empty() {
            return Vec::new();
        }
        let (alive, ways) = self.reachable(join, position);
        let is_coming =
            |(edge, from): &&&(String, usize)| ways.contains(edge.as_str()) || alive.contains(from);
        missing.iter().filter(is_coming).map(|(edge, _)| edge.clone()).collect()
    }

    /// The nodes some branch alive may still leave, and the edges already taken to the join.
    fn reachable(&self, join: &Node, position: Position) -> (HashSet<usize>, HashSet<&'a str>) {
        let goal = self.journey.place(&join.id);
        let mut ways = HashSet::new();
        let others = self.instance.waits.iter().filter(|wait| wait.position != position);
        let mut open: Vec<usize> =
            others.filter_map(|wait| self.journey.place(&wait.node)).collect();
        for way in &self.open {
            if Some(way.to) == goal {
                ways.insert(way.edge.as_str());
            } else {
                open.push(way.to);
            }
        }
        (self.reached_from(open, goal).0, ways)
    }

    /// The nodes that can be reached without passing a goal, and whether the goal can.
    fn reached_from(&self, mut open: Vec<usize>, goal: Option<usize>) -> (HashSet<usize>, bool) {
        let mut reached = HashSet::new();
        let mut arrives = false;
        while let Some(at) = open.pop() {
            if reached.insert(at) {
                for way in &self.journey.nodes[at].ways {
                    if Some(way.to) == goal {
                        arrives = true;
                    } else {
                        open.push(way.to);
                    }
                }
            }
        }
        (reached, arrives)
    }
}
