//! Reading the settings of work for people: tasks, approvals and handoffs.

use super::{Diagnostic, fields::Fields, names::INSTANCE, report::Place};
use crate::{
    draft::Node,
    effect::{Act, Outcome},
    limits,
    settings::{At, Boundary, Escalation, Handoff, Kind, OwnerRule, Sla, Sort, Task, Who},
};
use serde_json::{Value, json};

/// What an approval's limit reads beside the usual scope.
const APPROVER: &[&str] = &["input", "vars", "account", "nodes", "now", "by"];

pub(super) fn read(fields: &Fields<'_>, node: &Node) -> Option<Kind> {
    let form = fields.schema("form").unwrap_or(Value::Null);
    let outcomes = outcomes(fields, node);
    let owner = owner(fields, node);
    warn_when_owner_may_be_missing(fields, owner.as_ref());
    let timers = timers(fields, &outcomes);
    work(fields, node, Asked { sort: Some(Sort::Task), owner, form, outcomes, timers })
}

/// An approval: a task with two outcomes, and rules on who may decide and how many must.
pub(super) fn approval(fields: &Fields<'_>, node: &Node) -> Option<Kind> {
    let form = fields.schema("form").unwrap_or(Value::Null);
    let outcomes = [("approved", "Approve"), ("rejected", "Reject")];
    let outcomes =
        outcomes.map(|(id, label)| Outcome { id: id.to_owned(), label: label.to_owned() });
    let owner = owner(fields, node);
    warn_when_owner_may_be_missing(fields, owner.as_ref());
    let quorum = fields.count("quorum").unwrap_or(1);
    if !(1..=limits::QUORUM).contains(&quorum) {
        let message = format!("Between 1 and {} people must approve.", limits::QUORUM);
        fields.error("bad-value", "quorum", message);
    }
    let limit = fields.condition("limit", APPROVER);
    let is_read = limit.is_some() || fields.get("limit").is_none();
    let sort =
        is_read.then(|| Sort::Approval { quorum: usize::try_from(quorum).unwrap_or(1), limit });
    let timers = timers(fields, &outcomes);
    work(fields, node, Asked { sort, owner, form, outcomes: outcomes.to_vec(), timers })
}

/// A handoff: the receiving team owns it once what is handed over is there.
pub(super) fn handoff(fields: &Fields<'_>, node: &Node) -> Option<Kind> {
    let team = |member, why| {
        let team = fields.needed_text(member, why)?;
        fields.names.team(team, fields.spot(&fields.pointer(member), &[]));
        Some(team.to_owned())
    };
    let from_team = team("from_team", "it is the team that hands over");
    let to_team = team("to_team", "it is the team that accepts");
    let asked = fields.schema("fields").unwrap_or(Value::Null);
    let values = fields.mapping("values", INSTANCE);
    fields.names.types.filled(&values, &asked, fields.spot("/values", INSTANCE));
    let owner = to_team.clone().map(|team| OwnerRule { rule: Who::Team(team), fallback: None });
    let sort = match (from_team, to_team) {
        (Some(from_team), Some(to_team)) => {
            Some(Sort::Handoff(Box::new(Handoff { from_team, to_team, fields: asked, values })))
        }
        _ => None,
    };
    let timers = timers(fields, &[]);
    work(fields, node, Asked { sort, owner, form: Value::Null, outcomes: Vec::new(), timers })
}

/// What sets the sorts of work for people apart.
struct Asked {
    sort: Option<Sort>,
    owner: Option<OwnerRule>,
    form: Value,
    outcomes: Vec<Outcome>,
    timers: Vec<Boundary>,
}

/// What all work for people shares.
fn work(fields: &Fields<'_>, node: &Node, asked: Asked) -> Option<Kind> {
    let title = fields.template("title", INSTANCE);
    let instructions = fields.template("instructions", INSTANCE);
    let priority = fields.expression("priority", INSTANCE);
    let sla = if fields.get("sla").is_some() {
        fields.object("sla").and_then(|fields| sla(&fields))
    } else {
        let fix = with(node, "sla", &json!({"due": {"business": "P2D"}, "escalation": []}));
        fields.names.report.add(
            Diagnostic::error(
                "task-without-sla",
                Place::Node(&node.id),
                "The task promises nothing; say when it is due.",
            )
            .on("/sla")
            .fix("Due in two business days", &fix),
        );
        None
    };
    let Asked { sort, owner, form, outcomes, timers } = asked;
    let (sort, owner, sla) = (sort?, owner?, sla?);
    let task = Task { sort, title, instructions, owner, sla, form, outcomes, timers, priority };
    Some(Kind::Task(Box::new(task)))
}

