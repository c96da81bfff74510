//! Values while an expression is evaluated: borrowed from JSON wherever they can be.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{EvalError, Root};
use crate::{Timestamp, instance::Left};
use serde_json::{Map, Number, Value};
use std::{collections::BTreeMap, ops::Deref, rc::Rc};

#[derive(Clone, Debug)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Double(f64),
    Text(Text<'a>),
    /// Milliseconds since the Unix epoch.
    Time(i64),
    /// Milliseconds.
    Span(i64),
    /// A type, by its name.
    Type(&'static str),
    List(List<'a>),
    Map(Object<'a>),
}

/// A text; copying one never copies its characters.
#[derive(Clone, Debug)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Made(Rc<str>),
}

#[derive(Clone, Debug)]
pub(super) enum List<'a> {
    Json(&'a [Value]),
    Made(Rc<Vec<Val<'a>>>),
}

#[derive(Clone, Debug)]
pub(super) enum Object<'a> {
    Json(&'a Map<String, Value>),
    Made(Rc<Vec<(Val<'a>, Val<'a>)>>),
    /// What every node left behind.
    Nodes(&'a BTreeMap<String, Left>),
    /// What one node left behind.
    Left(&'a Left),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl Text<'_> {
    /// The part between two places, in bytes, that stand between characters.
    pub(super) fn part(&self, places: std::ops::Range<usize>) -> Self {
        match self {
            Self::Borrowed(text) => Self::Borrowed(&text[places]),
            Self::Made(text) => Self::Made(text[places].into()),
        }
    }
}

impl<'a> From<&'a str> for Val<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Text::Borrowed(text))
    }
}

impl From<String> for Val<'_> {
    fn from(text: String) -> Self {
        Self::Text(Text::Made(text.into()))
    }
}

impl<'a> From<&'a Value> for Val<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(it) => Self::Bool(*it),
            Value::Number(it) => number(it),
            Value::String(it) => it.as_str().into(),
            Value::Array(it) => Self::List(List::Json(it)),
            Value::Object(it) => Self::Map(Object::Json(it)),
        }
    }
}

impl<'a> From<Root<'a>> for Val<'a> {
    fn from(root: Root<'a>) -> Self {
        match root {
            Root::Json(value) => value.into(),
            Root::Object(map) => Self::Map(Object::Json(map)),
            Root::Nodes(nodes) => Self::Map(Object::Nodes(nodes)),
            Root::Time(Timestamp(ms)) => Self::Time(ms),
        }
    }
}

fn number(number: &Number) -> Val<'static> {
    if let Some(int) = number.as_i64() {
        return Val::Int(int);
    }
    match number.as_u64() {
        Some(uint) => Val::UInt(uint),
        None => Val::Double(number.as_f64().unwrap_or(f64::NAN)),
    }
}

impl Val<'_> {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::UInt(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Time(_) => "timestamp",
            Self::Span(_) => "duration",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Type(_) => "type",
        }
    }

    /// The name its type goes by in expressions.
    pub(super) fn type_value(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Time(_) => super::code::TIME_TYPES[0],
            Self::Span(_) => super::code::TIME_TYPES[1],
            other => other.type_name(),
        }
    }

    pub(super) fn made(items: Vec<Self>) -> Self {
        Self::List(List::Made(Rc::new(items)))
    }

    /// How many steps comparing or copying this much costs.
    pub(super) fn weight(&self) -> u64 {
        let size = match self {
            Self::Text(text) => text.len() / 16,
            Self::List(list) => list.len(),
            Self::Map(map) => map.len(),
            _ => 0,
        };
        1 + size as u64
    }
}

impl<'a> List<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(items) => items.len(),
            Self::Made(items) => items.len(),
        }
    }

    pub(super) fn get(&self, index: usize) -> Option<Val<'a>> {
        match self {
            Self::Json(items) => items.get(index).map(Val::from),
            Self::Made(items) => items.get(index).cloned(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Val<'a>> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }
}

impl<'a> Object<'a> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Json(map) => map.len(),
            Self::Made(entries) => entries.len(),
            Self::Nodes(nodes) => nodes.len(),
            Self::Left(left) => left_members(left).count(),
        }
    }

    pub(super) fn member(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Self::Json(map) => map.get(name).map(Val::from),
            Self::Made(entries) => entries
                .iter()
                .find(|(key, _)| matches!(key, Val::Text(key) if **key == *name))
                .map(|(_, value)| value.clone()),
            Self::Nodes(nodes) => nodes.get(name).map(|left| Val::Map(Object::Left(left))),
            Self::Left(left) => {
                left_members(left).find(|(member, _)| *member == name).map(|(_, value)| value)
            }
        }
    }

    /// The entries, in the order they are kept.
    pub(super) fn entries(&self) -> Vec<(Val<'a>, Val<'a>)> {
        fn text(name: &str) -> Val<'_> {
            name.into()
        }
        match self {
            Self::Json(map) => {
                map.iter().map(|(key, value)| (text(key), Val::from(value))).collect()
            }
            Self::Made(entries) => entries.to_vec(),
            Self::Nodes(nodes) => {
                nodes.iter().map(|(key, left)| (text(key), Val::Map(Object::Left(left)))).collect()
            }
            Self::Left(left) => {
                left_members(left).map(|(member, value)| (text(member), value)).collect()
            }
        }
    }
}

fn left_members(left: &Left) -> impl Iterator<Item = (&'static str, Val<'_>)> {
    let outcome = left.outcome.as_deref().map(Val::from);
    [
        ("output", left.output.as_deref().map(Val::from)),
        ("error", left.error.as_ref().map(Val::from)),
        ("outcome", outcome),
        ("form", left.form.as_deref().map(Val::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value)))
}

pub(super) fn double_to_json(double: f64) -> Result<Value, EvalError> {
    Number::from_f64(double).map(Value::Number).ok_or(EvalError::Range("a number that is kept"))
}
