//! The life of an instance told from its records, one line for each thing a person would tell.

use super::{sentence, shown, spoken};
use crate::messages::t;
use journey::{
    Draft, Fact, Position,
    effect::{Act, Ending, Owner},
    instance::On,
    record::Escalated,
    sla::{Reason, What},
};
use serde_json::Value;
use std::collections::BTreeMap;
use wire::RecordView;

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub sequence: u64,
    pub at: String,
    pub what: String,
    pub more: String,
    /// A moment that `more` ends with, for the browser to write in its own way.
    pub moment: Option<String>,
    /// `good`, `warning`, `danger`, `accent`, or empty.
    pub tone: &'static str,
}

/// Tells the records, oldest first. Nodes are called as in the draft the instance runs, or else by their ids; `person` says
/// what someone is called who is known by an e-mail address.
pub fn timeline(
    records: &[RecordView],
    draft: Option<&Draft>,
    person: &dyn Fn(&str) -> String,
) -> Vec<Line> {
    let mut teller = Teller { draft, person, places: BTreeMap::new(), given: None };
    records.iter().filter_map(|record| teller.line(record)).collect()
}

struct Teller<'a> {
    draft: Option<&'a Draft>,
    person: &'a dyn Fn(&str) -> String,
    places: BTreeMap<Position, String>,
    /// A task of which it is told already to whom an escalation gives it.
    given: Option<Position>,
}

