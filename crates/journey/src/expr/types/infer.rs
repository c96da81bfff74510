//! The type of an operation, and what in it can never succeed.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever has no meaning for a function or an operator gets one answer"
)]

use super::{
    ProblemKind, Rest, Shape, Type, TypeProblem, TypeScope, Words, functions, listed, quoted,
};
use crate::expr::{
    code::{Arithmetic, Comparison, Function, Literal, Macro, MacroKind, Op},
    print,
};
use std::{collections::BTreeMap, sync::Arc};

/// The type of what an expression gives, with every problem in it.
pub(in crate::expr) fn infer(op: &Op, scope: &TypeScope) -> (Type, Vec<TypeProblem>) {
    let mut inference =
        Inference { whole: op, scope, locals: Vec::new(), names: Vec::new(), found: Vec::new() };
    let of = inference.infer(op);
    (of, inference.found)
}

struct Inference<'a> {
    whole: &'a Op,
    scope: &'a TypeScope,
    /// Macro variables in sight, innermost last, and what they go by.
    locals: Vec<Type>,
    names: Vec<&'a str>,
    found: Vec<TypeProblem>,
}

impl<'a> Inference<'a> {
    fn infer(&mut self, op: &'a Op) -> Type {
        match op {
            Op::Literal(literal) => literal_type(literal),
            Op::Root(name) => self.scope.root(&name.text),
            Op::Local(place) => self.locals.get(*place).cloned().unwrap_or(Type::Dyn),
            Op::Select(of, member) => {
                let of = self.infer(of);
                self.member(op, &of, member)
            }
            Op::Has(of, _) => {
                self.infer(of);
                Type::Bool
            }
            Op::Index(pair) => self.index(op, pair),
            Op::And(pair) | Op::Or(pair) => {
                self.condition(&pair[0]);
                self.condition(&pair[1]);
                Type::Bool
            }
            Op::Not(of) => {
                self.condition(of);
                Type::Bool
            }
            Op::Negate(of) => self.negate(op, of),
            Op::Choose(three) => {
                self.condition(&three[0]);
                let (then, otherwise) = (self.infer(&three[1]), self.infer(&three[2]));
                then.or(otherwise)
            }
            Op::Compare(how, pair) => self.compare(op, *how, pair),
            Op::Compute(how, pair) => self.compute(op, *how, pair),
            Op::In(pair) => self.within(op, pair),
            Op::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.infer(item)).collect();
                Type::list(Type::one_of(items))
            }
            Op::Map(entries) => self.map(entries),
            Op::Call(function, arguments) => self.call(op, *function, arguments),
            Op::Macro(it) => self.comprehension(op, it),
        }
    }

    /// The type of what has been gone through already.
    fn quietly(&mut self, op: &'a Op) -> Type {
        let before = self.found.len();
        let of = self.infer(op);
        self.found.truncate(before);
        of
    }

    fn text(&self, op: &Op) -> String {
        print::text(op, &self.names)
    }

    fn report(&mut self, kind: ProblemKind, op: &Op, message: impl FnOnce(&str) -> String) {
        let part = self.text(op);
        let message = message(&part);
        self.found.push(TypeProblem { kind, part, message });
    }

    fn mismatch(&mut self, op: &Op, why: &str) -> Type {
        self.report(ProblemKind::Mismatch, op, |part| {
            format!("'{part}' can never have a value: {why}")
        });
        Type::Dyn
    }

    fn condition(&mut self, op: &'a Op) {
        let of = self.infer(op);
        if !of.may_be(&Type::Bool) {
            let is = of.described();
            self.report(ProblemKind::Mismatch, op, |part| {
                format!("'{part}' must be true or false here, but it is {is}. Compare it with something.")
            });
        }
    }

    fn member(&mut self, op: &'a Op, of: &Type, member: &str) -> Type {
        let mut found = Vec::new();
        let mut without: Option<&Shape> = None;
        for alternative in of.alternatives() {
            match alternative {
                Type::Dyn => return Type::Dyn,
                Type::Object(shape) => match (shape.members.get(member), &shape.rest) {
                    (Some(of), _) | (None, Rest::Open(of)) => found.push(of.clone()),
                    (None, Rest::Reported) => return Type::Dyn,
                    (None, Rest::Unlisted) => without = Some(shape),
                    (None, Rest::Closed) => without = without.or(Some(shape)),
                },
                _ => {}
            }
        }
        if !found.is_empty() {
            return Type::one_of(found);
        }
        match without {
            Some(shape) => self.unlisted(op, shape, member),
            None if self.is_tested(op) => {}
            None => {
                let is = of.described();
                self.mismatch(op, &format!("{is} has no member '{member}'."));
            }
        }
        Type::Dyn
    }

    fn unlisted(&mut self, op: &'a Op, shape: &Shape, member: &str) {
        if self.is_tested(op) {
            return;
        }
        let kind = match shape.rest {
            Rest::Closed => ProblemKind::UnknownField,
            Rest::Unlisted | Rest::Open(_) | Rest::Reported => ProblemKind::UnlistedField,
        };
        let known = listed(shape.members.keys());
        self.report(kind, op, |part| {
            format!("'{part}' reads '{member}', which is not there; there is {known}.")
        });
    }

    /// Whether the expression asks with `has` for what is read here, or for something in it.
    fn is_tested(&self, op: &Op) -> bool {
        let Some(path) = op.path() else { return false };
        self.whole.reads().iter().any(|reads| {
            reads.tested
                && reads.path.len() >= path.len()
                && reads.path.iter().zip(&path).all(|(a, b)| a == b)
        })
    }

    fn index(&mut self, op: &'a Op, pair: &'a [Op; 2]) -> Type {
        let (of, at) = (self.infer(&pair[0]), self.infer(&pair[1]));
        if let Op::Literal(Literal::Text(member)) = &pair[1] {
            return self.member(op, &of, member);
        }
        let mut found = Vec::new();
        for alternative in of.alternatives() {
            match alternative {
                Type::Dyn => return Type::Dyn,
                Type::List(item) if at.may_be(&Type::Number) => found.push((**item).clone()),
                Type::Object(shape) => found.push(any_member(shape)),
                _ => {}
            }
        }
        if found.is_empty() {
            let why = format!("{} has no item at {}.", of.described(), at.described());
            return self.mismatch(op, &why);
        }
        Type::one_of(found)
    }

    fn negate(&mut self, op: &'a Op, of: &'a Op) -> Type {
        let of = self.infer(of);
        let negated: Vec<_> = of.alternatives().iter().filter_map(negative).collect();
        if negated.is_empty() {
            let why = format!("'-' does not take {}.", of.described());
            return self.mismatch(op, &why);
        }
        Type::one_of(negated)
    }

    fn compare(&mut self, op: &'a Op, how: Comparison, pair: &'a [Op; 2]) -> Type {
        let (a, b) = (self.infer(&pair[0]), self.infer(&pair[1]));
        match how {
            Comparison::Equal | Comparison::NotEqual => {
                self.equality(op, how, [&a, &b]);
                self.words(op, &a, &b);
            }
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Greater
            | Comparison::GreaterOrEqual => {
                let either = a.alternatives().iter().any(|a| {
                    b.alternatives()
                        .iter()
                        .any(|b| is_orderable(a) && is_orderable(b) && a.may_be(b))
                });
                if !either {
                    let why = cannot(&a, &b, "cannot be put in order");
                    self.mismatch(op, &why);
                }
            }
        }
        Type::Bool
    }

    fn equality(&mut self, op: &'a Op, how: Comparison, [a, b]: [&Type; 2]) {
        // What a schema says is never null may yet be asked whether it is.
        let same = a.may_be(b) || *a == Type::Null || *b == Type::Null;
        if same {
            return;
        }
        let always = how == Comparison::NotEqual;
        let why = cannot(a, b, "are never equal");
        self.report(ProblemKind::Mismatch, op, |part| {
            format!("'{part}' is always {always}: {why}")
        });
    }

    /// Reports two sides that are one of a few texts each, and of none in common.
    fn words(&mut self, op: &'a Op, a: &Type, b: &Type) {
        let (Some(a), Some(b)) = (a.only_words(), b.only_words()) else { return };
        if a.iter().any(|a| b.iter().any(|b| a.words.iter().any(|word| b.words.contains(word)))) {
            return;
        }
        let is_outcomes = |side: &[&Arc<Words>]| side.iter().any(|of| of.outcomes_of.is_some());
        let (known, other) = if is_outcomes(&b) && !is_outcomes(&a) { (b, a) } else { (a, b) };
        let (Some(known), Some(other)) = (known.first(), other.first()) else { return };
        let never = quoted(&other.words);
        if let Some(node) = &known.outcomes_of {
            let is = listed(&known.words);
            self.report(ProblemKind::UnknownOutcome, op, |_| {
                format!("'{node}' has no outcome {never}; it has {is}.")
            });
        } else {
            let is = quoted(&known.words);
            self.report(ProblemKind::UnlistedValue, op, |part| {
                format!("In '{part}' one side is only ever {is}, never {never}.")
            });
        }
    }

    fn compute(&mut self, op: &'a Op, how: Arithmetic, pair: &'a [Op; 2]) -> Type {
        let (a, b) = (self.infer(&pair[0]), self.infer(&pair[1]));
        let results = a
            .alternatives()
            .iter()
            .flat_map(|a| b.alternatives().iter().filter_map(move |b| computed(how, a, b)));
        let results: Vec<_> = results.collect();
        if results.is_empty() {
            let sign = print::sign(how);
            let mut why =
                format!("'{sign}' does not take {} and {}.", a.described(), b.described());
            if how == Arithmetic::Add && a.may_be(&Type::Text) != b.may_be(&Type::Text) {
                why.push_str(" Make text of a number with string(…) first.");
            }
            return self.mismatch(op, &why);
        }
        Type::one_of(results)
    }

    fn within(&mut self, op: &'a Op, pair: &'a [Op; 2]) -> Type {
        let (item, among) = (self.infer(&pair[0]), self.infer(&pair[1]));
        if let Op::List(written) = &pair[1] {
            for other in written {
                let other = self.quietly(other);
                self.words(op, &item, &other);
            }
        }
        let mut fits = false;
        let mut searched = false;
        for alternative in among.alternatives() {
            let of = match alternative {
                Type::Dyn => return Type::Bool,
                Type::List(of) => &**of,
                Type::Object(_) => &Type::Text,
                _ => continue,
            };
            searched = true;
            fits |= item.may_be(of) || item == Type::Null;
        }
        if !searched {
            let is = among.described();
            self.mismatch(op, &format!("'in' looks in a list or an object, not in {is}."));
        } else if !fits {
            let is = item.described();
            self.report(ProblemKind::Mismatch, op, |part| {
                format!("'{part}' is always false: {is} is never in there.")
            });
        }
        Type::Bool
    }

    /// An object when every key is a text that is written out; other keys are no names of members.
    fn map(&mut self, entries: &'a [(Op, Op)]) -> Type {
        let mut members = Some(BTreeMap::new());
        for (key, value) in entries {
            let (_, value) = (self.infer(key), self.infer(value));
            match (key, &mut members) {
                (Op::Literal(Literal::Text(name)), Some(members)) => {
                    members.insert(name.clone(), value);
                }
                _ => members = None,
            }
        }
        members.map_or(Type::Dyn, |members| Type::object(members, Rest::Closed))
    }

    fn call(&mut self, op: &'a Op, function: Function, arguments: &'a [Op]) -> Type {
        for (place, argument) in arguments.iter().enumerate() {
            let of = self.infer(argument);
            let takes = functions::takes(function, place);
            if !of.may_be(&takes) {
                let (name, hint) = (function.name(), functions::hint(function, &of));
                let (takes, is) = (takes.described(), of.described());
                self.mismatch(op, &format!("{name} takes {takes}, not {is}.{hint}"));
            }
        }
        functions::gives(function)
    }

    fn comprehension(&mut self, op: &'a Op, it: &'a Macro) -> Type {
        let range = self.infer(&it.range);
        let mut items = Vec::new();
        for alternative in range.alternatives() {
            match alternative {
                Type::Dyn => items.push(Type::Dyn),
                Type::List(of) => items.push((**of).clone()),
                Type::Object(_) => items.push(Type::Text),
                _ => {}
            }
        }
        if items.is_empty() {
            let why = format!("{} has no items to go through.", range.described());
            self.mismatch(op, &why);
        }
        let item = Type::one_of(items);
        self.locals.push(item.clone());
        self.names.push(&it.variable);
        if let Some(filter) = &it.filter {
            self.condition(filter);
        }
        let made = it.body.as_ref().map(|body| self.infer(body));
        self.names.pop();
        self.locals.pop();
        match it.kind {
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => Type::Bool,
            MacroKind::Filter | MacroKind::Map => Type::list(made.unwrap_or(item)),
        }
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::UInt(_) => Type::UInt,
        Literal::Double(_) => Type::Double,
        Literal::Text(it) => Type::words(vec![it.clone()]),
        Literal::Type(_) => Type::Kind,
    }
}

