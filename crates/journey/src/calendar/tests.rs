use super::{
    Business, Calendar, CalendarDraft, Calendars, DatedHours, Duration, Holiday, Hours, NoMoment,
    Problems, WeeklyHours, read_business, read_elapsed, read_time_of_day,
};
use crate::{Date, Timestamp, limits};
use serde_json::json;

/// One of the calendars of these tests, in a zone.
pub(super) fn calendar(zone: &str, hours: &str) -> Calendar {
    let spans: &[(&str, &str)] = match hours {
        "clock" | "always" => &[("00:00", "24:00")],
        "night" => &[("22:00", "24:00"), ("00:00", "06:00")],
        "early" => &[("02:30", "04:00")],
        "office" => &[],
        _ => panic!("no calendar '{hours}'"),
    };
    let every_day: Vec<_> = spans
        .iter()
        .map(|(from, to)| Hours { from: (*from).to_owned(), to: (*to).to_owned() })
        .collect();
    let hours = if every_day.is_empty() {
        WeeklyHours::on_working_days("09:00", "17:00")
    } else {
        WeeklyHours {
            monday: every_day.clone(),
            tuesday: every_day.clone(),
            wednesday: every_day.clone(),
            thursday: every_day.clone(),
            friday: every_day.clone(),
            saturday: every_day.clone(),
            sunday: every_day,
        }
    };
    checked(CalendarDraft { hours, time_zone: zone.to_owned(), ..named("test") })
}

/// Time on the clock for the calendar `clock`, business time for every other.
pub(super) fn duration(hours: &str, text: &str, by: Option<&str>) -> Duration {
    if hours == "clock" {
        return Duration::Elapsed(read_elapsed(text).unwrap());
    }
    let (days, milliseconds) = read_business(text).unwrap();
    let by = by.map(|by| read_time_of_day(by).unwrap());
    Duration::Business(Business { days, milliseconds, by, calendar: None })
}

fn named(name: &str) -> CalendarDraft {
    let hours = WeeklyHours::on_working_days("09:00", "17:00");
    CalendarDraft {
        name: name.to_owned(),
        time_zone: "UTC".to_owned(),
        hours,
        ..CalendarDraft::default()
    }
}

fn checked(draft: CalendarDraft) -> Calendar {
    Calendar::try_from(draft).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(text).unwrap()
}

fn due(from: &str, text: &str, by: Option<&str>) -> String {
    let due = duration("office", text, by).after(at(from), Calendar::standard());
    due.unwrap().to_rfc3339()
}

/// Closed on Christmas Day, open until 13:00 the day before, with a break at noon on other days.
fn christmas() -> Calendar {
    let hours = |spans: &[(&str, &str)]| -> Vec<Hours> {
        spans.iter().map(|(from, to)| Hours { from: (*from).into(), to: (*to).into() }).collect()
    };
    let day = hours(&[("13:00", "17:00"), ("09:00", "12:00")]);
    checked(CalendarDraft {
        hours: WeeklyHours {
            monday: day.clone(),
            tuesday: day.clone(),
            wednesday: day.clone(),
            thursday: day.clone(),
            friday: day,
            ..WeeklyHours::default()
        },
        holidays: vec![Holiday { date: "2026-12-25".into(), name: "Christmas Day".into() }],
        exceptions: vec![
            DatedHours {
                date: "2026-12-24".into(),
                name: String::new(),
                hours: hours(&[("09:00", "13:00")]),
            },
            DatedHours {
                date: "2026-12-26".into(),
                name: "Stock-taking".into(),
                hours: hours(&[("10:00", "11:00")]),
            },
        ],
        ..named("christmas")
    })
}

