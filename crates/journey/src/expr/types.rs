//! What kinds of values an expression can give, as far as schemas say.
//!
//! A type is a promise about what may come, never about what is there: a member may be missing, and whatever nothing is
//! known of is [`Type::Dyn`], about which nothing is ever reported.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most types are told apart from one or two others only"
)]

use std::{collections::BTreeMap, sync::Arc};

mod functions;
mod infer;
mod schema;

#[cfg(test)]
mod tests;

pub(super) use functions::takes;
pub(super) use infer::infer;

/// Most alternatives that are told apart; beyond them nothing is known.
const ALTERNATIVES: usize = 8;
/// Most words that are told apart; beyond them it is any text.
const WORDS: usize = 64;
/// Most words and names a sentence lists.
const LISTED: usize = 12;

/// The kinds of values something can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Nothing is known.
    Dyn,
    Null,
    Bool,
    Int,
    UInt,
    Double,
    /// A JSON number: it may be any of the three above.
    Number,
    Text,
    /// A text that is a date such as `2026-01-31`, or a time such as `2026-01-31T09:00:00Z`.
    Date,
    /// One of a few texts.
    Word(Arc<Words>),
    Timestamp,
    Duration,
    /// A type itself, as `type(…)` gives it.
    Kind,
    List(Arc<Type>),
    Object(Arc<Shape>),
    /// Two or more of the others; none of them is `Dyn` or itself `OneOf`.
    OneOf(Arc<[Type]>),
}

/// The only texts something can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub words: Vec<String>,
    /// The node whose outcomes they are; `None` when a schema lists them, or they are written out.
    pub outcomes_of: Option<String>,
}

/// The members of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub members: BTreeMap<String, Type>,
    pub rest: Rest,
}

/// What an object may have beside its listed members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Closed,
    /// Anything, but what is listed is probably all.
    Unlisted,
    /// More members of a type.
    Open(Type),
    /// Anything; what is not listed is reported elsewhere.
    Reported,
}

/// What expressions read: the type of each root. A root that is not named is `Dyn`.
#[derive(Clone, Debug, Default)]
pub struct TypeScope {
    roots: BTreeMap<String, Type>,
}

/// Something an expression does that cannot succeed, or probably does not mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeProblem {
    pub kind: ProblemKind,
    /// The text of the part of the expression it is about, as CEL.
    pub part: String,
    /// A plain sentence.
    pub message: String,
}

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// It can never have a value, or its answer is always the same.
    Mismatch,
    /// A member that is not listed, of an object that may have no others.
    UnknownField,
    /// A member that is not listed, of an object that may have others.
    UnlistedField,
    /// A comparison with an outcome the node does not have.
    UnknownOutcome,
    /// A comparison with a text that it never is.
    UnlistedValue,
}

impl TypeScope {
    /// The same scope in which one more name has a type.
    #[must_use]
    pub fn with(mut self, name: &str, of: Type) -> Self {
        self.roots.insert(name.to_owned(), of);
        self
    }

    /// What can be read, by name.
    /// The same scope in which the object of a name has more members; what is said of one already stands.
    #[must_use]
    pub fn with_members(self, name: &str, more: BTreeMap<String, Type>) -> Self {
        let of = self.root(name).with_members(more);
        self.with(name, of)
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = (&str, &Type)> {
        self.roots.iter().map(|(name, of)| (name.as_str(), of))
    }

    pub(super) fn root(&self, name: &str) -> Type {
        self.roots.get(name).cloned().unwrap_or(Type::Dyn)
    }
}

impl Type {
    /// Either of two types.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::one_of([self, other])
    }

    /// Any of several types; of none, nothing is known.
    pub fn one_of(types: impl IntoIterator<Item = Self>) -> Self {
        let mut alternatives: Vec<Self> = Vec::new();
        for of in types {
            for alternative in of.alternatives() {
                if *alternative == Self::Dyn {
                    return Self::Dyn;
                }
                merge(&mut alternatives, alternative.clone());
            }
        }
        match alternatives.len() {
            0 => Self::Dyn,
            1 => alternatives.remove(0),
            count if count > ALTERNATIVES => Self::Dyn,
            _ => Self::OneOf(alternatives.into()),
        }
    }

    /// A list of a type.
    pub fn list(of: Self) -> Self {
        Self::List(Arc::new(of))
    }

    /// An object with these members.
    pub fn object(members: BTreeMap<String, Self>, rest: Rest) -> Self {
        Self::Object(Arc::new(Shape { members, rest }))
    }

    fn with_members(&self, more: BTreeMap<String, Self>) -> Self {
        Self::one_of(self.alternatives().iter().map(|alternative| match alternative {
            Self::Object(shape) => {
                let mut members = more.clone();
                members.extend(shape.members.clone());
                Self::object(members, shape.rest.clone())
            }
            other => other.clone(),
        }))
    }

    /// The outcomes a node can have.
    pub fn outcomes(node: &str, words: Vec<String>) -> Self {
        Self::Word(Arc::new(Words { words, outcomes_of: Some(node.to_owned()) }))
    }

    /// One of these texts.
    pub fn words(words: Vec<String>) -> Self {
        Self::Word(Arc::new(Words { words, outcomes_of: None }))
    }

    pub(crate) fn alternatives(&self) -> &[Self] {
        match self {
            Self::OneOf(alternatives) => alternatives,
            other => std::slice::from_ref(other),
        }
    }

