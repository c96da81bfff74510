//! Expressions and templates, which people write and others' values are put into.

use crate::check_sentence;
use journey::{
    Timestamp,
    expr::{Expression, Scope, Type, TypeScope, explain::Clause},
    limits,
    template::Template,
};
use serde_json::{Value, json};

pub(crate) const WORDS: &[&str] = &[
    "input",
    "vars",
    "account",
    "nodes",
    "now",
    ".n",
    ".name",
    ".list",
    ".map(x, x)",
    ".all(x, true)",
    ".exists(x, x == 1)",
    ".filter(x, x > 0)",
    ".exists_one(x, x == 1)",
    "has(",
    "size(",
    "string(",
    "int(",
    "double(",
    "uint(",
    "timestamp(",
    "duration(",
    "'1h'",
    "matches(",
    "contains(",
    ".split(',')",
    ".join('-')",
    ".replace('a','bb')",
    "startsWith",
    "true",
    "false",
    "null",
    "&&",
    "||",
    "!",
    "?",
    ":",
    "==",
    "!=",
    "<=",
    ">=",
    "<",
    ">",
    "+",
    "-",
    "*",
    "/",
    "%",
    " in ",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    ".",
    "'",
    "\"",
    "r'",
    "b'",
    "\\u00e9",
    "\\x",
    "'''",
    "0x1F",
    "1e308",
    "9223372036854775807",
    "18446744073709551615u",
    "1.5",
    "0",
    "{{",
    "}}",
    "//",
    "é",
    "\u{1f600}",
];

pub(crate) fn holds(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let world = world();
    let scope = Scope::new(&[
        ("input", &world["input"]),
        ("vars", &world["vars"]),
        ("account", &world["account"]),
    ])
    .with_time("now", Timestamp(1_790_000_000_000));
    match Expression::parse(&text) {
        Ok(expression) => check(&expression, &scope, &world),
        Err(error) => {
            check_sentence(&error.message);
            let columns = text.chars().count() + 1;
            assert!(error.column.is_none_or(|column| (1..=columns).contains(&column)), "{error:?}");
        }
    }
    match Template::parse(&text).map(|template| template.render(&scope)) {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => check_sentence(&error.to_string()),
        Err(error) => check_sentence(&error.to_string()),
    }
}

fn check(expression: &Expression, scope: &Scope<'_>, world: &Value) {
    let value = expression.evaluate(scope);
    assert_eq!(value, expression.evaluate(scope), "an expression has one value");
    if let Err(error) = &value {
        check_sentence(&error.to_string());
    }
    let held = expression.holds(scope);
    assert!(held.is_err() || held.ok() == value.ok().and_then(|value| value.as_bool()));
    let explained = expression.explain(scope);
    explained.clauses.iter().for_each(check_clause);
    explained.changes.iter().for_each(|change| check_sentence(&change.sentence));
    let types =
        ["input", "vars", "account"].into_iter().fold(TypeScope::default(), |types, name| {
            types.with(name, Type::of_schema(&world["schemas"][name]))
        });
    let (_, problems) = expression.type_in(&types);
    for problem in &problems {
        check_sentence(&problem.message);
    }
}

/// A clause is shown as text, which has to be the clause.
fn check_clause(clause: &Clause) {
    if clause.text.len() < limits::EXPRESSION_BYTES / 2 {
        let read = Expression::parse(&clause.text);
        assert!(read.is_ok(), "'{}' is shown, and cannot be read: {read:?}", clause.text);
    }
    clause.alternatives.iter().for_each(check_clause);
}

fn world() -> Value {
    json!({
        "input": { "n": 3, "name": "Ada", "price": 9.5, "list": [1, 2, 3], "map": { "k": "v" }, "none": null, "yes": true,
                   "items": [{ "sku": "a", "count": 2 }], "big": u64::MAX, "text": "a,b;é" },
        "vars": { "a": 1, "b": "x" },
        "account": { "id": "acc_1", "name": "Acme", "arr": 12000.0, "segment": null, "tier": "gold" },
        "schemas": {
            "input": { "type": "object", "properties": { "n": { "type": "integer" }, "name": { "enum": ["Ada", "Max"] },
                       "list": { "type": "array", "items": { "type": "integer" } } } },
            "vars": { "type": "object", "properties": { "a": { "type": "number" } }, "additionalProperties": false },
            "account": true,
        },
    })
}
