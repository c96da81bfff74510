//! The events of an iCalendar file, as far as holidays need them.

use super::{
    Unreadable,
    lines::{self, Content, Line},
};
use crate::limits;

/// A `VEVENT`.
#[derive(Debug, Default)]
pub(super) struct Event {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) id: Option<String>,
    pub(super) start: Option<Property>,
    pub(super) end: Option<Property>,
    pub(super) duration: Option<String>,
    pub(super) rules: Vec<String>,
    /// Further dates.
    pub(super) more: Vec<Property>,
    /// Dates left out.
    pub(super) except: Vec<Property>,
    /// The occurrence of another event with its id which it stands for.
    pub(super) replaces: Option<Property>,
    pub(super) is_cancelled: bool,
    /// Why it cannot be read.
    pub(super) problem: Option<String>,
}

/// A property that holds dates or times.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) name: String,
    /// The name of its time zone.
    pub(super) zone: Option<String>,
    pub(super) value: String,
}

/// The events of a file. What stands outside them or in parts of them, such as an alarm, does not matter.
pub(super) fn read(file: &[u8]) -> Result<Vec<Event>, Unreadable> {
    let lines = lines::unfold(file);
    let begins = lines
        .first()
        .is_some_and(|line| line.bytes.trim_ascii_end().eq_ignore_ascii_case(b"BEGIN:VCALENDAR"));
    if !begins {
        return Err(Unreadable::NotCalendar);
    }
    let mut reader = Reader { events: Vec::new(), open: None, inner: 0 };
    for line in &lines {
        reader.take(line);
        if reader.events.len() > limits::ICS_EVENTS {
            return Err(Unreadable::TooManyEvents);
        }
    }
    if let Some(event) = reader.open.take() {
        reader.close(event, Some("The file ends within the event."));
    }
    Ok(reader.events)
}

struct Reader {
    events: Vec<Event>,
    open: Option<Event>,
    /// How many parts of the open event are open in turn.
    inner: usize,
}

impl Reader {
    fn take(&mut self, line: &Line) {
        let text = String::from_utf8_lossy(&line.bytes);
        let content = lines::read(&text);
        let Some(mut event) = self.open.take() else {
            if content.is_some_and(|it| it.name == "BEGIN" && is(&it, "VEVENT")) {
                self.inner = 0;
                self.open = Some(Event { line: line.number, ..Event::default() });
            }
            return;
        };
        match content {
            Some(content) if content.name == "BEGIN" && is(&content, "VEVENT") => {
                self.close(event, Some("The event does not end."));
                self.inner = 0;
                self.open = Some(Event { line: line.number, ..Event::default() });
                return;
            }
            Some(content) if content.name == "BEGIN" => self.inner += 1,
            Some(content) if content.name == "END" && is(&content, "VEVENT") => {
                return self.close(event, None);
            }
            Some(content) if content.name == "END" => self.inner = self.inner.saturating_sub(1),
            Some(content) if self.inner == 0 => event.set(content),
            None if self.inner == 0 => {
                let number = line.number;
                event.problem = Some(format!("Line {number} is no line of iCalendar."));
            }
            Some(_) | None => {}
        }
        self.open = Some(event);
    }

    fn close(&mut self, mut event: Event, problem: Option<&str>) {
        event.problem = problem.map(str::to_owned).or(event.problem);
        self.events.push(event);
    }
}

impl Event {
    fn set(&mut self, content: Content) {
        match content.name.as_str() {
            "SUMMARY" => {
                let name = lines::unescape(&content.value);
                self.name = name.trim().chars().take(limits::ICS_NAME_CHARACTERS).collect();
            }
            "UID" => self.id = Some(content.value),
            "DTSTART" => self.start = self.property(content),
            "DTEND" => self.end = self.property(content),
            "DURATION" => self.duration = Some(content.value.trim().to_ascii_uppercase()),
            "RRULE" => self.rules.push(content.value),
            "EXRULE" => self.problem = Some("It has an EXRULE, which is not read.".to_owned()),
            "RDATE" => {
                let property = self.property(content);
                self.more.extend(property);
            }
            "EXDATE" => {
                let property = self.property(content);
                self.except.extend(property);
            }
            "RECURRENCE-ID" => self.replaces = self.property(content),
            "STATUS" => self.is_cancelled = is(&content, "CANCELLED"),
            _ => {}
        }
    }

    fn property(&mut self, content: Content) -> Option<Property> {
        let mut zone = None;
        for (name, value) in content.parameters {
            match name.as_str() {
                "TZID" => zone = Some(value),
                "VALUE" if value.eq_ignore_ascii_case("PERIOD") => {
                    self.problem = Some("It lists periods, which are not read.".to_owned());
                    return None;
                }
                "RANGE" => {
                    let reason = "It moves all later occurrences (RANGE), which is not read.";
                    self.problem = Some(reason.to_owned());
                    return None;
                }
                _ => {}
            }
        }
        Some(Property {
            name: content.name,
            zone,
            value: content.value.trim().to_ascii_uppercase(),
        })
    }
}

fn is(content: &Content, value: &str) -> bool {
    content.value.trim().eq_ignore_ascii_case(value)
}
