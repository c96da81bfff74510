//! A rehearsal in words: its moves, and what waits in it.

use super::{count, shown, spoken};
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
            let who = by.clone().unwrap_or_else(|| "Someone".to_owned());
            let with = outcome.as_ref().map(|outcome| format!(" with {}", spoken(outcome)));
            format!("{who} completes {}{}", at(place), with.unwrap_or_default())
        }
        Move::Answer { at: None, .. } => "All calls are answered".to_owned(),
        Move::Answer { at: Some(place), output: None } => format!("{} is done", at(place)),
        Move::Answer { at: Some(place), output: Some(output) } => {
            format!("{} gives {}", at(place), shown(output))
        }
        Move::Fail { at: place, kind, .. } => {
            let how = if kind.is_retryable() { "fails for now" } else { "fails" };
            format!("{} {how}{}", at(place), failed_by(*kind))
        }
        Move::Event { name, at: None, .. } => format!("“{name}” comes"),
        Move::Event { name, at: Some(place), .. } => format!("“{name}” comes for {}", at(place)),
        Move::Change { account } => format!("The account changes: {}", members(account)),
        Move::Wait { length: Some(length), .. } => format!("{} pass", length_words(length)),
        Move::Wait { until: Some(until), .. } => format!("Time passes until {until}"),
        Move::Wait { .. } => "Time passes until something is due".to_owned(),
        Move::Run { to: Some(to) } => format!("What is likely happens up to “{}”", name(draft, to)),
        Move::Run { to: None } => "What is likely happens to the end".to_owned(),
        Move::Return { at: place, outcome, .. } => {
            let outcome = outcome.as_deref().map_or_else(|| "ended".to_owned(), spoken);
            format!("The journey that {} called is over: {outcome}", at(place))
        }
        Move::Retry { at: place } => format!("Someone tries {} again", at(place)),
        Move::Skip { at: place, outcome } => {
            format!("Someone goes on from {} by {}", at(place), spoken(outcome))
        }
        Move::End { at: place, outcome } => {
            format!("Someone ends the journey at {}: {}", at(place), spoken(outcome))
        }
        Move::Pause { at: place, reason } => {
            format!("The clock of {} is paused: {}", at(place), paused(reason))
        }
        Move::Resume { at: place } => format!("The clock of {} goes on", at(place)),
        Move::AddItem { at: place, item } => format!("{} is added to {}", shown(item), at(place)),
        Move::Cancel { .. } => "Someone cancels the journey".to_owned(),
        Move::Expect(expected) => format!("Expected: {}", expectation(expected, draft)),
    }
}

/// What must be so.
fn expectation(expected: &Expect, draft: &Draft) -> String {
    let mut all = Vec::new();
    all.extend(expected.at.as_ref().map(|place| format!("it waits at {}", quoted(draft, place))));
    all.extend(
        expected.ended.as_ref().map(|outcome| format!("it has ended with {}", spoken(outcome))),
    );
    let steps = |nodes: &[String]| {
        let names = nodes.iter().map(|node| format!("“{}”", name(draft, node)));
        names.collect::<Vec<_>>().join(", ")
    };
    if !expected.passed.is_empty() {
        all.push(format!("it came to {}", steps(&expected.passed)));
    }
    if !expected.avoided.is_empty() {
        all.push(format!("it never came to {}", steps(&expected.avoided)));
    }
    all.extend(expected.that.clone());
    if all.is_empty() { "nothing".to_owned() } else { all.join(", and ") }
}

/// What something waits for, below its name; `moment` writes a time.
pub fn waits_for(what: &What, moment: &dyn Fn(Timestamp) -> String) -> String {
    let until = |due: &Option<Timestamp>| match due {
        Some(due) => format!(", until {}", moment(*due)),
        None => String::new(),
    };
    match what {
        What::Task { offer, due, approved, .. } => {
            let approved = match approved {
                0 => String::new(),
                number => {
                    let number = u64::try_from(*number).unwrap_or(u64::MAX);
                    format!("; {} already", count(number, "has approved", "have approved"))
                }
            };
            format!("A task for {}, due {}{approved}", whom(&offer.owner), moment(*due))
        }
        What::Call { call, .. } => {
            format!("Calls {} of {}", spoken(&call.operation), call.connection)
        }
        What::Message { message, .. } => format!("A message to {}", whom(&message.to)),
        What::Later { due } => format!("Goes out {}", moment(*due)),
        What::Timer { due } => format!("Goes on {}", moment(*due)),
        What::Event { name, key, due } => {
            format!("Waits for “{name}” with the key {key}{}", until(due))
        }
        What::Condition { due } => format!("Waits until its condition holds{}", until(due)),
        What::Journey { journey, .. } => format!("The journey “{journey}” runs"),
        What::Items { over, of } => format!("{over} of {of} are over"),
        What::Join => "Waits for other branches".to_owned(),
        What::Turn => "Waits for its turn".to_owned(),
        What::Incident { failure, .. } => super::sentence(&failure.message),
    }
}

/// Whose it is.
pub fn whom(owner: &Owner) -> String {
    match (&owner.user, &owner.team) {
        (Some(user), _) => user.clone(),
        (None, Some(team)) => format!("the team {team}"),
        (None, None) => "nobody".to_owned(),
    }
}

fn quoted(draft: &Draft, place: &Place) -> String {
    let name = name(draft, &place.node);
    match place.number {
        1 => format!("“{name}”"),
        number => format!("“{name}” (number {number})"),
    }
}

fn failed_by(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::InvalidInput => ": the input is refused",
        FailureKind::Auth => ": access is refused",
        FailureKind::NotFound => ": it is not found",
        FailureKind::Conflict => ": it is in conflict",
        FailureKind::RateLimited => ": too many calls",
        FailureKind::Transient | FailureKind::Permanent | FailureKind::Internal => "",
    }
}

fn paused(reason: &Reason) -> String {
    match reason {
        Reason::WaitingOnCustomer => "waiting for the customer".to_owned(),
        Reason::WaitingOnVendor => "waiting for the vendor".to_owned(),
        Reason::Other(words) => words.clone(),
    }
}

fn members(fields: &Map<String, Value>) -> String {
    let said = fields.iter().map(|(name, value)| format!("{} {}", spoken(name), shown(value)));
    said.collect::<Vec<_>>().join(", ")
}

/// `P2D` as `2 days`; what is put together otherwise stays as it is.
fn length_words(length: &str) -> String {
    let units = [("PT", 'M', "minute"), ("PT", 'H', "hour"), ("P", 'D', "day"), ("P", 'W', "week")];
    let known = units.iter().find_map(|(before, after, unit)| {
        let number = length.strip_prefix(before)?.strip_suffix(*after)?.parse::<u64>().ok()?;
        Some(count(number, unit, &format!("{unit}s")))
    });
    known.unwrap_or_else(|| length.to_owned())
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
