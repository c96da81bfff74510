use super::{
    Breach, Clock, Fact, Kind, Measure, OutOfOrder, Party, Promise, Reason, Refusal, Spent, State,
    What, whose_turn,
};
use crate::{
    Timestamp,
    calendar::{
        Business, Calendar, Duration, NoMoment, read_business, read_elapsed, read_time_of_day,
    },
    effect::SlaState,
    limits,
};
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

/// Business time over Monday to Friday, 09:00 to 17:00 UTC.
fn working(text: &str, by: Option<&str>) -> Duration {
    let (days, milliseconds) = read_business(text).unwrap();
    let by = by.map(|by| read_time_of_day(by).unwrap());
    Duration::Business(Business { days, milliseconds, by, calendar: None })
}

/// A day of the week of Monday, 2 November 2026, and a time: `mon 09:00`.
fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "next"];
    let day = 2 + days.iter().position(|it| *it == day).unwrap();
    Timestamp::from_rfc3339(&format!("2026-11-{day:02}T{time}:00Z")).unwrap()
}

/// A clock, the facts it came from, and what decides about it.
struct Play {
    clock: Clock,
    facts: Vec<Fact>,
}

impl Play {
    fn start(due: &Duration, now: &str) -> Self {
        Self::of(Kind::Sla, due, now)
    }

    fn of(kind: Kind, due: &Duration, now: &str) -> Self {
        let promise = Promise { kind, due, warn_at: 0.75 };
        let fact = promise.start(at(now), Calendar::standard()).unwrap();
        Self { clock: Clock::begin(&fact).unwrap(), facts: vec![fact] }
    }

    fn take(&mut self, facts: Vec<Fact>) -> &mut Self {
        for fact in facts {
            self.clock.apply(&fact).unwrap();
            self.facts.push(fact);
        }
        self
    }

    fn pause(&mut self, reason: Reason, now: &str) -> &mut Self {
        let facts = self.clock.pause(reason, at(now), Calendar::standard()).unwrap();
        self.take(facts)
    }

    fn resume(&mut self, now: &str) -> &mut Self {
        let facts = self.clock.resume(at(now), Calendar::standard()).unwrap();
        self.take(facts)
    }

    fn stop(&mut self, now: &str) -> &mut Self {
        let facts = self.clock.stop(at(now)).unwrap();
        self.take(facts)
    }

    fn observe(&mut self, now: &str) -> &mut Self {
        let facts = self.clock.observe(at(now));
        self.take(facts)
    }

    /// Checks when it is due and warns, and that its records make it again.
    fn expect(&self, warning: &str, due: &str) -> &Self {
        let times = self.clock.next_times();
        assert_eq!(times.due, Some(at(due)), "due");
        assert_eq!(times.warning, Some(at(warning)), "warning");
        self.rebuild();
        self
    }

    fn rebuild(&self) {
        let facts: Vec<Fact> =
            serde_json::from_str(&serde_json::to_string(&self.facts).unwrap()).unwrap();
        let mut clock = Clock::begin(&facts[0]).unwrap();
        for fact in &facts[1..] {
            clock.apply(fact).unwrap();
        }
        assert_eq!(clock, self.clock);
        let kept: Clock = serde_json::from_value(serde_json::to_value(&clock).unwrap()).unwrap();
        assert_eq!(kept, clock);
    }
}

#[test]
fn a_warning_comes_after_its_part_of_the_working_time() {
    // Friday noon: 5 of 16 hours on Friday, 8 on Monday, 3 on Tuesday; 12 of them have passed at Monday 16:00.
    let play = Play::start(&working("PT16H", None), "fri 12:00");
    let times = play.clock.next_times();
    assert_eq!(times.warning, Timestamp::from_rfc3339("2026-11-09T16:00:00Z"));
    assert_eq!(times.due, Timestamp::from_rfc3339("2026-11-10T12:00:00Z"));
    let day = Duration::Elapsed(read_elapsed("P1D").unwrap());
    Play::start(&day, "fri 12:00").expect("sat 06:00", "sat 12:00");
}

