//! `assume`: what a shadow run takes for granted where a live one would ask the world.

use super::super::fields::Fields;
use crate::{
    journey::Assume,
    settings::{Kind, Sort},
};

pub(super) fn read(fields: &Fields<'_>, kind: &Kind) -> Option<Assume> {
    let (Kind::Task(_) | Kind::Action(_) | Kind::Notify(_)) = kind else { return None };
    let inner = fields.object("assume")?;
    let assume = Assume {
        output: inner.get("output").cloned(),
        outcome: inner.text("outcome").map(str::to_owned),
        form: inner.get("form").cloned(),
        after_ms: inner.elapsed("after"),
    };
    inner.finish();
    if let (Kind::Task(task), Some(outcome)) = (kind, &assume.outcome)
        && !matches!(task.sort, Sort::Handoff(_))
        && !task.outcomes.iter().any(|known| known.id == *outcome)
    {
        let message = format!("The task has no outcome '{outcome}' that could be assumed.");
        fields.error("bad-value", "assume/outcome", message);
    }
    Some(assume)
}
