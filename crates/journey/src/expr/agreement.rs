//! Our evaluator beside the `cel` crate's own: the same value, or an error from both, but for what is different on purpose.
#![expect(clippy::wildcard_enum_match_arm, reason = "the corpus has no other values")]

use super::tests::{eval, input};
use cel::objects::{Key, Map};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

/// Ordinary expressions, over which the `cel` crate's own evaluator must agree.
pub(super) const ORDINARY: &[&str] = &[
    "1 + 2 * 3 - 4 / 2",
    "7 % 3",
    "-7 / 2",
    "-7 % 3",
    "1.5 * 2.0",
    "7u + 1u",
    "-input.n",
    "input.n + 1",
    "input.price * 2.0",
    "'a' + 'b'",
    "[1] + [2, 3]",
    "input.tags + ['d']",
    "input.n == 3",
    "input.n == 3.0",
    "input.n != 4",
    "input.n < 4",
    "input.n >= 3 && input.n <= 3",
    "input.price > 9.0",
    "'a' < 'b'",
    "true && !false",
    "false || input.yes",
    "input.yes ? 'y' : 'n'",
    "input.none == null",
    "input.name == null",
    "1 == '1'",
    "[1, 2] == [1, 2]",
    "[1, 2] == [2, 1]",
    "{'a': 1} == {'a': 1}",
    "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}",
    "input.tags[0]",
    "input.tags[2] + input.tags[1]",
    "input.map['k']",
    "input['name']",
    "{'x': {'y': 5}}.x.y",
    "'b' in input.tags",
    "'z' in input.tags",
    "'k' in input.map",
    "2 in [1, 2]",
    "2.0 in [1, 2]",
    "has(input.name)",
    "has(input.nothing)",
    "has(input.deep.er)",
    "has(input.deep.missing)",
    "size(input.tags)",
    "size('héllo')",
    "input.map.size()",
    "input.name.size()",
    "input.name.contains('da')",
    "input.name.startsWith('A')",
    "input.name.endsWith('x')",
    "input.numbers.all(n, n > 0)",
    "input.numbers.all(n, n > 1)",
    "input.numbers.exists(n, n == 3)",
    "input.numbers.exists_one(n, n > 3)",
    "input.numbers.map(n, n * 2)",
    "input.numbers.map(n, n > 2, n * 10)",
    "input.numbers.filter(n, n % 2 == 0)",
    "input.items.filter(i, i.count > 0).map(i, i.sku)",
    "input.items.exists(i, input.tags.exists(t, t == i.sku))",
    "input.map.all(k, k != 'z')",
    "string(3)",
    "string(true)",
    "string(1.5)",
    "int('42')",
    "int(3.9)",
    "int(-3.9)",
    "double('1.5')",
    "double(2)",
    "uint(3)",
    "int(3u)",
    "string('x')",
    "input.nothing || true",
    "false && input.nothing",
    "true || input.nothing == 1",
    "input.nothing && false",
    "[1, 2, 3].exists(x, x / 0 == 1 || x == 2)",
    "'\\u00e9' + r'\\n'",
    "\"it's\"",
    "1 < 2 == true",
    "[[1, 2], [3]].map(l, l.map(x, x + 1))",
    "{'a': [1, 2]}['a'][1]",
    "0x10 + 1",
    "1e3",
    "1 + 2 == 3 && 4 - 1 == 3",
    "10 / 3",
    "-10 / 3",
    "10 % 3",
    "-10 % 3",
    "10 % -3",
    "2 * (3 + 4)",
    "2 - 3 - 4",
    "100 / 10 / 2",
    "1.0 / 4.0",
    "0.1 + 0.2",
    "1e3 + 1.0",
    "-1.5",
    "--input.n",
    "-(input.n + 1)",
    "0x1F",
    "7u / 2u",
    "7u % 4u",
    "7u * 2u - 1u",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615u",
    "input.big - 1",
    "input.big > 0",
    "1 < 2 && 2 < 3",
    "1 <= 1",
    "1.0 <= 0.5",
    "1 < 1.5",
    "2.5 > 2",
    "3u > 2",
    "1 == 1.0",
    "1u == 1",
    "-1 < 1u",
    "1 != 2",
    "'a' != 'b'",
    "'b' > 'a'",
    "'abc' < 'abd'",
    "'' < 'a'",
    "'Z' < 'a'",
    "'é' == 'é'",
    "true > false",
    "null == null",
    "null != 1",
    "true == 'true'",
    "[] == []",
    "[1, [2, 3]] == [1, [2, 3]]",
    "[1, 2.0] == [1.0, 2]",
    "{} == {}",
    "{'a': [1]} != {'a': [2]}",
    "{'a': 1} == {'a': 1.0}",
    "{'a': 1} == {'b': 1}",
    "true || 1 / 0 == 1",
    "1 / 0 == 1 || true",
    "false && input.nothing",
    "input.nothing && false",
    "!(input.n > 3) || input.yes",
    "input.n > 9 ? 'big' : input.n > 1 ? 'mid' : 'small'",
    "input.yes ? 1 : input.nothing",
    "false ? 1 / 0 : 2",
    "has(input.deep) && has(input.deep.er) && input.deep.er.still == 'here'",
    "has(input.none)",
    "has(input.deep.er.still) ? input.deep.er.still : 'gone'",
    "has({'a': 1}.a)",
    "has({'a': 1}.b)",
    "input.tags[input.n - 1]",
    "input['deep']['er'].still",
    "[[1, 2], [3, 4]][1][0]",
    "{'a': [10, 20]}.a[1]",
    "{1: 'one', 2: 'two'}[2]",
    "{true: 'yes'}[true]",
    "[1, 2, 3][1] + [4, 5][0]",
    "'a' in ['a', 'b']",
    "!('z' in input.tags)",
    "1 in [1.0, 2.0]",
    "'x' in {'x': 1}",
    "1 in {1: 'a'}",
    "[] + [1]",
    "size('')",
    "size([])",
    "size({})",
    "'héllo'.size()",
    "[1, 2, 3].size() == 3",
    "'🙂'.size()",
    "'a' + 'b' + 'c'",
    "'' + ''",
    "'hello'.contains('')",
    "'hello'.startsWith('')",
    "'hello'.endsWith('hello')",
    "'hello'.contains('LL')",
    "[].all(x, x > 0)",
    "[].exists(x, x > 0)",
    "[1, 2, 3].exists_one(x, x == 2)",
    "[1, 1].exists_one(x, x == 1)",
    "[1, 2, 3].all(x, [1, 2, 3].exists(y, x == y))",
    "[1, 2, 3].map(x, x * x)",
    "[1, 2, 3].map(x, [x])",
    "[[1, 2], [3]].map(l, l.map(x, x + 1))",
    "[3, 1, 2].filter(x, x > 1).map(x, x * 10)",
    "['a', 'b'].map(s, s + '!')",
    "input.items.map(i, i.count)",
    "input.items.all(i, has(i.sku))",
    "input.items.filter(i, i.sku == 'y')[0].count",
    "input.tags.filter(t, t in ['b', 'c'])",
    "input.numbers.filter(n, n > 1).exists(n, n == 4)",
    "{'a': 1, 'b': 2}.exists(k, k == 'b')",
    "[1, 2, 3].exists(x, 6 / x == 2)",
    "[0, 1].exists(x, 1 / x == 1)",
    "string(-7)",
    "string('text')",
    "string(7u)",
    "int(3u) + 1",
    "int(2.5e3)",
    "double('1e3')",
    "uint('7')",
    "bool('true')",
    "double(7u)",
    "int('-42')",
    "dyn(1) == 1",
    "'\\'quoted\\''",
    "\"double\"",
    "'tab\\tline\\n'",
    "r'raw\\n'",
    "'\\u00e9'",
];