#[test]
fn business_days_skip_the_weekend() {
    // 20 November 2026 is a Friday.
    assert_eq!(due("2026-11-20T10:00:00Z", "P1D", None), "2026-11-23T10:00:00.000Z");
    assert_eq!(due("2026-11-20T10:00:00Z", "P2D", Some("16:00")), "2026-11-24T16:00:00.000Z");
    assert_eq!(due("2026-11-21T12:00:00Z", "P0D", Some("16:00")), "2026-11-23T16:00:00.000Z");
    assert_eq!(due("2026-11-20T16:30:00Z", "P0D", Some("16:00")), "2026-11-23T16:00:00.000Z");
    assert_eq!(due("2026-11-20T16:00:00Z", "P0D", Some("16:00")), "2026-11-20T16:00:00.000Z");
}

#[test]
fn working_time_passes_only_while_open() {
    assert_eq!(due("2026-11-20T15:00:00Z", "PT4H", None), "2026-11-23T11:00:00.000Z");
    assert_eq!(due("2026-11-20T09:00:00Z", "PT8H", None), "2026-11-20T17:00:00.000Z");
    assert_eq!(due("2026-11-20T05:00:00Z", "PT1H", None), "2026-11-20T10:00:00.000Z");
    assert_eq!(due("1969-12-31T16:30:00Z", "PT1H", None), "1970-01-01T09:30:00.000Z");
}

#[test]
fn holidays_exceptions_and_breaks_are_kept() {
    let calendar = christmas();
    let due = |from: &str, text: &str, by: Option<&str>| {
        duration("office", text, by).after(at(from), &calendar).unwrap().to_rfc3339()
    };
    // Wednesday 15:00, then Thursday until 13:00, then the hour of stock-taking on Saturday.
    assert_eq!(due("2026-12-23T15:00:00Z", "PT6H", None), "2026-12-24T13:00:00.000Z");
    assert_eq!(due("2026-12-23T15:00:00Z", "PT7H", None), "2026-12-26T11:00:00.000Z");
    assert_eq!(due("2026-12-23T15:00:00Z", "PT8H", None), "2026-12-28T10:00:00.000Z");
    // The same time of day, held within the hours of the day.
    assert_eq!(due("2026-12-23T16:00:00Z", "P1D", None), "2026-12-24T13:00:00.000Z");
    assert_eq!(due("2026-12-23T16:00:00Z", "P2D", None), "2026-12-26T11:00:00.000Z");
    assert_eq!(due("2026-12-23T09:30:00Z", "P2D", None), "2026-12-26T10:00:00.000Z");
    assert_eq!(due("2026-12-23T12:30:00Z", "PT1H", None), "2026-12-23T14:00:00.000Z");
    assert_eq!(due("2026-12-24T14:00:00Z", "P0D", Some("09:00")), "2026-12-28T09:00:00.000Z");
}

#[test]
fn business_time_is_counted_back_as_it_is_counted_on() {
    let calendar = christmas();
    let start = |until: &str, text: &str, by: Option<&str>| {
        duration("office", text, by).before(at(until), &calendar).unwrap().to_rfc3339()
    };
    assert_eq!(start("2026-12-28T10:00:00Z", "PT8H", None), "2026-12-23T15:00:00.000Z");
    assert_eq!(start("2026-12-27T10:00:00Z", "PT1H", None), "2026-12-26T10:00:00.000Z");
    assert_eq!(start("2026-12-28T10:00:00Z", "P3D", None), "2026-12-23T10:00:00.000Z");
    assert_eq!(start("2026-12-28T12:30:00Z", "P0D", None), "2026-12-28T12:00:00.000Z");
    assert_eq!(start("2026-12-28T10:00:00Z", "P1D", Some("16:00")), "2026-12-24T16:00:00.000Z");
}

