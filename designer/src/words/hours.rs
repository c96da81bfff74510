//! Opening hours as people write them, and a calendar as a form holds it.

use crate::messages::{Text, t, text};
use journey::calendar::{CalendarDraft, DatedHours, Holiday, Hours, WeeklyHours};

/// The days of the week, in the order a form asks for them.
pub const DAYS: [(&str, Text); 7] = [
    ("monday", text!("Monday")),
    ("tuesday", text!("Tuesday")),
    ("wednesday", text!("Wednesday")),
    ("thursday", text!("Thursday")),
    ("friday", text!("Friday")),
    ("saturday", text!("Saturday")),
    ("sunday", text!("Sunday")),
];

/// A calendar with its hours as text, whatever was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub name: String,
    pub time_zone: String,
    /// By weekday, from Monday.
    pub week: [String; 7],
    pub holidays: Vec<Holiday>,
    pub exceptions: Vec<WrittenDay>,
}

/// A date with hours of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenDay {
    pub date: String,
    pub name: String,
    pub hours: String,
}

impl Written {
    /// Open from nine to five on working days.
    pub fn new(name: String, time_zone: String) -> Self {
        let hours = WeeklyHours::on_working_days("09:00", "17:00");
        Self::of(CalendarDraft { name, time_zone, hours, ..CalendarDraft::default() })
    }

    pub fn of(draft: CalendarDraft) -> Self {
        let hours = draft.hours;
        let week = [
            hours.monday,
            hours.tuesday,
            hours.wednesday,
            hours.thursday,
            hours.friday,
            hours.saturday,
            hours.sunday,
        ];
        let exceptions = draft.exceptions.into_iter().map(|day| WrittenDay {
            hours: write(&day.hours),
            date: day.date,
            name: day.name,
        });
        Self {
            name: draft.name,
            time_zone: draft.time_zone,
            week: week.map(|hours| write(&hours)),
            holidays: draft.holidays,
            exceptions: exceptions.collect(),
        }
    }

    /// Takes the holidays that came to what is stored; what is written here already stays as it is.
    pub fn take_holidays(&mut self, before: &CalendarDraft, after: &CalendarDraft) {
        let known =
            |holidays: &[Holiday], date: &str| holidays.iter().any(|known| known.date == date);
        for holiday in &after.holidays {
            if !known(&before.holidays, &holiday.date) && !known(&self.holidays, &holiday.date) {
                self.holidays.push(holiday.clone());
            }
        }
        self.holidays.sort_by(|one, other| one.date.cmp(&other.date));
    }

    pub fn draft(&self) -> CalendarDraft {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            self.week.each_ref().map(|text| read(text));
        let exceptions = self.exceptions.iter().map(|day| DatedHours {
            date: day.date.clone(),
            name: day.name.clone(),
            hours: read(&day.hours),
        });
        CalendarDraft {
            name: self.name.trim().to_owned(),
            time_zone: self.time_zone.trim().to_owned(),
            hours: WeeklyHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday },
            holidays: self.holidays.clone(),
            exceptions: exceptions.collect(),
        }
    }
}

/// Hours such as `09:00–12:30, 13:30–17:00`; empty for a day that is closed.
pub fn write(hours: &[Hours]) -> String {
    let spans: Vec<String> =
        hours.iter().map(|hours| format!("{}–{}", hours.from, hours.to)).collect();
    spans.join(", ")
}

/// Reads hours with any dash between; what is no time is kept as it is, for the server to name.
pub fn read(text: &str) -> Vec<Hours> {
    let spans = text.split([',', ';']).map(str::trim).filter(|span| !span.is_empty());
    let read = |span: &str| {
        let (from, to) = span.split_once(['-', '–', '—']).unwrap_or((span, ""));
        Hours { from: time(from), to: time(to) }
    };
    spans.map(read).collect()
}

/// The week in one line, equal days together: `Mon–Fri 09:00–17:00, Sat 10:00–14:00`.
pub fn say(week: &[String; 7]) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for day in 0..week.len() {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == day && week[*last] == week[day] => *last = day,
            _ => spans.push((day, day)),
        }
    }
    let open = spans.into_iter().filter(|(first, _)| !week[*first].is_empty());
    let said: Vec<String> = open
        .map(|(first, last)| {
            let days = if first == last {
                short(first).to_owned()
            } else {
                format!("{}–{}", short(first), short(last))
            };
            format!("{days} {}", week[first])
        })
        .collect();
    if said.is_empty() { t!("Never open").to_owned() } else { said.join(", ") }
}

fn short(day: usize) -> &'static str {
    crate::editor::rrule::DAYS[day].1.said()
}

/// `9`, `9:30` and `09:30` are times; anything else stays as it is.
fn time(text: &str) -> String {
    let text = text.trim();
    let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
    match (hour.parse::<u8>(), minute.parse::<u8>()) {
        (Ok(hour), Ok(minute)) => format!("{hour:02}:{minute:02}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_that_came_from_elsewhere_leave_what_is_typed_as_it_is() {
        let day = |date: &str| Holiday { date: date.to_owned(), name: String::new() };
        let stored = |dates: &[&str]| CalendarDraft {
            holidays: dates.iter().copied().map(day).collect(),
            ..CalendarDraft::default()
        };
        let before = stored(&["2026-01-01", "2026-05-01"]);
        let mut written = Written::of(before.clone());
        written.week[0] = "8-12".to_owned();
        // One is taken away and another one typed, neither of which is saved yet.
        written.holidays = vec![day("2026-05-01"), day("2026-12-25")];
        let after = stored(&["2026-01-01", "2026-04-06", "2026-05-01", "2026-12-25"]);
        written.take_holidays(&before, &after);
        let dates: Vec<&str> = written.holidays.iter().map(|day| day.date.as_str()).collect();
        assert_eq!(dates, ["2026-04-06", "2026-05-01", "2026-12-25"]);
        assert_eq!(written.week[0], "8-12");
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        let all = read("9 - 12:30, 13:30–17:00");
        assert_eq!(write(&all), "09:00–12:30, 13:30–17:00");
        assert_eq!(read("  "), []);
        let odd = read("noon-17:00");
        assert_eq!((odd[0].from.as_str(), odd[0].to.as_str()), ("noon", "17:00"));
        assert_eq!(read("09:00")[0].to, "");
    }

    #[test]
    fn a_calendar_survives_its_form() {
        let mut draft = Written::new("uk".to_owned(), "Europe/London".to_owned()).draft();
        assert_eq!(draft.hours.friday, read("9-17"));
        draft
            .holidays
            .push(Holiday { date: "2026-12-25".to_owned(), name: "Christmas".to_owned() });
        let eve =
            DatedHours { date: "2026-12-24".to_owned(), name: String::new(), hours: read("9-13") };
        draft.exceptions.push(eve);
        assert_eq!(Written::of(draft.clone()).draft(), draft);
    }

    #[test]
    fn a_week_is_said_with_equal_days_together() {
        let week = Written::new(String::new(), String::new()).week;
        assert_eq!(say(&week), "Mon–Fri 09:00–17:00");
        let mut odd = week.clone();
        odd[2] = String::new();
        odd[5] = "10:00–14:00".to_owned();
        assert_eq!(say(&odd), "Mon–Tue 09:00–17:00, Thu–Fri 09:00–17:00, Sat 10:00–14:00");
        assert_eq!(say(&<[String; 7]>::default()), "Never open");
    }
}
