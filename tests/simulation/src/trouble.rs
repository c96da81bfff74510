//! What happens to servers and clocks, and how a life comes to its end.

use crate::{
    judge,
    life::{Place, World},
    node::{LEASE_MS, Node},
    time::START,
};
use std::{mem, sync::atomic::Ordering, time::Duration};
use store::{Events, Instances, Nodes, WorkQueue, nodes::Succeeds};
use verify::Evidence;

/// Rounds in which a life that is left in peace has to come to its end, and those that each of its instances adds.
const ROUNDS: usize = 60;
const ROUNDS_EACH: usize = 4;
/// So many times as many may pass while a server waits for an answer, which clocks that are set do not bring.
const ROUNDS_IN_CALLS: usize = 10;

impl World {
    /// One thing happens, and time passes.
    pub(crate) fn something_happens(&mut self) {
        match self.dice.roll(27) {
            0..=6 => self.somebody_starts(),
            7..=10 => self.something_is_told(),
            11..=13 => self.somebody_completes(),
            14 => self.somebody_cancels(),
            15 => self.somebody_retries(),
            16 => self.an_account_changes(),
            17 => self.somebody_checks(),
            18..=20 => self.a_server_crashes(),
            21 => self.a_server_stands_still(),
            22 => self.a_server_is_stopped(),
            23 | 24 => self.a_server_is_cut_off(),
            _ => self.clocks_are_set(),
        }
        let pause = match self.dice.roll(8) {
            0..=3 => self.dice.roll(30),
            4..=6 => self.dice.roll(1_500),
            _ => self.dice.roll(6_000),
        };
        self.pass(i64::try_from(pause).unwrap_or(0));
        self.servers_come_back();
    }

    /// Whoever is up does it; nobody does when nobody is up.
    pub(crate) fn through_a_node(&mut self, does: impl FnOnce(&Node)) {
        let first = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(0);
        let (before, after) = self.places.split_at(first);
        let up = after.iter().chain(before).find_map(|place| match place {
            Place::Up(node) => Some(node),
            Place::Still(..) | Place::Down => None,
        });
        if let Some(node) = up {
            does(node);
        }
    }

    /// Any server, unless it is gone already.
    fn take_down(&mut self) -> Option<Node> {
        let number = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(0);
        match mem::replace(&mut self.places[number], Place::Down) {
            Place::Up(node) | Place::Still(node, _) => Some(node),
            Place::Down => None,
        }
    }

    /// Its process is killed, in the middle of whatever it does.
    fn a_server_crashes(&mut self) {
        let tasks = self.dice.roll(40);
        if self.dice.one_in(2) {
            self.somebody_starts();
        }
        if let Some(node) = self.take_down() {
            self.tell(format_args!("{} is killed after {tasks} tasks", node.name));
            node.crash(tasks);
        }
    }

    /// Nothing of it runs for a while, which may be longer than its lease.
    fn a_server_stands_still(&mut self) {
        let number = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(0);
        let pause = i64::try_from(self.dice.roll(3 * LEASE_MS.unsigned_abs())).unwrap_or(0);
        let until = self.age + pause;
        if let Place::Up(node) = mem::replace(&mut self.places[number], Place::Down) {
            self.tell(format_args!("{} stands still for {pause} ms", node.name));
            self.places[number] = Place::Still(node, until);
        }
    }

    /// Nothing that it writes gets through after so many writes; then it is killed, or its network is back.
    fn a_server_is_cut_off(&mut self) {
        let number = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(0);
        let writes = self.dice.roll(8);
        let Place::Up(node) = &self.places[number] else { return };
        self.tell(format_args!("{} is cut off after {writes} writes", node.name));
        node.store.cut_off_after(writes);
        self.somebody_starts();
        self.somebody_completes();
        let pause = if self.dice.one_in(3) { 2 * LEASE_MS.unsigned_abs() } else { 500 };
        let pause = self.dice.roll(pause);
        self.pass(i64::try_from(pause).unwrap_or(0));
        let is_killed = self.dice.one_in(2);
        match mem::replace(&mut self.places[number], Place::Down) {
            Place::Up(node) if is_killed => {
                self.tell(format_args!("{} is killed", node.name));
                node.crash(0);
            }
            place => self.places[number] = place,
        }
        if let Place::Up(node) = &self.places[number] {
            self.tell(format_args!("{} is back", node.name));
            node.store.cut_off_after(u64::MAX);
        }
    }

    fn a_server_is_stopped(&mut self) {
        let limit = Duration::from_millis(self.dice.roll(300));
        if let Some(node) = self.take_down() {
            self.tell(format_args!("{} is stopped", node.name));
            node.shut_down(limit);
        }
    }

