//! The examples of RFC 5545, section 3.8.5.3, in New York at 09:00.

use super::Recurrence;
use crate::{
    Timestamp,
    time::wall::{self, DAY, HOUR, WallClock},
};

/// Start, rule, the dates it fires on; three dots when it goes on.
const EXAMPLES: &[(&str, &str, &str)] = &[
    (
        "19970902",
        "FREQ=DAILY;COUNT=10",
        "19970902 19970903 19970904 19970905 19970906 19970907 19970908 19970909 19970910 19970911",
    ),
    ("19970902", "FREQ=DAILY;INTERVAL=2", "19970902 19970904 19970906 19970908 ..."),
    ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "19970902 19970912 19970922 19971002 19971012"),
    (
        "19970902",
        "FREQ=WEEKLY;COUNT=10",
        "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "19970902 19970909 19970916 19970923 19970930 19971007 19971014 19971021 19971028 19971104 19971111 19971118 19971125 19971202 19971209 19971216 19971223",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "19970902 19970916 19970930 19971014 19971028 19971111 19971125 19971209 19971223 19980106 19980120 19980203 19980217 ...",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        "19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002",
    ),
    (
        "19970901",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "19970901 19970903 19970905 19970915 19970917 19970919 19970929 19971001 19971003 19971013 19971015 19971017 19971027 19971029 19971031 19971110 19971112 19971114 19971124 19971126 19971128 19971208 19971210 19971212 19971222",
    ),
    (
        "19970902",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "19970902 19970904 19970916 19970918 19970930 19971002 19971014 19971016",
    ),
    (
        "19970905",
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "19970905 19971003 19971107 19971205 19980102 19980206 19980306 19980403 19980501 19980605",
    ),
    (
        "19970905",
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "19970905 19971003 19971107 19971205",
    ),
    (
        "19970907",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "19970907 19970928 19971102 19971130 19980104 19980125 19980301 19980329 19980503 19980531",
    ),
    (
        "19970922",
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "19970922 19971020 19971117 19971222 19980119 19980216",
    ),
    (
        "19970928",
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "19970928 19971029 19971128 19971229 19980129 19980226 ...",
    ),
    (
        "19970902",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "19970902 19970915 19971002 19971015 19971102 19971115 19971202 19971215 19980102 19980115",
    ),
    (
        "19970930",
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "19970930 19971001 19971031 19971101 19971130 19971201 19971231 19980101 19980131 19980201",
    ),
    (
        "19970910",
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "19970910 19970911 19970912 19970913 19970914 19970915 19990310 19990311 19990312 19990313",
    ),
    (
        "19970902",
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "19970902 19970909 19970916 19970923 19970930 19971104 19971111 19971118 19971125 19980106 19980113 19980120 19980127 19980303 19980310 19980317 19980324 19980331 ...",
    ),
    (
        "19970610",
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "19970610 19970710 19980610 19980710 19990610 19990710 20000610 20000710 20010610 20010710",
    ),
    (
        "19970310",
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "19970310 19990110 19990210 19990310 20010110 20010210 20010310 20030110 20030210 20030310",
    ),
    (
        "19970101",
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "19970101 19970410 19970719 20000101 20000409 20000718 20030101 20030410 20030719 20060101",
    ),
    ("19970519", "FREQ=YEARLY;BYDAY=20MO", "19970519 19980518 19990517 ..."),
    ("19970512", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512 19980511 19990517 ..."),
    (
        "19970313",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "19970313 19970320 19970327 19980305 19980312 19980319 19980326 19990304 19990311 19990318 19990325 ...",
    ),
    (
        "19970605",
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "19970605 19970612 19970619 19970626 19970703 19970710 19970717 19970724 19970731 19970807 19970814 19970821 19970828 19980604 ...",
    ),
    // The start is no Friday; it does not count, as the example's EXDATE has it.
    (
        "19970902",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "19980213 19980313 19981113 19990813 20001013 ...",
    ),
    (
        "19970913",
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "19970913 19971011 19971108 19971213 19980110 19980207 19980307 19980411 19980509 19980613 ...",
    ),
    (
        "19961105",
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "19961105 20001107 20041102 ...",
    ),
    ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904 19971007 19971106"),
    (
        "19970929",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "19970929 19971030 19971127 19971230 19980129 19980226 19980330 ...",
    ),
    (
        "19970805",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "19970805 19970810 19970819 19970824",
    ),
    (
        "19970805",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "19970805 19970817 19970819 19970831",
    ),
    (
        "20070115",
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "20070115 20070130 20070215 20070315 20070330",
    ),
];

fn recurrence(start: &str, rule: &str) -> Recurrence {
    let text = format!("DTSTART;TZID=America/New_York:{start}T090000\nRRULE:{rule}");
    Recurrence::parse(&text, "America/New_York", None).unwrap_or_else(|why| panic!("{rule}: {why}"))
}

/// What the wall of New York shows, in milliseconds of local time.
fn times(start: &str, rule: &str, limit: usize) -> Vec<i64> {
    let recurrence = recurrence(start, rule);
    let (from, until) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
    let found = recurrence.occurrences_between(from, until, limit);
    let mut clock = WallClock::new(&recurrence.zone);
    found.into_iter().map(|at| clock.shows(at.0)).collect()
}

#[test]
fn the_examples_of_the_standard_fire_on_their_dates() {
    for (start, rule, dates) in EXAMPLES {
        let mut expected: Vec<String> = dates.split(' ').map(str::to_owned).collect();
        let goes_on = expected.pop_if(|last| last == "...").is_some();
        let limit = if goes_on { expected.len() } else { expected.len() + 1 };
        let times = times(start, rule, limit);
        let shown: Vec<_> = times
            .iter()
            .map(|at| wall::date_of(at.div_euclid(DAY)).to_string().replace('-', ""))
            .collect();
        assert_eq!(shown, expected, "{rule}");
        assert!(times.iter().all(|at| at.rem_euclid(DAY) == 9 * HOUR), "{rule}");
    }
}

#[test]
fn every_day_until_christmas_eve_is_113_days() {
    assert_eq!(times("19970902", "FREQ=DAILY;UNTIL=19971224T000000Z", 200).len(), 113);
}

#[test]
fn every_day_of_three_januaries_is_said_in_two_ways() {
    let days = "SU,MO,TU,WE,TH,FR,SA";
    let yearly = format!("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY={days}");
    let daily = "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1";
    let times_of = |rule| times("19980101", rule, 200);
    assert_eq!(times_of(&yearly).len(), 93);
    assert_eq!(times_of(&yearly), times_of(daily));
}

#[test]
fn hours_and_minutes_fire_within_the_day() {
    let minutes = |rule, limit| -> Vec<String> {
        let times = times("19970902", rule, limit);
        times
            .iter()
            .map(|at| at.rem_euclid(DAY) / 60_000)
            .map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60))
            .collect()
    };
    let hourly = minutes("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z", 9);
    assert_eq!(hourly, ["09:00", "12:00", "15:00"]);
    assert_eq!(
        minutes("FREQ=MINUTELY;INTERVAL=15;COUNT=6", 9),
        ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"]
    );
    assert_eq!(
        minutes("FREQ=MINUTELY;INTERVAL=90;COUNT=4", 9),
        ["09:00", "10:30", "12:00", "13:30"]
    );
    let daily = "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40";
    let minutely = "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16";
    assert_eq!(minutes(daily, 25)[22..], ["16:20", "16:40", "09:00"]);
    assert_eq!(times("19970902", daily, 100), times("19970902", minutely, 100));
}
