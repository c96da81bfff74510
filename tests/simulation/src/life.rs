//! A life: how it begins, goes on and ends.

use crate::{
    dice::Dice,
    judge,
    node::{Node, Shared},
    outside::Outside,
    program::{self, Program},
    time::START,
    trace::{self, Trace},
};
use journey::{Draft, Timestamp};
use std::{
    cell::Cell,
    collections::BTreeMap,
    panic,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError, atomic::Ordering},
};
use store::{
    AccountId, Accounts, EventId, InstanceId, JourneyId, Journeys, Memory, TaskId,
    accounts::{Created, Statement},
    journeys::{Mode, NewVersion},
    nodes::Succeeds,
};
use tokio::runtime::Builder;

/// What became of a seed.
#[derive(Clone, Debug)]
pub struct Life {
    pub seed: u64,
    /// Everything that happened and all that was kept, a line each.
    pub trace: String,
    /// Of the trace; equal traces have equal digests.
    pub digest: String,
    /// What is wrong, a sentence each.
    pub findings: Vec<String>,
    /// How many instances were lived.
    pub instances: usize,
    /// How many effects the outside had.
    pub effects: usize,
    /// How many nodes each journey has.
    pub programs: Vec<usize>,
    /// How many accounts there are.
    pub accounts: usize,
}

/// What somebody outside was told is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told {
    Started { key: String, journey: JourneyId, instance: InstanceId },
    Completed { task: TaskId },
}

/// A server, or the place where one was.
pub(crate) enum Place {
    Up(Node),
    /// It stands still until the life is so old.
    Still(Node, i64),
    Down,
}

/// A life as it is lived.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) shared: Shared,
    pub(crate) age: i64,
    pub(crate) places: Vec<Place>,
    pub(crate) programs: BTreeMap<JourneyId, Program>,
    /// Those that people start.
    pub(crate) manual: Vec<JourneyId>,
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) told: Arc<Mutex<Vec<Told>>>,
    /// Events that were taken in, by their keys.
    pub(crate) taken: BTreeMap<String, EventId>,
    /// What was found wrong already.
    pub(crate) findings: Vec<String>,
    /// Whether clocks were set back: what arrived then cannot be compared with when it was intended.
    pub(crate) was_set_back: bool,
    started: u64,
    desk: tokio::runtime::Runtime,
}

thread_local! {
    /// Panics of this thread, in tasks that swallow them, too.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

static HOOK: Once = Once::new();

/// Lives the life of a seed.
pub fn live(seed: u64) -> Life {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |told| {
            PANICS.set(PANICS.get() + 1);
            before(told);
        }));
    });
    let panics = PANICS.get();
    let mut world = World::begin(seed);
    for _ in 0..12 + world.dice.roll(20) {
        world.something_happens();
    }
    world.end();
    let (mut findings, instances) = judge::judge(&world);
    if PANICS.get() > panics {
        findings.push(format!("{} panics", PANICS.get() - panics));
    }
    let effects = world.shared.outside.seen().done.len();
    let programs = world.programs.values().map(|program| program.draft.nodes.len()).collect();
    let accounts = world.accounts.len();
    world.places.clear();
    let trace = world.shared.trace.text();
    let digest = trace::digest(&trace);
    Life { seed, trace, digest, findings, instances, effects, programs, accounts }
}

impl World {
    fn begin(seed: u64) -> Self {
        let desk = Builder::new_current_thread().enable_time().start_paused(true).build();
        let shared = Shared {
            seed,
            workspace: Arc::new(Memory::new(seed)),
            outside: Outside::default(),
            calendar: Arc::default(),
            trace: Trace::default(),
        };
        let mut world = Self {
            dice: Dice::new(seed),
            shared,
            age: 0,
            places: Vec::new(),
            programs: BTreeMap::new(),
            manual: Vec::new(),
            accounts: Vec::new(),
            told: Arc::default(),
            taken: BTreeMap::new(),
            findings: Vec::new(),
            was_set_back: false,
            started: 0,
            desk: desk.expect("a runtime without threads needs nothing"),
        };
        world.shared.workspace.set_clock(START);
        world.draw();
        for number in 0..world.crowd() {
            let account = world.open_account(number);
            world.accounts.push(account);
        }
        for _ in 0..=world.dice.roll(3) {
            world.places.push(Place::Down);
        }
        for number in 0..world.places.len() {
            world.start(number, Succeeds::Nobody);
        }
        world
    }

