//! Judging what a test case expects.

use super::{
    Expect,
    open::Class,
    stage::{Run, Stage, sentence},
};
use crate::{
    Status,
    expr::{Expression, Root, Scope},
};
use std::collections::BTreeSet;

impl Stage<'_> {
    /// Whether all of it is so.
    ///
    /// # Errors
    ///
    /// Sentences: what is not.
    pub(super) fn judge(&self, expected: &Expect) -> Result<(), String> {
        let mut wrong = Vec::new();
        if let Some(place) = &expected.at
            && self.find(place, Class::Any).is_none()
        {
            wrong.push(format!("Nothing waits at '{place}': {}.", self.standing()));
        }
        if let Some(outcome) = &expected.ended
            && self.runs[0].instance.outcome() != Some(outcome)
        {
            wrong.push(format!("It has not ended with '{outcome}': {}.", self.standing()));
        }
        let entered: BTreeSet<&str> = self.runs.iter().flat_map(Run::entered).collect();
        let missed = expected.passed.iter().filter(|node| !entered.contains(node.as_str()));
        wrong.extend(missed.map(|node| format!("It did not come to '{node}'.")));
        let met = expected.avoided.iter().filter(|node| entered.contains(node.as_str()));
        wrong.extend(met.map(|node| format!("It came to '{node}'.")));
        if let Some(that) = &expected.that {
            wrong.extend(self.does_not_hold(that));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join(" ")) }
    }

    /// Where it stands, in the middle of a sentence.
    fn standing(&self) -> String {
        let instance = &self.runs[0].instance;
        match (instance.status(), instance.outcome()) {
            (Status::Ended, Some(outcome)) => format!("it ended with '{outcome}'"),
            (Status::Cancelled, _) => "it was cancelled".to_owned(),
            (Status::Ended | Status::Running | Status::Incident, _) => {
                let waits = self.runs.iter().flat_map(|run| run.instance.waits());
                let nodes: BTreeSet<String> =
                    waits.map(|wait| format!("'{}'", wait.node)).collect();
                let nodes: Vec<String> = nodes.into_iter().collect();
                format!("it waits at {}", nodes.join(", "))
            }
        }
    }

    fn does_not_hold(&self, that: &str) -> Option<String> {
        let expression = match Expression::parse(that) {
            Ok(expression) => expression,
            Err(error) => return Some(format!("'{that}' cannot be read: {}.", error.message)),
        };
        match expression.holds(&self.scope()) {
            Ok(true) => None,
            Ok(false) => Some(format!("'{that}' is not so.")),
            Err(error) => Some(format!("'{that}' has no value: {}", sentence(&error.to_string()))),
        }
    }

    fn scope(&self) -> Scope<'_> {
        let instance = &self.runs[0].instance;
        Scope::new(&[("input", instance.input()), ("account", &self.account)])
            .with("vars", Root::Object(instance.vars()))
            .with("nodes", Root::Nodes(instance.nodes()))
            .with("now", Root::Time(self.now))
    }
}