#[test]
fn what_is_left_goes_on_after_a_pause() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    play.expect("mon 15:00", "mon 17:00");
    play.pause(Reason::WaitingOnCustomer, "mon 11:00");
    let State::Paused { reason, since, remaining_ms } = play.clock.state() else { panic!() };
    assert_eq!((reason, since), (&Reason::WaitingOnCustomer, at("mon 11:00")));
    assert_eq!(remaining_ms, 6 * HOUR);
    assert_eq!(play.clock.remaining_ms(at("fri 09:00"), Calendar::standard()), 6 * HOUR);
    assert_eq!(play.clock.next_times().due, None);
    play.resume("wed 10:00").expect("wed 14:00", "wed 16:00");
    assert_eq!(play.clock.state(), State::Running);
}

#[test]
fn a_pause_over_a_night_moves_nothing() {
    let mut play = Play::start(&working("PT12H", None), "mon 13:00");
    play.expect("tue 14:00", "tue 17:00");
    play.pause(Reason::WaitingOnVendor, "mon 17:30").resume("tue 08:00");
    play.expect("tue 14:00", "tue 17:00");
}

#[test]
fn a_promise_by_a_time_of_day_moves_by_the_working_time_of_the_pause() {
    let mut play = Play::start(&working("P1D", Some("16:00")), "mon 10:00");
    play.expect("tue 12:30", "tue 16:00");
    play.pause(Reason::WaitingOnCustomer, "tue 10:00").resume("tue 12:00");
    play.expect("tue 14:30", "wed 10:00");
}

#[test]
fn a_due_time_outside_working_hours_keeps_what_was_left_on_the_clock() {
    let mut play = Play::start(&working("P0D", Some("18:00")), "mon 09:00");
    play.observe("mon 17:10").pause(Reason::Other("meeting".into()), "mon 17:30");
    play.resume("tue 10:00");
    assert_eq!(play.clock.next_times().due, Some(at("tue 10:30")));
    play.rebuild();
    let mut play = Play::start(&working("P0D", Some("18:00")), "mon 09:00");
    play.pause(Reason::WaitingOnCustomer, "mon 16:00").resume("mon 17:00");
    assert_eq!(play.clock.next_times().due, Some(at("tue 10:00")));
}

#[test]
fn elapsed_time_is_paused_by_the_clock() {
    let day = Duration::Elapsed(read_elapsed("PT24H").unwrap());
    let mut play = Play::start(&day, "fri 12:00");
    play.pause(Reason::WaitingOnCustomer, "fri 20:00").resume("sun 20:00");
    play.expect("next 06:00", "next 12:00");
}

#[test]
fn a_promise_kept_in_time_is_met() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    play.observe("mon 14:59").stop("mon 14:59");
    assert_eq!(play.facts.len(), 2);
    assert_eq!(play.clock.state(), State::Met { at: at("mon 14:59") });
    assert_eq!(play.clock.standing(), SlaState::Met);
    assert_eq!(play.clock.next_times().due, None);
    assert_eq!(play.clock.remaining_ms(at("mon 15:00"), Calendar::standard()), 0);
    play.rebuild();
}

#[test]
fn a_breach_is_at_the_due_time_and_noticed_later() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    play.observe("wed 08:00");
    let breach = Breach { at: at("mon 17:00"), noticed: at("wed 08:00") };
    assert_eq!(play.clock.state(), State::Breached(breach));
    let whats: Vec<_> = play.facts[1..].iter().map(|fact| fact.what.clone()).collect();
    let (warning, due) = (at("mon 15:00"), at("mon 17:00"));
    assert_eq!(whats, [What::Warned { warning }, What::Breached { due }]);
    // It is noticed once.
    play.observe("thu 08:00").stop("thu 09:00");
    assert_eq!(play.facts.len(), 4);
    assert_eq!(play.clock.state(), State::Breached(breach));
    play.rebuild();
}

