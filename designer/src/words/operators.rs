//! Operators of conditions in words.

use crate::messages::t;
use journey::expr::condition::Operator;

/// What stands between a field and a value.
pub fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Is => t!("is"),
        Operator::IsNot => t!("is not"),
        Operator::Below => t!("is below"),
        Operator::AtMost => t!("is at most"),
        Operator::Above => t!("is above"),
        Operator::AtLeast => t!("is at least"),
        Operator::OneOf => t!("is one of"),
        Operator::NoneOf => t!("is none of"),
        Operator::Contains => t!("contains"),
        Operator::ContainsNot => t!("does not contain"),
        Operator::StartsWith => t!("starts with"),
        Operator::EndsWith => t!("ends with"),
        Operator::Includes => t!("includes"),
        Operator::IncludesNot => t!("does not include"),
        Operator::HasValue => t!("has a value"),
        Operator::NoValue => t!("has no value"),
        Operator::There => t!("is there"),
        Operator::NotThere => t!("is not there"),
        Operator::Holds => t!("holds"),
        Operator::HoldsNot => t!("does not hold"),
        Operator::WithinNext => t!("is within the next … days"),
        Operator::WithinLast => t!("is within the last … days"),
        Operator::FurtherAway => t!("is more than … days away"),
        Operator::LongerAgo => t!("is more than … days ago"),
        Operator::Before => t!("is before"),
        Operator::After => t!("is after"),
    }
}
