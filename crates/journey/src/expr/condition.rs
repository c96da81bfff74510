//! A condition as rows of field, operator and value, joined by *all of* or *any of*: what people choose, and the CEL it stands for.
//!
//! Every condition can be read so: what is no row stays the text it is. What is read and written again means the same.

use super::{
    Expression, ParseError,
    types::{Type, TypeScope},
};

mod dates;
mod fields;
mod operand;
mod read;

#[cfg(test)]
mod tests;

pub use fields::{Field, fields, type_of};
pub use operand::Operand;
use operand::first;

/// The days a new row is about.
const DAYS: u16 = 30;

/// A condition, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Row(Row),
    Group(Group),
    /// CEL that is no row.
    Text(String),
}

/// Two or more parts, none of which is a group of the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub joined: Joined,
    pub parts: Vec<Part>,
}

/// How many of the parts must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    All,
    Any,
}

/// What one field must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As CEL, such as `account.segment`.
    pub field: String,
    pub operator: Operator,
    pub operand: Operand,
    pub guard: Guard,
}

/// What a row does about a field that is not there. What is not there is, contains and is above nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// It is read all the same, and an error.
    None,
    /// It is asked for with `has(…)` first.
    Missing,
    /// So is whether it is null.
    MissingOrNull,
}

/// How a field and a value are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Is,
    IsNot,
    Below,
    AtMost,
    Above,
    AtLeast,
    OneOf,
    NoneOf,
    Contains,
    ContainsNot,
    StartsWith,
    EndsWith,
    /// A list that has it.
    Includes,
    IncludesNot,
    HasValue,
    NoValue,
    /// `has(…)` alone.
    There,
    NotThere,
    /// The field alone.
    Holds,
    HoldsNot,
    /// A date between now and some days from now.
    WithinNext,
    /// A date between some days ago and now.
    WithinLast,
    /// A date more than some days from now.
    FurtherAway,
    /// A date more than some days ago.
    LongerAgo,
    /// A date before another.
    Before,
    After,
}

/// Reads a condition; of an empty one there is no part.
///
/// # Errors
///
/// It is not CEL.
pub fn read(source: &str) -> Result<Option<Part>, ParseError> {
    if source.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(read::part(&Expression::parse(source)?.root)))
}

/// The condition that two parts make, of which each may be a group.
pub fn join(joined: Joined, parts: impl IntoIterator<Item = Part>) -> Option<Part> {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Part::Group(group) if group.joined == joined => flat.extend(group.parts),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 | 1 => flat.pop(),
        _ => Some(Part::Group(Group { joined, parts: flat })),
    }
}

impl Part {
    /// As CEL.
    pub fn text(&self) -> String {
        match self {
            Self::Row(row) => row.text(),
            Self::Group(group) => group.text(),
            Self::Text(text) => text.clone(),
        }
    }

    /// A part within, by the places that lead to it; of no places this.
    pub fn at(&self, places: &[usize]) -> Option<&Self> {
        let Some((first, rest)) = places.split_first() else { return Some(self) };
        let Self::Group(group) = self else { return None };
        group.parts.get(*first)?.at(rest)
    }

    /// The same with a part within changed, or gone.
    #[must_use]
    pub fn changed(
        self,
        places: &[usize],
        change: impl FnOnce(Self) -> Option<Self>,
    ) -> Option<Self> {
        let Some((first, rest)) = places.split_first() else { return change(self) };
        let Self::Group(Group { joined, mut parts }) = self else { return Some(self) };
        if *first >= parts.len() {
            return Some(Self::Group(Group { joined, parts }));
        }
        let after = parts.split_off(first + 1);
        let changed = parts.pop().and_then(|part| part.changed(rest, change));
        join(joined, parts.into_iter().chain(changed).chain(after))
    }

    /// How its text must stand among others.
    fn within(&self, joined: Joined) -> String {
        let other = match self {
            Self::Row(row) => row.joined(),
            Self::Group(group) => Some(group.joined),
            Self::Text(_) => None,
        };
        match other {
            Some(other) if other != joined => format!("({})", self.text()),
            _ => self.text(),
        }
    }
}

impl Group {
    fn text(&self) -> String {
        let parts: Vec<_> = self.parts.iter().map(|part| part.within(self.joined)).collect();
        parts.join(self.joined.sign())
    }
}

