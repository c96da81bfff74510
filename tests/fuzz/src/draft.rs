//! Drafts: whatever is in one is told, and one without an error lives.

use crate::{Dice, check_sentence, live};
use journey::{Diagnostic, Draft, Severity, check, diff, format, reopen};

pub(crate) const WORDS: &[&str] = &[
    "trigger",
    "task",
    "approval",
    "handoff",
    "action",
    "ai_check",
    "decision",
    "parallel",
    "join",
    "for_each",
    "wait",
    "journey",
    "set",
    "milestone",
    "notify",
    "end",
    "note",
    "manual",
    "webhook",
    "event",
    "change",
    "schedule",
    "date",
    "segment",
    "health",
    "exclusive",
    "inclusive",
    "first",
    "collect",
    "all",
    "any",
    "sequence",
    "out",
    "error",
    "default",
    "timeout",
    "passed",
    "failed",
    "unsure",
    "approved",
    "rejected",
    "accepted",
    "sent_back",
    "account_owner",
    "team",
    "user",
    "expression",
    "incident",
    "P1D",
    "PT8H",
    "PT0S",
    "P3660D",
    "FREQ=DAILY",
    "UTC",
    "Europe/Berlin",
    "input.n",
    "vars.a",
    "account.tier",
    "nodes.a.output",
    "event.key",
    "now",
    "{{ input.n }}",
    "true",
    "1",
    "app",
    "email",
    "warning",
    "breach",
    "remind",
    "reassign",
    "latest",
    "n1",
    "s",
    "e",
];

pub(crate) fn holds(input: &[u8]) {
    let draft = match format::read(input) {
        Ok(draft) => draft,
        Err(error) => return check_sentence(&error.to_string()),
    };
    let written = serde_json::to_vec(&draft).expect("a draft can be written");
    let again = format::read(&written);
    assert_eq!(again.as_ref(), Ok(&draft), "a draft that was written is the same");
    assert_eq!(
        diff::diff(&draft, &draft),
        diff::Diff::default(),
        "a draft does not differ from itself"
    );
    let sent = exchange::bpmn::import(&exchange::bpmn::export(&draft));
    assert_eq!(sent.map(|sent| sent.draft).as_ref(), Ok(&draft), "as BPMN it is the same");
    let (journey, found) = check(&draft, None);
    for found in &found {
        check_diagnostic(&draft, found);
    }
    let has_errors = found.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(journey.is_none(), has_errors, "what has no error is a journey: {found:?}");
    let Some(journey) = journey else { return };
    assert!(reopen(&draft).is_ok(), "what can be published can be opened again");
    live::live(&journey, &mut Dice::of(input));
}

fn check_diagnostic(draft: &Draft, found: &Diagnostic) {
    check_sentence(&found.message);
    assert!(!found.code.is_empty());
    let is_there = |id: &String| draft.nodes.iter().any(|node| node.id == *id);
    assert!(
        found.node.as_ref().is_none_or(is_there),
        "{found:?} is about a node that is not there"
    );
    let is_there = |id: &String| draft.edges.iter().any(|edge| edge.id == *id);
    assert!(
        found.edge.as_ref().is_none_or(is_there),
        "{found:?} is about an edge that is not there"
    );
    let walk = found.counter_example.iter().flatten();
    assert!(walk.clone().all(is_there), "{found:?} walks along an edge that is not there");
}
