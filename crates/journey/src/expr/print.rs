//! Writing an operation back as CEL, so that a part of an expression can be named by its text.

use super::code::{Arithmetic, Comparison, Function, Literal, Macro, MacroKind, Op, Style};
use std::fmt::Write as _;

#[cfg(test)]
mod tests;

/// How tightly a construct binds; a part that binds less tightly stands in parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Choice,
    Or,
    And,
    Relation,
    Sum,
    Product,
    Unary,
    Member,
}

/// The text of an operation in which every macro's variable in sight is known.
///
/// Reading it again gives an operation of the same value.
pub(super) fn text(op: &Op, locals: &[&str]) -> String {
    let mut printer = Printer { text: String::new(), locals: locals.to_vec() };
    printer.print(op, Binds::Choice);
    printer.text
}

struct Printer<'a> {
    text: String,
    locals: Vec<&'a str>,
}

impl<'a> Printer<'a> {
    fn print(&mut self, op: &'a Op, least: Binds) {
        if binds(op) < least {
            self.text.push('(');
            self.bare(op);
            self.text.push(')');
        } else {
            self.bare(op);
        }
    }

    fn bare(&mut self, op: &'a Op) {
        match op {
            Op::Literal(literal) => self.literal(literal),
            Op::Root(name) => self.text.push_str(&name.text),
            Op::Local(place) => {
                self.text.push_str(self.locals.get(*place).copied().unwrap_or_default());
            }
            Op::Select(of, member) => {
                self.print(of, Binds::Member);
                self.member(member);
            }
            Op::Has(of, member) => {
                self.text.push_str("has(");
                self.print(of, Binds::Member);
                self.member(member);
                self.text.push(')');
            }
            Op::Index(pair) => {
                self.print(&pair[0], Binds::Member);
                self.text.push('[');
                self.print(&pair[1], Binds::Choice);
                self.text.push(']');
            }
            Op::And(pair) => self.chain(pair, " && ", Binds::And),
            Op::Or(pair) => self.chain(pair, " || ", Binds::Or),
            Op::Not(of) => self.prefixed('!', of),
            Op::Negate(of) => self.prefixed('-', of),
            Op::Choose(three) => {
                self.print(&three[0], Binds::Or);
                self.text.push_str(" ? ");
                self.print(&three[1], Binds::Or);
                self.text.push_str(" : ");
                self.print(&three[2], Binds::Choice);
            }
            Op::Compare(how, pair) => self.left(pair, comparison(*how), Binds::Relation),
            Op::Compute(how, pair) => self.left(pair, sign(*how), binds(op)),
            Op::In(pair) => self.left(pair, "in", Binds::Relation),
            Op::List(items) => {
                self.text.push('[');
                self.listed(items);
                self.text.push(']');
            }
            Op::Map(entries) => self.map(entries),
            Op::Call(function, arguments) => self.call(*function, arguments),
            Op::Macro(it) => self.comprehension(it),
        }
    }

    fn member(&mut self, name: &str) {
        self.text.push_str(&member(name));
    }

    fn literal(&mut self, literal: &Literal) {
        let _ = match literal {
            Literal::Null => write!(self.text, "null"),
            Literal::Bool(it) => write!(self.text, "{it}"),
            Literal::Type(it) => write!(self.text, "{it}"),
            Literal::Int(it) => write!(self.text, "{it}"),
            Literal::UInt(it) => write!(self.text, "{it}u"),
            Literal::Double(it) => write!(self.text, "{it:?}"),
            Literal::Text(it) => return quote(&mut self.text, it),
        };
    }

    /// Operators of one kind in a row need no parentheses: they give the same however they are grouped.
    fn chain(&mut self, pair: &'a [Op; 2], operator: &str, least: Binds) {
        self.print(&pair[0], least);
        self.text.push_str(operator);
        self.print(&pair[1], least);
    }

    fn prefixed(&mut self, sign: char, of: &'a Op) {
        self.text.push(sign);
        // Two signs in a row would be read as none.
        self.print(of, Binds::Member);
    }