#[test]
fn business_days_before_a_date_are_counted_on_dates() {
    let before = |date: &str, text: &str, by: Option<&str>, calendar: &Calendar| {
        let date: Date = date.parse().unwrap();
        duration("office", text, by).before_date(date, calendar).unwrap().to_rfc3339()
    };
    let standard = Calendar::standard();
    // 31 December 2026 is a Thursday, 3 January 2027 a Sunday.
    assert_eq!(before("2026-12-31", "P5D", None, standard), "2026-12-24T09:00:00.000Z");
    assert_eq!(before("2026-12-31", "P5D", Some("08:00"), standard), "2026-12-24T08:00:00.000Z");
    assert_eq!(before("2027-01-03", "P1D", None, standard), "2027-01-01T09:00:00.000Z");
    assert_eq!(before("2027-01-03", "P0D", None, standard), "2027-01-01T09:00:00.000Z");
    assert_eq!(before("2027-01-04", "P0D", None, standard), "2027-01-04T09:00:00.000Z");
    assert_eq!(before("2027-01-04", "P0DT4H", None, standard), "2027-01-01T13:00:00.000Z");
    assert_eq!(before("2026-12-31", "P5D", None, &christmas()), "2026-12-24T09:00:00.000Z");
    let days = Duration::Elapsed(read_elapsed("P90D").unwrap());
    let berlin = calendar("Europe/Berlin", "office");
    let moment = days.before_date("2026-05-31".parse().unwrap(), &berlin).unwrap();
    assert_eq!(moment, at("2026-03-02T00:00:00+01:00"));
}

#[test]
fn working_time_is_measured_as_it_is_counted() {
    let calendar = christmas();
    let hours = |from, to| calendar.working_time_between(at(from), at(to)) / 3_600_000;
    assert_eq!(hours("2026-12-23T15:00:00Z", "2026-12-28T10:00:00Z"), 8);
    assert_eq!(hours("2026-12-25T00:00:00Z", "2026-12-26T00:00:00Z"), 0);
    assert_eq!(hours("2026-12-28T10:00:00Z", "2026-12-23T15:00:00Z"), 0);
    // Mondays to Fridays of 2026 and 2027: 522 days, with the exceptions of Christmas 2026.
    assert_eq!(hours("2026-01-01T00:00:00Z", "2028-01-01T00:00:00Z"), 522 * 7 - 7 - 3 + 1);
}