    /// How many accounts there are: a few, whose events meet, or a crowd.
    fn crowd(&mut self) -> u32 {
        if self.dice.one_in(4) { 30 } else { 3 }
    }

    fn draw(&mut self) {
        let first = program::draw(&mut self.dice, None);
        let id = self.publish(first);
        let below = self.dice.one_in(3).then(|| id.to_string());
        let second = program::draw(&mut self.dice, below.as_deref());
        self.manual = vec![id, self.publish(second)];
        if self.dice.one_in(2) {
            let ordered = program::draw_ordered(&mut self.dice);
            self.publish(ordered);
        }
    }

    fn publish(&mut self, program: Program) -> JourneyId {
        let workspace = Arc::clone(&self.shared.workspace);
        let version = NewVersion {
            draft: program.draft.clone(),
            revision: 1,
            mode: Mode::Live,
            note: String::new(),
            by: "ada@x.y".to_owned(),
            review: None,
        };
        let id = self.desk(publish(&workspace, &program.draft, &version));
        self.programs.insert(id, program);
        id
    }

    fn open_account(&self, number: u32) -> AccountId {
        let external_id = format!("A-{number}");
        let statement =
            Statement { name: external_id.clone(), external_id, ..Statement::default() };
        let created = self.desk(self.shared.workspace.create_account(&statement, START));
        match created.expect("memory answers") {
            Created::Account(id) | Created::Taken(id) => id,
        }
    }

    /// Asks the store beside all servers; it answers at once.
    pub(crate) fn desk<T>(&self, asked: impl Future<Output = T>) -> T {
        self.desk.block_on(asked)
    }

    /// By the calendar.
    pub(crate) fn now(&self) -> Timestamp {
        START.plus(self.age + self.shared.calendar.load(Ordering::Relaxed))
    }

    pub(crate) fn tell(&self, what: impl std::fmt::Display) {
        self.shared.trace.tell(self.age, "world", what);
    }

    pub(crate) fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the server of a place that has none.
    pub(crate) fn start(&mut self, number: usize, succeeds: Succeeds) {
        self.started += 1;
        let name = format!("node-{number}");
        self.tell(format_args!("{name} starts as {succeeds:?}"));
        let ids = self.started << 32;
        match Node::start(&self.shared, &name, self.age, (ids, succeeds)) {
            Ok(node) => self.places[number] = Place::Up(node),
            Err(error) => self.findings.push(format!("{name} does not start: {error}")),
        }
    }

    /// Lets time pass, in steps so short that servers meet each other's work.
    pub(crate) fn pass(&mut self, milliseconds: i64) {
        let until = self.age + milliseconds;
        while self.age < until {
            let step = 1 + i64::try_from(self.dice.roll(40)).unwrap_or(0);
            self.age = (self.age + step).min(until);
            self.shared.workspace.set_clock(START.plus(self.age));
            let first = usize::try_from(self.dice.roll(self.places.len() as u64)).unwrap_or(0);
            for number in 0..self.places.len() {
                let place = (first + number) % self.places.len();
                self.go_on(place);
            }
        }
    }

    fn go_on(&mut self, number: usize) {
        let age = self.age;
        if let Place::Still(_, until) = &self.places[number]
            && *until <= age
            && let Place::Still(node, _) = std::mem::replace(&mut self.places[number], Place::Down)
        {
            self.tell(format_args!("{} goes on", node.name));
            node.wake_up(age);
            self.places[number] = Place::Up(node);
        }
        if let Place::Up(node) = &self.places[number] {
            node.run_until(age);
        }
    }
}

async fn publish(workspace: &Memory, draft: &Draft, version: &NewVersion) -> JourneyId {
    let id = workspace.create_journey(draft, START).await.expect("memory answers");
    let published = workspace.publish(id, version, START).await.expect("memory answers");
    published.expect("it is the first version");
    id
}
