//! Variables are held to the schema the journey gives them, whoever writes them.

use super::*;

/// A trigger, a node that writes `vars.v`, an end; the journey says what its variables are.
fn writing(node: Value, variables: &Value) -> Journey {
    drawn(node, &["start>n", "n>done"], variables)
}

fn drawn(node: Value, edges: &[&str], variables: &Value) -> Journey {
    let edges: Vec<_> = edges.iter().map(|edge| read_edge(edge)).collect();
    let nodes = json!([manual(), node, end("done")]);
    build(
        json!({"format": 1, "name": "Test", "nodes": nodes, "edges": edges, "variables": variables}),
    )
}

fn declared(v: Value) -> Value {
    json!({"type": "object", "properties": {"v": v, "n": {"type": "integer"}}, "required": ["v"]})
}

fn set_v() -> Value {
    json!({"id": "n", "kind": "set", "assign": [{"to": "vars.v", "value": "input.v"}]})
}

/// A schema, a value that fits, one that does not, and why not.
const MISFITS: &[(&str, &str, &str, &str)] = &[
    (r#"{"type": "integer"}"#, "7", "7.5", "must be a whole number, and is a number"),
    (r#"{"type": "number"}"#, "7", r#""7""#, "must be a number, and is a text"),
    (r#"{"type": ["string", "null"]}"#, "null", "1", "must be a text or nothing, and is a number"),
    (r#"{"type": "string", "nullable": true}"#, "null", "[]", "must be a text, and is a list"),
    (r#"{"type": "boolean"}"#, "true", "{}", "must be true or false, and is an object"),
    (r#"{"enum": ["a", 2]}"#, "2", r#""b""#, "must be one of \"a\", 2"),
    (r#"{"const": "a"}"#, r#""a""#, r#""b""#, "must be one of \"a\""),
    (r#"{"minimum": 1}"#, "1", "0", "must be at least 1, and is 0"),
    (r#"{"maximum": 1}"#, "1", "2", "must be at most 1, and is 2"),
    (r#"{"exclusiveMinimum": 1}"#, "1.5", "1", "must be above 1, and is 1"),
    (r#"{"exclusiveMaximum": 1}"#, "0", "1", "must be below 1, and is 1"),
    (r#"{"multipleOf": 0.1}"#, "0.3", "0.35", "must be a multiple of 0.1, and is 0.35"),
    (r#"{"minLength": 2}"#, r#""éé""#, r#""é""#, "must have at least 2 characters, and has 1"),
    (
        r#"{"items": {"maxLength": 3}}"#,
        r#"["a"]"#,
        r#"["a", "long"]"#,
        "has an item, number 2, that must have at most 3 characters, and has 4",
    ),
    (r#"{"maxItems": 2}"#, "[]", "[1, 2, 3]", "must have at most 2 items, and has 3"),
    (r#"{"uniqueItems": true}"#, "[1, 2]", "[1, 1]", "must not have an item twice"),
    (r#"{"required": ["a"]}"#, r#"{"a": 1}"#, "{}", "must have 'a'"),
    (
        r##"{"properties": {"a": {"$ref": "#/properties/n"}}}"##,
        r#"{"a": 2}"#,
        r#"{"a": "x"}"#,
        "has a 'a' that must be a whole number, and is a text",
    ),
    (r#"{"additionalProperties": false}"#, "{}", r#"{"b": 1}"#, "has a 'b' that may not be there"),
    (
        r#"{"anyOf": [{"type": "string"}, {"minimum": 3, "type": "number"}]}"#,
        "3",
        "2",
        "is none of what it may be",
    ),
    (
        r#"{"oneOf": [{"minimum": 3}, {"maximum": 5}]}"#,
        "7",
        "4",
        "must be exactly one of what it may be",
    ),
    (r#"{"allOf": [{"minimum": 3}, {"maximum": 5}]}"#, "4", "6", "must be at most 5, and is 6"),
    (r#"{"not": {"type": "string"}}"#, "4", r#""x""#, "is what it may not be"),
];

#[test]
fn a_value_that_is_not_as_the_schema_of_its_variable_says_is_an_incident() {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for (schema, good, bad, why) in MISFITS {
        let journey = writing(set_v(), &declared(read(schema)));
        let mut play = Play::new(&journey);
        play.quietly(start(json!({"v": read(good)})));
        assert_eq!(play.instance.outcome(), Some("done"), "{good}: {}", play.transcript);
        let mut play = Play::new(&journey);
        play.event(start(json!({"v": read(bad)})));
        let said = format!("1 incident variable.misfit: the variable 'v' {why}");
        assert!(play.transcript.contains(&said), "{bad}: {}", play.transcript);
        assert!(!play.instance.vars().contains_key("v"));
    }
}

#[test]
fn what_a_table_gives_is_held_to_the_schema_too() {
    let table = json!({"hit": "first", "inputs": ["1"], "rules": [{"when": ["1"], "set": {"v": "input.v"}, "port": "default"}]});
    let node = json!({"id": "n", "kind": "decision", "table": table});
    let edges = ["start>n", "n:default>done"];
    let journey = drawn(node, &edges, &declared(json!({"type": "integer"})));
    let mut play = Play::new(&journey);
    play.event(start(json!({"v": "many"})));
    assert!(play.transcript.contains("1 incident variable.misfit"), "{}", play.transcript);
}

#[test]
fn a_variable_that_is_not_declared_takes_anything_unless_the_schema_is_closed() {
    let open = json!({"type": "object", "properties": {"other": {"type": "string"}}});
    let mut closed = open.clone();
    closed["additionalProperties"] = json!(false);
    let journey = writing(set_v(), &open);
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"v": [1, "x"]})));
    assert_eq!(play.instance.outcome(), Some("done"));
    let journey = writing(set_v(), &closed);
    let mut play = Play::new(&journey);
    play.event(start(json!({"v": 1})));
    assert!(
        play.transcript.contains("the variable 'v' is not among the declared ones"),
        "{}",
        play.transcript
    );
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    let endless = json!({"$ref": "#/properties/v"});
    let journey = writing(set_v(), &declared(endless));
    let mut play = Play::new(&journey);
    play.quietly(start(json!({"v": 1})));
    assert_eq!(play.instance.outcome(), Some("done"));
}
