//! Who does something and by when, as people write it beside a task.
//!
//! An owner: `(owner: team success)`, `(team: success)`, `(owner: ann@example.com)`, `(owner: account owner)`, `@success`.
//! A due date: `due 3 days`, `(due: 2 business days)`, `due in 1 week`, `(3d)`, `(within 8 hours)`, `3d` as the last word.

use serde_json::{Value, json};

/// Who a list says does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    OfAccount,
    Team(String),
    User(String),
}

/// How long something may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// ISO 8601.
    duration: String,
    business: bool,
}

impl Owner {
    /// Reads a name as it stands in a column, or behind `owner:`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = super::name(text.trim().trim_start_matches('@'));
        let lower = text.to_lowercase();
        if text.is_empty() {
            return None;
        }
        if matches!(lower.as_str(), "account owner" | "account_owner" | "csm" | "the csm") {
            return Some(Self::OfAccount);
        }
        if text.contains('@') && !text.contains(' ') {
            return Some(Self::User(text));
        }
        let team = if lower.starts_with("team ") { text[5..].trim() } else { text.as_str() };
        (!team.is_empty()).then(|| Self::Team(team.to_owned()))
    }

    /// As a draft says it.
    pub(super) fn rule(&self) -> Value {
        match self {
            Self::OfAccount => json!({ "rule": "account_owner" }),
            Self::Team(team) => json!({ "rule": "team", "team": team }),
            Self::User(user) => json!({ "rule": "user", "user": user }),
        }
    }
}

/// In what a number without a unit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Days,
    BusinessDays,
}

impl Due {
    /// Reads `3 days`, `2 business days`, `3d`, `8h`, `1 week`, `PT8H`; a bare number counts in `unit`, and is none without one.
    pub(super) fn read(text: &str, unit: Option<Unit>) -> Option<Self> {
        let text = text.trim().trim_end_matches('.');
        let upper = text.to_uppercase();
        if upper.starts_with('P') && journey::calendar::read_elapsed(&upper).is_ok() {
            return Some(Self { duration: upper, business: false });
        }
        let text = text.to_lowercase();
        let lead = ["in ", "within ", "after ", "t+", "+"];
        let text = lead.iter().find_map(|lead| text.strip_prefix(lead)).unwrap_or(&text).trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = text.split_at(digits);
        let number: u32 = number.parse().ok().filter(|number| (1..=3_660).contains(number))?;
        let rest = rest.trim().trim_start_matches('-').replace('-', " ");
        let rest = match rest.as_str() {
            "" => match unit? {
                Unit::Days => "days",
                Unit::BusinessDays => "business days",
            },
            rest => rest,
        };
        Self::of(number, rest)
    }

    fn of(number: u32, unit: &str) -> Option<Self> {
        let business = ["business ", "working ", "work "];
        let inner = business.iter().find_map(|word| unit.strip_prefix(word));
        let is_business = inner.is_some() || matches!(unit, "bd" | "wd" | "workdays" | "workday");
        let duration = match inner.unwrap_or(unit) {
            "d" | "day" | "days" | "bd" | "wd" | "workdays" | "workday" => format!("P{number}D"),
            "h" | "hr" | "hrs" | "hour" | "hours" => format!("PT{number}H"),
            "min" | "mins" | "minute" | "minutes" => format!("PT{number}M"),
            "w" | "wk" | "wks" | "week" | "weeks" if !is_business && number < 500 => {
                format!("P{number}W")
            }
            _ => return None,
        };
        Some(Self { duration, business: is_business })
    }

    /// As a draft says it.
    pub(super) fn duration(&self) -> Value {
        if self.business { json!({ "business": self.duration }) } else { json!(self.duration) }
    }
}

/// A title, and what stood beside it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) title: String,
    pub(super) owner: Option<Owner>,
    pub(super) due: Option<Due>,
    /// What says when it is due in words that are not understood; they stay in the title.
    pub(super) unread: Option<String>,
}

/// Takes owner and due date out of the text of an item.
pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let text = brackets(text, &mut read);
    let text = mentions(&text, &mut read);
    let text = due(&text, &mut read);
    let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
    title.trim_end_matches([',', ';', '-', '–', '—', ':', ' ']).clone_into(&mut read.title);
    read
}

/// Reads what stands in brackets, and takes out those that say nothing else.
fn brackets(text: &str, read: &mut Read) -> String {
    let mut rest = text;
    let mut left = String::new();
    while let Some(open) = rest.find('(') {
        let Some(length) = rest[open..].find(')') else { break };
        let inner = &rest[open + 1..open + length];
        left.push_str(&rest[..open]);
        let mut found = Read::default();
        if inner.split([',', ';', '|']).all(|part| cue(part, &mut found)) {
            read.owner = found.owner.or(read.owner.take());
            read.due = found.due.or(read.due.take());
        } else {
            left.push_str(&rest[open..=open + length]);
        }
        rest = &rest[open + length + 1..];
    }
    left.push_str(rest);
    left
}

