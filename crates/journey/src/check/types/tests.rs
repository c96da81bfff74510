//! One journey in which everything has a schema; each case is a condition on its last way, and the code it is given.

use crate::{
    Draft, Severity, Workspace, check,
    workspace::{Connection, Operation},
};
use serde_json::{Value, json};

fn draft() -> Value {
    json!({
        "format": 1, "name": "Typed", "settings": {"on_failure": "incident"},
        "variables": {"type": "object", "properties": {"tier": {"enum": ["gold", "silver"]}, "count": {"type": "integer"}, "due": {"type": "string", "format": "date"}}},
        "nodes": [
            {"id": "start", "kind": "trigger", "on": {"type": "webhook", "hook": "in"}, "account": "input.id",
                "input": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {
                    "id": {"type": "string"}, "n": {"type": "integer"}, "note": {"type": ["string", "null"]}, "tags": {"type": "array", "items": {"type": "string"}},
                    "kind": {"enum": ["new", "renewal"]}, "place": {"type": "object", "properties": {"city": {"type": "string"}}}, "any": {}}}},
            {"id": "hand", "kind": "trigger", "on": {"type": "manual"},
                "input": {"type": "object", "additionalProperties": false, "properties": {"id": {"type": "string"}, "reason": {"type": "string"}}}},
            {"id": "first", "kind": "set", "assign": [{"to": "vars.tier", "value": "'gold'"}, {"to": "vars.count", "value": "size(input.id)"}, {"to": "vars.label", "value": "'a'"}]},
            {"id": "again", "kind": "set", "assign": [
                {"to": "vars.label", "value": "'b'"}, {"to": "vars.copy", "value": "vars.label"}, {"to": "vars.mixed", "value": "1"}, {"to": "vars.stamp", "value": "now"}, {"to": "account.segment", "value": "7"}]},
            {"id": "call", "kind": "action", "connection": "crm", "operation": "find", "input": {"id": "input.id"}, "output": "found"},
            {"id": "more", "kind": "action", "connection": "erp", "operation": "any", "input": {}, "output": "mixed"},
            {"id": "ask", "kind": "task", "title": "Ask", "owner": {"rule": "user", "user": "ana@example.com"}, "sla": {"due": "PT8H", "escalation": [{"at": "breach", "do": "notify", "to": {"rule": "user", "user": "ana@example.com"}}]},
                "form": {"type": "object", "required": ["note", "score"], "properties": {"note": {"type": "string"}, "score": {"type": "number"}}},
                "outcomes": [{"id": "yes"}, {"id": "no"}], "timers": [{"id": "late", "after": "PT1H"}]},
            {"id": "choose", "kind": "decision"},
            {"id": "done", "kind": "end", "outcome": "done"},
        ],
        "edges": [
            {"id": "e0", "from": "start", "to": "first"}, {"id": "e1", "from": "hand", "to": "first"}, {"id": "e2", "from": "first", "to": "again"},
            {"id": "e3", "from": "again", "to": "call"}, {"id": "e4", "from": "call", "to": "more"}, {"id": "e5", "from": "more", "to": "ask"},
            {"id": "e6", "from": "ask", "port": "yes", "to": "choose"}, {"id": "e7", "from": "ask", "port": "no", "to": "choose"}, {"id": "e8", "from": "ask", "port": "late", "to": "choose"},
            {"id": "when", "from": "choose", "to": "done", "when": "true"}, {"id": "e9", "from": "choose", "to": "done", "port": "default"},
        ],
    })
}

