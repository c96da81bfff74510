//! Expressions and values that would run for ever, overflow or fill the memory: a clear answer, and no panic.

use super::{EvalError, Expression, Scope, print};
use crate::{Timestamp, limits};
use serde_json::{Value, json};

const BUDGET: EvalError = EvalError::Budget { limit: limits::EXPRESSION_STEPS };

fn with(input: &Value, source: &str) -> Result<Value, EvalError> {
    let expression = Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    expression.evaluate(&Scope::new(&[("input", input)]).with_time("now", Timestamp(0)))
}

fn eval(source: &str) -> Result<Value, EvalError> {
    with(&Value::Null, source)
}

/// Runs on a stack of the size threads have, whatever runs the tests.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run);
    thread.unwrap().join().unwrap();
}

#[test]
fn loops_within_loops_end_with_the_budget() {
    let input =
        json!({"l": (0..300).collect::<Vec<_>>(), "m": {"a": vec![1; 50], "b": vec![2; 50]}});
    for source in [
        "input.l.all(a, input.l.all(b, input.l.all(c, true)))",
        "input.l.map(a, input.l.map(b, input.l.map(c, a + b + c)))",
        "input.l.filter(a, input.l.filter(b, input.l.exists(c, c < 0)) != [])",
        "input.l.exists(a, input.l.exists(b, input.l.exists(c, c < 0)))",
        "input.l.map(a, input.l.map(b, input.m))",
        "input.l.exists_one(a, input.l.exists_one(b, input.l.exists_one(c, c == 1)))",
        "input.l.all(a, input.l.all(b, a in input.l || b in input.l))",
        "input.l.map(a, input.l) == input.l.map(a, input.l) && input.l.map(a, input.l) == input.l.map(a, input.l)",
    ] {
        assert_eq!(with(&input, source), Err(BUDGET), "{source}");
    }
}

#[test]
fn values_that_double_are_stopped_before_they_fill_the_memory() {
    let input =
        json!({"s": "x".repeat(1_000), "long": "ab".repeat(500_000), "many": vec!["ab"; 50_000]});
    for source in [
        format!("[input.s]{}", ".map(s, s + s)".repeat(30)),
        format!("[input.s]{}", ".map(s, s.replace('x', 'xxxxxxxxxx'))".repeat(10)),
        format!("[[1]]{}", ".map(l, l + l)".repeat(30)),
        format!("[1]{}", ".map(l, [l, l])".repeat(30)),
        format!("[1]{}", ".map(m, {'a': m, 'b': m})".repeat(30)),
        format!("['a']{}", ".map(s, [s, s, s, s].join(s))".repeat(20)),
        "input.long.replace('a', input.long)".to_owned(),
        "input.long.replace('', input.long)".to_owned(),
        "input.long.split('')".to_owned(),
        "input.long.split('a')".to_owned(),
        "input.many.join(input.long)".to_owned(),
        "input.many.map(s, input.long)".to_owned(),
        "input.many.map(s, input.long + s)".to_owned(),
        "input.many.all(s, input.long.contains('z') || true)".to_owned(),
        "input.many.all(s, input.long == input.long)".to_owned(),
        "input.many.all(s, (input.long + s).size() > 0)".to_owned(),
    ] {
        let got = with(&input, &source);
        let is_refused = matches!(got, Err(EvalError::Budget { .. } | EvalError::Range(_)));
        assert!(is_refused, "{source}: {:?}", got.map(|value| value.to_string().len()));
    }
}

#[test]
fn a_long_text_that_was_made_is_shared_and_not_copied() {
    let input = json!({"s": "x".repeat(500_000), "l": (0..50).collect::<Vec<_>>()});
    let source = "[input.s + 'y'].all(s, input.l.all(a, input.l.all(b, [s].size() == 1)))";
    assert_eq!(with(&input, source), Ok(json!(true)));
}

