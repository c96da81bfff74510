//! From CEL to rows about dates. A date is kept as text: a row makes a time of it, and compares that with another date or with some days from now.

use super::{Guard, Operand, Operator, Row};
use crate::{
    expr::{
        code::{Arithmetic, Comparison, Function, Literal, Op},
        print,
    },
    time,
};

/// What a date is compared with.
enum Moment {
    Now,
    /// So many days from now.
    Ahead(u16),
    /// So many days before now.
    Back(u16),
    Date(String),
}

/// Days as CEL, which knows none.
pub(super) fn duration(days: u16) -> String {
    format!("duration('{}h')", u32::from(days) * 24)
}

/// One comparison of a date.
pub(super) fn row(op: &Op) -> Option<Row> {
    let (field, how, moment) = compared(op)?;
    let (operator, operand) = match (how, moment) {
        (Comparison::Greater, Moment::Ahead(days)) => (Operator::FurtherAway, Operand::Days(days)),
        (Comparison::Less, Moment::Back(days)) => (Operator::LongerAgo, Operand::Days(days)),
        (Comparison::Less, Moment::Date(date)) => (Operator::Before, Operand::Date(date)),
        (Comparison::Greater, Moment::Date(date)) => (Operator::After, Operand::Date(date)),
        _ => return None,
    };
    Some(Row { field, operator, operand, guard: Guard::None })
}

/// Two comparisons that hold a date between now and some days from now.
pub(super) fn span(sides: &[&Op]) -> Option<Row> {
    let [one, other, ..] = sides else { return None };
    let (one, other) = (compared(one)?, compared(other)?);
    if one.0 != other.0 {
        return None;
    }
    let (operator, days) = match ((one.1, one.2), (other.1, other.2)) {
        (
            (Comparison::GreaterOrEqual, Moment::Now),
            (Comparison::LessOrEqual, Moment::Ahead(days)),
        ) => (Operator::WithinNext, days),
        (
            (Comparison::LessOrEqual, Moment::Now),
            (Comparison::GreaterOrEqual, Moment::Back(days)),
        ) => (Operator::WithinLast, days),
        _ => return None,
    };
    Some(Row { field: one.0, operator, operand: Operand::Days(days), guard: Guard::None })
}

/// The field a time is made of, how it is compared, and with what.
fn compared(op: &Op) -> Option<(String, Comparison, Moment)> {
    let Op::Compare(how, pair) = op else { return None };
    let field = only_argument(&pair[0], Function::ToTimestamp)?;
    field.path()?;
    Some((print::text(field, &[]), *how, moment(&pair[1])?))
}

fn moment(op: &Op) -> Option<Moment> {
    let is_now = |op: &Op| print::text(op, &[]) == "now";
    match op {
        _ if is_now(op) => Some(Moment::Now),
        Op::Compute(how, pair) if is_now(&pair[0]) => {
            let days = days(text_of(only_argument(&pair[1], Function::ToDuration)?)?)?;
            match how {
                Arithmetic::Add => Some(Moment::Ahead(days)),
                Arithmetic::Subtract => Some(Moment::Back(days)),
                _ => None,
            }
        }
        _ => {
            let date = text_of(only_argument(op, Function::ToTimestamp)?)?;
            // A time of day is more than a row has a place for.
            let is_date = date.is_empty() || time::date(date).is_some();
            is_date.then(|| Moment::Date(date.to_owned()))
        }
    }
}

/// The days of a duration that is written as [`duration`] writes it.
fn days(written: &str) -> Option<u16> {
    let hours: u32 = written.strip_suffix('h')?.parse().ok()?;
    let days = u16::try_from(hours / 24).ok()?;
    (duration(days) == format!("duration('{written}')")).then_some(days)
}

fn only_argument(op: &Op, wanted: Function) -> Option<&Op> {
    match op {
        Op::Call(function, arguments) if *function == wanted => match arguments.as_slice() {
            [argument] => Some(argument),
            _ => None,
        },
        _ => None,
    }
}

fn text_of(op: &Op) -> Option<&str> {
    match op {
        Op::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}