fn any_member(shape: &Shape) -> Type {
    match &shape.rest {
        Rest::Closed if !shape.members.is_empty() => Type::one_of(shape.members.values().cloned()),
        Rest::Open(of) if shape.members.is_empty() => of.clone(),
        Rest::Closed | Rest::Open(_) | Rest::Unlisted | Rest::Reported => Type::Dyn,
    }
}

fn negative(of: &Type) -> Option<Type> {
    match of {
        Type::Dyn | Type::Int | Type::Double | Type::Number | Type::Duration => Some(of.clone()),
        _ => None,
    }
}

fn is_orderable(of: &Type) -> bool {
    !matches!(of, Type::Null | Type::Kind | Type::List(_) | Type::Object(_))
}

fn cannot(a: &Type, b: &Type, what: &str) -> String {
    let is_time = |of: &Type| of.may_be(&Type::Timestamp);
    let hint = if is_time(a) && b.may_be(&Type::Text) || is_time(b) && a.may_be(&Type::Text) {
        " Make a time of the text with timestamp(…) first."
    } else if a.may_be(&Type::Kind) != b.may_be(&Type::Kind) {
        " A type is written without quotes, such as int."
    } else {
        ""
    };
    format!("{} and {} {what}.{hint}", a.described(), b.described())
}

