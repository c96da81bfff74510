//! Groups of commits: starts, steps, instances below others, and what must be refused.

use super::{
    super::{NOW, an_instance, an_offer},
    deed::{Deed, deed},
    world::{CALENDARS, EVENTS, KEYS, NODES, PEOPLE, TEAMS, World, ask},
};
use crate::{
    InstanceId, LeaseId, Paging, TaskId, audit,
    commits::{Cause, Commit, EntryRule, Guard, NewListen, Notice, TaskChange},
    events::{NewReaction, ReactionKind},
    instances::{Life, Shadow, Stored},
    work::{Job, Lease, NewWork, WorkKey},
    would_have::{Kind, NewDeed},
};
use journey::{
    Document, Fact, Instance, Position, Record,
    effect::{Call, Close, Ending, Follows, Offer, Owner, Parent, SlaState, StartChild, Timer},
};
use serde_json::{Map, Value, json};

const POSITIONS: [Position; 4] = [Position(0), Position(1), Position(2), Position(7)];

impl World {
    pub(super) fn start(&mut self) -> Deed {
        let commits = vec![self.a_start()];
        self.commit(commits)
    }

    /// A group; now and then something that must be unique is in it twice, and none of it is written.
    pub(super) fn commits(&mut self) -> Deed {
        let many = self.dice.pick(&[1, 1, 1, 2, 4]);
        let mut commits: Vec<Commit> = (0..many).map(|_| self.a_commit()).collect();
        if self.dice.chance(5) {
            let again = self.dice.pick(&commits);
            commits.push(again);
        }
        if self.dice.chance(4) {
            clash(&mut commits);
        }
        self.commit(commits)
    }

    fn commit(&mut self, commits: Vec<Commit>) -> Deed {
        let mut claims = self.claims.lock().unwrap();
        for commit in &commits {
            for work in &commit.work {
                let (instance, position, name) = (commit.instance, work.position, work.job.name());
                let lease = work.lease.map(|lease| lease.id);
                claims.extend(lease.map(|lease| (WorkKey { instance, position, name }, lease)));
            }
        }
        drop(claims);
        deed!([commits] commit(&commits))
    }

    fn a_commit(&mut self) -> Commit {
        let below = |key: &WorkKey| key.name.starts_with("start:");
        match self.dice.below(10) {
            0..3 => self.a_start(),
            3 => match self.claim_of(below) {
                Some(work) => self.a_start_below(work),
                None => self.a_start(),
            },
            _ => match self.instance() {
                Some(before) => self.a_step(before),
                None => self.a_start(),
            },
        }
    }

    fn a_start(&mut self) -> Commit {
        let account = self.maybe_account();
        let journey = self.journey();
        let version = 1 + self.dice.below(3) as u64;
        let shadow = self.dice.chance(25).then_some(Shadow { journey, version });
        let life = Life { journey, version, account, parent: None, shadow, started_at: self.now };
        let last = self.instance().map(|instance| instance.life.started_at);
        let since = last.filter(|_| self.dice.chance(60)).unwrap_or(self.now);
        let entry = EntryRule {
            one_per_account: self.dice.chance(20),
            cooled_down_since: self.dice.chance(20).then_some(since),
            cap_per_day: self.dice.chance(20).then(|| self.dice.number(6)),
        };
        let dedupe_key = self.dice.maybe(&KEYS);
        let guard = Guard::New { trigger: "a".to_owned(), dedupe_key, entry };
        self.a_life(life, guard, Instance::new())
    }

    fn a_start_below(&mut self, work: (WorkKey, LeaseId)) -> Commit {
        let (key, _) = &work;
        let Some(above) = ask(self.memory.instance(key.instance)) else { return self.a_start() };
        let index: u32 = key.name.trim_start_matches("start:").parse().unwrap();
        let parent =
            json!({ "instance": above.id, "position": key.position, "index": index, "depth": 1 });
        let mut state = serde_json::to_value(Instance::new()).unwrap();
        state["parent"] = parent;
        let life = Life { parent: Some(above.id), started_at: self.now, ..above.life };
        let mut commit =
            self.a_life(life, Guard::Below { work }, serde_json::from_value(state).unwrap());
        commit.instance = self.ids.instance(self.now, above.id.slot());
        commit
    }

