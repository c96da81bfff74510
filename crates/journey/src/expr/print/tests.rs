use super::text;
use crate::expr::{
    Expression,
    agreement::ORDINARY,
    tests::{eval, input},
};

fn printed(source: &str) -> String {
    text(&Expression::parse(source).unwrap_or_else(|error| panic!("{source}: {error}")).root, &[])
}

#[test]
fn what_is_printed_is_read_again_as_the_same() {
    assert!(input().is_object());
    let more = [
        "1 - (2 - 3)",
        "2 * (3 + 4) / (5 - 3)",
        "-(-input.n)",
        "!(!input.yes)",
        "(1 < 2) == true",
        "(input.yes ? 1 : 2) + 3",
        "input.yes ? 1 : input.yes ? 2 : 3",
        "(input.yes ? input.yes : false) ? 1 : 2",
        "'it\\'s \\\\ \\n \\u0001 é'",
        "[1, 2].map(x, [3].map(y, x + y))",
        "[1].map(x, [2].map(x, x))",
        "{'a-b': 1}.`a-b`",
        "has({'a-b': 1}.`a-b`)",
        "math.greatest(1, 2, 3) + math.abs(-4)",
        "type(1) == int && type(now) == google.protobuf.Timestamp",
        "now.getHours('Europe/Berlin')",
        "(-5).b",
        "1e100 + 1.5e-7",
        "input.numbers.exists_one(n, n == 2) && !(2 in [1, 3])",
    ];
    for source in ORDINARY.iter().copied().chain(more) {
        let again = printed(source);
        assert_eq!(eval(&again), eval(source), "{source} became {again}");
        assert_eq!(printed(&again), again, "{source}");
    }
}

#[test]
fn only_the_parentheses_that_are_needed_are_printed() {
    for (source, want) in [
        ("((a)) && ((b) || (c))", "a && (b || c)"),
        ("(a && b) && c", "a && b && c"),
        ("a||b||(c||d)", "a || b || c || d"),
        ("(1 + 2) + 3", "1 + 2 + 3"),
        ("1 + (2 + 3)", "1 + (2 + 3)"),
        ("(a.b)[\"c\"]", "a.b['c']"),
        ("size(a) > a.size()", "size(a) > size(a)"),
        ("!(a == b)", "!(a == b)"),
    ] {
        assert_eq!(printed(source), want, "{source}");
    }
}
