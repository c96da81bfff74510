//! What each function does.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{
    EvalError,
    code::Function,
    eval::{Evaluated, Evaluator, mismatch, shown, whole},
    moment,
    operators::real,
    value::{Text, Val},
};
use crate::{Timestamp, limits};

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, function: Function, arguments: &[Val<'a>]) -> Evaluated<'a> {
        for argument in arguments {
            self.charge(argument.weight())?;
        }
        let Some((of, rest)) = arguments.split_first() else {
            return Err(EvalError::Type("a function needs an argument".to_owned()));
        };
        match function {
            Function::Size => size(of),
            Function::Dyn => Ok(of.clone()),
            Function::Type => Ok(of.type_name().into()),
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
            | Function::Milliseconds => match of {
                Val::Time(at) => moment::part(function, *at),
                Val::Span(span) => moment::span_part(function, *span)
                    .ok_or_else(|| EvalError::Type("a duration has no such part".to_owned())),
                other => Err(EvalError::Type(format!(
                    "{} is no timestamp; make one with timestamp(…)",
                    other.type_name()
                ))),
            },
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::LowerAscii
            | Function::UpperAscii
            | Function::Trim
            | Function::Split
            | Function::Replace
            | Function::Substring
            | Function::IndexOf => match of {
                Val::Text(text) => self.text(function, text, rest),
                other => Err(mismatch(function.name(), &[other])),
            },
        }
    }

    fn text(&mut self, function: Function, text: &Text<'a>, rest: &[Val<'a>]) -> Evaluated<'a> {
        let wrong = || {
            let types: Vec<_> = rest.iter().collect();
            mismatch(function.name(), &types)
        };
        Ok(match (function, rest) {
            (Function::LowerAscii, _) => text.to_ascii_lowercase().into(),
            (Function::UpperAscii, _) => text.to_ascii_uppercase().into(),
            (Function::Trim, _) => Val::Text(trim(text)),
            (Function::Contains, [Val::Text(part)]) => Val::Bool(text.contains(&**part)),
            (Function::StartsWith, [Val::Text(part)]) => Val::Bool(text.starts_with(&**part)),
            (Function::EndsWith, [Val::Text(part)]) => Val::Bool(text.ends_with(&**part)),
            (Function::IndexOf, [Val::Text(part)]) => {
                let found = text.find(&**part).map(|at| text[..at].chars().count());
                Val::Int(found.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
            }
            (Function::Split, [Val::Text(part)]) => self.split(text, part, usize::MAX)?,
            (Function::Split, [Val::Text(part), most @ (Val::Int(_) | Val::UInt(_))]) => {
                self.split(text, part, whole(most).unwrap_or(usize::MAX))?
            }
            (Function::Replace, [Val::Text(from), Val::Text(to)]) => {
                self.replace(text, from, to)?
            }
            (Function::Substring, [from]) => substring(text, from, None)?,
            (Function::Substring, [from, to]) => substring(text, from, Some(to))?,
            _ => return Err(wrong()),
        })
    }

    /// The pieces between a text's separators; the last holds the rest when there are more than `most`.
    fn split(&mut self, text: &Text<'a>, by: &str, most: usize) -> Evaluated<'a> {
        if most == 0 {
            return Ok(Val::made(Vec::new()));
        }
        let places = if by.is_empty() { text.len() } else { text.matches(by).count() };
        self.charge(1 + places.min(most) as u64)?;
        Ok(Val::made(match text {
            Text::Borrowed(text) => pieces(text, by, most).into_iter().map(Val::from).collect(),
            Text::Made(text) => {
                let pieces = pieces(text, by, most).into_iter();
                pieces.map(|piece| piece.to_owned().into()).collect()
            }
        }))
    }

    fn replace(&mut self, text: &str, from: &str, to: &str) -> Evaluated<'a> {
        let places = text.matches(from).count();
        let length = places.saturating_mul(to.len()).saturating_add(text.len());
        self.length(length)?;
        Ok(text.replace(from, to).into())
    }

    fn join(&mut self, of: &Val<'a>, rest: &[Val<'a>]) -> Evaluated<'a> {
        let separator = match rest {
            [] => "",
            [Val::Text(separator)] => separator,
            _ => return Err(mismatch("join", &rest.iter().collect::<Vec<_>>())),
        };
        let Val::List(list) = of else { return Err(mismatch("join", &[of])) };
        let mut pieces = Vec::with_capacity(list.len());
        for item in list.iter() {
            match item {
                Val::Text(text) => pieces.push(text),
                other => return Err(mismatch("join", &[&other])),
            }
        }
        let length = pieces.iter().map(|piece| piece.len() + separator.len()).sum();
        self.length(length)?;
        let mut text = String::with_capacity(length);
        for (place, piece) in pieces.iter().enumerate() {
            text.push_str(if place == 0 { "" } else { separator });
            text.push_str(piece);
        }
        Ok(text.into())
    }

    /// Pays for a text of this many bytes before it is made.
    fn length(&mut self, bytes: usize) -> Result<(), EvalError> {
        if bytes > limits::PAYLOAD_BYTES {
            return Err(EvalError::Range("the length of the text"));
        }
        self.charge(bytes as u64 / 16)
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
        Val::Null | Val::List(_) | Val::Map(_) => cannot(of, "string"),
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
        Val::Text(text) => match Timestamp::from_rfc3339(text) {
            Some(Timestamp(at)) => at,
            None => return cannot(of, "timestamp such as 2026-01-31T09:00:00Z"),
        },
        other => return cannot(other, "timestamp"),
    };
    if moment::TIMES.contains(&at) { Ok(Val::Time(at)) } else { Err(EvalError::Range("the time")) }
}

fn duration<'a>(of: &Val<'a>) -> Evaluated<'a> {
    match of {
        Val::Span(it) => Ok(Val::Span(*it)),
        Val::Int(seconds) => {
            seconds.checked_mul(1_000).map(Val::Span).ok_or(EvalError::Range("the duration"))
        }
        Val::Text(text) => moment::read_span(text)
            .map_or_else(|| cannot(of, "duration such as 1h30m"), |it| Ok(Val::Span(it))),
        other => cannot(other, "duration"),
    }
}

fn pieces<'t>(text: &'t str, by: &str, most: usize) -> Vec<&'t str> {
    if by.is_empty() {
        let ends = text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]);
        return ends.take(most).collect();
    }
    text.splitn(most, by).collect()
}

fn trim<'a>(text: &Text<'a>) -> Text<'a> {
    let begin = text.len() - text.trim_start().len();
    text.part(begin..begin + text.trim().len())
}

/// From one place to another, counted in characters.
fn substring<'a>(text: &Text<'a>, from: &Val<'a>, to: Option<&Val<'a>>) -> Evaluated<'a> {
    let place = |value: &Val<'a>| match (value, whole(value)) {
        (_, Some(at)) => text
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([text.len()])
            .nth(at)
            .ok_or(EvalError::Range("the place in the text")),
        (Val::Int(_) | Val::UInt(_), _) => Err(EvalError::Range("the place in the text")),
        (other, _) => Err(mismatch("substring", &[other])),
    };
    let from = place(from)?;
    let to = to.map_or(Ok(text.len()), place)?;
    if from > to {
        return Err(EvalError::Range("the place in the text"));
    }
    Ok(Val::Text(text.part(from..to)))
}
