use super::{BadRule, Recurrence};
use crate::{Timestamp, limits};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    let text = if text.len() == 22 {
        format!("{}:00{}", &text[..16], &text[16..])
    } else {
        text.to_owned()
    };
    Timestamp::from_rfc3339(&text).unwrap_or_else(|| panic!("{text}"))
}

fn rule(text: &str, zone: &str) -> Recurrence {
    Recurrence::parse(text, zone, None).unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// The times a rule fires after a moment, as many as are expected.
fn check(text: &str, zone: &str, after: &str, expected: &[&str]) {
    let found =
        rule(text, zone).occurrences_between(at(after), Timestamp(i64::MAX), expected.len());
    let expected: Vec<_> = expected.iter().map(|time| at(time)).collect();
    let shown = |times: &[Timestamp]| times.iter().map(|at| at.to_rfc3339()).collect::<Vec<_>>();
    assert_eq!(shown(&found), shown(&expected), "{text} in {zone}");
}

#[test]
fn a_rule_without_a_start_fires_from_the_moment_it_is_asked_about() {
    check(
        "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9",
        "Europe/Berlin",
        "2026-03-24T00:00:00Z",
        &["2026-03-30T09:00+02:00", "2026-04-06T09:00+02:00"],
    );
    check("FREQ=DAILY", "Asia/Kolkata", "2026-03-24T00:00:00Z", &["2026-03-25T00:00+05:30"]);
    check("FREQ=WEEKLY", "UTC", "2026-03-24T00:00:00Z", &["2026-03-30T00:00:00Z"]);
    check("FREQ=YEARLY", "UTC", "2026-03-24T00:00:00Z", &["2027-01-01T00:00:00Z"]);
    check(
        "RRULE:freq=monthly;interval=3;byhour=8;byminute=15",
        "UTC",
        "2026-03-24T00:00:00Z",
        &["2026-04-01T08:15:00Z", "2026-07-01T08:15:00Z"],
    );
    check(
        "FREQ=MINUTELY;INTERVAL=15;BYHOUR=23",
        "Asia/Kathmandu",
        "2026-03-24T17:45:00Z",
        &["2026-03-24T23:45+05:45", "2026-03-25T23:00+05:45"],
    );
}

#[test]
fn a_start_gives_what_the_rule_leaves_open_and_is_not_passed_over() {
    let start = Some(at("2026-01-07T12:34:56Z"));
    let daily = Recurrence::parse("FREQ=DAILY", "UTC", start).unwrap();
    assert_eq!(daily.next_after(Timestamp(0)), Some(at("2026-01-07T12:34:00Z")));
    let fortnightly = "DTSTART:20260107T090000Z\r\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO\r\n";
    check(
        fortnightly,
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-01-19T09:00:00Z", "2026-02-02T09:00:00Z"],
    );
    // The start in the text counts; the other one is for rules that have none.
    let both = Recurrence::parse(fortnightly, "UTC", start).unwrap();
    assert_eq!(both.next_after(Timestamp(0)), Some(at("2026-01-19T09:00:00Z")));
    check(
        "DTSTART:20260107\nFREQ=MONTHLY",
        "UTC",
        "2026-01-07T00:00:00Z",
        &["2026-02-07T00:00:00Z"],
    );
}

#[test]
fn a_time_left_out_is_made_up_and_a_time_shown_twice_fires_once() {
    check(
        "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
        "Europe/Berlin",
        "2026-03-28T00:00:00Z",
        &["2026-03-28T02:30+01:00", "2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00"],
    );
    check(
        "FREQ=DAILY;BYHOUR=2,3;BYMINUTE=30",
        "Europe/Berlin",
        "2026-03-28T22:00:00Z",
        &["2026-03-29T03:30+02:00", "2026-03-30T02:30+02:00", "2026-03-30T03:30+02:00"],
    );
    check(
        "FREQ=DAILY;BYHOUR=1;BYMINUTE=30",
        "America/New_York",
        "2026-10-31T12:00:00Z",
        &["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
    );
    check(
        "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2",
        "Australia/Sydney",
        "2027-09-27T00:00:00Z",
        &["2027-10-03T03:00+11:00", "2027-10-10T02:00+11:00"],
    );
    check(
        "FREQ=WEEKLY;BYDAY=SU;BYHOUR=2",
        "Australia/Sydney",
        "2027-03-30T00:00:00Z",
        &["2027-04-04T02:00+11:00", "2027-04-11T02:00+10:00"],
    );
}

#[test]
fn hours_and_minutes_go_on_through_a_change_of_clocks() {
    check(
        "FREQ=HOURLY",
        "Europe/Berlin",
        "2026-03-29T00:00+01:00",
        &["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00", "2026-03-29T04:00+02:00"],
    );
    check(
        "FREQ=MINUTELY;INTERVAL=30",
        "Europe/Berlin",
        "2026-10-25T01:30+02:00",
        &[
            "2026-10-25T02:00+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:00+01:00",
            "2026-10-25T02:30+01:00",
            "2026-10-25T03:00+01:00",
        ],
    );
    check(
        "FREQ=HOURLY;INTERVAL=12",
        "America/New_York",
        "2026-10-31T12:00-04:00",
        &["2026-11-01T00:00-04:00", "2026-11-01T12:00-05:00"],
    );
}

#[test]
fn a_change_of_clocks_at_midnight_keeps_the_order() {
    // Nuuk leaps from Saturday 23:00 to Sunday 00:00, and goes back from there in autumn.
    check(
        "FREQ=DAILY;BYHOUR=0,23;BYMINUTE=0,30",
        "America/Nuuk",
        "2026-03-28T22:00-02:00",
        &["2026-03-29T00:00-01:00", "2026-03-29T00:30-01:00", "2026-03-29T23:00-01:00"],
    );
    check(
        "FREQ=DAILY;BYHOUR=23;BYMINUTE=30",
        "America/Nuuk",
        "2026-03-29T00:10-01:00",
        &["2026-03-29T00:30-01:00", "2026-03-29T23:30-01:00"],
    );
    check(
        "DTSTART:20260328T233000\nFREQ=DAILY;COUNT=1",
        "America/Nuuk",
        "2026-03-01T00:00:00Z",
        &["2026-03-29T00:30-01:00"],
    );
    check(
        "FREQ=HOURLY",
        "America/Nuuk",
        "2026-10-24T22:30-01:00",
        &[
            "2026-10-24T23:00-01:00",
            "2026-10-24T23:00-02:00",
            "2026-10-25T00:00-02:00",
            "2026-10-25T01:00-02:00",
        ],
    );
    // St John's went back from Sunday 00:01 to Saturday 23:01.
    check(
        "FREQ=MINUTELY;INTERVAL=30",
        "America/St_Johns",
        "2010-11-06T23:10-02:30",
        &[
            "2010-11-06T23:30-02:30",
            "2010-11-07T00:00-02:30",
            "2010-11-06T23:30-03:30",
            "2010-11-07T00:00-03:30",
        ],
    );
}

#[test]
fn the_last_working_day_of_a_month_is_a_position() {
    check(
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;BYHOUR=17",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-01-30T17:00:00Z", "2026-02-27T17:00:00Z", "2026-03-31T17:00:00Z"],
    );
    check(
        "FREQ=DAILY;BYHOUR=9,17;BYMINUTE=0,30;BYSETPOS=2,-1",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-01-01T09:30:00Z", "2026-01-01T17:30:00Z", "2026-01-02T09:30:00Z"],
    );
    check(
        "FREQ=HOURLY;BYMINUTE=5,25,45;BYSETPOS=-1",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-01-01T00:45:00Z", "2026-01-01T01:45:00Z"],
    );
}

#[test]
fn weeks_are_numbered_across_the_turn_of_the_year() {
    // 2026 has 53 weeks; week 1 of 2025 begins on 30 December 2024.
    check(
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "UTC",
        "2024-06-01T00:00:00Z",
        &["2024-12-30T00:00:00Z", "2025-12-29T00:00:00Z", "2027-01-04T00:00:00Z"],
    );
    check(
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TH",
        "UTC",
        "2024-06-01T00:00:00Z",
        &["2026-12-31T00:00:00Z", "2032-12-30T00:00:00Z"],
    );
    check(
        "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU",
        "UTC",
        "2024-06-01T00:00:00Z",
        &["2024-12-29T00:00:00Z", "2025-12-28T00:00:00Z", "2027-01-03T00:00:00Z"],
    );
    check(
        "FREQ=YEARLY;BYWEEKNO=20",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2026-05-11T00:00:00Z", "2027-05-17T00:00:00Z"],
    );
}

#[test]
fn a_leap_day_waits_for_its_year() {
    check(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "UTC",
        "2097-01-01T00:00:00Z",
        &["2104-02-29T00:00:00Z"],
    );
    check(
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["2044-02-29T00:00:00Z"],
    );
    check("FREQ=YEARLY;BYYEARDAY=366", "UTC", "2026-01-01T00:00:00Z", &["2028-12-31T00:00:00Z"]);
    check("FREQ=YEARLY;BYYEARDAY=-366", "UTC", "2026-01-01T00:00:00Z", &["2028-01-01T00:00:00Z"]);
}

#[test]
fn a_rule_that_never_fires_is_refused() {
    for never in [
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=4,6,9,11;BYMONTHDAY=31",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1;BYSETPOS=2",
        "FREQ=MONTHLY;BYDAY=2MO;BYMONTHDAY=1",
        "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
        "DTSTART:20260101T010000\nFREQ=HOURLY;INTERVAL=2;BYHOUR=2",
        "DTSTART:20260101T000000\nFREQ=DAILY;UNTIL=20250101T000000Z",
        "DTSTART:20260101T000000\nFREQ=MONTHLY;COUNT=3;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:20270101T000000\nFREQ=YEARLY;INTERVAL=2;BYYEARDAY=366",
        "FREQ=MINUTELY;BYHOUR=5;BYSETPOS=2",
        // The minutes its interval meets are never those it names: found without a walk through a hundred years of minutes.
        "DTSTART:20200101T000000\nFREQ=MINUTELY;INTERVAL=60;BYMINUTE=1",
        "DTSTART:20200101T000000\nFREQ=MINUTELY;INTERVAL=1440;BYHOUR=1",
        "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1,3,5,7,9,11,13,15",
    ] {
        let refused = Recurrence::parse(never, "Europe/Berlin", None).unwrap_err();
        assert_eq!(refused, BadRule::NeverFires, "{never}");
    }
}

#[test]
fn what_is_no_rule_is_refused_with_the_part_that_is_wrong() {
    for (text, part) in [
        ("", "RRULE"),
        ("BYDAY=MO", "FREQ"),
        ("FREQ=SECONDLY", "FREQ"),
        ("FREQ=SOMETIMES", "FREQ"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ"),
        ("FREQ=DAILY;BYSECOND=30", "BYSECOND"),
        ("FREQ=DAILY;BYEASTER=0", "BYEASTER"),
        ("FREQ=DAILY;BYHOUR", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR"),
        ("FREQ=DAILY;BYHOUR=9,", "BYHOUR"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=2", "INTERVAL"),
        ("FREQ=MINUTELY;INTERVAL=7", "INTERVAL"),
        ("FREQ=DAILY;COUNT=3", "COUNT"),
        ("FREQ=DAILY;COUNT=0", "COUNT"),
        ("DTSTART:20260101\nFREQ=DAILY;COUNT=10001", "COUNT"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260101", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL"),
        ("FREQ=DAILY;UNTIL=20260101T2500", "UNTIL"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO"),
        ("FREQ=WEEKLY;BYDAY=1MO", "BYDAY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=M", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=é", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=éMO", "BYDAY"),
        ("FREQ=WEEKLY;WKST=1MO", "WKST"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=DAILY\nFREQ=DAILY", "RRULE"),
        ("DTSTART:20260101T090000", "RRULE"),
        ("DTSTART\nFREQ=DAILY", "DTSTART"),
        ("DTSTART:soon\nFREQ=DAILY", "DTSTART"),
        ("DTSTART:20260101T09éé00\nFREQ=DAILY", "DTSTART"),
        ("DTSTART;TZID=Asia/Tokyo:20260101T090000\nFREQ=DAILY", "DTSTART"),
    ] {
        match Recurrence::parse(text, "Europe/Berlin", None) {
            Err(BadRule::Part { part: found, .. }) => assert_eq!(found, part, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let long = format!("FREQ=DAILY;{}", "BYHOUR=1;".repeat(limits::RECURRENCE_BYTES));
    assert!(matches!(Recurrence::parse(&long, "UTC", None), Err(BadRule::Part { .. })));
    let nowhere = Recurrence::parse("FREQ=DAILY", "Europe/Atlantis", None).unwrap_err();
    assert_eq!(nowhere, BadRule::UnknownZone("Europe/Atlantis".to_owned()));
}

#[test]
fn a_rule_ends_when_it_says() {
    let ends = |text: &str, last: &str| {
        let rule = rule(text, "Europe/Berlin");
        let all = rule.occurrences_between(Timestamp(0), Timestamp(i64::MAX), 100);
        assert_eq!(all.last(), Some(&at(last)), "{text}");
        assert_eq!(rule.next_after(at(last)), None, "{text}");
        all.len()
    };
    let start = "DTSTART:20260101T090000\n";
    assert_eq!(ends(&format!("{start}FREQ=DAILY;COUNT=5"), "2026-01-05T09:00+01:00"), 5);
    assert_eq!(ends(&format!("{start}FREQ=DAILY;UNTIL=20260105"), "2026-01-05T09:00+01:00"), 5);
    assert_eq!(
        ends(&format!("{start}FREQ=DAILY;UNTIL=20260105T090000"), "2026-01-05T09:00+01:00"),
        5
    );
    assert_eq!(
        ends(&format!("{start}FREQ=DAILY;UNTIL=20260105T080000Z"), "2026-01-05T09:00+01:00"),
        5
    );
    assert_eq!(
        ends(&format!("{start}FREQ=DAILY;UNTIL=20260105T075900Z"), "2026-01-04T09:00+01:00"),
        4
    );
}

#[test]
fn times_between_two_moments_exclude_the_first_and_include_the_last() {
    let hourly = rule("FREQ=HOURLY", "UTC");
    let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-01-01T03:00:00Z"));
    assert_eq!(hourly.occurrences_between(from, until, 10).len(), 3);
    assert_eq!(hourly.occurrences_between(from, until, 2).len(), 2);
    assert_eq!(hourly.occurrences_between(from, until, 0).len(), 0);
    assert_eq!(hourly.occurrences_between(until, from, 10).len(), 0);
}

#[test]
fn the_ends_of_time_are_answers() {
    let daily = rule("FREQ=DAILY", "Pacific/Kiritimati");
    assert_eq!(daily.next_after(Timestamp(i64::MAX)), None);
    assert_eq!(daily.next_after(at("9998-12-31T00:00:00Z")), None);
    assert!(daily.next_after(at("9998-12-01T00:00:00Z")).is_some());
    let begun = rule("DTSTART:20260101\nFREQ=DAILY", "UTC");
    assert_eq!(begun.next_after(Timestamp(i64::MIN)), Some(at("2026-01-01T00:00:00Z")));
    for end in [Timestamp(i64::MIN), Timestamp(i64::MAX)] {
        assert!(Recurrence::parse("FREQ=DAILY", "UTC", Some(end)).is_err());
    }
    let far = "DTSTART:99981201T000000\nFREQ=YEARLY;INTERVAL=100000";
    assert_eq!(rule(far, "UTC").occurrences_between(Timestamp(0), Timestamp(i64::MAX), 9).len(), 1);
    let crowded = "DTSTART:20260101T000000\nFREQ=MINUTELY;COUNT=10000";
    let last = rule(crowded, "UTC").next_after(at("2026-01-07T22:38:00Z"));
    assert_eq!(last, Some(at("2026-01-07T22:39:00Z")));
}

fn rules() -> impl Strategy<Value = String> {
    let frequency =
        prop::sample::select(&["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"][..]);
    let part = |name: &'static str, values: &'static [&'static str]| {
        prop::option::weighted(0.3, prop::sample::select(values)).prop_map(move |value| {
            value.map(|value| format!(";{name}={value}")).unwrap_or_default()
        })
    };
    let parts = (
        part("INTERVAL", &["2", "3", "5", "7", "45"]),
        part("BYMONTH", &["2", "3,10", "1,4,7,10"]),
        part("BYMONTHDAY", &["1", "29", "31", "-1", "13,-2"]),
        part("BYDAY", &["MO", "SU", "TU,TH", "1SU", "-1SU", "2MO,FR"]),
        part("BYHOUR", &["0", "2", "9,17", "1,2,3"]),
        part("BYMINUTE", &["0", "30", "15,45"]),
        part("BYSETPOS", &["1", "-1", "2,-2"]),
        part("WKST", &["SU", "WE"]),
    );
    (frequency, parts).prop_map(|(frequency, (a, b, c, d, e, f, g, h))| {
        format!("DTSTART:20260101T023000\nRRULE:FREQ={frequency}{a}{b}{c}{d}{e}{f}{g}{h}")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn asking_one_by_one_and_asking_for_a_stretch_agree(text in rules(), zone in prop::sample::select(&["UTC", "Europe/Berlin", "America/Nuuk", "Australia/Sydney"][..])) {
        let Ok(rule) = Recurrence::parse(&text, zone, None) else { return Ok(()) };
        let all = rule.occurrences_between(Timestamp(0), Timestamp(i64::MAX), 20);
        prop_assert!(all.is_sorted_by(|one, next| one < next));
        let mut at = Timestamp(0);
        for expected in &all {
            prop_assert_eq!(rule.next_after(at), Some(*expected));
            prop_assert_eq!(rule.next_after(expected.plus(-1)), Some(*expected));
            at = *expected;
        }
    }

    #[test]
    fn no_text_makes_reading_a_rule_fail_badly(text in "\\PC{0,60}", parts in "(FREQ=(DAILY|WEEKLY|YEARLY)|BY[A-Z]{1,8}=[-+0-9A-Zé,]{0,9}|;|\n|DTSTART[;:=0-9TZ]{0,20}){0,6}") {
        let _ = Recurrence::parse(&text, "UTC", None);
        let _ = Recurrence::parse(&parts, "Europe/Berlin", Some(Timestamp(0)));
    }
}