/// What arithmetic on two alternatives gives; `None` when it has no value.
fn computed(how: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Dyn, Type::Dyn) => Some(Type::Dyn),
        (Type::Dyn, known) | (known, Type::Dyn) => {
            let text = known.is_text() || matches!(known, Type::List(_));
            let time = matches!(known, Type::Timestamp | Type::Duration);
            let fits = match how {
                Arithmetic::Add => text || time || known.is_numeric(),
                Arithmetic::Subtract => time || known.is_numeric(),
                Arithmetic::Multiply | Arithmetic::Divide => known.is_numeric(),
                Arithmetic::Remainder => known.is_numeric() && *known != Type::Double,
            };
            fits.then_some(Type::Dyn)
        }
        (Type::List(a), Type::List(b)) if how == Arithmetic::Add => {
            Some(Type::list((**a).clone().or((**b).clone())))
        }
        (a, b) if a.is_text() && b.is_text() => (how == Arithmetic::Add).then_some(Type::Text),
        (a, b) if a.is_numeric() && b.is_numeric() => numeric(how, a, b),
        (Type::Timestamp, Type::Duration) if additive(how) => Some(Type::Timestamp),
        (Type::Duration, Type::Timestamp) if how == Arithmetic::Add => Some(Type::Timestamp),
        (Type::Timestamp, Type::Timestamp) if how == Arithmetic::Subtract => Some(Type::Duration),
        (Type::Duration, Type::Duration) if additive(how) => Some(Type::Duration),
        _ => None,
    }
}

fn additive(how: Arithmetic) -> bool {
    matches!(how, Arithmetic::Add | Arithmetic::Subtract)
}

fn numeric(how: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    if *a == Type::Double || *b == Type::Double {
        return (how != Arithmetic::Remainder).then_some(Type::Double);
    }
    match (a, b) {
        (Type::Int, Type::UInt) | (Type::UInt, Type::Int) => None,
        _ if a == b => Some(a.clone()),
        _ => Some(Type::Number),
    }
}