fn owner(fields: &Fields<'_>, node: &Node) -> Option<OwnerRule> {
    if fields.get("owner").is_some() {
        return fields.object("owner").and_then(|owner| owner_rule(&owner, 0));
    }
    let fix = with(node, "owner", &json!({"rule": "account_owner"}));
    fields.names.report.add(
        Diagnostic::error(
            "task-without-owner",
            Place::Node(&node.id),
            "Nobody would get this task; say who owns it.",
        )
        .on("/owner")
        .fix("Give it to the account's owner", &fix),
    );
    None
}

fn with(node: &Node, member: &str, value: &Value) -> Node {
    let mut node = node.clone();
    node.settings.insert(member.to_owned(), value.clone());
    node
}

fn warn_when_owner_may_be_missing(fields: &Fields<'_>, owner: Option<&OwnerRule>) {
    let Some(mut last) = owner else { return };
    while let Some(fallback) = &last.fallback {
        last = fallback;
    }
    if matches!(last.rule, Who::AccountOwner | Who::Expression(_)) {
        fields.warning("owner-may-be-missing", "owner", "When this rule finds nobody, the task becomes an incident; give it a fallback team or user.");
    }
}

fn outcomes(fields: &Fields<'_>, node: &Node) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let drawn = fields.objects("outcomes").unwrap_or_default();
    not_too_many(fields, "outcomes", drawn.len());
    for outcome in drawn.into_iter().take(limits::OUTCOMES) {
        let id = outcome.id("id", "it names the port the outcome leaves by");
        let label = outcome.text("label");
        outcome.finish();
        let Some(id) = id else { continue };
        if outcomes.iter().any(|other| other.id == id) {
            outcome.error(
                "duplicate-outcome",
                "id",
                format!("The task has two outcomes or timers '{id}'; give one another id."),
            );
            continue;
        }
        let label = label.filter(|label| !label.is_empty()).unwrap_or(id);
        outcomes.push(Outcome { id: id.to_owned(), label: label.to_owned() });
    }
    let drawn = node.settings.get("outcomes").and_then(Value::as_array);
    if drawn.is_none_or(Vec::is_empty) {
        let fix = with(node, "outcomes", &json!([{"id": "done", "label": "Done"}]));
        fields.names.report.add(
            Diagnostic::error(
                "task-without-outcomes",
                Place::Node(&node.id),
                "The task cannot be completed; give it at least one outcome.",
            )
            .on("/outcomes")
            .fix("Add the outcome Done", &fix),
        );
    }
    outcomes
}

fn not_too_many(fields: &Fields<'_>, member: &'static str, count: usize) {
    if count > limits::OUTCOMES {
        let message = format!("A task has at most {} {member}.", limits::OUTCOMES);
        fields.error("too-large", member, message);
    }
}

fn timers(fields: &Fields<'_>, outcomes: &[Outcome]) -> Vec<Boundary> {
    let mut timers: Vec<Boundary> = Vec::new();
    let drawn = fields.objects("timers").unwrap_or_default();
    not_too_many(fields, "timers", drawn.len());
    for timer in drawn.into_iter().take(limits::OUTCOMES) {
        let id = timer.id("id", "it names the port the timer leaves by");
        let after = timer.duration("after");
        if after.is_none() && timer.get("after").is_none() {
            timer.error(
                "missing-member",
                "after",
                "'after' is missing: it says when the timer fires.",
            );
        }
        let interrupting = timer.flag("interrupting").unwrap_or(true);
        timer.finish();
        let (Some(id), Some(after)) = (id, after) else { continue };
        let taken = outcomes.iter().any(|outcome| outcome.id == id);
        if taken || timers.iter().any(|other| other.id == id) {
            timer.error(
                "duplicate-outcome",
                "id",
                format!("The task has two outcomes or timers '{id}'; give one another id."),
            );
            continue;
        }
        timers.push(Boundary { id: id.to_owned(), after, interrupting });
    }
    timers
}

