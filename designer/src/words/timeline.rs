//! The life of an instance told from its records, one line for each thing a person would tell.

use super::{sentence, shown, spoken};
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
                Some(("accent", "The journey started".to_owned(), inputs(input)))
            }
            Fact::StartedBelow { input, .. } => {
                Some(("accent", "Started by another journey".to_owned(), inputs(input)))
            }
            Fact::Ended { outcome } => {
                plain("good", format!("The journey ended: {}", spoken(outcome)))
            }
            Fact::Migrated(migrated) => {
                let (from, to) = (migrated.from, migrated.to);
                let by = (self.person)(&migrated.by);
                plain("accent", format!("Moved from version {from} to version {to} by {by}"))
            }
            Fact::Cancelled { reason, by } => {
                Some(("danger", format!("Cancelled by {}", (self.person)(by)), reason.clone()))
            }
            Fact::CancelBegan { reason, by } => Some((
                "danger",
                format!("{} cancels it; what was done is undone", (self.person)(by)),
                reason.clone(),
            )),
            Fact::VariableSet { name, value } => {
                plain("", format!("{} set to {}", spoken(name), shown(value)))
            }
            Fact::AccountFieldSet { field, value } => plain(
                "",
                format!("Account’s {} set to {}", spoken(field).to_lowercase(), shown(value)),
            ),
            _ => None,
        }
    }

    /// What people did.
    fn deeds(&self, fact: &Fact) -> Option<Told> {
        let did = |by: &str, verb: &str, position: &Position| {
            format!("{} {verb} “{}”", (self.person)(by), self.name(*position))
        };
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::TaskClaimed { position, by } => plain("", did(by, "claimed", position)),
            Fact::TaskReleased { position, by } => plain("", did(by, "gave back", position)),
            Fact::TaskCompleted { position, by, outcome, form } => {
                let what = format!("{}: {}", did(by, "completed", position), spoken(outcome));
                Some(("good", what, inputs(form)))
            }
            Fact::SlaChanged { position, by, change } => {
                let what =
                    format!("{} the clock of “{}”", self.clock(by, change), self.name(*position));
                Some(("", what, reason(change)))
            }
            Fact::TaskDelegated { position, by, to } => {
                let to = (self.person)(to);
                plain("", format!("{} gave “{}” to {to}", (self.person)(by), self.name(*position)))
            }
            Fact::Approved { position, by, form } => {
                Some(("good", did(by, "approved", position), inputs(form)))
            }
            Fact::TaskReassigned { position, to } => {
                plain("", format!("“{}” was given to {}", self.name(*position), self.whom(to)))
            }
            Fact::IncidentRetried { position, by } => {
                plain("accent", format!("{} again", did(by, "tried", position)))
            }
            Fact::IncidentSkipped { position, by, outcome } => {
                plain("accent", format!("{} by {}", did(by, "skipped", position), spoken(outcome)))
            }
            Fact::IncidentEnded { position, by } => {
                plain("accent", did(by, "ended it at", position))
            }
            Fact::ItemAdded { position, item, by } => {
                Some(("", did(by, "added an item to", position), shown(item)))
            }
            _ => None,
        }
    }

    /// What connectors and time did at a node.
    fn work(&self, fact: &Fact) -> Option<Told> {
        let plain = |tone, what: String| Some((tone, what, String::new()));
        match fact {
            Fact::Waiting { position, on } => self.waiting(*position, on),
            Fact::CallSucceeded { position, .. } => {
                plain("good", format!("“{}” was done", self.name(*position)))
            }
            Fact::CallFailed { position, failure, attempt } => Some((
                "warning",
                format!("“{}” failed, attempt {attempt}", self.name(*position)),
                sentence(&failure.message),
            )),
            Fact::SlaWarned { position } => {
                plain("warning", format!("“{}” is due soon", self.name(*position)))
            }
            Fact::SlaBreached { position, .. } => {
                plain("danger", format!("“{}” is overdue", self.name(*position)))
            }
            Fact::TaskEscalated { position, step, did } => Some((
                "warning",
                self.escalated(*position, did.as_ref()),
                format!("Step {} of its escalation.", step + 1),
            )),
            Fact::Told { position, to, about } => {
                let what = format!("“{}” told {}", self.name(*position), self.whom(to));
                Some(("", what, about.clone()))
            }
            Fact::TimerFired { position, timer } => {
                plain("", format!("Timer {} of “{}” fired", spoken(timer), self.name(*position)))
            }
            Fact::IncidentRaised { position, failure } => Some((
                "danger",
                format!("“{}” needs a person to go on", self.name(*position)),
                sentence(&failure.message),
            )),
            Fact::Joined { node, .. } => {
                plain("", format!("The ways met at “{}”", self.named(node)))
            }
            _ => None,
        }
    }

    /// What instances below did for it.
    fn below(&self, fact: &Fact) -> Option<Told> {
        match fact {
            Fact::ChildStarted { position, .. } => {
                Some(("", format!("“{}” started a journey", self.name(*position)), String::new()))
            }
            Fact::ChildEnded { position, ending, .. } => {
                let name = self.name(*position);
                Some(match ending {
                    Ending::Ended { outcome, .. } => {
                        let what = format!("A journey of “{name}” ended: {}", spoken(outcome));
                        ("good", what, String::new())
                    }
                    Ending::Cancelled { reason } => {
                        ("danger", format!("A journey of “{name}” was cancelled"), reason.clone())
                    }
                    Ending::NotStarted { message } => {
                        let what = format!("A journey of “{name}” did not start");
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
                format!("“{}” was handed over; everything was there", self.name(*position)),
                inputs(form),
            )),
            Fact::Received { position, received } => {
                let event = received.get("type").and_then(Value::as_str).map(spoken);
                let event = event.unwrap_or_else(|| "The event".to_owned());
                plain("", format!("{event} came for “{}”", self.name(*position)))
            }
            Fact::RulesHeld { position, rules } => {
                Some(("", format!("“{}” went by its table", self.name(*position)), held(rules)))
            }
            Fact::ConditionHeld { position } => {
                plain("", format!("What “{}” waits for holds", self.name(*position)))
            }
            Fact::TimedOut { position } => plain(
                "warning",
                format!("What “{}” waits for did not come in time", self.name(*position)),
            ),
            Fact::Judged { position, outcome, why } => Some((
                "",
                format!("“{}” was judged: {}", self.name(*position), spoken(outcome)),
                sentence(why),
            )),
            Fact::MilestoneReached { milestone, .. } => {
                plain("good", format!("Milestone reached: {}", spoken(milestone)))
            }
            Fact::Withdrawn { position, why } => {
                Some(("", format!("“{}” was withdrawn", self.name(*position)), sentence(why)))
            }
            Fact::Undone { position } => {
                plain("", format!("“{}” was undone", self.name(*position)))
            }
            _ => None,
        }
    }

    /// What a step of an escalation did; older records do not say.
    fn escalated(&self, position: Position, did: Option<&Escalated>) -> String {
        let escalated = format!("“{}” was escalated", self.name(position));
        let Some(Escalated { act, to }) = did else { return escalated };
        let Some(to) = to else { return format!("{escalated}, but there was nobody to turn to") };
        let verb = match act {
            Act::Remind => "reminded",
            Act::Notify => "told",
            Act::Reassign => "given to",
        };
        format!("{escalated}: {verb} {}", self.whom(to))
    }

    /// A person by their name, or else a team.
    fn whom(&self, to: &Owner) -> String {
        let person = to.user.as_deref().map(self.person);
        let team = to.team.as_ref().map(|team| format!("team {team}"));
        person.or(team).unwrap_or_else(|| "someone else".to_owned())
    }

    /// What a person did to the clock of a promise.
    fn clock(&self, by: &str, change: &What) -> String {
        let verb = match change {
            What::Paused { .. } => "paused",
            What::Resumed { .. } => "started again",
            What::Reset { .. } => "reset",
            What::Stopped => "stopped",
            What::Cancelled { .. } => "cancelled",
            What::Started { .. } | What::Warned { .. } | What::Breached { .. } => "moved",
        };
        format!("{} {verb}", (self.person)(by))
    }

    fn waiting(&self, position: Position, on: &On) -> Option<Told> {
        let name = self.name(position);
        match on {
            On::Task { .. } => Some(("", format!("“{name}” was offered"), "Due".to_owned())),
            On::Timer { .. } => Some(("", format!("“{name}” waits"), "Until".to_owned())),
            On::Event { name: event, .. } => {
                Some(("", format!("“{name}” waits for {}", spoken(event)), String::new()))
            }
            On::Condition { .. } => {
                Some(("", format!("“{name}” waits until its condition holds"), String::new()))
            }
            On::Turn => Some(("", format!("“{name}” waits for its turn"), String::new())),
            On::Undo { .. } => Some(("", format!("“{name}” is being undone"), String::new())),
            On::Call { .. } | On::Children { .. } | On::Join { .. } | On::Incident { .. } => None,
        }
    }

    fn name(&self, position: Position) -> String {
        self.places.get(&position).map_or_else(|| "A step".to_owned(), |node| self.named(node))
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
        [] => "No rule held.".to_owned(),
        [one] => format!("Rule {one} held."),
        several => format!("Rules {} held.", several.join(", ")),
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
            "Waiting on the customer".to_owned()
        }
        What::Paused { reason: Reason::WaitingOnVendor, .. } => "Waiting on a vendor".to_owned(),
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
