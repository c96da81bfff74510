use super::*;
use crate::{
    dice::Dice,
    expr::{print, types::Rest},
};
use std::collections::BTreeMap;

fn rows(source: &str) -> Part {
    read(source).unwrap().unwrap()
}

/// How a part is built: rows by their words, groups in brackets, the rest as text.
fn shown(part: &Part) -> String {
    match part {
        Part::Row(row) => {
            let guard = match row.guard {
                Guard::None => "",
                Guard::Missing => "?",
                Guard::MissingOrNull => "??",
            };
            let operand = match &row.operand {
                Operand::Nothing => String::new(),
                operand => format!(" {}", operand.text()),
            };
            format!("{}{guard} {}{operand}", row.field, words(row.operator))
        }
        Part::Group(group) => {
            let parts: Vec<_> = group.parts.iter().map(shown).collect();
            let joined = if group.joined == Joined::All { "all" } else { "any" };
            format!("{joined}[{}]", parts.join("; "))
        }
        Part::Text(text) => format!("<{text}>"),
    }
}

fn words(operator: Operator) -> &'static str {
    match operator {
        Operator::Is => "is",
        Operator::IsNot => "is not",
        Operator::Below => "is below",
        Operator::AtMost => "is at most",
        Operator::Above => "is above",
        Operator::AtLeast => "is at least",
        Operator::OneOf => "is one of",
        Operator::NoneOf => "is none of",
        Operator::Contains => "contains",
        Operator::ContainsNot => "does not contain",
        Operator::StartsWith => "starts with",
        Operator::EndsWith => "ends with",
        Operator::Includes => "includes",
        Operator::IncludesNot => "does not include",
        Operator::HasValue => "has a value",
        Operator::NoValue => "has no value",
        Operator::There => "is there",
        Operator::NotThere => "is not there",
        Operator::Holds => "holds",
        Operator::HoldsNot => "does not hold",
        Operator::WithinNext => "is within the next … days",
        Operator::WithinLast => "is within the last … days",
        Operator::FurtherAway => "is more than … days away",
        Operator::LongerAgo => "is more than … days ago",
        Operator::Before => "is before",
        Operator::After => "is after",
    }
}

#[test]
fn a_condition_is_read_as_rows() {
    let expected = [
        ("account.segment == 'smb'", "account.segment is 'smb'"),
        ("vars.n >= -3 && vars.ok", "all[vars.n is at least -3; vars.ok holds]"),
        ("has(account.stage) && account.stage == 'churned'", "account.stage? is 'churned'"),
        (
            "account != null && has(account.health) && account.health != null && account.health < 50",
            "all[account has a value; account.health?? is below 50]",
        ),
        ("!has(account.stage) || account.stage != 'new'", "account.stage? is not 'new'"),
        ("!has(a.b) || a.b == null || !(a.b in ['x', 'y'])", "a.b?? is none of ['x', 'y']"),
        ("has(a.b) && a.b != null", "a.b? has a value"),
        ("has(a.b) && has(a.c)", "all[a.b is there; a.c is there]"),
        // What is asked of another field, or asked the other way, says nothing of this one.
        ("has(a.b) && a.c == 1", "all[a.b is there; a.c is 1]"),
        ("has(a.b) || a.b == 1", "any[a.b is there; a.b is 1]"),
        ("has(a.b) && a.b != 1", "all[a.b is there; a.b is not 1]"),
        ("!has(a.b) || a.b == 1", "any[a.b is not there; a.b is 1]"),
        (
            "x == 1 && (y == 2 || z.contains('it\\'s')) && w",
            "all[x is 1; any[y is 2; z contains 'it\\'s']; w holds]",
        ),
        ("has(input.topics) && 'support' in input.topics", "input.topics? includes 'support'"),
        ("vars.n < size(input.sites)", "vars.n is below size(input.sites)"),
        ("size(input.sites) > 2", "size(input.sites) is above 2"),
        (
            "now > timestamp('2026-01-01T00:00:00Z')",
            "now is above timestamp('2026-01-01T00:00:00Z')",
        ),
        ("(a ? b : c) && d", "all[<(a ? b : c)>; d holds]"),
        ("5 < x", "<5 < x>"),
        ("x.exists(i, i > 1)", "<x.exists(i, i > 1)>"),
        ("!(a && b)", "<!(a && b)>"),
    ];
    for (source, rows_of) in expected {
        assert_eq!(shown(&rows(source)), rows_of, "{source}");
    }
    assert_eq!(read("  ").unwrap(), None);
    assert!(read("a ==").is_err());
}

