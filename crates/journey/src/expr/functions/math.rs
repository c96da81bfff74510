//! Functions on numbers.
#![expect(clippy::wildcard_enum_match_arm, reason = "whatever is no number gets one answer")]

use crate::expr::{
    EvalError,
    code::Function,
    eval::{Evaluated, mismatch},
    operators::{order, real},
    value::{List, Val},
};
use std::cmp::Ordering;

pub(super) fn call<'a>(function: Function, arguments: &[Val<'a>]) -> Evaluated<'a> {
    let (wanted, rest) = match function {
        Function::Greatest => (Ordering::Greater, arguments),
        Function::Least => (Ordering::Less, arguments),
        _ => {
            return match arguments {
                [only] => of_one(function, only),
                _ => Err(wrong(function, arguments)),
            };
        }
    };
    match rest {
        [Val::List(list)] => outermost(function, &items(list), wanted),
        several => outermost(function, several, wanted),
    }
}

fn items<'a>(list: &List<'a>) -> Vec<Val<'a>> {
    list.iter().collect()
}

fn wrong(function: Function, values: &[Val<'_>]) -> EvalError {
    mismatch(function.name(), &values.iter().collect::<Vec<_>>())
}

/// The first of those that are ahead of all others.
fn outermost<'a>(function: Function, values: &[Val<'a>], wanted: Ordering) -> Evaluated<'a> {
    let mut best: Option<&Val<'a>> = None;
    for value in values {
        if real(value).is_none() {
            return Err(wrong(function, values));
        }
        match best {
            Some(best) if order(value, best)? != Some(wanted) => {}
            _ => best = Some(value),
        }
    }
    best.cloned().ok_or_else(|| wrong(function, values))
}

fn of_one<'a>(function: Function, of: &Val<'a>) -> Evaluated<'a> {
    const OUT: EvalError = EvalError::Range("the result");
    Ok(match (function, of) {
        (Function::Abs, Val::Int(it)) => Val::Int(it.checked_abs().ok_or(OUT)?),
        (Function::Abs | Function::Sign, Val::UInt(0)) => Val::UInt(0),
        (Function::Abs, Val::UInt(it)) => Val::UInt(*it),
        (Function::Sign, Val::UInt(_)) => Val::UInt(1),
        (Function::Sign, Val::Int(it)) => Val::Int(it.signum()),
        (Function::Sign, Val::Double(it)) if *it == 0.0 || it.is_nan() => Val::Double(*it),
        (function, Val::Double(it)) => Val::Double(match function {
            Function::Abs => it.abs(),
            Function::Sign => it.signum(),
            Function::Ceil => it.ceil(),
            Function::Floor => it.floor(),
            Function::Round => it.round(),
            _ => it.trunc(),
        }),
        // A whole number is its own; what JSON writes without decimals may be asked as what it writes with them.
        (
            Function::Ceil | Function::Floor | Function::Round | Function::Trunc,
            Val::Int(_) | Val::UInt(_),
        ) => of.clone(),
        _ => return Err(mismatch(function.name(), &[of])),
    })
}