#[test]
fn a_day_has_the_hours_its_clocks_give_it() {
    let hours = |zone, from, to| {
        calendar(zone, "always").working_time_between(at(from), at(to)) / 3_600_000
    };
    assert_eq!(hours("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), 23);
    assert_eq!(hours("Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), 25);
    assert_eq!(hours("UTC", "2026-01-01T00:00:00Z", "2126-01-01T00:00:00Z"), 36_524 * 24);
    assert_eq!(
        hours("America/New_York", "2026-01-01T05:00:00Z", "2036-01-01T05:00:00Z"),
        3_652 * 24
    );
    // Samoa left out 30 December 2011; Havana shows midnight twice, Cairo the hour before it.
    assert_eq!(hours("Pacific/Apia", "2011-12-29T10:00:00Z", "2012-01-01T10:00:00Z"), 72);
    assert_eq!(hours("America/Havana", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"), 25);
    assert_eq!(hours("Africa/Cairo", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z"), 25);
    assert_eq!(hours("America/St_Johns", "2010-11-06T02:30:00Z", "2010-11-09T03:30:00Z"), 73);
}

#[test]
fn a_change_of_clocks_at_midnight_moves_a_time_of_day_to_the_next_date() {
    // Nuuk leaps from Saturday 23:00 to Sunday 00:00.
    let nuuk = calendar("America/Nuuk", "always");
    let by = duration("always", "P0D", Some("23:30")).after(at("2026-03-28T12:00:00-02:00"), &nuuk);
    assert_eq!(by, Ok(at("2026-03-29T00:30:00-01:00")));
    let hours =
        nuuk.working_time_between(at("2026-03-28T00:00:00-02:00"), at("2026-03-29T00:00:00-01:00"));
    assert_eq!(hours, 23 * 3_600_000);
}

#[test]
fn a_date_that_was_left_out_is_no_business_day() {
    let samoa = calendar("Pacific/Apia", "always");
    let moment = duration("always", "P1D", None).after(at("2011-12-29T12:00:00-10:00"), &samoa);
    assert_eq!(moment, Ok(at("2011-12-31T12:00:00+14:00")));
}

#[test]
fn the_ends_of_time_are_answers() {
    let (standard, office) = (Calendar::standard(), |text| duration("office", text, None));
    for end in [i64::MIN, i64::MAX, i64::MIN / 2, 1 << 60, -(1 << 60)].map(Timestamp) {
        assert_eq!(office("P1D").after(end, standard), Err(NoMoment::OutOfRange));
        assert_eq!(office("P1D").before(end, standard), Err(NoMoment::OutOfRange));
        assert_eq!(duration("clock", "P1D", None).after(end, standard), Err(NoMoment::OutOfRange));
        assert!(duration("clock", "PT1H", None).after(end, standard).is_ok());
    }
    for (edge, day) in [("9998-12-31T12:00:00Z", 1), ("0001-01-01T00:00:00Z", -1)] {
        let at = at(edge);
        let far = Duration::Business(Business { days: 10_000, ..Business::default() });
        let moment = if day > 0 { far.after(at, standard) } else { far.before(at, standard) };
        assert_eq!(moment, Err(NoMoment::OutOfRange), "{edge}");
    }
    assert_eq!(office("P1D").before_date(Date::MIN, standard), Err(NoMoment::OutOfRange));
    assert_eq!(office("P1D").before_date(Date::MAX, standard), Err(NoMoment::OutOfRange));
    let hostile = Business { days: i64::MAX, milliseconds: i64::MAX, by: Some(0), calendar: None };
    let hostile = Duration::Business(hostile);
    assert!(hostile.after(Timestamp(0), standard).is_err());
    assert!(hostile.before(Timestamp(0), standard).is_err());
    assert!(
        standard.working_time_between(Timestamp(i64::MIN), Timestamp(i64::MAX))
            > 9_000 * 250 * 8 * 3_600_000
    );
}

#[test]
fn a_calendar_that_is_hardly_open_says_so_instead_of_searching_on() {
    let minute = vec![Hours { from: "12:00".into(), to: "12:01".into() }];
    let draft = CalendarDraft {
        hours: WeeklyHours { monday: minute, ..WeeklyHours::default() },
        ..named("rare")
    };
    let rare = checked(draft);
    let week = duration("office", "PT168H", None).after(Timestamp(0), &rare);
    assert_eq!(week, Err(NoMoment::NeverOpenLongEnough("rare".into())));
    let week = duration("office", "PT168H", None).before(at("2026-01-01T00:00:00Z"), &rare);
    assert_eq!(week, Err(NoMoment::NeverOpenLongEnough("rare".into())));
}

#[test]
fn the_longest_duration_ends_on_an_ordinary_calendar() {
    let ten_years = duration("office", "P3660D", None).after(Timestamp(0), Calendar::standard());
    assert_eq!(ten_years.unwrap(), at("1984-01-12T09:00:00Z"));
}

fn problems(draft: serde_json::Value) -> Vec<(String, String)> {
    let draft: CalendarDraft = serde_json::from_value(draft).unwrap();
    let Err(Problems(problems)) = Calendar::try_from(draft) else { return Vec::new() };
    problems.into_iter().map(|it| (it.pointer, it.message)).collect()
}

#[test]
fn every_problem_of_a_calendar_is_named_where_it_is() {
    let found = problems(json!({
        "name": " ", "time_zone": "Europe/Atlantis",
        "hours": {
            "monday": [{ "from": "09:00", "to": "12:00" }, { "from": "11:00", "to": "17:00" }],
            "tuesday": [{ "from": "17:00", "to": "09:00" }, { "from": "9:00", "to": "25:00" }],
        },
        "holidays": [{ "date": "2026-02-30" }, { "date": "20260101" }],
        "exceptions": [{ "date": "2026-01-02" }, { "date": "2026-01-02" }, { "date": "9999-12-31" }],
    }));
    let pointers: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/name",
            "/time_zone",
            "/hours/monday/1",
            "/hours/tuesday/0",
            "/hours/tuesday/1/from",
            "/hours/tuesday/1/to",
            "/holidays/0/date",
            "/holidays/1/date",
            "/exceptions/1/date",
            "/exceptions/2/date"
        ]
    );
    assert_eq!(found[2].1, "11:00 to 17:00 overlaps 09:00 to 12:00; join them or move one.");
}

#[test]
fn a_calendar_that_never_opens_is_refused() {
    let found = problems(json!({ "name": "never", "time_zone": "UTC", "hours": {} }));
    assert_eq!(found[0].0, "/hours");
    let found = problems(json!({
        "name": "seldom", "time_zone": "UTC", "hours": { "monday": [] },
        "exceptions": [{ "date": "2026-01-05", "hours": [{ "from": "09:00", "to": "10:00" }] }],
    }));
    assert_eq!(found[0].0, "/hours");
}

#[test]
fn a_calendar_has_limits() {
    let hours = |from: usize| json!({ "from": format!("00:{from:02}"), "to": format!("00:{:02}", from + 1) });
    let holidays: Vec<_> =
        (0..=limits::CALENDAR_DATES).map(|_| json!({ "date": "2026-01-01" })).collect();
    let found = problems(json!({
        "name": "n".repeat(201), "time_zone": "UTC",
        "hours": { "monday": (0..25).map(hours).collect::<Vec<_>>(), "friday": [hours(1)] },
        "holidays": holidays,
    }));
    let pointers: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/name", "/hours/monday", "/holidays"]);
    let touching = problems(json!({
        "name": "touching", "time_zone": "UTC", "hours": { "monday": (0..24).map(hours).collect::<Vec<_>>() },
    }));
    assert_eq!(touching, []);
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    for zone in ["", "Europe/Atlantis", "CET+1", "../etc/passwd", "Etc/Unknown", "Europe/Berlin\0"]
    {
        let found = problems(
            json!({ "name": "n", "time_zone": zone, "hours": { "monday": [{ "from": "09:00", "to": "10:00" }] } }),
        );
        assert_eq!(found.len(), 1, "{zone}");
        assert_eq!(found[0].0, "/time_zone", "{zone}");
    }
}

#[test]
fn a_calendar_reads_and_writes_one_json_form() {
    let draft = json!({
        "name": "uk", "time_zone": "Europe/London",
        "hours": { "monday": [{ "from": "09:00", "to": "12:30" }, { "from": "13:30", "to": "24:00" }] },
        "holidays": [{ "date": "2026-12-25", "name": "Christmas Day" }],
        "exceptions": [{ "date": "2026-12-24", "hours": [{ "from": "09:00", "to": "13:00" }] }],
    });
    let calendar: Calendar = serde_json::from_value(draft.clone()).unwrap();
    assert_eq!(serde_json::to_value(&calendar).unwrap(), draft);
    let wrong = json!({ "name": "uk", "time_zone": "Mars", "hours": {} });
    let error = serde_json::from_value::<Calendar>(wrong).unwrap_err().to_string();
    assert!(error.contains("/time_zone") && error.contains("/hours"), "{error}");
    let unknown = json!({ "name": "uk", "time_zone": "UTC", "hours": { "mondays": [] } });
    assert!(serde_json::from_value::<CalendarDraft>(unknown).is_err());
}

#[test]
fn a_duration_finds_its_calendar() {
    let calendars = Calendars::new(christmas(), [calendar("Asia/Kolkata", "office")]);
    let over = |name: Option<&str>| {
        let calendar = name.map(str::to_owned);
        Duration::Business(Business { days: 1, calendar, ..Business::default() })
    };
    assert_eq!(calendars.of(&over(Some("test")), None).unwrap().name(), "test");
    assert_eq!(calendars.of(&over(None), Some("test")).unwrap().name(), "test");
    assert_eq!(calendars.of(&over(None), None).unwrap().name(), "christmas");
    assert_eq!(calendars.of(&over(Some("christmas")), Some("test")).unwrap().name(), "christmas");
    let missing = calendars.of(&over(Some("mars")), None).unwrap_err();
    assert_eq!(missing, NoMoment::UnknownCalendar("mars".into()));
    assert_eq!(calendars.names().collect::<Vec<_>>(), ["christmas", "test"]);
    assert_eq!(Calendars::default().get(None).unwrap().as_ref(), Calendar::standard());
}
