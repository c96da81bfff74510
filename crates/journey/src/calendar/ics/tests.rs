use super::{Imported, Unreadable, import_ics};
use crate::limits;
use proptest::prelude::*;
use std::ops::RangeInclusive;

fn file(events: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n",
        events.trim().replace('\n', "\r\n")
    )
}

fn import(events: &str, zone: &str) -> Imported {
    import_ics(file(events).as_bytes(), zone, &(2026..=2028)).unwrap()
}

/// Dates with their names, and the refused events with their lines.
fn check(events: &str, holidays: &[(&str, &str)], refused: &[(usize, &str)]) {
    let found = import(events, "Europe/Berlin");
    let dates: Vec<_> =
        found.holidays.iter().map(|it| (it.date.as_str(), it.name.as_str())).collect();
    assert_eq!(dates, holidays, "{events}");
    let reasons: Vec<_> = found.refused.iter().map(|it| (it.line, it.reason.as_str())).collect();
    assert_eq!(reasons, refused, "{events}");
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\n{}\nEND:VEVENT", lines.trim())
}

#[test]
fn a_holiday_is_a_date_with_a_name() {
    check(
        &event("SUMMARY:New Year\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260102"),
        &[("2026-01-01", "New Year")],
        &[],
    );
    check(&event("DTSTART:20260101\nSUMMARY:New Year"), &[("2026-01-01", "New Year")], &[]);
    check(
        &event("dtstart;value=date:20260101\nsummary;language=en:New\\, \\;\\\\Year\\n"),
        &[("2026-01-01", "New, ;\\Year")],
        &[],
    );
    check(&event("DTSTART:20260101"), &[("2026-01-01", "")], &[]);
}

#[test]
fn several_days_give_several_dates() {
    let days = [("2026-12-24", "X"), ("2026-12-25", "X"), ("2026-12-26", "X")];
    check(&event("SUMMARY:X\nDTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227"), &days, &[]);
    check(&event("SUMMARY:X\nDTSTART;VALUE=DATE:20261224\nDURATION:P3D"), &days, &[]);
    check(&event("SUMMARY:X\nDTSTART:20261224T120000\nDTEND:20261227T000000"), &days, &[]);
    check(&event("SUMMARY:X\nDTSTART:20261224\nDTEND:20261224"), &days[..1], &[]);
    check(&event("SUMMARY:X\nDTSTART:20261224T000000\nDURATION:PT72H"), &days, &[]);
}

#[test]
fn a_meeting_closes_no_day() {
    let part = "It takes a part of a day; a calendar closes for whole days.";
    for end in ["DTEND:20261126T110000Z", "DURATION:PT1H", "DURATION:PT23H59M"] {
        check(
            &event(&format!("SUMMARY:Stand-up\nDTSTART:20261126T100000Z\n{end}")),
            &[],
            &[(3, part)],
        );
    }
}

#[test]
fn times_become_dates_in_the_zone_of_the_calendar() {
    check(
        &event("SUMMARY:X\nDTSTART:20251231T230000Z\nDTEND:20260101T230000Z"),
        &[("2026-01-01", "X")],
        &[],
    );
    check(
        &event("SUMMARY:X\nDTSTART;TZID=America/New_York:20260101T190000"),
        &[("2026-01-02", "X")],
        &[],
    );
    check(
        &event("SUMMARY:X\nDTSTART;TZID=\"Asia/Tokyo\":20260102T060000"),
        &[("2026-01-01", "X")],
        &[],
    );
    let line = "Its time zone 'W. Europe Standard Time' is not known; export it with IANA names.";
    check(
        &event("SUMMARY:X\nDTSTART;TZID=W. Europe Standard Time:20260101T190000"),
        &[],
        &[(3, line)],
    );
}

#[test]
fn a_recurring_holiday_is_taken_for_every_year() {
    check(
        &event("SUMMARY:Unity\nDTSTART;VALUE=DATE:19901003\nRRULE:FREQ=YEARLY"),
        &[("2026-10-03", "Unity"), ("2027-10-03", "Unity"), ("2028-10-03", "Unity")],
        &[],
    );
    check(
        &event(
            "SUMMARY:Thanksgiving\nDTSTART;VALUE=DATE:20251127\nDTEND;VALUE=DATE:20251129\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20271231",
        ),
        &[
            ("2026-11-26", "Thanksgiving"),
            ("2026-11-27", "Thanksgiving"),
            ("2027-11-25", "Thanksgiving"),
            ("2027-11-26", "Thanksgiving"),
        ],
        &[],
    );
    // It begins in the year before and reaches into the first.
    check(
        &event(
            "SUMMARY:Turn\nDTSTART;VALUE=DATE:20201231\nDTEND;VALUE=DATE:20210102\nRRULE:FREQ=YEARLY;COUNT=6",
        ),
        &[("2026-01-01", "Turn")],
        &[],
    );
}

