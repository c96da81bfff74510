//! What each function takes and gives.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some functions take more than texts, or have a hint"
)]

use super::{Rest, Type};
use crate::expr::code::Function;
use std::collections::BTreeMap;

/// What a function takes at a place: the value it is about is at the first.
pub(in crate::expr) fn takes(function: Function, place: usize) -> Type {
    match (function, place) {
        (Function::Greatest | Function::Least, _) => Type::Number.or(Type::list(Type::Number)),
        (_, 0) => is_about(function),
        (Function::CharAt | Function::Substring, 1)
        | (Function::Split | Function::Substring | Function::IndexOf | Function::LastIndexOf, 2)
        | (Function::Replace, 3) => Type::Number,
        _ => Type::Text,
    }
}

/// What the value is that a function is about.
fn is_about(function: Function) -> Type {
    match function {
        Function::Size => {
            let object = Type::object(BTreeMap::new(), Rest::Open(Type::Dyn));
            Type::one_of([Type::Text, Type::list(Type::Dyn), object])
        }
        Function::Join => Type::list(Type::Text),
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
        | Function::CharAt => Type::Text,
        Function::Type | Function::Dyn => Type::Dyn,
        Function::Greatest
        | Function::Least
        | Function::Ceil
        | Function::Floor
        | Function::Round
        | Function::Trunc
        | Function::Abs
        | Function::Sign => Type::Number,
        Function::ToString => {
            Type::one_of([Type::Text, Type::Number, Type::Bool, Type::Timestamp, Type::Duration])
        }
        Function::ToInt => Type::one_of([Type::Text, Type::Number, Type::Timestamp]),
        Function::ToUint | Function::ToDouble => Type::Text.or(Type::Number),
        Function::ToBool => Type::Text.or(Type::Bool),
        Function::ToTimestamp => Type::one_of([Type::Text, Type::Int, Type::Timestamp]),
        Function::ToDuration => Type::one_of([Type::Text, Type::Int, Type::Duration]),
        Function::Year
        | Function::Month
        | Function::DayOfMonth
        | Function::Date
        | Function::DayOfWeek
        | Function::DayOfYear => Type::Timestamp,
        Function::Hours | Function::Minutes | Function::Seconds | Function::Milliseconds => {
            Type::Timestamp.or(Type::Duration)
        }
    }
}

pub(super) fn gives(function: Function) -> Type {
    match function {
        Function::Dyn => Type::Dyn,
        Function::Contains | Function::StartsWith | Function::EndsWith | Function::ToBool => {
            Type::Bool
        }
        Function::LowerAscii
        | Function::UpperAscii
        | Function::Trim
        | Function::Join
        | Function::Replace
        | Function::Substring
        | Function::CharAt
        | Function::ToString => Type::Text,
        Function::Type => Type::Kind,
        Function::Greatest
        | Function::Least
        | Function::Ceil
        | Function::Floor
        | Function::Round
        | Function::Trunc
        | Function::Abs
        | Function::Sign => Type::Number,
        Function::Split => Type::list(Type::Text),
        Function::ToUint => Type::UInt,
        Function::ToDouble => Type::Double,
        Function::ToTimestamp => Type::Timestamp,
        Function::ToDuration => Type::Duration,
        Function::Size
        | Function::IndexOf
        | Function::LastIndexOf
        | Function::ToInt
        | Function::Year
        | Function::Month
        | Function::DayOfMonth
        | Function::Date
        | Function::DayOfWeek
        | Function::DayOfYear
        | Function::Hours
        | Function::Minutes
        | Function::Seconds
        | Function::Milliseconds => Type::Int,
    }
}

/// What would mend a call on what the function does not take; empty when nothing is known to.
pub(super) fn hint(function: Function, of: &Type) -> &'static str {
    match function {
        Function::Contains if of.may_be(&Type::list(Type::Dyn)) => {
            " Ask whether a value is in a list with 'in'."
        }
        Function::Contains | Function::StartsWith | Function::EndsWith
            if of.may_be(&Type::Number) =>
        {
            " Make text of it with string(…) first."
        }
        Function::Year
        | Function::Month
        | Function::DayOfMonth
        | Function::Date
        | Function::DayOfWeek
        | Function::DayOfYear
        | Function::Hours
        | Function::Minutes
        | Function::Seconds
        | Function::Milliseconds
            if of.may_be(&Type::Text) =>
        {
            " Make a time of it with timestamp(…) first."
        }
        _ => "",
    }
}
