use super::{ProblemKind, Rest, Type, TypeScope};
use crate::expr::Expression;
use serde_json::{Value, json};

fn of(schema: &Value) -> Type {
    Type::of_schema(schema)
}

fn scope() -> TypeScope {
    let input = of(&json!({
        "type": "object", "additionalProperties": false, "properties": {
            "text": {"type": "string"}, "number": {"type": "number"}, "flag": {"type": "boolean"}, "maybe": {"type": ["string", "null"]},
            "list": {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}, "additionalProperties": false}},
            "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
        },
    }));
    TypeScope::default().with("input", input).with("now", Type::Timestamp)
}

fn typed(source: &str) -> String {
    let (of, problems) = Expression::parse(source).unwrap().type_in(&scope());
    assert_eq!(problems, [], "{source}");
    of.described()
}

#[test]
fn schemas_give_the_types_of_what_fits_them() {
    for (schema, described) in [
        (json!({"type": "string", "format": "date-time"}), "text"),
        (json!({"type": ["integer", "null"]}), "a number or null"),
        (json!({"type": "boolean", "nullable": true}), "true or false or null"),
        (json!({"enum": ["a", "b", 1, null]}), "text, a number or null"),
        (json!({"const": "a"}), "text"),
        (json!({"type": "array"}), "a list"),
        (json!({"properties": {"a": {}}}), "an object"),
        (json!({"oneOf": [{"type": "string"}, {"type": "array"}]}), "text or a list"),
        (json!({"anyOf": [{"type": "string"}, {}]}), "anything"),
        (json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "number"}}}), "a number"),
        (json!({"$ref": "https://example.com/a"}), "anything"),
        (json!(true), "anything"),
        (json!({"allOf": [{"type": "string"}]}), "anything"),
        (json!({"type": "colour"}), "anything"),
        (json!({"type": []}), "anything"),
        (json!(7), "anything"),
    ] {
        assert_eq!(of(&schema).described(), described, "{schema}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_is_read_as_far_as_it_is_needed() {
    let members: serde_json::Map<_, _> =
        (0..8).map(|at| (format!("m{at}"), json!({"$ref": "#"}))).collect();
    let Type::Object(shape) = of(&json!({"type": "object", "properties": members})) else {
        panic!("an object")
    };
    assert_eq!(shape.members.len(), 8);
    assert_eq!(shape.rest, Rest::Unlisted);
    let mut deep = json!({"type": "string"});
    for _ in 0..100 {
        deep = json!({"type": "array", "items": deep});
    }
    assert_eq!(of(&deep).described(), "a list");
}

#[test]
fn an_expressions_type_follows_from_what_it_reads() {
    for (source, described) in [
        ("input.text + 'x'", "text"),
        ("input.number + 1", "a number"),
        ("input.number / 2.0", "a decimal number"),
        ("1 + 2", "a whole number"),
        ("input.flag ? input.text : 1", "text or a whole number"),
        ("input.list.map(i, i.x)", "a list"),
        ("input.list.map(i, i.x)[0]", "a number"),
        ("input.list.filter(i, i.x > 1)[0].x", "a number"),
        ("input.list.exists(i, i.x > 1)", "true or false"),
        ("{'a': {'b': now}}.a.b", "a time"),
        ("now - now", "a duration"),
        ("input.either == 1 ? input.either : null", "text, a number or null"),
        ("input.text.split(',')[0].size()", "a whole number"),
        ("unknown.anything[0].at.all", "anything"),
        ("[1, 2, 3][unknown]", "a whole number"),
        ("dyn(input.text)", "anything"),
        ("input.either + input.either", "text or a number"),
    ] {
        assert_eq!(typed(source), described, "{source}");
    }
}

#[test]
fn a_problem_names_the_part_it_is_in() {
    let problems = |source| Expression::parse(source).unwrap().type_in(&scope()).1;
    let found = problems("input.flag && input.list.exists(i, i.x + 'a' == input.text)");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].part.as_str()), (ProblemKind::Mismatch, "i.x + 'a'"));
    assert_eq!(
        found[0].message,
        "'i.x + 'a'' can never have a value: '+' does not take a number and text. Make text of a number with string(…) first."
    );
    let found = problems("input.nmae == 'x' && input.text > now");
    assert_eq!(
        found.iter().map(|found| found.part.as_str()).collect::<Vec<_>>(),
        ["input.nmae", "input.text > now"]
    );
}

#[test]
fn types_with_many_alternatives_are_not_told_apart() {
    let objects = (0..9).map(|at| of(&json!({"properties": {format!("m{at}"): {}}})));
    assert_eq!(Type::one_of(objects), Type::Dyn);
    let words = (0..100).map(|at| Type::words(vec![at.to_string()]));
    assert_eq!(Type::one_of(words), Type::Text);
}
