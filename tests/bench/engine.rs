//! The pure engine: what a step, an expression and a check cost in CPU time of the thread.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use journey::{
    Context, Draft, Event, Fact, Instance, Journey, Timestamp,
    calendar::Calendars,
    check,
    expr::{Expression, Scope},
    step,
};
use rustix::time::{ClockId, clock_gettime};
use serde_json::Value;

use crate::drafts::{CONDITION, compile, document, mix, ten_sets, two_hundred};
use crate::figure::{Figure, Report};

const PART: &str = "engine";
/// Steps in a round.
const STEPS: u32 = 20_000;

/// Measures steps, expressions and checking.
pub(crate) fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    transitions(report, rounds)?;
    let name = "a step through ten sets of constants to an end";
    report.add(Figure::new(PART, name, "µs", steps(&ten_sets("1")?, rounds)?.0).at_most(5.0));
    let name = "a step through ten sets, each of two fields of a 2 KB document, to an end";
    report
        .add(Figure::new(PART, name, "µs", steps(&ten_sets(CONDITION)?, rounds)?.0).at_most(20.0));

    let input = document();
    let condition = Expression::parse(CONDITION).context("a condition")?;
    let scope = Scope::new(&[("input", &input)]);
    let evaluated = micros(rounds, 200_000, || condition.holds(&scope).is_ok())?;
    report.add(Figure::new(PART, "a condition over a 2 KB document", "µs", evaluated));
    let parsed = micros(rounds, 2_000, || Expression::parse(CONDITION).is_ok())?;
    report.add(Figure::new(PART, "parsing it", "µs", parsed));
    let large = two_hundred()?;
    let checked = micros(rounds, 20, || check(&large, None).0.is_some())?;
    let checked = checked.into_iter().map(|micros| micros / 1000.0).collect();
    let name = "check of a journey of 200 nodes, native";
    report.add(Figure::new(PART, name, "ms", checked).at_most(50.0));
    Ok(())
}

/// Nodes entered per second in steps through [`mix`], with constants and with conditions.
fn transitions(report: &mut Report, rounds: u32) -> Result<()> {
    for (condition, name) in [
        ("true", "nodes entered per second on one core, conditions constant"),
        (CONDITION, "nodes entered per second on one core, conditions on two fields"),
    ] {
        let (took, entered) = steps(&mix(condition)?, rounds)?;
        let millions = took.iter().map(|micros| f64::from(entered) / micros).collect();
        report.add(Figure::new(PART, name, "million/s", millions).at_least(2.0));
    }
    Ok(())
}

/// CPU time per call in microseconds, round by round.
fn micros(rounds: u32, calls: u32, mut call: impl FnMut() -> bool) -> Result<Vec<f64>> {
    (0..rounds)
        .map(|_| {
            let begin = cpu_micros();
            for _ in 0..calls {
                ensure!(black_box(call()), "what is measured failed");
            }
            Ok((cpu_micros() - begin) / f64::from(calls))
        })
        .collect()
}

/// CPU time per first step of an instance in microseconds, round by round, and how many nodes such a step enters.
fn steps(draft: &Draft, rounds: u32) -> Result<(Vec<f64>, u32)> {
    let (journey, input) = (compile(draft)?, document());
    let first = step(&journey, Instance::new(), start(&input), context())?;
    let entered = first.records.iter().filter(|one| matches!(one.fact, Fact::Entered { .. }));
    let entered = u32::try_from(entered.count())?;
    let took = (0..rounds).map(|_| micros_per_step(&journey, &input)).collect::<Result<_>>()?;
    Ok((took, entered))
}

fn micros_per_step(journey: &Journey, input: &Value) -> Result<f64> {
    // Events are made beforehand: copying the document is the caller's cost.
    let events: Vec<_> = (0..STEPS).map(|_| start(input)).collect();
    let begin = cpu_micros();
    for event in events {
        let step = step(journey, Instance::new(), black_box(event), context());
        ensure!(step.is_ok(), "the step that is measured was rejected");
    }
    Ok((cpu_micros() - begin) / f64::from(STEPS))
}

fn context() -> Context<'static> {
    static CALENDARS: std::sync::LazyLock<Calendars> = std::sync::LazyLock::new(Calendars::default);
    Context { now: Timestamp(0), account: None, calendars: &CALENDARS }
}

#[expect(clippy::cast_precision_loss, reason = "seconds of one run")]
fn cpu_micros() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn start(input: &Value) -> Event {
    Event::Started { trigger: "start".to_owned(), input: input.clone() }
}
