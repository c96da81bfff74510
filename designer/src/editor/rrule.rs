//! Schedules people ask for, and the recurrence rules (RFC 5545, section 3.3.10) that say them.

use crate::messages::{Text, t, text};

/// A time that comes again: how often, and when on such a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub rhythm: Rhythm,
    /// Hour and minute of the day.
    pub at: (u8, u8),
}

/// The days on which it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rhythm {
    Daily,
    /// On these days of the week, each by its place in [`DAYS`], in their order.
    Weekly(Vec<usize>),
    /// On this day of the month; -1 is the last.
    Monthly(i8),
}

/// The days of the week as a rule writes them, and as people do.
pub const DAYS: [(&str, Text); 7] = [
    ("MO", text!("Mon")),
    ("TU", text!("Tue")),
    ("WE", text!("Wed")),
    ("TH", text!("Thu")),
    ("FR", text!("Fri")),
    ("SA", text!("Sat")),
    ("SU", text!("Sun")),
];

impl Plan {
    /// Reads a rule; `None` when it says more than a plan can.
    pub fn read(rule: &str) -> Option<Self> {
        let (mut frequency, mut days, mut month_day) = (None, None::<Vec<usize>>, None);
        let (mut hour, mut minute) = (None, None);
        let rule = rule.trim();
        for part in rule.strip_prefix("RRULE:").unwrap_or(rule).split(';') {
            match part.split_once('=')? {
                ("FREQ", word) => frequency = Some(word),
                ("BYDAY", list) => days = Some(list.split(',').map(day).collect::<Option<_>>()?),
                ("BYMONTHDAY", number) => month_day = Some(number.parse::<i8>().ok()?),
                ("BYHOUR", number) => hour = Some(below(number, 24)?),
                ("BYMINUTE", number) => minute = Some(below(number, 60)?),
                ("INTERVAL", "1") | ("BYSECOND", "0") => {}
                _ => return None,
            }
        }
        let rhythm = match (frequency?, days, month_day) {
            ("DAILY", None, None) => Rhythm::Daily,
            ("WEEKLY", Some(mut days), None) => {
                days.sort_unstable();
                days.dedup();
                Rhythm::Weekly(days)
            }
            ("MONTHLY", None, Some(day)) if day == -1 || (1..=31).contains(&day) => {
                Rhythm::Monthly(day)
            }
            _ => return None,
        };
        Some(Self { rhythm, at: (hour?, minute.unwrap_or(0)) })
    }

    /// The rule that says it.
    pub fn write(&self) -> String {
        let days = match &self.rhythm {
            Rhythm::Daily => "FREQ=DAILY".to_owned(),
            Rhythm::Weekly(days) => format!("FREQ=WEEKLY;BYDAY={}", listed(days, |day| day.0, ",")),
            Rhythm::Monthly(day) => format!("FREQ=MONTHLY;BYMONTHDAY={day}"),
        };
        format!("{days};BYHOUR={};BYMINUTE={}", self.at.0, self.at.1)
    }

    /// The time of day, as `09:30`.
    pub fn time(&self) -> String {
        format!("{:02}:{:02}", self.at.0, self.at.1)
    }

    /// As a person says it.
    pub fn say(&self) -> String {
        let days = match &self.rhythm {
            Rhythm::Daily => t!("Every day").to_owned(),
            Rhythm::Weekly(days) if *days == [0, 1, 2, 3, 4] => t!("Monday to Friday").to_owned(),
            Rhythm::Weekly(days) => {
                t!("Every {days}", days = listed(days, |day| day.1.said(), ", "))
            }
            Rhythm::Monthly(-1) => t!("On the last day of each month").to_owned(),
            Rhythm::Monthly(day) => t!("On day {day} of each month", day),
        };
        t!("{days} at {time}", days, time = self.time())
    }
}

/// Reads a time of day such as `09:30`.
pub fn read_time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    Some((below(hour, 24)?, below(minute, 60)?))
}

fn below(number: &str, limit: u8) -> Option<u8> {
    number.parse().ok().filter(|number| *number < limit)
}

fn day(word: &str) -> Option<usize> {
    DAYS.iter().position(|(short, _)| *short == word)
}

fn listed(
    days: &[usize],
    name: fn(&(&'static str, Text)) -> &'static str,
    between: &str,
) -> String {
    let names: Vec<&str> = days.iter().filter_map(|day| DAYS.get(*day)).map(name).collect();
    names.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_survives_its_rule_and_is_said_in_words() {
        for (rhythm, rule, words) in [
            (Rhythm::Daily, "FREQ=DAILY;BYHOUR=9;BYMINUTE=5", "Every day at 09:05"),
            (
                Rhythm::Weekly(vec![0, 1, 2, 3, 4]),
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR=9;BYMINUTE=5",
                "Monday to Friday at 09:05",
            ),
            (
                Rhythm::Weekly(vec![1, 6]),
                "FREQ=WEEKLY;BYDAY=TU,SU;BYHOUR=9;BYMINUTE=5",
                "Every Tue, Sun at 09:05",
            ),
            (
                Rhythm::Monthly(-1),
                "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=5",
                "On the last day of each month at 09:05",
            ),
            (
                Rhythm::Monthly(15),
                "FREQ=MONTHLY;BYMONTHDAY=15;BYHOUR=9;BYMINUTE=5",
                "On day 15 of each month at 09:05",
            ),
        ] {
            let plan = Plan { rhythm, at: (9, 5) };
            assert_eq!(plan.write(), rule);
            assert_eq!(plan.say(), words);
            assert_eq!(Plan::read(rule), Some(plan));
        }
    }

    #[test]
    fn a_rule_that_says_more_than_a_plan_is_left_as_it_is_written() {
        for rule in [
            "",
            "FREQ=DAILY",
            "FREQ=YEARLY;BYHOUR=9",
            "FREQ=DAILY;INTERVAL=2;BYHOUR=9",
            "FREQ=MONTHLY;BYDAY=2TU;BYHOUR=9",
            "FREQ=MONTHLY;BYMONTHDAY=32;BYHOUR=9",
            "FREQ=DAILY;BYHOUR=24",
            "FREQ=DAILY;COUNT=3;BYHOUR=9",
            "every day",
        ] {
            assert_eq!(Plan::read(rule), None, "{rule}");
        }
        assert!(Plan::read("RRULE:FREQ=WEEKLY;BYDAY=FR,MO,FR;INTERVAL=1;BYHOUR=7").is_some());
    }
}
