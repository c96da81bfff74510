//! Every draft that is exported as BPMN and imported again is the same draft.

use exchange::bpmn::{export, import};
use journey::{Draft, format};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every draft of a folder of the repository.
fn drafts(folder: &str) -> Vec<(PathBuf, Draft)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let read =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = read.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let drafts = files.into_iter().filter_map(|file| {
        let bytes = fs::read(&file).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        // Some files hold a draft beside what is to be found in it.
        let draft = value.get("draft").unwrap_or(&value).to_string();
        Some((file, format::read(draft.as_bytes()).ok()?))
    });
    drafts.collect()
}

fn check(folder: &str, at_least: usize) {
    let drafts = drafts(folder);
    assert!(drafts.len() >= at_least, "{folder} has {} drafts", drafts.len());
    check_all(drafts);
}

fn check_all(drafts: Vec<(PathBuf, Draft)>) {
    for (file, draft) in drafts {
        let written = export(&draft);
        assert_eq!(written, export(&draft), "the same draft gives the same text");
        let imported =
            import(&written).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let [found, wanted] = [&imported.draft, &draft].map(lines);
        let other = found.iter().zip(&wanted).find(|(found, wanted)| found != wanted);
        assert_eq!(other, None, "{}", file.display());
        assert_eq!(imported.draft, draft, "{}", file.display());
        assert_eq!(imported.left_out, [], "{}", file.display());
    }
}

fn lines(draft: &Draft) -> Vec<String> {
    let text = serde_json::to_string_pretty(draft).expect("a draft can be written");
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_examples_come_back_the_same() {
    check("examples/journeys", 3);
    check("examples/patterns", 30);
    check("examples/bench", 1);
}

/// The drafts of the checker's corpus that change the stock draft: `change` holds JSON pointers and values, null removes, `-` appends.
fn bent() -> Vec<(PathBuf, Draft)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../journey/tests/corpus");
    let read = |file: &Path| {
        let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        serde_json::from_slice::<Value>(&bytes).expect("the corpus is JSON")
    };
    let stock = &read(&folder.join("stock.json"))["draft"];
    let mut drafts = Vec::new();
    for file in fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file").path()) {
        let entry = read(&file);
        let cases = ["bad", "good"].into_iter().filter_map(|side| entry[side].as_array()).flatten();
        for changes in cases.filter_map(|case| case["change"].as_array()) {
            let mut draft = stock.clone();
            for change in changes {
                bend(&mut draft, &change[0], &change[1]);
            }
            if let Ok(draft) = serde_json::from_value(draft) {
                drafts.push((file.clone(), draft));
            }
        }
    }
    drafts
}

fn bend(draft: &mut Value, pointer: &Value, value: &Value) {
    let pointer = pointer.as_str().expect("a pointer");
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    match draft.pointer_mut(parent).expect("what is changed is there") {
        Value::Object(map) if value.is_null() => drop(map.remove(member)),
        Value::Object(map) => drop(map.insert(member.to_owned(), value.clone())),
        Value::Array(list) if member == "-" => list.push(value.clone()),
        Value::Array(list) if value.is_null() => {
            drop(list.remove(member.parse().expect("a place")));
        }
        Value::Array(list) => list[member.parse::<usize>().expect("a place")] = value.clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn drafts_that_are_wrong_come_back_as_wrong() {
    check("tests/fuzz/corpus/draft", 10);
    let bent = bent();
    assert!(bent.len() > 150, "{} drafts", bent.len());
    check_all(bent);
}

#[test]
fn what_no_xml_file_can_hold_comes_back_all_the_same() {
    let text = "a\u{0}b\u{1b}c\u{fffe}\r\n\t\"'<&>]]> \u{10ffff}{{ x }}";
    let draft = serde_json::json!({
        "format": 1, "name": text, "description": text, "extra": text,
        "lanes": [{ "id": text, "team": text }, { "id": text, "team": "b" }, { "id": "1", "team": "" }],
        "nodes": [
            { "id": text, "kind": "task", "name": text, "instructions": text, "lane": text, "position": { "x": 0.1, "y": -1e300 } },
            { "id": text, "kind": text, "name": "", "lane": "nowhere" },
            { "id": "", "kind": "note", "name": text, "text": text, "lane": text },
            { "id": "e", "kind": "decision", "name": "e", "lane": "1" },
        ],
        "edges": [
            { "id": text, "from": text, "to": "e", "label": text, "port": text },
            { "id": "e", "from": "e", "to": text, "when": text },
            { "id": "e", "from": "e", "to": "gone", "more": [text] },
            { "id": "", "from": "", "to": "e" },
            { "id": "late", "from": "e", "to": "e", "port": "default", "when": " " },
        ],
    });
    let draft: Draft = serde_json::from_value(draft).expect("a draft");
    check_all(vec![(PathBuf::from("odd"), draft)]);
}
