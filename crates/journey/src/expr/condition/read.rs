//! From CEL to rows.

use super::{Guard, Joined, Operand, Operator, Part, Row, dates, join};
use crate::expr::{
    code::{Comparison, Function, Literal, Op},
    print,
};

/// What an operation is as rows.
pub(super) fn part(op: &Op) -> Part {
    match op {
        Op::And(_) => joined(op, Joined::All),
        Op::Or(_) => joined(op, Joined::Any),
        // It binds less tightly than whatever it may stand among.
        Op::Choose(_) => Part::Text(format!("({})", print::text(op, &[]))),
        _ => row(op).map_or_else(|| Part::Text(print::text(op, &[])), Part::Row),
    }
}

/// The sides of a chain, of which some say together what one row says.
fn joined(op: &Op, joined: Joined) -> Part {
    let mut sides = Vec::new();
    chain(op, joined, &mut sides);
    let mut parts = Vec::new();
    let mut left = sides.as_slice();
    while let Some((first, rest)) = left.split_first() {
        let found = guarded(left, joined).or_else(|| Some((span(left, joined)?, 2)));
        let (part, taken) = match found {
            Some((row, taken)) => (Part::Row(row), taken),
            None => (part(first), 1),
        };
        parts.push(part);
        left = rest.get(taken - 1..).unwrap_or_default();
    }
    join(joined, parts).unwrap_or_else(|| Part::Text(print::text(op, &[])))
}

/// The sides of operators of one kind in a row, however they are grouped.
fn chain<'a>(op: &'a Op, joined: Joined, sides: &mut Vec<&'a Op>) {
    let mut open = vec![op];
    while let Some(op) = open.pop() {
        match (op, joined) {
            (Op::And(pair), Joined::All) | (Op::Or(pair), Joined::Any) => {
                open.extend(pair.iter().rev());
            }
            _ => sides.push(op),
        }
    }
}

/// A row and the questions before it whether its field is there; how many sides they are.
fn guarded(sides: &[&Op], joined: Joined) -> Option<(Row, usize)> {
    let asked = row(sides.first()?)?;
    let (there, null) = match joined {
        Joined::All => (Operator::There, Operator::HasValue),
        Joined::Any => (Operator::NotThere, Operator::NoValue),
    };
    if asked.operator != there {
        return None;
    }
    let fits = |row: &Row| {
        let is_question = matches!(row.operator, Operator::There | Operator::NotThere);
        row.field == asked.field
            && !is_question
            && row.operator.is_negative() == (joined == Joined::Any)
    };
    let next = |place: usize| next(sides.get(place..)?, joined).filter(|(row, _)| fits(row));
    let (second, taken) = next(1)?;
    if second.operator == null
        && let Some((third, taken)) = next(2).filter(|(third, _)| !third.operator.asks_value())
    {
        return Some((Row { guard: Guard::MissingOrNull, ..third }, 2 + taken));
    }
    Some((Row { guard: Guard::Missing, ..second }, 1 + taken))
}

/// The row that some sides begin with, and how many sides it is.
fn next(sides: &[&Op], joined: Joined) -> Option<(Row, usize)> {
    match span(sides, joined) {
        Some(row) => Some((row, 2)),
        None => Some((row(sides.first()?)?, 1)),
    }
}

fn span(sides: &[&Op], joined: Joined) -> Option<Row> {
    (joined == Joined::All).then(|| dates::span(sides)).flatten()
}

/// One comparison of a field.
fn row(op: &Op) -> Option<Row> {
    let bare = |field: &Op, operator, operand| {
        let field = name(field)?;
        Some(Row { field, operator, operand, guard: Guard::None })
    };
    match op {
        Op::Compare(..) if dates::row(op).is_some() => dates::row(op),
        Op::Compare(how, pair) => {
            let operand = operand(&pair[1]);
            let null = matches!(pair[1], Op::Literal(Literal::Null));
            bare(&pair[0], compared(*how, null)?, operand?)
        }
        Op::In(pair) => match texts(&pair[1]) {
            Some(texts) => bare(&pair[0], Operator::OneOf, Operand::Texts(texts)),
            None => bare(&pair[1], Operator::Includes, literal(&pair[0])?),
        },
        Op::Call(function, arguments) => match (called(*function), arguments.as_slice()) {
            (Some(operator), [of, what]) => bare(of, operator, operand(what)?),
            _ => None,
        },
        Op::Has(of, member) => {
            let asked = Op::Select(of.clone(), member.clone());
            bare(&asked, Operator::There, Operand::Nothing)
        }
        Op::Not(of) => {
            let row = row(of)?;
            let operator = match row.operator {
                Operator::OneOf => Operator::NoneOf,
                Operator::Contains => Operator::ContainsNot,
                Operator::Includes => Operator::IncludesNot,
                Operator::There => Operator::NotThere,
                Operator::Holds => Operator::HoldsNot,
                _ => return None,
            };
            Some(Row { operator, ..row })
        }
        Op::Root(_) | Op::Select(..) | Op::Index(_) => bare(op, Operator::Holds, Operand::Nothing),
        _ => None,
    }
}

fn compared(how: Comparison, null: bool) -> Option<Operator> {
    Some(match (how, null) {
        (Comparison::Equal, false) => Operator::Is,
        (Comparison::NotEqual, false) => Operator::IsNot,
        (Comparison::Equal, true) => Operator::NoValue,
        (Comparison::NotEqual, true) => Operator::HasValue,
        (_, true) => return None,
        (Comparison::Less, false) => Operator::Below,
        (Comparison::LessOrEqual, false) => Operator::AtMost,
        (Comparison::Greater, false) => Operator::Above,
        (Comparison::GreaterOrEqual, false) => Operator::AtLeast,
    })
}

fn called(function: Function) -> Option<Operator> {
    match function {
        Function::Contains => Some(Operator::Contains),
        Function::StartsWith => Some(Operator::StartsWith),
        Function::EndsWith => Some(Operator::EndsWith),
        _ => None,
    }
}

/// What a row can be about: a name with its members, or what a function says of something.
fn name(op: &Op) -> Option<String> {
    let is_name = op.path().is_some() || matches!(op, Op::Call(..));
    is_name.then(|| print::text(op, &[]))
}

fn operand(op: &Op) -> Option<Operand> {
    let computed = || Operand::Computed(print::text(op, &[]));
    match op {
        Op::Literal(Literal::Null) => Some(Operand::Nothing),
        Op::Literal(_) | Op::Negate(_) => literal(op),
        Op::Compute(..) | Op::Call(..) => Some(computed()),
        _ => op.path().map(|_| computed()),
    }
}

fn literal(op: &Op) -> Option<Operand> {
    match op {
        Op::Literal(Literal::Text(text)) => Some(Operand::Text(text.clone())),
        Op::Literal(Literal::Bool(flag)) => Some(Operand::Flag(*flag)),
        Op::Literal(Literal::Int(_) | Literal::UInt(_) | Literal::Double(_)) => {
            Some(Operand::Number(print::text(op, &[])))
        }
        Op::Negate(of) => match literal(of)? {
            Operand::Number(_) => Some(Operand::Number(print::text(op, &[]))),
            _ => None,
        },
        _ => None,
    }
}

fn texts(op: &Op) -> Option<Vec<String>> {
    let Op::List(items) = op else { return None };
    let text = |item: &Op| match item {
        Op::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    };
    items.iter().map(text).collect()
}
