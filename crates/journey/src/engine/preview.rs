//! What settings give for an account, before anything runs: for who draws a journey and has one in mind.

use super::{Context, Turn};
use crate::{
    Instance, Journey, Timestamp,
    effect::Owner,
    expr::{EvalError, Expression, Scope},
    instance::Half,
    settings::Sort,
    template::Template,
};
use serde_json::Value;

/// What a setting gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    Value(Value),
    /// It reads what is known only while an instance runs.
    Later(String),
    /// It has no value for this account.
    Missing(String),
}

/// Who would be given the task of a step, and by when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foretold {
    /// `None` when the owner rule finds nobody.
    pub owner: Result<Option<Owner>, String>,
    /// When it would be due, and when its warning would come.
    pub due: Result<(Timestamp, Option<Timestamp>), String>,
}

/// What an expression gives for an account; `None` when it is none.
pub fn expression(source: &str, account: &Value, now: Timestamp) -> Option<Seen> {
    let expression = Expression::parse(source).ok()?;
    Some(seen(expression.evaluate(&scope(account, now))))
}

/// What a text with expressions in it says for an account; `None` when it cannot be read.
pub fn text(source: &str, account: &Value, now: Timestamp) -> Option<Seen> {
    let template = Template::parse(source).ok()?;
    Some(seen(template.render(&scope(account, now)).map(Value::String)))
}

/// Who would be given the task of a step, were an instance to come to it now; `None` when the step is no work of people.
pub fn foretell(journey: &Journey, node: &str, context: Context<'_>) -> Option<Foretold> {
    let (node, task) = (journey.find(node)?, journey.task(node)?);
    let turn = Turn::new(journey, Instance::new(), context);
    let half = match &task.sort {
        Sort::Handoff(_) => Some(Half::Accepting),
        Sort::Task | Sort::Approval { .. } => None,
    };
    let owner = match &task.sort {
        Sort::Handoff(handoff) => {
            Ok(Some(Owner { user: None, team: Some(handoff.to_team.clone()) }))
        }
        Sort::Task | Sort::Approval { .. } => {
            turn.resolve(&task.owner).map_err(|error| error.to_string())
        }
    };
    let due = turn
        .task_timers(node, task, half)
        .map(|(clock, _)| (clock.due(), clock.next_times().warning));
    Some(Foretold { owner, due: due.map_err(|failure| failure.message) })
}

fn scope(account: &Value, now: Timestamp) -> Scope<'_> {
    Scope::new(&[("account", account)]).with_time("now", now)
}

fn seen(value: Result<Value, EvalError>) -> Seen {
    match value {
        Ok(value) => Seen::Value(value),
        Err(EvalError::Missing(path)) if path.split('.').next() != Some("account") => {
            Seen::Later(path)
        }
        Err(error) => Seen::Missing(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, calendar::Calendars, check};
    use serde_json::json;

    const NOW: Timestamp = Timestamp(1_767_600_000_000);

    #[test]
    fn an_expression_and_a_text_are_seen_for_an_account() {
        let account = json!({ "name": "Ada", "arr": 600, "owner": "a@x.y" });
        let of = |source: &str| expression(source, &account, NOW);
        assert_eq!(of("account.arr > 500"), Some(Seen::Value(json!(true))));
        assert_eq!(of("vars.tier == 'gold'"), Some(Seen::Later("vars".to_owned())));
        assert_eq!(
            of("account.stage"),
            Some(Seen::Missing("'account.stage' is missing".to_owned()))
        );
        assert_eq!(of("account.arr >"), None);
        assert_eq!(
            text("Call {{ account.name }}", &account, NOW),
            Some(Seen::Value(json!("Call Ada")))
        );
        assert_eq!(text("{{ input.x }}", &account, NOW), Some(Seen::Later("input".to_owned())));
    }

    fn journey(owner: &Value) -> Journey {
        let draft: Draft = serde_json::from_value(json!({
            "format": 1, "name": "One",
            "nodes": [
                { "id": "start", "kind": "trigger", "name": "Start", "position": { "x": 0, "y": 0 }, "on": { "type": "manual" } },
                { "id": "call", "kind": "task", "name": "Call", "position": { "x": 0, "y": 0 }, "owner": owner,
                  "sla": { "due": "PT2H", "warn_at": 0.5 }, "outcomes": [{ "id": "done", "label": "Done" }] },
                { "id": "end", "kind": "end", "name": "End", "position": { "x": 0, "y": 0 }, "outcome": "success" },
            ],
            "edges": [{ "id": "e1", "from": "start", "to": "call" }, { "id": "e2", "from": "call", "port": "done", "to": "end" }],
        }))
        .unwrap();
        let (journey, problems) = check(&draft, None);
        journey.unwrap_or_else(|| panic!("{problems:?}"))
    }

    #[test]
    fn who_would_have_a_task_and_by_when_is_foretold() {
        let calendars = Calendars::default();
        let context = |account| Context { now: NOW, account, calendars: &calendars };
        let owned = json!({ "owner": "a@x.y" });
        let journey = journey(&json!({ "rule": "account_owner" }));
        let told = foretell(&journey, "call", context(Some(&owned))).unwrap();
        assert_eq!(told.owner, Ok(Some(Owner { user: Some("a@x.y".to_owned()), team: None })));
        let hour = 3_600_000;
        assert_eq!(told.due, Ok((NOW.plus(2 * hour), Some(NOW.plus(hour)))));
        let nobodys = json!({});
        assert_eq!(foretell(&journey, "call", context(Some(&nobodys))).unwrap().owner, Ok(None));
        assert_eq!(foretell(&journey, "end", context(Some(&nobodys))), None);
    }
}
