//! Reading what opens an instance, and who may enter.

use crate::{
    calendar::{self, Duration},
    check::{
        fields::{Fields, bad_id, is_id},
        names::{ENTRY, INPUT},
    },
    recurrence::{BadRule, Recurrence},
    settings::{Entry, Kind, Membership, Missed, On, Schedule, Trigger},
};

/// What the condition of an event trigger reads.
const EVENT: &[&str] = &["input", "event", "account", "now"];

const TYPES: &str = "manual, webhook, event, change, schedule, date, segment, health or journey";

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    let on = if fields.get("on").is_some() {
        fields.object("on").and_then(|on| trigger_on(&on))
    } else {
        fields.error(
            "missing-member",
            "on",
            "'on' is missing: it says what opens an instance, such as {\"type\": \"manual\"}.",
        );
        None
    };
    let account = fields.expression("account", INPUT);
    let input = fields.schema("input");
    let entry = fields.object("entry").map(|entry| entry_rules(&entry)).unwrap_or_default();
    Some(Kind::Trigger(Box::new(Trigger { on: on?, account, input, entry })))
}

fn trigger_on(fields: &Fields<'_>) -> Option<On> {
    let on = match fields.needed_text("type", &format!("it is {TYPES}"))? {
        "manual" => Some(On::Manual),
        "journey" => Some(On::Journey),
        "webhook" => webhook(fields),
        "event" => event(fields),
        "change" => change(fields),
        "schedule" => schedule(fields),
        "date" => date(fields),
        "segment" => segment(fields),
        "health" => {
            let to = fields.needed_text("to", "it is the health band an account comes into");
            to.map(|to| On::Health { to: to.to_owned() })
        }
        other => {
            fields.error(
                "bad-value",
                "type",
                format!("There is no trigger of type '{other}'; use {TYPES}."),
            );
            return None;
        }
    };
    fields.finish();
    on
}

fn webhook(fields: &Fields<'_>) -> Option<On> {
    let hook = fields.needed_text("hook", "it names the address the webhook is called at");
    let signed = fields.flag("signed").unwrap_or(true);
    let dedupe = fields.expression("dedupe", INPUT);
    if hook.is_some_and(|hook| !is_slug(hook)) {
        fields.error(
            "bad-id",
            "hook",
            "A hook is written in lower-case letters, digits and hyphens, 64 at most.",
        );
    }
    hook.map(|hook| On::Webhook { hook: hook.to_owned(), signed, dedupe })
}

fn is_slug(hook: &str) -> bool {
    hook.len() <= 64
        && hook
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

fn event(fields: &Fields<'_>) -> Option<On> {
    let event = fields.needed_text("event", "it names the events that open an instance");
    let when = fields.condition("when", EVENT);
    let is_read = when.is_some() || fields.get("when").is_none();
    event.filter(|_| is_read).map(|event| On::Event { event: event.to_owned(), when })
}

/// The objects whose changes are heard of.
const OBJECTS: [(&str, &str); 1] = [("account", "account")];

fn change(fields: &Fields<'_>) -> Option<On> {
    let object = fields.choice("object", &OBJECTS);
    if object.is_none() && fields.get("object").is_none() {
        fields.error("missing-member", "object", "'object' is missing: it is account.");
    }
    let field = fields.needed_text("field", "it names the field that changes");
    let (from, to) = (fields.get("from").cloned(), fields.get("to").cloned());
    Some(On::Change { object: object?.to_owned(), field: field?.to_owned(), from, to })
}

fn schedule(fields: &Fields<'_>) -> Option<On> {
    let rrule = fields.needed_text("rrule", "it says when, such as FREQ=WEEKLY;BYDAY=MO;BYHOUR=9");
    let timezone = fields.needed_text("timezone", "it says whose clock, such as Europe/Berlin");
    let for_each = fields.text("for_each").map(str::to_owned);
    let missed = [("skip", Missed::Skip), ("once", Missed::Once), ("all", Missed::All)];
    let missed = fields.choice("missed", &missed).unwrap_or_default();
    let (rrule, timezone) = (rrule?.to_owned(), timezone?.to_owned());
    let recurrence = recurrence(fields, &rrule, &timezone)?;
    Some(On::Schedule(Box::new(Schedule { rrule, timezone, recurrence, for_each, missed })))
}

/// A rule counts from no time of its own, so that publishing it again does not move it.
fn recurrence(fields: &Fields<'_>, rrule: &str, timezone: &str) -> Option<Recurrence> {
    match Recurrence::parse(rrule, timezone, None) {
        Ok(recurrence) => {
            let now = fields.names.workspace.and_then(|workspace| workspace.now);
            if now.is_some_and(|now| recurrence.next_after(now).is_none()) {
                fields.warning("schedule-over", "rrule", "Its last time has passed, so it never opens anything: move UNTIL, or start it later.");
            }
            Some(recurrence)
        }
        Err(why @ BadRule::UnknownZone(_)) => {
            fields.error("unknown-timezone", "timezone", format!("{why}."));
            None
        }
        Err(why @ (BadRule::Part { .. } | BadRule::NeverFires)) => {
            fields.error("bad-rrule", "rrule", format!("The rule cannot be followed: {why}."));
            None
        }
    }
}

fn date(fields: &Fields<'_>) -> Option<On> {
    let field = fields.needed_text("field", "it names the account's field that holds the date");
    let before = fields.duration("before");
    nobodys_time_yet(fields, "before", before.as_ref());
    let field = field?;
    if !is_id(field) {
        fields.error("bad-id", "field", bad_id(field));
        return None;
    }
    let is_read = before.is_some() || fields.get("before").is_none();
    is_read.then(|| On::Date { field: field.to_owned(), before })
}

fn segment(fields: &Fields<'_>) -> Option<On> {
    let segment = fields.needed_text("segment", "it names the segment an account enters or leaves");
    let changes = [("entered", Membership::Entered), ("left", Membership::Left)];
    let change = fields.choice("change", &changes);
    if change.is_none() && fields.get("change").is_none() {
        fields.error("missing-member", "change", "'change' is missing: entered or left.");
    }
    Some(On::Segment { segment: segment?.to_owned(), change: change? })
}

/// Entry rules and dates are reckoned before an account is looked at or a team has work, so nobody's own calendar is known.
fn nobodys_time_yet(fields: &Fields<'_>, member: &'static str, duration: Option<&Duration>) {
    if duration.and_then(Duration::calendar).is_some_and(calendar::is_relative) {
        let message = "A trigger cannot keep the account's or a team's own time: name a calendar, or leave it to the journey's.";
        fields.error("unknown-calendar", member, message);
    }
}

fn entry_rules(fields: &Fields<'_>) -> Entry {
    let cool_down = fields.duration("cool_down");
    nobodys_time_yet(fields, "cool_down", cool_down.as_ref());
    let entry = Entry {
        condition: fields.condition("condition", ENTRY),
        one_per_account: fields.flag("one_per_account").unwrap_or(false),
        cool_down,
        cap_per_day: fields.count("cap_per_day"),
    };
    fields.finish();
    entry
}