#[test]
fn numbers_at_their_limits_overflow_into_errors() {
    const MIN: &str = "-9223372036854775808";
    const MAX: &str = "9223372036854775807";
    for source in [
        format!("{MAX} + 1"),
        format!("{MIN} - 1"),
        format!("{MIN} / -1"),
        format!("{MIN} % -1"),
        format!("{MAX} * 2"),
        format!("{MIN} * -1"),
        format!("-({MIN})"),
        format!("math.abs({MIN})"),
        "0u - 1u".to_owned(),
        "18446744073709551615u + 1u".to_owned(),
        "18446744073709551615u * 2u".to_owned(),
        "int(18446744073709551615u)".to_owned(),
        "uint(-1)".to_owned(),
        "uint(-0.5)".to_owned(),
        "int(9223372036854775808.0)".to_owned(),
        "int(1e300)".to_owned(),
        "int(0.0 / 0.0)".to_owned(),
        "uint(1.0 / 0.0)".to_owned(),
    ] {
        let got = eval(&source);
        assert!(matches!(got, Err(EvalError::Range(_))), "{source}: {got:?}");
    }
    assert!(Expression::parse("1e309").is_err());
    for source in ["1 / 0", "1 % 0", "1u / 0u", "1u % 0u", "0 / 0"] {
        assert_eq!(eval(source), Err(EvalError::DivisionByZero), "{source}");
    }
    for (source, want) in [
        (MAX.to_owned(), json!(i64::MAX)),
        (MIN.to_owned(), json!(i64::MIN)),
        (format!("{MIN} + {MAX}"), json!(-1)),
        (format!("int('{MIN}')"), json!(i64::MIN)),
        ("18446744073709551615u".to_owned(), json!(u64::MAX)),
        (format!("18446744073709551615u > {MAX}"), json!(true)),
        (format!("{MIN} < 0u"), json!(true)),
        ("1.7976931348623157e308".to_owned(), json!(f64::MAX)),
    ] {
        assert_eq!(eval(&source), Ok(want), "{source}");
    }
}

#[test]
fn what_is_no_number_compares_as_nothing_and_is_not_kept() {
    for (source, want) in [
        ("0.0 / 0.0 == 0.0 / 0.0", false),
        ("0.0 / 0.0 != 0.0 / 0.0", true),
        ("0.0 / 0.0 < 1.0 || 0.0 / 0.0 >= 1.0", false),
        ("1.0 / 0.0 > 1e308", true),
        ("-1.0 / 0.0 < -1e308", true),
        ("1.0 / 0.0 == 1.0 / 0.0", true),
        ("0.0 == -0.0", true),
        ("0.0 / 0.0 in [0.0 / 0.0]", false),
        ("math.greatest(0.0 / 0.0, 1.0) == 1.0 || true", true),
    ] {
        assert_eq!(eval(source), Ok(json!(want)), "{source}");
    }
    for source in ["0.0 / 0.0", "1.0 / 0.0", "[-1.0 / 0.0]", "{'a': 1e308 * 10.0}"] {
        assert!(matches!(eval(source), Err(EvalError::Range(_))), "{source}");
    }
}

#[test]
fn times_and_durations_end_at_their_limits() {
    for source in [
        "timestamp('0000-12-31T23:59:59Z')",
        "timestamp('10000-01-01T00:00:00Z')",
        "timestamp('0001-01-01T00:00:00Z') - duration('1s')",
        "timestamp('9999-12-30T00:00:00Z') + duration('48h')",
        "timestamp(9223372036854775807)",
        "timestamp(-9223372036854775808)",
        "now + duration('87660000h')",
        "duration('315576000000s') + duration('1s')",
        "duration('-315576000000s') - duration('1s')",
        "duration(9223372036854775807)",
        "duration('99999999999999999999999h')",
        "duration('1e3s')",
        "timestamp('2026-02-30T00:00:00Z')",
        "timestamp('2026-1-1')",
        "timestamp('2026-02-30')",
        "timestamp('20260131')",
        "timestamp('')",
        "duration('')",
        "duration('s')",
        "duration('1.1.1s')",
        "now.getHours('Mars/Olympus')",
        "now.getHours('+25:00')",
        "now.getHours('+1:00')",
        "now.getHours('')",
        "now.getHours(1)",
        "duration('1h').getHours('UTC')",
    ] {
        let got = eval(source);
        assert!(matches!(got, Err(EvalError::Range(_) | EvalError::Type(_))), "{source}: {got:?}");
    }
    for (source, want) in [
        ("timestamp('2026-01-31')", json!("2026-01-31T00:00:00.000Z")),
        ("timestamp('0001-01-01T00:00:00Z')", json!("0001-01-01T00:00:00.000Z")),
        ("timestamp('9999-12-30T22:00:00Z')", json!("9999-12-30T22:00:00.000Z")),
        ("timestamp('9999-12-30T22:00:00Z').getFullYear('+14:00')", json!(9999)),
        ("timestamp('0001-01-01T00:00:00Z').getFullYear('-14:00')", json!(0)),
        (
            "timestamp('9999-12-30T22:00:00Z') - timestamp('0001-01-01T00:00:00Z') > duration('0s')",
            json!(true),
        ),
        ("timestamp('2026-03-29T01:30:00Z').getHours('Europe/Berlin')", json!(3)),
        ("timestamp('2026-03-29T00:30:00Z').getHours('Europe/Berlin')", json!(1)),
        ("timestamp('2026-06-01T23:30:00Z').getDayOfWeek('Asia/Tokyo')", json!(2)),
        ("duration('-0s') == duration('0')", json!(true)),
    ] {
        assert_eq!(eval(source), Ok(want), "{source}");
    }
}

