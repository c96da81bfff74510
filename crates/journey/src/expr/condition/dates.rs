//! Rows about dates. A date is kept as text; a row makes a time of it and compares that with another date or with some days from now.

use super::{Guard, Operand, Operator, Row};
use crate::expr::{
    code::{Arithmetic, Comparison, Function, Literal, Op},
    print::{self, quote},
};

const HOURS_OF_A_DAY: u64 = 24;
/// The days a new row is about.
const DAYS: &str = "30";

/// What a date is compared with.
enum Moment {
    Now,
    /// So many days from now.
    Ahead(String),
    /// So many days before now.
    Back(String),
    Date(String),
}

impl Operator {
    /// Whether it compares a date with some days from now.
    pub fn counts_days(self) -> bool {
        matches!(self, Self::WithinNext | Self::WithinLast | Self::FurtherAway | Self::LongerAgo)
    }

    /// Whether it compares a date with another.
    pub fn names_date(self) -> bool {
        matches!(self, Self::Before | Self::After)
    }

    /// Whether it is two comparisons.
    pub(super) fn is_span(self) -> bool {
        matches!(self, Self::WithinNext | Self::WithinLast)
    }
}

impl Operand {
    /// A whole number of days as somebody typed it; `None` when it is none.
    pub fn days(typed: &str) -> Option<Self> {
        typed.trim().parse::<u16>().ok().map(|days| Self::Number(days.to_string()))
    }
}

/// What a date is compared with, after another operator's operand.
pub(super) fn operand(operator: Operator, before: &Row) -> Operand {
    match &before.operand {
        Operand::Number(days) if operator.counts_days() && before.operator.counts_days() => {
            Operand::Number(days.clone())
        }
        Operand::Text(date) if operator.names_date() && before.operator.names_date() => {
            Operand::Text(date.clone())
        }
        _ if operator.counts_days() => Operand::Number(DAYS.to_owned()),
        _ => Operand::Text(String::new()),
    }
}

/// As CEL, for the operators of this file.
pub(super) fn bare(row: &Row) -> Option<String> {
    let at = format!("timestamp({})", row.field);
    let text = match &row.operand {
        Operand::Number(text) | Operand::Text(text) => text.as_str(),
        _ => "",
    };
    let days = || {
        let hours = text.parse().unwrap_or(0_u64).saturating_mul(HOURS_OF_A_DAY);
        format!("duration('{hours}h')")
    };
    let date = || {
        let mut date = String::new();
        quote(&mut date, text);
        format!("timestamp({date})")
    };
    Some(match row.operator {
        Operator::WithinNext => format!("{at} >= now && {at} <= now + {}", days()),
        Operator::WithinLast => format!("{at} <= now && {at} >= now - {}", days()),
        Operator::FurtherAway => format!("{at} > now + {}", days()),
        Operator::LongerAgo => format!("{at} < now - {}", days()),
        Operator::Before => format!("{at} < {}", date()),
        Operator::After => format!("{at} > {}", date()),
        _ => return None,
    })
}

/// One comparison of a date.
pub(super) fn row(op: &Op) -> Option<Row> {
    let (field, how, moment) = compared(op)?;
    let (operator, operand) = match (how, moment) {
        (Comparison::Greater, Moment::Ahead(days)) => {
            (Operator::FurtherAway, Operand::Number(days))
        }
        (Comparison::Less, Moment::Back(days)) => (Operator::LongerAgo, Operand::Number(days)),
        (Comparison::Less, Moment::Date(date)) => (Operator::Before, Operand::Text(date)),
        (Comparison::Greater, Moment::Date(date)) => (Operator::After, Operand::Text(date)),
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
    Some(Row { field: one.0, operator, operand: Operand::Number(days), guard: Guard::None })
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
            Some(Moment::Date(date.to_owned()))
        }
    }
}

/// The days of a duration that is written as the hours of whole days.
fn days(duration: &str) -> Option<String> {
    let hours: u64 = duration.strip_suffix('h')?.parse().ok()?;
    let days = u16::try_from(hours / HOURS_OF_A_DAY).ok()?;
    let is_whole = format!("{}h", u64::from(days) * HOURS_OF_A_DAY) == duration;
    is_whole.then(|| days.to_string())
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
