//! A rehearsal in words: its moves, and what waits in it.

use super::{shown, spoken};
use crate::messages::{plural, t};
use journey::{
    Draft, Timestamp,
    effect::{FailureKind, Owner},
    rehearsal::{Expect, Move, Place, What},
    sla::Reason,
};
use serde_json::{Map, Value};

/// What a step is called.
pub fn name(draft: &Draft, node: &str) -> String {
    let drawn = draft.node(node).map(|node| node.name.clone());
    drawn.filter(|name| !name.is_empty()).unwrap_or_else(|| node.to_owned())
}

/// One move, as a sentence without its point.
pub fn moved(made: &Move, draft: &Draft) -> String {
    let at = |place: &Place| quoted(draft, place);
    match made {
        Move::Complete { at: place, outcome, by, .. } => {
            let who = by.clone().unwrap_or_else(|| t!("Someone").to_owned());
            let place = at(place);
            outcome.as_deref().map(spoken).map_or_else(
                || t!("{who} completes {place}", who, place),
                |outcome| t!("{who} completes {place} with {outcome}", who, place, outcome),
            )
        }
        Move::Answer { at: None, .. } => t!("All calls are answered").to_owned(),
        Move::Answer { at: Some(place), output: None } => t!("{place} is done", place = at(place)),
        Move::Answer { at: Some(place), output: Some(output) } => {
            t!("{place} gives {output}", place = at(place), output = shown(output))
        }
        Move::Fail { at: place, kind, .. } => failed(&at(place), *kind),
        Move::Event { name, at: None, .. } => t!("“{name}” comes", name),
        Move::Event { name, at: Some(place), .. } => {
            t!("“{name}” comes for {place}", name, place = at(place))
        }
        Move::Change { account } => {
            t!("The account changes: {account}", account = members(account))
        }
        Move::Wait { length: Some(length), .. } => t!("{time} pass", time = length_words(length)),
        Move::Wait { until: Some(until), .. } => t!("Time passes until {until}", until),
        Move::Wait { .. } => t!("Time passes until something is due").to_owned(),
        Move::Run { to: Some(to) } => {
            t!("What is likely happens up to “{to}”", to = name(draft, to))
        }
        Move::Run { to: None } => t!("What is likely happens to the end").to_owned(),
        Move::Return { at: place, outcome, .. } => {
            let outcome = outcome.as_deref().map_or_else(|| t!("ended").to_owned(), spoken);
            t!("The journey that {place} called is over: {outcome}", place = at(place), outcome)
        }
        Move::Cancel { .. } => t!("Someone cancels the journey").to_owned(),
        Move::Expect(expected) => {
            t!("Expected: {expected}", expected = expectation(expected, draft))
        }
        Move::Retry { at: place } => acted(&Act::Retry, &at(place)),
        Move::Skip { at: place, outcome } => acted(&Act::Skip(outcome), &at(place)),
        Move::End { at: place, outcome } => acted(&Act::End(outcome), &at(place)),
        Move::Pause { at: place, reason } => acted(&Act::Pause(reason), &at(place)),
        Move::Resume { at: place } => acted(&Act::Resume, &at(place)),
        Move::AddItem { at: place, item } => acted(&Act::Add(item), &at(place)),
    }
}