type Told = (&'static str, String, String);

impl Teller<'_> {
    fn line(&mut self, record: &RecordView) -> Option<Line> {
        if let Fact::Entered { position, node, .. } = &record.fact {
            self.places.insert(*position, node.clone());
        }
        if let Fact::Migrated(migrated) = &record.fact {
            let moved = migrated.waits.iter();
            self.places.extend(moved.map(|moved| (moved.position, moved.to.clone())));
        }
        let fact = &record.fact;
        if let Fact::TaskReassigned { position, .. } = fact
            && self.given.take() == Some(*position)
        {
            return None;
        }
        if let Fact::TaskEscalated { position, did: Some(did), .. } = fact
            && did.act == Act::Reassign
        {
            self.given = Some(*position);
        }
        let told = self
            .life(fact)
            .or_else(|| self.deeds(fact))
            .or_else(|| self.work(fact))
            .or_else(|| self.below(fact))
            .or_else(|| self.turns(fact));
        let (tone, what, more) = told?;
        let moment = moment(&record.fact);
        Some(Line { sequence: record.sequence, at: record.at.clone(), what, more, moment, tone })
    }

    /// Beginnings, ends, and what an instance holds.
    fn life(&self, fact: &Fact) -> Option<Told> {
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::Started { input, .. } => {
                Some(("accent", t!("The journey started").to_owned(), inputs(input)))
            }
            Fact::StartedBelow { input, .. } => {
                Some(("accent", t!("Started by another journey").to_owned(), inputs(input)))
            }
            Fact::Ended { outcome } => {
                plain("good", t!("The journey ended: {outcome}", outcome = spoken(outcome)))
            }
            Fact::Migrated(migrated) => {
                let (from, to) = (migrated.from, migrated.to);
                let by = (self.person)(&migrated.by);
                plain(
                    "accent",
                    t!("Moved from version {from} to version {to} by {by}", from, to, by),
                )
            }
            Fact::Cancelled { reason, by } => {
                Some(("danger", t!("Cancelled by {by}", by = (self.person)(by)), reason.clone()))
            }
            Fact::CancelBegan { reason, by } => Some((
                "danger",
                t!("{by} cancels it; what was done is undone", by = (self.person)(by)),
                reason.clone(),
            )),
            Fact::VariableSet { name, value } => {
                plain("", t!("{name} set to {value}", name = spoken(name), value = shown(value)))
            }
            Fact::AccountFieldSet { field, value } => plain(
                "",
                t!(
                    "Account’s {field} set to {value}",
                    field = spoken(field).to_lowercase(),
                    value = shown(value)
                ),
            ),
            _ => None,
        }
    }

    /// What people did.
    fn deeds(&self, fact: &Fact) -> Option<Told> {
        let (who, step) = (|by: &str| (self.person)(by), |at: &Position| self.name(*at));
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::TaskClaimed { position, by } => {
                plain("", t!("{by} claimed “{step}”", by = who(by), step = step(position)))
            }
            Fact::TaskReleased { position, by } => {
                plain("", t!("{by} gave back “{step}”", by = who(by), step = step(position)))
            }
            Fact::TaskCompleted { position, by, outcome, form } => {
                let what = t!(
                    "{by} completed “{step}”: {outcome}",
                    by = who(by),
                    step = step(position),
                    outcome = spoken(outcome)
                );
                Some(("good", what, inputs(form)))
            }
            Fact::SlaChanged { position, by, change } => {
                Some(("", self.clock(by, change, *position), reason(change)))
            }
            Fact::TaskDelegated { position, by, to } => {
                let to = (self.person)(to);
                plain(
                    "",
                    t!(
                        "{by} gave “{position}” to {to}",
                        by = (self.person)(by),
                        position = self.name(*position),
                        to
                    ),
                )
            }
            Fact::Approved { position, by, form } => Some((
                "good",
                t!("{by} approved “{step}”", by = who(by), step = step(position)),
                inputs(form),
            )),
            Fact::TaskReassigned { position, to } => plain(
                "",
                t!(
                    "“{position}” was given to {to}",
                    position = self.name(*position),
                    to = self.whom(to)
                ),
            ),
            Fact::ItemAdded { position, item, by } => Some((
                "",
                t!("{by} added an item to “{step}”", by = who(by), step = step(position)),
                shown(item),
            )),
            _ => self.ways_out(fact),
        }
    }

    /// What people did about an incident.
    fn ways_out(&self, fact: &Fact) -> Option<Told> {
        let (who, step) = (|by: &str| (self.person)(by), |at: &Position| self.name(*at));
        let what = match fact {
            Fact::IncidentRetried { position, by } => {
                t!("{by} tried “{step}” again", by = who(by), step = step(position))
            }
            Fact::IncidentSkipped { position, by, outcome } => t!(
                "{by} skipped “{step}” by {outcome}",
                by = who(by),
                step = step(position),
                outcome = spoken(outcome)
            ),
            Fact::IncidentEnded { position, by } => {
                t!("{by} ended it at “{step}”", by = who(by), step = step(position))
            }
            _ => return None,
        };
        Some(("accent", what, String::new()))
    }

    /// What connectors and time did at a node.
    fn work(&self, fact: &Fact) -> Option<Told> {
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::Waiting { position, on } => self.waiting(*position, on),
            Fact::CallSucceeded { position, .. } => {
                plain("good", t!("“{position}” was done", position = self.name(*position)))
            }
            Fact::CallFailed { position, failure, attempt } => Some((
                "warning",
                t!(
                    "“{position}” failed, attempt {attempt}",
                    position = self.name(*position),
                    attempt
                ),
                sentence(&failure.message),
            )),
            Fact::SlaWarned { position } => {
                plain("warning", t!("“{position}” is due soon", position = self.name(*position)))
            }
            Fact::SlaBreached { position, .. } => {
                plain("danger", t!("“{position}” is overdue", position = self.name(*position)))
            }
            Fact::TaskEscalated { position, step, did } => Some((
                "warning",
                self.escalated(*position, did.as_ref()),
                t!("Step {number} of its escalation.", number = step + 1),
            )),
            Fact::Told { position, to, about } => {
                let what = t!(
                    "“{position}” told {to}",
                    position = self.name(*position),
                    to = self.whom(to)
                );
                Some(("", what, about.clone()))
            }
            Fact::TimerFired { position, timer } => plain(
                "",
                t!(
                    "Timer {timer} of “{position}” fired",
                    timer = spoken(timer),
                    position = self.name(*position)
                ),
            ),
            Fact::IncidentRaised { position, failure } => Some((
                "danger",
                t!("“{position}” needs a person to go on", position = self.name(*position)),
                sentence(&failure.message),
            )),
            Fact::Joined { node, .. } => {
                plain("", t!("The ways met at “{node}”", node = self.named(node)))
            }
            _ => None,
        }
    }

    /// What instances below did for it.
    fn below(&self, fact: &Fact) -> Option<Told> {
        match fact {
            Fact::ChildStarted { position, .. } => Some((
                "",
                t!("“{position}” started a journey", position = self.name(*position)),
                String::new(),
            )),
            Fact::ChildEnded { position, ending, .. } => {
                let name = self.name(*position);
                Some(match ending {
                    Ending::Ended { outcome, .. } => {
                        let what = t!(
                            "A journey of “{name}” ended: {outcome}",
                            name,
                            outcome = spoken(outcome)
                        );
                        ("good", what, String::new())
                    }
                    Ending::Cancelled { reason } => {
                        ("danger", t!("A journey of “{name}” was cancelled", name), reason.clone())
                    }
                    Ending::NotStarted { message } => {
                        let what = t!("A journey of “{name}” did not start", name);
                        ("danger", what, sentence(message))
                    }
                })
            }
            _ => None,
        }
    }

    /// Where it turned, and why.
    fn turns(&self, fact: &Fact) -> Option<Told> {
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::HandedOver { position, form } => Some((
                "",
                t!(
                    "“{position}” was handed over; everything was there",
                    position = self.name(*position)
                ),
                inputs(form),
            )),
            Fact::Received { position, received } => {
                let event = received.get("type").and_then(Value::as_str).map(spoken);
                let event = event.unwrap_or_else(|| t!("The event").to_owned());
                plain(
                    "",
                    t!("{event} came for “{position}”", event, position = self.name(*position)),
                )
            }
            Fact::RulesHeld { position, rules } => Some((
                "",
                t!("“{position}” went by its table", position = self.name(*position)),
                held(rules),
            )),
            Fact::ConditionHeld { position } => {
                plain("", t!("What “{position}” waits for holds", position = self.name(*position)))
            }
            Fact::TimedOut { position } => plain(
                "warning",
                t!(
                    "What “{position}” waits for did not come in time",
                    position = self.name(*position)
                ),
            ),
            Fact::Judged { position, outcome, why } => Some((
                "",
                t!(
                    "“{position}” was judged: {outcome}",
                    position = self.name(*position),
                    outcome = spoken(outcome)
                ),
                sentence(why),
            )),
            Fact::MilestoneReached { milestone, .. } => {
                plain("good", t!("Milestone reached: {milestone}", milestone = spoken(milestone)))
            }
            Fact::Withdrawn { position, why } => Some((
                "",
                t!("“{position}” was withdrawn", position = self.name(*position)),
                sentence(why),
            )),
            Fact::Undone { position } => {
                plain("", t!("“{position}” was undone", position = self.name(*position)))
            }
            _ => None,
        }
    }

    /// What a step of an escalation did; older records do not say.
    fn escalated(&self, position: Position, did: Option<&Escalated>) -> String {
        let escalated = t!("“{position}” was escalated", position = self.name(position));
        let Some(Escalated { act, to }) = did else { return escalated };
        let Some(to) = to else {
            return t!("{escalated}, but there was nobody to turn to", escalated);
        };
        let whom = self.whom(to);
        match act {
            Act::Remind => t!("{escalated}: reminded {whom}", escalated, whom),
            Act::Notify => t!("{escalated}: told {whom}", escalated, whom),
            Act::Reassign => t!("{escalated}: given to {whom}", escalated, whom),
        }
    }

    /// A person by their name, or else a team.
    fn whom(&self, to: &Owner) -> String {
        let person = to.user.as_deref().map(self.person);
        let team = to.team.as_ref().map(|team| t!("team {team}", team));
        person.or(team).unwrap_or_else(|| t!("someone else").to_owned())
    }

    /// What a person did to the clock of a promise.
    fn clock(&self, by: &str, change: &What, position: Position) -> String {
        let (by, step) = ((self.person)(by), self.name(position));
        match change {
            What::Paused { .. } => t!("{by} paused the clock of “{step}”", by, step),
            What::Resumed { .. } => t!("{by} started again the clock of “{step}”", by, step),
            What::Reset { .. } => t!("{by} reset the clock of “{step}”", by, step),
            What::Stopped => t!("{by} stopped the clock of “{step}”", by, step),
            What::Cancelled { .. } => t!("{by} cancelled the clock of “{step}”", by, step),
            What::Started { .. } | What::Warned { .. } | What::Breached { .. } => {
                t!("{by} moved the clock of “{step}”", by, step)
            }
        }
    }

    fn waiting(&self, position: Position, on: &On) -> Option<Told> {
        let name = self.name(position);
        match on {
            On::Task { .. } => Some(("", t!("“{name}” was offered", name), t!("Due").to_owned())),
            On::Timer { .. } => Some(("", t!("“{name}” waits", name), t!("Until").to_owned())),
            On::Event { name: event, .. } => Some((
                "",
                t!("“{name}” waits for {event}", name, event = spoken(event)),
                String::new(),
            )),
            On::Condition { .. } => {
                Some(("", t!("“{name}” waits until its condition holds", name), String::new()))
            }
            On::Turn => Some(("", t!("“{name}” waits for its turn", name), String::new())),
            On::Undo { .. } => Some(("", t!("“{name}” is being undone", name), String::new())),
            On::Call { .. } | On::Children { .. } | On::Join { .. } | On::Incident { .. } => None,
        }
    }

    fn name(&self, position: Position) -> String {
        self.places.get(&position).map_or_else(|| t!("A step").to_owned(), |node| self.named(node))
    }

    fn named(&self, node: &str) -> String {
        let name = self.draft.and_then(|draft| draft.node(node)).map(|node| node.name.clone());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| spoken(node))
    }
}