#[test]
fn dates_are_left_out_added_and_moved() {
    check(
        &event(
            "SUMMARY:X\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260106,20260107\nRDATE;VALUE=DATE:20260201",
        ),
        &[("2026-01-05", "X"), ("2026-01-08", "X"), ("2026-02-01", "X")],
        &[],
    );
    let moved = event("UID:a\nSUMMARY:X\nDTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;COUNT=3")
        + "\n"
        + &event(
            "UID:a\nSUMMARY:Y\nRECURRENCE-ID;VALUE=DATE:20260106\nDTSTART;VALUE=DATE:20260109",
        );
    check(&moved, &[("2026-01-05", "X"), ("2026-01-07", "X"), ("2026-01-09", "Y")], &[]);
}

#[test]
fn lines_are_unfolded_even_within_a_character() {
    let mut bytes = b"\xef\xbb\xbfBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Mari\xc3\n \xa4 Himmel\n\tfahrt\nDTSTART;VALUE=DA\n TE:20260815\nEND:VEVENT\n".to_vec();
    let found = import_ics(&bytes, "UTC", &(2026..=2026)).unwrap();
    assert_eq!(found.holidays[0].name, "Mari\u{e4} Himmelfahrt");
    assert_eq!(found.holidays[0].date, "2026-08-15");
    bytes.extend_from_slice(
        b"BEGIN:VEVENT\nSUMMARY:\xff\nDTSTART:20260101\nEND:VEVENT\nEND:VCALENDAR",
    );
    let found = import_ics(&bytes, "UTC", &(2026..=2026)).unwrap();
    assert_eq!(found.holidays[0].name, "\u{fffd}");
}

#[test]
fn alarms_and_zones_do_not_matter() {
    check(
        "BEGIN:VTIMEZONE\nBEGIN:DAYLIGHT\nDTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE
BEGIN:VEVENT\nSUMMARY:X\nDTSTART:20260101\nBEGIN:VALARM\nSUMMARY:Alarm\nDURATION:PT900000H\nnonsense\nEND:VALARM\nEND:VEVENT
BEGIN:VTODO\nSUMMARY:Todo\nDTSTART:20260301\nEND:VTODO",
        &[("2026-01-01", "X")],
        &[],
    );
}

#[test]
fn every_refused_event_is_listed_with_its_line_and_reason() {
    for (lines, reason) in [
        ("SUMMARY:X", "The event has no start (DTSTART)."),
        ("DTSTART:20260230", "DTSTART '20260230' is no date or time from the year 1 to 9998."),
        ("DTSTART:99991231", "DTSTART '99991231' is no date or time from the year 1 to 9998."),
        ("DTSTART:20260101\nSTATUS:CANCELLED", "The event is cancelled."),
        ("DTSTART:20260101\nnonsense", "Line 5 is no line of iCalendar."),
        ("DTSTART:20260101\nRRULE:FREQ=YEARLY\nRRULE:FREQ=DAILY", "It has more than one RRULE."),
        (
            "DTSTART:20260101\nRRULE:FREQ=NEVER",
            "Its recurrence cannot be read: FREQ: 'NEVER' is no frequency; write YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY or MINUTELY.",
        ),
        ("DTSTART:20260101\nRRULE:FREQ=MINUTELY", "It recurs too often for a holiday."),
        ("DTSTART:20260101\nEXRULE:FREQ=YEARLY", "It has an EXRULE, which is not read."),
        (
            "DTSTART:20260101\nRDATE;VALUE=PERIOD:20260101T000000Z/PT1H",
            "It lists periods, which are not read.",
        ),
        (
            "DTSTART:20260101\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260101",
            "It moves all later occurrences (RANGE), which is not read.",
        ),
        ("DTSTART:20260101\nDTEND:20280101", "It takes 730 days; a holiday takes 366 at most."),
        (
            "DTSTART:20260101\nDURATION:soon",
            "Its duration cannot be read: it is not an ISO 8601 duration such as PT8H or P2D.",
        ),
        ("DTSTART:20200101", "None of its dates lies in the years 2026 to 2028."),
        (
            "DTSTART:20200101\nRRULE:FREQ=YEARLY;COUNT=3",
            "None of its dates lies in the years 2026 to 2028.",
        ),
    ] {
        let two = event(lines) + "\n" + &event("SUMMARY:Good\nDTSTART:20260501");
        check(&two, &[("2026-05-01", "Good")], &[(3, reason)]);
    }
    let cut = "BEGIN:VEVENT\nDTSTART:20260101\nBEGIN:VEVENT\nDTSTART:20260102";
    let found =
        import_ics(format!("BEGIN:VCALENDAR\n{cut}").as_bytes(), "UTC", &(2026..=2026)).unwrap();
    let lines: Vec<_> = found.refused.iter().map(|it| (it.line, it.reason.as_str())).collect();
    assert_eq!(lines, [(2, "The event does not end."), (4, "The file ends within the event.")]);
}

