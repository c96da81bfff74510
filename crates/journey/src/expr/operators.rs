//! Comparison and arithmetic.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{
    EvalError,
    code::{Arithmetic, Comparison},
    eval::{Evaluated, Evaluator, mismatch},
    moment,
    print::sign,
    value::{List, Object, Val},
};
use std::cmp::Ordering;

impl<'a> Evaluator<'a> {
    pub(super) fn compare(
        &mut self,
        how: Comparison,
        a: &Val<'a>,
        b: &Val<'a>,
    ) -> Result<bool, EvalError> {
        match how {
            Comparison::Equal => self.equal(a, b),
            Comparison::NotEqual => self.equal(a, b).map(|equal| !equal),
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => {
                self.charge(a.weight().min(b.weight()))?;
                let Some(order) = order(a, b)? else { return Ok(false) };
                Ok(match how {
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                    Comparison::Greater => order.is_gt(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                    Comparison::Equal | Comparison::NotEqual => false,
                })
            }
        }
    }

    /// Values of different types are different; numbers compare by value.
    pub(super) fn equal(&mut self, a: &Val<'a>, b: &Val<'a>) -> Result<bool, EvalError> {
        let mut open = Vec::new();
        if !self.level(a, b, &mut open)? {
            return Ok(false);
        }
        while let Some((a, b)) = open.pop() {
            if !self.level(&a, &b, &mut open)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether two values are equal but for their members, which are left open: values may be nested too deeply for recursion.
    fn level(
        &mut self,
        a: &Val<'a>,
        b: &Val<'a>,
        open: &mut Vec<(Val<'a>, Val<'a>)>,
    ) -> Result<bool, EvalError> {
        self.charge(a.weight().min(b.weight()))?;
        Ok(match (a, b) {
            (Val::Null, Val::Null) => true,
            (Val::Bool(a), Val::Bool(b)) => a == b,
            (Val::Text(a), Val::Text(b)) => **a == **b,
            (Val::Time(a), Val::Time(b)) | (Val::Span(a), Val::Span(b)) => a == b,
            (Val::Type(a), Val::Type(b)) => a == b,
            (Val::List(a), Val::List(b)) => {
                let same = a.len() == b.len();
                if same {
                    open.extend(a.iter().zip(b.iter()));
                }
                same
            }
            (Val::Map(a), Val::Map(b)) => a.len() == b.len() && self.members(a, b, open)?,
            _ => numbers(a, b).ok().flatten().is_some_and(Ordering::is_eq),
        })
    }

    /// Whether two maps have the same keys; the values that stand under them are left open.
    fn members(
        &mut self,
        a: &Object<'a>,
        b: &Object<'a>,
        open: &mut Vec<(Val<'a>, Val<'a>)>,
    ) -> Result<bool, EvalError> {
        for (key, value) in a.entries() {
            let Some(other) = self.under(b, &key)? else { return Ok(false) };
            open.push((value, other));
        }
        Ok(true)
    }

    /// What stands under a key of a map.
    pub(super) fn under(
        &mut self,
        map: &Object<'a>,
        key: &Val<'a>,
    ) -> Result<Option<Val<'a>>, EvalError> {
        match (map, key) {
            (Object::Made(entries), _) => {
                for (other, value) in entries.iter() {
                    if self.equal(other, key)? {
                        return Ok(Some(value.clone()));
                    }
                }
                Ok(None)
            }
            (_, Val::Text(name)) => Ok(map.member(name)),
            (_, _) => Ok(None),
        }
    }

    pub(super) fn contained(&mut self, item: &Val<'a>, among: &Val<'a>) -> Result<bool, EvalError> {
        match (item, among) {
            (_, Val::List(list)) => {
                for other in list.iter() {
                    if self.equal(item, &other)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            (_, Val::Map(map)) => Ok(self.under(map, item)?.is_some()),
            _ => Err(mismatch("in", &[item, among])),
        }
    }

    pub(super) fn compute(&mut self, how: Arithmetic, a: &Val<'a>, b: &Val<'a>) -> Evaluated<'a> {
        match (how, a, b) {
            (Arithmetic::Add, Val::Text(x), Val::Text(y)) => {
                self.charge(a.weight().saturating_add(b.weight()))?;
                Ok([&**x, &**y].concat().into())
            }
            (Arithmetic::Add, Val::List(x), Val::List(y)) => {
                self.charge(a.weight().saturating_add(b.weight()))?;
                Ok(concatenate(x, y))
            }
            (_, Val::Time(_) | Val::Span(_), _) | (_, _, Val::Time(_) | Val::Span(_)) => {
                time(how, a, b)
            }
            (_, Val::Int(x), Val::Int(y)) => integers(how, *x, *y),
            (_, Val::UInt(x), Val::UInt(y)) => unsigned(how, *x, *y),
            _ => match (real(a), real(b)) {
                (Some(x), Some(y))
                    if matches!((a, b), (Val::Double(_), _) | (_, Val::Double(_))) =>
                {
                    reals(how, x, y).ok_or_else(|| mismatch(sign(how), &[a, b]))
                }
                _ => Err(mismatch(sign(how), &[a, b])),
            },
        }
    }
}

fn concatenate<'a>(a: &List<'a>, b: &List<'a>) -> Val<'a> {
    Val::made(a.iter().chain(b.iter()).collect())
}

const OUT: EvalError = EvalError::Range("the result");

fn integers<'a>(how: Arithmetic, a: i64, b: i64) -> Evaluated<'a> {
    if b == 0 && matches!(how, Arithmetic::Divide | Arithmetic::Remainder) {
        return Err(EvalError::DivisionByZero);
    }
    let result = match how {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    result.map(Val::Int).ok_or(OUT)
}

fn unsigned<'a>(how: Arithmetic, a: u64, b: u64) -> Evaluated<'a> {
    if b == 0 && matches!(how, Arithmetic::Divide | Arithmetic::Remainder) {
        return Err(EvalError::DivisionByZero);
    }
    let result = match how {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Remainder => a.checked_rem(b),
    };
    result.map(Val::UInt).ok_or(OUT)
}

fn reals<'a>(how: Arithmetic, a: f64, b: f64) -> Option<Val<'a>> {
    match how {
        Arithmetic::Add => Some(Val::Double(a + b)),
        Arithmetic::Subtract => Some(Val::Double(a - b)),
        Arithmetic::Multiply => Some(Val::Double(a * b)),
        Arithmetic::Divide => Some(Val::Double(a / b)),
        Arithmetic::Remainder => None,
    }
}

fn time<'a>(how: Arithmetic, a: &Val<'a>, b: &Val<'a>) -> Evaluated<'a> {
    match (how, a, b) {
        (Arithmetic::Add, Val::Time(x), Val::Span(y))
        | (Arithmetic::Add, Val::Span(x), Val::Time(y)) => moment::time(x.checked_add(*y)),
        (Arithmetic::Subtract, Val::Time(x), Val::Span(y)) => moment::time(x.checked_sub(*y)),
        (Arithmetic::Subtract, Val::Time(x), Val::Time(y))
        | (Arithmetic::Subtract, Val::Span(x), Val::Span(y)) => moment::span(x.checked_sub(*y)),
        (Arithmetic::Add, Val::Span(x), Val::Span(y)) => moment::span(x.checked_add(*y)),
        _ => Err(mismatch(sign(how), &[a, b])),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the language's int to double conversion")]
pub(super) fn real(value: &Val<'_>) -> Option<f64> {
    match value {
        Val::Int(it) => Some(*it as f64),
        Val::UInt(it) => Some(*it as f64),
        Val::Double(it) => Some(*it),
        _ => None,
    }
}

/// How two numbers stand to each other; NaN stands nowhere.
fn numbers(a: &Val<'_>, b: &Val<'_>) -> Result<Option<Ordering>, NoNumber> {
    Ok(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
        (Val::UInt(a), Val::UInt(b)) => Some(a.cmp(b)),
        (Val::Int(a), Val::UInt(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Val::UInt(a), Val::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        _ => real(a).ok_or(NoNumber)?.partial_cmp(&real(b).ok_or(NoNumber)?),
    })
}

/// One of two values is no number.
struct NoNumber;

pub(super) fn order(a: &Val<'_>, b: &Val<'_>) -> Result<Option<Ordering>, EvalError> {
    match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => Ok(Some(a.cmp(b))),
        (Val::Text(a), Val::Text(b)) => Ok(Some((**a).cmp(&**b))),
        (Val::Time(a), Val::Time(b)) | (Val::Span(a), Val::Span(b)) => Ok(Some(a.cmp(b))),
        _ => numbers(a, b).map_err(|NoNumber| {
            let types = [a.type_name(), b.type_name()].join(" and ");
            EvalError::Type(format!("{types} cannot be ordered"))
        }),
    }
}
