//! Functions on texts. Places in a text are counted in characters.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function gets one answer"
)]

use crate::{
    expr::{
        EvalError,
        code::Function,
        eval::{Evaluated, Evaluator, mismatch, whole},
        value::{Text, Val},
    },
    limits,
};

impl<'a> Evaluator<'a> {
    pub(super) fn text(
        &mut self,
        function: Function,
        text: &Text<'a>,
        rest: &[Val<'a>],
    ) -> Evaluated<'a> {
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
            (Function::IndexOf, [Val::Text(part)]) => index_of(text, part, None)?,
            (Function::IndexOf, [Val::Text(part), from]) => index_of(text, part, Some(from))?,
            (Function::LastIndexOf, [Val::Text(part)]) => last_index_of(text, part, None)?,
            (Function::LastIndexOf, [Val::Text(part), to]) => last_index_of(text, part, Some(to))?,
            (Function::CharAt, [at]) => {
                let begin = byte(text, at)?;
                let end = text[begin..].chars().next().map_or(begin, |c| begin + c.len_utf8());
                Val::Text(text.part(begin..end))
            }
            (Function::Split, [Val::Text(part)]) => self.split(text, part, usize::MAX)?,
            (Function::Split, [Val::Text(part), most @ (Val::Int(_) | Val::UInt(_))]) => {
                self.split(text, part, whole(most).unwrap_or(usize::MAX))?
            }
            (Function::Replace, [Val::Text(from), Val::Text(to)]) => {
                self.replace(text, from, to, usize::MAX)?
            }
            (Function::Replace, [Val::Text(from), Val::Text(to), most]) if is_count(most) => {
                self.replace(text, from, to, whole(most).unwrap_or(usize::MAX))?
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

    fn replace(&mut self, text: &str, from: &str, to: &str, most: usize) -> Evaluated<'a> {
        let places = text.matches(from).take(most).count();
        let length = places.saturating_mul(to.len()).saturating_add(text.len());
        self.length(length)?;
        Ok(text.replacen(from, to, most).into())
    }

    pub(super) fn join(&mut self, of: &Val<'a>, rest: &[Val<'a>]) -> Evaluated<'a> {
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

fn is_count(value: &Val<'_>) -> bool {
    matches!(value, Val::Int(_) | Val::UInt(_))
}

/// The byte at which a character begins; the text's end is a place, too.
fn byte(text: &str, at: &Val<'_>) -> Result<usize, EvalError> {
    if !is_count(at) && whole(at).is_none() {
        return Err(EvalError::Type(format!("{} is no place in a text", at.type_name())));
    }
    let ends = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    let found = whole(at).and_then(|at| ends.into_iter().nth(at));
    found.ok_or(EvalError::Range("the place in the text"))
}

/// From one place to another.
fn substring<'a>(text: &Text<'a>, from: &Val<'a>, to: Option<&Val<'a>>) -> Evaluated<'a> {
    let from = byte(text, from)?;
    let to = to.map_or(Ok(text.len()), |to| byte(text, to))?;
    if from > to {
        return Err(EvalError::Range("the place in the text"));
    }
    Ok(Val::Text(text.part(from..to)))
}

fn place<'a>(text: &str, byte: Option<usize>) -> Val<'a> {
    let place = byte.map(|byte| text[..byte].chars().count());
    Val::Int(place.and_then(|place| i64::try_from(place).ok()).unwrap_or(-1))
}

/// Where a part begins first, from a place on; -1 when nowhere.
fn index_of<'a>(text: &str, part: &str, from: Option<&Val<'a>>) -> Evaluated<'a> {
    let from = from.map_or(Ok(0), |from| byte(text, from))?;
    Ok(place(text, text[from..].find(part).map(|at| from + at)))
}

/// Where a part begins last, no later than a place; -1 when nowhere.
fn last_index_of<'a>(text: &str, part: &str, to: Option<&Val<'a>>) -> Evaluated<'a> {
    let to = to.map_or(Ok(text.len()), |to| byte(text, to))?;
    // What begins at the place may reach beyond it.
    let mut end = to.saturating_add(part.len()).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Ok(place(text, text[..end].rfind(part)))
}
