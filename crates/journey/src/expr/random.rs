//! Random expressions over a document that fits its schema: nothing panics, and what is said of them is true.
use super::{Expression, Scope, Type, TypeScope, print};
use crate::Timestamp;
use crate::dice::Dice;
use serde_json::{Value, json};

impl Dice {
    pub(super) fn expression(&mut self, depth: usize) -> String {
        if depth == 0 || self.roll(5) == 0 {
            return (*self.pick(LEAVES)).to_owned();
        }
        let (a, b) = (self.expression(depth - 1), self.expression(depth - 1));
        match self.roll(19) {
            0..=2 => format!("({a}) {} ({b})", (*self.pick(&["+", "-", "*", "/", "%"]))),
            3..=5 => format!("({a}) {} ({b})", (*self.pick(COMPARISONS))),
            6 | 7 => format!("({a}) {} ({b})", (*self.pick(&["&&", "||"]))),
            8 => format!("{}({a})", (*self.pick(&["!", "-"]))),
            9 => format!("({a}) ? ({b}) : ({})", self.expression(depth - 1)),
            10 => format!("[{a}, {b}]"),
            11 => format!("{{'k': {a}}}.k"),
            12 => format!("{}({a})", (*self.pick(PLAIN))),
            13 => format!("({a}).{}({b})", (*self.pick(OF_TEXTS))),
            14 => {
                let name = *self.pick(&["all", "exists", "exists_one", "filter", "map"]);
                format!("({a}).{name}(it, {})", b.replace("other", "it"))
            }
            _ => self.condition(&a, &b),
        }
    }

    /// A condition that often has a value.
    fn condition(&mut self, a: &str, b: &str) -> String {
        match self.roll(4) {
            0 | 1 => {
                let bound = *self.pick(&["1", "2.5", "-3", "size(input.list)"]);
                format!("input.number {} {bound}", (*self.pick(&["<", ">=", "=="])))
            }
            2 => {
                let fits = *self.pick(&["i.x > 1", "has(i.x)", "i == {}"]);
                format!("input.list.{}(i, {fits})", (*self.pick(&["all", "exists"])))
            }
            _ => {
                let member = *self.pick(&["word", "text", "maybe", "either"]);
                format!("(input.{member} == {b}) && ({a})")
            }
        }
    }
}

const LEAVES: &[&str] = &[
    "1",
    "0",
    "-3",
    "2.5",
    "7u",
    "'a'",
    "''",
    "true",
    "false",
    "null",
    "[]",
    "[1, 'a']",
    "{'a': 1}",
    "{1: 'a'}",
    "now",
    "duration('1h')",
    "int",
    "other",
    "input",
    "input.text",
    "input.number",
    "input.flag",
    "input.maybe",
    "input.list",
    "input.list[0].x",
    "input.either",
    "input.word",
    "input.gone",
    "input.open.any",
    "input.at",
];
const COMPARISONS: &[&str] = &["==", "!=", "<", "<=", ">", ">=", "in"];
const PLAIN: &[&str] = &[
    "size",
    "string",
    "int",
    "double",
    "bool",
    "type",
    "timestamp",
    "duration",
    "dyn",
    "math.abs",
];
const OF_TEXTS: &[&str] = &["contains", "startsWith", "split", "indexOf", "join", "charAt"];

fn schema() -> Value {
    json!({"type": "object", "properties": {
        "text": {"type": "string"}, "number": {"type": "number"}, "flag": {"type": "boolean"}, "maybe": {"type": ["string", "null"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}}, "either": {"type": ["string", "number"]},
        "word": {"enum": ["new", "old"]}, "gone": {"type": "string"}, "open": {}, "at": {"type": "string", "format": "date-time"},
    }})
}

fn document(dice: &mut Dice) -> Value {
    let pick = |dice: &mut Dice, values: &[Value]| values[dice.roll(values.len())].clone();
    json!({
        "text": pick(dice, &[json!(""), json!("a"), json!("a,b")]), "number": pick(dice, &[json!(0), json!(3), json!(2.5), json!(-1)]),
        "flag": pick(dice, &[json!(true), json!(false)]), "maybe": pick(dice, &[json!(null), json!("x")]),
        "list": pick(dice, &[json!([]), json!([{"x": 1}]), json!([{"x": 2}, {}])]), "either": pick(dice, &[json!("1"), json!(1)]),
        "word": pick(dice, &[json!("new"), json!("old")]), "open": pick(dice, &[json!({"any": 1}), json!(7)]), "at": "2026-11-25T10:00:00Z",
    })
}

/// What has a value fits its type, what was said to have none has none, and what was said to be always so is.
fn is_truly_said(expression: &Expression, value: Option<&Value>, text: &str) {
    let scope =
        TypeScope::default().with("input", Type::of_schema(&schema())).with("now", Type::Timestamp);
    let (of, problems) = expression.type_in(&scope);
    if let Some(value) = value {
        let is = match value {
            Value::Null => Type::Null,
            Value::Bool(_) => Type::Bool,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::Text,
            Value::Array(_) => Type::list(Type::Dyn),
            Value::Object(_) => {
                Type::object(std::collections::BTreeMap::new(), super::types::Rest::Closed)
            }
        };
        assert!(of.kept().may_be(&is), "{text} is {value}, not {}", of.described());
    }
    let whole = problems.iter().filter(|found| found.part == print::text(&expression.root, &[]));
    for found in whole {
        let said = |what| found.message.contains(what);
        match value {
            Some(value) if said("can never have a value") => {
                panic!("{text} is {value}: {}", found.message)
            }
            Some(value) if said("is always false") => assert_eq!(*value, json!(false), "{text}"),
            Some(value) if said("is always true") => assert_eq!(*value, json!(true), "{text}"),
            _ => {}
        }
    }
}

#[test]
fn what_is_said_of_random_expressions_is_true() {
    let mut dice = Dice(0x00BE_EF01);
    let (mut valued, mut conditions) = (0, 0);
    for _ in 0..6_000 {
        let text = dice.expression(3);
        let input = document(&mut dice);
        let Ok(expression) = Expression::parse(&text) else { continue };
        let scope = Scope::new(&[("input", &input), ("other", &input)])
            .with_time("now", Timestamp(1_764_000_000_000));
        let value = expression.evaluate(&scope);
        is_truly_said(&expression, value.as_ref().ok(), &text);
        let printed = print::text(&expression.root, &[]);
        let again = Expression::parse(&printed)
            .unwrap_or_else(|error| panic!("{text}: {printed}: {error}"));
        assert_eq!(
            again.evaluate(&scope).ok(),
            value.as_ref().ok().cloned(),
            "{text} became {printed}"
        );
        let explained = expression.explain(&scope);
        match value {
            Ok(Value::Bool(holds)) => {
                conditions += 1;
                assert_eq!(explained.holds, Some(holds), "{text}");
                let all = explained.clauses.iter().all(|clause| clause.holds == Some(true));
                assert_eq!(all, holds, "{text}: {explained:?}");
                assert_eq!(explained.changes.is_empty(), holds, "{text}");
            }
            _ => assert_eq!(explained.holds, None, "{text}"),
        }
        valued += usize::from(value.is_ok());
    }
    assert!(
        valued > 1_000 && conditions > 500,
        "{valued} have a value, {conditions} are conditions"
    );
}