#[test]
fn dates_are_read_as_rows() {
    let expected = [
        (
            "timestamp(a.due) > now + duration('720h')",
            "a.due is more than … days away duration('720h')",
        ),
        (
            "timestamp(a.due) < now - duration('24h')",
            "a.due is more than … days ago duration('24h')",
        ),
        ("timestamp(a.due) < timestamp('2026-01-31')", "a.due is before timestamp('2026-01-31')"),
        (
            "timestamp(a.due) >= now && timestamp(a.due) <= now + duration('2160h') && b",
            "all[a.due is within the next … days duration('2160h'); b holds]",
        ),
        (
            "has(a.due) && a.due != null && timestamp(a.due) <= now && timestamp(a.due) >= now - duration('0h')",
            "a.due?? is within the last … days duration('0h')",
        ),
        (
            "has(a.due) && timestamp(a.due) >= now && timestamp(a.due) <= now + duration('24h') || c",
            "any[a.due? is within the next … days duration('24h'); c holds]",
        ),
        (
            "timestamp(a.due) < timestamp('2026-01-31T09:00:00Z')",
            "timestamp(a.due) is below timestamp('2026-01-31T09:00:00Z')",
        ),
        // Other fields, hours that are no days, and either of two do not make one row.
        (
            "timestamp(a.due) >= now && timestamp(b.due) <= now + duration('24h')",
            "all[timestamp(a.due) is at least now; timestamp(b.due) is at most now + duration('24h')]",
        ),
        (
            "timestamp(a.due) > now + duration('25h')",
            "timestamp(a.due) is above now + duration('25h')",
        ),
        (
            "timestamp(a.due) >= now || timestamp(a.due) <= now + duration('24h')",
            "any[timestamp(a.due) is at least now; timestamp(a.due) is at most now + duration('24h')]",
        ),
    ];
    for (source, rows_of) in expected {
        let part = rows(source);
        assert_eq!(shown(&part), rows_of, "{source}");
        assert_eq!(meaning(&part.text()), meaning(source));
        assert_eq!(rows(&part.text()), part);
    }
}

#[test]
fn another_operator_of_a_date_keeps_what_it_can() {
    let members = BTreeMap::from([("due".to_owned(), Type::Date.or(Type::Null))]);
    let scope = TypeScope::default().with("a", Type::object(members, Rest::Unlisted));
    let field = &fields(&scope)[0];
    let new = Row::of(field);
    let expected = "has(a.due) && a.due != null && timestamp(a.due) >= now && timestamp(a.due) <= now + duration('720h')";
    assert_eq!(new.text(), expected);
    let days = Row { operand: Operand::days(" 90 ").unwrap(), ..new };
    let ago = days.with_operator(Operator::LongerAgo, &field.of);
    assert!(ago.text().ends_with("timestamp(a.due) < now - duration('2160h')"), "{}", ago.text());
    let date = ago.with_operator(Operator::Before, &field.of);
    assert_eq!(date.operand, Operand::Date(String::new()));
    let date = Row { operand: Operand::Date("2026-01-31".to_owned()), ..date };
    let after = date.with_operator(Operator::After, &field.of);
    assert!(after.text().ends_with("timestamp(a.due) > timestamp('2026-01-31')"));
    let is = after.with_operator(Operator::Is, &field.of);
    assert_eq!(is.text(), "has(a.due) && a.due == ''");
    for operator in operators(&field.of) {
        let row = Part::Row(is.clone().with_operator(operator, &field.of));
        assert_eq!(rows(&row.text()), row);
    }
    for none in ["", "-1", "1.5", "x", "70000"] {
        assert_eq!(Operand::days(none), None, "{none}");
    }
}

/// What a text does, however it is written.
fn meaning(source: &str) -> String {
    print::text(&Expression::parse(source).unwrap().root, &[])
}

#[test]
fn what_is_read_and_written_means_the_same() {
    let mut dice = Dice(7);
    let sources = (0..4_000).map(|_| dice.expression(3));
    let mut read_as_rows = 0;
    for source in sources.filter(|source| Expression::parse(source).is_ok()) {
        let part = rows(&source);
        assert_eq!(meaning(&part.text()), meaning(&source), "{part:?}");
        assert_eq!(rows(&part.text()), part, "{source}");
        read_as_rows += usize::from(!matches!(part, Part::Text(_)));
    }
    assert!(read_as_rows > 500, "{read_as_rows}");
}

