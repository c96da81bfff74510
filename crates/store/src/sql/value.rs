//! Values as both databases take them.

use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments};
use std::borrow::Cow;

/// A value of a statement; what is missing has a type, too.
#[derive(Clone, Debug)]
pub(crate) enum Value<'q> {
    Int(Option<i64>),
    Double(Option<f64>),
    Text(Option<Cow<'q, str>>),
    Bytes(Option<Cow<'q, [u8]>>),
    /// Values of one kind, for PostgreSQL.
    Many(Kind, Vec<Self>),
}

impl Value<'_> {
    /// Adds the value to PostgreSQL's.
    pub(super) fn add(self, to: &mut PgArguments) -> Result<(), BoxDynError> {
        match self {
            Self::Int(value) => to.add(value),
            Self::Double(value) => to.add(value),
            Self::Text(Some(Cow::Borrowed(text))) if !has_nul(text) => to.add(text),
            Self::Text(text) => to.add(text.map(|text| without_nul(&text).into_owned())),
            Self::Bytes(Some(Cow::Borrowed(bytes))) => to.add(bytes),
            Self::Bytes(bytes) => to.add(bytes.map(Cow::into_owned)),
            Self::Many(kind, values) => add_many(kind, &values, to),
        }
    }

    /// PostgreSQL's word for its type.
    #[cfg(debug_assertions)]
    pub(super) fn word(&self) -> String {
        match self {
            Self::Int(_) => Kind::Int.word().to_owned(),
            Self::Double(_) => Kind::Double.word().to_owned(),
            Self::Text(_) => Kind::Text.word().to_owned(),
            Self::Bytes(_) => Kind::Bytes.word().to_owned(),
            Self::Many(kind, _) => format!("{}[]", kind.word()),
        }
    }

    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Int(value) => Value::Int(value),
            Self::Double(value) => Value::Double(value),
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Bytes(bytes) => Value::Bytes(bytes.map(|bytes| Cow::Owned(bytes.into_owned()))),
            Self::Many(kind, values) => {
                Value::Many(kind, values.into_iter().map(Value::into_owned).collect())
            }
        }
    }
}

fn has_nul(text: &str) -> bool {
    text.as_bytes().contains(&0)
}

/// PostgreSQL's texts hold every character but U+0000: the sign for what cannot be shown stands in its place.
fn without_nul(text: &str) -> Cow<'_, str> {
    if has_nul(text) { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Adds values as an array of one kind.
fn add_many(kind: Kind, values: &[Value<'_>], to: &mut PgArguments) -> Result<(), BoxDynError> {
    match kind {
        Kind::Int => {
            to.add(all(
                values,
                |value| {
                    if let Value::Int(number) = value { Some(*number) } else { None }
                },
            )?)
        }
        Kind::Double => to.add(all(values, |value| {
            if let Value::Double(number) = value { Some(*number) } else { None }
        })?),
        Kind::Text => to.add(all(values, |value| {
            if let Value::Text(text) = value {
                Some(text.as_deref().map(without_nul))
            } else {
                None
            }
        })?),
        Kind::Bytes => to.add(all(values, |value| {
            if let Value::Bytes(bytes) = value { Some(bytes.as_deref()) } else { None }
        })?),
    }
}

/// All values as `read` gives them, missing or not; `read` gives nothing for one of another kind.
fn all<'a, T>(
    values: &'a [Value<'a>],
    read: impl Fn(&'a Value<'a>) -> Option<Option<T>>,
) -> Result<Vec<Option<T>>, BoxDynError> {
    let wrong = "a value is not of the kind of its column";
    values.iter().map(|value| read(value).ok_or_else(|| wrong.into())).collect()
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Int,
    Double,
    Text,
    Bytes,
}

impl Kind {
    /// PostgreSQL's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Double => "double precision",
            Self::Text => "text",
            Self::Bytes => "bytea",
        }
    }

    /// By the name either database has for it.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Some(Self::Int),
            "double" | "double precision" => Some(Self::Double),
            "text" => Some(Self::Text),
            "blob" | "bytea" => Some(Self::Bytes),
            _ => None,
        }
    }
}

impl<'q> Bind<'q> for Value<'q> {
    fn value(self) -> Value<'q> {
        self
    }
}

/// What can be bound.
pub(crate) trait Bind<'q> {
    fn value(self) -> Value<'q>;
}

impl<'q> Bind<'q> for i64 {
    fn value(self) -> Value<'q> {
        Value::Int(Some(self))
    }
}

impl<'q> Bind<'q> for Option<i64> {
    fn value(self) -> Value<'q> {
        Value::Int(self)
    }
}

impl<'q> Bind<'q> for Option<f64> {
    fn value(self) -> Value<'q> {
        Value::Double(self)
    }
}

impl<'q> Bind<'q> for String {
    fn value(self) -> Value<'q> {
        Value::Text(Some(Cow::Owned(self)))
    }
}

impl<'q> Bind<'q> for Option<String> {
    fn value(self) -> Value<'q> {
        Value::Text(self.map(Cow::Owned))
    }
}

impl<'q> Bind<'q> for &'q str {
    fn value(self) -> Value<'q> {
        Value::Text(Some(Cow::Borrowed(self)))
    }
}

impl<'q> Bind<'q> for Option<&'q str> {
    fn value(self) -> Value<'q> {
        Value::Text(self.map(Cow::Borrowed))
    }
}

impl<'q> Bind<'q> for &'q String {
    fn value(self) -> Value<'q> {
        Value::Text(Some(Cow::Borrowed(self)))
    }
}

impl<'q> Bind<'q> for &'q Option<String> {
    fn value(self) -> Value<'q> {
        Value::Text(self.as_deref().map(Cow::Borrowed))
    }
}

impl<'q> Bind<'q> for Option<&'q String> {
    fn value(self) -> Value<'q> {
        Value::Text(self.map(|text| Cow::Borrowed(text.as_str())))
    }
}

impl<'q> Bind<'q> for &'q [u8] {
    fn value(self) -> Value<'q> {
        Value::Bytes(Some(Cow::Borrowed(self)))
    }
}

impl<'q> Bind<'q> for Option<&'q [u8]> {
    fn value(self) -> Value<'q> {
        Value::Bytes(self.map(Cow::Borrowed))
    }
}

impl<'q> Bind<'q> for &'q Vec<u8> {
    fn value(self) -> Value<'q> {
        Value::Bytes(Some(Cow::Borrowed(self)))
    }
}

impl<'q> Bind<'q> for &'q Option<Vec<u8>> {
    fn value(self) -> Value<'q> {
        Value::Bytes(self.as_deref().map(Cow::Borrowed))
    }
}
