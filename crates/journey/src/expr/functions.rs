//! What each function does.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{
    EvalError,
    code::Function,
    eval::{Evaluated, Evaluator, mismatch, shown},
    moment,
    operators::real,
    value::Val,
};
use crate::Timestamp;

mod math;
mod text;

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Val<'a>]) -> Evaluated<'a> {
        // What a value is, and how long a list is, is known without looking at its items.
        let is_looked_at = match function {
            Function::Type | Function::Dyn => false,
            Function::Size => matches!(arguments, [Val::Text(_)]),
            _ => true,
        };
        for argument in arguments.iter().filter(|_| is_looked_at) {
            self.charge(argument.weight())?;
        }
        let Some((of, rest)) = arguments.split_first() else {
            return Err(EvalError::Type("a function needs an argument".to_owned()));
        };
        match function {
            Function::Size => size(of),
            Function::Dyn => Ok(of.clone()),
            Function::Type => Ok(Val::Type(of.type_value())),
            Function::ToString => text_of(of),
            Function::ToInt | Function::ToUint | Function::ToDouble => number(function, of),
            Function::ToBool => truth(of),
            Function::ToTimestamp => timestamp(of),
            Function::ToDuration => duration(of),
            Function::Join => self.join(of, rest),
            Function::Year
            | Function::Month
            | Function::DayOfMonth
            | Function::Date
            | Function::DayOfWeek
            | Function::DayOfYear
            | Function::Hours
            | Function::Minutes
            | Function::Seconds
            | Function::Milliseconds => part(function, of, rest),
            Function::Greatest
            | Function::Least
            | Function::Ceil
            | Function::Floor
            | Function::Round
            | Function::Trunc
            | Function::Abs
            | Function::Sign => math::call(function, arguments),
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::LowerAscii
            | Function::UpperAscii
            | Function::Trim
            | Function::Split
            | Function::Replace
            | Function::Substring
            | Function::IndexOf
            | Function::LastIndexOf
            | Function::CharAt => match of {
                Val::Text(text) => self.text(function, text, rest),
                other => Err(mismatch(function.name(), &[other])),
            },
        }
    }
}

/// A part of a time, in a zone when one is named, or of a duration.
fn part<'a>(function: Function, of: &Val<'a>, rest: &[Val<'a>]) -> Evaluated<'a> {
    match (of, rest) {
        (Val::Time(at), []) => moment::part(function, *at, None),
        (Val::Time(at), [Val::Text(zone)]) => moment::part(function, *at, Some(zone)),
        (Val::Span(span), []) => moment::span_part(function, *span)
            .ok_or_else(|| EvalError::Type("a duration has no such part".to_owned())),
        (Val::Time(_) | Val::Span(_), _) => {
            Err(mismatch(function.name(), &rest.iter().collect::<Vec<_>>()))
        }
        (other, _) => Err(EvalError::Type(format!(
            "{} is no timestamp; make one with timestamp(…)",
            other.type_name()
        ))),
    }
}

fn size<'a>(of: &Val<'a>) -> Evaluated<'a> {
    let size = match of {
        Val::Text(text) => text.chars().count(),
        Val::List(list) => list.len(),
        Val::Map(map) => map.len(),
        other => return Err(mismatch("size", &[other])),
    };
    i64::try_from(size).map(Val::Int).map_err(|_| EvalError::Range("the size"))
}

fn text_of<'a>(of: &Val<'a>) -> Evaluated<'a> {
    match of {
        Val::Text(_) => Ok(of.clone()),
        Val::Null | Val::List(_) | Val::Map(_) | Val::Type(_) => cannot(of, "string"),
        Val::Time(at) => Ok(moment::time_text(*at).into()),
        other => Ok(shown(other).into()),
    }
}

fn cannot<'a>(of: &Val<'_>, to: &str) -> Evaluated<'a> {
    Err(EvalError::Type(match of {
        Val::Text(text) => {
            let shown: String = text.chars().take(40).collect();
            format!("'{shown}' is no {to}")
        }
        other => format!("{} cannot become {to}", other.type_name()),
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked before the cast"
)]
fn number<'a>(function: Function, of: &Val<'a>) -> Evaluated<'a> {
    const OUT: EvalError = EvalError::Range("the number");
    match (function, of) {
        (Function::ToDouble, Val::Text(text)) => {
            text.parse().map(Val::Double).or_else(|_| cannot(of, "double"))
        }
        (Function::ToDouble, _) => {
            real(of).map_or_else(|| cannot(of, "double"), |it| Ok(Val::Double(it)))
        }
        (Function::ToUint, Val::Text(text)) => {
            text.parse().map(Val::UInt).or_else(|_| cannot(of, "uint"))
        }
        (Function::ToUint, Val::UInt(it)) => Ok(Val::UInt(*it)),
        (Function::ToUint, Val::Int(it)) => u64::try_from(*it).map(Val::UInt).map_err(|_| OUT),
        (Function::ToUint, Val::Double(it)) => {
            if (0.0..18_446_744_073_709_551_616.0).contains(it) {
                Ok(Val::UInt(*it as u64))
            } else {
                Err(OUT)
            }
        }
        (Function::ToUint, _) => cannot(of, "uint"),
        (_, Val::Text(text)) => text.parse().map(Val::Int).or_else(|_| cannot(of, "int")),
        (_, Val::Int(it)) => Ok(Val::Int(*it)),
        (_, Val::UInt(it)) => i64::try_from(*it).map(Val::Int).map_err(|_| OUT),
        (_, Val::Double(it)) => {
            let within = *it > -9_223_372_036_854_775_808.0 && *it < 9_223_372_036_854_775_808.0;
            if within { Ok(Val::Int(*it as i64)) } else { Err(OUT) }
        }
        (_, Val::Time(at)) => Ok(Val::Int(at.div_euclid(1_000))),
        _ => cannot(of, "int"),
    }
}

fn truth<'a>(of: &Val<'a>) -> Evaluated<'a> {
    match of {
        Val::Bool(it) => Ok(Val::Bool(*it)),
        Val::Text(text) => match &**text {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Val::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Val::Bool(false)),
            _ => cannot(of, "bool"),
        },
        other => cannot(other, "bool"),
    }
}

fn timestamp<'a>(of: &Val<'a>) -> Evaluated<'a> {
    let at = match of {
        Val::Time(at) => *at,
        Val::Int(seconds) => seconds.checked_mul(1_000).ok_or(EvalError::Range("the time"))?,
        Val::Text(text) => match Timestamp::from_date_or_time(text) {
            Some(Timestamp(at)) => at,
            None => {
                return cannot(of, "date such as 2026-01-31 or time such as 2026-01-31T09:00:00Z");
            }
        },
        other => return cannot(other, "timestamp"),
    };
    moment::time(Some(at))
}

fn duration<'a>(of: &Val<'a>) -> Evaluated<'a> {
    match of {
        Val::Span(it) => Ok(Val::Span(*it)),
        Val::Int(seconds) => moment::span(seconds.checked_mul(1_000)),
        Val::Text(text) => moment::read_span(text)
            .map_or_else(|| cannot(of, "duration such as 1h30m"), |it| Ok(Val::Span(it))),
        other => cannot(other, "duration"),
    }
}
