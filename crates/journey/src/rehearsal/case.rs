//! How a rehearsal is written down: how it begins, and what happens in it, one move after the other.

use crate::{Timestamp, draft::TestCase, effect::FailureKind, sla::Reason};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

/// How a rehearsal begins, and its moves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The trigger that opens it; without one that which people start by hand, or else the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// What the trigger gets; without it the least that fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// The account it is about, as expressions read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Map<String, Value>>,
    /// When it begins; without it on a Monday morning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(default)]
    pub moves: Vec<Move>,
}

/// Monday, 5 January 2026, 09:00 UTC.
const MONDAY: Timestamp = Timestamp(1_767_603_600_000);

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Move {
    /// A person completes a task, by its first outcome and with the least its form takes unless it is said.
    Complete {
        at: Place,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<Value>,
        /// Who does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// Their role, which an approval's limit may ask for; an administrator's unless it is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<String>,
    },
    /// A call or message is answered, with an example of what its connector gives unless it is said; without a place, every one that waits.
    Answer {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Place>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Value>,
    },
    /// A call or message fails.
    Fail {
        at: Place,
        #[serde(default = "permanent", skip_serializing_if = "is_permanent")]
        kind: FailureKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// An event comes: to a place that waits for its name whatever its key, or else wherever its name and key are waited for.
    Event {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Place>,
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        data: Map<String, Value>,
    },
    /// Fields of the account are other ones now.
    Change { account: Map<String, Value> },
    /// Time passes, and whatever is due happens: for so long, until a moment, or until the next thing is due. Calls are answered before it does.
    Wait {
        /// An ISO 8601 duration such as `P2D`.
        #[serde(rename = "for", default, skip_serializing_if = "Option::is_none")]
        length: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
    /// What leads to a step happens until it is entered; without one what is likely, until nothing more does.
    Run {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A journey that was called is over, with the outcome `ended` unless it is said.
    Return {
        at: Place,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        vars: Map<String, Value>,
    },
    /// A person tries again what failed.
    Retry { at: Place },
    /// A person goes on from what failed, by one of its ways.
    Skip { at: Place, outcome: String },
    /// A person ends the journey at what failed.
    End { at: Place, outcome: String },
    /// A person pauses the clock of a task.
    Pause { at: Place, reason: Reason },
    /// The clock of a task goes on.
    Resume { at: Place },
    /// One more item for a for-each that still waits.
    AddItem { at: Place, item: Value },
    /// A person cancels the instance.
    Cancel {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// What must be so at this point; all that is said must hold.
    Expect(Expect),
}

/// What a test case asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Something waits at this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// The journey is over with this outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// These steps were entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<String>,
    /// These were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub avoided: Vec<String>,
    /// An expression over `vars`, `nodes`, `input`, `account` and `now` is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub that: Option<String>,
}

/// A step at which something waits: `visit`, or `visit#2` for the second of several that wait there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Place {
    pub node: String,
    /// Counts from 1.
    pub number: usize,
}

impl Place {
    /// The first that waits at a step.
    pub fn first(node: &str) -> Self {
        Self { node: node.to_owned(), number: 1 }
    }
}

impl From<String> for Place {
    fn from(text: String) -> Self {
        let several = text.rsplit_once('#');
        let several = several.and_then(|(node, number)| Some((node, number.parse().ok()?)));
        match several {
            Some((node, number)) => Self { node: node.to_owned(), number },
            None => Self { node: text, number: 1 },
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            1 => f.write_str(&self.node),
            number => write!(f, "{}#{number}", self.node),
        }
    }
}

impl Case {
    /// Reads a test case of a draft.
    ///
    /// # Errors
    ///
    /// A sentence saying what in it cannot be read.
    pub fn read(test: &TestCase) -> Result<Self, String> {
        let case: Self = serde_json::from_value(Value::Object(test.settings.clone()))
            .map_err(|error| error.to_string())?;
        case.begins().map(|_| case)
    }

    /// The same as a member of a draft's `tests`.
    pub fn written(&self, id: &str, name: &str) -> TestCase {
        let Ok(Value::Object(settings)) = serde_json::to_value(self) else {
            return TestCase { id: id.to_owned(), name: name.to_owned(), ..TestCase::default() };
        };
        TestCase { id: id.to_owned(), name: name.to_owned(), settings }
    }

    /// When it begins.
    ///
    /// # Errors
    ///
    /// A sentence: `start` is not a time.
    pub fn begins(&self) -> Result<Timestamp, String> {
        let Some(text) = &self.start else { return Ok(MONDAY) };
        let read = Timestamp::from_rfc3339(text);
        read.ok_or_else(|| format!("'{text}' is not a time such as 2026-01-05T09:00:00Z"))
    }
}

fn permanent() -> FailureKind {
    FailureKind::Permanent
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_permanent(kind: &FailureKind) -> bool {
    *kind == FailureKind::Permanent
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_case_is_written_as_it_was_read() {
        let written = json!({
            "id": "early", "name": "Signed early", "trigger": "start", "input": { "seats": 3 }, "account": { "name": "Acme" },
            "start": "2026-03-02T09:00:00Z",
            "moves": [
                { "do": "complete", "at": "ask#2", "outcome": "yes", "form": { "note": "" } },
                { "do": "answer" },
                { "do": "fail", "at": "bill", "kind": "transient" },
                { "do": "wait", "for": "P2D" },
                { "do": "pause", "at": "ask", "reason": "waiting_on_customer" },
                { "do": "expect", "ended": "renewed", "passed": ["ask"], "that": "vars.seats == 3" }
            ]
        });
        let test: TestCase = serde_json::from_value(written.clone()).unwrap();
        let case = Case::read(&test).unwrap();
        let Move::Complete { at, .. } = &case.moves[0] else { panic!("{case:?}") };
        assert_eq!((at.node.as_str(), at.number), ("ask", 2));
        assert_eq!(serde_json::to_value(case.written("early", "Signed early")).unwrap(), written);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let read = |settings: Value| {
            let test = json!({ "id": "a", "name": "A", "moves": [] });
            let mut test: TestCase = serde_json::from_value(test).unwrap();
            test.settings.extend(settings.as_object().unwrap().clone());
            Case::read(&test).unwrap_err()
        };
        assert!(read(json!({ "moves": [{ "do": "dance" }] })).contains("unknown variant `dance`"));
        assert!(read(json!({ "moves": [{ "do": "retry", "att": "x" }] })).contains("att"));
        assert!(read(json!({ "startt": 1 })).contains("unknown field `startt`"));
        assert_eq!(
            read(json!({ "start": "tomorrow" })),
            "'tomorrow' is not a time such as 2026-01-05T09:00:00Z"
        );
    }
}
