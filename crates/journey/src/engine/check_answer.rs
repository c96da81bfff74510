//! An AI check: a call whose answer is a verdict, followed only when it is sure enough.

use super::{Fact, Position, Turn, payload};
use crate::{journey::Node, settings::Judge};
use serde_json::Value;

const PASSED: &str = "passed";
const FAILED: &str = "failed";
const UNSURE: &str = "unsure";

impl<'a> Turn<'a> {
    /// Leaves by what the answer says, or by `unsure` when it does not say enough.
    pub(super) fn judge(
        &mut self,
        node: &'a Node,
        position: Position,
        judge: &Judge,
        answer: &Value,
    ) {
        let (outcome, why) = match read(judge, answer) {
            Ok((outcome, confidence)) => (outcome, format!("confidence {confidence}")),
            Err(why) => (UNSURE, why),
        };
        self.judged(node, position, outcome, why);
    }

    /// The machine is away, so a person decides.
    pub(super) fn judge_without_answer(&mut self, node: &'a Node, position: Position, why: String) {
        self.judged(node, position, UNSURE, why);
    }

    fn judged(&mut self, node: &'a Node, position: Position, outcome: &str, why: String) {
        self.record(Fact::Judged { position, outcome: outcome.to_owned(), why });
        self.leave(node, position, outcome);
    }
}

fn read(judge: &Judge, answer: &Value) -> Result<(&'static str, f64), String> {
    payload::fits(answer, &judge.verdict).map_err(|wrong| wrong.message)?;
    let passed = answer.get("passed").and_then(Value::as_bool);
    let passed = passed.ok_or("the answer does not say whether it 'passed'")?;
    let confidence = answer.get("confidence").and_then(Value::as_f64);
    let confidence = confidence
        .filter(|confidence| (0.0..=1.0).contains(confidence))
        .ok_or("the answer has no 'confidence' between 0 and 1")?;
    if !answer.get("evidence").is_some_and(Value::is_array) {
        return Err("the answer cites no 'evidence'".to_owned());
    }
    if confidence < judge.threshold {
        return Err(format!("confidence {confidence} is below {}", judge.threshold));
    }
    Ok((if passed { PASSED } else { FAILED }, confidence))
}