/// What somebody does to a step that waits.
enum Act<'a> {
    Retry,
    /// By this outcome.
    Skip(&'a str),
    End(&'a str),
    Pause(&'a Reason),
    Resume,
    /// One more item.
    Add(&'a Value),
}

/// What somebody does, at a step as it is called.
fn acted(act: &Act<'_>, place: &str) -> String {
    match act {
        Act::Retry => t!("Someone tries {place} again", place),
        Act::Skip(outcome) => {
            t!("Someone goes on from {place} by {outcome}", place, outcome = spoken(outcome))
        }
        Act::End(outcome) => {
            t!("Someone ends the journey at {place}: {outcome}", place, outcome = spoken(outcome))
        }
        Act::Pause(reason) => {
            t!("The clock of {place} is paused: {reason}", place, reason = paused(reason))
        }
        Act::Resume => t!("The clock of {place} goes on", place),
        Act::Add(item) => t!("{item} is added to {place}", item = shown(item), place),
    }
}

/// What must be so.
fn expectation(expected: &Expect, draft: &Draft) -> String {
    let mut all = Vec::new();
    all.extend(
        expected.at.as_ref().map(|place| t!("it waits at {place}", place = quoted(draft, place))),
    );
    all.extend(
        expected
            .ended
            .as_ref()
            .map(|outcome| t!("it has ended with {outcome}", outcome = spoken(outcome))),
    );
    let steps = |nodes: &[String]| {
        let names = nodes.iter().map(|node| format!("“{}”", name(draft, node)));
        names.collect::<Vec<_>>().join(", ")
    };
    if !expected.passed.is_empty() {
        all.push(t!("it came to {passed}", passed = steps(&expected.passed)));
    }
    if !expected.avoided.is_empty() {
        all.push(t!("it never came to {avoided}", avoided = steps(&expected.avoided)));
    }
    all.extend(expected.that.clone());
    if all.is_empty() { "nothing".to_owned() } else { all.join(", and ") }
}

/// What something waits for, below its name; `moment` writes a time.
pub fn waits_for(what: &What, moment: &dyn Fn(Timestamp) -> String) -> String {
    let until = |due: &Option<Timestamp>| match due {
        Some(due) => t!(", until {due}", due = moment(*due)),
        None => String::new(),
    };
    match what {
        What::Task { offer, due, approved, .. } => {
            let approved = match approved {
                0 => String::new(),
                number => {
                    let number = u64::try_from(*number).unwrap_or(u64::MAX);
                    t!(
                        "; {number} already",
                        number = plural!(number, "{count} has approved", "{count} have approved")
                    )
                }
            };
            t!(
                "A task for {owner}, due {due}{approved}",
                owner = whom(&offer.owner),
                due = moment(*due),
                approved
            )
        }
        What::Call { call, .. } => {
            t!(
                "Calls {operation} of {connection}",
                operation = spoken(&call.operation),
                connection = call.connection
            )
        }
        What::Message { message, .. } => t!("A message to {to}", to = whom(&message.to)),
        What::Later { due } => t!("Goes out {due}", due = moment(*due)),
        What::Timer { due } => t!("Goes on {due}", due = moment(*due)),
        What::Event { name, key, due } => {
            t!("Waits for “{name}” with the key {key}{due}", name, key, due = until(due))
        }
        What::Condition { due } => t!("Waits until its condition holds{due}", due = until(due)),
        What::Journey { journey, .. } => t!("The journey “{journey}” runs", journey),
        What::Items { over, of } => t!("{over} of {of} are over", over, of),
        What::Join => t!("Waits for other branches").to_owned(),
        What::Turn => t!("Waits for its turn").to_owned(),
        What::Incident { failure, .. } => super::sentence(&failure.message),
    }
}

/// Whose it is.
pub fn whom(owner: &Owner) -> String {
    match (&owner.user, &owner.team) {
        (Some(user), _) => user.clone(),
        (None, Some(team)) => t!("the team {team}", team),
        (None, None) => "nobody".to_owned(),
    }
}

fn quoted(draft: &Draft, place: &Place) -> String {
    let name = name(draft, &place.node);
    match place.number {
        1 => format!("“{name}”"),
        number => t!("“{name}” (number {number})", name, number),
    }
}

fn failed(place: &str, kind: FailureKind) -> String {
    match kind {
        FailureKind::InvalidInput => t!("{place} fails: the input is refused", place),
        FailureKind::Auth => t!("{place} fails: access is refused", place),
        FailureKind::NotFound => t!("{place} fails: it is not found", place),
        FailureKind::Conflict => t!("{place} fails: it is in conflict", place),
        FailureKind::RateLimited => t!("{place} fails for now: too many calls", place),
        FailureKind::Transient => t!("{place} fails for now", place),
        FailureKind::Permanent | FailureKind::Internal => t!("{place} fails", place),
    }
}

fn paused(reason: &Reason) -> String {
    match reason {
        Reason::WaitingOnCustomer => t!("waiting for the customer").to_owned(),
        Reason::WaitingOnVendor => t!("waiting for the vendor").to_owned(),
        Reason::Other(words) => words.clone(),
    }
}

fn members(fields: &Map<String, Value>) -> String {
    let said = fields.iter().map(|(name, value)| format!("{} {}", spoken(name), shown(value)));
    said.collect::<Vec<_>>().join(", ")
}

/// `P2D` as `2 days`; what is put together otherwise stays as it is.
fn length_words(length: &str) -> String {
    let number = |before: &str, after: char| {
        length.strip_prefix(before)?.strip_suffix(after)?.parse::<u64>().ok()
    };
    if let Some(minutes) = number("PT", 'M') {
        plural!(minutes, "{count} minute", "{count} minutes")
    } else if let Some(hours) = number("PT", 'H') {
        plural!(hours, "{count} hour", "{count} hours")
    } else if let Some(days) = number("P", 'D') {
        plural!(days, "{count} day", "{count} days")
    } else if let Some(weeks) = number("P", 'W') {
        plural!(weeks, "{count} week", "{count} weeks")
    } else {
        length.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::draft::Node;
    use serde_json::json;

    fn told(made: Value) -> String {
        let ask = Node { id: "ask".to_owned(), name: "Ask them".to_owned(), ..Node::default() };
        let draft = Draft { nodes: vec![ask], ..Draft::default() };
        moved(&serde_json::from_value(made).unwrap(), &draft)
    }

    #[test]
    fn moves_are_told_with_the_names_of_steps() {
        let cases = [
            (
                json!({"do": "complete", "at": "ask", "outcome": "not_now"}),
                "Someone completes “Ask them” with Not now",
            ),
            (
                json!({"do": "complete", "at": "ask#2", "by": "ana@x"}),
                "ana@x completes “Ask them” (number 2)",
            ),
            (json!({"do": "fail", "at": "bill", "kind": "transient"}), "“bill” fails for now"),
            (
                json!({"do": "fail", "at": "bill", "kind": "auth"}),
                "“bill” fails: access is refused",
            ),
            (json!({"do": "retry", "at": "ask"}), "Someone tries “Ask them” again"),
            (
                json!({"do": "skip", "at": "ask", "outcome": "not_now"}),
                "Someone goes on from “Ask them” by Not now",
            ),
            (
                json!({"do": "end", "at": "ask", "outcome": "lost"}),
                "Someone ends the journey at “Ask them”: Lost",
            ),
            (
                json!({"do": "pause", "at": "ask", "reason": "waiting_on_vendor"}),
                "The clock of “Ask them” is paused: waiting for the vendor",
            ),
            (json!({"do": "resume", "at": "ask"}), "The clock of “Ask them” goes on"),
            (json!({"do": "add_item", "at": "each", "item": 7}), "7 is added to “each”"),
            (json!({"do": "wait", "for": "P2D"}), "2 days pass"),
            (json!({"do": "wait", "for": "P1DT2H"}), "P1DT2H pass"),
            (json!({"do": "wait"}), "Time passes until something is due"),
            (json!({"do": "run", "to": "ask"}), "What is likely happens up to “Ask them”"),
            (json!({"do": "change", "account": {"seats": 3}}), "The account changes: Seats 3"),
            (
                json!({"do": "expect", "ended": "won", "avoided": ["ask"]}),
                "Expected: it has ended with Won, and it never came to “Ask them”",
            ),
        ];
        for (made, words) in cases {
            assert_eq!(told(made), words);
        }
    }

    #[test]
    fn what_waits_says_for_what_and_until_when() {
        let moment = |at: Timestamp| format!("at {}", at.0);
        let event =
            What::Event { name: "paid".to_owned(), key: "7".to_owned(), due: Some(Timestamp(9)) };
        assert_eq!(waits_for(&event, &moment), "Waits for “paid” with the key 7, until at 9");
        assert_eq!(waits_for(&What::Timer { due: Timestamp(5) }, &moment), "Goes on at 5");
        assert_eq!(
            waits_for(&What::Condition { due: None }, &moment),
            "Waits until its condition holds"
        );
    }
}