#[test]
fn a_guarded_row_keeps_its_sides_among_others() {
    let guarded = rows("has(a.b) && a.b == 1");
    let either = join(Joined::Any, [guarded.clone(), rows("c")]).unwrap();
    assert_eq!(either.text(), "(has(a.b) && a.b == 1) || c");
    assert_eq!(rows(&either.text()), either);
    let lacking = rows("!has(a.b) || a.b != 1");
    let both = join(Joined::All, [lacking, either.clone()]).unwrap();
    assert_eq!(both.text(), "(!has(a.b) || a.b != 1) && ((has(a.b) && a.b == 1) || c)");
    assert_eq!(rows(&both.text()), both);
    assert_eq!(
        join(Joined::All, [guarded, rows("c")]).unwrap().text(),
        "has(a.b) && a.b == 1 && c"
    );
}

#[test]
fn a_part_is_changed_in_its_place() {
    let part = rows("a && (b || c) && d");
    assert_eq!(shown(part.at(&[1, 1]).unwrap()), "c holds");
    assert_eq!(part.at(&[1, 2]), None);
    let gone = part.clone().changed(&[1, 0], |_| None).unwrap();
    assert_eq!(gone.text(), "a && c && d");
    let either = |one| join(Joined::Any, [one, rows("x")]);
    assert_eq!(part.clone().changed(&[0], either).unwrap().text(), "(a || x) && (b || c) && d");
    assert_eq!(part.clone().changed(&[9], |_| None).unwrap(), part);
    assert_eq!(rows("a").changed(&[], |_| None), None);
}

#[test]
fn a_new_row_suits_its_field_and_is_safe_to_ask() {
    let words = Type::words(vec!["smb".to_owned(), "enterprise".to_owned()]);
    let members = BTreeMap::from([
        ("health".to_owned(), Type::Number.or(Type::Null)),
        ("segment".to_owned(), words),
        ("tags".to_owned(), Type::list(Type::Text)),
        ("odd name".to_owned(), Type::Bool),
    ]);
    let variables = BTreeMap::from([("tries".to_owned(), Type::Number)]);
    let scope = TypeScope::default()
        .with("account", Type::object(members, Rest::Unlisted).or(Type::Null))
        .with("vars", Type::object(variables, Rest::Reported))
        .with("now", Type::Timestamp);
    let fields = fields(&scope);
    let new: Vec<_> = fields.iter().map(|field| Row::of(field).text()).collect();
    let expected = [
        "has(account.health) && account.health == 0",
        "has(account.`odd name`) && account.`odd name` == true",
        "has(account.segment) && account.segment == 'smb'",
        "has(account.tags) && '' in account.tags",
        "now > now",
        "has(vars.tries) && vars.tries == 0",
    ];
    assert_eq!(new, expected);

    let health = Row::of(&fields[0]).with_operator(Operator::Below, &fields[0].of);
    let expected = "has(account.health) && account.health != null && account.health < 0";
    assert_eq!(health.text(), expected);
    let lacking = health.with_operator(Operator::NoValue, &fields[0].of);
    assert_eq!(lacking.text(), "!has(account.health) || account.health == null");
    let segment = Row::of(&fields[2]).with_operator(Operator::NoneOf, &fields[2].of);
    assert_eq!(segment.text(), "!has(account.segment) || !(account.segment in ['smb'])");
    let one = segment.with_operator(Operator::IsNot, &fields[2].of);
    assert_eq!(one.text(), "!has(account.segment) || account.segment != 'smb'");
    for field in &fields {
        for operator in operators(&field.of) {
            let row = Part::Row(Row::of(field).with_operator(operator, &field.of));
            assert_eq!(rows(&row.text()), row);
        }
    }
}

#[test]
fn a_number_is_written_as_it_was_typed_or_not_at_all() {
    let number = |typed| Operand::number(typed).map(|number| number.text());
    assert_eq!(number(" 5 ").as_deref(), Some("5"));
    assert_eq!(number("-0.5").as_deref(), Some("-0.5"));
    assert_eq!(number("1e300").as_deref(), Some("1e300"));
    assert_eq!(number("50").as_deref(), Some("50"));
    for none in ["", "x", "inf", "NaN", "1 2"] {
        assert_eq!(number(none), None, "{none}");
    }
}