#[test]
fn whatever_is_decided_late_first_says_what_was_missed() {
    for decide in [
        |clock: &Clock| clock.stop(at("tue 10:00")).unwrap(),
        |clock: &Clock| clock.cancel("gone", at("tue 10:00")).unwrap(),
        |clock: &Clock| {
            clock.pause(Reason::WaitingOnCustomer, at("tue 10:00"), Calendar::standard()).unwrap()
        },
    ] {
        let mut play = Play::start(&working("PT8H", None), "mon 09:00");
        let facts = decide(&play.clock);
        play.take(facts);
        let breach = Breach { at: at("mon 17:00"), noticed: at("tue 10:00") };
        assert_eq!(play.clock.breach(), Some(breach));
        assert_eq!(play.facts.len(), 4);
        play.rebuild();
    }
}

#[test]
fn the_due_time_itself_is_too_late() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    assert_eq!(play.clock.observe(at("mon 14:59")), []);
    assert_eq!(play.clock.observe(at("mon 16:59")).len(), 1);
    play.stop("mon 17:00");
    assert!(play.clock.breach().is_some());
}

#[test]
fn a_timer_of_a_time_that_moved_finds_nothing() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    play.pause(Reason::WaitingOnCustomer, "mon 12:00");
    assert_eq!(play.clock.observe(at("mon 17:00")), []);
    play.resume("mon 16:00");
    assert_eq!(play.clock.observe(at("mon 17:00")), []);
    play.expect("tue 11:00", "tue 13:00");
}

#[test]
fn a_broken_promise_stays_broken_through_a_pause() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    play.observe("mon 17:00").pause(Reason::WaitingOnVendor, "tue 09:00");
    assert_eq!(play.clock.standing(), SlaState::Breached);
    play.resume("wed 09:00").observe("fri 09:00");
    assert_eq!(play.clock.due(), at("mon 17:00"));
    assert_eq!(play.facts.iter().filter(|it| matches!(it.what, What::Breached { .. })).count(), 1);
}

#[test]
fn a_reset_begins_anew() {
    let due = working("PT8H", None);
    let mut play = Play::start(&due, "mon 09:00");
    play.pause(Reason::WaitingOnCustomer, "mon 17:30");
    let day = Duration::Elapsed(read_elapsed("P1D").unwrap());
    let promise = Promise { kind: Kind::Sla, due: &day, warn_at: 0.5 };
    let facts = play.clock.reset(&promise, at("tue 10:00"), Calendar::standard()).unwrap();
    play.take(facts).expect("tue 22:00", "wed 10:00");
    assert_eq!((play.clock.started(), play.clock.breach()), (at("tue 10:00"), None));
    play.pause(Reason::WaitingOnCustomer, "tue 20:00").resume("wed 20:00");
    play.expect("wed 22:00", "tue 10:00".replace("tue", "thu").as_str());
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let standard = Calendar::standard();
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    let now = at("mon 10:00");
    assert_eq!(play.clock.resume(now, standard), Err(Refusal::NotPaused));
    let long = "x".repeat(limits::SLA_REASON_BYTES + 1);
    let refused = play.clock.pause(Reason::Other(long.clone()), now, standard);
    assert_eq!(refused, Err(Refusal::LongReason));
    assert_eq!(play.clock.cancel(&long, now), Err(Refusal::LongReason));
    play.pause(Reason::WaitingOnCustomer, "mon 10:00");
    let refused = play.clock.pause(Reason::WaitingOnCustomer, now, standard);
    assert_eq!(refused, Err(Refusal::AlreadyPaused));
    let never = Duration::Business(Business { days: i64::MAX, ..Business::default() });
    let promise = Promise { kind: Kind::Sla, due: &never, warn_at: 0.8 };
    let refused = play.clock.reset(&promise, now, standard);
    assert!(matches!(refused, Err(Refusal::NoMoment(NoMoment::NeverOpenLongEnough(_)))));
    let facts = play.clock.cancel("duplicate", at("mon 11:00")).unwrap();
    play.take(facts);
    let State::Cancelled { reason, .. } = play.clock.state() else { panic!() };
    assert_eq!(reason, "duplicate");
    assert_eq!(play.clock.stop(now), Err(Refusal::Over));
    assert_eq!(play.clock.resume(now, standard), Err(Refusal::Over));
    assert_eq!(play.clock.observe(at("fri 09:00")), []);
    play.rebuild();
}

