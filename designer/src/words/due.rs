//! When something is due, in words and in the tone of its chip.

use crate::messages::{plural, t};
use journey::Timestamp;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The words and the colour of a due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub text: String,
    /// `good`, `warning`, `danger`, or empty.
    pub tone: &'static str,
}

/// How a task stands against its due date; `state` is the SLA's state as the server tells it.
pub fn due(at: &str, state: &str, now: Timestamp) -> Due {
    let Some(at) = Timestamp::from_rfc3339(at) else {
        return Due { text: t!("No due date").to_owned(), tone: "" };
    };
    let left = at.0 - now.0;
    match state {
        "paused" => return Due { text: t!("Paused").to_owned(), tone: "" },
        "met" => return Due { text: t!("Promise kept").to_owned(), tone: "good" },
        "cancelled" => {
            return Due { text: t!("Nothing is promised any more").to_owned(), tone: "" };
        }
        _ => {}
    }
    if left < 0 || state == "breached" {
        let text = if left < 0 {
            t!("Overdue by {left}", left = span(-left))
        } else {
            t!("Overdue").to_owned()
        };
        return Due { text, tone: "danger" };
    }
    let tone = if state == "warning" { "warning" } else { "good" };
    Due { text: t!("Due in {left}", left = lasting(left)), tone }
}

/// What is left of a promise, or by how much it is over; nothing once it is closed.
pub fn left(
    state: &str,
    due: &str,
    remaining_ms: i64,
    now: Timestamp,
) -> Option<(&'static str, String)> {
    let over = Timestamp::from_rfc3339(due).map(|due| now.0 - due.0).filter(|over| *over > 0);
    match (state, over) {
        ("running" | "breached", Some(over)) => Some((t!("Overdue by"), span(over))),
        ("running" | "paused" | "breached", _) => Some((t!("Left"), lasting(remaining_ms.max(0)))),
        _ => None,
    }
}

/// A length of time in its two largest units, to the minute begun: people plan by it.
pub fn lasting(milliseconds: i64) -> String {
    let left = milliseconds + (MINUTE - milliseconds % MINUTE) % MINUTE;
    let rest = if left >= DAY { left % DAY / HOUR * HOUR } else { left % HOUR };
    if left < HOUR || rest == 0 {
        return span(left);
    }
    format!("{} {}", span(left), span(rest))
}

/// How long something took, from calls to waits of months.
pub fn took(milliseconds: u64) -> String {
    match milliseconds {
        ..1_000 => t!("under 1 s").to_owned(),
        1_000..60_000 => t!("{seconds} s", seconds = milliseconds / 1_000),
        _ => lasting(i64::try_from(milliseconds).unwrap_or(i64::MAX - MINUTE)),
    }
}

/// How long ago something was, as lists say it.
pub fn ago(at: &str, now: Timestamp) -> String {
    let Some(at) = Timestamp::from_rfc3339(at) else { return at.to_owned() };
    let passed = now.0 - at.0;
    if passed.abs() < MINUTE {
        t!("just now").to_owned()
    } else if passed < 0 {
        t!("in {time}", time = span(-passed))
    } else {
        t!("{time} ago", time = span(passed))
    }
}

/// A length of time in its largest unit, rounded down.
pub fn span(milliseconds: i64) -> String {
    match milliseconds {
        ..MINUTE => t!("under a minute").to_owned(),
        MINUTE..HOUR => t!("{minutes} min", minutes = milliseconds / MINUTE),
        HOUR..DAY => t!("{hours} h", hours = milliseconds / HOUR),
        _ => plural!(milliseconds / DAY, "{count} day", "{count} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-03-02T12:00:00Z";

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(text).unwrap()
    }

    #[test]
    fn a_due_date_says_what_is_left() {
        let due = |state, now| super::due(NOON, state, at(now));
        assert_eq!(
            due("ok", "2026-03-02T09:30:00Z"),
            Due { text: "Due in 2 h 30 min".to_owned(), tone: "good" }
        );
        assert_eq!(
            due("warning", "2026-03-02T11:15:00Z"),
            Due { text: "Due in 45 min".to_owned(), tone: "warning" }
        );
        assert_eq!(
            due("breached", "2026-03-05T13:00:00Z"),
            Due { text: "Overdue by 3 days".to_owned(), tone: "danger" }
        );
    }

    #[test]
    fn what_is_left_is_told_to_the_minute_in_two_units() {
        let due = |now| super::due(NOON, "ok", at(now)).text;
        assert_eq!(due("2026-02-28T12:00:01Z"), "Due in 2 days");
        assert_eq!(due("2026-02-28T13:20:00Z"), "Due in 1 day 22 h");
        assert_eq!(due("2026-03-01T11:30:00Z"), "Due in 1 day");
        assert_eq!(due("2026-03-02T11:00:00Z"), "Due in 1 h");
        assert_eq!(due("2026-03-02T11:59:50Z"), "Due in 1 min");
        assert_eq!(due(NOON), "Due in under a minute");
    }

    #[test]
    fn a_lapsed_date_is_overdue_before_the_server_says_so() {
        assert_eq!(super::due(NOON, "ok", at("2026-03-02T12:05:00Z")).text, "Overdue by 5 min");
    }

    #[test]
    fn a_promise_says_what_is_left_or_by_how_much_it_is_over() {
        let left = |state, now| super::left(state, NOON, 0, at(now));
        let said = |words: &'static str, time: &str| Some((words, time.to_owned()));
        assert_eq!(left("breached", "2026-03-02T14:05:00Z"), said("Overdue by", "2 h"));
        assert_eq!(left("running", "2026-03-02T12:05:00Z"), said("Overdue by", "5 min"));
        assert_eq!(left("met", "2026-03-02T14:00:00Z"), None);
        let left = |state| super::left(state, NOON, 2 * HOUR, at("2026-03-02T09:00:00Z"));
        assert_eq!(left("running"), said("Left", "2 h"));
        assert_eq!(left("paused"), said("Left", "2 h"));
    }

    #[test]
    fn the_past_and_the_future_differ() {
        assert_eq!(ago(NOON, at("2026-03-03T13:00:00Z")), "1 day ago");
        assert_eq!(ago(NOON, at("2026-03-02T12:00:20Z")), "just now");
        assert_eq!(ago(NOON, at("2026-03-02T09:00:00Z")), "in 3 h");
    }
}
