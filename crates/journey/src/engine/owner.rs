//! Owner rules: who should have a task.

use super::Turn;
use crate::{
    effect::Owner,
    expr::EvalError,
    settings::{OwnerRule, Who},
};
use serde_json::Value;

impl Turn<'_> {
    /// The first owner the rule or its fallbacks find; `None` when they find nobody.
    pub(super) fn resolve(&self, rule: &OwnerRule) -> Result<Option<Owner>, EvalError> {
        let mut next = Some(rule);
        let mut failed = None;
        while let Some(rule) = next {
            match self.apply_rule(&rule.rule) {
                Ok(Some(owner)) => return Ok(Some(owner)),
                Ok(None) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
            next = rule.fallback.as_deref();
        }
        failed.map_or(Ok(None), Err)
    }

    fn apply_rule(&self, rule: &Who) -> Result<Option<Owner>, EvalError> {
        Ok(match rule {
            Who::Team(team) => Some(Owner { user: None, team: Some(team.clone()) }),
            Who::User(user) => Some(Owner { user: Some(user.clone()), team: None }),
            Who::AccountOwner => {
                let owner = self.account.as_deref().and_then(|account| account.get("owner"));
                owner.and_then(Value::as_str).and_then(named)
            }
            Who::Expression(expression) => {
                expression.evaluate(&self.scope())?.as_str().and_then(named)
            }
        })
    }
}

/// An e-mail address names a person, anything else a team.
fn named(name: &str) -> Option<Owner> {
    let name = name.trim();
    match name {
        "" => None,
        user if user.contains('@') => Some(Owner { user: Some(user.to_owned()), team: None }),
        team => Some(Owner { user: None, team: Some(team.to_owned()) }),
    }
}