    /// All clocks are set, most often forward.
    fn clocks_are_set(&mut self) {
        let by = match self.dice.roll(8) {
            0 | 1 => -3_600_000,
            2 => 3_600_000,
            3 => 86_400_000,
            _ => i64::try_from(self.dice.roll(120_000)).unwrap_or(0),
        };
        self.was_set_back |= by < 0;
        self.tell(format_args!("clocks are set by {by} ms"));
        self.shared.calendar.fetch_add(by, Ordering::Relaxed);
    }

    /// The checker reads beside all that goes on.
    fn somebody_checks(&mut self) {
        let found = judge::checked(self, Evidence::default());
        self.tell(format_args!("somebody checks: {}", found.as_deref().unwrap_or("clean")));
        self.findings.extend(found);
    }

    fn servers_come_back(&mut self) {
        for number in 0..self.places.len() {
            if matches!(self.places[number], Place::Down) && self.dice.one_in(2) {
                let succeeds =
                    if self.dice.one_in(2) { Succeeds::ItsName } else { Succeeds::Nobody };
                self.start(number, succeeds);
            }
        }
    }

    /// Trouble is over: every server runs, people do what they are asked, and everything has to come to its end.
    pub(crate) fn end(&mut self) {
        self.tell("trouble is over");
        for number in 0..self.places.len() {
            if matches!(self.places[number], Place::Down) {
                self.start(number, Succeeds::ItsName);
            }
        }
        // Until who stands still goes on, and has noticed who is gone.
        self.pass(5 * LEASE_MS);
        let mut at_rest = ROUNDS + ROUNDS_EACH * self.instances().len();
        let mut in_calls = ROUNDS_IN_CALLS * at_rest;
        while at_rest > 0 && in_calls > 0 {
            for task in self.open_tasks() {
                self.complete(task);
            }
            self.somebody_retries();
            self.pass(1_500);
            self.look_at_the_gone();
            if self.is_quiet() {
                return self.tell("everything has come to its end");
            }
            if self.in_hand() > 0 {
                in_calls -= 1;
            } else {
                at_rest -= 1;
            }
            self.hurry();
        }
        self.findings.push("not everything has come to its end".to_owned());
    }

    /// What a server that is gone held is free from the moment it is gone.
    fn look_at_the_gone(&mut self) {
        let nodes = self.desk(self.shared.workspace.nodes(100)).expect("memory answers");
        for gone in nodes.iter().filter(|node| node.ended_at.is_some()) {
            if gone.work > 0 || gone.slots > 0 {
                let (id, work, slots) = (gone.id, gone.work, gone.slots);
                let held = format!("{id} is gone, and holds {work} pieces of work, {slots} slots");
                self.findings.push(held);
            }
        }
    }

    /// What a server holds it also does: nobody else would, until the lease lapses.
    fn look_at_what_is_held(&mut self) {
        let nodes = self.desk(self.shared.workspace.nodes(0)).expect("memory answers");
        let held: u64 = nodes.iter().map(|node| node.work).sum();
        let idle = held.saturating_sub(self.in_hand() as u64);
        if idle > 0 {
            self.findings.push(format!("{idle} pieces of work are held, and nobody does them"));
        }
    }

    /// How many pieces of work the servers do at the moment.
    fn in_hand(&self) -> usize {
        let jobs = self.places.iter().map(|place| match place {
            Place::Up(node) | Place::Still(node, _) => node.runtime.jobs(),
            Place::Down => 0,
        });
        jobs.sum()
    }

    fn is_quiet(&self) -> bool {
        let store = &self.shared.workspace;
        let events = self.desk(store.events_backlog(1)).expect("memory answers").waiting;
        let is_over = |id| {
            let stored = self.desk(store.instance(id)).expect("memory answers");
            stored.is_some_and(|stored| stored.state.is_over())
        };
        events == 0 && self.next_due().is_none() && self.instances().into_iter().all(is_over)
    }

    fn next_due(&self) -> Option<journey::Timestamp> {
        self.desk(self.shared.workspace.next_due()).expect("memory answers")
    }

    /// Nobody waits an hour for a timer.
    fn hurry(&mut self) {
        let Some(next) = self.next_due() else { return };
        let ahead = next.0 - START.0 - self.age - self.shared.calendar.load(Ordering::Relaxed);
        if ahead > 3_000 {
            self.look_at_what_is_held();
            self.tell(format_args!("clocks are set by {ahead} ms"));
            self.shared.calendar.fetch_add(ahead, Ordering::Relaxed);
        }
    }
}