    fn a_step(&mut self, before: Stored) -> Commit {
        let sequence = before.state.sequence();
        let sequence = if self.dice.chance(90) { sequence } else { sequence + 1 };
        let mut life = before.life;
        life.version = if self.dice.chance(10) { 1 + life.version % 3 } else { life.version };
        let mut commit = self.a_life(life, Guard::At { sequence }, before.state);
        if life.version != before.life.version
            && let Some(first) = commit.records.first_mut()
        {
            first.fact = moved(before.life.version, life.version);
        }
        commit.instance = before.id;
        commit.left = self.dice.some(&POSITIONS, 25);
        commit.deaf = commit.left.iter().copied().filter(|_| self.dice.chance(80)).collect();
        commit.done =
            self.claim_of(|key| key.instance == before.id).filter(|_| self.dice.chance(50));
        commit.tasks = self.changes(before.id);
        commit
    }

    /// All that a new instance and one that goes on may have in common.
    fn a_life(&mut self, life: Life, guard: Guard, before: Instance) -> Commit {
        let records = self.records(before.sequence());
        let state = self.a_state(&before, before.sequence() + records.len() as u64, life.version);
        let waits: Vec<Position> = state.waits().iter().map(|wait| wait.position).collect();
        let deed = self.dice.chance(20).then(|| self.a_deed());
        Commit {
            instance: self.new_instance(life.account),
            work: self.new_work(),
            tasks: self.dice.some(&POSITIONS, 20).into_iter().map(|at| self.offer(at)).collect(),
            account_fields: if self.dice.chance(20) { self.members() } else { Map::new() },
            notices: self.notices(),
            would_have: self.would_haves(),
            overlay: if self.dice.chance(50) { self.members() } else { Map::new() },
            listens: waits.into_iter().map(|at| self.listen(at)).collect(),
            watches_account: self.dice.chance(30),
            cause: self.cause(&life),
            at: self.now,
            done: None,
            left: Vec::new(),
            deaf: Vec::new(),
            life,
            guard,
            state,
            records,
            asked: deed.as_ref().map(|_| self.asked()),
            deed,
        }
    }

    fn a_state(&mut self, before: &Instance, sequence: u64, version: u64) -> Instance {
        let status =
            self.dice.pick(&["running", "running", "running", "incident", "ended", "cancelled"]);
        let mut state = serde_json::to_value(an_instance(sequence, status)).unwrap();
        if status == "ended" {
            state["outcome"] = json!(self.dice.word(&["success", "churn"]));
        }
        if self.dice.chance(5) {
            state["vars"] = json!({ "clock": { "calendar": self.dice.word(&CALENDARS) } });
        }
        if let Some(parent) = before.parent() {
            state["parent"] = serde_json::to_value(parent).unwrap();
        }
        let waits = self.dice.some(&POSITIONS, 30).into_iter();
        let waits = waits.map(|at| {
            let on = json!({ "kind": "event", "name": "paid", "key": "k" });
            json!({ "position": at, "node": node(at, version), "since": NOW.0, "on": on })
        });
        state["waits"] = waits.collect();
        serde_json::from_value(state).unwrap()
    }

    fn records(&mut self, from: u64) -> Vec<Record> {
        let many = 1 + self.dice.below(3) as u64;
        let records = (from..from + many).map(|sequence| {
            let mut record = json!({ "sequence": sequence, "at": self.now.0 });
            let at = self.dice.pick(&POSITIONS);
            let fact = match self.dice.below(10) {
                0 => json!({ "fact": "incident_retried", "position": at, "by": "ada@x.y" }),
                _ => json!({ "fact": "variable_set", "name": "n", "value": self.value() }),
            };
            record.as_object_mut().unwrap().extend(fact.as_object().unwrap().clone());
            serde_json::from_value(record).unwrap()
        });
        records.collect()
    }

