//! What the field of a row is compared with.

use super::{Type, dates, of_words};
use crate::expr::print::quote;

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    Nothing,
    Text(String),
    /// As CEL writes it.
    Number(String),
    Flag(bool),
    Texts(Vec<String>),
    /// So many days.
    Days(u16),
    /// A date such as `2026-01-31`; empty until one is chosen.
    Date(String),
    /// CEL that is computed.
    Computed(String),
}

impl Operand {
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Nothing => text.push_str("null"),
            Self::Text(it) => quote(&mut text, it),
            Self::Number(it) | Self::Computed(it) => text.push_str(it),
            Self::Flag(it) => text.push_str(if *it { "true" } else { "false" }),
            Self::Days(days) => return dates::duration(*days),
            Self::Date(it) => {
                text.push_str("timestamp(");
                quote(&mut text, it);
                text.push(')');
            }
            Self::Texts(texts) => {
                text.push('[');
                for (place, it) in texts.iter().enumerate() {
                    text.push_str(if place == 0 { "" } else { ", " });
                    quote(&mut text, it);
                }
                text.push(']');
            }
        }
        text
    }

    /// A whole number of days as somebody typed it; `None` when it is none.
    pub fn days(typed: &str) -> Option<Self> {
        typed.trim().parse().ok().map(Self::Days)
    }

    /// A number as somebody typed it; `None` when it is none.
    pub fn number(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        if let Ok(whole) = typed.parse::<i64>() {
            return Some(Self::Number(whole.to_string()));
        }
        let number = typed.parse::<f64>().ok().filter(|number| number.is_finite())?;
        Some(Self::Number(format!("{number:?}")))
    }
}

/// The value a new row compares with.
pub(super) fn first(of: &Type) -> Operand {
    let item = of.alternatives().iter().find_map(|of| match of {
        Type::List(item) => Some(&**item),
        _ => None,
    });
    let of = item.unwrap_or(of);
    let is = |wanted: &Type| *of != Type::Dyn && of.may_be(wanted);
    if let Some(word) = of_words(of).into_iter().next() {
        return Operand::Text(word);
    }
    if is(&Type::Bool) {
        return Operand::Flag(true);
    }
    if is(&Type::Number) {
        return Operand::Number("0".to_owned());
    }
    if is(&Type::Timestamp) {
        return Operand::Computed("now".to_owned());
    }
    Operand::Text(String::new())
}
