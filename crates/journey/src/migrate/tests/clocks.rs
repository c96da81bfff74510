//! What a move makes of the clock of a promise that people have paused, resumed or ended.

use super::*;
use crate::{
    calendar::{Calendar, CalendarDraft, WeeklyHours},
    event::SlaChange,
    sla,
};

fn promising(number: u64, due: Value) -> Drawn {
    one_task(number, json!({"sla": {"due": due, "escalation": []}}))
}

impl Life {
    fn changed(mut self, drawn: &Drawn, change: SlaChange) -> Self {
        let by = "ana@x".to_owned();
        self.event(drawn, Event::SlaChanged { position: Position(1), by, change });
        self
    }

    fn paused(self, drawn: &Drawn) -> Self {
        self.changed(drawn, SlaChange::Pause { reason: sla::Reason::WaitingOnCustomer })
    }

    fn clock(&self) -> sla::Clock {
        self.instance.waits()[0].clock().unwrap().clone()
    }

    fn due_hour(&self) -> Option<i64> {
        self.instance.waits()[0].due().map(|due| due.0 / HOUR)
    }
}

#[test]
fn a_paused_clock_keeps_what_it_has_spent_and_stays_paused() {
    let (old, new) = (promising(1, json!("PT10H")), promising(2, json!("PT6H")));
    let mut life = Life::on(&old).at(2).paused(&old).at(5);
    let (plan, effects) = life.moved(&old, &new);
    assert_eq!(timers(&plan), []);
    let told = plan.waits[0].sla.unwrap();
    assert_eq!((told.before.0 / HOUR, told.after.0 / HOUR), (10, 6));
    assert_eq!(told.state, SlaState::Paused);
    assert!(effects.iter().all(|effect| !matches!(effect.ask, Ask::Timer { .. })), "{effects:?}");
    let life = life.at(8).changed(&new, SlaChange::Resume);
    assert_eq!(life.due_hour(), Some(12), "four hours were left");
}

#[test]
fn a_clock_that_was_paused_has_what_the_new_promise_leaves() {
    let (old, new) = (promising(1, json!("PT10H")), promising(2, json!("PT7H")));
    let life = Life::on(&old).at(2).paused(&old).at(5).changed(&old, SlaChange::Resume);
    let mut life = life.at(6);
    assert_eq!(life.due_hour(), Some(13));
    let (plan, _) = life.moved(&old, &new);
    assert_eq!(
        timers(&plan),
        [
            (Timer::Warning, TimerChange::Recomputed, Some(11), Some(8)),
            (Timer::Due, TimerChange::Recomputed, Some(13), Some(10)),
        ]
    );
    assert_eq!(life.due_hour(), Some(10));
}

#[test]
fn a_promise_that_is_spent_already_is_broken_at_once() {
    let (old, new) = (promising(1, json!("PT10H")), promising(2, json!("PT1H")));
    let life = Life::on(&old).at(3).paused(&old).at(5).changed(&old, SlaChange::Resume);
    let mut life = life.at(6);
    let (plan, _) = life.moved(&old, &new);
    assert_eq!(notes(&plan), ["fires-at-once"]);
    assert_eq!(life.due_hour(), Some(5));
    let life = life.fired(&new, Timer::Due);
    assert_eq!(life.instance.waits()[0].sla(), Some(SlaState::Breached));
}

#[test]
fn a_clock_that_was_stopped_stays_stopped() {
    let (old, new) = (promising(1, json!("PT10H")), promising(2, json!("PT1H")));
    let mut life = Life::on(&old).at(3).changed(&old, SlaChange::Stop).at(6);
    let before = life.clock();
    let (plan, _) = life.moved(&old, &new);
    assert_eq!(timers(&plan), []);
    assert_eq!(life.clock(), before);
}

#[test]
fn a_promise_in_business_time_is_measured_over_its_calendar_from_then_on() {
    let (old, new) = (promising(1, json!("PT48H")), promising(2, json!({"business": "PT16H"})));
    // The first of January 1970 was a Thursday; the standard calendar opens from nine to five.
    let mut life = Life::on(&old).at(10).paused(&old).at(11).changed(&old, SlaChange::Resume);
    let (_, _) = life.moved(&old, &new);
    let terms = life.clock().terms();
    assert_eq!(terms.measure, sla::Measure::Working);
    assert_eq!(life.due_hour(), Some(4 * 24 + 10), "an hour of Thursday was spent, one was paused");
}