fn workspace() -> Workspace {
    let find = Operation {
        input: json!({"type": "object", "properties": {"id": {"type": "string"}, "limit": {"type": "integer"}, "order": {"enum": ["up", "down"]}}}),
        output: json!({"type": "object", "properties": {"name": {"type": "string"}, "hits": {"type": "array", "items": {"$ref": "#/$defs/hit"}}}, "$defs": {"hit": {"type": "object", "properties": {"score": {"type": "number"}}, "additionalProperties": false}}}),
        idempotent: true,
        ..Operation::default()
    };
    let any = Operation { idempotent: true, ..Operation::default() };
    let connection = |name: &str, operation: Operation| Connection {
        connector: "x".to_owned(),
        operations: [(name.to_owned(), operation)].into(),
    };
    Workspace {
        connections: [
            ("crm".to_owned(), connection("find", find)),
            ("erp".to_owned(), connection("any", any)),
        ]
        .into(),
        users: ["ana@example.com".to_owned()].into(),
        ..Workspace::default()
    }
}

/// What is reported, as `code severity place`.
fn reported(draft: &Value) -> Vec<String> {
    let draft: Draft = serde_json::from_value(draft.clone()).unwrap();
    let found = check(&draft, Some(&workspace())).1;
    let line = |found: crate::Diagnostic| {
        let mark = if found.severity == Severity::Error { "!" } else { "?" };
        let on = found.node.or(found.edge).unwrap_or_default();
        format!("{}{mark} {on}{}", found.code, found.field.unwrap_or_default())
    };
    // Whether something was written by then is another check's to say.
    let is_of_types = |code: &str| !matches!(code, "may-be-unwritten" | "read-too-early");
    found.into_iter().filter(|found| is_of_types(&found.code)).map(line).collect()
}

fn when(condition: &str) -> Vec<String> {
    let mut draft = draft();
    draft["edges"][9]["when"] = json!(condition);
    reported(&draft)
}

#[test]
fn conditions_that_fit_the_schemas_are_not_reported() {
    assert_eq!(reported(&draft()), Vec::<String>::new());
    for condition in [
        "input.n > 3 && input.n % 2 == 0 && input.n + 1.5 < 9",
        "input.note == null || input.note.contains('x')",
        "'vip' in input.tags && input.tags.exists(t, t.startsWith('a'))",
        "input.kind == 'new'",
        "input.place.city == 'Kyiv'",
        "input.any.whatever + 1 == 'x'.size()",
        "has(input.reason) && input.reason == 'x'",
        "has(input.nothing) && input.nothing == 1",
        "has(input.place.street.number) && input.place.street.number == 1",
        "vars.tier == 'silver' && vars.count > 1",
        "timestamp(vars.due + 'T00:00:00Z') < now",
        "vars.label == 'a' || vars.copy == 'b'",
        "vars.mixed == 'text' || vars.mixed == 1 || vars.mixed.any",
        "vars.stamp.startsWith('2026')",
        "vars.found.hits.exists(h, h.score > 0.5)",
        "nodes.call.output.name == 'x' && nodes.more.output.name == 1",
        "nodes.ask.outcome == 'yes' || nodes.ask.outcome in ['no', 'late']",
        "nodes.ask.form.score >= 3 && nodes.ask.form.note != ''",
        "nodes.call.error.kind == 'auth'",
        "account.arr > 1000 && account.health < 50 && account.owner == null",
        "account.segment == 'x' || account.segment == 7",
        "now - timestamp('2026-01-01T00:00:00Z') > duration('24h')",
        "now.getHours() < 12",
        "account.flag",
        "input.n > 1 ? vars.tier == 'gold' : account.flag",
        "{'a': 1}.a == 1 && [1, 'a'][0] == 1",
        "type(input.any) == int",
    ] {
        assert_eq!(when(condition), Vec::<String>::new(), "{condition}");
    }
}

