//! Bad drafts and nearly identical good ones, each with exactly the diagnostics it must be given.
//!
//! `tests/corpus/<code>.json` holds the cases of one code. A case is the stock draft with a few members changed (`change`: JSON
//! pointers and values; null removes, `-` appends), or is drawn from nothing (`nodes`: stock nodes by name, or objects that change
//! one; `edges`: `from.port?condition>to`). `found` lists `severity code place`, and after `by` the edges of a counter-example.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use journey::{
    Diagnostic, Draft, Severity, Workspace, check,
    check::CODES,
    draft::{Edge, Node},
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

struct Case {
    name: String,
    draft: Draft,
    workspace: Option<Workspace>,
    found: Vec<String>,
}

struct Entry {
    code: String,
    bad: Vec<Case>,
    good: Vec<Case>,
}

fn read(file: &str) -> Value {
    let path = format!("{}/tests/corpus/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn corpus() -> Vec<Entry> {
    let stock = read("stock");
    let mut entries = Vec::new();
    for code in CODES {
        let entry = read(code);
        let cases = |side: &str| -> Vec<Case> {
            let cases = entry[side].as_array().unwrap().iter().enumerate();
            cases.map(|(at, case)| build(&stock, case, format!("{code} {side} {at}"))).collect()
        };
        entries.push(Entry { code: (*code).to_owned(), bad: cases("bad"), good: cases("good") });
    }
    entries
}

fn build(stock: &Value, case: &Value, name: String) -> Case {
    let mut draft = match case.get("nodes") {
        Some(nodes) => drawn(stock, nodes, &case["edges"]),
        None => stock["draft"].clone(),
    };
    for change in case["change"].as_array().into_iter().flatten() {
        apply(&mut draft, change[0].as_str().unwrap(), &change[1]);
    }
    pad(&mut draft, &case["pad"]);
    let known = case.get("away").is_none();
    let workspace = known.then(|| serde_json::from_value(stock["workspace"].clone()).unwrap());
    let found = case["found"].as_array().into_iter().flatten();
    let found = found.map(|line| line.as_str().unwrap().to_owned()).collect();
    Case { draft: serde_json::from_value(draft).unwrap(), workspace, found, name }
}

fn drawn(stock: &Value, nodes: &Value, edges: &Value) -> Value {
    let node = |(id, is): (&String, &Value)| {
        let (kind, changes) = match is {
            Value::String(kind) => (kind.as_str(), Map::new()),
            other => (other["is"].as_str().unwrap(), other.as_object().cloned().unwrap()),
        };
        let mut node =
            stock["nodes"].get(kind).unwrap_or_else(|| panic!("no stock {kind}")).clone();
        let map = node.as_object_mut().unwrap();
        map.extend(changes.into_iter().filter(|(member, _)| member != "is"));
        map.retain(|_, value| !value.is_null());
        map.insert("id".to_owned(), json!(id));
        node
    };
    let nodes: Vec<Value> = nodes.as_object().unwrap().iter().map(node).collect();
    let edges: Vec<Value> =
        edges.as_array().unwrap().iter().map(|edge| edge_of(edge.as_str().unwrap())).collect();
    json!({"format": 1, "name": "Drawn", "settings": {"on_failure": "incident"}, "nodes": nodes, "edges": edges})
}

/// `from.port?condition>to`; its id is the same without the condition.
fn edge_of(text: &str) -> Value {
    let (way, to) = text.rsplit_once('>').unwrap();
    let (from, when) = way.split_once('?').map_or((way, None), |(from, when)| (from, Some(when)));
    let (node, port) = from.split_once('.').map_or((from, None), |(node, port)| (node, Some(port)));
    let mut edge = json!({"id": format!("{from}>{to}"), "from": node, "to": to});
    if let Some(port) = port {
        edge["port"] = json!(port);
    }
    if let Some(when) = when {
        edge["when"] = json!(when);
    }
    edge
}

fn apply(draft: &mut Value, pointer: &str, value: &Value) {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match draft.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Object(map) if value.is_null() => drop(map.remove(member)),
        Value::Object(map) => drop(map.insert(member.to_owned(), value.clone())),
        Value::Array(list) if member == "-" => list.push(value.clone()),
        Value::Array(list) if value.is_null() => drop(list.remove(member.parse().unwrap())),
        Value::Array(list) => list[member.parse::<usize>().unwrap()] = value.clone(),
        other => panic!("{other}"),
    }
}

/// Fills a draft up with notes, or with edges that lead nowhere new, to a number of them.
fn pad(draft: &mut Value, to: &Value) {
    for (member, count) in to.as_object().into_iter().flatten() {
        let list = draft[member].as_array_mut().unwrap();
        let filler = match member.as_str() {
            "nodes" => json!({"kind": "note", "text": "Hello"}),
            _ => list.last().unwrap().clone(),
        };
        for at in list.len()..usize::try_from(count.as_u64().unwrap()).unwrap() {
            let mut one = filler.clone();
            one["id"] = json!(format!("filler{at}"));
            list.push(one);
        }
    }
}

fn diagnostics(case: &Case) -> Vec<Diagnostic> {
    let (journey, found) = check(&case.draft, case.workspace.as_ref());
    let errors = found.iter().any(|one| one.severity == Severity::Error);
    assert_eq!(journey.is_none(), errors, "{}: a journey exists exactly without errors", case.name);
    found
}

