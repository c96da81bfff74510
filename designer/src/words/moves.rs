//! What a move to another version does to an instance, in sentences.

use super::spoken;
use crate::messages::{Text, plural, t, text};
use journey::{
    Timestamp,
    effect::Timer,
    migrate::{Plan, SlaPlan, TaskPlan, TimerChange, TimerPlan, WaitPlan},
};
use std::collections::BTreeMap;

/// Its name, the words above a figure, those for one, and how many they are.
type Outcome = (&'static str, Text, Text, fn(u64) -> String);

/// What can become of an instance, in the order it is counted.
pub const OUTCOMES: [Outcome; 7] = [
    ("moves_cleanly", text!("Move cleanly"), text!("Would move"), |count| {
        plural!(count, "{count} would move", "{count} would move")
    }),
    ("moved", text!("Moved"), text!("Moved"), |count| {
        plural!(count, "{count} moved", "{count} moved")
    }),
    ("needs_mapping", text!("Need a mapping"), text!("Needs a mapping"), |count| {
        plural!(count, "{count} needs a mapping", "{count} need a mapping")
    }),
    ("must_stay", text!("Must stay"), text!("Must stay"), |count| {
        plural!(count, "{count} must stay", "{count} must stay")
    }),
    ("moving", text!("On their way"), text!("On its way"), |count| {
        plural!(count, "{count} on its way", "{count} on their way")
    }),
    ("rolled_back", text!("Taken back"), text!("Taken back"), |count| {
        plural!(count, "{count} taken back", "{count} taken back")
    }),
    ("gone", text!("Over before"), text!("Over before"), |count| {
        plural!(count, "{count} over before", "{count} over before")
    }),
];

/// How many instances came to what: `2 moved, 1 must stay`.
pub fn tally(outcomes: &BTreeMap<String, u64>) -> String {
    let said = OUTCOMES.into_iter().filter_map(|(name, _, _, counted)| {
        let number = *outcomes.get(name).filter(|number| **number > 0)?;
        Some(counted(number))
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { t!("No instance").to_owned() } else { said.join(", ") }
}

/// The words for what became of one instance.
pub fn outcome(name: &str) -> String {
    let known = OUTCOMES.iter().find(|(known, ..)| *known == name);
    known.map_or_else(|| spoken(name), |(_, _, one, _)| one.said().to_owned())
}

/// What the sentences are made with.
pub struct Words<'a> {
    /// The name of a step of the version that is left.
    pub step: &'a dyn Fn(&str) -> String,
    pub moment: &'a dyn Fn(Timestamp) -> String,
}

/// Why an instance does not move, what may surprise, and what becomes of each wait with its promise and its timers.
pub fn sentences(plan: &Plan, words: &Words<'_>) -> Vec<String> {
    let reasons = plan.reasons.iter().chain(&plan.notes);
    let mut lines: Vec<String> = reasons.map(|reason| reason.sentence.clone()).collect();
    for wait in &plan.waits {
        lines.extend(place(wait, words));
        lines.extend(wait.sla.map(|sla| promise(sla, words)));
        lines.extend(wait.task.as_ref().and_then(task));
        // The due date is the promise's, which is told already.
        let timers = wait.timers.iter().filter(|plan| plan.timer != Timer::Due);
        lines.extend(timers.filter_map(|plan| timer(plan, words)));
    }
    lines
}

fn place(wait: &WaitPlan, words: &Words<'_>) -> Option<String> {
    let to = wait.to_node.as_deref()?;
    let name = (words.step)(&wait.from_node);
    Some(if to == wait.from_node {
        t!("“{name}” goes on.", name)
    } else {
        t!("“{name}” goes on at “{to}”.", name, to = (words.step)(to))
    })
}

fn promise(sla: SlaPlan, words: &Words<'_>) -> String {
    let (before, after) = ((words.moment)(sla.before), (words.moment)(sla.after));
    if sla.before == sla.after {
        t!("It stays due {before}.", before)
    } else {
        t!("It was due {before} and is due {after}.", before, after)
    }
}

fn task(task: &TaskPlan) -> Option<String> {
    let changes: Vec<String> = task.changes.iter().map(|one| spoken(one).to_lowercase()).collect();
    match (changes.is_empty(), task.is_offered_anew) {
        (true, false) => None,
        (true, true) => Some(t!("The task is offered anew.").to_owned()),
        (false, false) => Some(t!("The task changes: {what}.", what = changes.join(", "))),
        (false, true) => {
            Some(t!("The task changes and is offered anew: {what}.", what = changes.join(", ")))
        }
    }
}

/// A timer that does not stay as it is.
fn timer(plan: &TimerPlan, words: &Words<'_>) -> Option<String> {
    let name = named(&plan.timer);
    let at = |time: Option<Timestamp>| time.map(|time| (words.moment)(time)).unwrap_or_default();
    let (before, after) = (at(plan.before), at(plan.after));
    match plan.change {
        TimerChange::Kept => None,
        TimerChange::Recomputed => {
            Some(t!("{name} moves from {before} to {after}.", name, before, after))
        }
        TimerChange::Dropped => Some(t!("{name}, set for {before}, is dropped.", name, before)),
        TimerChange::Added => Some(t!("{name} is new, set for {after}.", name, after)),
    }
}

fn named(timer: &Timer) -> String {
    match timer {
        Timer::Wait => t!("The end of its wait").to_owned(),
        Timer::Warning => t!("The warning").to_owned(),
        Timer::Due => t!("The due date").to_owned(),
        Timer::Escalation { step } => t!("Step {number} of the escalation", number = step + 1),
        Timer::Boundary { id } => t!("The timer “{id}”", id = spoken(id)),
        Timer::Timeout => t!("The time-out").to_owned(),
        Timer::Recheck => t!("The next look at its condition").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(plan: &serde_json::Value) -> Vec<String> {
        let plan: Plan = serde_json::from_value(plan.clone()).unwrap();
        let step = |id: &str| spoken(id);
        let moment = |at: Timestamp| format!("day {}", at.0);
        sentences(&plan, &Words { step: &step, moment: &moment })
    }

    #[test]
    fn an_instance_says_why_it_stays_and_what_becomes_of_its_waits_and_times() {
        let replay = json!(journey::migrate::Replay::default());
        let plan = json!({
            "verdict": "moves_cleanly", "sequence": 3, "replay": replay,
            "reasons": [{ "code": "node-gone", "sentence": "The step 'call' is gone." }],
            "notes": [{ "code": "x", "sentence": "A note." }],
            "waits": [
                {
                    "position": 1, "from_node": "call", "to_node": "first_call",
                    "timers": [
                        { "timer": "warning", "change": "recomputed", "before": 2, "after": 5 },
                        { "timer": "due", "change": "recomputed", "before": 3, "after": 6 },
                        { "timer": "escalation", "step": 0, "change": "dropped", "before": 4 },
                        { "timer": "boundary", "id": "nudge", "change": "added", "after": 7 },
                        { "timer": "wait", "change": "kept", "before": 8, "after": 8 },
                    ],
                    "task": { "changes": ["title", "form"], "is_offered_anew": true },
                    "sla": { "before": 3, "after": 6, "state": "ok" },
                },
                { "position": 2, "from_node": "call", "to_node": "call", "timers": [], "sla": { "before": 3, "after": 3, "state": "ok" } },
                { "position": 3, "from_node": "gone", "to_node": null, "timers": [] },
            ],
        });
        let want = [
            "The step 'call' is gone.",
            "A note.",
            "“Call” goes on at “First call”.",
            "It was due day 3 and is due day 6.",
            "The task changes and is offered anew: title, form.",
            "The warning moves from day 2 to day 5.",
            "Step 1 of the escalation, set for day 4, is dropped.",
            "The timer “Nudge” is new, set for day 7.",
            "“Call” goes on.",
            "It stays due day 3.",
        ];
        assert_eq!(said(&plan), want);
    }

    #[test]
    fn instances_are_counted_by_what_became_of_them() {
        let counted = |outcomes: &[(&str, u64)]| {
            tally(&outcomes.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect())
        };
        assert_eq!(
            counted(&[("moved", 2), ("must_stay", 1), ("rolled_back", 1)]),
            "2 moved, 1 must stay, 1 taken back"
        );
        assert_eq!(counted(&[("needs_mapping", 1), ("gone", 0)]), "1 needs a mapping");
        assert_eq!(counted(&[]), "No instance");
        assert_eq!(outcome("needs_mapping"), "Needs a mapping");
        assert_eq!(outcome("other_end"), "Other end");
    }
}
