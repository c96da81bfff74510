//! Whose work a node is, and whether it can keep that team's time.

use super::{Diagnostic, drawing::Drawing, names::Names, report::Place};
use crate::{
    Draft,
    draft::Node,
    settings::{Kind, OwnerRule, Sort, Who},
};

/// The team that a handoff goes to, that an owner rule names, or that the node's lane belongs to.
pub(super) fn of(draft: &Draft, node: &Node, kind: Option<&Kind>) -> Option<String> {
    let named = kind.and_then(named);
    named.or_else(|| draft.lane_team(node)).map(str::to_owned)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "few kinds of node are given to somebody")]
fn named(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Task(task) => match &task.sort {
            Sort::Handoff(handoff) => Some(&handoff.to_team),
            Sort::Task | Sort::Approval { .. } => owner(&task.owner),
        },
        Kind::Notify(notify) => owner(&notify.to),
        _ => None,
    }
}

fn owner(owner: &OwnerRule) -> Option<&str> {
    match &owner.rule {
        Who::Team(team) => Some(team),
        Who::AccountOwner | Who::User(_) | Who::Expression(_) => None,
    }
}

/// Reports where the team's own time is kept and no team has the work.
pub(super) fn check(drawing: &Drawing<'_>, names: &Names<'_>) {
    for (node, field) in names.team_times() {
        let has_team = drawing.nodes.iter().filter(|drawn| drawn.node.id == node).any(|drawn| {
            // A trigger has been told that it can keep nobody's own time.
            drawn.node.kind == "trigger"
                || drawn.kind.is_none()
                || of(drawing.draft, drawn.node, drawn.kind.as_ref()).is_some()
        });
        if !has_team {
            let message = "This keeps the team's own time, and no team has this work: give it to a team, put it into a team's lane, or name a calendar.";
            names
                .report
                .add(Diagnostic::error("unknown-calendar", Place::Node(&node), message).on(field));
        }
    }
}
