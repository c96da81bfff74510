//! What each function takes and gives.
#![expect(clippy::wildcard_enum_match_arm, reason = "only some functions have a hint")]

use super::{Rest, Type};
use crate::expr::code::Function;
use std::collections::BTreeMap;

/// What a function takes at a place: the value it is about is at the first.
pub(super) fn takes(function: Function, place: usize) -> Type {
    match (function, place) {
        (Function::Size, _) => {
            let object = Type::object(BTreeMap::new(), Rest::Open(Type::Dyn));
            Type::one_of([Type::Text, Type::list(Type::Dyn), object])
        }
        (Function::Join, 0) => Type::list(Type::Text),
        (Function::Split, 2) | (Function::Substring, 1 | 2) => Type::Number,
        (Function::Type | Function::Dyn, _) => Type::Dyn,
        (Function::ToString, _) => {
            Type::one_of([Type::Text, Type::Number, Type::Bool, Type::Timestamp, Type::Duration])
        }
        (Function::ToInt, _) => Type::one_of([Type::Text, Type::Number, Type::Timestamp]),
        (Function::ToUint | Function::ToDouble, _) => Type::Text.or(Type::Number),
        (Function::ToBool, _) => Type::Text.or(Type::Bool),
        (Function::ToTimestamp, _) => Type::one_of([Type::Text, Type::Int, Type::Timestamp]),
        (Function::ToDuration, _) => Type::one_of([Type::Text, Type::Int, Type::Duration]),
        (
            Function::Year
            | Function::Month
            | Function::DayOfMonth
            | Function::Date
            | Function::DayOfWeek
            | Function::DayOfYear,
            0,
        ) => Type::Timestamp,
        (Function::Hours | Function::Minutes | Function::Seconds | Function::Milliseconds, 0) => {
            Type::Timestamp.or(Type::Duration)
        }
        (
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::LowerAscii
            | Function::UpperAscii
            | Function::Trim
            | Function::Split
            | Function::Join
            | Function::Replace
            | Function::Substring
            | Function::IndexOf
            | Function::Year
            | Function::Month
            | Function::DayOfMonth
            | Function::Date
            | Function::DayOfWeek
            | Function::DayOfYear
            | Function::Hours
            | Function::Minutes
            | Function::Seconds
            | Function::Milliseconds,
            _,
        ) => Type::Text,
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
        | Function::Type
        | Function::ToString => Type::Text,
        Function::Split => Type::list(Type::Text),
        Function::ToUint => Type::UInt,
        Function::ToDouble => Type::Double,
        Function::ToTimestamp => Type::Timestamp,
        Function::ToDuration => Type::Duration,
        Function::Size
        | Function::IndexOf
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
