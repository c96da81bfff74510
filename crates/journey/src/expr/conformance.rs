//! The CEL specification's conformance cases: see tests/cel-conformance/README.md.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value that is not the one asked for is wrong whatever it is"
)]

use super::{Expression, Scope, Type, TypeScope, eval::Evaluator, moment, value::Val};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const CASES: &str = include_str!("../../tests/cel-conformance/cases.json");
const LEFT_OUT: &str = include_str!("../../tests/cel-conformance/left-out.json");

#[derive(Deserialize)]
struct Group {
    suite: String,
    section: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    expr: String,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    bindings: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct LeftOut {
    reason: String,
    cases: Vec<String>,
}

fn sections() -> Vec<Group> {
    serde_json::from_str(CASES).unwrap()
}

/// A variable's value as JSON.
fn json(tagged: &Value) -> Value {
    match tagged {
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Object(tag) => {
            let (tag, of) = tag.iter().next().unwrap();
            let text = of.as_str().unwrap_or_default();
            match tag.as_str() {
                "int" => Value::from(text.parse::<i64>().unwrap()),
                "double" => Value::from(text.parse::<f64>().unwrap()),
                "map" => of.as_array().unwrap().iter().map(entry).collect(),
                other => panic!("JSON has no {other}"),
            }
        }
        plain => plain.clone(),
    }
}

fn entry(pair: &Value) -> (String, Value) {
    (pair[0].as_str().unwrap().to_owned(), json(&pair[1]))
}

/// Whether a value is the one a case asks for, of the very type.
fn is(value: &Val<'_>, want: &Value) -> bool {
    match (value, want) {
        (Val::Null, Value::Null) => true,
        (Val::Bool(it), Value::Bool(want)) => it == want,
        (Val::Text(it), Value::String(want)) => **it == **want,
        (Val::List(list), Value::Array(want)) => {
            list.len() == want.len() && list.iter().zip(want).all(|(it, want)| is(&it, want))
        }
        (value, Value::Object(tag)) => {
            let (tag, want) = tag.iter().next().unwrap();
            is_tagged(value, tag, want)
        }
        _ => false,
    }
}

fn is_tagged(value: &Val<'_>, tag: &str, want: &Value) -> bool {
    let text = want.as_str().unwrap_or_default();
    match (tag, value) {
        ("int", Val::Int(it)) => it.to_string() == text,
        ("uint", Val::UInt(it)) => it.to_string() == text,
        ("double", Val::Double(it)) => text
            .parse::<f64>()
            .is_ok_and(|want| want.to_bits() == it.to_bits() || want.is_nan() && it.is_nan()),
        ("type", Val::Type(it)) => *it == text,
        ("timestamp", Val::Time(it)) => moment::time_text(*it) == text,
        ("duration", Val::Span(it)) => moment::span_text(*it) == text,
        ("map", Val::Map(map)) => {
            let want = want.as_array().unwrap();
            let has = |key: &Val<'_>, value: &Val<'_>| {
                want.iter().any(|entry| is(key, &entry[0]) && is(value, &entry[1]))
            };
            map.len() == want.len() && map.entries().iter().all(|(key, value)| has(key, value))
        }
        _ => false,
    }
}

fn run(case: &Case) -> Result<(), String> {
    let values: Vec<_> =
        case.bindings.iter().map(|(name, value)| (name.as_str(), json(value))).collect();
    let roots: Vec<_> = values.iter().map(|(name, value)| (*name, value)).collect();
    let scope = Scope::new(&roots);
    let expression = match Expression::parse(&case.expr) {
        Ok(expression) => expression,
        Err(_) if case.error => return Ok(()),
        Err(error) => return Err(format!("refused: {error}")),
    };
    match Evaluator::new(&scope).eval(&expression.root) {
        Err(_) if case.error => Ok(()),
        Err(error) => Err(format!("error: {error}")),
        Ok(value) if !case.error && is(&value, &case.value) => is_well_typed(&expression, &value),
        Ok(value) => Err(format!("gives {value:?}")),
    }
}

/// What has a value was not said to have none, nor to be of another type.
fn is_well_typed(expression: &Expression, value: &Val<'_>) -> Result<(), String> {
    let (of, problems) = expression.type_in(&TypeScope::default());
    if let Some(wrong) = problems.iter().find(|found| found.message.contains("can never have")) {
        return Err(format!("has a value, but: {}", wrong.message));
    }
    let is = match value {
        Val::Null => Type::Null,
        Val::Bool(_) => Type::Bool,
        Val::Int(_) => Type::Int,
        Val::UInt(_) => Type::UInt,
        Val::Double(_) => Type::Double,
        Val::Text(_) => Type::Text,
        Val::Time(_) => Type::Timestamp,
        Val::Span(_) => Type::Duration,
        Val::Type(_) => Type::Kind,
        Val::List(_) => Type::list(Type::Dyn),
        Val::Map(_) => Type::object(BTreeMap::new(), super::types::Rest::Closed),
    };
    if of.may_be(&is) { Ok(()) } else { Err(format!("was said to be {}", of.described())) }
}

#[test]
fn every_conformance_case_of_what_is_supported_passes() {
    let (mut passed, mut failed) = (0, Vec::new());
    for section in sections() {
        for case in &section.cases {
            match run(case) {
                Ok(()) => passed += 1,
                Err(why) => failed.push(format!(
                    "{}/{}/{}: {} {why}, not {}",
                    section.suite, section.section, case.name, case.expr, case.value
                )),
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(passed, 1_186);
}

#[test]
fn every_other_conformance_case_is_named_with_its_reason() {
    let left_out: Vec<LeftOut> = serde_json::from_str(LEFT_OUT).unwrap();
    let mut names = BTreeSet::new();
    for section in sections() {
        for case in &section.cases {
            let name = format!("{}/{}/{}", section.suite, section.section, case.name);
            assert!(names.insert(name), "{} is there twice", case.name);
        }
    }
    let run = names.len();
    for group in &left_out {
        assert!(group.reason.len() > 20, "{}", group.reason);
        for name in &group.cases {
            assert!(names.insert(name.clone()), "{name} is there twice");
        }
    }
    assert_eq!(names.len() - run, 1_158);
    assert_eq!(names.len(), 2_344, "the specification's cases");
}
