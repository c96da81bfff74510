//! What docs/journey-reference.md and docs/design-a-journey.md say is true: their examples check, their members exist, their times hold.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{
    Diagnostic, Draft, Severity, Timestamp, Workspace,
    calendar::{Business, Calendar, CalendarDraft, Duration, read_business, read_time_of_day},
    check,
    check::KINDS,
    draft::Node,
    ports::{Port, Role, ports, takes_edges},
    workspace::{Connection, Operation},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const TRIGGERS: [&str; 9] =
    ["manual", "webhook", "event", "change", "schedule", "date", "segment", "health", "journey"];

fn page(name: &str) -> String {
    let path = format!("{}/../../docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// A workspace with what the reference's examples name.
fn workspace() -> Workspace {
    let operation = |_: &str| Operation { idempotent: true, ..Operation::default() };
    let connection = |connector: &str, operations: &[&str]| Connection {
        connector: connector.to_owned(),
        operations: operations.iter().map(|name| ((*name).to_owned(), operation(name))).collect(),
    };
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
    Workspace {
        connections: [
            ("crm".to_owned(), connection("crm", &["upsert", "note", "remove"])),
            ("assistant".to_owned(), connection("assistant", &["judge"])),
        ]
        .into(),
        teams: names(&["onboarding", "sales", "success"]),
        users: names(&["lead@example.com"]),
        calendars: names(&["standard", "uk"]),
        journeys: names(&["Credit check", "Visit a location"]),
        ..Workspace::default()
    }
}

/// The blocks of a page that are fenced as JSON, each with the line it begins at.
fn blocks(page: &str) -> Vec<(usize, Value)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in (1..).zip(page.lines()) {
        match &mut open {
            None if text == "```json" => open = Some((line, String::new())),
            None => {}
            Some((begin, block)) if text == "```" => {
                let value = serde_json::from_str(block);
                found.push((*begin, value.unwrap_or_else(|error| panic!("line {begin}: {error}"))));
                open = None;
            }
            Some((_, block)) => block.push_str(&format!("{text}\n")),
        }
    }
    assert!(open.is_none(), "a block is never closed");
    found
}

/// The names after `vars.` anywhere in a block.
fn variables(block: &Value) -> BTreeSet<String> {
    let text = block.to_string();
    let word = |rest: &str| {
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        (!name.is_empty()).then_some(name)
    };
    text.split("vars.").skip(1).filter_map(word).collect()
}

fn edge(from: &str, port: &str, to: &str) -> Value {
    json!({ "id": format!("{from}_{port}_{to}"), "from": from, "port": port, "to": to })
}

/// The ways out of a node, each to an end of its own.
fn led_on(node: &Node) -> (Vec<Value>, Vec<Value>) {
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    let mut lead = |port: &str, more: Value| {
        let end = format!("end_{port}");
        nodes.push(json!({ "id": end, "kind": "end", "name": "End", "outcome": "done" }));
        let mut edge = edge(&node.id, port, &end);
        edge.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        edges.push(edge);
    };
    for Port { name, role } in ports(node) {
        match role {
            Role::Condition => lead("out", json!({ "when": "account.name == 'Ada'" })),
            Role::Every => {
                lead("out", json!({}));
                lead("too", json!({}));
            }
            Role::Way
            | Role::Outcome { .. }
            | Role::Timer { .. }
            | Role::Failure
            | Role::Timeout
            | Role::Otherwise => lead(name, json!({})),
        }
    }
    (nodes, edges)
}

/// A draft around one node: what starts it, what writes the variables it reads, and an end for each of its ways.
fn around(block: &Value) -> Draft {
    let node: Node = serde_json::from_value(block.clone()).unwrap();
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    if node.kind == "trigger" {
        nodes.push(block.clone());
    } else {
        let on = json!({ "type": "manual" });
        nodes.push(json!({ "id": "begin", "kind": "trigger", "name": "Begin", "on": on }));
        nodes.push(block.clone());
        let assign = variables(block).into_iter();
        let assign = assign
            .map(|name| json!({ "to": format!("vars.{name}"), "value": format!("input.{name}") }));
        let assign: Vec<_> = assign.collect();
        let after = match node.kind.as_str() {
            // Two ways, so that there is something to join.
            "join" => {
                nodes.push(json!({ "id": "both", "kind": "parallel", "name": "Both" }));
                edges.extend([edge("begin", "out", "both"), edge("both", "one", &node.id)]);
                edges.extend([edge("both", "other", &node.id)]);
                None
            }
            _ if assign.is_empty() => Some("begin"),
            _ => {
                nodes.push(
                    json!({ "id": "before", "kind": "set", "name": "Before", "assign": assign }),
                );
                edges.push(edge("begin", "out", "before"));
                Some("before")
            }
        };
        match after {
            Some(after) if takes_edges(&node.kind) => edges.push(edge(after, "out", &node.id)),
            // A note is beside the way.
            Some(after) => {
                nodes.push(json!({ "id": "end", "kind": "end", "name": "End", "outcome": "done" }));
                edges.push(edge(after, "out", "end"));
            }
            None => {}
        }
    }
    let (ends, ways) = led_on(&node);
    nodes.extend(ends);
    edges.extend(ways);
    serde_json::from_value(json!({
        "format": 1, "name": "Around", "nodes": nodes, "edges": edges,
        "lanes": [{ "id": "cs", "team": "success" }],
    }))
    .unwrap()
}

/// A whole draft of members a draft has beside its nodes.
fn completed(block: &Value) -> Draft {
    let end = json!({ "id": "end", "kind": "end", "name": "End", "outcome": "done" });
    let on = json!({ "type": "manual" });
    let mut draft = json!({
        "format": 1, "name": "Completed", "edges": [edge("begin", "out", "end")],
        "nodes": [{ "id": "begin", "kind": "trigger", "name": "Begin", "on": on }, end],
    });
    draft.as_object_mut().unwrap().extend(block.as_object().cloned().unwrap());
    serde_json::from_value(draft).unwrap()
}

/// The draft a block shows, or the part of one made whole; nothing when it shows a calendar.
fn shown(line: usize, block: &Value) -> Option<Draft> {
    let has = |member: &str| block.get(member).is_some();
    if has("time_zone") {
        let draft: CalendarDraft = serde_json::from_value(block.clone()).unwrap();
        Calendar::try_from(draft).unwrap_or_else(|problems| panic!("line {line}: {problems}"));
        return None;
    }
    if has("format") {
        return Some(serde_json::from_value(block.clone()).unwrap());
    }
    if has("kind") {
        return Some(around(block));
    }
    let beside = ["variables", "settings", "exits", "lanes"];
    assert!(beside.into_iter().any(has), "line {line}: nobody knows how to check this block");
    Some(completed(block))
}

fn wrong(draft: &Draft) -> Vec<Diagnostic> {
    let (_, found) = check(draft, Some(&workspace()));
    let is_wrong =
        |found: &Diagnostic| found.severity == Severity::Error || found.code == "unknown-member";
    found.into_iter().filter(is_wrong).collect()
}

#[test]
fn every_example_of_the_reference_checks() {
    let mut seen = 0;
    for (line, block) in blocks(&page("journey-reference")) {
        if let Some(draft) = shown(line, &block) {
            assert_eq!(wrong(&draft), [], "line {line}");
        }
        seen += 1;
    }
    assert!(seen >= 30, "the examples are there, not {seen}");
}

#[test]
fn every_kind_and_every_type_of_trigger_has_an_example_and_a_section() {
    let page = page("journey-reference");
    let blocks = blocks(&page);
    let text = |block: &Value, pointer: &str| {
        block.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    };
    let of = |pointer: &str| -> BTreeSet<String> {
        blocks.iter().filter_map(|(_, block)| text(block, pointer)).collect()
    };
    let (kinds, triggers) = (of("/kind"), of("/on/type"));
    let drawn: BTreeSet<String> = blocks
        .iter()
        .filter_map(|(_, block)| block["nodes"].as_array())
        .flatten()
        .filter_map(|node| text(node, "/kind"))
        .collect();
    for kind in KINDS {
        assert!(kinds.contains(kind) || drawn.contains(kind), "no example of {kind}");
        assert!(page.contains(&format!("\n### `{kind}`")), "no section on {kind}");
    }
    for trigger in TRIGGERS {
        assert!(triggers.contains(trigger), "no example of a {trigger} trigger");
        assert!(page.contains(&format!("\n#### `{trigger}`")), "no section on {trigger}");
    }
}

/// Puts a null where a path such as `sla.escalation[].at` leads, unless something is there.
fn put(at: &mut Map<String, Value>, path: &str) {
    let (first, rest) =
        path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(rest) = rest else {
        at.entry(first).or_insert(Value::Null);
        return;
    };
    let (name, empty, below) = match first.strip_suffix("[]") {
        Some(list) => (list, json!([{}]), "/0"),
        None => (first, json!({}), ""),
    };
    let inner = at.entry(name).or_insert(empty).pointer_mut(below);
    if let Some(inner) = inner.and_then(Value::as_object_mut) {
        put(inner, rest);
    }
}

/// The members a section's tables list: what stands in the first cell of a row between backticks.
fn listed(section: &str) -> Vec<String> {
    let row = |line: &str| {
        let cell = line.strip_prefix("| `")?.split(" | ").next()?.to_owned();
        let names = cell.split("`, `").map(|name| name.trim_end_matches('`').to_owned());
        Some(names.collect::<Vec<_>>())
    };
    section.lines().filter_map(row).flatten().collect()
}

#[test]
fn every_member_the_reference_lists_for_a_node_is_one() {
    let page = page("journey-reference");
    let sections = page.split("\n### `").flat_map(|kind| kind.split("\n#### `"));
    let mut seen = 0;
    for section in sections.skip(1) {
        let section = section.split("\n## ").next().unwrap_or_default();
        let nodes = blocks(section).into_iter().map(|(_, block)| block);
        let Some(node) = nodes.into_iter().find(|block| block.get("kind").is_some()) else {
            continue;
        };
        for member in listed(section) {
            let mut node = node.clone();
            put(node.as_object_mut().unwrap(), &member);
            let (_, found) = check(&around(&node), Some(&workspace()));
            let unknown: Vec<_> =
                found.iter().filter(|found| found.code == "unknown-member").collect();
            assert!(unknown.is_empty(), "{}: {member}: {unknown:?}", node["kind"]);
            seen += 1;
        }
    }
    assert!(seen > 60, "the members are there, not {seen}");
}

#[test]
fn the_table_of_the_next_business_day_is_right() {
    let page = page("design-a-journey");
    let calendar = blocks(&page).into_iter().find(|(_, block)| block.get("time_zone").is_some());
    let calendar: CalendarDraft = serde_json::from_value(calendar.unwrap().1).unwrap();
    let calendar = Calendar::try_from(calendar).unwrap();
    let due = |time: &str| {
        let (days, milliseconds) = read_business(time).unwrap();
        let by = read_time_of_day("16:00");
        Duration::Business(Business { days, milliseconds, by, calendar: None })
    };
    let at = |cell: &str| {
        let moment = cell.split_once(' ').unwrap().1;
        Timestamp::from_rfc3339(&format!("{}:00Z", moment.replace(' ', "T"))).unwrap()
    };
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = rows.map(|line| line.split(" | ").collect::<Vec<_>>());
    let mut seen = 0;
    for row in rows.filter(|row| row.len() == 3 && row[0].contains(" 2026-")) {
        for (time, cell) in [("P1D", row[1]), ("P0D", row[2])] {
            assert_eq!(due(time).after(at(row[0]), &calendar).unwrap(), at(cell), "{time} {row:?}");
        }
        seen += 1;
    }
    assert!(seen >= 5, "the table is there");
}

/// The headings of a page as links name them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let anchor = |line: &str| -> String {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        words.chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn what_the_pages_link_to_is_there() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for name in ["journey-reference", "design-a-journey"] {
        let text = page(name);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) =
                link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let target =
                if file.is_empty() { docs.join(format!("{name}.md")) } else { docs.join(file) };
            assert!(target.exists(), "{name} links to {link}");
            if let Some(anchor) = anchor {
                let target = std::fs::read_to_string(target).unwrap();
                assert!(anchors(&target).contains(anchor), "{name} links to {link}");
            }
        }
    }
}

/// Every text under a member of this name, however deep.
fn under<'a>(value: &'a Value, name: &str, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                found.extend(value.as_str().filter(|_| member == name));
                under(value, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, name, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_readme_of_the_examples_names_what_the_patterns_need() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let readme = std::fs::read_to_string(examples.join("README.md")).unwrap();
    for file in std::fs::read_dir(examples.join("patterns")).unwrap() {
        let path = file.unwrap().path();
        let draft: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for member in ["team", "user", "connection", "operation"] {
            let mut named = BTreeSet::new();
            under(&draft, member, &mut named);
            for name in named {
                assert!(
                    readme.contains(&format!("`{name}`")),
                    "{}: {member} {name}",
                    path.display()
                );
            }
        }
    }
}