/// When what an instance now waits for is due.
fn moment(fact: &Fact) -> Option<String> {
    let Fact::Waiting { on: On::Task { due, .. } | On::Timer { due }, .. } = fact else {
        return None;
    };
    Some(due.to_rfc3339())
}

/// The rules of a table that held, by their numbers.
fn held(rules: &[u32]) -> String {
    let numbers: Vec<String> = rules.iter().map(|rule| (rule + 1).to_string()).collect();
    match numbers.as_slice() {
        [] => t!("No rule held.").to_owned(),
        [one] => t!("Rule {one} held.", one),
        several => t!("Rules {numbers} held.", numbers = several.join(", ")),
    }
}

/// What was handed in, in one line.
fn inputs(value: &Value) -> String {
    let Some(members) = value.as_object() else { return String::new() };
    let told: Vec<String> =
        members.iter().map(|(name, value)| format!("{}: {}", spoken(name), shown(value))).collect();
    told.join(" · ")
}

/// What was said when a clock was paused or cancelled.
fn reason(change: &What) -> String {
    match change {
        What::Paused { reason: Reason::WaitingOnCustomer, .. } => {
            t!("Waiting on the customer").to_owned()
        }
        What::Paused { reason: Reason::WaitingOnVendor, .. } => {
            t!("Waiting on a vendor").to_owned()
        }
        What::Paused { reason: Reason::Other(reason), .. } | What::Cancelled { reason, .. } => {
            reason.clone()
        }
        What::Resumed { .. }
        | What::Reset { .. }
        | What::Stopped
        | What::Started { .. }
        | What::Warned { .. }
        | What::Breached { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests;