    fn left(&mut self, pair: &'a [Op; 2], operator: &str, level: Binds) {
        self.print(&pair[0], level);
        let _ = write!(self.text, " {operator} ");
        self.print(&pair[1], tighter(level));
    }

    fn listed(&mut self, items: &'a [Op]) {
        for (place, item) in items.iter().enumerate() {
            self.text.push_str(if place == 0 { "" } else { ", " });
            self.print(item, Binds::Choice);
        }
    }

    fn map(&mut self, entries: &'a [(Op, Op)]) {
        self.text.push('{');
        for (place, (key, value)) in entries.iter().enumerate() {
            self.text.push_str(if place == 0 { "" } else { ", " });
            self.print(key, Binds::Choice);
            self.text.push_str(": ");
            self.print(value, Binds::Choice);
        }
        self.text.push('}');
    }

    fn call(&mut self, function: Function, arguments: &'a [Op]) {
        let within = match (function.style(), arguments.split_first()) {
            (Style::Receiver, Some((of, rest))) => {
                self.print(of, Binds::Member);
                self.text.push('.');
                rest
            }
            (Style::Plain | Style::Both | Style::Receiver, _) => arguments,
        };
        self.text.push_str(function.name());
        self.text.push('(');
        self.listed(within);
        self.text.push(')');
    }

    fn comprehension(&mut self, it: &'a Macro) {
        self.print(&it.range, Binds::Member);
        let name = match it.kind {
            MacroKind::All => "all",
            MacroKind::Exists => "exists",
            MacroKind::ExistsOne => "exists_one",
            MacroKind::Filter => "filter",
            MacroKind::Map => "map",
        };
        let _ = write!(self.text, ".{name}({}", it.variable);
        self.locals.push(&it.variable);
        for part in it.filter.iter().chain(&it.body) {
            self.text.push_str(", ");
            self.print(part, Binds::Choice);
        }
        self.locals.pop();
        self.text.push(')');
    }
}

fn binds(op: &Op) -> Binds {
    match op {
        Op::Choose(_) => Binds::Choice,
        Op::Or(_) => Binds::Or,
        Op::And(_) => Binds::And,
        Op::Compare(..) | Op::In(_) => Binds::Relation,
        Op::Compute(Arithmetic::Add | Arithmetic::Subtract, _) => Binds::Sum,
        Op::Compute(Arithmetic::Multiply | Arithmetic::Divide | Arithmetic::Remainder, _) => {
            Binds::Product
        }
        // A number before a dot, or behind a sign, would be read as another number.
        Op::Not(_)
        | Op::Negate(_)
        | Op::Literal(Literal::Int(_) | Literal::UInt(_) | Literal::Double(_)) => Binds::Unary,
        Op::Literal(Literal::Null | Literal::Bool(_) | Literal::Text(_) | Literal::Type(_))
        | Op::Root(_)
        | Op::Local(_)
        | Op::Select(..)
        | Op::Has(..)
        | Op::Index(_)
        | Op::List(_)
        | Op::Map(_)
        | Op::Call(..)
        | Op::Macro(_) => Binds::Member,
    }
}

fn tighter(level: Binds) -> Binds {
    match level {
        Binds::Choice => Binds::Or,
        Binds::Or => Binds::And,
        Binds::And => Binds::Relation,
        Binds::Relation => Binds::Sum,
        Binds::Sum => Binds::Product,
        Binds::Product => Binds::Unary,
        Binds::Unary | Binds::Member => Binds::Member,
    }
}

pub(super) fn comparison(how: Comparison) -> &'static str {
    match how {
        Comparison::Equal => "==",
        Comparison::NotEqual => "!=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

pub(super) fn sign(how: Arithmetic) -> &'static str {
    match how {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}

/// A member behind what has it: a name that is not one plain word stands in backticks.
pub(super) fn member(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if plain { format!(".{name}") } else { format!(".`{name}`") }
}

/// A text literal.
pub(super) fn quote(into: &mut String, text: &str) {
    into.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => into.extend(['\\', c]),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(into, "\\u{:04x}", u32::from(c));
            }
            c => into.push(c),
        }
    }
    into.push('\'');
}
