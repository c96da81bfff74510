//! How every setting of the file format is spoken of.

/// A setting and its words.
pub(super) struct Row {
    /// The kinds of node that have it; empty for every kind. The journey itself is `""`.
    pub(super) kinds: &'static [&'static str],
    /// Members from the node or draft inward, joined by `/`.
    pub(super) path: &'static str,
    pub(super) phrase: Phrase,
    pub(super) how: How,
}

/// How a sentence about a setting is built.
#[derive(Clone, Copy)]
pub(super) enum Phrase {
    /// "The title of … changes from … to …."
    Label(&'static str),
    /// "… is due in … instead of in …."
    Verb(&'static str),
    /// "… takes signed messages only." when it is true, and what follows when it is not.
    Flag(&'static str, &'static str),
}

/// How a value is put in words.
#[derive(Clone, Copy)]
pub(super) enum How {
    Plain,
    /// A text that may be long; then only that it changed is said.
    Prose,
    Expression,
    Duration,
    Owner,
    Start,
    Percent,
    Ways,
    Count(&'static str),
    /// The values it can have, and what they mean.
    Choice(&'static [(&'static str, &'static str)]),
    /// A list or object whose entries are spoken of one by one.
    Entries(Entries),
}

/// Settings that hold several things.
#[derive(Clone, Copy)]
pub(super) enum Entries {
    Schema,
    Mapping,
    Outcomes,
    Timers,
    Ladder,
    Assigns,
    Rules,
    Formulas,
    Lanes,
    Groups,
    Exits,
    Tests,
}

use Entries as E;
use How as H;
use Phrase::{Flag, Label, Verb};

const TASKS: &[&str] = &["task", "approval"];
const WORK: &[&str] = &["task", "approval", "handoff"];
const CALLS: &[&str] = &["action", "ai_check"];

const ONE_OR_MORE: &[(&str, &str)] = &[
    ("exclusive", "the first way that holds"),
    ("inclusive", "every way that holds"),
    ("sequence", "one item after another"),
    ("parallel", "all items at once"),
];
const WITHDRAWS: &str = "withdraws what has not arrived when it goes on";
const LETS_BE: &str = "lets what has not arrived go on";
const HIT: &[(&str, &str)] =
    &[("first", "the first rule that fits"), ("collect", "every rule that fits")];
const PROMISE: &[(&str, &str)] = &[
    ("sla", "a promise to the customer"),
    ("ola", "a promise of the team"),
    ("vendor", "a promise of a vendor"),
];

const fn row(kinds: &'static [&'static str], path: &'static str, phrase: Phrase, how: How) -> Row {
    Row { kinds, path, phrase, how }
}

pub(super) const ROWS: &[Row] = &[
    // The journey.
    row(&[""], "description", Label("description"), H::Prose),
    row(&[""], "variables", Label("variables"), H::Entries(E::Schema)),
    row(&[""], "lanes", Label("lanes"), H::Entries(E::Lanes)),
    row(&[""], "groups", Label("groups"), H::Entries(E::Groups)),
    row(&[""], "exits", Label("exits"), H::Entries(E::Exits)),
    row(&[""], "tests", Label("test cases"), H::Entries(E::Tests)),
    row(&[""], "settings/calendar", Label("calendar"), H::Plain),
    row(&[""], "settings/on_failure", Label("path of last resort"), H::Plain),
    // Every node.
    row(&[], "lane", Label("lane"), H::Plain),
    row(&[], "group", Label("group"), H::Plain),
    row(&[], "turn", Label("turn"), H::Plain),
    // Triggers.
    row(&["trigger"], "on", Verb("starts"), H::Start),
    row(
        &["trigger"],
        "on/signed",
        Flag("takes signed messages only", "takes unsigned messages, too"),
        H::Plain,
    ),
    row(&["trigger"], "on/dedupe", Label("key against repeated messages"), H::Expression),
    row(&["trigger"], "on/when", Label("condition"), H::Expression),
    row(&["trigger"], "on/rrule", Label("schedule"), H::Plain),
    row(&["trigger"], "on/timezone", Label("time zone"), H::Plain),
    row(&["trigger"], "on/for_each", Label("segment it starts for"), H::Plain),
    row(&["trigger"], "on/from", Label("former value it asks for"), H::Plain),
    row(&["trigger"], "on/to", Label("new value it asks for"), H::Plain),
    row(&["trigger"], "on/before", Label("time before the date"), H::Duration),
    row(&["trigger"], "on/missed", Label("treatment of missed times"), H::Plain),
    row(&["trigger"], "account", Label("account"), H::Expression),
    row(&["trigger"], "input", Label("input"), H::Entries(E::Schema)),
    row(&["trigger"], "entry/condition", Label("entry condition"), H::Expression),
    row(
        &["trigger"],
        "entry/one_per_account",
        Flag("lets an account in only once at a time", "lets an account in several times at once"),
        H::Plain,
    ),
    row(&["trigger"], "entry/cool_down", Label("cool-down"), H::Duration),
    row(&["trigger"], "entry/cap_per_day", Verb("starts at most"), H::Count("instance a day")),
    // Work for people.
    row(TASKS, "title", Label("title"), H::Prose),
    row(TASKS, "instructions", Label("instructions"), H::Prose),
    row(WORK, "owner", Label("owner"), H::Owner),
    row(WORK, "sla/due", Verb("is due in"), H::Duration),
    row(WORK, "sla/kind", Verb("keeps"), H::Choice(PROMISE)),
    row(WORK, "sla/warn_at", Verb("warns after"), H::Percent),
    row(WORK, "sla/escalation", Label("escalation"), H::Entries(E::Ladder)),
    row(WORK, "form", Label("form"), H::Entries(E::Schema)),
    row(WORK, "outcomes", Label("outcomes"), H::Entries(E::Outcomes)),
    row(WORK, "timers", Label("timers"), H::Entries(E::Timers)),
    row(WORK, "priority", Label("priority"), H::Expression),
    row(&["approval"], "quorum", Verb("needs"), H::Count("approval")),
    row(&["approval"], "limit", Label("limit"), H::Expression),
    row(&["handoff"], "from_team", Verb("hands over from the team"), H::Plain),
    row(&["handoff"], "to_team", Verb("hands over to the team"), H::Plain),
    row(&["handoff"], "fields", Label("fields to hand over"), H::Entries(E::Schema)),
    row(&["handoff"], "values", Label("values to hand over"), H::Entries(E::Mapping)),
    // Calls.
    row(CALLS, "connection", Verb("uses the connection"), H::Plain),
    row(CALLS, "operation", Verb("calls the operation"), H::Plain),
    row(CALLS, "input", Label("input"), H::Entries(E::Mapping)),
    row(CALLS, "output", Verb("keeps the answer in the variable"), H::Plain),
    row(CALLS, "timeout", Verb("gives up an attempt after"), H::Duration),
    row(CALLS, "retry/attempts", Verb("makes at most"), H::Count("attempt")),
    row(CALLS, "retry/backoff", Label("first pause between attempts"), H::Duration),
    row(CALLS, "retry/max", Label("longest pause between attempts"), H::Duration),
    row(CALLS, "undo/operation", Verb("is undone by the operation"), H::Plain),
    row(CALLS, "undo/input", Label("input of the undo"), H::Entries(E::Mapping)),
    row(
        CALLS,
        "repeat_acknowledged",
        Flag(
            "is acknowledged to be harmless when repeated",
            "is not acknowledged to be harmless when repeated",
        ),
        H::Plain,
    ),
    row(&["ai_check"], "verdict", Label("verdict"), H::Entries(E::Schema)),
    row(&["ai_check"], "threshold", Verb("trusts the verdict from a confidence of"), H::Percent),
    // Ways.
    row(&["decision"], "mode", Verb("takes"), H::Choice(ONE_OR_MORE)),
    row(&["decision"], "table/hit", Verb("takes"), H::Choice(HIT)),
    row(&["decision"], "table/inputs", Label("inputs of the table"), H::Entries(E::Formulas)),
    row(&["decision"], "table/rules", Label("table"), H::Entries(E::Rules)),
    row(&["join"], "need", Verb("waits for"), H::Ways),
    row(&["join", "for_each"], "cancel_rest", Flag(WITHDRAWS, LETS_BE), H::Plain),
    row(&["for_each"], "need", Verb("goes on after so many have ended:"), H::Expression),
    row(&["for_each"], "items", Verb("goes through"), H::Expression),
    row(&["for_each"], "as", Verb("calls each item"), H::Plain),
    row(&["for_each"], "body", Label("body"), H::Plain),
    row(&["for_each"], "mode", Verb("takes"), H::Choice(ONE_OR_MORE)),
    row(&["for_each"], "max", Verb("takes at most"), H::Count("item")),
    // Waits.
    row(&["wait"], "for", Verb("waits for"), H::Duration),
    row(&["wait"], "until", Verb("waits until the time"), H::Expression),
    row(&["wait"], "event/name", Verb("waits for the event"), H::Plain),
    row(&["wait"], "event/key", Label("key of the event"), H::Expression),
    row(&["wait"], "event/mine", Label("own key"), H::Expression),
    row(&["wait"], "condition", Verb("waits until it holds that"), H::Expression),
    row(&["wait"], "timeout", Verb("gives up after"), H::Duration),
    // The rest.
    row(&["journey"], "journey", Verb("calls the journey"), H::Plain),
    row(&["journey"], "version", Label("version policy"), H::Plain),
    row(&["journey"], "input", Label("input"), H::Entries(E::Mapping)),
    row(&["journey"], "output", Label("output"), H::Entries(E::Mapping)),
    row(
        &["journey"],
        "wait",
        Flag(
            "waits until the journey it calls has ended",
            "does not wait for the journey it calls",
        ),
        H::Plain,
    ),
    row(&["set"], "assign", Label("assignments"), H::Entries(E::Assigns)),
    row(&["milestone"], "milestone", Verb("marks"), H::Plain),
    row(&["milestone"], "stage", Verb("sets the lifecycle stage"), H::Plain),
    row(&["notify"], "channel", Verb("is sent by"), H::Plain),
    row(&["notify"], "to", Label("recipient"), H::Owner),
    row(&["notify"], "subject", Label("subject"), H::Prose),
    row(&["notify"], "body", Label("body"), H::Prose),
    row(&["notify"], "hours", Verb("is sent in the hours of the calendar"), H::Plain),
    row(&["notify"], "cap", Verb("is sent to one recipient at most"), H::Count("time a day")),
    row(&["end"], "everything", Flag("ends every branch", "ends its own branch only"), H::Plain),
    row(&["end"], "outcome", Verb("ends with the outcome"), H::Plain),
    row(&["note"], "text", Label("text"), H::Prose),
];

/// The words of a setting of a kind of node (`""` for the journey); `None` for one the format does not know.
pub(super) fn find(kind: &str, path: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.path == path && row.is_of(kind))
}

/// Whether a member's own members are spoken of one by one.
pub(super) fn is_group(kind: &str, path: &str) -> bool {
    let inside = |row: &&Row| row.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    ROWS.iter().any(|row| inside(&row) && row.is_of(kind))
}

impl Row {
    fn is_of(&self, kind: &str) -> bool {
        if self.kinds.is_empty() { !kind.is_empty() } else { self.kinds.contains(&kind) }
    }
}