/// Reads one cue; whether it was one.
fn cue(part: &str, read: &mut Read) -> bool {
    let part = part.trim();
    let (key, value) = part.split_once([':', '=']).unwrap_or(("", part));
    match key.trim().to_lowercase().as_str() {
        "owner" | "team" | "assignee" | "assigned to" | "responsible" | "who" | "by" => {
            read.owner = Owner::read(value);
            read.owner.is_some()
        }
        "due" | "sla" | "deadline" | "due in" => {
            read.due = Due::read(value, Some(Unit::Days));
            read.due.is_some()
        }
        "" => {
            let lower = value.to_lowercase();
            if let Some(name) = value.strip_prefix('@').filter(|name| is_mention(name)) {
                read.owner = Owner::read(name);
                return read.owner.is_some();
            }
            let inner = lower.strip_prefix("due ").unwrap_or(&lower);
            let due = Due::read(inner, None);
            let is_due = due.is_some();
            read.due = due.or(read.due.take());
            is_due
        }
        _ => false,
    }
}

/// Takes out `@team`.
fn mentions(text: &str, read: &mut Read) -> String {
    let words = text.split(' ').filter(|word| {
        let name = word.strip_prefix('@').map(|name| name.trim_end_matches([',', '.', ';']));
        match name.filter(|name| is_mention(name)) {
            Some(name) if read.owner.is_none() => {
                read.owner = Owner::read(name);
                false
            }
            Some(_) | None => true,
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_mention(name: &str) -> bool {
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    name.chars().next().is_some_and(char::is_alphanumeric) && name.chars().all(fits)
}

/// Takes out `due 3 days`, and `3d` at the end.
fn due(text: &str, read: &mut Read) -> String {
    if read.due.is_some() {
        return text.to_owned();
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let word =
        |at: usize| words.get(at).map_or("", |word| word.trim_end_matches([':', ',', '.', ';']));
    if let Some(at) =
        words.iter().position(|word| word.trim_end_matches(':').eq_ignore_ascii_case("due"))
    {
        // The longest that can be read: `in 2 business days`.
        for length in (1..=4).rev().filter(|length| at + length < words.len()) {
            let said: Vec<&str> = (at + 1..=at + length).map(word).collect();
            if let Some(due) = Due::read(&said.join(" "), None) {
                read.due = Some(due);
                return [&words[..at], &words[at + length + 1..]].concat().join(" ");
            }
        }
        if at + 1 < words.len() {
            read.unread = Some(words[at..].join(" "));
        }
        return text.to_owned();
    }
    let last = words.len().saturating_sub(1);
    let is_short = word(last).len() <= 5 && word(last).ends_with(['d', 'h', 'w']);
    if let Some(due) = Due::read(word(last), None).filter(|_| is_short && last > 0) {
        read.due = Some(due);
        return words[..last].join(" ");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(duration: &str, business: bool) -> Due {
        Due { duration: duration.to_owned(), business }
    }

    fn team(name: &str) -> Owner {
        Owner::Team(name.to_owned())
    }

    #[test]
    fn owner_and_due_date_are_read_where_they_are_written_and_leave_the_title() {
        for (text, title, owner, expected) in [
            (
                "Kick-off call (owner: team success, due: 2 business days)",
                "Kick-off call",
                Some(team("success")),
                Some(due("P2D", true)),
            ),
            (
                "Send contract @legal due 3 days",
                "Send contract",
                Some(team("legal")),
                Some(due("P3D", false)),
            ),
            ("Set up (8h)", "Set up", None, Some(due("PT8H", false))),
            (
                "Review, due in 1 week, with the customer",
                "Review, with the customer",
                None,
                Some(due("P1W", false)),
            ),
            ("Check data 3d", "Check data", None, Some(due("P3D", false))),
            (
                "Call (owner: ann@example.com)",
                "Call",
                Some(Owner::User("ann@example.com".to_owned())),
                None,
            ),
            ("Call (owner: account owner)", "Call", Some(Owner::OfAccount), None),
            ("Ask (if needed)", "Ask (if needed)", None, None),
            ("Write to ann@example.com", "Write to ann@example.com", None, None),
            ("3d", "3d", None, None),
        ] {
            let read = read(text);
            assert_eq!(
                (read.title.as_str(), read.owner, read.due),
                (title, owner, expected),
                "{text}"
            );
        }
    }

    #[test]
    fn a_due_date_that_is_not_understood_stays_and_is_said() {
        let read = read("Go live due next Friday");
        assert_eq!(read.title, "Go live due next Friday");
        assert_eq!(read.unread.as_deref(), Some("due next Friday"));
    }

    #[test]
    fn a_bare_number_counts_in_what_its_column_says() {
        assert_eq!(Due::read("5", Some(Unit::BusinessDays)), Some(due("P5D", true)));
        assert_eq!(Due::read("5", Some(Unit::Days)), Some(due("P5D", false)));
        assert_eq!(Due::read("5", None), None);
        assert_eq!(Due::read("0", Some(Unit::Days)), None);
        assert_eq!(Due::read("pt8h", None), Some(due("PT8H", false)));
        assert_eq!(Due::read("99999999999999999999 days", None), None);
    }
}