    /// Whether a value of this type can be one of another: whether some alternative of each goes with one of the other's.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        self.alternatives().iter().any(|a| other.alternatives().iter().any(|b| overlaps(a, b)))
    }

    /// Whether some value of this type is taken where another is asked for.
    pub(crate) fn fits(&self, asked: &Self) -> bool {
        let fits = |a: &Self, b: &Self| match (a, b) {
            (Self::Word(a), Self::Word(b)) => a.words.iter().any(|word| b.words.contains(word)),
            _ => overlaps(a, b),
        };
        self.alternatives().iter().any(|a| asked.alternatives().iter().any(|b| fits(a, b)))
    }

    /// Every text it can be; `None` when it may be another, or is never text.
    pub(super) fn only_words(&self) -> Option<Vec<&Arc<Words>>> {
        let mut words = Vec::new();
        for alternative in self.alternatives() {
            match alternative {
                Self::Dyn | Self::Text | Self::Date => return None,
                Self::Word(known) => words.push(known),
                _ => {}
            }
        }
        (!words.is_empty()).then_some(words)
    }

    /// As it is kept: what JSON makes of a value of this type.
    pub(crate) fn kept(&self) -> Self {
        match self {
            Self::Timestamp | Self::Duration | Self::Kind => Self::Text,
            Self::Int | Self::UInt | Self::Double => Self::Number,
            Self::List(of) => Self::list(of.kept()),
            Self::Object(shape) => {
                let members =
                    shape.members.iter().map(|(name, of)| (name.clone(), of.kept())).collect();
                Self::object(members, shape.rest.kept())
            }
            Self::OneOf(alternatives) => Self::one_of(alternatives.iter().map(Self::kept)),
            Self::Dyn
            | Self::Null
            | Self::Bool
            | Self::Number
            | Self::Text
            | Self::Date
            | Self::Word(_) => self.clone(),
        }
    }

    /// In words, such as `text or null`.
    pub(crate) fn described(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for alternative in self.alternatives() {
            let name = alternative.noun();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => String::new(),
        }
    }

    /// In words, with the texts it can be.
    pub(crate) fn described_closely(&self) -> String {
        match self {
            Self::Word(known) => quoted(&known.words),
            other => other.described(),
        }
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Dyn | Self::OneOf(_) => "anything",
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Int => "a whole number",
            Self::UInt => "an unsigned number",
            Self::Double => "a decimal number",
            Self::Number => "a number",
            Self::Text | Self::Date | Self::Word(_) => "text",
            Self::Timestamp => "a time",
            Self::Duration => "a duration",
            Self::Kind => "a type",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    pub(super) fn is_numeric(&self) -> bool {
        matches!(self, Self::Int | Self::UInt | Self::Double | Self::Number)
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Date | Self::Word(_))
    }
}

impl Rest {
    fn kept(&self) -> Self {
        match self {
            Self::Open(of) => Self::Open(of.kept()),
            Self::Closed | Self::Unlisted | Self::Reported => self.clone(),
        }
    }
}

/// Adds an alternative, unless one that is there says as much.
fn merge(alternatives: &mut Vec<Type>, new: Type) {
    if alternatives.contains(&new) {
        return;
    }
    match &new {
        Type::Text => alternatives.retain(|other| !other.is_text()),
        Type::Date => {
            if let Some(place) = alternatives.iter().position(Type::is_text) {
                alternatives[place] = Type::Text;
                return;
            }
        }
        Type::Word(words) => {
            if let Some(place) = alternatives.iter().position(Type::is_text) {
                alternatives[place] = with_words(&alternatives[place], words);
                return;
            }
        }
        Type::Number => alternatives.retain(|other| !other.is_numeric()),
        of if of.is_numeric() && alternatives.contains(&Type::Number) => return,
        _ => {}
    }
    alternatives.push(new);
}

/// The texts of one or the other, when both are of one sort and few.
fn with_words(a: &Type, b: &Words) -> Type {
    let Type::Word(a) = a else { return Type::Text };
    let mut words = a.words.clone();
    words.extend(b.words.iter().filter(|word| !a.words.contains(word)).cloned());
    if a.outcomes_of != b.outcomes_of || words.len() > WORDS {
        return Type::Text;
    }
    Type::Word(Arc::new(Words { words, outcomes_of: a.outcomes_of.clone() }))
}

/// Whether two alternatives have values of one kind.
fn overlaps(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Dyn, _)
        | (_, Type::Dyn)
        | (Type::List(_), Type::List(_))
        | (Type::Object(_), Type::Object(_)) => true,
        _ => a == b || (a.is_numeric() && b.is_numeric()) || (a.is_text() && b.is_text()),
    }
}

/// Names one after another, for a sentence.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let mut names: Vec<_> = names.into_iter().map(String::as_str).collect();
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    match (names.is_empty(), more) {
        (true, _) => "nothing".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}

/// Texts in quotes, for a sentence.
fn quoted(words: &[String]) -> String {
    let quoted: Vec<_> = words.iter().take(LISTED).map(|word| format!("'{word}'")).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() && words.len() <= LISTED => {
            format!("{} or {last}", others.join(", "))
        }
        Some(_) if words.len() > LISTED => format!("{} or others", quoted.join(", ")),
        _ => quoted.join(", "),
    }
}
