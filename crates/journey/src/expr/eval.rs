//! Evaluation: one walk over the operations, counting every step.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{
    EvalError, Scope,
    code::{Function, Literal, Name, Op},
    moment,
    value::{List, Object, Val, double_to_json},
};
use crate::{Timestamp, limits};
use serde_json::{Map, Value};
use std::rc::Rc;

pub(super) type Evaluated<'a> = Result<Val<'a>, EvalError>;

pub(super) struct Evaluator<'a> {
    scope: &'a Scope<'a>,
    pub(super) locals: Vec<Val<'a>>,
    pub(super) steps: u64,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(scope: &'a Scope<'a>) -> Self {
        Self { scope, locals: Vec::new(), steps: scope.steps }
    }

    pub(super) fn charge(&mut self, steps: u64) -> Result<(), EvalError> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(EvalError::Budget { limit: self.scope.steps }),
        }
    }

    pub(super) fn eval(&mut self, op: &'a Op) -> Evaluated<'a> {
        self.charge(1)?;
        match op {
            Op::Literal(literal) => Ok(constant(literal)),
            Op::Root(name) => self.root(name),
            Op::Local(place) => Ok(self.locals.get(*place).cloned().unwrap_or(Val::Null)),
            Op::Select(of, member) => {
                let of_value = self.eval(of)?;
                select(&of_value, member).map_err(|()| no_member(op, of, &of_value))
            }
            Op::Has(of, member) => self.has(of, member),
            Op::Index(pair) => self.index(op, &pair[0], &pair[1]),
            Op::And(pair) => self.decide(&pair[0], &pair[1], false),
            Op::Or(pair) => self.decide(&pair[0], &pair[1], true),
            Op::Not(of) => match self.eval(of)? {
                Val::Bool(it) => Ok(Val::Bool(!it)),
                other => Err(mismatch("!", &[&other])),
            },
            Op::Negate(of) => self.negate(of),
            Op::Choose(three) => match self.eval(&three[0])? {
                Val::Bool(true) => self.eval(&three[1]),
                Val::Bool(false) => self.eval(&three[2]),
                other => Err(mismatch("? :", &[&other])),
            },
            Op::Compare(how, pair) => {
                let (a, b) = (self.eval(&pair[0])?, self.eval(&pair[1])?);
                self.compare(*how, &a, &b).map(Val::Bool)
            }
            Op::Compute(how, pair) => {
                let (a, b) = (self.eval(&pair[0])?, self.eval(&pair[1])?);
                self.compute(*how, &a, &b)
            }
            Op::In(pair) => self.is_in(&pair[0], &pair[1]),
            Op::List(items) => {
                let items = items.iter().map(|item| self.eval(item)).collect::<Result<_, _>>()?;
                Ok(Val::made(items))
            }
            Op::Map(entries) => self.map_literal(entries),
            Op::Call(function, arguments) => self.call_with(*function, arguments),
            Op::Macro(it) => self.comprehend(it),
        }
    }

    fn root(&self, name: &Name) -> Evaluated<'a> {
        self.scope.root(name).map(Val::from).ok_or_else(|| EvalError::Missing(name.text.clone()))
    }

    /// A list that is written out is looked through where it stands.
    fn is_in(&mut self, item: &'a Op, among: &'a Op) -> Evaluated<'a> {
        let item = self.eval(item)?;
        let Op::List(written) = among else {
            let among = self.eval(among)?;
            return self.contained(&item, &among).map(Val::Bool);
        };
        self.charge(1)?;
        let mut found = false;
        for other in written {
            let other = self.eval(other)?;
            found = found || self.equal(&item, &other)?;
        }
        Ok(Val::Bool(found))
    }

    fn call_with(&mut self, function: Function, arguments: &'a [Op]) -> Evaluated<'a> {
        match arguments {
            [of] => {
                let of = self.eval(of)?;
                self.call(function, &[of])
            }
            [of, with] => {
                let both = [self.eval(of)?, self.eval(with)?];
                self.call(function, &both)
            }
            _ => {
                let all = arguments.iter().map(|argument| self.eval(argument));
                let all = all.collect::<Result<Vec<_>, _>>()?;
                self.call(function, &all)
            }
        }
    }

    fn has(&mut self, of: &'a Op, member: &str) -> Evaluated<'a> {
        let of = match self.eval(of) {
            Err(EvalError::Missing(_)) => return Ok(Val::Bool(false)),
            other => other?,
        };
        Ok(Val::Bool(select(&of, member).is_ok()))
    }

    fn index(&mut self, op: &'a Op, of: &'a Op, at: &'a Op) -> Evaluated<'a> {
        let (value, at) = (self.eval(of)?, self.eval(at)?);
        let found = match (&value, &at) {
            (Val::List(list), Val::Int(_) | Val::UInt(_) | Val::Double(_)) => {
                whole(&at).and_then(|at| list.get(at))
            }
            (Val::Map(map), key) => self.under(map, key)?,
            _ => return Err(mismatch("[ ]", &[&value, &at])),
        };
        found.ok_or_else(|| {
            let path = path(op).unwrap_or_else(|| match path(of) {
                Some(of) => format!("{of}[{}]", shown(&at)),
                None => format!("[{}]", shown(&at)),
            });
            EvalError::Missing(path)
        })
    }

    /// `&&` and `||`: the side that decides wins even when the other has an error.
    fn decide(&mut self, a: &'a Op, b: &'a Op, decisive: bool) -> Evaluated<'a> {
        let operator = if decisive { "||" } else { "&&" };
        let truth = |value: Val<'a>| match value {
            Val::Bool(it) => Ok(it),
            other => Err(mismatch(operator, &[&other])),
        };
        let first = match self.eval(a).and_then(truth) {
            Ok(it) if it == decisive => return Ok(Val::Bool(decisive)),
            Err(budget @ EvalError::Budget { .. }) => return Err(budget),
            other => other,
        };
        match self.eval(b).and_then(truth) {
            Ok(it) if it == decisive => Ok(Val::Bool(decisive)),
            Err(budget @ EvalError::Budget { .. }) => Err(budget),
            second => first.and(second).map(Val::Bool),
        }
    }

    fn negate(&mut self, of: &'a Op) -> Evaluated<'a> {
        match self.eval(of)? {
            Val::Int(it) => it.checked_neg().map(Val::Int).ok_or(EvalError::Range("the result")),
            Val::Double(it) => Ok(Val::Double(-it)),
            Val::Span(it) => moment::span(it.checked_neg()),
            other => Err(mismatch("-", &[&other])),
        }
    }

    fn map_literal(&mut self, entries: &'a [(Op, Op)]) -> Evaluated<'a> {
        let mut made: Vec<(Val<'a>, Val<'a>)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = self.eval(key)?;
            if !matches!(key, Val::Text(_) | Val::Int(_) | Val::UInt(_) | Val::Bool(_)) {
                return Err(EvalError::Type(format!("a map's key cannot be {}", key.type_name())));
            }
            for (other, _) in &made {
                if self.equal(other, &key)? {
                    return Err(EvalError::Type(format!("the key {} is there twice", shown(&key))));
                }
            }
            let value = self.eval(value)?;
            made.push((key, value));
        }
        Ok(Val::Map(Object::Made(Rc::new(made))))
    }

    pub(super) fn into_json(mut self, value: &Val<'a>) -> Result<Value, EvalError> {
        self.json(value, 0)
    }

    pub(super) fn json(&mut self, value: &Val<'a>, depth: usize) -> Result<Value, EvalError> {
        self.charge(1)?;
        if depth > limits::VALUE_DEPTH {
            return Err(EvalError::Range("the nesting of the value"));
        }
        Ok(match value {
            Val::Null => Value::Null,
            Val::Bool(it) => Value::Bool(*it),
            Val::Int(it) => Value::from(*it),
            Val::UInt(it) => Value::from(*it),
            Val::Double(it) => double_to_json(*it)?,
            Val::Text(it) => {
                self.charge(value.weight())?;
                Value::String(it.to_string())
            }
            Val::Time(it) => Value::String(Timestamp(*it).to_rfc3339()),
            Val::Span(it) => Value::String(moment::span_text(*it)),
            Val::Type(it) => Value::from(*it),
            Val::List(list) => {
                let mut items = Vec::with_capacity(list.len().min(1_024));
                for item in list.iter() {
                    items.push(self.json(&item, depth + 1)?);
                }
                Value::Array(items)
            }
            Val::Map(object) => {
                self.charge(object.len() as u64)?;
                let mut map = Map::new();
                for (key, value) in object.entries() {
                    map.insert(shown(&key), self.json(&value, depth + 1)?);
                }
                Value::Object(map)
            }
        })
    }
}

fn constant(literal: &Literal) -> Val<'_> {
    match literal {
        Literal::Null => Val::Null,
        Literal::Bool(it) => Val::Bool(*it),
        Literal::Int(it) => Val::Int(*it),
        Literal::UInt(it) => Val::UInt(*it),
        Literal::Double(it) => Val::Double(*it),
        Literal::Text(it) => it.as_str().into(),
        Literal::Type(it) => Val::Type(it),
    }
}