/// Values that no schema or limit has seen yet.
#[test]
fn values_nested_ten_thousand_deep_are_compared_without_recursion() {
    on_a_small_stack(|| {
        // Made without recursion, as `json!` would not.
        let nested = |inner| (0..10_000).fold(json!(inner), |value, _| Value::Array(vec![value]));
        let member = |name: &str, value| (name.to_owned(), value);
        let objects = (0..10_000).fold(json!(1), |value, _| Value::from_iter([member("a", value)]));
        let members = [("a", nested(1)), ("b", nested(1)), ("c", nested(2)), ("o", objects)];
        let input = Value::from_iter(members.map(|(name, value)| member(name, value)));
        assert_eq!(with(&input, "input.a == input.b"), Ok(json!(true)));
        assert_eq!(with(&input, "input.a == input.c"), Ok(json!(false)));
        assert_eq!(with(&input, "input.o == input.o"), Ok(json!(true)));
        assert_eq!(with(&input, "input.a in [input.c, input.b]"), Ok(json!(true)));
        assert!(matches!(with(&input, "input.a"), Err(EvalError::Range(_))));
        assert!(matches!(with(&input, "{'x': input.o}"), Err(EvalError::Range(_))));
        let explained = Expression::parse("input.a == input.c").unwrap();
        let explained = explained.explain(&Scope::new(&[("input", &input)]));
        assert_eq!(explained.clauses[0].reads[0].value, None);
        // Dropping it would recurse; that is not what is tested.
        std::mem::forget(input);
    });
}

#[test]
fn lists_of_a_hundred_thousand_items_are_used_as_far_as_the_budget_goes() {
    let input = json!({"l": (0..100_000).collect::<Vec<_>>()});
    assert_eq!(with(&input, "size(input.l)"), Ok(json!(100_000)));
    assert_eq!(with(&input, "input.l[99999]"), Ok(json!(99_999)));
    assert_eq!(with(&input, "input.l.exists(x, x == 1000)"), Ok(json!(true)));
    for source in [
        "input.l",
        "input.l.all(x, x >= 0)",
        "input.l.map(x, x)",
        "input.l == input.l",
        "input.l + input.l",
        "99999 in input.l",
        "input.l.filter(x, x > 99998)",
        "math.greatest(input.l)",
        "input.l.map(x, string(x)).join(',')",
    ] {
        assert_eq!(with(&input, source), Err(BUDGET), "{source}");
    }
}

/// Every construct, nested as deeply as is taken, on the stack a thread has.
#[test]
fn the_deepest_expressions_fit_a_threads_stack() {
    on_a_small_stack(|| {
        let depth = usize::from(limits::EXPRESSION_DEPTH);
        for (open, inner, close) in [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{'a': ", "1", "}"),
            ("A{a: ", "1", "}"),
            ("int(", "1", ")"),
            ("a[", "0", "]"),
            ("!(", "a", ")"),
            ("-(", "a", ")"),
            ("(a ? ", "1", " : 2)"),
            ("(1 + ", "1", ")"),
            ("(a && ", "a", ")"),
            ("a.map(x, ", "x", ")"),
            ("a.contains(", "a", ")"),
            ("[1].all(x, [x] == ", "x", ")"),
        ] {
            for depth in [depth, depth - 1, depth / 2] {
                let source = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
                if let Ok(expression) = Expression::parse(&source) {
                    let scope = Scope::new(&[]);
                    let _ = expression.evaluate(&scope);
                    let _ = expression.explain(&scope);
                    let _ = expression.type_in(&super::TypeScope::default());
                    let printed = print::text(&expression.root, &[]);
                    assert!(Expression::parse(&printed).is_ok(), "{printed}");
                }
            }
        }
    });
}

#[test]
fn the_longest_rows_of_operators_are_evaluated_explained_and_printed() {
    on_a_small_stack(|| {
        for unit in ["1+", "1*", "1==", "a&&", "a||", "!a||", "1 in[", "a?b:", "a.b.", "a[0]+"] {
            for count in [60, 95, 190] {
                let source = format!("{}a", unit.repeat(count));
                if let Ok(expression) = Expression::parse(&source) {
                    let scope = Scope::new(&[]);
                    assert!(expression.evaluate(&scope).is_err());
                    let _ = expression.explain(&scope);
                    let _ = expression.type_in(&super::TypeScope::default());
                    assert!(!print::text(&expression.root, &[]).is_empty());
                }
            }
        }
    });
}