    fn new_work(&mut self) -> Vec<NewWork> {
        let positions = self.dice.some(&POSITIONS, 30);
        let work = positions.into_iter().map(|position| {
            let due = self.now.plus(self.dice.ms(8) - 100);
            let job = self.job();
            let lease = self.dice.chance(15).then(|| {
                let id = self.ids.lease(self.now, crate::Slot::of("lease"));
                Lease { id, until: self.now.plus(self.dice.ms(10)) }
            });
            NewWork { position, due, job, lease }
        });
        work.collect()
    }

    fn job(&mut self) -> Job {
        let index = self.dice.number(3);
        match self.dice.below(8) {
            0 => Job::Timer(Timer::Wait),
            1 => Job::Timer(Timer::Escalation { step: index }),
            2 => Job::StopChildren { reason: "late".to_owned() },
            3 => Job::Report {
                parent: Parent {
                    instance: "ins_".to_owned(),
                    position: POSITIONS[1],
                    index,
                    depth: 1,
                    room: 3,
                },
                ending: Ending::Cancelled { reason: "late".to_owned() },
                written: self.members(),
            },
            4 | 5 => Job::StartChild(Box::new(StartChild {
                index,
                follows: Follows::Part { from: "x".to_owned() },
                input: self.value(),
                seed: None,
                depth: 1,
                room: 9,
            })),
            _ => Job::Call(Call {
                connection: "crm".to_owned(),
                operation: "upsert".to_owned(),
                input: self.value(),
                timeout_ms: 30_000,
                attempt: 1 + index,
            }),
        }
    }

    fn offer(&mut self, position: Position) -> TaskChange {
        TaskChange::Offer { position, offer: self.an_offer() }
    }

    fn an_offer(&mut self) -> Box<Offer> {
        let Owner { user, team } = self.owner();
        let due = self.now.plus(self.dice.ms(60));
        let offer = *an_offer(team.as_deref(), user.as_deref(), due);
        Box::new(Offer {
            title: self.dice.word(&NODES),
            priority: i64::from(self.dice.number(3)),
            ..offer
        })
    }

    fn owner(&mut self) -> Owner {
        Owner { user: self.dice.maybe(&PEOPLE), team: self.dice.maybe(&TEAMS) }
    }

    /// Offers where there is no task yet, and changes of those that are open.
    fn changes(&mut self, instance: InstanceId) -> Vec<TaskChange> {
        let open = ask(self.memory.open_tasks_of(instance, Paging::first(500))).items;
        let mut changes = Vec::new();
        for position in POSITIONS {
            let id = TaskId { instance, position };
            let is_open = open.iter().any(|task| task.id == id);
            if is_open && self.dice.chance(40) {
                changes.push(self.change(position));
            } else if ask(self.memory.task(id)).is_none() && self.dice.chance(20) {
                changes.push(self.offer(position));
            }
        }
        changes
    }

    fn change(&mut self, position: Position) -> TaskChange {
        let by = self.dice.word(&PEOPLE);
        match self.dice.below(7) {
            0 => TaskChange::Renew { position, offer: self.an_offer() },
            1 => TaskChange::Assign { position, assignee: Some(by) },
            2 => TaskChange::Assign { position, assignee: None },
            3 => TaskChange::Reassign { position, owner: self.owner() },
            4 => {
                let close = Close::Completed { by, outcome: "done".to_owned() };
                let answers = self.dice.chance(50).then(|| Document::from(self.value()));
                TaskChange::Close { position, close, answers }
            }
            5 => {
                let close = Close::Cancelled { reason: by };
                TaskChange::Close { position, close, answers: None }
            }
            _ => {
                let sla = self.dice.pick(&[SlaState::Warning, SlaState::Breached, SlaState::Met]);
                let due = self.dice.chance(50).then(|| self.now.plus(self.dice.ms(18)));
                TaskChange::Mark { position, sla, due }
            }
        }
    }