#[test]
fn facts_out_of_order_are_refused() {
    let play = Play::start(&working("PT8H", None), "mon 09:00");
    let times = play.clock.times;
    let fact = |now, what| Fact { at: at(now), what };
    let started = play.facts[0].clone();
    let mut clock = play.clock.clone();
    for wrong in [
        started,
        fact("tue 09:00", What::Resumed { times }),
        Fact { at: Timestamp(0), what: What::Stopped },
    ] {
        assert_eq!(clock.apply(&wrong), Err(OutOfOrder), "{wrong:?}");
    }
    assert_eq!(clock, play.clock);
    clock.apply(&fact("tue 09:00", What::Breached { due: times.due })).unwrap();
    assert!(clock.apply(&fact("tue 09:00", What::Breached { due: times.due })).is_err());
    clock.apply(&fact("tue 09:00", What::Stopped)).unwrap();
    assert!(clock.apply(&fact("tue 10:00", What::Stopped)).is_err());
    assert_eq!(Clock::begin(&fact("mon 09:00", What::Stopped)), Err(OutOfOrder));
}

#[test]
fn a_clock_that_runs_back_is_taken_at_the_last_change() {
    let mut play = Play::start(&working("PT8H", None), "mon 10:00");
    play.pause(Reason::WaitingOnCustomer, "mon 09:00");
    let State::Paused { since, remaining_ms, .. } = play.clock.state() else { panic!() };
    assert_eq!((since, remaining_ms), (at("mon 10:00"), 8 * HOUR));
    play.resume("mon 09:30").stop("mon 09:00");
    assert_eq!(play.clock.state(), State::Met { at: at("mon 10:00") });
}

#[test]
fn whose_turn_it_was_adds_up() {
    let mut play = Play::start(&working("PT16H", None), "mon 09:00");
    play.pause(Reason::WaitingOnCustomer, "mon 12:00").resume("tue 10:00");
    play.pause(Reason::WaitingOnVendor, "tue 11:00").resume("tue 13:00");
    play.pause(Reason::Other("training".into()), "tue 14:00").resume("tue 15:00");
    play.stop("tue 16:00");
    let shares = whose_turn(play.clock.turns(), at("fri 09:00"), Calendar::standard());
    let spent = |elapsed: i64, working: i64| Spent {
        elapsed_ms: elapsed * HOUR,
        working_ms: working * HOUR,
    };
    assert_eq!(shares.customer, spent(22, 6));
    assert_eq!(shares.vendor, spent(2, 2));
    assert_eq!(shares.team, spent(7, 7));
    let parties: Vec<_> = play.clock.turns().iter().map(|turn| turn.party).collect();
    let [customer, team, vendor] = [Party::Customer, Party::Team, Party::Vendor];
    assert_eq!(parties, [team, customer, team, vendor, team, team, team]);
}

#[test]
fn a_turn_that_lasts_counts_until_now() {
    let play = Play::of(Kind::Vendor, &working("PT8H", None), "mon 09:00");
    let shares = whose_turn(play.clock.turns(), at("mon 12:00"), Calendar::standard());
    assert_eq!(shares.vendor.working_ms, 3 * HOUR);
    assert_eq!((shares.team.elapsed_ms, shares.customer.elapsed_ms), (0, 0));
    let play = Play::of(Kind::Ola, &working("PT8H", None), "mon 09:00");
    let shares = whose_turn(play.clock.turns(), at("mon 12:00"), Calendar::standard());
    assert_eq!(shares.team.working_ms, 3 * HOUR);
}