#[test]
fn a_file_has_limits() {
    let import = |file: &str, zone| import_ics(file.as_bytes(), zone, &(2026..=2028));
    assert_eq!(import("", "UTC"), Err(Unreadable::NotCalendar));
    assert_eq!(import("<html>", "UTC"), Err(Unreadable::NotCalendar));
    assert_eq!(import("BEGIN:VCALENDAR", "Mars"), Err(Unreadable::UnknownZone("Mars".into())));
    assert_eq!(import("BEGIN:VCALENDAR", "UTC"), Ok(Imported::default()));
    assert_eq!(import(&" ".repeat(limits::ICS_BYTES + 1), "UTC"), Err(Unreadable::TooLarge));
    let many = (event("DTSTART:20260101") + "\n").repeat(limits::ICS_EVENTS + 1);
    assert_eq!(import(&file(&many), "UTC"), Err(Unreadable::TooManyEvents));
    let daily: String = (0..3)
        .map(|n| event(&format!("SUMMARY:{n}\nDTSTART:20260101\nRRULE:FREQ=DAILY")) + "\n")
        .collect();
    assert_eq!(import(&file(&daily), "UTC"), Err(Unreadable::TooManyHolidays));
    // Occurrences that overlap a thousand times are looked at once each.
    let long = event("DTSTART:20260101\nDURATION:P366D\nRRULE:FREQ=DAILY;COUNT=600") + "\n";
    assert_eq!(import(&file(&long.repeat(400)), "UTC").unwrap().holidays.len(), 965);
    let rules = (event("DTSTART:20260101\nRRULE:FREQ=YEARLY") + "\n").repeat(limits::ICS_RULES + 2);
    assert_eq!(import(&file(&rules), "UTC").unwrap().refused.len(), 2);
    let long = import(
        &file(&event(&format!("DTSTART:20260101\nSUMMARY:{}", "\u{e9}".repeat(900)))),
        "UTC",
    );
    assert_eq!(long.unwrap().holidays[0].name.chars().count(), limits::ICS_NAME_CHARACTERS);
}

#[test]
fn years_beyond_every_calendar_give_nothing() {
    let yearly = file(&event("DTSTART:20260101\nRRULE:FREQ=YEARLY"));
    for years in [i16::MIN..=i16::MIN, i16::MAX..=i16::MAX, RangeInclusive::new(2028, 2026), -5..=0]
    {
        let found = import_ics(yearly.as_bytes(), "UTC", &years).unwrap();
        assert_eq!((found.holidays.len(), found.refused.len()), (0, 1), "{years:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_reading_fail_badly(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = import_ics(&bytes, "UTC", &(2026..=2028));
        let inside = [b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n", bytes.as_slice()].concat();
        let _ = import_ics(&inside, "UTC", &(2026..=2028));
    }

    #[test]
    fn no_lines_make_reading_fail_badly(lines in prop::collection::vec(
        "(BEGIN|END):(VEVENT|VALARM)|(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID)(;TZID=[A-Z/a-z\"]{0,9}|;VALUE=DATE)?:[0-9TZ,]{0,17}|RRULE:FREQ=(YEARLY|DAILY)(;[A-Z]{5,9}=[-0-9A-Z,]{0,5})?|DURATION:[-P0-9DTHW.]{0,7}|SUMMARY:.{0,9}| .{0,5}",
        0..30,
    )) {
        let _ = import_ics(file(&lines.join("\n")).as_bytes(), "Europe/Berlin", &(2026..=2028));
    }

    #[test]
    fn every_date_lies_in_the_years(first in 20_000_101_u32..20_351_231, days in 1_i64..40, rule in prop::sample::select(&["YEARLY", "MONTHLY", "WEEKLY"][..])) {
        let found = import(&event(&format!("DTSTART:{first}\nDURATION:P{days}D\nRRULE:FREQ={rule}")), "UTC");
        prop_assert!(found.holidays.iter().all(|it| ("2026".."2029").contains(&&it.date[..4])));
    }
}
