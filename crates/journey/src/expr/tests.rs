use super::{EvalError, Expression, Scope, code::FUNCTIONS};
use crate::{Timestamp, limits};
use serde_json::{Value, json};

pub(super) fn input() -> Value {
    json!({
        "name": "Ada", "n": 3, "price": 9.5, "big": i64::MAX, "yes": true, "none": null,
        "tags": ["a", "b", "c"], "numbers": [1, 2, 3, 4],
        "items": [{"sku": "x", "count": 2}, {"sku": "y", "count": 0}],
        "map": {"k": "v", "l": "w"}, "deep": {"er": {"still": "here"}},
        "email": " Ada@Example.COM ",
    })
}

pub(super) fn eval(source: &str) -> Result<Value, EvalError> {
    let input = input();
    let now = Timestamp::from_rfc3339("2026-11-23T10:30:15.250Z").unwrap();
    Expression::parse(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .evaluate(&Scope::new(&[("input", &input)]).with_time("now", now))
}

fn refused(source: &str) -> String {
    Expression::parse(source).err().unwrap_or_else(|| panic!("{source} is refused")).message
}

#[test]
fn our_functions_give_what_their_names_say() {
    for (source, want) in [
        ("input.email.trim().lowerAscii()", json!("ada@example.com")),
        ("'abc'.upperAscii()", json!("ABC")),
        ("'a,b,c'.split(',')", json!(["a", "b", "c"])),
        ("'a,b,c'.split(',', 2)", json!(["a", "b,c"])),
        ("'héy'.split('')", json!(["h", "é", "y"])),
        ("['a', 'b'].join('-')", json!("a-b")),
        ("['a', 'b'].join()", json!("ab")),
        ("'banana'.replace('an', 'AN')", json!("bANANa")),
        ("'héllo'.substring(1, 3)", json!("él")),
        ("'héllo'.substring(3)", json!("lo")),
        ("'héllo'.indexOf('l')", json!(2)),
        ("input.n * 1.5", json!(4.5)),
        ("type(input.n)", json!("int")),
        ("now.getFullYear()", json!(2026)),
        ("now.getMonth()", json!(10)),
        ("now.getDate()", json!(23)),
        ("now.getDayOfMonth()", json!(22)),
        ("now.getDayOfWeek()", json!(1)),
        ("now.getHours()", json!(10)),
        ("now.getMilliseconds()", json!(250)),
        ("now + duration('1h30m')", json!("2026-11-23T12:00:15.250Z")),
        ("timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z')", json!("86400s")),
        ("timestamp('2026-01-01T00:00:00+01:00')", json!("2025-12-31T23:00:00.000Z")),
        (
            "(timestamp('2026-01-02T00:00:00Z') - timestamp('2026-01-01T00:00:00Z')).getHours()",
            json!(24),
        ),
        ("duration('-1.5s')", json!("-1.5s")),
        ("timestamp('2026-01-01T00:00:00Z') < now", json!(true)),
        ("{1: 'a', true: 'b'}", json!({"1": "a", "true": "b"})),
    ] {
        assert_eq!(eval(source), Ok(want), "{source}");
    }
}

#[test]
fn a_missing_member_is_named_by_its_whole_path() {
    let missing = |source| eval(source).unwrap_err().to_string();
    assert_eq!(missing("input.deep.er.gone + 1"), "'input.deep.er.gone' is missing");
    assert_eq!(missing("input.tags[9]"), "'input.tags[9]' is missing");
    assert_eq!(missing("input['gone']"), "'input.gone' is missing");
    assert_eq!(missing("input.none.x"), "'input.none.x' is missing");
    assert_eq!(missing("input.name.x"), "input.name is string, which has no member 'x'");
}

#[test]
fn an_expression_cannot_run_for_ever() {
    let hundred: Vec<_> = (0..300).collect();
    let input = json!({ "l": hundred, "s": "x".repeat(1_000) });
    let scope = Scope::new(&[("input", &input)]);
    let budget = EvalError::Budget { limit: limits::EXPRESSION_STEPS };
    for source in [
        "input.l.all(a, input.l.all(b, input.l.all(c, true)))".to_owned(),
        "input.l.map(a, input.l.map(b, input.l))".to_owned(),
        format!("[input.l]{}", ".map(l, l + l)".repeat(20)),
        format!("[1]{}", ".map(l, [l, l])".repeat(30)),
        format!("[input.s]{} == ['']", ".map(s, s + s)".repeat(30)),
        format!("[input.s]{}", ".map(s, s.replace('x', 'xxxxxxxxxx'))".repeat(10)),
    ] {
        let got = Expression::parse(&source).unwrap().evaluate(&scope);
        assert!(
            got == Err(budget.clone()) || matches!(got, Err(EvalError::Range(_))),
            "{source}: {got:?}"
        );
    }
}

#[test]
fn a_budget_that_is_spent_is_no_ordinary_error() {
    let list: Vec<_> = (0..400).collect();
    let input = json!({ "l": list });
    let source = "input.l.all(a, input.l.all(b, input.l.all(c, true))) || true";
    let got = Expression::parse(source).unwrap().evaluate(&Scope::new(&[("input", &input)]));
    assert!(matches!(got, Err(EvalError::Budget { .. })), "{got:?}");
}

#[test]
fn what_is_no_expression_is_refused_in_words() {
    assert_eq!(refused(""), "the expression is empty");
    assert_eq!(refused("foo(1)"), "there is no function 'foo'");
    assert_eq!(refused("'a'.contains()"), "'contains' does not take these arguments");
    assert!(refused("input.name.matches('a+')").contains("contains, startsWith or endsWith"));
    assert!(refused("b'bytes'").contains("bytes"));
    assert!(refused("has(input)").contains("has(input.email)"));
    assert!(refused("input.items.map(1, 2)").contains("a name for each item"));
    assert!(refused("Message{a: 1}").contains("quoted keys"));
    for source in
        ["1 +", "(", "a b", "'open", "a.", "1 + + 2", "}", "a ? b", "\u{0}", "🙂", "`a`", "a?.b"]
    {
        assert!(Expression::parse(source).is_err(), "{source}");
    }
    let error = Expression::parse("input.a ==").unwrap_err();
    assert!(error.column.is_some(), "{error:?}");
    let error = Expression::parse("'ééé' +\n").unwrap_err();
    assert!(error.column.is_some_and(|column| column <= 9), "letters are counted: {error:?}");
}

/// Every shape of depth, at the longest text that is taken, on the stack a thread has by default.
#[test]
fn deep_and_long_expressions_are_refused_without_harm() {
    let most = limits::EXPRESSION_BYTES;
    let fill = |unit: &str, tail: &str| format!("{}{tail}", unit.repeat(most / unit.len() - 1));
    let hostile = [
        fill("(", "1"),
        fill("[", "1"),
        fill("{", "1"),
        fill("!", "a"),
        fill("-", "a"),
        fill("1+", "1"),
        fill("a.", "a"),
        fill("a[", "0"),
        fill("a?b:", "c"),
        fill("a(", ""),
        fill("a&&", "a"),
        fill("a||!", "a"),
        fill("a in ", "a"),
        fill("a==", "a"),
        fill("'", ""),
        fill("{'a':", "1"),
        fill("a.map(a,", "a"),
        fill("- -", "1"),
        fill("a ", "a"),
        fill("a,", "a"),
        fill(")", ""),
        fill("\"\\", ""),
        fill("// \n", "1"),
        "x".repeat(10_000_000),
        "(".repeat(191),
        "!".repeat(191) + "a",
        "-".repeat(191) + "a",
        "1+".repeat(191) + "1",
        "a.".repeat(191) + "a",
        "a?b:".repeat(95) + "c",
        "[".repeat(200) + &"]".repeat(50),
        "!(".repeat(47) + "a" + &")".repeat(47),
        "a in ".repeat(800) + "a",
        "a.f(".repeat(127),
    ];
    let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let run = small.spawn(move || {
        for source in hostile {
            if let Ok(expression) = Expression::parse(&source) {
                let _ = expression.evaluate(&Scope::new(&[]));
            }
        }
    });
    run.unwrap().join().unwrap();
}

#[test]
fn a_condition_is_true_or_false_and_nothing_else() {
    let input = input();
    let scope = Scope::new(&[("input", &input)]);
    let holds = |source| Expression::parse(source).unwrap().holds(&scope);
    assert_eq!(holds("input.n > 2"), Ok(true));
    assert!(matches!(holds("input.n"), Err(EvalError::Type(_))));
}

#[test]
fn what_an_expression_reads_is_known() {
    let expression =
        Expression::parse("has(vars.a) ? nodes.crm.output.id : input.l.map(x, x.y + vars['b'])")
            .unwrap();
    let mut paths: Vec<_> =
        expression.reads().into_iter().map(|reads| (reads.path.join("."), reads.tested)).collect();
    paths.sort();
    let want =
        [("input.l", false), ("nodes.crm.output.id", false), ("vars.a", true), ("vars.b", false)];
    assert_eq!(paths, want.map(|(path, tested)| (path.to_owned(), tested)));
}

#[test]
fn every_function_and_limit_is_documented() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/expressions.md");
    let page = std::fs::read_to_string(page).unwrap();
    for (_, name, ..) in FUNCTIONS {
        let is_there = page.contains(&format!("{name}("));
        assert!(is_there, "docs/expressions.md has no {name}");
    }
    for limit in [
        format!("{} operators", limits::EXPRESSION_OPERATORS),
        format!("{} levels", limits::EXPRESSION_DEPTH),
    ] {
        assert!(page.contains(&limit), "docs/expressions.md does not say {limit}");
    }
}