impl Joined {
    fn sign(self) -> &'static str {
        match self {
            Self::All => " && ",
            Self::Any => " || ",
        }
    }

    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::All => Self::Any,
            Self::Any => Self::All,
        }
    }
}

impl Row {
    /// A row to begin with, for a field.
    pub fn of(field: &Field) -> Self {
        let operator = operators(&field.of).first().copied().unwrap_or(Operator::HasValue);
        let guard = if field.may_lack { Guard::Missing } else { Guard::None };
        let (field, of) = (field.path.clone(), &field.of);
        let row = Self { field, operator, operand: Operand::Nothing, guard };
        row.with_operator(operator, of)
    }

    /// The same with another operator, and with what it can be compared with.
    #[must_use]
    pub fn with_operator(self, operator: Operator, of: &Type) -> Self {
        let operand = match (self.operand, operator.takes()) {
            (operand @ Operand::Days(_), Takes::Days)
            | (operand @ Operand::Date(_), Takes::Date)
            | (operand @ Operand::Texts(_), Takes::Several) => operand,
            (_, Takes::Days) => Operand::Days(DAYS),
            (_, Takes::Date) => Operand::Date(String::new()),
            (_, Takes::Nothing) => Operand::Nothing,
            (Operand::Text(text), Takes::Several) => Operand::Texts(vec![text]),
            (_, Takes::Several) => Operand::Texts(of_words(of).into_iter().take(1).collect()),
            (Operand::Texts(texts), Takes::One) => {
                Operand::Text(texts.into_iter().next().unwrap_or_default())
            }
            (Operand::Nothing | Operand::Days(_) | Operand::Date(_), Takes::One) => first(of),
            (operand, Takes::One) => operand,
        };
        let guard = guard(operator, of, self.guard != Guard::None);
        Self { field: self.field, operator, operand, guard }
    }

    fn text(&self) -> String {
        let (field, bare) = (&self.field, self.bare());
        let null = self.guard == Guard::MissingOrNull;
        match (self.guard, self.operator.is_negative()) {
            (Guard::None, _) => bare,
            (_, false) => {
                let null = if null { format!(" && {field} != null") } else { String::new() };
                format!("has({field}){null} && {bare}")
            }
            (_, true) => {
                let null = if null { format!(" || {field} == null") } else { String::new() };
                format!("!has({field}){null} || {bare}")
            }
        }
    }

    /// Without its guard.
    fn bare(&self) -> String {
        let (field, operand) = (&self.field, self.operand.text());
        match self.operator {
            Operator::Is => format!("{field} == {operand}"),
            Operator::IsNot => format!("{field} != {operand}"),
            Operator::Below => format!("{field} < {operand}"),
            Operator::AtMost => format!("{field} <= {operand}"),
            Operator::Above => format!("{field} > {operand}"),
            Operator::AtLeast => format!("{field} >= {operand}"),
            Operator::OneOf => format!("{field} in {operand}"),
            Operator::NoneOf => format!("!({field} in {operand})"),
            Operator::Contains => format!("{field}.contains({operand})"),
            Operator::ContainsNot => format!("!{field}.contains({operand})"),
            Operator::StartsWith => format!("{field}.startsWith({operand})"),
            Operator::EndsWith => format!("{field}.endsWith({operand})"),
            Operator::Includes => format!("{operand} in {field}"),
            Operator::IncludesNot => format!("!({operand} in {field})"),
            Operator::HasValue => format!("{field} != null"),
            Operator::NoValue => format!("{field} == null"),
            Operator::There => format!("has({field})"),
            Operator::NotThere => format!("!has({field})"),
            Operator::Holds => field.clone(),
            Operator::HoldsNot => format!("!{field}"),
            Operator::WithinNext => {
                format!("timestamp({field}) >= now && timestamp({field}) <= now + {operand}")
            }
            Operator::WithinLast => {
                format!("timestamp({field}) <= now && timestamp({field}) >= now - {operand}")
            }
            Operator::FurtherAway => format!("timestamp({field}) > now + {operand}"),
            Operator::LongerAgo => format!("timestamp({field}) < now - {operand}"),
            Operator::Before => format!("timestamp({field}) < {operand}"),
            Operator::After => format!("timestamp({field}) > {operand}"),
        }
    }