#[test]
fn what_can_never_succeed_is_an_error_on_its_field() {
    for (condition, code) in [
        ("input.id + 1 == 'x'", "type-mismatch!"),
        ("input.n == 'three'", "type-mismatch!"),
        ("input.n.contains('x')", "type-mismatch!"),
        ("input.tags.contains('x')", "type-mismatch!"),
        ("input.tags > 1", "type-mismatch!"),
        ("1 in input.tags", "type-mismatch!"),
        ("'x' in input.id", "type-mismatch!"),
        ("input.id.first == 'x'", "type-mismatch!"),
        ("input.tags['first'] == 'x'", "type-mismatch!"),
        ("input.id && true", "type-mismatch!"),
        ("!input.n", "type-mismatch!"),
        ("-input.id == 'x'", "type-mismatch!"),
        ("vars.due < now", "type-mismatch!"),
        ("vars.stamp < now", "type-mismatch!"),
        ("vars.due.getHours() == 1", "type-mismatch!"),
        ("vars.label > 3", "type-mismatch!"),
        ("vars.found.hits.all(h, h)", "type-mismatch!"),
        ("vars.found.hits.exists(h, h.score == 'high')", "type-mismatch!"),
        ("nodes.ask.form.score.startsWith('3')", "type-mismatch!"),
        ("account.arr == 'big'", "type-mismatch!"),
        ("1u + 1 == 2", "type-mismatch!"),
        ("1.5 % 2.0 == 0.0", "type-mismatch!"),
        ("type(input.any) == 'int'", "type-mismatch!"),
        ("input.id.all(x, true)", "type-mismatch!"),
        ("input.id ? true : false", "type-mismatch!"),
        ("input.id", "not-a-condition!"),
        ("vars.count", "not-a-condition!"),
        ("input.n > 1 ? input.n : 0", "not-a-condition!"),
        ("[true]", "not-a-condition!"),
        ("input.nothing == 1", "unknown-field!"),
        ("vars.found.hits[0].rank == 1", "unknown-field!"),
        ("input.place.street == 'x'", "unknown-field?"),
        ("vars.found.nmae == 'x'", "unknown-field?"),
        ("nodes.call.output.nmae == 'x'", "unknown-field?"),
        ("nodes.ask.outcome == 'maybe'", "unknown-outcome!"),
        ("'maybe' != nodes.ask.outcome", "unknown-outcome!"),
        ("nodes.ask.outcome in ['yes', 'maybe']", "unknown-outcome!"),
        ("input.kind == 'old'", "unlisted-value?"),
        ("vars.tier == 'bronze'", "unlisted-value?"),
        ("vars.label == 'c'", "unlisted-value?"),
    ] {
        assert_eq!(when(condition), [format!("{code} when/when")], "{condition}");
    }
}

#[test]
fn a_trigger_reads_its_own_input_and_a_node_that_of_any() {
    let mut with = draft();
    with["nodes"][1]["account"] = json!("input.n");
    assert_eq!(reported(&with), ["unknown-field! hand/account"]);
    assert_eq!(when("input.n == 1 && input.reason == 'x'"), Vec::<String>::new());
}

#[test]
fn what_is_set_and_what_is_sent_must_be_of_the_declared_type() {
    for (pointer, value, want) in [
        ("/nodes/2/assign/1/value", "'many'", "variable-type! first/assign/1/value"),
        ("/nodes/2/assign/1/value", "input.tags", "variable-type! first/assign/1/value"),
        ("/nodes/2/assign/0/value", "'bronze'", "variable-type! first/assign/0/value"),
        ("/nodes/4/input/id", "input.n", "input-type! call/input/id"),
        ("/nodes/4/input/order", "'sideways'", "input-type! call/input/order"),
        ("/nodes/4/input/limit", "string(input.n)", "input-type! call/input/limit"),
    ] {
        let mut with = draft();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        with.pointer_mut(parent).unwrap()[member] = json!(value);
        assert_eq!(reported(&with), [want], "{pointer} = {value}");
    }
    for (pointer, value) in [
        ("/nodes/2/assign/1/value", "input.any"),
        ("/nodes/2/assign/1/value", "input.n > 1 ? 'text' : 3"),
        ("/nodes/4/input/id", "now"),
        ("/nodes/4/input/order", "input.n > 1 ? 'up' : 'down'"),
        ("/nodes/4/input/limit", "1.5 * 2.0"),
        ("/nodes/4/input/note", "has(input.note) ? input.note : null"),
    ] {
        let mut with = draft();
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        with.pointer_mut(parent).unwrap()[member] = json!(value);
        let found = reported(&with);
        assert!(!found.iter().any(|line| line.contains("-type")), "{pointer} = {value}: {found:?}");
    }
}

