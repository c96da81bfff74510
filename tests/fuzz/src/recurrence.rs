//! Recurrence rules, durations and times of day.

use crate::check_sentence;
use journey::{
    Timestamp,
    calendar::{Calendar, read_business, read_elapsed, read_time_of_day},
    recurrence::Recurrence,
};

pub(crate) const WORDS: &[&str] = &[
    "FREQ=",
    "YEARLY",
    "MONTHLY",
    "WEEKLY",
    "DAILY",
    "HOURLY",
    "MINUTELY",
    ";INTERVAL=",
    ";COUNT=",
    ";UNTIL=",
    ";BYDAY=",
    ";BYMONTH=",
    ";BYMONTHDAY=",
    ";BYYEARDAY=",
    ";BYWEEKNO=",
    ";BYSETPOS=",
    ";BYHOUR=",
    ";BYMINUTE=",
    ";WKST=",
    "MO",
    "TU",
    "SU",
    "1FR",
    "-1FR",
    "31",
    "-1",
    "366",
    "53",
    "20281231T235959Z",
    "DTSTART:20260105T090000\n",
    "DTSTART;TZID=Europe/Berlin:20260329T023000\n",
    "RRULE:",
    ",",
    ";",
    "P1D",
    "PT4H",
    "P1DT2H",
    "P1Y",
    "PT0.5S",
    "-P1D",
    "9223372036854775807",
    "24:00",
    "23:59",
];

const ZONES: [&str; 5] =
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"];

const NOW: Timestamp = Timestamp(1_790_000_000_000);

pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let zone = ZONES[input.len() % ZONES.len()];
    for start in [None, Some(NOW)] {
        match Recurrence::parse(&text, zone, start) {
            Ok(rule) => check(&rule),
            Err(error) => check_sentence(&error.to_string()),
        }
    }
    match read_elapsed(&text) {
        Ok(elapsed) => {
            let milliseconds = elapsed.as_milliseconds();
            assert!(milliseconds >= 0, "{milliseconds} ms");
        }
        Err(error) => check_sentence(error),
    }
    if let Err(error) = read_business(&text) {
        check_sentence(error);
    }
    assert!(read_time_of_day(&text).is_none_or(|time| (0..=86_400_000).contains(&time)));
    let _ = Calendar::standard().working_time_between(NOW, NOW);
}

/// Every way of asking for its times gives the same, in order.
fn check(rule: &Recurrence) {
    let until = NOW.plus(400 * 86_400_000);
    let found = rule.occurrences_between(NOW, until, 50);
    assert!(found.iter().zip(found.iter().skip(1)).all(|(one, next)| one < next), "{found:?}");
    assert!(found.iter().all(|at| (NOW.0 + 1..=until.0).contains(&at.0)), "{found:?}");
    let mut at = NOW;
    for expected in found.iter().take(10) {
        let next = rule.next_after(at);
        assert_eq!(next.as_ref(), Some(expected), "after {at:?}");
        at = *expected;
    }
}