fn line(found: &Diagnostic) -> String {
    let severity = if found.severity == Severity::Error { "error" } else { "warning" };
    let on = found.node.as_deref().or(found.edge.as_deref()).unwrap_or("draft");
    let field = found.field.as_deref().unwrap_or_default();
    let walk = found.counter_example.as_ref().map(|walk| format!(" by {}", walk.join(" ")));
    format!("{severity} {} {on}{field}{}", found.code, walk.unwrap_or_default())
}

fn lines(case: &Case) -> Vec<String> {
    diagnostics(case).iter().map(line).collect()
}

#[test]
fn every_draft_is_given_exactly_its_diagnostics() {
    let mut wrong = Vec::new();
    for entry in corpus() {
        for case in entry.bad.iter().chain(&entry.good) {
            let lines = lines(case);
            if lines != case.found {
                wrong.push(format!(
                    "{}\n  gives {}\n  wants {}",
                    case.name,
                    json!(lines),
                    json!(case.found)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_two_bad_drafts_and_a_good_twin() {
    let corpus = corpus();
    for entry in &corpus {
        let is_about = |case: &Case| {
            case.found.iter().any(|line| line.split(' ').nth(1) == Some(entry.code.as_str()))
        };
        assert!(entry.bad.len() >= 2 && entry.bad.iter().all(is_about), "{}", entry.code);
        assert!(!entry.good.is_empty() && !entry.good.iter().any(is_about), "{}", entry.code);
    }
    let count = |side: fn(&Entry) -> &Vec<Case>| {
        let drafts =
            corpus.iter().flat_map(side).map(|case| serde_json::to_string(&case.draft).unwrap());
        drafts.collect::<BTreeSet<_>>().len()
    };
    assert!(count(|entry| &entry.bad) >= 60, "{} bad drafts", count(|entry| &entry.bad));
    assert!(count(|entry| &entry.good) >= 60, "{} good drafts", count(|entry| &entry.good));
}

#[test]
fn nothing_else_lies_in_the_corpus() {
    let folder = format!("{}/tests/corpus", env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let known = CODES.iter().copied().chain(["stock"]).map(str::to_owned).collect();
    assert_eq!(files, known);
}

#[test]
fn every_message_is_a_sentence() {
    for case in corpus().iter().flat_map(|entry| &entry.bad) {
        for found in diagnostics(case) {
            assert!(found.message.ends_with('.') && found.message.len() > 20, "{found:?}");
            assert!(CODES.contains(&found.code.as_str()), "{found:?}");
        }
    }
}

/// A counter-example plays on the canvas: every edge leaves a trigger or a node that has been reached.
#[test]
fn every_counter_example_can_be_walked() {
    for case in corpus().iter().flat_map(|entry| &entry.bad) {
        let edges: BTreeMap<&str, &Edge> =
            case.draft.edges.iter().map(|edge| (edge.id.as_str(), edge)).collect();
        for found in diagnostics(case) {
            let walk = found.counter_example.unwrap_or_default();
            let triggers = case.draft.nodes.iter().filter(|node| node.kind == "trigger");
            let mut reached: HashSet<&str> = triggers.map(|node| node.id.as_str()).collect();
            if found.code.ends_with("-loop") {
                reached.extend(walk.first().map(|edge| edges[edge.as_str()].from.as_str()));
            }
            for edge in &walk {
                let edge = edges[edge.as_str()];
                assert!(reached.contains(edge.from.as_str()), "{}: {walk:?}", case.name);
                reached.insert(&edge.to);
            }
        }
    }
}

#[test]
fn a_fix_mends_what_it_is_offered_for() {
    let mut fixed = 0;
    for case in corpus().iter().flat_map(|entry| &entry.bad) {
        for found in diagnostics(case) {
            for fix in &found.fixes {
                let mut mended = case.draft.clone();
                if fix.change.get("from").is_some() {
                    let edge: Edge = serde_json::from_value(fix.change.clone()).unwrap();
                    let place = mended.edges.iter().position(|other| other.id == edge.id).unwrap();
                    mended.edges[place] = edge;
                } else {
                    let node: Node = serde_json::from_value(fix.change.clone()).unwrap();
                    let place = mended.nodes.iter().position(|other| other.id == node.id).unwrap();
                    mended.nodes[place] = node;
                }
                let after = check(&mended, case.workspace.as_ref()).1;
                let place = |one: &Diagnostic| {
                    (one.code.clone(), one.node.clone(), one.edge.clone(), one.field.clone())
                };
                let is_there = after.iter().any(|other| place(other) == place(&found));
                assert!(!is_there, "{}, {}: {after:#?}", case.name, fix.label);
                fixed += 1;
            }
        }
    }
    assert!(fixed >= 12, "{fixed} fixes");
}

#[test]
fn every_code_is_documented_and_nothing_else_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/checks.md");
    let docs = std::fs::read_to_string(path).unwrap();
    let documented: Vec<_> =
        docs.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`')).collect();
    assert_eq!(documented, CODES);
    for section in docs.split("\n## ").skip(1) {
        for part in ["Why it matters: ", "Example: ", "Mend it: "] {
            assert!(section.contains(part), "{part} is missing in {section}");
        }
    }
}