fn sla(fields: &Fields<'_>) -> Option<Sla> {
    use crate::sla::Kind;
    let due = fields.duration("due");
    if due.is_none() && fields.get("due").is_none() {
        fields.error(
            "missing-member",
            "due",
            "'due' is missing: it says when the task is due, such as {\"business\": \"P2D\"}.",
        );
    }
    let kinds = [("sla", Kind::Sla), ("ola", Kind::Ola), ("vendor", Kind::Vendor)];
    let kind = fields.choice("kind", &kinds).unwrap_or(Kind::Sla);
    let warn_at = fields.number("warn_at");
    if warn_at.is_some_and(|part| !(0.0..=1.0).contains(&part)) {
        fields.error(
            "bad-value",
            "warn_at",
            "'warn_at' is the part of the time after which to warn, between 0 and 1.",
        );
    }
    let ladder = fields.objects("escalation").unwrap_or_default();
    let escalation = ladder.iter().filter_map(escalation).collect();
    fields.finish();
    Some(Sla { kind, due: due?, warn_at, escalation })
}

fn escalation(fields: &Fields<'_>) -> Option<Escalation> {
    let at = match fields.get("at") {
        Some(Value::String(word)) if word == "warning" => Some(At::Warning),
        Some(Value::String(word)) if word == "breach" => Some(At::Breach),
        Some(_) => fields.duration("at").map(At::After),
        None => {
            fields.error("missing-member", "at", "'at' is missing: warning, breach or a duration.");
            None
        }
    };
    let acts = [("remind", Act::Remind), ("reassign", Act::Reassign), ("notify", Act::Notify)];
    let act = fields.choice("do", &acts);
    if act.is_none() && fields.get("do").is_none() {
        fields.error("missing-member", "do", "'do' is missing: remind, reassign or notify.");
    }
    let to = if fields.get("to").is_some() {
        fields.object("to").and_then(|to| owner_rule(&to, 0))
    } else {
        fields.error("missing-member", "to", "'to' is missing: it says who is told.");
        None
    };
    fields.finish();
    Some(Escalation { at: at?, act: act?, to: to? })
}

/// Most fallbacks of one owner rule.
const FALLBACKS: usize = 8;

pub(super) fn owner_rule(fields: &Fields<'_>, depth: usize) -> Option<OwnerRule> {
    if depth > FALLBACKS {
        fields.error(
            "bad-value",
            "fallback",
            format!("An owner has at most {FALLBACKS} fallbacks."),
        );
        return None;
    }
    let word = fields.needed_text("rule", "it is account_owner, team, user or expression");
    let (team, user) = (fields.text("team"), fields.text("user"));
    let value = fields.expression("value", INSTANCE);
    let fallback = fields.object("fallback").map(|fallback| owner_rule(&fallback, depth + 1));
    fields.finish();
    let needs = |member, there: bool| {
        if !there {
            fields.error(
                "missing-member",
                member,
                format!("'{member}' is missing: the rule needs it."),
            );
        }
    };
    let rule = match word? {
        "account_owner" => Some(Who::AccountOwner),
        "team" => {
            needs("team", team.is_some());
            if let Some(team) = team {
                fields.names.team(team, fields.spot(&fields.pointer("team"), &[]));
            }
            team.map(|team| Who::Team(team.to_owned()))
        }
        "user" => {
            needs("user", user.is_some());
            if let Some(user) = user {
                fields.names.user(user, fields.spot(&fields.pointer("user"), &[]));
            }
            user.map(|user| Who::User(user.to_owned()))
        }
        "expression" => {
            needs("value", fields.get("value").is_some());
            value.map(Who::Expression)
        }
        other => {
            fields.error("not-available", "rule", format!("The owner rule '{other}' is not available; use account_owner, team, user or expression."));
            None
        }
    };
    let fallback = match fallback {
        Some(fallback) => Some(Box::new(fallback?)),
        None => None,
    };
    Some(OwnerRule { rule: rule?, fallback })
}
