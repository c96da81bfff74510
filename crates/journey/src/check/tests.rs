//! What is promised of every draft, however wrong or large; `tests/corpus.rs` holds what each code is given for.

use super::{Diagnostic, Severity, check, references};
use crate::{Called, Draft, Workspace, draft::Edge};
use serde_json::{Value, json};

/// The stock draft of the corpus: trigger → set → decision → task or action → end, with every setting in its place.
fn good() -> Value {
    stock()["draft"].take()
}

fn workspace() -> Workspace {
    serde_json::from_value(stock()["workspace"].take()).unwrap()
}

fn stock() -> Value {
    serde_json::from_str(include_str!("../../tests/corpus/stock.json")).unwrap()
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

#[test]
fn the_good_draft_has_nothing_to_report() {
    assert_eq!(diagnostics(good()), []);
}

#[test]
fn away_from_a_workspace_its_names_are_warnings() {
    let (journey, found) = check(&draft(good()), None);
    assert!(journey.is_some());
    let codes: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.severity)).collect();
    assert_eq!(codes, [("unknown-here", Severity::Warning); 4]);
}

#[test]
fn what_a_draft_names_of_its_workspace_is_told_without_one() {
    let named = references(&draft(good()));
    let workspace = workspace();
    let connections: Vec<_> = named.connections.keys().collect();
    assert_eq!(connections, workspace.connections.keys().collect::<Vec<_>>());
    assert_eq!(named.connections["crm"].len(), 1);
    assert_eq!(named.calendars.len(), 1);
    assert!(named.teams.is_subset(&workspace.teams) && !named.teams.is_empty());
    let calling = json!({ "id": "below", "kind": "journey", "name": "Below", "position": { "x": 0, "y": 0 },
        "journey": "Welcome", "version": 3 });
    let named = references(&draft(changed("/nodes/-", &calling)));
    let called = Called { journey: "Welcome".to_owned(), version: Some(3) };
    assert_eq!(named.journeys, [called].into());
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
