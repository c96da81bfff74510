//! A corpus of bad drafts, each with the diagnostic it must give, and a good twin that must give none.

use super::{CODES, Diagnostic, Severity, check};
use crate::{
    Draft, Workspace,
    draft::{Edge, Node},
    workspace::{Connection, Operation},
};
use serde_json::{Value, json};

/// Trigger → set → decision → task or action → end, with every setting in its place.
fn good() -> Value {
    json!({
        "format": 1, "name": "Good", "settings": {"on_failure": "incident"}, "variables": {"type": "object", "properties": {"b": {"type": "string"}}},
        "nodes": [
            {"id": "start", "kind": "trigger", "name": "Start", "position": {"x": 0, "y": 0}, "on": {"type": "webhook", "hook": "in"},
                "account": "input.id", "entry": {"condition": "input.id != ''"}},
            {"id": "first", "kind": "set", "name": "Set", "assign": [{"to": "vars.a", "value": "input.id"}]},
            {"id": "choose", "kind": "decision", "name": "Choose", "mode": "exclusive"},
            {"id": "call", "kind": "action", "name": "Call", "connection": "crm", "operation": "upsert", "input": {"id": "vars.a"},
                "output": "answer", "timeout": "PT10S", "retry": {"attempts": 3, "backoff": "PT1S", "max": "PT1M"}},
            {"id": "ask", "kind": "task", "name": "Ask", "title": "Ask {{ vars.a }}", "owner": {"rule": "team", "team": "cs"},
                "sla": {"due": {"business": "P2D", "by": "16:00", "calendar": "uk"}, "escalation": [{"at": "breach", "do": "notify", "to": {"rule": "user", "user": "ana@example.com"}}]},
                "form": {"type": "object", "properties": {"note": {"type": "string"}, "more": {"type": "string"}}, "required": ["note"]},
                "outcomes": [{"id": "yes", "label": "Yes"}], "timers": [{"id": "late", "after": "P3D", "interrupting": true}]},
            {"id": "pause", "kind": "wait", "name": "Pause", "for": "PT1H"},
            {"id": "split", "kind": "parallel", "name": "Split"},
            {"id": "left", "kind": "set", "name": "Left", "assign": [{"to": "account.tier", "value": "nodes.call.output.tier"}]},
            {"id": "meet", "kind": "join", "name": "Meet", "need": "all"},
            {"id": "done", "kind": "end", "name": "Done", "outcome": "success"},
            {"id": "hint", "kind": "note", "name": "", "text": "Hello"},
        ],
        "edges": [
            {"id": "e1", "from": "start", "to": "first"},
            {"id": "e2", "from": "first", "to": "choose"},
            {"id": "e3", "from": "choose", "to": "call", "when": "vars.a == 'x'"},
            {"id": "e4", "from": "choose", "port": "default", "to": "ask"},
            {"id": "e5", "from": "call", "to": "split"},
            {"id": "e6", "from": "ask", "port": "yes", "to": "pause"},
            {"id": "e7", "from": "ask", "port": "late", "to": "done"},
            {"id": "e8", "from": "pause", "to": "done"},
            {"id": "e9", "from": "split", "to": "left"},
            {"id": "e10", "from": "split", "to": "meet"},
            {"id": "e11", "from": "left", "to": "meet"},
            {"id": "e12", "from": "meet", "to": "done"},
        ],
    })
}