    fn notices(&mut self) -> Vec<Notice> {
        let positions = self.dice.some(&POSITIONS, 15).into_iter();
        let notices = positions.map(|position| Notice {
            position,
            to: self.owner(),
            about: self.dice.word(&NODES),
        });
        notices.collect()
    }

    fn would_haves(&mut self) -> Vec<NewDeed> {
        let positions = self.dice.some(&POSITIONS, 25).into_iter();
        let deeds = positions.map(|position| NewDeed {
            position,
            node: self.dice.word(&NODES),
            kind: self.dice.pick(&[Kind::Started, Kind::Call, Kind::Write]),
            summary: "Would".to_owned(),
            body: self.value(),
        });
        deeds.collect()
    }

    fn listen(&mut self, position: Position) -> NewListen {
        NewListen { position, name: self.dice.word(&EVENTS), key: self.dice.word(&KEYS) }
    }

    pub(super) fn a_deed(&mut self) -> audit::Deed {
        audit::Deed {
            actor: self.dice.word(&PEOPLE),
            action: "instance.step".to_owned(),
            object: self.dice.word(&NODES),
            detail: self.value(),
            at: self.now,
        }
    }

    fn cause(&mut self, life: &Life) -> Option<Cause> {
        let event = self.event().filter(|_| self.dice.chance(30))?;
        let reaction = self.dice.chance(70).then(|| {
            let kind = self.dice.pick(&[ReactionKind::Started, ReactionKind::Woke]);
            let reaction = self.a_reaction(Some(event));
            NewReaction { journey: life.journey, account: life.account, kind, ..reaction }
        });
        Some(Cause { event, depth: self.dice.number(4), reaction })
    }

    /// A JSON value.
    pub(super) fn value(&mut self) -> Value {
        match self.dice.below(7) {
            0 => Value::Null,
            1 => json!(self.dice.chance(50)),
            2 => json!(self.dice.number(9)),
            3 => json!(f64::from(self.dice.number(99)) / 4.0),
            4 => json!([self.dice.word(&KEYS), {}]),
            5 => json!({ "calendar": self.dice.word(&CALENDARS) }),
            _ => json!(self.dice.word(&["gold", "base", "", "2026-01-01"])),
        }
    }

    /// Members of an account, some of which do not fit.
    pub(super) fn members(&mut self) -> Map<String, Value> {
        const MEMBERS: [&str; 8] =
            ["name", "segment", "owner", "arr", "plan", "ends", "id", "calendar"];
        let members = self.dice.some(&MEMBERS, 20).into_iter();
        members.map(|member| (member.to_owned(), self.value())).collect()
    }
}

/// The node a position of a version is at.
fn node(at: Position, version: u64) -> &'static str {
    let [first, second, third] = NODES;
    match (u64::from(at.0) + version) % 3 {
        0 => first,
        1 => second,
        _ => third,
    }
}

/// Every wait goes on with another version.
fn moved(from: u64, to: u64) -> Fact {
    let waits =
        POSITIONS.map(|at| json!({ "position": at, "from": node(at, from), "to": node(at, to) }));
    let fact =
        json!({ "fact": "migrated", "from": from, "to": to, "by": "ada@x.y", "waits": waits });
    serde_json::from_value(fact).unwrap()
}

/// Makes something of the group be there twice. What takes ids before it is noticed goes, since memory notices first.
fn clash(commits: &mut [Commit]) {
    for commit in &mut *commits {
        if let Some(cause) = &mut commit.cause {
            cause.reaction = None;
        }
    }
    if let Some(commit) = commits.first_mut() {
        if commit.tasks.len() % 2 == 1 {
            commit.tasks.extend(commit.tasks.clone());
        } else {
            commit.records.extend(commit.records.clone());
        }
    }
}