#[test]
fn ordinary_expressions_agree_with_the_cel_crate() {
    assert!(ORDINARY.len() >= 150, "{}", ORDINARY.len());
    let mut differ = Vec::new();
    for source in ORDINARY {
        let (ours, theirs) = (eval(source), theirs(source));
        if ours.is_err() || ours.as_ref().ok() != theirs.as_ref().ok() {
            differ.push(format!("{source}: {ours:?}, {theirs:?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// What the crate's evaluator gives; its error as text.
fn theirs(source: &str) -> Result<Value, String> {
    let mut context = cel::Context::default();
    context.add_variable_from_value("input", to_cel(&input()));
    let program = cel::Program::compile(source).map_err(|error| error.to_string())?;
    program.execute(&context).map(|value| from_cel(&value)).map_err(|error| error.to_string())
}

/// An expression, what ours gives and what the crate's gives; `None` is an error.
const DIFFERENT: &[(&str, Option<&str>, Option<&str>)] = &[
    // JSON does not tell 9 from 9.0, so whole numbers and others mix.
    ("input.n * 1.5", Some("4.5"), None),
    ("input.price + 1", Some("10.5"), None),
    ("1 / 2.0", Some("0.5"), None),
];

#[test]
fn every_difference_from_the_cel_crate_is_meant() {
    for (source, ours, crates) in DIFFERENT {
        let read = |text: Option<&str>| text.map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(eval(source).ok(), read(*ours), "{source}: {:?}", eval(source));
        assert_eq!(theirs(source).ok(), read(*crates), "{source}: {:?}", theirs(source));
    }
}

/// What both evaluators refuse to give a value for.
#[test]
fn failures_agree_with_the_cel_crate() {
    let mut differ = Vec::new();
    for source in [
        "input.nothing",
        "input.deep.missing.more",
        "input.tags[7]",
        "input.map['z']",
        "1 / 0",
        "7 % 0",
        "input.big + 1",
        "'a' + 1",
        "!'a'",
        "'a' && true",
        "input.name.size",
        "int('x')",
        "nobody",
        "input.n ? 1 : 2",
        "input.tags < input.tags",
        "input.numbers.map(n, n.x)",
        "int(1e300)",
        "-input.name",
        "[1, 2][2]",
        "[1, 2][-1]",
        "{'a': 1}['b']",
        "9223372036854775807 + 1",
        "-9223372036854775808 - 1",
        "9223372036854775807 * 2",
        "-(-9223372036854775808)",
        "-9223372036854775808 / -1",
        "18446744073709551615u + 1u",
        "0u - 1u",
        "1u + 1",
        "1 + true",
        "[1] + 1",
        "'a' * 2",
        "1 < 'a'",
        "null < 1",
        "true && 'a'",
        "1 in 5",
        "[1, 2].all(x, x)",
        "[0, 1].all(x, 1 / x == 1)",
        "5.all(x, true)",
        "size(5)",
        "5.contains('a')",
        "'a'.contains(1)",
        "int('1.5')",
        "uint(-1)",
        "uint('-1')",
        "double('x')",
        "bool('maybe')",
    ] {
        let (ours, theirs) = (eval(source), theirs(source));
        if ours.is_ok() || theirs.is_ok() {
            differ.push(format!("{source}: {ours:?}, {theirs:?}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn to_cel(value: &Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(it) => cel::Value::Bool(*it),
        Value::Number(it) => match it.as_i64() {
            Some(it) => cel::Value::Int(it),
            None => cel::Value::Float(it.as_f64().unwrap()),
        },
        Value::String(it) => cel::Value::String(Arc::new(it.clone())),
        Value::Array(it) => cel::Value::List(Arc::new(it.iter().map(to_cel).collect())),
        Value::Object(it) => {
            let entries =
                it.iter().map(|(key, value)| (Key::String(Arc::new(key.clone())), to_cel(value)));
            cel::Value::Map(Map { map: Arc::new(entries.collect::<HashMap<_, _>>()) })
        }
    }
}

fn from_cel(value: &cel::Value) -> Value {
    match value {
        cel::Value::Int(it) => json!(it),
        cel::Value::UInt(it) => json!(it),
        cel::Value::Float(it) => json!(it),
        cel::Value::String(it) => json!(it.as_str()),
        cel::Value::Bool(it) => json!(it),
        cel::Value::Null => Value::Null,
        cel::Value::List(it) => it.iter().map(from_cel).collect(),
        other => panic!("the corpus has no {other:?}"),
    }
}