#[test]
fn a_variable_written_by_something_of_unknown_type_is_of_unknown_type() {
    let mut with = draft();
    with["nodes"][3]["assign"][0]["value"] = json!("account.whatever");
    with["edges"][9]["when"] = json!("vars.label > 3");
    assert_eq!(reported(&with), Vec::<String>::new());
}

/// The typed draft with one more node, and a condition; what is reported on either.
fn with_node(node: &Value, condition: &str) -> Vec<String> {
    let mut with = draft();
    let id = node["id"].as_str().unwrap().to_owned();
    with["nodes"].as_array_mut().unwrap().push(node.clone());
    with["edges"][9]["when"] = json!(condition);
    let found = reported(&with).into_iter();
    let is_about = |line: &String| {
        let here = line.contains("when/when") || line.contains(&format!(" {id}/"));
        here && !line.starts_with("read-too-early")
    };
    found.filter(is_about).collect()
}

#[test]
fn what_a_for_each_hands_on_is_of_unknown_type_and_what_it_gives_is_a_list() {
    let each = |items: &str| json!({"id": "each", "kind": "for_each", "items": items, "as": "label", "body": {"from": "first", "to": "again"}});
    for (items, condition, want) in [
        ("input.tags", "vars.label > 3 && vars.index > 0", None),
        (
            "input.tags",
            "nodes.each.output.exists(o, o.outcome == 'done' && o.index == 0 && o.vars.any)",
            None,
        ),
        (
            "input.tags",
            "nodes.each.output.exists(o, o.index == 'first')",
            Some("type-mismatch! when/when"),
        ),
        ("input.tags", "nodes.each.output.size", Some("type-mismatch! when/when")),
        ("input.id", "true", Some("type-mismatch! each/items")),
    ] {
        let found = with_node(&each(items), condition);
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            Vec::from_iter(want),
            "{items}, {condition}"
        );
    }
}

#[test]
fn people_who_decide_have_the_outcomes_of_their_kind() {
    let approval = json!({"id": "decide", "kind": "approval", "title": "Decide"});
    let handoff = json!({"id": "hand_over", "kind": "handoff"});
    let outcome = |node: &Value, condition| {
        with_node(node, condition).iter().any(|line| line == "unknown-outcome! when/when")
    };
    assert!(!outcome(&approval, "nodes.decide.outcome == 'approved'"));
    assert!(outcome(&approval, "nodes.decide.outcome == 'accepted'"));
    assert!(!outcome(&handoff, "nodes.hand_over.outcome in ['accepted', 'sent_back', 'send']"));
    assert!(outcome(&handoff, "nodes.hand_over.outcome == 'approved'"));
}

#[test]
fn a_wait_ends_at_a_time_or_what_is_written_as_one() {
    let wait =
        |until: &str| with_node(&json!({"id": "pause", "kind": "wait", "until": until}), "true");
    for until in ["now + duration('1h')", "vars.due", "'2026-12-01'", "account.renewal"] {
        let found = wait(until);
        assert!(!found.iter().any(|line| line.starts_with("type")), "{until}: {found:?}");
    }
    assert!(wait("input.n").contains(&"type-mismatch! pause/until".to_owned()));
}

#[test]
fn variables_that_are_made_of_one_another_are_checked_in_bounded_time() {
    let mut with = draft();
    let pairs = |at: usize| json!({"to": format!("vars.x{}", at + 1), "value": format!("[vars.x{at}, {{'a': vars.x{at}, 'b': vars.x{}}}]", at + 1)});
    with["nodes"][3]["assign"] = (0..200).map(pairs).collect();
    with["edges"][9]["when"] = json!("vars.x1[1].a == vars.x200");
    let found = reported(&with);
    assert!(
        found
            .iter()
            .all(|line| line.starts_with("unknown-variable") || line.starts_with("read-too-early")),
        "{found:?}"
    );
}