#[test]
fn a_clock_cannot_be_paused_without_end() {
    let mut play = Play::start(&working("PT8H", None), "mon 09:00");
    for _ in 0..limits::SLA_TURNS / 2 {
        play.pause(Reason::WaitingOnCustomer, "mon 10:00").resume("mon 10:00");
    }
    let refused = play.clock.pause(Reason::WaitingOnVendor, at("mon 11:00"), Calendar::standard());
    assert_eq!(refused, Err(Refusal::TooManyPauses));
    assert!(play.clock.stop(at("mon 11:00")).is_ok());
}

#[test]
fn a_warning_part_that_is_none_is_held_within_the_promise() {
    for (part, warning) in
        [(f64::NAN, "mon 17:00"), (7.0, "mon 17:00"), (-1.0, "mon 09:00"), (0.0, "mon 09:00")]
    {
        let due = working("PT8H", None);
        let promise = Promise { kind: Kind::Sla, due: &due, warn_at: part };
        let fact = promise.start(at("mon 09:00"), Calendar::standard()).unwrap();
        let times = Clock::begin(&fact).unwrap().next_times();
        assert_eq!(times.warning, Some(at(warning)), "{part}");
    }
}

/// What may be asked of a clock, so many minutes after the last time.
fn asked() -> impl Strategy<Value = Vec<(u8, i64)>> {
    prop::collection::vec((0_u8..8, 0_i64..2_000), 0..30)
}

fn ask(clock: &Clock, what: u8, now: Timestamp) -> Vec<Fact> {
    let standard = Calendar::standard();
    let facts = match what {
        0 => clock.pause(Reason::WaitingOnCustomer, now, standard),
        1 => clock.pause(Reason::WaitingOnVendor, now, standard),
        2 | 3 => clock.resume(now, standard),
        4 => Ok(clock.observe(now)),
        5 if now.0 % 5 == 0 => clock.stop(now),
        6 if now.0 % 7 == 0 => clock.cancel("gone", now),
        _ => clock.pause(Reason::Other("lunch".into()), now, standard),
    };
    facts.unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_clock_never_gives_more_or_less_time_than_was_promised(minutes in 1_i64..6_000, asked in asked(), by_the_clock in any::<bool>()) {
        let promised = minutes * 60_000;
        let due = if by_the_clock {
            Duration::Elapsed(read_elapsed(&format!("PT{minutes}M")).unwrap())
        } else {
            working(&format!("PT{minutes}M"), None)
        };
        let mut play = Play::start(&due, "mon 09:00");
        let measure = play.clock.measure;
        let mut now = at("mon 09:00");
        for (what, later) in asked {
            now = now.plus(later * 60_000);
            let facts = ask(&play.clock, what, now);
            play.take(facts);
            let ran: i64 = play
                .clock
                .turns()
                .iter()
                .filter(|turn| turn.paused.is_none())
                .map(|turn| super::decide::passed(measure, turn.from, turn.to.unwrap_or(now), Calendar::standard()))
                .sum();
            let left = play.clock.remaining_ms(now, Calendar::standard());
            if play.clock.is_over() {
                break;
            } else if play.clock.breach().is_some() {
                prop_assert!(ran >= promised && left == 0);
            } else if play.clock.observe(now).is_empty() || left > 0 {
                prop_assert_eq!(ran + left, promised);
            }
            if measure == Measure::Elapsed {
                let shares = whose_turn(play.clock.turns(), now, Calendar::standard());
                let all = shares.customer.elapsed_ms + shares.team.elapsed_ms + shares.vendor.elapsed_ms;
                prop_assert_eq!(all, now.0 - at("mon 09:00").0);
            }
        }
        play.rebuild();
    }
}
