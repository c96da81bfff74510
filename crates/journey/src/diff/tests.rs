//! What is said of each kind of change, and that the data of a diff is all of it.

use super::{Change, ChangeKind, Diff, Element, diff};
use crate::Draft;
use crate::dice::Dice;
use serde_json::{Value, json};

fn draft(value: Value) -> Draft {
    serde_json::from_value(value).unwrap()
}

fn journey(nodes: &Value, edges: &Value) -> Value {
    json!({"format": 1, "name": "Renewal", "nodes": nodes, "edges": edges})
}

fn said(found: &Diff) -> Vec<&str> {
    found.changes.iter().map(|change| change.sentence.as_str()).collect()
}

/// What is said when one node's settings change.
fn node(kind: &str, from: Value, to: Value) -> Vec<String> {
    let whole = |mut settings: Value| {
        settings["id"] = json!("n");
        settings["kind"] = json!(kind);
        if settings.get("name").is_none() {
            settings["name"] = json!("N");
        }
        draft(journey(&json!([settings]), &json!([])))
    };
    let found = diff(&whole(from), &whole(to));
    assert!(!found.layout_only);
    said(&found).into_iter().map(str::to_owned).collect()
}

/// What is said when the journey's own members change.
fn members(from: Value, to: Value) -> Vec<String> {
    let whole = |members: Value| {
        let mut whole = journey(&json!([]), &json!([]));
        for (name, value) in members.as_object().unwrap() {
            whole[name] = value.clone();
        }
        draft(whole)
    };
    said(&diff(&whole(from), &whole(to))).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_draft_does_not_differ_from_itself() {
    for name in ["onboarding", "simple", "w1"] {
        let path = format!("{}/../../examples/journeys/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let draft = crate::format::read(&std::fs::read(path).unwrap()).unwrap();
        assert_eq!(diff(&draft, &draft), Diff::default());
    }
}

#[test]
fn a_task_is_spoken_of_in_the_words_of_its_settings() {
    let due = |due: Value| json!({"sla": {"due": due, "escalation": []}});
    assert_eq!(
        node("task", due(json!({"business": "P5D"})), due(json!({"business": "P2D"}))),
        ["The task 'N' is due in 2 business days instead of 5."]
    );
    assert_eq!(
        node("task", due(json!("PT8H")), due(json!({"business": "P1D", "by": "16:00"}))),
        ["The task 'N' is due in 1 business day by 16:00 instead of 8 hours."]
    );
    assert_eq!(
        node(
            "task",
            json!({"owner": {"rule": "account_owner"}}),
            json!({"owner": {"rule": "team", "team": "cs", "fallback": {"rule": "user", "user": "a@x"}}})
        ),
        [
            "The owner of the task 'N' changes from the account's owner to the team 'cs', or else 'a@x'."
        ]
    );
    assert_eq!(
        node("task", json!({"name": "Call"}), json!({"name": "Kick-off call"})),
        ["The task 'Call' is now called 'Kick-off call'."]
    );
    assert_eq!(
        node(
            "task",
            json!({"outcomes": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]}),
            json!({"outcomes": [{"id": "yes", "label": "Sure"}, {"id": "maybe", "label": "Maybe"}]})
        ),
        [
            "In the outcomes of the task 'N', 'yes' is now labelled 'Sure' instead of 'Yes'; 'maybe' is added, labelled 'Maybe'; 'no' is removed."
        ]
    );
    assert_eq!(
        node(
            "task",
            json!({"timers": [{"id": "late", "after": "P1D", "interrupting": false}]}),
            json!({"timers": [{"id": "late", "after": "P2D", "interrupting": true}]})
        ),
        [
            "In the timers of the task 'N', 'late' fires after 2 days instead of 1 day and now ends the task."
        ]
    );
}

#[test]
fn escalations_forms_and_warnings_are_spoken_of_one_by_one() {
    let rung = json!({"at": "breach", "do": "reassign", "to": {"rule": "team", "team": "cs"}});
    assert_eq!(
        node(
            "task",
            json!({"sla": {"due": "P1D", "warn_at": 0.8, "escalation": []}}),
            json!({"sla": {"due": "P1D", "warn_at": 0.5, "escalation": [rung]}})
        ),
        [
            "In the escalation of the task 'N', “at the breach, give it to the team 'cs'” is added. The task 'N' warns after 50 % instead of 80 %."
        ]
    );
    assert_eq!(
        node(
            "task",
            json!({"form": {"properties": {"a": {"type": "string"}, "b": {}}, "required": []}}),
            json!({"form": {"properties": {"a": {"type": "string", "minLength": 3}, "c": {"type": "string", "format": "date"}}, "required": ["c"]}})
        ),
        [
            "In the form of the task 'N', 'a' changes in 'minLength'; 'c' is added (a date, which must be given); 'b' is removed."
        ]
    );
    let long = "word ".repeat(40);
    assert_eq!(
        node("task", json!({"instructions": "Call."}), json!({"instructions": long})),
        ["There is a new text for the instructions of the task 'N'."]
    );
    assert_eq!(
        node("task", json!({"instructions": "Call."}), json!({"instructions": "Write."})),
        ["The instructions of the task 'N' change from 'Call.' to 'Write.'."]
    );
}

#[test]
fn calls_waits_and_decisions_have_their_own_words() {
    assert_eq!(
        node(
            "action",
            json!({"input": {"x": "input.a", "y": "1"}, "retry": {"attempts": 5}, "timeout": "PT30S"}),
            json!({"input": {"x": "input.b", "z": "2"}, "retry": {"attempts": 3}, "timeout": "PT1M"})
        ),
        [
            "In the input of the action 'N', 'x' is now `input.b` instead of `input.a`; 'z' is added as `2`; 'y' is removed.",
            "The action 'N' makes at most 3 attempts instead of 5.",
            "The action 'N' gives up an attempt after 1 minute instead of 30 seconds.",
        ]
    );
    assert_eq!(
        node("wait", json!({"for": "P2D"}), json!({"until": "input.date"})),
        [
            "The wait 'N' no longer waits for 2 days.",
            "The wait 'N' now waits until the time `input.date`."
        ]
    );
    assert_eq!(
        node("decision", json!({"mode": "exclusive"}), json!({"mode": "inclusive"})),
        ["The decision 'N' takes every way that holds instead of the first way that holds."]
    );
    assert_eq!(
        node("join", json!({"need": "all"}), json!({"need": 2})),
        ["The join 'N' waits for 2 ways instead of all ways."]
    );
    assert_eq!(
        node(
            "set",
            json!({"assign": [{"to": "vars.a", "value": "1"}]}),
            json!({"assign": [{"to": "vars.a", "value": "2"}, {"to": "account.b", "value": "x"}]})
        ),
        [
            "In the assignments of the set 'N', 'vars.a' is now `2` instead of `1`; 'account.b' is added as `x`."
        ]
    );
}

#[test]
fn a_trigger_of_another_type_starts_in_another_way() {
    assert_eq!(
        node(
            "trigger",
            json!({"on": {"type": "manual"}}),
            json!({"on": {"type": "webhook", "hook": "crm", "signed": true}})
        ),
        ["The trigger 'N' starts by the webhook 'crm' instead of by hand."]
    );
    assert_eq!(
        node(
            "trigger",
            json!({"on": {"type": "webhook", "hook": "crm", "signed": true}, "entry": {"one_per_account": true}}),
            json!({"on": {"type": "webhook", "hook": "crm"}, "entry": {"cap_per_day": 5}})
        ),
        [
            "The trigger 'N' now starts at most 5 instances a day. The trigger 'N' now lets an account in several times at once.",
            "The trigger 'N' now takes unsigned messages, too."
        ]
    );
}

#[test]
fn a_setting_nobody_knows_is_named_with_its_values() {
    assert_eq!(
        node("task", json!({"colour": "red"}), json!({"colour": {"deep": [1]}})),
        ["The setting 'colour' of the task 'N' changes from 'red' to {\"deep\":[1]}."]
    );
    assert_eq!(
        node("task", json!({"sla": {"due": "P1D"}}), json!({"sla": {"due": "P1D", "pause": true}})),
        ["The task 'N' now has the setting 'sla.pause' true."]
    );
    assert_eq!(
        node("teleport", json!({"to": 1}), json!({})),
        ["The teleport 'N' no longer has the setting 'to' 1."]
    );
}

#[test]
fn a_setting_of_any_shape_is_spoken_of_in_a_sentence() {
    let shapes = [
        json!(null),
        json!(true),
        json!(1.5),
        json!("ß"),
        json!([]),
        json!([1, {"id": "a"}, {"to": 3}]),
        json!({}),
        json!({"business": "P1D", "rule": "team", "type": "event", "properties": {"a": 1}, "id": 1}),
    ];
    for row in super::rows::ROWS {
        // The journey's members, and the lane, have shapes of their own or a draft cannot be read.
        let Some(kind) = row.kinds.first().filter(|kind| !kind.is_empty()) else { continue };
        for from in &shapes {
            for to in shapes.iter().filter(|to| *to != from) {
                let whole = |value: &Value| {
                    let nested = |value: Value, name: &str| json!({name: value});
                    row.path.rsplit('/').fold(value.clone(), nested)
                };
                let told = node(kind, whole(from), whole(to));
                assert!(told.len() == 1 && told[0].ends_with('.'), "{}: {told:?}", row.path);
            }
        }
    }
}

#[test]
fn the_journeys_own_members_are_spoken_of() {
    assert_eq!(
        members(
            json!({}),
            json!({"name": "Renewals", "exits": [{"when": "vars.a == 1", "outcome": "won"}], "settings": {"calendar": "berlin"},
                "lanes": [{"id": "l", "team": "cs"}], "groups": [{"id": "g", "name": "Kick-off"}], "variables": {"properties": {"a": {"type": "integer"}}}})
        ),
        [
            "The journey is now called 'Renewals'.",
            "In the exits of the journey, the exit 'won' when `vars.a == 1` is added.",
            "In the groups of the journey, 'g' is added as 'Kick-off'.",
            "In the lanes of the journey, 'l' is added for the team 'cs'.",
            "The journey now has the calendar 'berlin'.",
            "In the variables of the journey, 'a' is added (a whole number).",
        ]
    );
}

fn ways(edges: &Value) -> Draft {
    let nodes = json!([
        {"id": "s", "kind": "decision", "name": "Segment?"}, {"id": "mail", "kind": "notify", "name": "Mail"},
        {"id": "call", "kind": "task", "name": "Call"}
    ]);
    draft(journey(&nodes, edges))
}

#[test]
fn ways_are_called_by_their_labels_and_ends() {
    let before = ways(&json!([
        {"id": "e1", "from": "s", "to": "mail", "label": "high", "when": "true"}, {"id": "e2", "from": "s", "to": "mail", "port": "default"},
        {"id": "e4", "from": "call", "to": "mail", "port": "done"}
    ]));
    let after = ways(&json!([
        {"id": "e1", "from": "s", "to": "call", "label": "high", "when": "input.a > 1"}, {"id": "e3", "from": "s", "to": "call", "when": "x"},
        {"id": "e4", "from": "call", "to": "mail", "port": "later", "label": "later"}
    ]));
    assert_eq!(
        said(&diff(&before, &after)),
        [
            "The way 'default' from 'Segment?' to 'Mail' is removed.",
            "The way from 'Segment?' to 'Call' is added.",
            "The way 'high' from 'Segment?' now leads to 'Call' instead of 'Mail'.",
            "The way 'high' from 'Segment?' to 'Call' is now taken when `input.a > 1` instead of `true`.",
            "The way from 'Call' to 'Mail' is now labelled 'later' instead of nothing.",
            "The way 'later' from 'Call' to 'Mail' now leaves by 'later' instead of 'done'.",
        ]
    );
}

#[test]
fn the_order_of_a_decisions_ways_is_a_change() {
    let first = json!({"id": "e1", "from": "s", "to": "mail", "label": "high", "when": "true"});
    let second = json!({"id": "e2", "from": "s", "to": "call", "when": "false"});
    let found = diff(&ways(&json!([first, second])), &ways(&json!([second, first])));
    assert_eq!(
        said(&found),
        ["The decision 'Segment?' asks its ways in another order: to 'Call', 'high'."]
    );
    assert_eq!(found.changes[0].kind, ChangeKind::Reordered);
    assert_eq!(found.changes[0].fields[0].to, Some(json!(["e2", "e1"])));
}

#[test]
fn moves_are_grouped_and_are_layout_only() {
    let at = |x: i32| {
        let node =
            |id: &str| json!({"id": id, "kind": "set", "name": id, "position": {"x": x, "y": 0}});
        draft(journey(&json!([node("a"), node("b")]), &json!([])))
    };
    let found = diff(&at(0), &at(9));
    assert!(found.layout_only);
    assert_eq!(said(&found), ["2 nodes were moved on the canvas."]);
    assert_eq!(found.changes[0].fields[1].pointer, "/b/position");
    let mut also = at(9);
    also.nodes[0].name = "A".to_owned();
    assert!(!diff(&at(0), &also).layout_only);
    assert_eq!(diff(&at(0), &also).changes.len(), 2);
}

#[test]
fn a_node_with_another_id_and_the_same_place_was_renamed() {
    let chain = |id: &str, edge: &str| {
        draft(journey(
            &json!([{"id": "t", "kind": "trigger"}, {"id": id, "kind": "parallel", "name": "Split"}, {"id": "e", "kind": "end"}]),
            &json!([{"id": "1", "from": "t", "to": id}, {"id": edge, "from": id, "to": "e"}]),
        ))
    };
    let found = diff(&chain("a", "2"), &chain("b", "3"));
    assert_eq!(
        said(&found),
        [
            "The parallel 'Split' has the new id 'b' instead of 'a'.",
            "The way from 'Split' to 'e' has the new id '3' instead of '2'."
        ]
    );
    let mut also = chain("b", "3");
    also.nodes[1].settings.insert("x".to_owned(), json!(1));
    assert_eq!(
        said(&diff(&chain("a", "3"), &also)),
        [
            "The parallel 'Split' has the new id 'b' instead of 'a'.",
            "The parallel 'Split' now has the setting 'x' 1."
        ]
    );
    let replaced = diff(
        &draft(journey(&json!([{"id": "a", "kind": "set", "assign": [1]}]), &json!([]))),
        &draft(journey(&json!([{"id": "b", "kind": "set", "assign": [2]}]), &json!([]))),
    );
    assert_eq!(said(&replaced), ["The set 'a' is removed.", "The set 'b' is added."]);
}

#[test]
fn a_null_is_not_an_absent_member() {
    let found = diff(
        &draft(journey(&json!([{"id": "a", "kind": "set", "x": null}]), &json!([]))),
        &draft(journey(&json!([{"id": "a", "kind": "set"}]), &json!([]))),
    );
    let text = serde_json::to_string(&found).unwrap();
    assert!(text.contains(r#""fields":[{"pointer":"/x","from":null}]"#), "{text}");
    assert_eq!(serde_json::from_str::<Diff>(&text).unwrap(), found);
}

/// Changes a draft somewhere, in a way an editor or a hand could.
fn edit(dice: &mut Dice, draft: &mut Value) {
    let list = if dice.roll(2) == 0 { "nodes" } else { "edges" };
    let elements = draft[list].as_array_mut().unwrap();
    let at = dice.roll(elements.len());
    let fresh = format!("x{}", dice.roll(1_000_000));
    match dice.roll(7) {
        0 if elements.len() > 1 => drop(elements.remove(at)),
        1 => {
            let mut copy = elements[at].clone();
            copy["id"] = json!(fresh);
            elements.insert(at, copy);
        }
        2 => elements[at]["id"] = json!(fresh),
        3 => elements[at][["name", "label", "a/b~c", "when"][dice.roll(4)]] = json!(fresh),
        4 => elements[at]["sla"] = json!({"due": fresh, "list": [1, {"x": dice.roll(3)}]}),
        5 => elements.rotate_left(1),
        _ => draft["settings"] = json!({"calendar": fresh}),
    }
}

/// The second draft, made from the first and the fields of a diff.
fn applied(draft: &Draft, found: &Diff) -> Value {
    let mut whole = serde_json::to_value(draft).unwrap();
    for change in &found.changes {
        apply(&mut whole, change);
    }
    whole
}

fn apply(whole: &mut Value, change: &Change) {
    let list = match change.element {
        Element::Node => "nodes",
        Element::Edge => "edges",
        Element::Journey => return change.fields.iter().for_each(|field| put(whole, field)),
    };
    let id = change.id.clone();
    match change.kind {
        ChangeKind::Added => {
            let element = change.fields[0].to.clone().unwrap();
            whole[list].as_array_mut().unwrap().push(element);
        }
        ChangeKind::Removed => {
            whole[list].as_array_mut().unwrap().retain(|element| element["id"] != json!(id));
        }
        ChangeKind::Moved => {
            for field in &change.fields {
                let id =
                    field.pointer.strip_suffix("/position").unwrap().strip_prefix('/').unwrap();
                find(whole, list, id)["position"] = field.to.clone().unwrap();
            }
        }
        ChangeKind::Changed => {
            let element = find(whole, list, &id);
            change.fields.iter().for_each(|field| put(element, field));
        }
        ChangeKind::Renamed => {
            let to = change.fields[0].to.clone().unwrap();
            find(whole, list, &id)["id"] = to.clone();
            if list == "nodes" {
                for edge in whole["edges"].as_array_mut().unwrap() {
                    for end in ["from", "to"] {
                        if edge[end] == json!(id) {
                            edge[end] = to.clone();
                        }
                    }
                }
            }
        }
        ChangeKind::Reordered => {
            let order = change.fields[0].to.clone().unwrap();
            let place =
                |edge: &Value| order.as_array().unwrap().iter().position(|id| *id == edge["id"]);
            let edges = whole["edges"].as_array_mut().unwrap();
            let mut ways: Vec<_> =
                edges.iter().filter(|edge| place(edge).is_some()).cloned().collect();
            ways.sort_by_key(|edge| place(edge));
            let mut ways = ways.into_iter();
            for edge in edges.iter_mut().filter(|edge| place(edge).is_some()) {
                *edge = ways.next().unwrap();
            }
        }
    }
}

fn find<'a>(whole: &'a mut Value, list: &str, id: &str) -> &'a mut Value {
    let elements = whole[list].as_array_mut().unwrap();
    elements.iter_mut().find(|element| element["id"] == json!(id)).unwrap()
}

fn put(element: &mut Value, field: &super::Field) {
    let (parent, name) = field.pointer.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    match (element.pointer_mut(parent).unwrap(), &field.to) {
        (Value::Object(members), Some(to)) => drop(members.insert(name, to.clone())),
        (Value::Object(members), None) => drop(members.remove(&name)),
        (Value::Array(items), Some(to)) => items[name.parse::<usize>().unwrap()] = to.clone(),
        (other, _) => panic!("nothing to put into {other}"),
    }
}

/// Nodes and edges by id, and in order only where order counts.
fn unordered(mut whole: Value) -> Value {
    let decisions: Vec<_> = whole["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["kind"] == "decision")
        .map(|node| node["id"].clone())
        .collect();
    let edges = whole["edges"].as_array().unwrap().iter();
    let asked: Vec<_> = edges
        .filter(|edge| edge.get("when").is_some() && decisions.contains(&edge["from"]))
        .cloned()
        .collect();
    let mut ways: Vec<_> = decisions
        .iter()
        .map(|id| asked.iter().filter(|edge| edge["from"] == *id).cloned().collect::<Vec<_>>())
        .collect();
    ways.sort_by_key(|ways| ways.first().map(|edge| edge["from"].to_string()));
    whole["ways"] = json!(ways);
    for list in ["nodes", "edges"] {
        whole[list].as_array_mut().unwrap().sort_by_key(|element| element["id"].to_string());
    }
    whole
}

#[test]
fn the_fields_of_a_diff_make_the_second_draft_of_the_first() {
    let path = format!("{}/../../examples/journeys/onboarding.json", env!("CARGO_MANIFEST_DIR"));
    let example: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for seed in 1..=600_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut edited = example.clone();
        for _ in 0..=dice.roll(6) {
            edit(&mut dice, &mut edited);
        }
        let (a, b) = (draft(example.clone()), draft(edited));
        for (a, b) in [(&a, &b), (&b, &a)] {
            let found = diff(a, b);
            let want = unordered(serde_json::to_value(b).unwrap());
            assert_eq!(unordered(applied(a, &found)), want, "seed {seed}: {found:#?}");
            assert_eq!(found, diff(a, b), "the same drafts differ in the same way");
            assert_eq!(diff(b, b), Diff::default());
            for sentence in said(&found) {
                assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
            }
        }
    }
}

#[test]
fn large_drafts_are_compared_without_recursion_or_squares() {
    let chain = |from: usize, to: usize| {
        let node = |at: usize| json!({"id": format!("n{at}"), "kind": "parallel", "name": "P"});
        let edge = |at: usize| json!({"id": format!("e{at}"), "from": format!("n{at}"), "to": format!("n{}", at + 1)});
        let nodes: Vec<_> = (from..to).map(node).collect();
        let edges: Vec<_> = (from..to - 1).map(edge).collect();
        draft(journey(&json!(nodes), &json!(edges)))
    };
    let found = diff(&chain(0, 20_000), &chain(20_000, 40_000));
    assert!(
        found.changes.iter().all(|change| change.kind == ChangeKind::Renamed),
        "nothing but the ids differs"
    );
}