fn select<'a>(of: &Val<'a>, member: &str) -> Result<Val<'a>, ()> {
    match of {
        Val::Map(map) => map.member(member).ok_or(()),
        _ => Err(()),
    }
}

fn no_member(op: &Op, of: &Op, value: &Val<'_>) -> EvalError {
    let Op::Select(_, member) = op else { return EvalError::Missing(String::new()) };
    if matches!(value, Val::Map(_) | Val::Null) {
        return EvalError::Missing(path(op).unwrap_or_else(|| member.clone()));
    }
    let of = path(of).unwrap_or_else(|| "the value".to_owned());
    EvalError::Type(format!("{of} is {}, which has no member '{member}'", value.type_name()))
}

fn path(op: &Op) -> Option<String> {
    op.path().map(|path| path.join("."))
}

/// A list index: a whole number that is not negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
pub(super) fn whole(value: &Val<'_>) -> Option<usize> {
    match value {
        Val::Int(it) => usize::try_from(*it).ok(),
        Val::UInt(it) => usize::try_from(*it).ok(),
        Val::Double(it) if it.fract() == 0.0 && (0.0..4e9).contains(it) => Some(*it as usize),
        _ => None,
    }
}

/// A short text for a value in messages, and for a map's key.
pub(super) fn shown(value: &Val<'_>) -> String {
    match value {
        Val::Null => "null".to_owned(),
        Val::Bool(it) => it.to_string(),
        Val::Int(it) => it.to_string(),
        Val::UInt(it) => it.to_string(),
        Val::Double(it) => it.to_string(),
        Val::Text(it) => it.to_string(),
        Val::Time(it) => Timestamp(*it).to_rfc3339(),
        Val::Span(it) => moment::span_text(*it),
        Val::Type(it) => (*it).to_owned(),
        Val::List(List::Json(_) | List::Made(_)) => "a list".to_owned(),
        Val::Map(_) => "a map".to_owned(),
    }
}

pub(super) fn mismatch(operator: &str, values: &[&Val<'_>]) -> EvalError {
    let types: Vec<_> = values.iter().map(|value| value.type_name()).collect();
    EvalError::Type(format!("'{operator}' does not take {}", types.join(" and ")))
}