    /// How its own text is joined, when it is more than one condition.
    fn joined(&self) -> Option<Joined> {
        let joined = if self.operator.is_negative() { Joined::Any } else { Joined::All };
        let is_span = matches!(self.operator, Operator::WithinNext | Operator::WithinLast);
        (self.guard != Guard::None || is_span).then_some(joined)
    }
}

/// How many values an operator compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    One,
    Several,
    Days,
    Date,
}

impl Operator {
    fn takes(self) -> Takes {
        use Operator::{
            After, Before, FurtherAway, HasValue, Holds, HoldsNot, LongerAgo, NoValue, NoneOf,
            NotThere, OneOf, There, WithinLast, WithinNext,
        };
        match self {
            OneOf | NoneOf => Takes::Several,
            HasValue | NoValue | There | NotThere | Holds | HoldsNot => Takes::Nothing,
            WithinNext | WithinLast | FurtherAway | LongerAgo => Takes::Days,
            Before | After => Takes::Date,
            _ => Takes::One,
        }
    }

    /// Whether it compares dates.
    pub fn is_of_dates(self) -> bool {
        matches!(self.takes(), Takes::Days | Takes::Date)
    }

    /// Whether it holds of what is not there.
    fn is_negative(self) -> bool {
        matches!(
            self,
            Self::IsNot | Self::NoneOf | Self::ContainsNot | Self::IncludesNot | Self::NoValue
        )
    }

    fn asks_value(self) -> bool {
        matches!(self, Self::HasValue | Self::NoValue)
    }

    /// Whether comparing null so is an error.
    fn fails_of_null(self) -> bool {
        !matches!(
            self,
            Self::Is | Self::IsNot | Self::OneOf | Self::NoneOf | Self::HasValue | Self::NoValue
        )
    }
}

/// The operators that mean something for a type, the likeliest first.
pub fn operators(of: &Type) -> Vec<Operator> {
    use Operator::{
        Above, After, AtLeast, AtMost, Before, Below, Contains, ContainsNot, EndsWith, FurtherAway,
        HasValue, Includes, IncludesNot, Is, IsNot, LongerAgo, NoValue, NoneOf, OneOf, StartsWith,
        WithinLast, WithinNext,
    };
    let mut operators: Vec<Operator> = Vec::new();
    for alternative in of.alternatives() {
        let of = match alternative {
            Type::Word(_) => &[Is, IsNot, OneOf, NoneOf][..],
            Type::Text => &[
                Is,
                IsNot,
                OneOf,
                NoneOf,
                Contains,
                ContainsNot,
                StartsWith,
                EndsWith,
                Above,
                Below,
            ],
            Type::Date => {
                &[WithinNext, WithinLast, Before, After, FurtherAway, LongerAgo, Is, IsNot]
            }
            Type::Int | Type::UInt | Type::Double | Type::Number => {
                &[Is, IsNot, AtLeast, AtMost, Above, Below]
            }
            Type::Timestamp | Type::Duration => &[Above, Below, AtLeast, AtMost],
            Type::Bool | Type::Kind => &[Is, IsNot],
            Type::List(_) => &[Includes, IncludesNot],
            Type::Null | Type::Object(_) => &[],
            Type::Dyn | Type::OneOf(_) => {
                &[Is, IsNot, OneOf, NoneOf, AtLeast, AtMost, Above, Below, Contains, Includes]
            }
        };
        operators.extend(of.iter().filter(|one| !operators.contains(one)).collect::<Vec<_>>());
    }
    operators.extend([HasValue, NoValue]);
    operators
}

/// The texts something can be; of anything else none.
pub fn of_words(of: &Type) -> Vec<String> {
    let known = of.only_words().unwrap_or_default();
    known.iter().flat_map(|words| words.words.iter().cloned()).collect()
}

/// What must be asked before a field is compared that may not be there.
fn guard(operator: Operator, of: &Type, may_lack: bool) -> Guard {
    match operator {
        Operator::There | Operator::NotThere => Guard::None,
        _ if !may_lack => Guard::None,
        _ if operator.fails_of_null() && of.may_be(&Type::Null) => Guard::MissingOrNull,
        _ => Guard::Missing,
    }
}
