//! Calendars: iCalendar files, and those that are written in the product.

use crate::check_sentence;
use journey::{
    Timestamp,
    calendar::{Calendar, CalendarDraft, import_ics},
    limits,
};

pub(crate) const WORDS: &[&str] = &[
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "DTSTART",
    "DTEND",
    "DURATION:",
    "RRULE:",
    "EXDATE",
    "RDATE",
    "RECURRENCE-ID",
    "UID:a\r\n",
    "STATUS:CANCELLED\r\n",
    "SUMMARY:",
    ";VALUE=DATE",
    ";TZID=Europe/Berlin",
    ":20261225",
    ":20261225T090000Z",
    "T000000",
    "FREQ=YEARLY",
    "FREQ=DAILY",
    ";COUNT=3",
    ";UNTIL=20280101",
    ";BYDAY=MO",
    ";INTERVAL=2",
    "P1D",
    "PT24H",
    "P2W",
    "\r\n ",
    "\r\n",
    ",",
    "\\n",
    "\"",
    "\"time_zone\"",
    "\"Europe/London\"",
    "\"hours\"",
    "\"09:00\"",
    "\"24:00\"",
    "\"2026-12-24\"",
    "BEGIN:VTIMEZONE\r\n",
    "99991231",
    "00010101",
    "20280229",
];

const ZONES: [&str; 4] = ["Europe/Berlin", "UTC", "Pacific/Apia", "America/Sao_Paulo"];

pub(crate) fn holds(input: &[u8]) {
    let zone = ZONES[input.len() % ZONES.len()];
    let years = 2026..=2028;
    match import_ics(input, zone, &years) {
        Ok(imported) => {
            assert!(imported.holidays.len() <= limits::CALENDAR_DATES);
            let holidays =
                || imported.holidays.iter().map(|day| (day.date.as_str(), day.name.as_str()));
            let is_in_order = holidays().zip(holidays().skip(1)).all(|(one, next)| one < next);
            assert!(is_in_order, "in order, none twice: {imported:?}");
            assert!(
                holidays().all(|(date, _)| ("2026".."2029").contains(&date)),
                "within the years"
            );
            for refused in &imported.refused {
                check_sentence(&refused.reason);
                let lines = input.split(|byte| *byte == b'\n' || *byte == b'\r').count();
                assert!((1..=lines).contains(&refused.line), "{refused:?} of {lines}");
            }
        }
        Err(error) => check_sentence(&error.to_string()),
    }
    match serde_json::from_slice::<CalendarDraft>(input) {
        Ok(draft) => check(draft),
        Err(error) => check_sentence(&error.to_string()),
    }
}

fn check(draft: CalendarDraft) {
    let text = serde_json::to_string(&draft).expect("a calendar can be written");
    assert_eq!(serde_json::from_str::<CalendarDraft>(&text).ok(), Some(draft.clone()));
    match Calendar::try_from(draft.clone()) {
        Ok(calendar) => {
            assert_eq!(*calendar.draft(), draft);
            let (from, to) = (Timestamp(1_790_000_000_000), Timestamp(1_800_000_000_000));
            let worked = calendar.working_time_between(from, to);
            assert!((0..=to.0 - from.0).contains(&worked), "{worked} ms of work");
        }
        Err(problems) => {
            assert!(!problems.0.is_empty());
            problems.0.iter().for_each(|problem| check_sentence(&problem.message));
        }
    }
}
