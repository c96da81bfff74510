//! What holds for every calendar, duration and moment.

use super::{
    Business, Calendar, CalendarDraft, DatedHours, Duration, Elapsed, Holiday, Hours, WeeklyHours,
};
use crate::{
    Timestamp,
    time::wall::{self, DAY, MINUTE, WallClock},
};
use proptest::prelude::*;

const ZONES: [&str; 9] = [
    "America/Nuuk",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Havana",
    "Africa/Casablanca",
];

/// 1 January 2026 to the end of 2027.
const FROM: i64 = 1_767_225_600_000;
const UNTIL: i64 = FROM + 730 * DAY;

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The hours of a day: up to three openings that do not overlap.
fn hours() -> impl Strategy<Value = Vec<Hours>> {
    prop::collection::btree_set(0_i64..=96, 0..7).prop_map(|quarters| {
        let quarters: Vec<_> = quarters.into_iter().map(|it| it * 15).collect();
        quarters.chunks_exact(2).map(|it| Hours { from: clock(it[0]), to: clock(it[1]) }).collect()
    })
}

fn date() -> impl Strategy<Value = String> {
    (20_454_i64..21_184).prop_map(|day| wall::date_of(day).to_string())
}

fn calendars() -> impl Strategy<Value = Calendar> {
    let week = prop::collection::vec(hours(), 7);
    let holidays = prop::collection::vec(date(), 0..20);
    let exceptions = prop::collection::btree_map(date(), hours(), 0..10);
    (prop::sample::select(&ZONES[..]), week, holidays, exceptions).prop_filter_map(
        "never opens",
        |(zone, week, holidays, exceptions)| {
            let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
                week.try_into().ok()?;
            let hours =
                WeeklyHours { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
            let holidays =
                holidays.into_iter().map(|date| Holiday { date, name: String::new() }).collect();
            let exceptions = exceptions
                .into_iter()
                .map(|(date, hours)| DatedHours { date, name: String::new(), hours })
                .collect();
            let (name, time_zone) = ("any".to_owned(), zone.to_owned());
            Calendar::try_from(CalendarDraft { name, time_zone, hours, holidays, exceptions }).ok()
        },
    )
}

fn business() -> impl Strategy<Value = Business> {
    let by = prop::option::of((0_i64..96).prop_map(|quarter| quarter * 15 * MINUTE));
    (0_i64..30, 0_i64..10_000, by).prop_map(|(days, minutes, by)| Business {
        days,
        milliseconds: minutes * MINUTE,
        by,
        calendar: None,
    })
}

fn moment() -> impl Strategy<Value = i64> {
    (FROM..UNTIL).prop_map(|at| at - at % MINUTE)
}

fn working(milliseconds: i64) -> Duration {
    Duration::Business(Business { milliseconds, ..Business::default() })
}

/// Whether the wall shows a time within the hours, looked up afresh.
fn is_open(calendar: &Calendar, at: i64) -> bool {
    let local = WallClock::new(&calendar.zone).shows(at);
    let (day, time) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let openings = calendar.special.get(&day).unwrap_or(&calendar.week[wall::weekday_of(day)]);
    openings.iter().any(|it| (it.opens..it.closes).contains(&time))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_due_time_is_never_in_the_past(calendar in calendars(), business in business(), from in moment()) {
        let due = Duration::Business(business).after(Timestamp(from), &calendar).unwrap();
        prop_assert!(due.0 >= from);
    }

    #[test]
    fn who_asks_later_is_due_no_earlier(calendar in calendars(), business in business(), from in moment(), later in 0_i64..20_000) {
        let duration = Duration::Business(business);
        let first = duration.after(Timestamp(from), &calendar).unwrap();
        let second = duration.after(Timestamp(from + later * MINUTE), &calendar).unwrap();
        prop_assert!(first <= second);
    }

    #[test]
    fn more_working_time_is_due_no_earlier(calendar in calendars(), from in moment(), some in 0_i64..10_000, more in 0_i64..10_000) {
        let due = |minutes| working(minutes * MINUTE).after(Timestamp(from), &calendar).unwrap();
        prop_assert!(due(some) <= due(some + more));
    }

    #[test]
    fn working_time_to_the_due_time_is_what_was_promised(calendar in calendars(), from in moment(), minutes in 0_i64..20_000) {
        let promised = minutes * MINUTE;
        let due = working(promised).after(Timestamp(from), &calendar).unwrap();
        prop_assert_eq!(calendar.working_time_between(Timestamp(from), due), promised);
    }

    #[test]
    fn working_time_adds_up(calendar in calendars(), a in moment(), b in moment(), c in moment()) {
        let mut at = [a, b, c].map(Timestamp);
        at.sort_unstable();
        let [a, b, c] = at;
        let between = |from, to| calendar.working_time_between(from, to);
        prop_assert_eq!(between(a, c), between(a, b) + between(b, c));
    }

    #[test]
    fn working_time_counted_back_comes_to_where_it_began(calendar in calendars(), from in moment(), minutes in 1_i64..20_000) {
        let duration = working(minutes * MINUTE);
        let due = duration.after(Timestamp(from), &calendar).unwrap();
        let back = duration.before(due, &calendar).unwrap();
        prop_assert!(back.0 >= from, "{} < {}", back.to_rfc3339(), Timestamp(from).to_rfc3339());
        prop_assert_eq!(calendar.working_time_between(Timestamp(from), back), 0);
    }

    #[test]
    fn a_start_is_never_after_what_it_precedes(calendar in calendars(), business in business(), until in moment()) {
        let start = Duration::Business(business).before(Timestamp(until), &calendar).unwrap();
        prop_assert!(start.0 <= until);
    }

    #[test]
    fn business_days_back_and_on_do_not_pass_the_moment(calendar in calendars(), days in 0_i64..30, until in moment()) {
        let duration = Duration::Business(Business { days, ..Business::default() });
        let start = duration.before(Timestamp(until), &calendar).unwrap();
        let again = duration.after(start, &calendar).unwrap();
        // Shorter days on the way hold the time of day; the day stays the same unless nothing was open until then.
        prop_assert!(calendar.working_time_between(again, Timestamp(until)) <= DAY + 90 * MINUTE);
    }

    #[test]
    fn elapsed_days_keep_the_time_on_the_wall(zone in prop::sample::select(&ZONES[..]), from in moment(), days in 0_i64..800) {
        let calendar = super::tests::calendar(zone, "always");
        let elapsed = Duration::Elapsed(Elapsed { days, milliseconds: 0 });
        let due = elapsed.after(Timestamp(from), &calendar).unwrap();
        let mut clock = WallClock::new(&calendar.zone);
        let (then, now) = (clock.shows(from) + days * DAY, clock.shows(due.0));
        // Equal, or behind a leap of an hour at most.
        prop_assert!((0..=60 * MINUTE).contains(&(now - then)));
    }

    #[test]
    fn a_minute_counts_exactly_when_the_wall_shows_open_hours(calendar in calendars(), from in moment()) {
        // The hour shown twice and the one left out are told by the table of changes.
        let mut clock = WallClock::new(&calendar.zone);
        let local = clock.shows(from);
        prop_assume!(clock.reaches(local) == from && clock.reaches(local + MINUTE) == from + MINUTE);
        let counted = calendar.working_time_between(Timestamp(from), Timestamp(from + MINUTE));
        prop_assert_eq!(counted, if is_open(&calendar, from) { MINUTE } else { 0 });
    }

    #[test]
    fn a_wall_clock_that_remembers_shows_what_a_fresh_one_shows(zone in prop::sample::select(&ZONES[..]), times in prop::collection::vec(moment(), 1..40)) {
        let zone = wall::zone(zone).unwrap();
        let mut clock = WallClock::new(&zone);
        for at in times {
            let local = clock.shows(at);
            prop_assert_eq!(local, WallClock::new(&zone).shows(at));
            prop_assert_eq!(clock.means(local), WallClock::new(&zone).means(local));
            prop_assert_eq!(clock.reaches(local), WallClock::new(&zone).reaches(local));
        }
    }
}