#[test]
fn a_move_taken_back_gives_the_clock_back() {
    let (old, new) = (promising(1, json!("PT10H")), promising(2, json!("PT6H")));
    for resumed in [false, true] {
        let mut life = Life::on(&old).at(2).paused(&old).at(5);
        if resumed {
            life = life.changed(&old, SlaChange::Resume);
        }
        let before = life.clock();
        life.moved(&old, &new);
        assert_ne!(life.clock(), before);
        let plan = life.taken_back(&new, &old).unwrap();
        life.event(&old, plan.event().unwrap());
        assert_eq!(life.clock(), before);
    }
}

#[test]
fn a_move_taken_back_gives_a_time_of_day_back_that_lies_outside_the_hours() {
    // The standard calendar closes at five, so that nothing passes between then and six.
    let by_six = json!({"business": "P1D", "by": "18:00"});
    let (old, new) = (promising(1, by_six), promising(2, json!("PT6H")));
    let mut life = Life::on(&old).at(10).paused(&old).at(12);
    let before = life.clock();
    life.moved(&old, &new);
    let plan = life.taken_back(&new, &old).unwrap();
    life.event(&old, plan.event().unwrap());
    assert_eq!(life.clock(), before);
    assert_eq!(life.instance.waits()[0].due(), Some(before.due()));
}

#[test]
fn a_handoff_that_is_not_sent_moves_without_its_ladder() {
    let handoff = |number: u64, after: &str| {
        let rung = json!({"at": after, "do": "reassign", "to": {"rule": "user", "user": "lead@x"}});
        let sla = json!({"due": "PT10H", "escalation": [rung]});
        let fields = json!({"type": "object", "properties": {"plan": {}}, "required": ["plan"]});
        let node = json!({"id": "hand", "kind": "handoff", "name": "Hand over", "from_team": "sales", "to_team": "cs", "fields": fields, "sla": sla});
        Drawn::of(number, &[node], &["start>hand", "hand:accepted>end", "hand:sent_back>hand"])
    };
    let (old, new) = (handoff(1, "PT2H"), handoff(2, "PT1H"));
    let mut life = Life::on(&old).at(3);
    let (plan, effects) = life.moved(&old, &new);
    assert_eq!(timers(&plan), []);
    assert!(effects.iter().all(|effect| !matches!(effect.ask, Ask::Timer { .. })), "{effects:?}");
    let timer = Timer::Escalation { step: 0 };
    let fired = Event::TimerFired { position: Position(1), timer };
    let late = step(&new.journey, life.instance.clone(), fired, life.context());
    assert!(late.is_err(), "the ladder is of accepting");
}

#[test]
fn a_promise_in_a_teams_time_is_reckoned_anew_when_another_team_gets_the_work() {
    let sla = json!({"due": {"business": "PT3H", "calendar": "team"}, "escalation": []});
    let of = |number, team: &str| {
        one_task(number, json!({"sla": sla, "owner": {"rule": "team", "team": team}}))
    };
    let hours = WeeklyHours::on_working_days("10:00", "12:00");
    let (name, time_zone) = ("short".to_owned(), "UTC".to_owned());
    let draft = CalendarDraft { name, time_zone, hours, ..CalendarDraft::default() };
    let calendars = Calendars::new(Calendar::standard().clone(), [draft.try_into().unwrap()])
        .kept_by([("field".to_owned(), "short".to_owned())]);
    let (old, new) = (of(1, "cs"), of(2, "field"));
    // Monday at 10:00.
    let now = Timestamp((4 * 24 + 10) * HOUR);
    let mut life = Life { instance: Instance::new(), records: Vec::new(), now };
    let context = Context { calendars: &calendars, ..life.context() };
    let begun = Event::Started { trigger: "start".to_owned(), input: json!({"n": 1}) };
    let begun = step(&old.journey, life.instance.clone(), begun, context).unwrap();
    (life.instance, life.records) = (begun.instance, begun.records);
    assert_eq!(life.due_hour(), Some(4 * 24 + 13));
    let mapping = Mapping::default();
    let migration = Migration::new(old.version(), new.version(), &mapping).unwrap();
    let plan = migration.plan(&life.instance, &life.records, context, "admin@x");
    let told = plan.waits[0].sla.unwrap();
    // Two hours on Monday, one on Tuesday.
    assert_eq!((told.before.0 / HOUR, told.after.0 / HOUR), (4 * 24 + 13, 5 * 24 + 11));
}