fn workspace() -> Workspace {
    let input = json!({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"], "additionalProperties": false});
    let upsert = Operation { title: String::new(), input, output: json!({}), idempotent: true };
    let operations = [("upsert".to_owned(), upsert)].into();
    Workspace {
        connections: [("crm".to_owned(), Connection { connector: "crm".to_owned(), operations })]
            .into(),
        teams: ["cs".to_owned()].into(),
        users: ["ana@example.com".to_owned()].into(),
        calendars: ["uk".to_owned()].into(),
        journeys: ["adoption".to_owned()].into(),
    }
}

fn draft(value: Value) -> Draft {
    serde_json::from_value(value).unwrap()
}

fn diagnostics(value: Value) -> Vec<Diagnostic> {
    let (journey, found) = check(&draft(value), Some(&workspace()));
    let errors = found.iter().any(|found| found.severity == Severity::Error);
    assert_eq!(journey.is_none(), errors, "a journey exists exactly without errors: {found:#?}");
    found
}

/// The good draft with the member at a JSON pointer replaced, added or (by null) removed.
fn changed(pointer: &str, value: &Value) -> Value {
    let mut draft = good();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match draft.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Object(map) if value.is_null() => drop(map.remove(member)),
        Value::Object(map) => drop(map.insert(member.to_owned(), value.clone())),
        Value::Array(list) if member == "-" => list.push(value.clone()),
        Value::Array(list) if value.is_null() => drop(list.remove(member.parse().unwrap())),
        Value::Array(list) => list[member.parse::<usize>().unwrap()] = value.clone(),
        other => panic!("{other}"),
    }
    draft
}

/// Code, where the good draft is changed, to what (JSON), and the place the diagnostic must name.
const BAD: &[(&str, &str, &str, &str)] = &[
    ("unknown-format", "/format", "7", "/format"),
    ("unknown-format", "/format", "0", "/format"),
    ("wrong-type", "/variables", "[]", "/variables"),
    ("wrong-type", "/nodes/4/title", "7", "ask/title"),
    ("wrong-type", "/nodes/4/form", r#""x""#, "ask/form"),
    ("wrong-type", "/nodes/1/assign/0", "1", "first/assign/0"),
    ("wrong-type", "/nodes/3/input", r#"{"id": 7}"#, "call/input/id"),
    ("wrong-type", "/nodes/5/for", "60", "pause/for"),
    ("missing-member", "/nodes/3/connection", "null", "call/connection"),
    ("missing-member", "/nodes/3/operation", r#""""#, "call/operation"),
    ("missing-member", "/nodes/0/on", "null", "start/on"),
    ("missing-member", "/nodes/0/on/hook", "null", "start/on/hook"),
    ("missing-member", "/nodes/4/sla/due", "null", "ask/sla/due"),
    ("missing-member", "/nodes/4/sla/escalation/0/to", "null", "ask/sla/escalation/0/to"),
    ("missing-member", "/nodes/4/owner/team", "null", "ask/owner/team"),
    ("missing-member", "/nodes/1/assign", "null", "first/assign"),
    ("missing-member", "/nodes/5/for", "null", "pause/for"),
    ("missing-member", "/nodes/9/outcome", "null", "done/outcome"),
    ("unknown-member", "/nodes/5/colour", r#""red""#, "pause/colour"),
    ("unknown-member", "/edges/0/colour", r#""red""#, "e1/colour"),
    ("unknown-member", "/colour", r#""red""#, "/colour"),
    ("unknown-member", "/nodes/4/sla/dew", "1", "ask/sla/dew"),
    ("bad-value", "/nodes/2/mode", r#""maybe""#, "choose/mode"),
    ("bad-value", "/nodes/8/need", r#""most""#, "meet/need"),
    ("bad-value", "/nodes/1/assign/0/to", r#""input.x""#, "first/assign/0/to"),
    ("bad-value", "/nodes/4/sla/warn_at", "1.5", "ask/sla/warn_at"),
    ("bad-value", "/nodes/3/retry/attempts", "0", "call/retry/attempts"),
    ("bad-value", "/nodes/5/timeout", r#""PT1H""#, "pause/timeout"),
    ("bad-value", "/nodes/5/until", r#""now""#, "pause/until"),
    ("bad-value", "/nodes/0/on/type", r#""carrier pigeon""#, "start/on/type"),
    ("bad-value", "/nodes/3/timeout", r#""P1D""#, "call/timeout"),
    ("bad-id", "/nodes/10/id", r#""Hint!""#, "Hint!/id"),
    ("bad-id", "/nodes/0/on/hook", r#""a b""#, "start/on/hook"),
    ("bad-id", "/nodes/1/assign/0/to", r#""vars.a.b""#, "first/assign/0/to"),
    ("bad-id", "/edges/0/id", r#""""#, "/id"),
    ("bad-id", "/nodes/9/outcome", r#""Very good""#, "done/outcome"),
    ("duplicate-id", "/nodes/10/id", r#""done""#, "done/id"),
    ("duplicate-id", "/edges/1/id", r#""e1""#, "e1/id"),
    (
        "duplicate-id",
        "/lanes",
        r#"[{"id": "l", "team": "cs"}, {"id": "l", "team": "cs"}]"#,
        "/lanes/1/id",
    ),
    ("unknown-kind", "/nodes/5/kind", r#""teleport""#, "pause/kind"),
    ("missing-member", "/nodes/0/on", r#"{"type": "schedule", "rrule": "x"}"#, "start/on/timezone"),
    (
        "missing-member",
        "/nodes/5",
        r#"{"id": "pause", "kind": "wait", "event": {"name": "paid"}}"#,
        "pause/event/key",
    ),
    ("missing-member", "/nodes/2/table", "{}", "choose/table/rules"),
    ("missing-member", "/nodes/3/undo", "{}", "call/undo/operation"),
    (
        "table-shape",
        "/nodes/2",
        r#"{"id": "choose", "kind": "decision", "table": {"inputs": ["vars.a"], "rules": [{"when": [], "port": "x"}]}}"#,
        "choose/table/rules/0/when",
    ),
    (
        "bad-range",
        "/nodes/5",
        r#"{"id": "pause", "kind": "for_each", "items": "[1]", "as": "n", "body": {"from": "left", "to": "meet"}}"#,
        "e9",
    ),
    (
        "unknown-journey",
        "/nodes/5",
        r#"{"id": "pause", "kind": "journey", "journey": "nowhere"}"#,
        "pause/journey",
    ),
    ("not-available", "/nodes/4/owner/rule", r#""round_robin""#, "ask/owner/rule"),
    ("no-trigger", "/nodes/0", r#"{"id": "start", "kind": "wait", "for": "PT1H"}"#, ""),
    (
        "duplicate-hook",
        "/nodes/-",
        r#"{"id": "z", "kind": "trigger", "on": {"type": "webhook", "hook": "in"}}"#,
        "z/on/hook",
    ),
    ("no-end", "/nodes/9", r#"{"id": "done", "kind": "wait", "for": "PT1H"}"#, ""),
    ("dangling-edge", "/edges/0/to", r#""nowhere""#, "e1/to"),
    ("dangling-edge", "/edges/0/from", r#""nowhere""#, "e1/from"),
    ("edge-into-trigger", "/edges/7/to", r#""start""#, "e8/to"),
    ("edge-on-note", "/edges/7/to", r#""hint""#, "e8"),
    ("unknown-port", "/edges/0/port", r#""sideways""#, "e1/port"),
    ("unknown-port", "/edges/-", r#"{"id": "x", "from": "done", "to": "pause"}"#, "x/port"),
    ("missing-edge", "/edges/7", "null", "pause"),
    ("missing-edge", "/edges/6", "null", "ask"),
    ("several-edges", "/edges/-", r#"{"id": "x", "from": "pause", "to": "first"}"#, "pause"),
    (
        "missing-default",
        "/edges/3",
        r#"{"id": "e4", "from": "choose", "to": "ask", "when": "true"}"#,
        "choose",
    ),
    (
        "several-defaults",
        "/edges/2",
        r#"{"id": "e3", "from": "choose", "port": "default", "to": "call"}"#,
        "choose",
    ),
    ("missing-when", "/edges/2/when", "null", "e3/when"),
    ("missing-when", "/edges/2/when", r#"" ""#, "e3/when"),
    ("stray-when", "/edges/0/when", r#""true""#, "e1/when"),
    ("stray-when", "/edges/3/when", r#""true""#, "e4/when"),
    ("join-need", "/nodes/8/need", "3", "meet/need"),
    ("join-need", "/nodes/8/need", "0", "meet/need"),
    ("single-way", "/edges/8", "null", "split"),
    ("unreachable", "/nodes/-", r#"{"id": "z", "kind": "end", "outcome": "x"}"#, "z"),
    ("no-way-to-end", "/edges/7/to", r#""pause""#, "pause"),
    ("endless-loop", "/edges/2/to", r#""first""#, "first"),
    ("endless-loop", "/edges/10/to", r#""left""#, "left"),
    ("task-without-owner", "/nodes/4/owner", "null", "ask/owner"),
    ("task-without-sla", "/nodes/4/sla", "null", "ask/sla"),
    ("task-without-outcomes", "/nodes/4/outcomes", "[]", "ask/outcomes"),
    ("task-without-outcomes", "/nodes/4/outcomes", "null", "ask/outcomes"),
    (
        "duplicate-outcome",
        "/nodes/4/outcomes/-",
        r#"{"id": "yes", "label": "Again"}"#,
        "ask/outcomes/1/id",
    ),
    ("duplicate-outcome", "/nodes/4/timers/0/id", r#""yes""#, "ask/timers/0/id"),
    ("owner-may-be-missing", "/nodes/4/owner", r#"{"rule": "account_owner"}"#, "ask/owner"),
    ("bad-duration", "/nodes/5/for", r#""one hour""#, "pause/for"),
    ("bad-duration", "/nodes/4/sla/due/by", r#""25:00""#, "ask/sla/due/by"),
    ("bad-duration", "/nodes/4/sla/due/business", r#""P1W""#, "ask/sla/due/business"),
    (
        "bad-rrule",
        "/nodes/0/on",
        r#"{"type": "schedule", "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "timezone": "UTC"}"#,
        "start/on/rrule",
    ),
    (
        "bad-rrule",
        "/nodes/0/on",
        r#"{"type": "schedule", "rrule": "every day", "timezone": "UTC"}"#,
        "start/on/rrule",
    ),
    (
        "unknown-timezone",
        "/nodes/0/on",
        r#"{"type": "schedule", "rrule": "FREQ=DAILY", "timezone": "Europe/Atlantis"}"#,
        "start/on/timezone",
    ),
    ("bad-expression", "/edges/2/when", r#""vars.a ==""#, "e3/when"),
    ("bad-expression", "/nodes/4/title", r#""Dear {{ vars.a""#, "ask/title"),
    ("bad-expression", "/nodes/1/assign/0/value", r#""nonsense(1)""#, "first/assign/0/value"),
    ("not-a-condition", "/edges/2/when", r#""'yes'""#, "e3/when"),
    ("not-a-condition", "/exits", r#"[{"when": "1", "outcome": "x"}]"#, "/exits/0/when"),
    ("type-mismatch", "/edges/2/when", r#""now == 'x'""#, "e3/when"),
    ("type-mismatch", "/edges/2/when", r#""account.arr.contains('x')""#, "e3/when"),
    (
        "unknown-field",
        "/nodes/0/input",
        r#"{"type": "object", "properties": {"name": {}}, "additionalProperties": false}"#,
        "start/account",
    ),
    ("unknown-field", "/edges/2/when", r#""nodes.call.error.reason == 'x'""#, "e3/when"),
    (
        "unknown-outcome",
        "/exits",
        r#"[{"when": "nodes.ask.outcome == 'maybe'", "outcome": "x"}]"#,
        "/exits/0/when",
    ),
    (
        "unknown-outcome",
        "/exits",
        r#"[{"when": "nodes.ask.outcome in ['yes', 'no']", "outcome": "x"}]"#,
        "/exits/0/when",
    ),
    (
        "unlisted-value",
        "/nodes/0/input",
        r#"{"type": "object", "properties": {"id": {"enum": ["x", "y"]}}}"#,
        "start/entry/condition",
    ),
    (
        "unlisted-value",
        "/edges/2/when",
        r#""nodes.call.output.id == 'x' || 'a' == 'b'""#,
        "e3/when",
    ),
    (
        "variable-type",
        "/nodes/1/assign/-",
        r#"{"to": "vars.b", "value": "1"}"#,
        "first/assign/1/value",
    ),
    (
        "variable-type",
        "/nodes/1/assign/-",
        r#"{"to": "vars.b", "value": "[now]"}"#,
        "first/assign/1/value",
    ),
    ("unknown-name", "/edges/2/when", r#""customer.a == 'x'""#, "e3/when"),
    ("unknown-name", "/nodes/0/account", r#""vars.a""#, "start/account"),
    ("unknown-name", "/nodes/7/assign/0/value", r#""nodes.call.answer""#, "left/assign/0/value"),
    (
        "unknown-name",
        "/exits",
        r#"[{"when": "nodes.ask.form.nothing == 'x'", "outcome": "x"}]"#,
        "/exits/0/when",
    ),
    (
        "answer-may-be-missing",
        "/exits",
        r#"[{"when": "nodes.ask.form.more == 'x'", "outcome": "x"}]"#,
        "/exits/0/when",
    ),
    ("unknown-node", "/nodes/7/assign/0/value", r#""nodes.nobody.output""#, "left/assign/0/value"),
    ("unknown-variable", "/edges/2/when", r#""vars.never == 1""#, "e3/when"),
    ("read-too-early", "/nodes/1/assign/0/value", r#""nodes.call.output""#, "first/assign/0/value"),
    ("unknown-lane", "/nodes/5/lane", r#""nowhere""#, "pause/lane"),
    ("unknown-connection", "/nodes/3/connection", r#""erp""#, "call/connection"),
    ("unknown-operation", "/nodes/3/operation", r#""delete""#, "call/operation"),
    ("unknown-team", "/nodes/4/owner/team", r#""nobody""#, "ask/owner/team"),
    (
        "unknown-user",
        "/nodes/4/sla/escalation/0/to/user",
        r#""x@example.com""#,
        "ask/sla/escalation/0/to/user",
    ),
    ("unknown-calendar", "/nodes/4/sla/due/calendar", r#""mars""#, "ask/sla/due/calendar"),
    ("missing-input", "/nodes/3/input/id", "null", "call/input"),
    ("unknown-input", "/nodes/3/input/colour", r#""'red'""#, "call/input/colour"),
    ("input-type", "/nodes/3/input/id", r#""1""#, "call/input/id"),
    ("input-type", "/nodes/3/input/id", r#""[vars.a]""#, "call/input/id"),
];

fn bad() -> impl Iterator<Item = (&'static str, &'static str, Value, &'static str)> {
    BAD.iter().map(|(code, pointer, value, want)| {
        let value = serde_json::from_str(value).unwrap_or_else(|error| panic!("{value}: {error}"));
        (*code, *pointer, value, *want)
    })
}

fn place(found: &Diagnostic) -> String {
    let on = found.node.as_deref().or(found.edge.as_deref()).unwrap_or_default();
    format!("{on}{}", found.field.as_deref().unwrap_or_default())
}

#[test]
fn the_good_draft_has_nothing_to_report() {
    assert_eq!(diagnostics(good()), []);
}

#[test]
fn every_bad_draft_is_told_what_is_wrong_and_where() {
    for (code, pointer, value, want) in bad() {
        let found = diagnostics(changed(pointer, &value));
        let places: Vec<_> = found.iter().filter(|found| found.code == code).map(place).collect();
        assert!(
            places.iter().any(|place| place == want),
            "{code} at {want} for {pointer} = {value}: {found:#?}"
        );
    }
}

#[test]
fn every_code_is_given_for_some_bad_draft() {
    // Two are about the whole draft's size and about being away from a workspace, tested on their own.
    let corpus: Vec<_> =
        bad().map(|(code, ..)| code).chain(["too-large", "unknown-here"]).collect();
    for code in CODES {
        assert!(corpus.contains(code), "no draft for {code}");
    }
}

#[test]
fn every_message_is_a_sentence() {
    for (_, pointer, value, _) in bad() {
        for found in diagnostics(changed(pointer, &value)) {
            assert!(found.message.ends_with('.') && found.message.len() > 20, "{found:?}");
            assert!(CODES.contains(&found.code.as_str()), "{found:?}");
        }
    }
}

#[test]
fn every_code_is_documented_and_nothing_else_is() {
    let docs =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/checks.md"))
            .unwrap();
    let documented: Vec<_> =
        docs.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    assert_eq!(documented, CODES);
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let mut fixed = 0;
    for (_, pointer, value, _) in bad() {
        let before = changed(pointer, &value);
        let draft = draft(before.clone());
        for found in check(&draft, Some(&workspace())).1 {
            for fix in &found.fixes {
                let mut mended = draft.clone();
                if found.edge.is_some() || fix.change.get("from").is_some() {
                    let edge: Edge = serde_json::from_value(fix.change.clone()).unwrap();
                    let place = mended.edges.iter().position(|other| other.id == edge.id).unwrap();
                    mended.edges[place] = edge;
                } else {
                    let node: Node = serde_json::from_value(fix.change.clone()).unwrap();
                    let place = mended.nodes.iter().position(|other| other.id == node.id).unwrap();
                    mended.nodes[place] = node;
                }
                let after = check(&mended, Some(&workspace())).1;
                let same =
                    |other: &Diagnostic| other.code == found.code && place(other) == place(&found);
                assert!(!after.iter().any(same), "{}: {after:#?}", fix.label);
                fixed += 1;
            }
        }
    }
    assert!(fixed >= 8, "{fixed} fixes");
}

#[test]
fn away_from_a_workspace_its_names_are_warnings() {
    let (journey, found) = check(&draft(good()), None);
    assert!(journey.is_some());
    let codes: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.severity)).collect();
    assert_eq!(codes, [("unknown-here", Severity::Warning); 4]);
}

#[test]
fn an_operation_that_takes_further_inputs_is_given_them_without_complaint() {
    let draft = draft(changed("/nodes/3/input/colour", &json!("'red'")));
    let found = |further: Option<Value>| {
        let mut workspace = workspace();
        let connection = workspace.connections.get_mut("crm").unwrap();
        let input = &mut connection.operations.get_mut("upsert").unwrap().input;
        let members = input.as_object_mut().unwrap();
        members.remove("additionalProperties");
        members.extend(further.map(|further| ("additionalProperties".to_owned(), further)));
        let found = check(&draft, Some(&workspace)).1;
        found.into_iter().map(|found| (found.code, found.severity)).collect::<Vec<_>>()
    };
    assert_eq!(found(Some(json!(true))), []);
    assert_eq!(found(Some(json!({"type": "string"}))), []);
    assert_eq!(found(None), [("unknown-input".to_owned(), Severity::Warning)]);
    let refused = [("unknown-input".to_owned(), Severity::Error)];
    assert_eq!(found(Some(json!(false))), refused);
}

#[test]
fn a_walk_shows_the_way_to_where_no_end_is() {
    let found = diagnostics(changed("/edges/7/to", &json!("pause")));
    let stuck = found.iter().find(|found| found.code == "no-way-to-end").unwrap();
    assert_eq!(stuck.counter_example.as_deref().unwrap(), ["e1", "e2", "e4", "e6"]);
    let found = diagnostics(changed("/edges/2/to", &json!("first")));
    let endless = found.iter().find(|found| found.code == "endless-loop").unwrap();
    assert_eq!(endless.counter_example.as_deref().unwrap(), ["e2", "e3"]);
}

#[test]
fn unknown_members_are_kept_when_a_draft_is_saved_again() {
    let mut with = good();
    with["colour"] = json!("red");
    with["nodes"][5]["shade"] = json!({"deep": [1]});
    with["edges"][0]["weight"] = json!(3);
    let again = serde_json::to_value(draft(with)).unwrap();
    assert_eq!(again["colour"], "red");
    assert_eq!(again["nodes"][5]["shade"], json!({"deep": [1]}));
    assert_eq!(again["edges"][0]["weight"], 3);
}

fn chain(length: usize) -> Draft {
    let wait = |at: usize| json!({"id": format!("w{at}"), "kind": "set", "assign": [{"to": "vars.x", "value": format!("nodes.w{}.output", at.saturating_sub(1))}]});
    let edge = |at: usize| json!({"id": format!("e{at}"), "from": format!("w{}", at - 1), "to": format!("w{at}")});
    let mut nodes: Vec<_> = (0..length).map(wait).collect();
    nodes[0] = json!({"id": "w0", "kind": "trigger", "on": {"type": "manual"}});
    nodes[length - 1] = json!({"id": format!("w{}", length - 1), "kind": "end", "outcome": "x"});
    let edges: Vec<_> = (1..length).map(edge).collect();
    draft(json!({"format": 1, "name": "Chain", "nodes": nodes, "edges": edges}))
}

#[test]
fn the_longest_chain_and_the_largest_ring_are_checked_without_recursion() {
    let mut long = chain(crate::limits::NODES);
    for node in &mut long.nodes[1..4_999] {
        node.settings.insert("assign".to_owned(), json!([{"to": "vars.x", "value": "1"}]));
    }
    assert_eq!(check(&long, None).1, []);
    let ring = Edge {
        id: "ring".to_owned(),
        from: "w4998".to_owned(),
        to: "w1".to_owned(),
        ..Edge::default()
    };
    long.edges.push(ring);
    let found = check(&long, None).1;
    let endless = found.iter().find(|found| found.code == "endless-loop").unwrap();
    assert_eq!(endless.counter_example.as_ref().unwrap().len(), 4_998);
}

#[test]
fn a_draft_with_too_many_nodes_or_edges_is_refused_at_once() {
    let found = check(&chain(crate::limits::NODES + 1), None).1;
    assert_eq!(found.iter().map(|found| found.code.as_str()).collect::<Vec<_>>(), ["too-large"]);
    let mut long = chain(10);
    long.edges = vec![Edge::default(); crate::limits::EDGES + 1];
    assert_eq!(check(&long, None).1[0].code, "too-large");
}

#[test]
fn nonsense_is_reported_and_never_panics() {
    for value in [
        Value::Null,
        json!(true),
        json!(-1e308),
        json!(""),
        json!("{{"),
        json!([[]]),
        json!([{}]),
        json!({}),
        json!({"": {"a": [null]}}),
    ] {
        let nodes = good()["nodes"].as_array().unwrap().len();
        for node in 0..nodes {
            let members: Vec<String> =
                good()["nodes"][node].as_object().unwrap().keys().cloned().collect();
            for member in members
                .iter()
                .filter(|member| !["id", "kind", "name", "position"].contains(&member.as_str()))
            {
                diagnostics(changed(&format!("/nodes/{node}/{member}"), &value));
            }
        }
    }
    let empty = draft(json!({"format": 1, "name": ""}));
    let codes: Vec<_> = check(&empty, None).1.into_iter().map(|found| found.code).collect();
    assert_eq!(codes, ["no-trigger", "no-end"]);
}
